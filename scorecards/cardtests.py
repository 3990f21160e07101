"""A card's own tests: short dialogues beside the card with the answers that it must give.

    # hold-etiquette.en.tests.yaml
    tests:
      - name: asked, reason and time
        dialogue:
          - agent: "Would you mind holding for two minutes while I check?"
          - customer: "Sure."
          - hold: {seconds: 20, music: true}
          - agent: "Thank you for holding."
        acts: {0: [ask_hold, hold_time, hold_reason], 1: [consent], 2: [thank_waiting]}
        expect:
          hold_permission_asked: {verdict: "yes", evidence: [0]}
          hold_count: 1

With ``acts`` the test is of the card's logic alone; without, the words are read first (phrase rules).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from recordings import Act, Conversation
from recordings.dialogue import parse_dialogue
from scorecards.call import act_roles
from scorecards.card import Card
from scorecards.engine import score
from scorecards.errors import ScorecardError
from scorecards.gold import Label
from scorecards.yaml_text import read_yaml

Reader = Callable[[Conversation], Conversation]


class CardTest(BaseModel):
    """One dialogue and what the card must say of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    dialogue: tuple[dict[str, Any], ...] = Field(min_length=1)
    times: bool = True
    acts: dict[int, tuple[str, ...]] | None = None
    expect: dict[str, Label] = Field(min_length=1)
    score: float | None = None
    passed: bool | None = None

    @field_validator("expect", mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {k: v if isinstance(v, dict) else _label(v) for k, v in value.items()}


def _label(value: Any) -> dict[str, Any]:
    if isinstance(value, str) and value in ("yes", "no", "na", "review", "unscored"):
        return {"verdict": value}
    return {"value": value}


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """One test with what went wrong; no problems means passed."""

    __test__ = False

    name: str
    problems: tuple[str, ...]


def file_of_tests(card_file: Path) -> Path:
    """Where a card's tests lie."""
    return card_file.with_name(f"{card_file.stem}.tests.yaml")


def read_tests(path: Path) -> tuple[CardTest, ...]:
    """The tests of a file; raises ScorecardError with file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScorecardError(f"{path}: cannot be read ({error.strerror or error})") from error
    return tests_from_text(text, str(path))


def tests_from_text(text: str, where: str) -> tuple[CardTest, ...]:
    """The tests of a YAML text; raises ScorecardError with place and line."""
    located = read_yaml(text, where)
    value = located.value
    if not isinstance(value, dict) or set(value) != {"tests"} or not isinstance(value["tests"], list):
        raise ScorecardError(f"{where}: a test file has one key, tests, with a list")
    found: list[CardTest] = []
    for number, item in enumerate(value["tests"]):
        try:
            found.append(CardTest.model_validate(item))
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            place = ("tests", number, *problem["loc"])
            told = f"{'.'.join(map(str, place))}: {problem['msg']}"
            raise ScorecardError(f"{where}:{located.line(place)}: {told}") from error
    return tuple(found)


def run_tests(card: Card, tests: tuple[CardTest, ...], read: Reader) -> tuple[TestOutcome, ...]:
    """Run a card's tests; ``read`` adds acts to a conversation that has none."""
    return tuple(TestOutcome(test.name, tuple(_problems(card, test, read))) for test in tests)


def conversation_of(test: CardTest, language: str) -> Conversation:
    """The test's dialogue as a conversation, with its acts where it names them."""
    conversation = parse_dialogue(test.dialogue, name=test.name, language=language, times=test.times)
    if test.acts is None:
        return conversation
    roles = act_roles()
    acts: list[Act] = []
    for turn, names in test.acts.items():
        for name in names:
            if name not in roles or not 0 <= turn < len(conversation.turns):
                raise ScorecardError(f"test {test.name!r}: act {name!r} on turn {turn} does not exist")
            text = conversation.turns[turn].text
            acts.append(Act(turn=turn, act=name, probability=0.95, source="person", text=text))
    return conversation.with_acts(acts)


def _problems(card: Card, test: CardTest, read: Reader) -> list[str]:
    conversation = conversation_of(test, card.language)
    if conversation.acts is None:
        conversation = read(conversation)
    assessment = score(conversation, card)
    results = {r.id: r for r in assessment.criteria}
    problems: list[str] = []
    for name, wanted in test.expect.items():
        result = results.get(name)
        if result is None:
            problems.append(f"{name}: no such criterion")
            continue
        if wanted.verdict is not None and wanted.verdict != result.verdict:
            problems.append(
                f"{name}: {result.verdict}, expected {wanted.verdict} ({result.reason or 'no reason'})"
            )
        if wanted.value is not None and wanted.value != result.value:
            problems.append(f"{name}: value {result.value}, expected {wanted.value}")
        turns = {e.turn for e in result.evidence}
        missing = [t for t in wanted.evidence if t not in turns]
        if missing and wanted.verdict == result.verdict:
            named = sorted(t for t in turns if t is not None)
            problems.append(f"{name}: evidence lacks turn {missing[0]}; it names {named}")
    if test.score is not None and assessment.score != test.score:
        problems.append(f"score {assessment.score}, expected {test.score}")
    if test.passed is not None and assessment.passed != test.passed:
        problems.append(f"passed {assessment.passed}, expected {test.passed}")
    return problems
