"""WebVTT captions with voice tags (``<v Agent S0>``), as browsers and players read them.

W3C, "WebVTT: The Web Video Text Tracks Format".
"""

import html
import re

from recordings.conversation import Conversation
from recordings.errors import RecordingError
from recordings.formats.captions import Cue, clock, conversation_of, cues, one_line, seconds_of

_VOICE = re.compile(r"^<v(?:\.[^\s>]*)?\s+([^>]*)>(.*?)(?:</v>)?$", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def dumps(conversation: Conversation) -> str:
    """The conversation's timed turns as WebVTT."""
    blocks = ["WEBVTT"]
    for number, cue in enumerate(cues(conversation), start=1):
        text = html.escape(one_line(cue.text), quote=False)
        if cue.voice:
            text = f"<v {html.escape(one_line(cue.voice), quote=False)}>{text}</v>"
        blocks.append(f"{number}\n{clock(cue.start)} --> {clock(cue.end)}\n{text}")
    return "\n\n".join(blocks) + "\n"


def loads(text: str, name: str = "captions") -> Conversation:
    """A conversation of the captions; raises RecordingError that names the line at fault."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.match(r"^WEBVTT(?:[ \t]|$)", lines[0]):
        raise RecordingError(f"{name}: is no WebVTT; its first line is {lines[0][:40]!r}")
    found: list[Cue] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if "-->" not in line:
            continue
        start, _, rest = line.partition("-->")
        begins = seconds_of(start, number)
        ends = seconds_of((rest.split() or [""])[0], number)
        if ends < begins:
            raise RecordingError(
                f"{name}: line {number}: the caption ends ({ends}) before it begins ({begins})"
            )
        body: list[str] = []
        while number < len(lines) and lines[number].strip():
            body.append(lines[number])
            number += 1
        found.append(_cue(begins, ends, " ".join(body)))
    return conversation_of(found, name)


def _cue(start: float, end: float, body: str) -> Cue:
    tagged = _VOICE.match(body.strip())
    voice = html.unescape(tagged[1]).strip() if tagged else None
    text = html.unescape(_TAG.sub("", tagged[2] if tagged else body))
    return Cue(start, end, voice or None, one_line(text))
