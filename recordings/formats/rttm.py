"""RTTM, who spoke when: the format of NIST's Rich Transcription evaluations (2009, appendix A).

``SPEAKER file channel start duration <NA> <NA> speaker <NA> <NA>``, one line a stretch of talk.
"""

from dataclasses import dataclass

from recordings.conversation import Conversation, Recording, Turn
from recordings.errors import RecordingError

_FIELDS = 8


@dataclass(frozen=True)
class Span:
    """Somebody talks: seconds, speaker label, file id and channel (1 is the first)."""

    start: float
    end: float
    speaker: str
    file: str = "call"
    channel: int = 1


def write_spans(spans: list[Span]) -> str:
    """RTTM lines in order of start; blanks in names become underscores, since blanks part the fields."""
    lines = [
        f"SPEAKER {_word(span.file)} {span.channel} {span.start:.3f} {span.end - span.start:.3f} "
        f"<NA> <NA> {_word(span.speaker)} <NA> <NA>\n"
        for span in sorted(spans, key=lambda span: (span.file, span.start, span.end))
    ]
    return "".join(lines)


def read_spans(text: str, name: str = "rttm") -> list[Span]:
    """The SPEAKER lines; other kinds of lines and comments are passed over. Raises RecordingError with
    the line at fault."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields or line.startswith(";;") or fields[0] != "SPEAKER":
            continue
        where = f"{name}: line {number}"
        if len(fields) < _FIELDS:
            raise RecordingError(f"{where}: has {len(fields)} fields; a SPEAKER line has {_FIELDS} or more")
        try:
            channel = int(fields[2]) if fields[2] != "<NA>" else 1
            start, duration = float(fields[3]), float(fields[4])
        except ValueError as error:
            raise RecordingError(f"{where}: channel, start and duration must be numbers ({error})") from error
        if not (start >= 0 and duration >= 0 and start + duration < float("inf")):
            raise RecordingError(f"{where}: start {start} and duration {duration} must not be negative")
        found.append(Span(start, round(start + duration, 6), fields[7], fields[1], channel))
    return found


def dumps(conversation: Conversation) -> str:
    """The conversation's turns as RTTM; turns without times or speaker are left out."""
    name = conversation.recording.id
    return write_spans(
        [
            Span(turn.start, turn.end, turn.speaker, name, (turn.channel or 0) + 1)
            for turn in conversation.turns
            if turn.start is not None and turn.end is not None and turn.speaker
        ]
    )


def loads(text: str, name: str = "rttm") -> Conversation:
    """A conversation of wordless turns, one a span, in order of start."""
    spans = sorted(read_spans(text, name), key=lambda span: (span.start, span.end))
    turns = tuple(
        Turn(index=i, speaker=s.speaker, channel=s.channel - 1, start=s.start, end=s.end)
        for i, s in enumerate(spans)
    )
    return Conversation(recording=Recording(id=spans[0].file if spans else name), turns=turns)


def _word(text: str) -> str:
    return "_".join(text.split()) or "unknown"
