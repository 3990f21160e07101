"""The step that tells agent, customer and machine apart: by what they say, whoever speaks first.

Every speaker gets evidence from phrases and from learned words; all assignments of roles to speakers are
weighed together (a call has one customer and one agent far more often than not), and the confidence is the
share of an answer among all of them. What the telephony or a person told goes before content. Pure: no audio,
no models.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import exp
from typing import Any, ClassVar, get_args

from pipelines import role_words
from pipelines.role_evidence import Evidence, evidence, introduced, personal, plain_text, transfers
from pipelines.steps import Hook, PipelineError, Source
from pipelines.values import Transcript, Turns
from recordings import Role, Turn

ROLES: tuple[Role, ...] = get_args(Role)
LANGUAGES = ("en", "de")
MOST_SPEAKERS = 4
SUREST = 0.99
TOLD = 1.0
SAME_SIDE = 6.0
"""Evidence against a cast whose every change of speaker is between two of one side."""
MACHINE_TURN = 3.0
"""Evidence from which a single turn of a person's channel is a machine's."""


@dataclass(frozen=True)
class AssignRoles:
    """Needs ``turns``, ``transcript`` (its language) and ``source``; makes ``roles``."""

    name: ClassVar[str] = "roles"
    version: ClassVar[int] = 3
    needs: ClassVar[tuple[str, ...]] = ("turns", "transcript", "source")
    makes: ClassVar[tuple[str, ...]] = ("roles",)

    def options(self) -> Mapping[str, Any]:
        """Nothing to choose, phrases belong to the version; what the learned words are."""
        return {"words": role_words.identities()}

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        """The turns with their roles."""
        hook(self.name, 0.0, 1.0)
        turns: Turns = values["turns"]
        transcript: Transcript = values["transcript"]
        source: Source = values["source"]
        return {"roles": Turns(turns=assign_roles(turns.turns, transcript.language, source.roles))}


def assign_roles(
    turns: Sequence[Turn],
    language: str | None,
    told: Sequence[str] | None = None,
    *,
    words: Callable[[str], role_words.Weights] = role_words.load,
) -> tuple[Turn, ...]:
    """The turns with role and confidence.

    ``language`` is en, de, or None for both; ``told`` names the role of each channel, ``words`` gives the
    weights of a language's words. Turns that carry a role keep it, and it speaks for their speaker's other
    turns. A machine's announcement on a person's channel and a second agent after a transfer get speakers of
    their own. Raises PipelineError for a role that there is not.
    """
    if told is not None and any(role not in ROLES for role in told):
        raise PipelineError(f"roles {', '.join(told)}: every one must be one of {', '.join(ROLES)}")
    if not turns:
        return ()
    languages = (language,) if language in LANGUAGES else LANGUAGES
    texts = [plain_text(turn.text) for turn in turns]
    keys, known_speakers = _speakers(turns)
    machine = _machine_turns(turns, texts, languages)
    fixed = _fixed(turns, keys, told)
    weights = [words(one) for one in languages]
    judged = _judge(turns, keys, texts, machine, languages, fixed, weights)
    made: list[Turn] = []
    for index, (turn, key) in enumerate(zip(turns, keys, strict=True)):
        role, confidence = judged[key]
        if turn.role is not None:
            role, confidence = turn.role, turn.role_confidence if turn.role_confidence is not None else TOLD
        elif machine[index] and role != "ivr":
            role, confidence = "ivr", min(SUREST, _squash(machine[index]))
        if not known_speakers and turn.role is None:
            confidence = min(confidence, 0.6)
        made.append(turn.model_copy(update={"role": role, "role_confidence": round(confidence, 3)}))
    return _name_newcomers(made, texts, languages)


def _speakers(turns: Sequence[Turn]) -> tuple[list[str], bool]:
    """A key for the speaker of each turn, and whether the turns say who speaks at all."""
    if any(turn.speaker is not None or turn.channel is not None for turn in turns):
        return [
            turn.speaker if turn.speaker is not None else f"channel {turn.channel}" for turn in turns
        ], True
    if any(turn.role is not None for turn in turns):
        return [turn.role or "unknown" for turn in turns], True
    return [f"turn {index % 2}" for index in range(len(turns))], False  # people alternate


def _machine_turns(turns: Sequence[Turn], texts: Sequence[str], languages: Sequence[str]) -> list[float]:
    """How sure a turn is an announcement, 0 where it is none: machine's phrases outweigh a person's."""
    found: list[float] = []
    for turn, text in zip(turns, texts, strict=True):
        one = evidence([text], languages)
        sure = one.machine - (2.5 if personal(text, languages) else 0.0) - 0.5 * one.customer
        found.append(sure if sure >= MACHINE_TURN and not turn.doubtful else 0.0)
    return found


def _fixed(turns: Sequence[Turn], keys: Sequence[str], told: Sequence[str] | None) -> dict[str, Role]:
    """Roles that are known beforehand, by speaker."""
    fixed: dict[str, Role] = {}
    for turn, key in zip(turns, keys, strict=True):
        if turn.role is not None:
            fixed.setdefault(key, turn.role)
        elif told is not None and turn.channel is not None and turn.channel < len(told):
            fixed[key] = next(role for role in ROLES if role == told[turn.channel])
    return fixed


def _judge(
    turns: Sequence[Turn],
    keys: Sequence[str],
    texts: Sequence[str],
    machine: Sequence[float],
    languages: Sequence[str],
    fixed: Mapping[str, Role],
    weights: Sequence[role_words.Weights],
) -> dict[str, tuple[Role, float]]:
    """The most likely role of each speaker with its share among all assignments."""
    said: dict[str, list[str]] = {}
    announced: dict[str, float] = {}
    for turn, key, text, sure in zip(turns, keys, texts, machine, strict=True):
        said.setdefault(key, [])
        announced.setdefault(key, 0.0)
        if sure:
            announced[key] = max(announced[key], sure)
        elif not turn.doubtful:
            said[key].append(text)
    size = {key: sum(len(text.split()) for text in many) for key, many in said.items()}
    ranked = sorted(said, key=lambda key: (key not in fixed, -size[key], list(said).index(key)))
    main, rest = ranked[:MOST_SPEAKERS], ranked[MOST_SPEAKERS:]
    found = {key: evidence(said[key], languages) + _by_manner(turns, keys, key) for key in main}
    words = {key: role_words.told(said[key], weights) for key in main}
    after_transfer = _after_transfer(keys, texts, languages)
    spoken = [k for t, k, m in zip(turns, keys, machine, strict=True) if not t.doubtful and not m] or keys
    changes = _changes(spoken)
    when = {k: (spoken.index(k), len(spoken) - 1 - spoken[::-1].index(k)) for k in main if k in spoken}
    choices = [[fixed[key]] if key in fixed else list(ROLES) for key in main]
    scores: dict[tuple[Role, ...], float] = {}
    for roles in product(*choices):
        score = _prior(roles, main, after_transfer, when)
        score -= SAME_SIDE * _same_side(roles, main, changes, after_transfer)
        for key, role in zip(main, roles, strict=True):
            score += _likelihood(role, found[key], words[key], size[key], announced[key])
        scores[roles] = score
    top = max(scores.values())
    shares = {roles: exp(score - top) for roles, score in scores.items()}
    total = sum(shares.values())
    best = max(shares, key=lambda roles: shares[roles])
    judged: dict[str, tuple[Role, float]] = {}
    for place, key in enumerate(main):
        share = sum(part for roles, part in shares.items() if roles[place] == best[place]) / total
        judged[key] = (best[place], TOLD if key in fixed else min(SUREST, share))
    for key in rest:
        judged[key] = (fixed.get(key, "other"), TOLD if key in fixed else 0.5)
    return judged


def _likelihood(role: Role, found: Evidence, words: float, size: int, announced: float) -> float:
    """How well a role fits what a speaker says; log, up to a constant."""
    lean = (max(-8.0, min(8.0, found.agent - found.customer)) + words) / 2
    if role == "agent":
        return lean
    if role == "customer":
        return -lean - min(announced, 3.0) / 3
    if role == "ivr":
        human = 0.5 * (found.agent + found.customer) + max(0.0, found.agent - 2.0)
        return found.machine + announced - 4.0 - human - 0.02 * size
    return -4.0 - 0.03 * size - 0.3 * abs(lean)


def _prior(
    roles: Sequence[Role],
    keys: Sequence[str],
    after_transfer: set[str],
    when: Mapping[str, tuple[int, int]],
) -> float:
    """How usual a cast is; log, up to a constant. ``when`` tells each speaker's first and last turn."""
    agents = [key for key, role in zip(keys, roles, strict=True) if role == "agent"]
    customers = roles.count("customer")
    score = {0: -2.0, 1: 0.0}.get(customers, -2.5 * (customers - 1))
    if not agents:
        score -= 2.0
    for number, extra in enumerate(agents[1:], 1):
        if extra in after_transfer or agents[0] in after_transfer:
            score -= 0.5
        else:  # one who takes over is likelier than two who take turns
            score -= 1.5 if all(_apart(extra, one, when) for one in agents[:number]) else 3.0
    return score - 2.0 * max(0, roles.count("ivr") - 1)


