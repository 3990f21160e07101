"""Holds and the chain of manners around each: asked → answered → reason → time → length → thanks on return.

Holds come from events (audio, telephony) where the conversation has them, and from words and turn order
where it
has none: somebody is asked or told to hold, and the agent comes back with thanks or "are you still
there?". A turn
such as "[hold music]" or "(silence 12 s)" marks a hold too. What cannot be known stays None.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import regex

from recordings import Act, Event, Turn
from scorecards.patterns import lazily

if TYPE_CHECKING:
    from scorecards.call import Call

SLACK_S = 1.0
SHORTEST_S = 3.0
GAP_OF_A_HOLD_S = 6.0
LONGEST_STRETCH_S = 30.0
RETURNS = ("thank_waiting", "check_in")
PUTS = ("ask_hold", "announce_hold")
STEPS = ("ask_hold", "ask_transfer", "hold_reason", "hold_time")
"""What counts for the agent also in a turn whose words are doubtful."""

_MARK = lazily(
    r"^\W*(?:on hold|hold|music|hold music|silence|pause|waiting music|warteschleife|wartemusik|musik|stille|"
    r"(?:the )?(?:customer|caller|kunde|kundin) (?:is )?(?:on hold|in der warteschleife|wartet))\b[\p{L} ,:]*"
    r"(?P<n>\d+(?:[.,]\d+)?)?\s*(?P<unit>s|sec\w*|sek\w*|m|min\w*)?[\p{L} .]*\W*$",
    regex.IGNORECASE,
)
_BACK = lazily(
    r"\b(?:are you (?:still )?there|still (?:there|with me)|(?:i'm|i am) back|back with you|hello "
    r"again|you still on the line|"
    r"(?:sind|bist) (?:sie|du) noch (?:da|dran)|da bin ich wieder|(?:bin|ich bin) wieder (?:da|dran|"
    r"bei ihnen)|"
    r"so da bin ich)\b",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Hold:
    """One stretch on hold. ``before`` is the last turn before it, ``back`` the agent's first turn after it
    (None
    where nobody comes back); ``seconds`` is None where it cannot be known, ``cut_out`` where the recorder
    left
    it out. ``window`` holds the agent's turns that lead to it, ``lead`` those shortly before them,
    ``ask`` the act that puts the customer on hold."""

    before: int
    back: int | None
    start: float | None = None
    end: float | None = None
    seconds: float | None = None
    cut_out: bool = False
    source: str = "words"
    window: tuple[int, ...] = ()
    lead: tuple[int, ...] = ()
    ask: Act | None = None

    @property
    def over(self) -> bool | None:
        """Longer than 30 s without the agent coming back; None where the length is not known."""
        return None if self.seconds is None else self.seconds > LONGEST_STRETCH_S + 0.5


def find_holds(call: "Call") -> tuple[Hold, ...]:
    """Every hold of a call, in order; waiting in an announcement before an agent answers is none."""
    marks = _from_marks(call)
    if not call.has_events:
        holds = sorted([*marks, *_from_words(call, marks)], key=lambda h: h.before)
    elif call.has_times:
        timed = _from_events(call)
        holds = sorted([*timed, *_from_words(call, timed)], key=lambda h: h.before)
    else:
        holds = _with_lengths([*marks, *_from_words(call, marks)], _hold_events(call))
    return tuple(_with_window(call, hold, holds[i - 1] if i else None) for i, hold in enumerate(holds))


def _hold_events(call: "Call") -> list[Event]:
    """The hold events, stretches with nothing said between them joined."""
    joined: list[Event] = []
    events = [e for e in call.events("hold") if e.start is not None and e.end is not None and e.end > e.start]
    for event in sorted(events, key=lambda e: e.start or 0.0):
        last = joined[-1] if joined else None
        if (
            last is not None
            and (event.start or 0.0) - (last.end or 0.0) <= SHORTEST_S
            and not _spoken(call, last, event)
        ):
            end = max(last.end or 0.0, event.end or 0.0)
            joined[-1] = last.model_copy(update={"end": end})
        else:
            joined.append(event)
    return joined


def _spoken(call: "Call", one: Event, other: Event) -> bool:
    begin, end = (one.end or 0.0) - SLACK_S, (other.start or 0.0) + SLACK_S
    return any(
        t.role == "agent" and t.start is not None and t.end is not None and t.start >= begin and t.end <= end
        for t in call.turns
    )


def _from_events(call: "Call") -> list[Hold]:
    first_agent = next((t.start for t in call.agent_turns if t.start is not None), None)
    silent = [e for e in call.events("silence") if _is_silent_hold(call, e)]
    known = _hold_events(call)
    extra = [e for e in silent if not any(_overlap(e, k) for k in known)]
    holds: list[Hold] = []
    for event in sorted([*known, *extra], key=lambda e: e.start or 0.0):
        start, end = event.start or 0.0, event.end or 0.0
        if first_agent is None or end <= first_agent + SLACK_S:
            continue
        before = [
            t
            for t in call.turns
            if t.start is not None and t.start < start + SLACK_S and _middle(t) < end - SLACK_S
        ]
        back = next(
            (
                t.index
                for t in call.agent_turns
                if t.start is not None and _middle(t) > end and t.start >= end - 2.5
            ),
            None,
        )
        last = before[-1].index if before else 0
        holds.append(Hold(last, back, start, end, round(end - start, 3), source=event.source or "audio"))
    return holds


def _middle(turn: Turn) -> float:
    start = turn.start or 0.0
    return (start + (turn.end if turn.end is not None else start)) / 2


def _is_silent_hold(call: "Call", event: Event) -> bool:
    """A long silence straight after the customer was put on hold in so many words."""
    if event.start is None or event.end is None or event.end - event.start < 10.0:
        return False
    before = [t for t in call.turns if t.end is not None and t.end <= event.start + SLACK_S]
    if not before:
        return False
    last = call.last_turns(before[-1].index, "agent", 1)
    if not last or before[-1].index - last[0] > 1 or call.p(("announce_search",), last) >= 0.5:
        return False
    nearby = call.next_turns(before[-1].index, "agent", 1)
    return call.p(PUTS, last) >= 0.6 and (
        call.p(RETURNS, nearby) >= 0.5 or call.p(("ask_hold",), last) >= 0.6
    )


def _overlap(one: Event, other: Event) -> bool:
    return (one.start or 0.0) < (other.end or 0.0) and (other.start or 0.0) < (one.end or 0.0)


def _from_marks(call: "Call") -> list[Hold]:
    """Turns of nobody that say "[hold music]" or "(silence 12 s)"; brackets or a role other than a
    person's."""
    holds: list[Hold] = []
    for turn in call.turns:
        text = turn.text.strip()
        bracketed = text[:1] in "[(*<♪" and text[-1:] in "])*>♪"
        if not bracketed and (turn.role in ("agent", "customer") or len(text.split()) > 2):
            continue
        match = _MARK.match(text)
        if match is None or not any(t.index < turn.index for t in call.agent_turns):
            continue
        seconds = _length(match)
        word = text.lower()
        if ("silence" in word or "stille" in word or "pause" in word) and not _put_before(call, turn.index):
            continue
        if seconds is None and turn.start is not None and turn.end is not None:
            seconds = round(turn.end - turn.start, 3)
        before = max(turn.index - 1, 0)
        back = next((t.index for t in call.agent_turns if t.index > turn.index), None)
        if holds and holds[-1].back == back and holds[-1].before >= turn.index - 2:
            continue
        holds.append(Hold(before, back, turn.start, turn.end, seconds))
    return holds


