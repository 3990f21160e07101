"""Holds with music: stretches of music in which the customer waits, told from music behind the talk."""

from collections.abc import Sequence

from pipelines.signals.cues import says
from pipelines.signals.hold_evidence import (
    BACKGROUND_DB,
    ENOUGH,
    Heard,
    evidence,
    is_pause,
    said_after,
    tells_of_wait,
    without_reply,
)
from pipelines.signals.intervals import Span, complement, difference, union, within
from pipelines.signals.music_edges import sets_in
from pipelines.signals.silence import said_before
from recordings import Event

MIN_MUSIC_S = 4.0
MIN_UNTOLD_S = 7.0
SAME_WAIT_S = 6.0
"""Music pieces this close, with nobody but an announcement between them, are one hold."""
SNAP_S = 1.2
REACH_S = 4.0
"""How far from where a detector hears it music may begin or end."""
LONG_REST_S = 5.0
NEAR_S = 45.0
"""Pauses so near tell whether a sound goes on in them."""
BACKGROUND_SHARE = 0.25
"""Talk over more than this share of a music stretch: the music lies behind the talk."""


def waiting_music(heard: Heard, voices: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """Stretches of music in which the customer waits, and stretches of music behind talk."""
    waiting: list[Span] = []
    background: list[Span] = []
    for start, end in union(heard.music, 0.5):
        core = (start + 1.0, end - 1.0) if end - start > 3.0 else (start, end)
        talked = within(voices, *core)
        if talked > BACKGROUND_SHARE * (core[1] - core[0]) or _goes_on(heard, (start, end), voices):
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


def whole_gaps(heard: Heard, voices: Sequence[Span], pieces: Sequence[Span]) -> list[Span]:
    """Where words tell of a hold and music was heard in only a part of the gap (a codec may leave little of
    it), the hold is the gap."""
    found = list(pieces)
    for gap in complement(voices, 0.0, heard.duration_s):
        inside = [piece for piece in found if gap[0] - 0.5 <= piece[0] and piece[1] <= gap[1] + 0.5]
        if not inside or gap[0] <= 0.05:
            continue
        trimmed = without_reply(heard, gap)
        earlier = [Event(kind="hold", start=start, end=end) for start, end in found if end <= gap[0] + 0.5]
        if trimmed is None or evidence(heard, trimmed, gap[0], earlier, by_words=True) < ENOUGH:
            continue
        edges = _snapped(trimmed, voices, heard)
        lead, tail = (trimmed[0], inside[0][0]), (inside[-1][1], trimmed[1])
        start = _outer(heard, lead, edges[0], trimmed[0], lead[1])
        end = _outer(heard, tail, edges[1], trimmed[1], tail[0])
        found = [piece for piece in found if piece not in inside] + [(start, end)]
    return sorted(found)


def _outer(heard: Heard, rest: Span, snapped: float, outer: float, inner: float) -> float:
    """The edge of a hold where music was heard in a part of the gap: what is left beside the music is hold
    too where it does not sound as the pauses of the talk do, or where it is longer than anybody is silent
    before a hold begins or on return from it."""
    length = rest[1] - rest[0]
    if length > SNAP_S and not is_pause(heard, rest):
        return snapped
    return outer if length > LONG_REST_S else inner


def is_queue(heard: Heard, piece: Span) -> bool:
    """Music before any agent has spoken is a queue, unless the agent's first words give thanks for holding
    and greet nobody: then the recording starts in mid-call."""
    agents = heard.activity.of("agent")
    if not agents:
        return not any(says(t.text, "hold", heard.language) for t in said_before(heard.turns, piece[0]))
    if agents[0][0] < piece[0]:
        return False
    return not says(said_after(heard, piece[1]), "thanks", heard.language)


def _is_wait(heard: Heard, piece: Span) -> bool:
    """Whether a piece is long enough to be a wait: longer where no word before or after tells of one, and not
    while the customer talks on."""
    length = piece[1] - piece[0]
    talked = within(heard.activity.of("customer"), *piece) if heard.activity.by_channel else 0.0
    if talked > 0.5 * length and length < 20.0:
        return False
    return length >= (MIN_MUSIC_S if tells_of_wait(heard, piece) else MIN_UNTOLD_S)


def _one_wait(left: Span, right: Span, voices: Sequence[Span]) -> bool:
    return right[0] - left[1] <= SAME_WAIT_S and within(voices, left[1], right[0]) < 0.3


def _goes_on(heard: Heard, music: Span, voices: Sequence[Span]) -> bool:
    """Whether the pauses around a stretch sound as loud as the stretch: then it is a sound of the room.
    Of the side that may play the music only ``voices`` have pauses: between what sounds like talk in music
    there is music."""
    if heard.levels is None:
        return False
    level = heard.levels.middle_db(*music)
    others = (
        heard.activity.voiced("agent") if heard.activity.by_channel else heard.activity.of("ivr", "other")
    )
    everybody = union([*voices, *others])
    pauses = [
        (start + 0.1, end - 0.1)
        for start, end in difference(complement(everybody, 0.0, heard.duration_s), [music, *heard.tone])
        if 0.35 <= end - start <= 5.0 and end >= music[0] - NEAR_S and start <= music[1] + NEAR_S
    ]
    found = [heard.levels.middle_db(*pause) for pause in pauses]
    around = sorted(value for value in found if value is not None)
    if level is None or len(around) < 3:
        return False
    return around[len(around) // 2] > level - BACKGROUND_DB


def _snapped(piece: Span, voices: Sequence[Span], heard: Heard) -> Span:
    """Edges of a music stretch: moved to where music sets in, between the talk beside it; where the level
    does not tell, to the talk if it is close."""
    start, end = piece
    after = max((stop for _, stop in voices if stop - start <= SNAP_S), default=0.0)
    before = min((at for at, _ in voices if end - at <= SNAP_S and at > start), default=heard.duration_s)
    near = (after if start - after <= SNAP_S else start, before if before - end <= SNAP_S else end)
    bounds = max(after, start - REACH_S), min(before, end + REACH_S)
    quiet = heard.pause_db()
    if heard.levels is None or quiet is None:
        return near
    told = sets_in(heard.levels, quiet, piece, bounds)
    edges = (near[0] if told[0] is None else told[0], near[1] if told[1] is None else told[1])
    return edges if edges[1] > edges[0] else piece
