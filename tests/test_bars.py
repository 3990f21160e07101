"""Bars of a criterion fitted on some folds and judged on others."""

import numpy as np

from pipelines.bars import HALF, Cases, macro_f1


def cases(*rows: tuple[str, float, float, int], repeat: int = 5) -> Cases:
    """Calls of (fold, occasion, yes, truth), each several times."""
    some = [row for row in rows for _ in range(repeat)]
    return Cases(
        np.array([row[0] for row in some]),
        np.array([[1.0, 1.0, row[1], row[2]] for row in some]),
        np.array([row[3] for row in some]),
    )


def test_macro_f1_is_the_mean_over_the_verdicts_that_occur() -> None:
    truth, found = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])
    assert macro_f1(truth, found) == (2 / 3 + 1 / 2) / 2
    assert macro_f1(np.array([], dtype=np.int64), np.array([], dtype=np.int64)) == 0.0


def test_answers_follow_the_bars_as_the_engine_does() -> None:
    some = cases(("a", 0.6, 0.55, 0), ("a", 0.6, 0.45, 1), ("a", 0.4, 0.9, 2), repeat=1)
    assert list(some.verdicts(HALF)) == [0, 1, 2]
    assert list(some.verdicts((0.3, 0.4))) == [0, 0, 0]
    assert list(some.verdicts((0.7, 0.5))) == [2, 2, 2]


def test_a_bar_away_from_a_half_has_to_earn_it() -> None:
    right = cases(("a", 0.9, 0.9, 0), ("a", 0.9, 0.1, 1), ("a", 0.1, 0.5, 2))
    assert right.fitted(np.ones(len(right.truth), dtype=np.bool_)) == HALF
    late = cases(("a", 0.9, 0.9, 0), ("a", 0.9, 0.1, 1), ("a", 0.75, 0.5, 2))
    occasion, yes = late.fitted(np.ones(len(late.truth), dtype=np.bool_))
    assert (occasion, yes) == (0.8, 0.5)


def test_each_fold_is_judged_by_bars_of_the_others() -> None:
    """In one fold only a high bar is right, in the other a half: neither may profit from its own answers."""
    some = cases(
        ("a", 0.9, 0.9, 0), ("a", 0.9, 0.1, 1), ("a", 0.75, 0.5, 2),
        ("b", 0.9, 0.9, 0), ("b", 0.9, 0.1, 1), ("b", 0.1, 0.5, 2), ("b", 0.75, 0.9, 0),
    )  # fmt: skip
    found = some.unseen()
    own = some.fold == "a"
    assert list(found[own][-5:]) == [0] * 5  # by a half, as b likes it: its na is missed
    assert list(found[~own][-5:]) == [2] * 5  # by 0.8, as a likes it: its yes is missed
