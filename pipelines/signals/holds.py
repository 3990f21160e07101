"""Holds: where the customer is put on hold, from the sound and from the words before and after.

Pure: values in, events out. Definitions stand in docs/signals.md; the order of judgement is
telephony records, then music that nobody talks over, then gaps with enough evidence in words and sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.signals.activity import Activity
from pipelines.signals.cues import says
from pipelines.signals.intervals import Span, complement, difference, intersection, total, union, within
from pipelines.signals.levels import Levels
from pipelines.signals.silence import closing, said_before
from recordings import Event, Turn

MIN_MUSIC_S = 4.0
MIN_UNTOLD_S = 7.0
MIN_SILENT_S = 4.0
ENOUGH = 2
"""Points of evidence that make a hold of a gap without music (see ``_evidence``)."""
SAME_WAIT_S = 6.0
"""Music pieces this close, with nobody but an announcement between them, are one hold."""
SNAP_S = 1.2
BACKGROUND_SHARE = 0.25
"""Talk over more than this share of a music stretch: the music lies behind the talk."""
BACKGROUND_DB = 8.0
REPLY_S = 8.0
HOLD_WORDS = ("hold", "search", "transfer")
DEAD_DB, LIVE_DB = -85.0, -78.0
CHANGED_DB = 6.0
STEADY_DB = 6.0
"""Comfort noise keeps its level within this; typing and rustling do not."""
CHECK_IN_S = 15.0


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


@dataclass(frozen=True)
class Waits:
    """``holds`` as events in order; ``queue``: music in which the caller waits for the first agent;
    ``background``: music behind the talk."""

    holds: tuple[Event, ...]
    queue: tuple[Span, ...] = ()
    background: tuple[Span, ...] = ()


def find_holds(heard: Heard) -> Waits:
    """All holds that the recording itself shows."""
    voices = _agent_side(heard)
    pieces, background = _waiting_music(heard, voices)
    pieces = _whole(heard, voices, pieces)
    queue: list[Span] = []
    musical: list[Event] = []
    for piece in pieces:
        if _is_queue(heard, piece):
            queue.append(piece)
        else:
            musical.append(_event(heard, piece, music=True))
    silent = _silent_holds(heard, voices, [*pieces], musical)
    return Waits(tuple(sorted([*musical, *silent], key=_start)), tuple(queue), tuple(background))


def _start(event: Event) -> float:
    return event.start or 0.0


def _agent_side(heard: Heard) -> list[Span]:
    """Talk that ends a hold: the agent's where channels tell the sides apart, else anybody's."""
    activity = heard.activity
    talk = activity.of("agent") if activity.by_channel else activity.voiced("ivr", "other")
    return [span for span in talk if span[1] - span[0] >= 0.3]


# --- with music


def _waiting_music(heard: Heard, voices: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """Stretches of music in which the customer waits, and stretches of music behind talk."""
    waiting: list[Span] = []
    background: list[Span] = []
    people = heard.activity.voiced("ivr")
    for start, end in union(heard.music, 0.5):
        core = (start + 1.0, end - 1.0) if end - start > 3.0 else (start, end)
        talked = within(people if not heard.activity.by_channel else voices, *core)
        if talked > BACKGROUND_SHARE * (core[1] - core[0]) or _goes_on(heard, (start, end)):
            background.append((start, end))
            continue
        free = difference([(start, end)], voices)
        waiting += [piece for piece in free if piece[1] - piece[0] >= 1.0]
    joined: list[Span] = []
    for piece in sorted(waiting):
        if joined and _one_wait(joined[-1], piece, voices):
            joined[-1] = (joined[-1][0], piece[1])
        else:
            joined.append(piece)
    snapped = [_snapped(piece, voices, heard) for piece in joined]
    return [piece for piece in snapped if _is_wait(heard, piece)], background


def _is_wait(heard: Heard, piece: Span) -> bool:
    """Whether a piece is long enough to be a wait: longer where no word before or after tells of one, and not
    while the customer talks on."""
    length = piece[1] - piece[0]
    talked = within(heard.activity.of("customer"), *piece) if heard.activity.by_channel else 0.0
    if talked > 0.5 * length and length < 20.0:
        return False
    return length >= (MIN_MUSIC_S if _told(heard, piece) else MIN_UNTOLD_S)


def _told(heard: Heard, piece: Span) -> bool:
    before = _asked(heard, piece[0])
    if any(says(closing(turn), cue, heard.language) for turn in before for cue in HOLD_WORDS):
        return True
    return says(_said_after(heard, piece[1]), "thanks", heard.language)


def _whole(heard: Heard, voices: Sequence[Span], pieces: Sequence[Span]) -> list[Span]:
    """Where words tell of a hold and music was heard in only a part of the gap (a codec may leave little of
    it), the hold is the gap."""
    found = list(pieces)
    for gap in complement(voices, 0.0, heard.duration_s):
        inside = [piece for piece in found if gap[0] - 0.5 <= piece[0] and piece[1] <= gap[1] + 0.5]
        if not inside or gap[0] <= 0.05:
            continue
        trimmed = _without_reply(heard, gap)
        earlier = [Event(kind="hold", start=start, end=end) for start, end in found if end <= gap[0] + 0.5]
        if trimmed is None or _evidence(heard, trimmed, gap[0], earlier, by_words=True) < ENOUGH:
            continue
        edges = _snapped(trimmed, voices, heard)
        lead, tail = (trimmed[0], inside[0][0]), (inside[-1][1], trimmed[1])
        start = edges[0] if lead[1] - lead[0] > SNAP_S and not _is_pause(heard, lead) else lead[1]
        end = edges[1] if tail[1] - tail[0] > SNAP_S and not _is_pause(heard, tail) else tail[0]
        found = [piece for piece in found if piece not in inside] + [(start, end)]
    return sorted(found)


def _is_pause(heard: Heard, stretch: Span) -> bool:
    """Whether the line sounds throughout as in the pauses of the talk: the wait has not begun, or is over."""
    quiet = heard.pause_db()
    if heard.levels is None or quiet is None:
        return False
    low, high = np.percentile(heard.levels.of([stretch]), [10, 90])
    return bool(quiet - CHANGED_DB / 2 < low and high < quiet + CHANGED_DB / 2)


def _one_wait(left: Span, right: Span, voices: Sequence[Span]) -> bool:
    return right[0] - left[1] <= SAME_WAIT_S and within(voices, left[1], right[0]) < 0.3


def _goes_on(heard: Heard, music: Span) -> bool:
    """Whether the pauses around a stretch sound as loud as the stretch: then it is a sound of the room."""
    if heard.levels is None:
        return False
    level = heard.levels.middle_db(*music)
    everybody = heard.activity.voiced()
    near = (max(0.0, music[0] - 45.0), min(heard.duration_s, music[1] + 45.0))
    pauses = [
        (start + 0.1, end - 0.1)
        for start, end in difference(complement(everybody, *near), [music, *heard.tone])
        if 0.35 <= end - start <= 5.0
    ]
    found = [heard.levels.middle_db(*pause) for pause in pauses]
    around = sorted(value for value in found if value is not None)
    if level is None or len(around) < 3:
        return False
    return around[len(around) // 2] > level - BACKGROUND_DB


def _snapped(piece: Span, voices: Sequence[Span], heard: Heard) -> Span:
    """Edges of a music stretch: from the talk beside it, where it is close, moved to where music sets in."""
    start, end = piece
    ends = [stop for _, stop in voices if abs(stop - start) <= SNAP_S]
    starts = [begin for begin, _ in voices if abs(begin - end) <= SNAP_S and begin > start]
    after, before = max(ends, default=start - SNAP_S), min(starts, default=end + SNAP_S)
    if heard.levels is None:
        return (after if ends else start, before if starts else end)
    quiet = heard.pause_db()
    inside = heard.levels.middle_db(start + 0.5, end - 0.5)
    if quiet is None or inside is None or inside < quiet + CHANGED_DB:
        return (after if ends else start, before if starts else end)
    level = min(quiet + CHANGED_DB, inside - CHANGED_DB)
    first = heard.levels.last_below(level, after, start + 0.6)
    last = heard.levels.first_below(level, end - 0.6, before)
    new_start = first if first is not None else (after if ends else start)
    new_end = last if last is not None else (before if starts else end)
    return (max(0.0, new_start), min(heard.duration_s, new_end)) if new_end > new_start else piece


def _is_queue(heard: Heard, piece: Span) -> bool:
    """Music before any agent has spoken is a queue, unless the agent's first words give thanks for holding
    and greet nobody: then the recording starts in mid-call."""
    agents = heard.activity.of("agent")
    if not agents:
        return not any(says(t.text, "hold", heard.language) for t in said_before(heard.turns, piece[0]))
    if agents[0][0] < piece[0]:
        return False
    return not says(_said_after(heard, piece[1]), "thanks", heard.language)


# --- without music


def _silent_holds(
    heard: Heard, voices: Sequence[Span], music: Sequence[Span], musical: Sequence[Event]
) -> list[Event]:
    found: list[Event] = []
    taken = union([*music, *heard.tone], 5.0)
    for gap in complement(voices, 0.0, heard.duration_s):
        if within(taken, *gap) > 0.5 * (gap[1] - gap[0]) or within(music, *gap) > 1.0:
            continue
        trimmed = _without_reply(heard, gap)
        if trimmed is None:
            continue
        known = [*musical, *found]
        if _evidence(heard, trimmed, gap[0], known) >= ENOUGH:
            trimmed = _settled(heard, trimmed)
            played = within(heard.music, *trimmed) > 0.5 * (trimmed[1] - trimmed[0])
            found.append(_event(heard, trimmed, music=played, asked_at=gap[0]))
    return found


def _without_reply(heard: Heard, gap: Span) -> Span | None:
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


def _evidence(
    heard: Heard, gap: Span, asked_at: float, known: Sequence[Event], *, by_words: bool = False
) -> int:
    """Points: words that put on hold 2, that ask for a moment or put through 1, thanks on return 1 (2
    where they are for holding), the line goes dead 2, its noise changes 1, a word of longer
    ("one more minute") right after another hold 2."""
    points = 0
    before = _asked(heard, asked_at)
    told = 0
    if any(says(closing(turn), "hold", heard.language) for turn in before):
        told = 2
    elif any(says(closing(turn), cue, heard.language) for turn in before for cue in ("search", "transfer")):
        told = 1
    points += told
    last = gap[1] >= heard.duration_s - 0.5
    after = "" if last else _said_after(heard, gap[1])
    if says(after, "thanks", heard.language):
        points += 2 if says(after, "thanks_hold", heard.language) else 1
    elif last and points < 2:
        return 0  # the end of the call
    points += 0 if by_words else _line_change(heard, gap)
    checked_in = any(says(closing(turn), "longer", heard.language) for turn in before)
    if checked_in and any(-0.5 <= asked_at - (hold.end or 0) <= CHECK_IN_S for hold in known):
        points += 2
    customers = [t for t in said_before(heard.turns, gap[0]) if t.role == "customer"]
    if points < 3 and any(says(closing(turn), "task", heard.language) for turn in customers):
        return 0  # the customer went to do something
    return points


def _asked(heard: Heard, at_s: float) -> list[Turn]:
    """What the agent said last, back to a return from an earlier hold: what was asked before is used up."""
    kept: list[Turn] = []
    for turn in _agents(said_before(heard.turns, at_s)):
        kept.append(turn)
        if says(turn.text, "thanks", heard.language):
            break
    return kept


def _line_change(heard: Heard, gap: Span) -> int:
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


def _settled(heard: Heard, gap: Span) -> Span:
    """The part of a gap in which the line sounds as it does on hold, where that differs from its pauses: the
    hold starts when the line changes, not when the last word ends."""
    if _line_change(heard, gap) == 0 or heard.levels is None:
        return gap
    inside = heard.levels.middle_db(gap[0] + 0.5, gap[1] - 0.5)
    if inside is None:
        return gap
    steady = heard.levels.near(inside, CHANGED_DB / 2 + 1.0, gap[0], gap[1])
    if steady is None or steady[0] - gap[0] > 2.0 or gap[1] - steady[1] > 2.0:
        return gap
    return steady


def _agents(turns: Sequence[Turn]) -> list[Turn]:
    return [turn for turn in turns if turn.role in ("agent", None)]


def _said_after(heard: Heard, at_s: float, within_s: float = 8.0) -> str:
    """What the agent says on return."""
    said = [
        turn.text
        for turn in heard.turns
        if turn.start is not None
        and turn.role in ("agent", None)
        and at_s - 1.5 <= turn.start < at_s + within_s
    ]
    return " ".join(" ".join(text.split()[:30]) for text in said[:2])


def _event(heard: Heard, span: Span, *, music: bool, asked_at: float | None = None) -> Event:
    before = _asked(heard, span[0] if asked_at is None else asked_at)
    told = any(says(closing(turn), cue, heard.language) for turn in before for cue in HOLD_WORDS)
    thanked = says(_said_after(heard, span[1]), "thanks", heard.language)
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


def cut_out(heard: Heard, holds: Sequence[Event]) -> list[float]:
    """Moments at which a hold was announced and thanked for, with no wait in the recording: the recorder
    left it out."""
    found: list[float] = []
    turns = [t for t in heard.turns if t.start is not None and t.end is not None]
    for turn in turns:
        if turn.role != "agent" or not says(closing(turn, 25), "hold", heard.language):
            continue
        end = turn.end or 0.0
        if any(-2.0 <= (hold.start or 0) - end <= REPLY_S + 2 for hold in holds):
            continue
        back = _said_after(heard, end + 1.5, REPLY_S)
        if says(back, "thanks", heard.language):
            found.append(end)
    return found


def from_telephony(heard: Heard, records: Sequence[Span]) -> tuple[Event, ...]:
    """The telephony's own holds as events; their sound and words are looked up in the recording."""
    events = []
    for span in union(records):
        music = within(heard.music, *span) > 0.3 * (span[1] - span[0])
        event = _event(heard, span, music=music)
        events.append(event.model_copy(update={"source": "telephony", "confidence": 1.0}))
    return tuple(events)


def talked_through(heard: Heard, records: Sequence[Span]) -> bool:
    """Whether the telephony's holds are full of the agent's talk: then the recorder cut the waits out and the
    recording runs ahead of the telephony's clock."""
    if not records:
        return False
    spans = union(records)
    return total(intersection(_agent_side(heard), spans)) > 0.3 * total(spans)
