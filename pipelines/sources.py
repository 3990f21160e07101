"""A recording on disk becomes a Source: its hash, and what is told or known about the call."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pipelines.steps import PipelineError, Source
from recordings import Recording, Role
from recordings.sources import RAW_CODECS, Declared

ROLES = get_args(Role)
LANGUAGES = ("en", "de")


def source_of(
    path: Path,
    *,
    known: Mapping[str, Any] | None = None,
    language: str | None = None,
    roles: Sequence[str] | None = None,
    hotwords: Sequence[str] = (),
    telephony: Sequence[Mapping[str, Any]] = (),
    declared: Declared | None = None,
) -> Source:
    """The source for one file; ``known`` holds fields of Recording from metadata, options win over it.

    Raises RecordingError when the file cannot be read, PipelineError for an unknown role or language.
    """
    from recordings.sources import sha256_of

    if language not in (None, "auto", *LANGUAGES):
        raise PipelineError(f"language {language!r} is not known; there are {', '.join(LANGUAGES)} and auto")
    if roles:
        check_roles(roles)
    sha256 = sha256_of(path)
    fields: dict[str, Any] = {
        "file_name": path.name,
        **{k: v for k, v in (known or {}).items() if v is not None},
    }
    if language is not None:
        fields["language"] = None if language == "auto" else language
    recording = Recording.model_validate({**fields, "id": sha256[:16], "sha256": sha256})
    return Source(
        path=path,
        recording=recording,
        roles=tuple(roles) if roles else None,
        hotwords=tuple(hotwords),
        telephony=tuple(telephony),
        declared=declared,
    )


def check_roles(roles: Sequence[str]) -> None:
    """Raise PipelineError for a role that there is not, naming those there are."""
    for role in roles:
        if role not in ROLES:
            raise PipelineError(f"role {role!r} is not known; there are {', '.join(ROLES)}")


def parse_declared(text: str | None) -> Declared | None:
    """``codec[:rate[:channels]]`` of a file without a header, or ``:rate`` where the header's rate is wrong.

    Raises PipelineError naming the codecs there are.
    """
    if text is None:
        return None
    codec, *numbers = text.split(":")
    if (codec and codec not in RAW_CODECS) or len(numbers) > 2 or not all(n.isdigit() for n in numbers):
        raise PipelineError(
            f"{text!r} declares no sound; for example mulaw:8000 or :16000; codecs: {', '.join(RAW_CODECS)}"
        )
    told = [int(number) for number in numbers]
    return Declared(
        codec=next((c for c in RAW_CODECS if c == codec), None),
        rate=told[0] if told else None,
        channels=told[1] if len(told) > 1 else 1,
    )


def read_hotwords(path: Path, team: str | None) -> tuple[str, ...]:
    """Custom vocabulary from a text file: a word or phrase a line, ``#`` comments; lines after a heading
    ``[team]`` count for that team only, lines before any heading for everybody."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"{path}: the vocabulary cannot be read ({error})") from error
    heading: str | None = None
    words: list[str] = []
    for line in (raw.split("#", 1)[0].strip() for raw in lines):
        if line.startswith("[") and line.endswith("]"):
            heading = line[1:-1].strip()
        elif line and (heading is None or heading == team):
            words.append(line)
    return tuple(dict.fromkeys(words))


def read_source(
    path: Path,
    *,
    language: str | None = None,
    roles: Sequence[str] | None = None,
    vocabulary: Path | None = None,
    declared: Declared | None = None,
    pattern: str | None = None,
    mapping: Path | None = None,
    listed: Mapping[str, str] | None = None,
) -> Source:
    """The source for one file with what its name, its sidecars and a manifest (``listed``) say; options win
    over them, and ``vocabulary`` over ``RAPPORT_VOCABULARY``.

    ``pattern`` tells what the file name means, ``mapping`` the columns of the telephony records.
    """
    from database.settings import settings
    from recordings.metadata import read_sidecars

    known = read_sidecars(path, pattern=pattern, mapping=mapping, listed=listed)
    vocabulary = vocabulary or settings().vocabulary
    words = read_hotwords(vocabulary, known.recording.get("team")) if vocabulary else ()
    return source_of(
        path,
        known=known.recording,
        language=None if language == "auto" and known.recording.get("language") else language,
        roles=roles or known.roles,
        hotwords=words,
        telephony=known.telephony,
        declared=declared,
    )