def _apart(one: str, other: str, when: Mapping[str, tuple[int, int]]) -> bool:
    """Whether one of two speakers is heard no more when the other begins."""
    if one not in when or other not in when:
        return False
    (first, last), (begun, ended) = when[one], when[other]
    return last < begun or ended < first


def _changes(keys: Sequence[str]) -> dict[tuple[str, str], float]:
    """The share of a call's changes of speaker that are between two speakers, by their keys in order."""
    pairs = Counter((min(a, b), max(a, b)) for a, b in pairwise(keys) if a != b)
    return {pair: count / pairs.total() for pair, count in pairs.items()}


def _same_side(
    roles: Sequence[Role],
    keys: Sequence[str],
    changes: Mapping[tuple[str, str], float],
    after_transfer: set[str],
) -> float:
    """The share of changes of speaker between two agents or two customers: people of one side hardly talk to
    each other, so who answers the customer after the agent has left is an agent. Agents who confer while one
    hands over to the other are left out."""
    cast = dict(zip(keys, roles, strict=True))
    found = 0.0
    for (a, b), share in changes.items():
        role = cast.get(a)
        if role == cast.get(b) and (role == "customer" or (role == "agent" and not {a, b} & after_transfer)):
            found += share
    return found


def _after_transfer(keys: Sequence[str], texts: Sequence[str], languages: Sequence[str]) -> set[str]:
    """The speakers first heard after somebody announced a transfer."""
    before: set[str] = set()
    for key, text in zip(keys, texts, strict=True):
        before.add(key)
        if transfers(text, languages):
            return set(keys) - before
    return set()