def _put_before(call: "Call", index: int) -> bool:
    return call.p(PUTS, call.last_turns(index, "agent", 1)) >= 0.5


def _length(match: "regex.Match[str]") -> float | None:
    number, unit = match.group("n"), match.group("unit") or "s"
    if number is None:
        return None
    value = float(number.replace(",", "."))
    return value * 60 if unit.lower().startswith("m") else value


def _from_words(call: "Call", known: Sequence[Hold]) -> list[Hold]:
    """Holds that only the words tell of: put on hold, then a return, with no hold found between them."""
    holds: list[Hold] = []
    for turn in call.agent_turns:
        back = next((t for t in call.agent_turns if t.index > turn.index), None)
        put = call.p(PUTS, [turn.index])
        if put < 0.5 or back is None or back.index - turn.index > 3 or back.speaker != turn.speaker:
            continue
        between = [t.index for t in call.turns[turn.index + 1 : back.index]]
        if any(h.back is not None and turn.index < h.back and h.before < back.index for h in known):
            continue
        if call.p(("decline",), between) >= 0.5:
            continue
        returned = max(call.p(RETURNS, [back.index]), 0.9 if _BACK.search(back.text[:120]) else 0.0)
        if returned < 0.5:
            continue
        before = back.index - 1
        gap = _gap(call, before, back.index)
        if (
            call.has_events
            and gap is not None
            and gap < GAP_OF_A_HOLD_S
            and call.p(("announce_search",), [turn.index]) >= 0.5
        ):
            continue
        cut = call.has_events and gap is not None and gap < SHORTEST_S
        seconds = None if cut or gap is None else round(gap, 3)
        start = call.turns[before].end
        holds.append(Hold(before, back.index, start, back.start, seconds, cut_out=cut))
    return holds


def _gap(call: "Call", before: int, back: int) -> float | None:
    end, start = call.turns[before].end, call.turns[back].start
    return None if end is None or start is None else max(0.0, start - end)


def _with_lengths(holds: list[Hold], events: Sequence[Event]) -> list[Hold]:
    """Events with times beside turns without: matched in order where there are as many of both."""
    holds = sorted(holds, key=lambda h: h.before)
    if len(holds) != len(events):
        return holds
    return [
        Hold(
            h.before,
            h.back,
            e.start,
            e.end,
            round((e.end or 0.0) - (e.start or 0.0), 3),
            source=e.source or "audio",
        )
        for h, e in zip(holds, events, strict=True)
    ]


def _with_window(call: "Call", hold: Hold, previous: Hold | None) -> Hold:
    """The agent's turns that lead to the hold: back to where it was asked, and one before that for the
    reason."""
    earliest = previous.back if previous is not None and previous.back is not None else 0
    said = [t for t in call.agent_turns if t.index <= hold.before]
    sure = [t.index for t in said if not t.doubtful or call.p(STEPS, [t.index]) >= 0.5][-3:]
    recent = [i for i in sure if i >= earliest and hold.before - i <= 5]
    asks = [a for a in call.acts(PUTS, recent) if a.probability >= 0.4]
    ask = max(asks, key=lambda a: (a.act == "ask_hold", a.probability), default=None)
    window = tuple(i for i in recent if ask is None or i >= ask.turn - 2)
    if ask is None:
        window = window[-1:]
    lead = tuple(i for i in recent if i not in window and hold.before - i <= 4)
    return replace(hold, window=window, lead=lead, ask=ask)
