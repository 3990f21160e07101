"""Written dialogues: a few readable lines that become a Conversation with plausible times and true events.

    - agent: "Would you mind holding for two minutes while I check?"
    - customer: "Sure."
    - hold: {seconds: 45, music: true}
    - agent: "Thank you for holding."
    - agent2: "Second line support, Jo speaking."
    - silence: 12
    - {agent: "But you should", cuts_in: true, acts: blame}

Used by the gold set, the scorecards' own tests and the demo. Times follow from the number of words (2.6 a
second) and a pause of 0.4 s; ``cuts_in`` starts a turn half a second before the one before it ends. ``acts``
names what a line does, for those who learn from it; the conversation does not carry it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from recordings.conversation import Conversation, Event, Recording, Role, Turn
from recordings.errors import RecordingError

WORDS_PER_SECOND = 2.6
PAUSE_S = 0.4
CUT_IN_S = 0.5

SPEAKERS: Mapping[str, tuple[Role, str]] = {
    "agent": ("agent", "S0"),
    "customer": ("customer", "S1"),
    "agent2": ("agent", "S2"),
    "customer2": ("customer", "S3"),
    "ivr": ("ivr", "S8"),
    "other": ("other", "S9"),
}


def parse_dialogue(
    lines: Sequence[Mapping[str, Any]], *, name: str, language: str, times: bool = True
) -> Conversation:
    """A conversation of written lines; without ``times``, turns only (no times, no events).

    Raises RecordingError naming the line and the allowed keys.
    """
    turns: list[Turn] = []
    events: list[Event] = []
    now = 0.5
    for number, line in enumerate(lines):
        where = f"{name}: dialogue line {number + 1}"
        speaker = next((key for key in line if key in SPEAKERS), None)
        if speaker is not None:
            turn, now = _turn(line, speaker, len(turns), now, where)
            turns.append(turn)
        elif set(line) <= {"hold", "silence"} and len(line) == 1:
            event, now = _pause(line, now, where)
            events.append(event)
        else:
            allowed = ", ".join([*SPEAKERS, "hold", "silence"])
            raise RecordingError(f"{where}: {dict(line)!r} is none of {allowed}")
    recording = Recording(id=name, language=language, duration=round(now, 3) if times else None)
    if not times:
        bare = [turn.model_copy(update={"start": None, "end": None}) for turn in turns]
        return Conversation(recording=recording, turns=tuple(bare))
    return Conversation(recording=recording, turns=tuple(turns), events=tuple(events))


def _turn(line: Mapping[str, Any], speaker: str, index: int, now: float, where: str) -> tuple[Turn, float]:
    text = line[speaker]
    if not isinstance(text, str) or set(line) - {speaker, "cuts_in", "acts"}:
        raise RecordingError(
            f"{where}: expected `{speaker}: text`, perhaps `cuts_in: true` and `acts`, got {dict(line)!r}"
        )
    if not isinstance(line.get("acts", ""), str):
        raise RecordingError(f"{where}: `acts` are names with spaces between, got {line['acts']!r}")
    role, label = SPEAKERS[speaker]
    start = max(0.0, now - CUT_IN_S - PAUSE_S) if line.get("cuts_in") else now
    end = start + max(0.4, len(text.split()) / WORDS_PER_SECOND)
    turn = Turn(
        index=index,
        role=role,
        role_confidence=1.0,
        speaker=label,
        start=round(start, 3),
        end=round(end, 3),
        text=text,
    )
    return turn, max(now, end + PAUSE_S)


def _pause(line: Mapping[str, Any], now: float, where: str) -> tuple[Event, float]:
    kind, told = next(iter(line.items()))
    settings = dict(told) if isinstance(told, Mapping) else {"seconds": told}
    seconds = settings.pop("seconds", None)
    music = settings.pop("music", False if kind == "hold" else None)
    if settings or not isinstance(seconds, int | float) or seconds <= 0:
        raise RecordingError(f"{where}: expected `{kind}: seconds` or `{kind}: {{seconds: 45, music: true}}`")
    start, end = round(now, 3), round(now + seconds, 3)
    if kind == "hold":
        return Event(kind="hold", start=start, end=end, by="agent", music=bool(music)), end + PAUSE_S
    return Event(kind="silence", start=start, end=end), end + PAUSE_S
