"""The base of every document that Rapport writes: frozen, versioned, JSON both ways.

A document is forgiving when read (fields that a newer version added are ignored) and exact when
written (times and probabilities with three decimals, unknown values as ``null``).
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from recordings.errors import RecordingError


class Document(BaseModel):
    """A frozen value with a JSON form. Edits return copies: ``doc.model_copy(update={...})``."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    def to_dict(self) -> dict[str, Any]:
        """The document as plain JSON values, floats rounded to three decimals."""
        rounded: dict[str, Any] = _rounded(self.model_dump(mode="json"))
        return rounded

    def to_json(self) -> str:
        """The document as UTF-8 JSON text, one stable form for one value."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, *, where: str = "the document") -> Self:
        """Read a document; raises RecordingError that names the place, the field and what was expected."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise RecordingError(f"{where} is not valid: {_first_problems(error)}") from error

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Read a document from a file; raises RecordingError when it is missing or not valid."""
        path = Path(path)
        try:
            text = path.read_bytes()
        except OSError as error:
            raise RecordingError(f"{path}: cannot be read ({error.strerror or error})") from error
        return cls.from_json(text, where=str(path))

    def write(self, path: Path | str) -> Path:
        """Write the document so that no reader ever sees half of it; returns the path."""
        return write_atomically(Path(path), self.to_json().encode())


def write_atomically(path: Path, data: bytes) -> Path:
    """Write bytes under a temporary name beside the target, flush them to disk, then rename.

    Raises RecordingError when the folder or the disk refuses; nothing half-written stays.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise RecordingError(f"{path}: cannot be written ({error.strerror or error})") from error
    return path


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value


def _first_problems(error: ValidationError, limit: int = 3) -> str:
    problems = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'document'}: {problem['msg']}"
        for problem in error.errors(include_url=False)
    ]
    more = f" (and {len(problems) - limit} more)" if len(problems) > limit else ""
    return "; ".join(problems[:limit]) + more
