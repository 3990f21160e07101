"""Reading acts by phrase rules alone: precise, readable, and at hand where no model is."""

from collections.abc import Iterable

from recordings import Act, Conversation
from scorecards.acts.book import phrase_book

FLOOR = 0.1
"""Acts less likely than this are not worth telling."""
PUT_RIGHT = (
    ("dont_know", "find_out"),
    ("callback_vague", "callback_specific"),
    ("announce_hold", "ask_hold"),
    ("announce_transfer", "ask_transfer"),
)
"""(act, act of the same turn that takes its place): "I don't know, but I'll find out" is no "I don't know";
a hold that is asked for is not merely announced."""


def read_phrases(conversation: Conversation, language: str) -> tuple[Act, ...]:
    """The acts that the phrase rules of a language find, one per turn and act, in the order of the turns.

    Turns marked doubtful do nothing. Raises ScorecardError for a language without rules.
    """
    return settle(phrase_hits(conversation, language))


def phrase_hits(conversation: Conversation, language: str) -> list[Act]:
    """All hits of the phrase rules as they are, the surest per turn and act."""
    best: dict[tuple[int, str], Act] = {}
    for found in phrase_book(language).find_in(conversation):
        if found.turn.doubtful:
            continue
        act = found.as_act()
        key = (act.turn, act.act)
        if key not in best or act.probability > best[key].probability:
            best[key] = act
    return sorted(best.values(), key=lambda a: (a.turn, a.act))


def settle(acts: Iterable[Act]) -> tuple[Act, ...]:
    """Lower what the same turn takes back: where an act of PUT_RIGHT that is stronger stands beside it."""
    by_key = {(act.turn, act.act): act for act in acts}
    for weak, strong in PUT_RIGHT:
        for turn in [turn for turn, name in by_key if name == weak]:
            taker = by_key[turn, strong].probability if (turn, strong) in by_key else 0.0
            act = by_key[turn, weak]
            if taker >= 0.5:
                by_key[turn, weak] = act.model_copy(
                    update={"probability": round(act.probability * (1 - taker), 3)}
                )
    kept = [act for act in by_key.values() if act.probability >= FLOOR]
    return tuple(sorted(kept, key=lambda a: (a.turn, a.act)))
