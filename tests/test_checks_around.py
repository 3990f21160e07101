"""What stands around an act decides: questions before holds, spelled identifiers, bare announcements."""

import pytest

from recordings import Act, Event
from recordings.testing import agent, conversation, customer
from scorecards.call import Call
from scorecards.checks.base import Context, likelier
from scorecards.checks.counting import CountCheck
from scorecards.checks.hold_chain import time_named
from scorecards.checks.openings import announces_itself, could_name
from scorecards.hold_reason import ENOUGH_WORDS, reason_named, told_beside
from scorecards.identifiers import given


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Finanzamt Nord, Mertens.", True),
        ("Zentralbibliothek, Ausleihe, Rüegg, grüezi.", True),
        ("Guten Tag, Müller.", False),
        ("Ja, Frau Meier, Moment.", False),
        ("Good morning, Sarah.", False),
        ("Hello, how can I help?", False),
        ("Talkline Nord, Rechnungsservice.", False),
        ("Blitzroller, Zugang, ja?", False),
        ("Mahnteam, Bogdan.", True),
    ],
)
def test_a_bare_announcement_names_company_and_person(text: str, expected: bool) -> None:
    assert announces_itself(text) is expected


@pytest.mark.parametrize(
    ("question", "answer", "least"),
    [
        ("Account number and postcode?", "Eight eight one oh two four. And it's BS five, seven QT.", 2),
        (
            "His number, and your date of birth?",
            "F P three three zero nine. I'm the sixth of the sixth, forty-four.",
            2,
        ),
        (
            "Telefonnummer und Postleitzahl bitte.",
            "Null acht vier eins, drei drei, und acht fünf null vier neun.",
            2,
        ),
        (
            "Plate and membership number?",
            "plate's a z k four four one seven member's double oh nine three six",
            2,
        ),
        ("Have you the policy number, and the Eircode?", "A M one seven seven three. And V94 TX21.", 2),
        ("Contract number and a code from the bill?", "V two two eight, code chestnut three.", 2),
        ("What's the number?", "T S oh nine F B double four seven one", 1),
        ("Registered mobile?", "Nine eight four five oh, double seven one two three.", 1),
        ("Your name, please?", "It's Maria Lopez.", 0),
        ("Account number and postcode?", "I don't have either of them.", 0),
    ],
)
def test_two_identifiers_in_one_breath(question: str, answer: str, least: int) -> None:
    found = given(answer, question)
    assert len(found) == least


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Can I put you back on for thirty seconds?", True),
        ("It takes me about half a minute.", True),
        ("Dürft ich Sie dafür eine Minute in die Leitung legen?", True),
        ("Just a minute.", False),
        ("Einen Moment bitte.", False),
        ("Two seconds, please.", False),
    ],
)
def test_a_time_that_is_meant(text: str, time: bool) -> None:
    assert bool(time_named(text)) is time


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Can I pop you on hold? I need to have a word with the warehouse.", True),
        ("Bear with me, I'm going to go and look in the store.", True),
        ("We're still waiting for the workshop.", True),
        ("Ich würde Sie kurz in die Schleife legen, ich muss das mit der Technik klären.", True),
        ("Bleiben Sie dran, ich schau im Lager.", True),
        ("Ich lege Sie kurz weg, um im Archiv nachzusehen.", True),
        ("Me again. The depot hasn't picked up yet, can I keep you another minute?", True),
        ("It's taking a little longer than I thought.", True),
        ("Da bin ich wieder, die Kollegin prüft das gerade, noch eine Minute?", True),
        ("Ich habe dort noch niemanden erreicht.", True),
        ("For that I need my colleague in claims, may I put you through?", True),
        ("She has access to your file, I'll connect you.", True),
        ("Dafür ist die Kasse zuständig, ich verbinde Sie.", True),
        ("Ich lege Sie kurz in die Leitung und frage im Lager.", True),
        ("While you wait, there will be music.", False),
        ("Hang on, I am just going to put you on hold.", False),
        ("Are you still holding?", False),
        ("I'm back. Are you still there?", False),
        ("Da bin ich wieder, sind Sie noch da?", False),
        ("Can I put you on hold for two minutes?", False),
        ("Hang on a second, please.", False),
        ("Darf ich Sie einen Moment in die Warteschleife legen?", False),
        ("Ich frage Sie gleich noch etwas.", False),
    ],
)
def test_a_reason_to_wait(text: str, reason: bool) -> None:
    assert bool(reason_named(text)) is reason


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("The stock list opens on another screen, would you wait a minute?", "en", True),
        ("Das liegt alles im Archiv unten, bleiben Sie kurz dran?", "de", True),
        ("Could I please keep you on the line for a minute or two, Mrs Gray?", "en", False),
        ("Thanks for holding. Another half a minute, is that all right?", "en", False),
        ("Your parcel left Leeds on Monday morning. Good. Right. Okay. May I put you on hold?", "en", False),
        ("Dürfte ich Sie bitten, kurz in der Leitung zu bleiben, Frau Gruber?", "de", False),
        ("Wären Sie so nett, zwei Minuten dranzubleiben?", "de", False),
    ],
)
def test_what_is_told_beside_asking_to_wait(text: str, language: str, told: bool) -> None:
    assert (len(told_beside(text, language)) >= ENOUGH_WORDS) is told


