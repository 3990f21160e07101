"""vCon, the conversation container of the IETF (draft-ietf-vcon-vcon-core-04, syntax 0.4.0).

Our whole conversation document travels as one analysis of type ``transcript``, so nothing is lost on the
way back. What others write (dialogs of type ``text``) is read as turns.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recordings.conversation import FORMAT, Conversation, Recording, Role, Turn
from recordings.errors import RecordingError

VERSION = "0.4.0"
MEDIATYPE = "application/json"
_ROLES: dict[str, Role] = {
    "agent": "agent",
    "customer": "customer",
    "caller": "customer",
    "contact": "customer",
    "ivr": "ivr",
    "bot": "ivr",
}


class _Part(BaseModel):
    """Forgiving when read: other systems add fields of their own."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Party(_Part):
    """Somebody who takes part; all that identifies a person is optional."""

    name: str | None = None
    role: str | None = None
    tel: str | None = None
    mailto: str | None = None
    uuid: str | None = None


class Dialog(_Part):
    """One piece of the conversation: a recording, or a text of one party."""

    type: str
    start: str
    duration: float | None = Field(default=None, ge=0)
    parties: int | tuple[int | tuple[int, ...], ...] | None = None
    originator: int | None = None
    mediatype: str | None = None
    filename: str | None = None
    url: str | None = None
    content_hash: str | tuple[str, ...] | None = None
    encoding: Literal["base64url", "json", "none"] | None = None
    body: Any = None


class Analysis(_Part):
    """What somebody found out about dialogs: a transcript, a report; ``dialog`` are positions."""

    type: str
    vendor: str
    product: str | None = None
    schema_: str | None = Field(default=None, alias="schema")
    dialog: int | tuple[int, ...] | None = None
    mediatype: str | None = None
    encoding: Literal["base64url", "json", "none"] | None = None
    body: Any = None


class Vcon(_Part):
    """The container. Raises on a party or dialog position that does not exist."""

    vcon: str
    uuid: str
    created_at: str
    subject: str | None = None
    parties: tuple[Party, ...] = ()
    dialog: tuple[Dialog, ...] = ()
    analysis: tuple[Analysis, ...] = ()

    @model_validator(mode="after")
    def _positions_exist(self) -> "Vcon":
        for place, piece in enumerate(self.dialog):
            for party in _positions(piece.parties):
                if not 0 <= party < len(self.parties):
                    raise ValueError(f"dialog {place} names party {party}; there are {len(self.parties)}")
        for place, found in enumerate(self.analysis):
            for position in _positions(found.dialog):
                if not 0 <= position < len(self.dialog):
                    raise ValueError(
                        f"analysis {place} names dialog {position}; there are {len(self.dialog)}"
                    )
        return self

    def to_json(self) -> str:
        """The container as JSON; fields that are not set are left out, as the draft wants."""
        fields = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


def dumps(
    conversation: Conversation,
    *,
    url: str | None = None,
    sha512: str | None = None,
    now: datetime | None = None,
    reports: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> str:
    """The conversation as vCon JSON.

    ``url`` tells where the sound lies; it needs the sound's ``sha512`` (base64url, without padding) beside
    it. ``reports`` are further analyses as (schema, JSON object), such as assessments. The start of the
    dialog must be known to name the recording; where it is not, the recording is left out rather than
    dated wrongly.
    """
    if (url is None) != (sha512 is None):
        raise RecordingError(
            "a vCon names a recording by its address and its hash: give url and sha512, or none"
        )
    recording = conversation.recording
    speakers = _speakers(conversation)
    dialogs: tuple[Dialog, ...] = ()
    if recording.started_at is not None:
        dialogs = (
            Dialog(
                type="recording",
                start=recording.started_at,
                duration=recording.duration,
                parties=tuple(range(len(speakers))),
                filename=recording.file_name,
                url=url,
                content_hash=f"sha512-{sha512}" if sha512 else None,
            ),
        )
    about = 0 if dialogs else None
    contents: list[tuple[str, str, Mapping[str, Any]]] = [("transcript", FORMAT, conversation.to_dict())]
    contents += [("report", schema, body) for schema, body in reports]
    analyses = tuple(
        Analysis(
            type=kind,
            vendor="Rapport",
            product="Rapport",
            schema=schema,
            dialog=about,
            mediatype=MEDIATYPE,
            encoding="json",
            body=dict(body),
        )
        for kind, schema, body in contents
    )
    container = Vcon(
        vcon=VERSION,
        uuid=str(uuid.uuid5(uuid.NAMESPACE_OID, f"rapport:{recording.sha256 or recording.id}")),
        created_at=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
        subject=recording.call_id,
        parties=tuple(Party(name=name, role=role) for name, role in speakers.values()),
        dialog=dialogs,
        analysis=analyses,
    )
    return container.to_json()


def loads(text: str, name: str = "vcon") -> Conversation:
    """The conversation of a vCon: ours as it was, others' text dialogs as turns. Raises RecordingError."""
    try:
        container = Vcon.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "document"
        raise RecordingError(f"{name}: is no vCon: {where}: {first['msg']}") from error
    for found in container.analysis:
        if found.type == "transcript" and found.schema_ == FORMAT:
            body = found.body if isinstance(found.body, str) else json.dumps(found.body)
            return Conversation.from_json(body, where=f"{name}: its transcript")
    return _from_texts(container, name)


def _from_texts(container: Vcon, name: str) -> Conversation:
    texts = [piece for piece in container.dialog if piece.type == "text" and isinstance(piece.body, str)]
    if not texts:
        raise RecordingError(f"{name}: holds no transcript of ours and no dialog of type text")
    try:
        starts = [datetime.fromisoformat(piece.start) for piece in texts]
        offsets = [(start - min(starts)).total_seconds() for start in starts]
    except (ValueError, TypeError) as error:
        raise RecordingError(f"{name}: a dialog's start is no time of RFC 3339 ({error})") from error
    turns = []
    for index, (offset, piece) in enumerate(
        sorted(zip(offsets, texts, strict=True), key=lambda pair: pair[0])
    ):
        who = (
            piece.originator if piece.originator is not None else next(iter(_positions(piece.parties)), None)
        )
        party = container.parties[who] if who is not None and who < len(container.parties) else None
        role = _ROLES.get((party.role or "").lower()) if party else None
        end = None if piece.duration is None else offset + piece.duration
        speaker = None if who is None else f"S{who}"
        turns.append(Turn(index=index, role=role, speaker=speaker, start=offset, end=end, text=piece.body))
    recording = Recording(id=container.uuid, call_id=container.subject, started_at=min(starts).isoformat())
    return Conversation(recording=recording, turns=tuple(turns))


def _speakers(conversation: Conversation) -> dict[str, tuple[str | None, Role | None]]:
    """Speaker label to (name, role), in the order in which they speak. Only the agent's name is known."""
    found: dict[str, tuple[str | None, Role | None]] = {}
    agents = {turn.speaker for turn in conversation.turns if turn.role == "agent"}
    for turn in conversation.turns:
        label = turn.speaker or turn.role or "unknown"
        named = conversation.recording.agent if turn.role == "agent" and len(agents) == 1 else None
        found.setdefault(label, (named, turn.role))
    return found


def _positions(value: object) -> list[int]:
    if isinstance(value, int):
        return [value]
    if isinstance(value, (tuple, list)):
        return [position for item in value for position in _positions(item)]
    return []
