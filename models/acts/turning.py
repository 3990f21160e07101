"""What follows from the acts of a turn together: whether it turns the customer away.

Seven acts can (a refusal, blame, …), some are excused by what else the same turn does, and none counts where
words are quoted. The network learns it as an act of its own, so that unusual words which are a little of
several are still found. What is labelled are the seven; this one is never written by hand.
"""

from collections.abc import Set as AbstractSet

TURN_AWAY = "turn_away"
EXCUSES = {
    "refuse": frozenset({"offer_alternative", "take_ownership", "ask_transfer", "goodwill"}),
    "dont_know": frozenset({"find_out"}),
    "blame": frozenset[str](),
    "not_my_job": frozenset[str](),
    "dismiss": frozenset[str](),
    "rude": frozenset[str](),
    "jargon": frozenset[str](),
}
"""The acts that turn a customer away, and which acts of the same turn excuse each."""
DISOWNED = "quote"


def turns_away(acts: AbstractSet[str]) -> bool:
    """Whether a turn that does all of these acts turns the customer away in its speaker's own words."""
    return DISOWNED not in acts and any(act in acts and not acts & EXCUSES[act] for act in EXCUSES)


def with_turn_away(acts: AbstractSet[str]) -> frozenset[str]:
    """The acts with or without ``turn_away``, as follows from the others."""
    others = frozenset(acts) - {TURN_AWAY}
    return others | {TURN_AWAY} if turns_away(others) else others
