"""``count.v1``: how often an event or act happens, or how many seconds it lasts in all."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from recordings import Event, EventKind
from scorecards.acts.book import told
from scorecards.call import Call
from scorecards.checks.base import ActName, Check, Context, one_per_turn
from scorecards.findings import Finding, cannot_say, from_act
from scorecards.messages import clock, say
from scorecards.results import Evidence

SLACK_S = 0.5
"""The words of a turn that is cut may end a little before the sound of it does."""


class CountCheck(Check):
    """Counts events (``event``) or turns that do an act (``act``). With ``at_most`` or ``at_least`` it holds
    inside the limit; without, it holds always and carries the count as its value."""

    title: ClassVar[str] = "count.v1"

    event: EventKind | None = Field(default=None, description="kind of event to count")
    act: ActName | None = Field(default=None, description="act to count, one per turn")
    by: str | None = Field(default=None, description="only events caused by this role")
    longer_than_s: float | None = Field(default=None, ge=0, description="only events longer than this")
    while_act: tuple[ActName, ...] = Field(
        default=(),
        description="only events that begin in a turn of the other side that does one of these acts",
        exclude_if=lambda acts: not acts,  # cards published before this key keep their fingerprint
    )
    of: Literal["number", "seconds"] = Field(default="number", description="count them, or sum their seconds")
    at_most: float | None = Field(default=None, description="holds up to this value")
    at_least: float | None = Field(default=None, description="holds from this value")

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.event is None) == (self.act is None):
            raise ValueError("count.v1 needs exactly one of event and act")
        if self.act is not None and (
            self.of == "seconds" or self.by or self.while_act or self.longer_than_s is not None
        ):
            raise ValueError("of: seconds, by, while_act and longer_than_s go with event, not with act")
        return self

    def run(self, context: Context) -> Finding:
        call, language = context.call, context.language
        if self.act is not None:
            acts = [a for a in one_per_turn(call.acts((self.act,))) if a.probability >= 0.5]
            why = say("done", language, what=told([self.act], language))
            return self._judged(float(len(acts)), tuple(from_act(a, call.turns[a.turn], why) for a in acts))
        timed = self.event == "interruption" and call.has_times
        if not call.has_events and not timed:
            return cannot_say(say("no_events", language))
        events = [e for e in call.events(self.event or "hold") if self._counts(e) and self._cuts(call, e)]
        lengths = [(e.end or 0.0) - (e.start or 0.0) for e in events]
        evidence = tuple(
            Evidence(
                start=e.start,
                end=e.end,
                rule=f"event {e.kind}",
                why=say("event", language, seconds=length, at=clock(e.start or 0.0)),
            )
            for e, length in zip(events, lengths, strict=True)
        )
        return self._judged(float(len(events)) if self.of == "number" else sum(lengths), evidence)

    def _counts(self, event: Event) -> bool:
        if self.by is not None and event.by != self.by:
            return False
        return self.longer_than_s is None or (event.end or 0.0) - (event.start or 0.0) > self.longer_than_s

    def _cuts(self, call: Call, event: Event) -> bool:
        """Whether an event begins in a turn of the other side that does one of the acts."""
        if not self.while_act:
            return True
        at = event.start or 0.0
        cut = [
            t.index
            for t in call.turns
            if t.role != event.by
            and t.start is not None
            and t.end is not None
            and t.start < at <= t.end + SLACK_S
        ]
        return bool(cut) and call.p(self.while_act, cut[-1:]) >= 0.5

    def _judged(self, value: float, evidence: tuple[Evidence, ...]) -> Finding:
        return within(value, self.at_most, self.at_least, evidence, whole=self.of == "number")

    def acts_used(self) -> tuple[str, ...]:
        return (self.act, *self.while_act) if self.act else self.while_act


def within(
    value: float,
    at_most: float | None,
    at_least: float | None,
    evidence: tuple[Evidence, ...],
    *,
    whole: bool,
    sure: float = 0.95,
) -> Finding:
    """A number against its limits; what lies outside is evidence against."""
    inside = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    shown = int(value) if whole else round(value, 3)
    return Finding(
        p=sure if inside else 1.0 - sure,
        passing=evidence if inside else (),
        failing=() if inside else evidence,
        value=shown,
    )
