"""A condition in a card: exactly one check, or ``all``, ``any``, ``not``, ``use``. This is the closed
registry."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scorecards.checks.acts import ActCheck
from scorecards.checks.base import Check, Context
from scorecards.checks.counting import CountCheck
from scorecards.checks.dead_air import DeadAirCheck
from scorecards.checks.ending import EndingCheck
from scorecards.checks.forbidden import ForbiddenCheck
from scorecards.checks.hold_chain import HoldChainCheck
from scorecards.checks.label import LabelCheck, MoodCheck
from scorecards.checks.measure import MeasureCheck
from scorecards.checks.openings import OpeningsCheck
from scorecards.checks.order import OrderCheck
from scorecards.checks.phrase import PhraseCheck
from scorecards.checks.quotes import QuotesCheck
from scorecards.checks.response import ResponseCheck
from scorecards.checks.transfer import TransferCheck
from scorecards.checks.verification import VerificationCheck
from scorecards.findings import Finding

Several = Annotated[tuple["Node", ...], Field(min_length=1, max_length=50)]


class Node(BaseModel):
    """One condition. The key names the check and its version; the value holds its parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    every: Several | None = Field(default=None, alias="all", description="all of these hold")
    some: Several | None = Field(default=None, alias="any", description="one of these holds")
    negated: "Node | None" = Field(default=None, alias="not", description="this does not hold")
    use: str | None = Field(default=None, description="a condition named under define")
    act: ActCheck | None = Field(default=None, alias="act.v1")
    phrase: PhraseCheck | None = Field(default=None, alias="phrase.v1")
    order: OrderCheck | None = Field(default=None, alias="order.v1")
    response: ResponseCheck | None = Field(default=None, alias="response.v1")
    count: CountCheck | None = Field(default=None, alias="count.v1")
    measure: MeasureCheck | None = Field(default=None, alias="measure.v1")
    hold_chain: HoldChainCheck | None = Field(default=None, alias="hold_chain.v1")
    dead_air: DeadAirCheck | None = Field(default=None, alias="dead_air.v1")
    openings: OpeningsCheck | None = Field(default=None, alias="openings.v1")
    ending: EndingCheck | None = Field(default=None, alias="ending.v1")
    verification: VerificationCheck | None = Field(default=None, alias="verification.v1")
    transfer: TransferCheck | None = Field(default=None, alias="transfer.v1")
    forbidden: ForbiddenCheck | None = Field(default=None, alias="forbidden.v1")
    label: LabelCheck | None = Field(default=None, alias="label.v1")
    mood: MoodCheck | None = Field(default=None, alias="mood.v1")
    quotes: QuotesCheck | None = Field(default=None, alias="quotes.v1")

    @model_validator(mode="before")
    @classmethod
    def _one_key(cls, data: Any) -> Any:
        if isinstance(data, dict):
            known = node_keys()
            unknown = [key for key in data if key not in known]
            if unknown:
                raise ValueError(f"unknown check {unknown[0]!r}; allowed: {', '.join(known)}")
            if len(data) != 1:
                raise ValueError(
                    f"a condition has exactly one key, this has {len(data)}: "
                    f"{', '.join(map(str, data)) or 'none'}"
                )
        return data

    @model_validator(mode="after")
    def _has_value(self) -> Self:
        if self.key is None:
            raise ValueError("the check has no parameters; write {} where it needs none")
        return self

    @property
    def key(self) -> str | None:
        """The field that is set."""
        return next((name for name in type(self).model_fields if getattr(self, name) is not None), None)

    @property
    def check(self) -> Check | None:
        """The check, where the node is one rather than a combination."""
        value = getattr(self, self.key or "use")
        return value if isinstance(value, Check) else None

    @property
    def parts(self) -> tuple["Node", ...]:
        """The conditions that this one combines."""
        if self.negated is not None:
            return (self.negated,)
        return self.every or self.some or ()

    def run(self, context: Context) -> Finding:
        """Judge the condition on a call."""
        if self.use is not None:
            return context.use(self.use)
        if self.every is not None:
            return both([part.run(context) for part in self.every])
        if self.some is not None:
            return either([part.run(context) for part in self.some])
        if self.negated is not None:
            return opposite(self.negated.run(context))
        check = self.check
        if check is None:
            raise ValueError("an empty condition")
        return check.run(context)


def node_keys() -> tuple[str, ...]:
    """Everything that a condition's key may be."""
    return tuple(field.alias or name for name, field in Node.model_fields.items())


def both(findings: list[Finding]) -> Finding:
    """All that apply hold; unscored as soon as one is and no other fails; not applicable where none
    applies."""
    applying = [f for f in findings if f.unscored is None and f.applies >= 0.5]
    failed = [f for f in applying if f.p < 0.5]
    unscored = next((f for f in findings if f.unscored is not None), None)
    if unscored is not None and not failed:
        return unscored
    if not applying:
        return max(findings, key=lambda f: f.applies)
    return Finding(
        p=min(f.p for f in applying),
        applies=max(f.applies for f in applying),
        passing=tuple(e for f in applying for e in f.passing),
        failing=tuple(e for f in applying for e in f.failing),
        value=next((f.value for f in applying if f.value is not None), None),
        reason=next((f.reason for f in failed if f.reason), None),
    )


def either(findings: list[Finding]) -> Finding:
    """One that applies holds; unscored only where none holds and one cannot be judged."""
    applying = [f for f in findings if f.unscored is None and f.applies >= 0.5]
    good = [f for f in applying if f.p >= 0.5]
    unscored = next((f for f in findings if f.unscored is not None), None)
    if not good and unscored is not None:
        return unscored
    if not applying:
        return max(findings, key=lambda f: f.applies)
    chosen = max(applying, key=lambda f: f.p)
    return Finding(
        p=chosen.p,
        applies=max(f.applies for f in applying),
        passing=tuple(e for f in good for e in f.passing),
        failing=() if good else tuple(e for f in applying for e in f.failing),
        value=chosen.value,
        reason=None if good else chosen.reason,
    )


def opposite(finding: Finding) -> Finding:
    """What speaks for becomes what speaks against."""
    return finding.but(p=1.0 - finding.p, passing=finding.failing, failing=finding.passing)


Node.model_rebuild()
