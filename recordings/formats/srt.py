"""SubRip captions; the format knows no speakers, so a line begins ``Agent S0: …`` as subtitles do."""

import re

from recordings.conversation import Conversation
from recordings.errors import RecordingError
from recordings.formats.captions import ROLES, Cue, clock, conversation_of, cues, one_line, seconds_of

_VOICE = re.compile(rf"^((?:{'|'.join(ROLES)})(?: \S+)?|S\d+): (.*)$", re.DOTALL)


def dumps(conversation: Conversation) -> str:
    """The conversation's timed turns as SubRip."""
    blocks = []
    for number, cue in enumerate(cues(conversation), start=1):
        said = f"{cue.voice}: {one_line(cue.text)}" if cue.voice else one_line(cue.text)
        blocks.append(f"{number}\n{clock(cue.start, ',')} --> {clock(cue.end, ',')}\n{said}\n")
    return "\n".join(blocks)


def loads(text: str, name: str = "captions") -> Conversation:
    """A conversation of the captions; raises RecordingError that names the line at fault."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").split("\n")
    found: list[Cue] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if "-->" not in line:
            if line.strip() and not line.strip().isdigit():
                raise RecordingError(
                    f"{name}: line {number}: expected a number or a time, found {line[:40]!r}"
                )
            continue
        start, _, end = line.partition("-->")
        begins, ends = seconds_of(start, number), seconds_of(end, number)
        if ends < begins:
            raise RecordingError(
                f"{name}: line {number}: the caption ends ({ends}) before it begins ({begins})"
            )
        body: list[str] = []
        while number < len(lines) and lines[number].strip():
            body.append(lines[number])
            number += 1
        said = one_line(" ".join(body))
        tagged = _VOICE.match(said)
        found.append(Cue(begins, ends, tagged[1] if tagged else None, tagged[2] if tagged else said))
    return conversation_of(found, name)
