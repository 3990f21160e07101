"""Leave to be put on hold: what gives it, what only sounds like it, what it tells of a garbled question."""

import pytest

from recordings import Act, Conversation, Event, Turn
from recordings.conversation import Word
from recordings.testing import agent, conversation, customer
from scorecards.call import Call
from scorecards.hold_leave import agrees, answered_within, gives_leave, leave_within
from scorecards.hold_steps import HoldSteps, hold_steps


@pytest.mark.parametrize(
    ("text", "leave"),
    [
        ("Yes, that's fine.", True),
        ("Sure, go ahead.", True),
        ("No, not at all.", True),
        ("Of course, thanks.", True),
        ("That's okay, no rush.", True),
        ("Ja, das ist in Ordnung.", True),
        ("ist den Ordnung", True),
        ("Natürlich, gerne.", True),
        ("Ja, machen Sie das ruhig.", True),
        ("Okay.", False),
        ("Yes.", False),
        ("Yes, I've got it here.", False),
        ("Of course it was late.", False),
        ("That's fine, but how long will it take you?", False),
        ("No, I'd rather you rang me back.", False),
        ("Ja, den habe ich noch hier.", False),
        ("Das geht so nicht.", False),
        ("Yes, that’s fine.", True),
        ("Das ist nicht in Ordnung.", False),
        ("Das ist niemals gut.", False),
        ("Natürlich nicht.", False),
        ("Sure, no.", False),
        ("Ist das in Ordnung?", False),
        ("That's not okay.", False),
        ("", False),
        ("sure " * 400, False),
    ],
)
def test_what_gives_leave(text: str, leave: bool) -> None:
    assert gives_leave(text) is leave


@pytest.mark.parametrize(
    ("text", "leave"),
    [
        ("May I put you on hold? Yes, that's fine.", True),
        ("Das ist die Verbinden. Ja, das ist in Ordnung.", True),
        ("Yes, that's fine.", False),
        ("That's fine. May I put you on hold?", False),
    ],
)
def test_leave_at_the_end_of_the_questions_own_turn(text: str, leave: bool) -> None:
    assert leave_within(text) is leave


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("Ja, gerne.", True),
        ("Yes please.", True),
        ("Klar, ich warte.", True),
        ("Okay, one moment.", False),
        ("Sure, I'll be right back.", False),
        ("Sure, bear with me.", False),
        ("Of course not.", False),
        ("Ja, ich schau mal nach.", False),
        ("Ja, einen Moment bitte.", False),
        ("Yes, is that the red one?", False),
        ("No, thanks.", False),
    ],
)
def test_what_says_yes_and_is_no_agents_word_before_a_hold(text: str, yes: bool) -> None:
    assert agrees(text) is yes


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("Darf ich Sie kurz parken? Ja, gerne.", True),
        ("Das ist die Verbinden. Ja, das ist in Ordnung.", True),
        ("Ich sehe nach. Ja, hier steht es.", False),
        ("Darf ich Sie kurz parken?", False),
        ("Ich lege Sie kurz in die Warteschleife. Ist das in Ordnung?", False),
    ],
)
def test_the_answer_within_the_questions_own_turn(text: str, answered: bool) -> None:
    assert answered_within(text) is answered


GARBLED = "Das ist die Führung von zwei Minuten in die Warte Schalke leden."
LEAVE = "Ja, das ist in Ordnung."


def on(channels: int, made: Conversation) -> Conversation:
    return made.model_copy(update={"recording": made.recording.model_copy(update={"channels": channels})})


def first(*turns: Turn, told: float = 0.2, acts: tuple[Act, ...] = (), channels: int = 1) -> HoldSteps:
    """The steps of a hold from 10 to 40 s; ``told``: how probably the first turn tells of it."""
    events = (Event(kind="hold", start=10.0, end=40.0, source="audio"),)
    read = (Act(turn=0, act="announce_hold", probability=told, source="head"), *acts)
    made = on(channels, conversation(*turns, events=events)).with_acts(read)
    return hold_steps(Call(made, "de"), "de")[0]


def said(text: str, start: float, **fields: object) -> Turn:
    return agent(text, start=start, end=start + 3, **fields)


def answered(text: str, start: float = 8.0, **fields: object) -> Turn:
    return customer(text, start=start, end=start + 1.5, **fields)


@pytest.mark.parametrize(
    ("turns", "told", "expected"),
    [
        pytest.param(
            (said(GARBLED, 4), answered(LEAVE)), 0.2, (True, "yes"), id="leave to something garbled"
        ),
        pytest.param((said(GARBLED, 4), answered("Okay.")), 0.2, (False, None), id="okay to it"),
        pytest.param((said(GARBLED, 4), answered(LEAVE)), 0.9, (False, None), id="told in so many words"),
        pytest.param((said(GARBLED, 4), said(LEAVE, 8)), 0.2, (True, "yes"), id="leave given to the agent"),
        pytest.param(
            (said(f"{GARBLED}?", 4), said("Ja.", 8)), 0.2, (True, "yes"), id="yes given to the agent"
        ),
        pytest.param((said(f"{GARBLED} {LEAVE}", 4),), 0.2, (True, "yes"), id="leave in the same turn"),
        pytest.param(
            (said(GARBLED, 4), said("Ja das", 8, doubtful=True), answered("ist in Ordnung.", 8.5)),
            0.2,
            (True, "yes"),
            id="a doubtful turn between",
        ),
    ],
)
def test_leave_tells_of_the_question(
    turns: tuple[Turn, ...], told: float, expected: tuple[bool, str | None]
) -> None:
    found = first(*turns, said("So, da bin ich wieder.", 41), told=told)
    assert (found.asked, found.answer) == expected


