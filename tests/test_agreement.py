"""Agreement statistics against values computed by hand or by other well-known programs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.agreement import (
    accuracy,
    alpha,
    bootstrap,
    class_figures,
    kappa,
    kappa_of_counts,
    macro_f1,
    wilson,
)


def test_kappa_by_hand() -> None:
    # 50 cases: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, expected 0.5, kappa 0.4
    one = ["y"] * 25 + ["n"] * 25
    other = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert kappa(one, other) == pytest.approx(0.4)


answers = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40)


@given(answers)
@settings(max_examples=60, deadline=None)
def test_kappa_equals_the_reference(pairs: list[tuple[str, str]]) -> None:
    from sklearn.metrics import cohen_kappa_score

    one, other = [p[0] for p in pairs], [p[1] for p in pairs]
    mine = kappa(one, other)
    if mine is None:
        assert set(one) == set(other)
        assert len(set(one)) == 1
    else:
        assert mine == pytest.approx(float(cohen_kappa_score(one, other)))


def test_kappa_is_unknown_where_chance_cannot_be_told() -> None:
    assert kappa(["y", "y"], ["y", "y"]) is None
    assert kappa([], []) is None
    with pytest.raises(ValueError, match="same cases"):
        kappa(["y"], [])


def test_alpha_by_hand() -> None:
    # Two raters, ten cases, no answer missing: a a a a a b b b b b / a a a a b b b b b a
    # disagreements 2 of 10: Do = 0.2; n = 20, 10 a and 10 b: De = 2*10*10 / (20*19) = 0.526316; alpha 0.62
    one, other = list("aaaaabbbbb"), list("aaaabbbbba")
    assert alpha([one, other]) == pytest.approx(1 - 0.2 / (200 / 380))


def test_alpha_of_four_raters_with_gaps() -> None:
    # Krippendorff's worked example (four observers, twelve units, nominal): 0.743
    rows = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    table = [[None if c == "." else c for c in row] for row in rows]
    assert alpha(table) == pytest.approx(0.743, abs=0.001)


def test_alpha_without_anything_to_compare() -> None:
    assert alpha([["a", None], [None, "b"]]) is None
    assert alpha([["a", "a"], ["a", "a"]]) is None
    with pytest.raises(ValueError, match="same length"):
        alpha([["a"], ["a", "b"]])


@given(answers)
@settings(max_examples=60, deadline=None)
def test_alpha_does_not_care_who_is_who(pairs: list[tuple[str, str]]) -> None:
    one, other = [p[0] for p in pairs], [p[1] for p in pairs]
    assert alpha([one, other]) == alpha([other, one])


def test_bootstrap_is_repeatable_and_holds_the_value() -> None:
    cases = [("y", "y")] * 30 + [("n", "n")] * 20 + [("y", "n")] * 6

    def figure(chosen: object) -> float | None:
        pairs = list(chosen)  # type: ignore[call-overload]
        return kappa([p[0] for p in pairs], [p[1] for p in pairs])

    first, second = bootstrap(cases, figure, repeats=200), bootstrap(cases, figure, repeats=200)
    assert first == second
    assert first.low is not None
    assert first.high is not None
    assert first.value is not None
    assert first.low < first.value < first.high
    assert first.n == 56


def test_bootstrap_says_nothing_of_one_case() -> None:
    assert bootstrap([1], lambda _: 1.0).low is None


def test_wilson_stays_inside_and_needs_cases() -> None:
    interval = wilson(10, 10)
    assert interval.high == 1.0
    assert interval.low == pytest.approx(0.722, abs=0.001)
    assert wilson(0, 0).value is None


def test_class_figures_and_macro_f1() -> None:
    gold, found = ["yes", "yes", "no", "na"], ["yes", "no", "no", "na"]
    yes = class_figures(gold, found, "yes")
    assert (yes.precision, yes.recall, yes.support) == (1.0, 0.5, 2)
    assert macro_f1(gold, found) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert accuracy(gold, found) == 0.75
    assert class_figures(gold, found, "review").f1 is None
    assert macro_f1([], []) is None


def test_kappa_of_counts_is_kappa_with_the_interval_of_its_cases() -> None:
    counts = {("yes", "yes"): 40, ("no", "no"): 30, ("yes", "no"): 9, ("no", "yes"): 4, ("na", "na"): 7}
    cases = [pair for pair, n in counts.items() for _ in range(n)]
    known = bootstrap(cases, lambda chosen: kappa([a for a, _ in chosen], [b for _, b in chosen]))
    found = kappa_of_counts(counts)
    assert found.value == pytest.approx(known.value)
    assert found.n == 90
    assert (found.low, found.high) == (
        pytest.approx(known.low, abs=0.03),
        pytest.approx(known.high, abs=0.03),
    )
    assert kappa_of_counts({("yes", "yes"): 50}).value is None
    assert kappa_of_counts({}) == kappa_of_counts({("yes", "no"): 0})
