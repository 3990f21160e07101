"""Recordings: what was said, exactly. Audio decoding, the Conversation document and its formats."""

from recordings.conversation import (
    Act,
    Conversation,
    Event,
    EventKind,
    Recipe,
    Recording,
    Role,
    Turn,
    Word,
)
from recordings.documents import Document, write_atomically
from recordings.errors import RecordingError

__all__ = [
    "Act",
    "Conversation",
    "Document",
    "Event",
    "EventKind",
    "Recipe",
    "Recording",
    "RecordingError",
    "Role",
    "Turn",
    "Word",
    "write_atomically",
]
