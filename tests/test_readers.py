"""How far the gold set's further readers agree, and what happens to a file that is none of theirs."""

from pathlib import Path

import pytest

from pipelines.readers import agreement, by_turn, main, read_labels, read_reader
from scorecards.errors import ScorecardError
from scorecards.gold import Label, conversation_of, read_gold

GOLD, READERS = Path("tests/gold"), Path("tests/gold_readers")
NAMES = [path.stem for path in sorted(READERS.glob("*.yaml"))]


def _turns(path: Path) -> int:
    gold = read_gold(path)
    assert gold is not None
    conversation = conversation_of(gold, path)
    assert conversation is not None
    return len(conversation.turns)


def labels(*turns: int, verdict: str = "yes") -> dict[str, Label]:
    return {"forbidden_phrase_used": Label(verdict=verdict, evidence=turns)}


def test_turns_that_both_find_that_one_misses_and_that_one_finds_beside() -> None:
    told = {"a": labels(2, 4), "b": labels(verdict="no"), "c": labels(1)}
    read = {"a": labels(2, 6), "b": labels(3), "c": labels(1, verdict="no")}
    assert by_turn(told, read) == (1, 2, 2)


def test_agreement_is_over_calls_that_both_labelled() -> None:
    one = {name: {"x": Label(verdict=v)} for name, v in zip("abcd", ("yes", "no", "yes", "no"), strict=True)}
    other = {name: {"x": Label(verdict=v)} for name, v in zip("abc", ("yes", "no", "no"), strict=True)}
    n, kappa = agreement("x", one, {**other, "d": {}})
    assert n == 3
    assert kappa == pytest.approx(0.4)  # 2 of 3 alike, by chance (2 · 1 + 1 · 2) / 9
    assert agreement("x", one, {}) == (0, None)


@pytest.mark.parametrize("name", NAMES)
def test_every_reader_read_every_held_out_call_and_names_turns_of_it(name: str) -> None:
    reader = read_reader(READERS / f"{name}.yaml")
    parts = read_labels(GOLD)
    held_out = {**parts["heldout"], **parts["heldout-2"]}
    turns = {path.stem: _turns(path) for path in GOLD.glob("heldout*/*.yaml")}
    assert set(reader) == set(held_out)
    for call, told in held_out.items():
        verdicts = {criterion for criterion, label in told.items() if label.verdict is not None}
        assert verdicts <= set(reader[call]), call
        assert all(turn < turns[call] for label in reader[call].values() for turn in label.evidence), call


def test_the_command_prints_each_part_that_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--gold", str(GOLD), "--readers", str(READERS)])
    printed = capsys.readouterr().out
    assert "heldout: 30 calls" in printed
    assert "heldout-2: 50 calls" in printed
    assert "tuning" not in printed
    assert printed.count("forbidden phrases by turn") == 2 * len(NAMES)


def test_a_file_that_is_no_readers_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("- just\n- a list\n")
    with pytest.raises(ScorecardError, match=r"odd\.yaml: not a reader's labels"):
        read_reader(tmp_path / "odd.yaml")


def test_no_readers_is_an_error_that_says_what_is_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--readers", str(tmp_path)])
    assert "<name>.yaml" in capsys.readouterr().err
