"""Weighings fitted on labelled calls: what is learned, folds kept apart, the stored form."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipelines import verdicts
from pipelines.verdicts import Bearing, Cases, acts_bearing, as_text, fitted, told
from scorecards.acts.book import catalogue
from scorecards.loading import load_card
from scorecards.weighed import ANSWERS


def cases(fold: str, rule: str, count: int = 120) -> Cases:
    """Calls whose answer follows the logic's yes, or the act against it."""
    chance = np.random.default_rng(3)
    yes, act = chance.choice([-3.0, 3.0], (2, count))
    seen = np.stack(
        [np.ones(count), np.full(count, 3.0), np.full(count, 3.0), np.full(count, 3.0), yes, act], axis=1
    )
    truth = np.where((yes if rule == "logic" else act) > 0, 0, 1)
    return Cases(np.full(count, fold), seen, np.where(yes > 0, 0, 1), truth)


@pytest.mark.parametrize("rule", ["logic", "act"])
def test_the_numbers_follow_what_decided(rule: str) -> None:
    some = cases("a", rule)
    numbers = fitted(some.seen, some.truth)
    assert numbers.shape == (3, 6)
    assert ((some.seen @ numbers.T).argmax(1) == some.truth).all()
    leaning = numbers[0] - numbers[1]
    assert (abs(leaning[4]) > abs(leaning[5])) == (rule == "logic")


def test_an_answer_that_never_occurs_is_never_given() -> None:
    some = cases("a", "logic")
    assert (fitted(some.seen, some.truth)[2] @ np.array([1, 0, 0, 0, 0, 0])) < -1
    assert 2 not in (some.seen @ fitted(some.seen, some.truth).T).argmax(1)


def test_each_fold_is_answered_by_what_the_others_taught() -> None:
    """Two folds with opposite rules: each is answered by the other's, so wrong wherever the two differ."""
    one, two = cases("a", "logic"), cases("b", "act")
    both = Cases(
        *(np.concatenate([getattr(c, f) for c in (one, two)]) for f in ("fold", "seen", "alone", "truth"))
    )
    wrong = both.unseen() != both.truth
    differ = (one.seen[:, 4] > 0) != (one.seen[:, 5] > 0)
    assert (wrong == np.concatenate([differ, differ])).all()


def test_every_criterion_weighed_is_in_both_cards_and_its_acts_are_known() -> None:
    for name, bearing in acts_bearing().items():
        assert set(bearing.shows) <= set(bearing.acts) <= set(catalogue()), name
        assert len(set(bearing.acts)) == len(bearing.acts), name
        for language in ("en", "de"):
            assert load_card("customer-care", language).criterion(name).weighed_as == f"{name}.v5"


def test_the_stored_form_is_what_a_weighing_is_read_from() -> None:
    numbers = np.arange(18.0).reshape(3, 6)
    read = json.loads(as_text({"owned": told(numbers, Bearing(("find_out",), ("find_out",)))}))
    assert read["owned"]["acts"] == read["owned"]["shows"] == ["find_out"]
    assert [read["owned"][answer] for answer in ANSWERS] == numbers.tolist()


def test_a_published_version_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "FOLDER", tmp_path)
    (tmp_path / "v7.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit, match="published"):
        verdicts.main(["--write", "v7", "--work", str(tmp_path)])
    assert (tmp_path / "v7.json").read_text(encoding="utf-8") == "{}"