@pytest.mark.parametrize(
    ("turns", "channels"),
    [
        pytest.param((said(GARBLED, 4), said(LEAVE, 8)), 2, id="the channel tells who spoke"),
        pytest.param((said(f"{GARBLED} {LEAVE}", 4),), 2, id="in one turn of a channel"),
        pytest.param((said("Ich lege Sie in die Schleife. Ist das recht?", 4),), 1, id="nobody answered"),
        pytest.param((said("I've cancelled it for you. No problem.", 4),), 1, id="good manners"),
    ],
)
def test_what_the_agent_says_alone_is_no_answer(turns: tuple[Turn, ...], channels: int) -> None:
    back = said("So, da bin ich wieder.", 41)
    told = 0.2 if channels == 2 else 0.0
    assert first(*turns, back, told=told, channels=channels).answer is None


def test_leave_for_a_search_or_a_plain_statement_is_no_question() -> None:
    back = said("So, da bin ich wieder.", 41)
    search = Act(turn=0, act="announce_search", probability=0.95, source="head")
    assert not first(said("Ich schaue im System.", 4), answered(LEAVE), back, acts=(search,)).asked
    assert not first(said("Das schicken wir Ihnen zu.", 4), answered(LEAVE), back, told=0.0).asked


def test_what_was_asked_before_an_earlier_hold_is_used_up() -> None:
    holds = tuple(Event(kind="hold", start=s, end=e, source="audio") for s, e in ((10.0, 20.0), (30.0, 40.0)))
    turns = (said(GARBLED, 4), answered(LEAVE), said("Kein Problem.", 21), answered("Okay.", 25),
             said("So, da bin ich.", 41))  # fmt: skip
    asked = Act(turn=0, act="ask_hold", probability=0.95, source="head")
    made = on(1, conversation(*turns, events=holds)).with_acts((asked,))
    assert [one.asked for one in hold_steps(Call(made, "de"), "de")] == [True, False]


def test_a_doubtful_turn_that_asks_still_counts() -> None:
    asked = Act(turn=0, act="ask_hold", probability=0.95, source="head")
    turns = (said("Darf ich Sie kurz parken?", 4, doubtful=True), answered("Okay."))
    found = first(*turns, said("So, da bin ich wieder.", 41), told=0.0, acts=(asked,))
    assert (found.asked, found.answer) == (True, "yes")


def test_leave_for_something_else_is_none() -> None:
    asks = Act(turn=0, act="ask_identifier", probability=0.9, source="head")
    turns = (said("Darf ich Ihr Geburtsdatum notieren?", 4), answered(LEAVE))
    assert not first(*turns, said("So, da bin ich wieder.", 41), acts=(asks,)).asked


@pytest.mark.parametrize(
    ("back", "probability", "thanked"),
    [
        ("So, da bin ich wieder.", 0.7, False),
        ("So, da bin ich wieder. Noch eine Warteschleife.", 0.7, False),
        ("Hallo, bin wieder dran.", 0.7, False),
        ("So da bin ich wieder, danke.", 0.7, True),
        ("Schön, dass Sie gewartet haben.", 0.7, True),
        ("Merci fürs Dranbleiben.", 0.8, True),
        ("Right, cheers for hanging on.", 0.8, True),
        ("Wie erwartet, die Gedanken sind frei.", 0.7, False),
        ("So, da bin ich wieder.", 0.9, True),
    ],
)
def test_being_back_is_no_thanks(back: str, probability: float, thanked: bool) -> None:
    """The network half takes a return for thanks: then a word of thanks has to be there."""
    read = Act(turn=2, act="thank_waiting", probability=probability, source="head", text=back)
    assert first(said(GARBLED, 4), answered(LEAVE), said(back, 41), acts=(read,)).thanked is thanked


@pytest.mark.parametrize(("probability", "reason"), [(0.9, True), (0.3, False), (0.0, False)])
def test_words_the_recogniser_was_unsure_of_give_no_reason(probability: float, reason: bool) -> None:
    words = ["Moment,", "ich", "lager", "sie", "in", "die", "Schweizer", "Festung", "Wagen"]
    timed = tuple(Word(text=w, start=4.0, end=4.2, probability=probability) for w in words)
    turn = agent(" ".join(words), start=4.0, end=7.0, words=timed)
    assert first(turn, answered("Okay."), said("Da bin ich.", 41), told=0.9).reason is reason
