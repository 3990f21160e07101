"""One conversation as the checks see it: acts by name, whose turn it is, agents, holds. Pure and computed
once."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from recordings import Act, Conversation, Event, EventKind, Role, Turn
from scorecards.acts.book import catalogue
from scorecards.holds import Hold, find_holds
from scorecards.overlaps import interruptions

KEEP_ABOVE = 0.1
ABSENT, ABSENT_BY_RULES = 0.06, 0.2
"""The probability that something was done although no act says so: a reading with a learned head overlooks
about one in sixteen, phrase rules alone one in five (measured on the tuning dialogues)."""
AGAINST_THE_AGENT = frozenset(
    {
        "announce_hold",
        "apologise_shifting",
        "blame",
        "callback_vague",
        "disclose_account",
        "dismiss",
        "dont_know",
        "jargon",
        "not_my_job",
        "pass_on",
        "refuse",
        "retention_offer",
        "rude",
        "sales_offer",
        "stock_empathy",
        "turn_away",
    }
)
"""Acts that a turn with doubtful text cannot do: invented words fail nobody."""


@lru_cache(maxsize=1)
def act_roles() -> dict[str, Role]:
    """Every act of the catalogue with the role that can do it."""
    return {name: info.role for name, info in catalogue().items()}


class Call:
    """What happened in one call.

    Acts count only on turns of the role that can do them, so a customer's words are never an agent's act.
    A turn whose speaker is in doubt (``role_confidence``) lowers the probability of its acts.
    """

    def __init__(self, conversation: Conversation, language: str) -> None:
        self.conversation = conversation
        self.turns = conversation.turns
        self.language = language
        self._acts: dict[str, list[Act]] = {}
        self._at: dict[tuple[str, int], list[Act]] = {}
        self._by_role: dict[Role, list[int]] = {}
        roles = act_roles()
        for act in conversation.acts or ():
            turn = self.turns[act.turn]
            role = roles.get(act.act)
            if role is None or turn.role != role or act.probability < KEEP_ABOVE:
                continue
            if turn.doubtful and (role == "customer" or act.act in AGAINST_THE_AGENT):
                continue
            weighed = _weighed(act, turn)
            self._acts.setdefault(act.act, []).append(weighed)
            self._at.setdefault((act.act, act.turn), []).append(weighed)
        for found in self._acts.values():
            found.sort(key=lambda a: (a.turn, -a.probability))

    def acts(self, names: Iterable[str], turns: Iterable[int] | None = None) -> list[Act]:
        """The acts of any of these names, in turn order, on the given turns or on all."""
        if turns is None:
            found = [a for name in names for a in self._acts.get(name, ())]
        else:
            wanted = tuple(dict.fromkeys(turns))
            found = [a for name in names for turn in wanted for a in self._at.get((name, turn), ())]
        return sorted(found, key=lambda a: (a.turn, a.act))

    def best(self, names: Iterable[str], turns: Iterable[int] | None = None) -> Act | None:
        """The surest of these acts, the earliest where several are as sure; None where there is none."""
        return max(self.acts(names, turns), key=lambda a: (a.probability, -a.turn), default=None)

    def p(self, names: Iterable[str], turns: Iterable[int] | None = None) -> float:
        """The probability of the surest of these acts; 0 where there is none."""
        best = self.best(names, turns)
        return best.probability if best is not None else 0.0

    @cached_property
    def one_channel(self) -> bool:
        """Whether everybody was recorded on one channel, so that a turn may be somebody else's."""
        return self.conversation.recording.channels == 1

    def events(self, kind: EventKind) -> tuple[Event, ...]:
        """The events of a kind; interruptions from turn times where nobody measured the audio."""
        if kind == "interruption" and not self._measured and self.has_times:
            return self.conversation.events_of(kind) or interruptions(self.turns)
        return self.conversation.events_of(kind)

    @cached_property
    def absent(self) -> float:
        """The probability that an act was done that nobody read; more where phrase rules read alone."""
        acts = self.conversation.acts or ()
        rules_alone = bool(acts) and all(a.source == "phrase" for a in acts)
        return ABSENT_BY_RULES if rules_alone else ABSENT

    @cached_property
    def is_read_by_network(self) -> bool:
        """Whether a learned head read the acts, perhaps with rules and people beside it, or found none."""
        acts = self.conversation.acts
        return acts is not None and (not acts or any(a.source == "head" for a in acts))

    @cached_property
    def _measured(self) -> bool:
        return any(e.source not in (None, "words") for e in self.conversation.events or ())

    @property
    def has_events(self) -> bool:
        """Whether anybody looked for events."""
        return self.conversation.events is not None

    @cached_property
    def has_times(self) -> bool:
        """Whether the turns carry times."""
        return any(t.start is not None and t.end is not None for t in self.turns)

    @cached_property
    def agent_turns(self) -> tuple[Turn, ...]:
        """The turns of all agents."""
        return tuple(t for t in self.turns if t.role == "agent")

    @cached_property
    def customer_turns(self) -> tuple[Turn, ...]:
        """The turns of all customers."""
        return tuple(t for t in self.turns if t.role == "customer")

    @cached_property
    def agents(self) -> tuple[tuple[Turn, ...], ...]:
        """The turns of each agent, in the order in which they take the call.

        A speaker label with a single turn that neither greets nor names anybody is a slip of the diarization,
        not another agent.
        """
        by_speaker: dict[str | None, list[Turn]] = {}
        for turn in self.agent_turns:
            by_speaker.setdefault(turn.speaker, []).append(turn)
        groups = [tuple(turns) for turns in by_speaker.values()]
        real = [g for g in groups if g is groups[0] or len(g) > 1 or self._introduces(g)]
        return tuple(real)

    def _introduces(self, turns: Sequence[Turn]) -> bool:
        return self.p(("greet", "give_name", "name_company"), [turns[0].index]) >= 0.5

    @cached_property
    def holds(self) -> tuple[Hold, ...]:
        """Every time the customer is put on hold."""
        return find_holds(self)

    def next_turns(self, index: int, role: Role, count: int) -> list[int]:
        """The next ``count`` turns of a role after a turn."""
        indices = self._indices(role)
        position = bisect_right(indices, index)
        return indices[position : position + count]

    def last_turns(self, index: int, role: Role, count: int) -> list[int]:
        """The last ``count`` turns of a role up to and with a turn, in order."""
        indices = self._indices(role)
        position = bisect_right(indices, index)
        return indices[max(0, position - count) : position]

    def _indices(self, role: Role) -> list[int]:
        if role not in self._by_role:
            self._by_role[role] = [t.index for t in self.turns if t.role == role]
        return self._by_role[role]


def _weighed(act: Act, turn: Turn) -> Act:
    sure = turn.role_confidence
    if sure is None or sure >= 0.8:
        return act
    return act.model_copy(update={"probability": round(act.probability * (0.2 + sure), 3)})
