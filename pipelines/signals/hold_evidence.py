"""What tells of a hold: the words before and after it, and how the line sounds meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.signals.activity import SLACK_S, Activity
from pipelines.signals.cues import only_stays, says
from pipelines.signals.intervals import Span, complement, difference, intersection, union, within
from pipelines.signals.levels import Levels
from pipelines.signals.silence import closing, said_before
from recordings import Event, Turn

MIN_SILENT_S = 4.0
ENOUGH = 2
"""Points of evidence that make a hold of a gap without music (see ``evidence``)."""
BACKGROUND_DB = 8.0
"""Music this much louder than the pauses beside it is no sound of the room."""
REPLY_S = 8.0
HOLD_WORDS = ("hold", "search", "transfer")
DEAD_DB, LIVE_DB = -85.0, -78.0
CHANGED_DB = 6.0
STEADY_DB = 6.0
"""Comfort noise keeps its level within this; typing and rustling do not."""
CHECK_IN_S = 15.0
BESIDE_S = 2.0
"""So near music, what sounds like talk may be music; so near talk, words may be those that were missed."""
AGREED_S = 8.0
MOST_WORDS_OF_A_YES = 6


@dataclass(frozen=True)
class Heard:
    """What the judgement rests on. ``music``/``tone``: stretches on the channels that the customer hears;
    ``levels``: of the channel that carries the agent, None where there is no sound to measure."""

    activity: Activity
    turns: tuple[Turn, ...]
    duration_s: float
    music: tuple[Span, ...] = ()
    tone: tuple[Span, ...] = ()
    levels: Levels | None = None
    language: str | None = None

    def pause_db(self) -> float | None:
        """How the line sounds in the short pauses of the talk (median, dBFS); holds are longer than these.

        Where the talk has none, the pauses without music or tones stand in.
        """
        if self.levels is None:
            return None
        pauses = complement(self.activity.voiced(), 0.0, self.duration_s)
        short = [(s, e) for s, e in pauses if 0.5 <= e - s <= 2.5]
        plain = difference(pauses, union([*self.music, *self.tone]))
        for some in (short, plain):
            found = self.levels.of([(s + 0.15, e - 0.15) for s, e in some if e - s >= 0.5])
            if len(found) >= 5:
                return float(np.median(found))
        return None


def agent_side(heard: Heard) -> list[Span]:
    """Talk that ends a hold: the agent's where channels tell the sides apart, else anybody's. Music sets in
    like a voice, so beside music talk needs words; and words that stand out from the pauses are talk where a
    listener woke too late for them."""
    activity = heard.activity
    talk = activity.of("agent") if activity.by_channel else activity.voiced("ivr", "other")
    talk = [span for span in talk if span[1] - span[0] >= 0.3]
    said = _said(heard)
    if not said:
        return talk
    beside = _wider(heard.music, BESIDE_S)
    waking = _wider(talk, BESIDE_S)
    quiet = heard.pause_db()
    return union(
        [
            *difference(talk, beside),
            *intersection(intersection(talk, beside), _wider(said, SLACK_S)),
            *(span for span in said if within(waking, *span) and _stands_out(heard, span, quiet)),
        ]
    )


def _wider(spans: Sequence[Span], by_s: float) -> list[Span]:
    return union((start - by_s, end + by_s) for start, end in spans)


def _said(heard: Heard) -> list[Span]:
    """The words of the side whose talk ends a hold."""
    roles = ("agent",) if heard.activity.by_channel else ("agent", "customer", None)
    found: list[Span] = []
    for turn in heard.turns:
        if turn.role in roles and not turn.doubtful and turn.text.strip():
            timed = [(w.start, w.end) for w in turn.words if w.start is not None and w.end is not None]
            whole = [(turn.start, turn.end)] if turn.start is not None and turn.end is not None else []
            found += timed or whole
    return union(found, 0.3)


def _stands_out(heard: Heard, span: Span, quiet_db: float | None) -> bool:
    """Whether a stretch is louder than the pauses of the talk."""
    if heard.levels is None or quiet_db is None:
        return False
    levels = heard.levels.of([span])
    return len(levels) > 0 and float(np.percentile(levels, 75)) > quiet_db + CHANGED_DB


def tells_of_wait(heard: Heard, piece: Span) -> bool:
    """Whether the words before or after a stretch tell of a wait."""
    before = asked(heard, piece[0])
    if any(says(closing(turn), cue, heard.language) for turn in before for cue in HOLD_WORDS):
        return True
    return says(said_after(heard, piece[1]), "thanks", heard.language)


def asked(heard: Heard, at_s: float) -> list[Turn]:
    """What the agent said last, back to a return from an earlier hold: what was asked before is used up."""
    kept: list[Turn] = []
    for turn in _agents(said_before(heard.turns, at_s)):
        kept.append(turn)
        if says(turn.text, "thanks", heard.language) or _is_back(turn, heard.language):
            break
    return kept


def _is_back(turn: Turn, language: str | None) -> bool:
    """Whether a turn ends an earlier wait: the agent is back, and does not ask for more time."""
    return says(turn.text, "back", language) and not says(turn.text, "longer", language)


def said_after(heard: Heard, at_s: float, within_s: float = 8.0) -> str:
    """What the agent says on return, up to where they put on hold again: thanks after that are for another
    hold, which the recorder may have cut out."""
    said: list[str] = []
    for turn in _agents(heard.turns):
        if turn.start is None or not at_s - 1.5 <= turn.start < at_s + within_s:
            continue
        said.append(" ".join(turn.text.split()[:30]))
        if len(said) == 2 or _puts_on_hold(turn, heard.language):
            break
    return " ".join(said)


def _puts_on_hold(turn: Turn, language: str | None) -> bool:
    """Whether a turn asks to wait rather than looks back on a wait."""
    looks_back = says(turn.text, "thanks", language) or says(turn.text, "back", language)
    return not looks_back and says(closing(turn), "hold", language)


def evidence(
    heard: Heard, gap: Span, asked_at: float, known: Sequence[Event], *, by_words: bool = False
) -> int:
    """Points: words that put on hold 2, that ask for a moment, to stay during a search, or put through 1, the
    customer's short yes to whatever was understood of the question 1, thanks on return 1 (2 where they are
    for holding), the line goes dead 2, its noise changes 1, a word of longer ("one more minute") right after
    another hold 2."""
    points = 0
    before = asked(heard, asked_at)
    told = 0
    if any(_tells_to_hold(closing(turn), heard.language) for turn in before):
        told = 2
    elif any(
        says(closing(turn), cue, heard.language) for turn in before for cue in ("search", "transfer")
    ) or _agreed(heard, gap):
        told = 1
    points += told
    last = gap[1] >= heard.duration_s - 0.5
    after = "" if last else said_after(heard, gap[1])
    if says(after, "thanks", heard.language):
        points += 2 if says(after, "thanks_hold", heard.language) else 1
    elif last and points < 2:
        return 0  # the end of the call
    points += 0 if by_words else line_change(heard, gap)
    checked_in = any(says(closing(turn), "longer", heard.language) for turn in before)
    if checked_in and any(-0.5 <= asked_at - (hold.end or 0) <= CHECK_IN_S for hold in known):
        points += 2
    customers = [t for t in said_before(heard.turns, gap[0]) if t.role == "customer"]
    errand = any(says(closing(turn), "task", heard.language) for turn in customers) or any(
        says(closing(turn), "stays", heard.language) for turn in before[:1]
    )
    return 0 if points < 3 and errand else points  # the customer does something, and the agent waits


def _tells_to_hold(text: str, language: str | None) -> bool:
    return says(text, "hold", language) and not only_stays(text, language)


def _agreed(heard: Heard, gap: Span) -> bool:
    """Whether the customer said no more than yes to the agent, and a long wait follows."""
    if gap[1] - gap[0] < AGREED_S:
        return False
    said = said_before(heard.turns, gap[0], 2)
    if len(said) < 2 or said[0].role != "customer" or said[1].role != "agent":
        return False
    text = said[0].text
    return len(text.split()) <= MOST_WORDS_OF_A_YES and says(text, "agree", heard.language)


def without_reply(heard: Heard, gap: Span) -> Span | None:
    """The gap after the customer's answer ("okay, thank you"); None where it is too short or holds talk."""
    start, end = gap
    talk = [span for span in heard.activity.voiced("ivr") if span[1] > gap[0] + 0.05 and span[0] < gap[1]]
    for begin, stop in talk:
        if begin - start > 2.5 or stop - gap[0] > REPLY_S:
            break
        start = max(start, stop)
    if end >= heard.duration_s - 0.05 and start <= 0.05:
        return None
    if end - start < MIN_SILENT_S or within(talk, start, end) > 0.2 * (end - start):
        return None
    return (start, end)


