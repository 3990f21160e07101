"""Scoring of one conversation from whatever it carries: reads the acts where they are missing, then judges.

With the model extras and weights the learned heads read along; without them the phrase rules read alone,
and the
assessment says so in ``made_by.notes``.
"""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from pipelines.starting import loading
from recordings import Conversation, Recipe
from scorecards.card import Card
from scorecards.engine import score
from scorecards.loading import load_card
from scorecards.results import Assessment

if TYPE_CHECKING:
    from database.cards import Finder

RULES_ALONE = "acts read by phrase rules alone: {why}"


@cache
def _reader(language: str) -> ModuleType:
    """The reading step with the networks of a language; raises ModelError and ImportError."""
    with loading():
        from models.acts.head import load_head
        from pipelines import read

        load_head(language, read.default_models_path(), None)  # by the same words as read_many asks for it
    return read


def code_version() -> str:
    """The version of this program."""
    try:
        return version("rapport")
    except PackageNotFoundError:
        return "0.0.0"


class Scoring:
    """Scores conversations by one card (in the conversation's language) and keeps the loaded reader.

    ``find`` finds cards; without it there are files and the ready ones. ``notes`` collects what people
    should know, each thing once.
    """

    def __init__(self, scorecard: str, *, learned: bool = True, find: "Finder | None" = None) -> None:
        self.scorecard = scorecard
        self.learned = learned
        self.find: Finder = find or load_card
        self.notes: list[str] = []
        self.find(scorecard, None)

    def card_for(self, conversation: Conversation) -> Card:
        """The card in the language of the conversation, where there is one; asked for at each call, so that
        a version published meanwhile judges the next one."""
        return self.find(self.scorecard, conversation.recording.language)

    def score_file(self, path: Path) -> Assessment:
        """Score a conversation file; raises RecordingError where it is none."""
        return self.score(Conversation.read(path))

    def score(self, conversation: Conversation) -> Assessment:
        """Score one conversation; roles and acts are worked out where they are missing."""
        card = self.card_for(conversation)
        conversation = self.with_roles(conversation, card.language)
        conversation = self.with_acts(conversation, card.language)
        return score(conversation, card, version=code_version())

    def with_roles(self, conversation: Conversation, language: str) -> Conversation:
        """The conversation with roles from its words, where turns lack one; roles that are known stay."""
        if all(turn.role is not None for turn in conversation.turns):
            return conversation
        try:
            from pipelines.roles import assign_roles
        except ImportError as error:
            return self._noted(conversation, f"roles unknown: {error}")
        turns = assign_roles(conversation.turns, language)
        return conversation.model_copy(update={"turns": turns})

    def with_acts(self, conversation: Conversation, language: str) -> Conversation:
        """The conversation with acts, where nobody has looked for them."""
        spoken = (conversation.recording.language or language).split("-")[0].lower()
        if conversation.acts is not None or not conversation.turns or spoken not in ("auto", language):
            return conversation
        why = None if self.learned else "asked for"
        if self.learned:
            from models.errors import ModelError

            try:
                read = _reader(language)
                found = read.read_acts(conversation, language=language)
                recipe = conversation.made_by or Recipe()
                heads = {**recipe.models, **read.Read(Path(), language).models}
                made_by = recipe.model_copy(update={"models": heads})
                return conversation.model_copy(update={"made_by": made_by}).with_acts(found)
            except (ImportError, ModelError) as error:
                why = str(error).splitlines()[0]
        from scorecards.acts.reader import read_phrases

        noted = self._noted(conversation, RULES_ALONE.format(why=why))
        return noted.with_acts(read_phrases(noted, language))

    def _noted(self, conversation: Conversation, note: str) -> Conversation:
        if note not in self.notes:
            self.notes.append(note)
        recipe = conversation.made_by or Recipe()
        return conversation.model_copy(
            update={"made_by": recipe.model_copy(update={"notes": (*recipe.notes, note)})}
        )
