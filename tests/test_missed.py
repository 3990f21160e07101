"""What is shown where something was missed: words against it, where it belonged, the likeliest turn."""

import pytest

from recordings import Act, Conversation
from recordings.testing import agent, conversation, customer
from scorecards.call import Call
from scorecards.checks import Context
from scorecards.checks.acts import ActCheck
from scorecards.checks.base import Where
from scorecards.checks.response import ResponseCheck
from scorecards.checks.verification import VerificationCheck
from scorecards.findings import Finding


def call(*acts: tuple[int, str, float]) -> Conversation:
    turns = (
        agent("Hello."),
        customer("It broke."),
        agent("You'd have to ask them."),
        customer("Oh."),
        agent("Bye."),
    )
    return conversation(*turns).with_acts(
        Act(turn=t, act=a, probability=p, source="head") for t, a, p in acts
    )


def found(check: ActCheck | ResponseCheck | VerificationCheck, *acts: tuple[int, str, float]) -> Finding:
    return check.run(Context(Call(call(*acts), "en"), {}))


def against(finding: Finding) -> list[int | None]:
    return [one.turn for one in finding.failing]


OWNED = ActCheck(any_of=("take_ownership",), against=("pass_on", "refuse"))


def test_words_against_it_show_where_it_was_missed() -> None:
    finding = found(OWNED, (2, "pass_on", 0.7))
    assert against(finding) == [2]
    assert finding.failing[0].why.startswith("instead: ")


def test_the_two_surest_turns_are_shown_in_order_and_hardly_heard_ones_are_not() -> None:
    acts = ((0, "refuse", 0.5), (2, "pass_on", 0.4), (4, "pass_on", 0.9), (4, "refuse", 0.3))
    assert against(found(OWNED, *acts)) == [0, 4]
    assert against(found(OWNED, (2, "pass_on", 0.2))) == []
    assert against(found(OWNED.model_copy(update={"against": ()}), (2, "pass_on", 0.9))) == []


@pytest.mark.parametrize(
    ("where", "acts", "shown"),
    [
        (Where(last=2), (), [4]),
        (Where(last=2), ((4, "goodbye", 0.9),), []),
        (Where(first=2), (), []),
        (None, (), []),
    ],
)
def test_what_belonged_at_the_end_was_missed_in_the_last_turn(
    where: Where | None, acts: tuple[tuple[int, str, float], ...], shown: list[int]
) -> None:
    assert against(found(ActCheck(any_of=("goodbye",), where=where), *acts)) == shown


def test_of_occasions_none_of_which_is_clear_the_likeliest_is_shown() -> None:
    check = ResponseCheck(to=("refuse",), by=("offer_alternative",))
    assert against(found(check, (2, "refuse", 0.4), (4, "refuse", 0.3))) == [2]
    assert against(found(check, (2, "refuse", 0.4), (4, "refuse", 0.8))) == [4]
    assert against(found(check, (2, "refuse", 0.8), (4, "offer_alternative", 0.9))) == []


def test_the_likeliest_disclosure_is_shown_where_none_is_clear() -> None:
    check = VerificationCheck()
    assert against(found(check, (2, "disclose_account", 0.6), (4, "disclose_account", 0.9))) == [2, 4]
    half_heard = found(check, (2, "disclose_account", 0.5))
    assert (half_heard.p >= 0.5, against(half_heard)) == (True, [2])
