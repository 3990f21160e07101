"""A scorecard: questions in weighted sections, each with when it applies and the check that answers it.

The YAML form is described key by key in docs/scorecards.md; unknown keys are refused.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from scorecards.checks import Node
from scorecards.errors import ScorecardError
from scorecards.weighed import weighing

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Text = Annotated[str, Field(min_length=1, max_length=2_000)]
Language = Literal["en", "de"]


def _known_weighing(name: str | None) -> str | None:
    if name is not None:
        try:
            weighing(name)
        except ScorecardError as error:
            raise ValueError(str(error)) from error
    return name


def _unset(value: object) -> bool:
    """Whether a key is left out of a card's canonical form: those from before it keep their fingerprint."""
    return value is None


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class AppliesTo(_Part):
    """Which calls the card is for; an empty list means all. ``language`` is the card's own."""

    team: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    direction: tuple[Literal["inbound", "outbound"], ...] = ()
    call_type: tuple[str, ...] = Field(default=(), description="values of the contact reason")


class Section(_Part):
    """A group of criteria with its share of the total."""

    id: Id
    title: Text
    weight: float = Field(default=1.0, ge=0, le=1_000)


class Band(_Part):
    """Up to this value (inclusive) this share of the points is earned; without ``up_to``, whatever is
    above."""

    up_to: float | None = None
    share: float = Field(ge=0, le=1)


class Scale(_Part):
    """How a criterion is answered: ``yes_no``; ``points`` (0 to ``highest``); ``list`` (one of ``options``);
    ``number`` (a measured value, with ``bands`` where it earns points)."""

    kind: Literal["yes_no", "points", "list", "number"] = "yes_no"
    highest: int | None = Field(default=None, ge=1, le=100)
    options: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()
    unit: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.kind == "points") != (self.highest is not None):
            raise ValueError("highest goes with kind: points, and points needs it")
        if (self.kind == "list") != bool(self.options):
            raise ValueError("options go with kind: list, and list needs them")
        if self.bands and self.kind not in ("number", "points"):
            raise ValueError("bands go with kind: number or points")
        limits = [b.up_to for b in self.bands]
        known = [x for x in limits if x is not None]
        if known != sorted(known) or None in limits[:-1]:
            raise ValueError("bands must rise, and only the last may leave up_to out")
        return self


def _even(bar: float) -> bool:
    """Whether a bar is the usual one, which a card's canonical form leaves out."""
    return bar == 0.5


class Criterion(_Part):
    """One question of the card.

    ``good`` is the answer that earns the points. ``only_if`` is the opportunity: where it does not hold
    the answer
    is ``na``; ``not_if`` likewise where it holds. ``critical`` fails the whole call. ``confirmed_by`` is
    who may make the machine's answer
    final: a ``person`` or the ``rule`` itself. ``type`` tells measured, judged and customer-stated items
    apart.
    """

    id: Id
    section: Id
    question: Text
    help: str = ""
    scale: Scale = Scale()
    type: Literal["measured", "judged", "customer_stated"] = "judged"
    weight: float = Field(default=0.0, ge=0, le=1_000)
    good: Literal["yes", "no"] = "yes"
    critical: bool = False
    confirmed_by: Literal["person", "rule"] = "person"
    only_if: Node | None = None
    not_if: Node | None = None
    check: Node
    review_below: float | None = Field(default=None, ge=0, le=1, description="own bar instead of the card's")
    yes_from: float = Field(
        default=0.5, gt=0, lt=1, description="how probable a yes must be to be given", exclude_if=_even
    )
    occasion_from: float = Field(
        default=0.5, gt=0, lt=1, description="how probable an occasion must be to be judged", exclude_if=_even
    )
    weighed_as: Annotated[str | None, AfterValidator(_known_weighing)] = Field(
        default=None, description="what else in the call bears on the answer, and how much", exclude_if=_unset
    )
    root_causes: tuple[str, ...] = ()
    say_instead: tuple[str, ...] = ()
    smallest_change: str = ""

    @property
    def answers_yes_no(self) -> bool:
        """Whether the verdict itself is the answer, rather than a value."""
        return self.scale.kind in ("yes_no", "points")


