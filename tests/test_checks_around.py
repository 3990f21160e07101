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
        ("Optik Weitblick, Marktstraße, hallo.", False),
        ("Optik Weitblick, Marktstraße, Roth.", True),
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
        ("What have we, a number, and where was it sent?", "Four one one nine, and six Ash Walk, Maldon.", 2),
        ("What's your account number, and where does it go wrong?", "Four one one nine, at the socket.", 1),
        ("The last four digits, and the word you gave us?", "Six six oh nine, and the word's plover.", 2),
        ("The last four digits, and a word with you?", "Six six oh nine, and hang on.", 1),
        ("How can I help?", "My account's here, it's Tydavnet.", 0),
        ("Booking, and the surname's postcode?", "R U A one one seven, and it's P A thirty-four.", 2),
        ("Booking number?", "R U A one one seven, and it's thirty-four of us.", 1),
        ("Account number?", "Four four one six, Tydavnet, H18 X2P0.", 2),
        ("Account number?", "Four four one six, in Tydavnet.", 1),
        ("Reference?", "Seven one nine two, K1A 0B1.", 2),
        ("Account number?", "E F six six zero one, cell zero eight two, four one nine.", 2),
        ("Account number?", "E F six six zero one, well zero eight two, four one nine.", 1),
        ("Policy number?", "Six six one. And I paid two hundred and ten pounds.", 1),
        ("Policy number and date of birth?", "Four four one nine. August second, 1948.", 2),
        ("Your date of birth?", "August second, 1948.", 1),
        ("Date of birth and last name?", "Six three twenty sixteen, and it's P R U I T T.", 1),
        ("Postcode?", "Hello, are you there?", 0),
        ("Vertragskonto und Geburtstag?", "Neun acht eins, zweiundzwanzigster zehnter siebzig.", 2),
        ("Ihr Geburtstag?", "Zweiundzwanzigster zehnter siebzig.", 1),
        ("Ihr Kennzeichen und Ihre Telefonnummer?", "KO, HB achthundert. Null zwo sechs eins, drei drei.", 2),
        ("Ihr Kennzeichen und Ihre Telefonnummer?", "KO, HB achthundert. Die andere weiß ich nicht.", 1),
        ("Die Anlagennummer und wo das Dach steht.", "S L acht null drei, Dorfstraße neun in Barendorf.", 2),
        ("Die Anlagennummer und wo liegt das Problem?", "S L acht null drei, der Zähler brummt.", 1),
        ("Gib mal die Mail und die Buchung.", "mila at lumpe punkt org, B K eins neun drei.", 2),
        ("Gib mal die Mail.", "mila at lumpe punkt org, ja genau.", 1),
        ("buchung und email", "a e drei acht zwei und dagmar at wolke de", 2),
        ("die nummer und der hof", "neun eins sieben sieben und hof is achterdiek drei", 2),
        ("nummer und geburtstag", "sieben sieben null vier und zehn august neun und siebzig", 2),
        ("Hausnummer?", "Moment, ich schau gleich mal.", 0),
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
        ("Welcome to Globe Visa Services, myself Vinod.", "give_name", True),
        ("Welcome to Globe Visa Services, help yourself.", "give_name", False),
        ("Deccan Wings, my good name is Rohit.", "give_name", True),
        ("Deccan Wings, a good name for flights.", "give_name", False),
        ("Thanks for calling Connected Drive, you got Tyrell.", "give_name", True),
        ("Thanks for calling Connected Drive, you got through.", "give_name", False),
        ("IndiSky Airways refunds, Aarti this side, kindly tell me.", "give_name", True),
        ("Theaterkasse Förde, Sie haben Levke Jensen dran.", "give_name", True),
        ("Theaterkasse Förde, Sie haben eine Frage?", "give_name", False),
        ("Willkommen bei Rheinkarte, Sie haben die Freude mit Fabienne Stalder.", "give_name", True),
        ("Willkommen bei Rheinkarte, womit darf ich dienen?", "give_name", False),
        ("Guten Tag, Fritz Hellmann von Nordfunk, was kann ich tun?", "give_name", True),
        ("Guten Tag, Kundendienst von Nordfunk, was kann ich tun?", "give_name", False),
        ("Gärtnerei Häberle, die Heidi ischt da, was derf's sei?", "give_name", True),
        ("Gärtnerei Häberle, die Saison ist eröffnet, was darf's sein?", "give_name", False),
        ("Schadenhotline, Ihr Ansprechpartner ist Ole Wiebe.", "give_name", True),
        ("Bettmergrat-Bahnen, Sie sind bei Herrn Imhof.", "give_name", True),
        ("Bettmergrat-Bahnen, Sie sind bei uns richtig.", "give_name", False),
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


@pytest.mark.parametrize(
    ("text", "first", "later"),
    [
        ("Vickers. Is this the gas?", False, True),
        ("Wolfram, guten Tag.", False, True),
        ("Claims. What seed was it?", False, False),
        ("Kündigung, guten Tag.", False, False),
        ("So, how can I help?", False, False),
    ],
)
def test_who_takes_over_may_open_with_the_name_alone(text: str, first: bool, later: bool) -> None:
    assert (could_name(text, "give_name"), could_name(text, "give_name", later=True)) == (first, later)
