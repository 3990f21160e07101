"""What makes two documents the same: their content and recipe, without the time they took to make."""

import hashlib
import json
from typing import Any

from recordings import Conversation
from scorecards import Assessment


def _digest(document: dict[str, Any], *also: object) -> str:
    made_by = {k: v for k, v in (document.get("made_by") or {}).items() if k != "seconds"}
    text = json.dumps([{**document, "made_by": made_by}, *also], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def conversation_recipe(conversation: Conversation) -> str:
    """A hash that changes with anything but the seconds spent and where the recording lies."""
    document = conversation.to_dict()
    document["recording"] = {k: v for k, v in document["recording"].items() if k not in ("id", "file_name")}
    return _digest(document)


def assessment_recipe(assessment: Assessment, conversation_number: int) -> str:
    """A hash that changes with the verdicts, the card, the recipe or the conversation judged."""
    document = {k: v for k, v in assessment.to_dict().items() if k != "recording"}
    return _digest(document, conversation_number)