class Fact(_Part):
    """Something worth knowing of a call that is no criterion: failure cause, promises, praise."""

    id: Id
    title: Text
    check: Node


class Card(_Part):
    """A whole scorecard, frozen. ``review_below``: answers less sure than this go to a person.
    ``dispute_days``: how long an agent can dispute an item; None is without end, and left out of the
    fingerprint, so that cards from before this key keep theirs."""

    format: Literal["rapport/scorecard/1"] = "rapport/scorecard/1"
    id: Id
    version: int = Field(ge=1, le=100_000)
    language: Language
    title: Text
    about: str = ""
    pass_mark: float = Field(ge=0, le=100)
    review_below: float = Field(default=0.6, ge=0.5, le=1)
    dispute_days: int | None = Field(default=None, ge=1, le=3650, exclude_if=_unset)
    applies_to: AppliesTo = AppliesTo()
    define: dict[Id, Node] = {}
    sections: tuple[Section, ...] = Field(min_length=1, max_length=50)
    criteria: tuple[Criterion, ...] = Field(min_length=1, max_length=300)
    facts: tuple[Fact, ...] = ()

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        _refuse_repeated("section", [s.id for s in self.sections])
        _refuse_repeated("criterion", [c.id for c in self.criteria] + [f.id for f in self.facts])
        sections = {s.id: s for s in self.sections}
        for criterion in self.criteria:
            if criterion.section not in sections:
                raise ValueError(
                    f"criterion {criterion.id!r} is in section {criterion.section!r}; allowed: "
                    f"{', '.join(sections)}"
                )
        if not any(c.weight > 0 and sections[c.section].weight > 0 for c in self.criteria):
            raise ValueError(
                "the weights sum to zero: no criterion with a weight lies in a section with a weight"
            )
        _refuse_bad_references(self)
        return self

    def conditions(self) -> Iterator[tuple[str, Node]]:
        """Every condition with its place in the card."""
        for name, node in self.define.items():
            yield f"define.{name}", node
        for criterion in self.criteria:
            yield f"criteria.{criterion.id}.check", criterion.check
            if criterion.only_if is not None:
                yield f"criteria.{criterion.id}.only_if", criterion.only_if
            if criterion.not_if is not None:
                yield f"criteria.{criterion.id}.not_if", criterion.not_if
        for fact in self.facts:
            yield f"facts.{fact.id}.check", fact.check

    def criterion(self, criterion_id: str) -> Criterion:
        """A criterion by id; raises KeyError naming the choices."""
        for criterion in self.criteria:
            if criterion.id == criterion_id:
                return criterion
        raise KeyError(f"no criterion {criterion_id!r}; there are {[c.id for c in self.criteria]}")


def nodes_in(node: Node) -> Iterator[Node]:
    """A condition and all conditions inside it."""
    yield node
    for part in node.parts:
        yield from nodes_in(part)


def _refuse_repeated(what: str, ids: list[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise ValueError(f"{what} id {one!r} occurs twice; every id must be its own")
        seen.add(one)


def _refuse_bad_references(card: Card) -> None:
    uses = {name: [n.use for n in nodes_in(node) if n.use] for name, node in card.define.items()}
    for place, node in card.conditions():
        for inner in nodes_in(node):
            if inner.use is not None and inner.use not in card.define:
                allowed = ", ".join(card.define) or "nothing: the card has no define"
                raise ValueError(f"{place} uses {inner.use!r}, which is not defined; allowed: {allowed}")
    done: set[str] = set()
    for start in uses:
        path: list[str] = []
        _walk(start, uses, path, done)


def _walk(name: str, uses: dict[str, list[str]], path: list[str], done: set[str]) -> None:
    if name in path:
        circle = " → ".join([*path[path.index(name) :], name])
        raise ValueError(f"cyclic reference: {circle}")
    if name in done:
        return
    path.append(name)
    for other in uses.get(name, ()):
        _walk(other, uses, path, done)
    path.pop()
    done.add(name)
