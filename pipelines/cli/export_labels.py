"""``rapport export disputes`` and ``labels``: what people decided, as tests and labels for the scorer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.common import out, say

if TYPE_CHECKING:
    from database.decided import Reviewed
    from scorecards.cardtests import Reader

Folder = Annotated[Path, typer.Option("--out", help="the folder to write to")]
HEAD = "# What people decided here. It holds words of real calls: keep it in the house.\n"


def disputes(folder: Folder) -> None:
    """Every dispute that was accepted against the machine, as a test of its card.

    Writes ``<card>.<language>.tests.yaml``: the lines around the evidence and the verdict that stands. Run it
    with `rapport scorecard test CARD --tests FILE`.
    """
    from database.cards import find_card
    from database.decided import settled_disputes
    from database.engine import open_database, reading
    from database.settings import settings
    from scorecards.disputed import card_test
    from scorecards.errors import ScorecardError

    files: dict[str, list[dict[str, Any]]] = {}
    with reading(open_database(settings())) as session:
        for one in settled_disputes(session):
            wanted, criterion = one.assessment.scorecard, one.dispute.criterion_id
            try:
                card = find_card(session, wanted.id, wanted.language)
            except ScorecardError as error:
                say(f"dispute {one.dispute.id}: left out: {error}")
                continue
            turns = one.assessment.criterion(criterion).evidence
            test = card_test(
                one.conversation,
                card,
                criterion,
                one.answer,
                tuple(sorted({e.turn for e in turns if e.turn is not None})),
                f"dispute {one.dispute.id}, {criterion}",
                _by_rules(card.language),
            )
            files.setdefault(f"{card.id}.{card.language}", []).append(test)
    for name, tests in files.items():
        path = folder / f"{name}.tests.yaml"
        _write(path, {"tests": tests})
        out(f"{path}: {len(tests)} {'test' if len(tests) == 1 else 'tests'}")
    if not files:
        out("no accepted disputes against the machine yet")


def _by_rules(language: str) -> "Reader":
    from scorecards.acts.reader import read_phrases

    return lambda heard: heard.with_acts(read_phrases(heard, language))


def labels(folder: Folder) -> None:
    """Every call that people reviewed: its conversation and their verdicts as gold labels.

    `rapport evaluate DIR` then tells how well the scorer does on the calls of the house. Counts and labels
    go along where somebody put them right.
    """
    from database.decided import reviewed_calls
    from database.engine import open_database, reading
    from database.settings import settings

    count = 0
    with reading(open_database(settings())) as session:
        for one in reviewed_calls(session):
            name = f"call-{one.call.id:06}"
            gold = {c: _label(one, c, verdict) for c, verdict in one.verdicts.items() if _judged(one, c)}
            if not gold:
                continue
            # Without acts: what is measured is the reading as well as the judging.
            one.conversation.model_copy(update={"acts": None}).write(folder / f"{name}.conversation.json")
            document = {
                "id": name,
                "language": one.conversation.recording.language,
                "conversation": f"{name}.conversation.json",
                "gold": gold,
            }
            _write(folder / f"{name}.yaml", document)
            count += 1
    out(f"{folder}: {count} {'call' if count == 1 else 'calls'} with the verdicts of people")


def _judged(one: "Reviewed", criterion: str) -> bool:
    result = next((r for r in one.assessment.criteria if r.id == criterion), None)
    if result is None:
        return False
    return result.value is None or result.max_points is not None or criterion in one.values


def _label(one: "Reviewed", criterion: str, verdict: str) -> dict[str, Any]:
    result = one.assessment.criterion(criterion)
    changed = one.values.get(criterion)
    if changed is not None and changed != result.value:
        label: dict[str, Any] = {"value": changed}
    else:
        label = {"verdict": verdict}
    if "verdict" in label and verdict == result.verdict:
        label["evidence"] = sorted({e.turn for e in result.evidence if e.turn is not None})
    if criterion in one.reasons:
        label["why"] = one.reasons[criterion]
    return label


def _write(path: Path, document: dict[str, Any]) -> None:
    import yaml

    from recordings import write_atomically

    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)
    write_atomically(path, (HEAD + text).encode())
