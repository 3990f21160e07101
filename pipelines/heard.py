"""Gold calls heard through the real recogniser, their evidence told in the turns of what was really said."""

from functools import lru_cache
from pathlib import Path

from pipelines.process import Processor
from recordings import Conversation
from scorecards.results import Assessment, Evidence


@lru_cache(maxsize=1)
def _processor() -> Processor:
    from database.settings import settings
    from pipelines.process import processor

    return processor(settings(), store=False)


def heard(audio: Path, language: str | None) -> Conversation:
    """A recording through the whole pipeline; models load once for all recordings."""
    from pipelines.sources import source_of

    return _processor().process(source_of(audio, language=language)).conversation


def in_true_turns(assessment: Assessment, made: Conversation, true: Conversation) -> Assessment:
    """The assessment with each piece of evidence in the true turn that it shares most time with.

    Evidence whose times are not known keeps no turn: it can be right nowhere.
    """

    def moved(evidence: Evidence) -> Evidence:
        if evidence.turn is None:
            return evidence
        turn = made.turns[evidence.turn]
        best, most = None, 0.0
        for other in true.turns:
            if None in (turn.start, turn.end, other.start, other.end):
                continue
            shared = min(turn.end or 0.0, other.end or 0.0) - max(turn.start or 0.0, other.start or 0.0)
            if shared > most:
                best, most = other.index, shared
        return evidence.model_copy(update={"turn": best})

    criteria = tuple(
        result.model_copy(update={"evidence": tuple(moved(e) for e in result.evidence)})
        for result in assessment.criteria
    )
    return assessment.model_copy(update={"criteria": criteria})
