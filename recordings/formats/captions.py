"""What the caption formats share: cues, their times, and names for speakers."""

import re
from dataclasses import dataclass

from recordings.conversation import Conversation, Recording, Role, Turn
from recordings.errors import RecordingError

ROLES: dict[str, Role] = {"Agent": "agent", "Customer": "customer", "IVR": "ivr", "Other": "other"}
NAMES: dict[Role | None, str] = {role: name for name, role in ROLES.items()}
LONGEST_S = 8.0
"""A caption that stands longer than this is split where its words allow."""

_CLOCK = re.compile(r"^(?:(\d+):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})$")


@dataclass(frozen=True)
class Cue:
    """One caption: seconds, who speaks (a role's name and the speaker label, as far as known), text."""

    start: float
    end: float
    voice: str | None
    text: str


def clock(seconds: float, decimal: str = ".") -> str:
    """``01:02:03.004``; hours are always written."""
    total = round(seconds * 1000)
    hours, rest = divmod(total, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    whole, thousandths = divmod(rest, 1000)
    return f"{hours:02d}:{minutes:02d}:{whole:02d}{decimal}{thousandths:03d}"


def seconds_of(text: str, line: int) -> float:
    """Seconds of a caption time; raises RecordingError that names the line."""
    found = _CLOCK.match(text.strip())
    if found is None:
        raise RecordingError(f"line {line}: {text!r} is no time; expected HH:MM:SS.mmm")
    hours, minutes, seconds, fraction = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def cues(conversation: Conversation) -> list[Cue]:
    """The turns that have times, as captions: one a turn, long ones split between words."""
    found: list[Cue] = []
    for turn in conversation.turns:
        if turn.start is None or turn.end is None or not turn.text.strip():
            continue
        found += _split(turn) or [Cue(turn.start, max(turn.end, turn.start), voice(turn), turn.text.strip())]
    return sorted(found, key=lambda cue: (cue.start, cue.end))


def voice(turn: Turn) -> str | None:
    """``Agent S0``: the role's name and the speaker label, as far as known."""
    parts = [NAMES[turn.role] if turn.role else None, turn.speaker]
    return " ".join(part for part in parts if part) or None


def conversation_of(found: list[Cue], name: str) -> Conversation:
    """A conversation of captions: one turn a cue."""
    turns = []
    for index, cue in enumerate(found):
        role, speaker = _who(cue.voice)
        turns.append(
            Turn(index=index, role=role, speaker=speaker, start=cue.start, end=cue.end, text=cue.text)
        )
    return Conversation(recording=Recording(id=name), turns=tuple(turns))


def one_line(text: str) -> str:
    """Text without line breaks, which would end a caption."""
    return " ".join(text.split())


def _who(name: str | None) -> tuple[Role | None, str | None]:
    if not name:
        return None, None
    first, _, rest = name.partition(" ")
    if first in ROLES:
        return ROLES[first], rest or None
    return None, name


def _split(turn: Turn) -> list[Cue]:
    """Captions of a long turn with timed words; empty when it need not or cannot be split."""
    assert turn.start is not None
    assert turn.end is not None
    words = turn.words
    timed = all(word.start is not None and word.end is not None for word in words)
    said = " ".join(word.text.strip() for word in words)
    if turn.end - turn.start <= LONGEST_S or not words or not timed or said != one_line(turn.text):
        return []
    found: list[Cue] = []
    group: list[str] = []
    start = turn.start
    for position, word in enumerate(words):
        group.append(word.text.strip())
        assert word.end is not None
        last = position == len(words) - 1
        following = turn.end if last else words[position + 1].end
        assert following is not None
        if last or following - start > LONGEST_S:
            end = turn.end if last else max(word.end, start)
            found.append(Cue(start, end, voice(turn), " ".join(group)))
            group, start = [], max(words[position + 1].start or end, end) if not last else end
    return found