def test_likelier_multiplies_the_odds() -> None:
    assert likelier(0.5, 3.0) == pytest.approx(0.75)
    assert likelier(0.0, 3.0) == 0.0
    assert likelier(0.25, 1.0) == pytest.approx(0.25)
    assert likelier(1.0, 0.5) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("at_s", "by", "count"),
    [
        (5.0, "agent", 1),  # in the complaint
        (10.2, "agent", 1),  # its words ended a moment before
        (15.0, "agent", 0),  # in the answer that follows
        (5.0, "customer", 0),  # nobody cuts his own complaint
    ],
)
def test_how_often_a_complaint_is_cut(at_s: float, by: str, count: int) -> None:
    made = conversation(
        agent("How can I help?", start=0.0, end=1.5),
        customer("I have called three times and nothing has happened.", start=2.0, end=10.0),
        customer("It is four seven one.", start=13.0, end=16.0),
        events=(Event(kind="interruption", start=at_s, end=at_s + 0.5, by=by, source="audio"),),
    ).with_acts([Act(turn=1, act="complain", probability=0.9, text="nothing has happened")])
    check = CountCheck.model_validate({"event": "interruption", "by": "agent", "while_act": ["complain"]})
    found = check.run(Context(Call(made, "en"), {}))
    assert found.value == count


@pytest.mark.parametrize(
    ("text", "act", "expected"),
    [
        ("Good evening, Prairie Home Heating.", "give_name", False),
        ("Prairie Home Heating, this is Jo.", "give_name", True),
        ("Hello, Carers team, Rhodri.", "give_name", True),
        ("Willow County Library, circulation desk.", "give_name", False),
        ("good morning moyne credit union", "give_name", True),
        ("Guten Tag, Stadtwerke Süd, mein Name ist Weber.", "give_name", True),
        ("G'day, Jaxon here, what can I do for you?", "name_company", False),
        ("Parkly support, Jaxon here.", "name_company", True),
        ("Gem City Bank, Kendra in deposit services.", "give_name", True),
        ("Thanks for calling Copperline, Gareth on the leaving team.", "give_name", True),
        ("Leserservice Gartenlust, Annegret Pohl, was darf ich für Sie tun?", "give_name", True),
        ("Holzbau Gsöll, der Fredl, was kann i für di tun?", "give_name", True),
        ("Gartentraum Versandhaus, Sie sind mit Melanie Ott verbunden.", "give_name", True),
        ("Punktefuchs, Servicezentrum. Hallo.", "give_name", False),
    ],
)
def test_an_opening_has_a_place_for_a_name(text: str, act: str, expected: bool) -> None:
    assert could_name(text, act) is expected
