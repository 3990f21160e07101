"""A scripted call: who speaks, with which voice, what is said when, and what the line does meanwhile.

Written by hand as YAML (recordings/samples) or drawn from a seed (generate.py); both are rendered alike.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recordings.conversation import Role
from recordings.errors import RecordingError

SpeakerKey = Literal["agent", "agent2", "customer", "customer2", "ivr"]
Side = Literal["agent", "customer"]
HoldSound = Literal["music", "comfort", "silence", "muted", "cut"]
Codec = Literal["none", "ulaw", "alaw", "gsm", "amr", "opus-low"]

ROLE_OF: dict[SpeakerKey, Role] = {
    "agent": "agent",
    "agent2": "agent",
    "customer": "customer",
    "customer2": "customer",
    "ivr": "ivr",
}
LABEL_OF: dict[SpeakerKey, str] = {
    "agent": "S0",
    "customer": "S1",
    "agent2": "S2",
    "customer2": "S3",
    "ivr": "S8",
}
SIDE_OF: dict[SpeakerKey, Side] = {
    "agent": "agent",
    "agent2": "agent",
    "ivr": "agent",  # the customer hears it: it lies on the leg that carries the agent
    "customer": "customer",
    "customer2": "customer",
}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Speaker(_Strict):
    """One voice in the call. ``shift`` scales pitch, formants and pace together (1 = as rendered)."""

    voice: str
    gain_db: float = 0.0
    shift: Annotated[float, Field(ge=0.8, le=1.25)] = 1.0
    speed: Annotated[float, Field(ge=0.6, le=1.6)] = 1.0


class Say(_Strict):
    """A turn. ``gap`` s of silence before it; or ``cuts_in`` s before the last turn's end, taking the floor
    (the other breaks off ``yields_after`` s later where given); or ``under`` s after that turn's start,
    as a back-channel that leaves the floor where it is."""

    speaker: SpeakerKey
    text: str
    gap: Annotated[float, Field(ge=0, le=3)] | None = None
    cuts_in: Annotated[float, Field(gt=0)] | None = None
    yields_after: Annotated[float, Field(gt=0)] | None = None
    under: Annotated[float, Field(ge=0)] | None = None


class Hold(_Strict):
    """The customer waits on hold, or (``transfer``) while being put through.

    ``music``: music on the agent's leg; ``comfort``: comfort noise there; ``silence``: both legs dead;
    ``muted``: the agent's leg dead, the customer's room still heard; ``cut``: the recorder left the hold
    out. ``kind`` is the style of the music or of the comfort noise.
    """

    seconds: Annotated[float, Field(gt=0)]
    sound: HoldSound = "music"
    kind: str | None = None
    announced: bool = True
    transfer: bool = False


class Silence(_Strict):
    """Nobody speaks, nobody is on hold. ``announced``: the words before it said so."""

    seconds: Annotated[float, Field(gt=0)]
    announced: bool = False
    typing: bool = False


class Tone(_Strict):
    """Ringing, a dial tone, beeps, DTMF; ``kind`` as in sounds.kinds("tone", …)."""

    seconds: Annotated[float, Field(gt=0)]
    kind: str


class Behind(_Strict):
    """A sound behind the talk from ``start`` to ``end`` (seconds; the whole call where not given)."""

    sound: Literal["music", "noise", "radio"]
    kind: str
    on: Side = "customer"
    level_db: float = -32.0
    start: float = 0.0
    end: float | None = None


class Line(_Strict):
    """What the line does to the sound. Levels in dB relative to full scale, ``echo``/``crosstalk`` relative
    to the other leg; ``clip_db`` is the gain driven into the limit."""

    noise: dict[Side, str] = {}
    noise_db: float = -58.0
    echo_db: float | None = None
    crosstalk_db: float | None = None
    clip_db: float | None = None
    codec: Codec = "ulaw"


class Metadata(_Strict):
    """What the telephone system would know of the call."""

    call_id: str | None = None
    agent: str | None = None
    team: str | None = None
    queue: str | None = None
    direction: Literal["inbound", "outbound"] | None = None
    started_at: str | None = None


Step = Say | Hold | Silence | Tone


class CallScript(_Strict):
    """A whole call. ``channels`` says which side lies on which channel, or is empty for mono."""

    id: str
    title: str = ""
    language: Literal["en", "de"]
    channels: tuple[Side, ...] = ("agent", "customer")
    seed: int = 0
    metadata: Metadata = Metadata()
    speakers: dict[SpeakerKey, Speaker]
    line: Line = Line()
    behind: tuple[Behind, ...] = ()
    dialogue: tuple[Step, ...]

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("dialogue"), list):
            return data
        return {**data, "dialogue": [_step(line) for line in data["dialogue"]]}

    @model_validator(mode="after")
    def _everybody_known(self) -> "CallScript":
        for number, step in enumerate(self.dialogue, start=1):
            if isinstance(step, Say) and step.speaker not in self.speakers:
                known = ", ".join(self.speakers)
                raise ValueError(f"dialogue line {number}: {step.speaker!r} speaks, speakers are {known}")
        if self.channels and sorted(self.channels) != ["agent", "customer"]:
            raise ValueError(f"channels is {list(self.channels)}, expected both sides once, or [] for mono")
        return self


def _step(line: Any) -> Any:
    """``{agent: "Hello", gap: 0.2}``, ``{hold: {…}}``, ``{silence: 9}``, ``{tone: {…}}`` as steps."""
    if not isinstance(line, dict):
        return line
    if "hold" in line:
        return Hold.model_validate(line["hold"])
    if "silence" in line:
        told = line["silence"]
        return Silence.model_validate(told if isinstance(told, dict) else {"seconds": told})
    if "tone" in line:
        return Tone.model_validate(line["tone"])
    speaker = next((key for key in LABEL_OF if key in line), None)
    if speaker is None:
        return line
    rest = {key: value for key, value in line.items() if key != speaker}
    return Say.model_validate({"speaker": speaker, "text": line[speaker], **rest})


def read_script(path: Path) -> CallScript:
    """Read a script from YAML; raises RecordingError naming the file, the place and what was expected."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
        return CallScript.model_validate(data)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error})") from error
    except yaml.YAMLError as error:
        raise RecordingError(f"{path}: is no YAML ({error})") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "script"
        raise RecordingError(f"{path}: {place}: {first['msg']}") from error