def line_change(heard: Heard, gap: Span) -> int:
    """2 where the agent's line goes dead though it has noise in pauses, 1 where its noise changes."""
    if heard.levels is None or gap[1] - gap[0] < MIN_SILENT_S:
        return 0
    inside = heard.levels.middle_db(gap[0] + 0.5, gap[1] - 0.5)
    usual = heard.pause_db()
    if inside is None or usual is None:
        return 0
    if inside <= DEAD_DB and usual >= LIVE_DB and gap[1] - gap[0] >= 8.0:
        return 2
    music = within(heard.music, *gap) > 0.5 * (gap[1] - gap[0])
    steady = heard.levels.spread_db(gap[0] + 0.5, gap[1] - 0.5) <= STEADY_DB
    changed = abs(inside - usual)
    return int(changed >= (BACKGROUND_DB if music else CHANGED_DB) and (steady or music))


def is_pause(heard: Heard, stretch: Span) -> bool:
    """Whether the line sounds throughout as in the pauses of the talk: the wait has not begun, or is over."""
    quiet = heard.pause_db()
    if heard.levels is None or quiet is None:
        return False
    low, high = np.percentile(heard.levels.of([stretch]), [10, 90])
    return bool(quiet - CHANGED_DB / 2 < low and high < quiet + CHANGED_DB / 2)


def _agents(turns: Sequence[Turn]) -> list[Turn]:
    return [turn for turn in turns if turn.role in ("agent", None)]


def hold_event(heard: Heard, span: Span, *, music: bool, asked_at: float | None = None) -> Event:
    """The event of a stretch on hold; ``asked_at`` is where the gap around it begins."""
    before = asked(heard, span[0] if asked_at is None else asked_at)
    told = any(says(closing(turn), cue, heard.language) for turn in before for cue in HOLD_WORDS)
    thanked = says(said_after(heard, span[1]), "thanks", heard.language)
    return Event(
        kind="hold",
        start=round(span[0], 3),
        end=round(span[1], 3),
        by="agent",
        music=music,
        announced=told,
        confidence=0.95 if told or thanked else 0.75,
        source="audio+words" if told or thanked else "audio",
    )