def _by_manner(turns: Sequence[Turn], keys: Sequence[str], key: str) -> Evidence:
    """Weak evidence beside phrases: agents ask more of a call's questions than their share of turns."""
    asked = [k for turn, k in zip(turns, keys, strict=True) if "?" in turn.text and not turn.doubtful]
    if len(asked) < 3:
        return Evidence()
    share = asked.count(key) / len(asked)
    return Evidence(agent=max(0.0, share - 0.5) * 2.0)


def _squash(sure: float) -> float:
    return 1 / (1 + exp(-sure / 2))


def _name_newcomers(turns: list[Turn], texts: Sequence[str], languages: Sequence[str]) -> tuple[Turn, ...]:
    """Speakers of their own for a machine on a person's channel, and for a second agent who takes over on
    the first one's channel: somebody announced a transfer, then another name introduces itself."""
    taken = {turn.speaker for turn in turns if turn.speaker is not None}
    main_role: dict[str, Role | None] = {}
    for speaker in taken:
        roles = [turn.role for turn in turns if turn.speaker == speaker]
        main_role[speaker] = next((role for role in roles if role != "ivr"), "ivr")
    names: dict[tuple[str, str], str] = {}
    current: dict[str, str] = {}
    generation: dict[str, int] = {}
    announced = False

    def fresh(speaker: str, what: str) -> str:
        if (speaker, what) not in names:
            number = next(n for n in range(len(taken) + 1) if f"S{n}" not in taken)
            names[speaker, what] = f"S{number}"
            taken.add(f"S{number}")
        return names[speaker, what]

    made: list[Turn] = []
    for turn, text in zip(turns, texts, strict=True):
        if turn.speaker is None:
            made.append(turn)
            continue
        speaker = turn.speaker
        if turn.role == "ivr" and main_role[speaker] != "ivr":
            made.append(turn.model_copy(update={"speaker": fresh(speaker, "machine")}))
            continue
        if turn.role == "agent" and not turn.doubtful:
            name = introduced(text, languages)
            if name is not None and announced and current.get(speaker, name) != name:
                generation[speaker] = generation.get(speaker, 0) + 1
                announced = False
            if name is not None:
                current[speaker] = name
            announced = announced or transfers(text, languages)
        if turn.role == "agent" and generation.get(speaker):
            newcomer = fresh(speaker, f"agent {generation[speaker]}")
            made.append(turn.model_copy(update={"speaker": newcomer}))
        else:
            made.append(turn)
    return tuple(made)
