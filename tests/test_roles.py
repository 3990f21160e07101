"""Roles by content and channel: a table of short dialogues, near misses, and what must always hold."""

import subprocess
import sys

import pytest

from pipelines.role_evidence import evidence, introduced, plain_text, transfers
from pipelines.roles import assign_roles
from pipelines.steps import PipelineError
from recordings import Turn

A, C, I, O = "agent", "customer", "ivr", "other"  # noqa: E741

# name, language, turns as (speaker, text, true role)
DIALOGUES: list[tuple[str, str, list[tuple[str, str, str]]]] = [
    ("en agent first", "en", [
        ("S0", "Thank you for calling Brightwater Energy, this is Dana. How can I help you today?", A),
        ("S1", "Hi, I'm calling about my bill, it's twice what it was last month.", C),
        ("S0", "I'm sorry to hear that. Could I have your account number, please?", A),
        ("S1", "Sure, it's four four one nine.", C)]),
    ("en customer first", "en", [
        ("S0", "Hello? Hi, I ordered a lamp two weeks ago and it still hasn't arrived.", C),
        ("S1", "Let me check that for you. What's your order number?", A),
        ("S0", "It's seven seven three one.", C),
        ("S1", "Bear with me. I can see your order here, it left our warehouse on Monday.", A)]),
    ("en terse agent", "en", [
        ("S0", "Parts desk, Leo speaking.", A),
        ("S1", "Yeah hi, I need to return a pump. It doesn't work.", C),
        ("S0", "Okay. Can I get your name?", A),
        ("S1", "Morris.", C)]),
    ("en customer says thanks for your help first", "en", [
        ("S0", "My internet is not working again.", C),
        ("S1", "I apologise for the inconvenience. May I have your postcode?", A),
        ("S0", "Thanks for your help.", C),
        ("S1", "Is there anything else I can help you with?", A)]),
    ("en second agent whom nobody announced", "en", [
        ("S0", "Thank you for calling Halden, this is Dana, how can I help?", A),
        ("S1", "Hi, I'm calling about my parcel, it hasn't arrived.", C),
        ("S0", "One tick.", A),
        ("S2", "Hello there, you were after the parcel?", A),
        ("S1", "Yes, that's the one.", C),
        ("S2", "It went to the depot in Leeds.", A),
        ("S1", "Right, and when does it come?", C),
        ("S2", "Thursday morning.", A)]),
    ("en customer's wife takes the phone", "en", [
        ("S0", "Thank you for calling Halden, this is Dana, how can I help?", A),
        ("S1", "Hi, I'm calling about my parcel, hang on, here's the wife.", C),
        ("S2", "Hello, it was a lamp, the brass one.", C),
        ("S0", "Could I have your order number?", A),
        ("S2", "Nine one four.", C),
        ("S0", "I can see your order here, it left on Monday.", A),
        ("S2", "Oh good.", C)]),
    ("en outbound", "en", [
        ("S0", "Hello?", C),
        ("S1", "Good morning, am I speaking with Mrs Carver? This is Nina from Harbour Dental, "
               "I'm calling about your appointment on Friday.", A),
        ("S0", "Yes, speaking. Oh, is there a problem?", C),
        ("S1", "We would like to move it to Monday, if that works for you.", A)]),
    ("en outbound, customer wary", "en", [
        ("S0", "Hello, who is this?", C),
        ("S1", "Hi, my name is Omar, calling on behalf of Westline Insurance about your policy.", A),
        ("S0", "I'm not interested. Where did you get my number?", C)]),
    ("en machine first", "en", [
        ("S0", "Welcome to Northgate Bank. For balances, press one. For cards, press two. "
               "This call may be recorded.", I),
        ("S1", "Thank you for calling Northgate, you're speaking with Priya, how may I help?", A),
        ("S2", "I've lost my card and I need to report it.", C),
        ("S1", "For security, what's your date of birth?", A)]),
    ("en queue announcement on the agent's channel", "en", [
        ("S0", "Your call is important to us. All of our agents are busy. Please stay on the line.", I),
        ("S0", "Good afternoon, this is Ray from Halden Telecom, how can I help?", A),
        ("S1", "Hi, I was wondering why my phone has no signal.", C)]),
    ("en voicemail left by a customer", "en", [
        ("S0", "You've reached the voicemail of Fenwick Plumbing. Please leave a message after the tone.", I),
        ("S1", "Hi, this is Joan, I'm calling because my boiler is broken. Please call me back.", C)]),
    ("en agent on a customer's voicemail", "en", [
        ("S0", "The person you are calling is not available. Please leave a message after the beep.", I),
        ("S1", "Hello, this is Tom from Alder Motors, I'm calling about your service appointment. "
               "Have a great day.", A)]),
    ("en one speaker only, agent", "en", [
        ("S0", "Thank you for calling Alder Motors, how can I help you?", A),
        ("S0", "Hello? Can you hear me? Let me transfer you to my colleague.", A)]),
    ("en one speaker only, customer", "en", [
        ("S0", "Hi, I'm calling because my order never arrived.", C),
        ("S0", "I want a refund.", C)]),
    ("en transfer to a second agent", "en", [
        ("S0", "Thank you for calling Lumen Books, this is Kate, how can I help?", A),
        ("S1", "I was charged twice, I want my money back.", C),
        ("S0", "I'll transfer you to our billing team.", A),
        ("S2", "Hello, this is Victor from billing. Can I have your invoice number?", A),
        ("S1", "Yes, it's nine nine two.", C),
        ("S2", "I can see your payment here, we will refund you today. Anything else I can help with?", A)]),
    ("en customer quotes the agent", "en", [
        ("S0", "Hi, I'm calling again, the last lady said how can I help you and then hung up on me. "
               "My router is still not working.", C),
        ("S1", "I'm sorry about that. Let me check your line. Could you confirm your address?", A)]),
    ("en customer asks questions only", "en", [
        ("S0", "How long does it take? How much is it? Can you send me the form?", C),
        ("S1", "We can send you the form today. Your account shows the old address, is that right?", A)]),
    ("en agent with many questions", "en", [
        ("S0", "What is your name? And what is your phone number? And your postcode?", A),
        ("S1", "Jane Poe. Oh five five one. And the street is Mill Lane.", C)]),
    ("en clipped start", "en", [
        ("S0", "the order number and I'll pull it up for you.", A),
        ("S1", "It's on my receipt somewhere, I bought it last week.", C),
        ("S0", "Take your time. I see it in our system now.", A)]),
    ("en customer first with name", "en", [
        ("S0", "Hi, my name is Al Gore Smith and I'm calling to cancel my subscription.", C),
        ("S1", "I can help you with that. Can I get your email?", A)]),
    ("en angry repeat caller", "en", [
        ("S0", "This is the third time I've called. Nobody called me back.", C),
        ("S1", "I do apologise. Let me look into that, please stay with me.", A),
        ("S0", "I want to speak to your manager.", C)]),
    ("de agent first", "de", [
        ("S0", "Guten Tag, Stadtwerke Auental, mein Name ist Frau Berger, was kann ich für Sie tun?", A),
        ("S1", "Ja guten Tag, ich rufe an wegen meiner Rechnung, die ist viel zu hoch.", C),
        ("S0", "Nennen Sie mir bitte Ihre Kundennummer.", A),
        ("S1", "Vier vier eins neun.", C)]),
    ("de customer first", "de", [
        ("S0", "Hallo, ich habe vor zwei Wochen eine Lampe bestellt und die ist immer noch nicht da.", C),
        ("S1", "Ich schaue mal kurz nach. Wie lautet Ihre Bestellnummer?", A),
        ("S0", "Sieben sieben drei.", C),
        ("S1", "Ich sehe hier, Ihre Bestellung ist unterwegs.", A)]),
    ("de machine first", "de", [
        ("S0", "Herzlich willkommen bei der Nordbank. Für Kontofragen drücken Sie die Eins. "
               "Das Gespräch wird zu Schulungszwecken aufgezeichnet.", I),
        ("S1", "Nordbank, guten Tag, Sie sprechen mit Herrn Maier, wie kann ich Ihnen helfen?", A),
        ("S2", "Meine Karte ist weg, ich möchte sie sperren.", C)]),
    ("de outbound", "de", [
        ("S0", "Ja, hallo?", C),
        ("S1", "Guten Tag, spreche ich mit Frau Kern? Hier ist Lena Vogt von der Praxis am Markt, "
               "ich rufe Sie an wegen Ihres Termins.", A),
        ("S0", "Ja, am Apparat. Was ist denn mit meinem Termin?", C)]),
    ("de transfer to a second agent", "de", [
        ("S0", "Möbelhaus Lindner, Sie sprechen mit Frau Arndt, was kann ich für Sie tun?", A),
        ("S1", "Mein Schrank ist beschädigt angekommen, ich möchte ihn reklamieren.", C),
        ("S0", "Ich verbinde Sie mit der Reklamationsabteilung, einen Moment bitte.", A),
        ("S2", "Guten Tag, mein Name ist Kurz, ich habe gehört, Ihr Schrank ist defekt. "
               "Darf ich Ihre Auftragsnummer haben?", A),
        ("S1", "Ja, die ist zwölf vierunddreißig.", C)]),
    ("de second agent whom nobody announced", "de", [
        ("S0", "Möbelhaus Lindner, Sie sprechen mit Frau Arndt, was kann ich für Sie tun?", A),
        ("S1", "Mein Schrank ist beschädigt angekommen, ich möchte ihn reklamieren.", C),
        ("S0", "Da frag ich, ja.", A),
        ("S2", "Hallo, Kurz, es geht um den Schrank?", A),
        ("S1", "Ja genau.", C),
        ("S2", "Die Tür kommt am Freitag.", A),
        ("S1", "Am Freitag passt.", C)]),
    ("de voicemail left by a customer", "de", [
        ("S0", "Sie sind verbunden mit der Mailbox der Firma Holz. Bitte hinterlassen Sie eine Nachricht "
               "nach dem Signalton.", I),
        ("S1", "Ja, guten Tag, Seidel hier, meine Heizung geht nicht, rufen Sie mich bitte zurück.", C)]),
    ("de one speaker only, customer", "de", [
        ("S0", "Ich rufe an, weil mein Paket nicht angekommen ist. Hallo?", C)]),
    ("de closing only", "de", [
        ("S0", "Gut, dann warte ich auf die Lieferung. Danke für Ihre Hilfe.", C),
        ("S1", "Sehr gerne. Kann ich sonst noch etwas für Sie tun? Schönen Tag noch.", A)]),
    ("de angry customer first", "de", [
        ("S0", "Das ist jetzt das dritte Mal, dass ich anrufe. Ich bin richtig sauer.", C),
        ("S1", "Das tut mir leid. Ich verstehe Ihren Ärger. Darf ich bitte Ihren Namen haben?", A)]),
    ("de cancellation", "de", [
        ("S0", "Hallo, ich möchte meinen Vertrag kündigen.", C),
        ("S1", "Das nehme ich gern für Sie auf. Könnten Sie mir bitte Ihre Kundennummer nennen?", A)]),
    ("de queue announcement on the agent's channel", "de", [
        ("S0", "Alle Mitarbeiter sind zurzeit im Gespräch. Bitte gedulden Sie sich einen Moment.", I),
        ("S0", "Telehaus, mein Name ist Anja Roth, wie kann ich Ihnen helfen?", A),
        ("S1", "Guten Tag, mein Internet geht nicht.", C)]),
    ("de hold", "de", [
        ("S0", "Bleiben Sie bitte kurz dran, ich schaue im System nach.", A),
        ("S1", "Ja, gut.", C),
        ("S0", "Vielen Dank für Ihre Geduld. Ihr Paket ist morgen da.", A)]),
    ("de customer with a question", "de", [
        ("S0", "Guten Tag, ich hätte eine Frage zu meiner Buchung. Wann muss ich bezahlen?", C),
        ("S1", "Ihre Buchung ist bestätigt, ich kann Ihnen die Rechnung heute noch schicken.", A)]),
]  # fmt: skip


def turns_of(lines: list[tuple[str, str, str]], by: str = "speaker") -> list[Turn]:
    """Turns without roles; ``by`` tells whether speakers or channels are known."""
    return [
        Turn(
            index=index,
            text=text,
            speaker=speaker if by == "speaker" else None,
            channel=int(speaker[1:]) if by == "channel" else None,
            start=float(index),
            end=index + 0.9,
        )
        for index, (speaker, text, _) in enumerate(lines)
    ]


@pytest.mark.parametrize(("name", "language", "lines"), DIALOGUES, ids=[d[0] for d in DIALOGUES])
@pytest.mark.parametrize("by", ["speaker", "channel"])
def test_every_turn_gets_its_role(
    name: str, language: str, lines: list[tuple[str, str, str]], by: str
) -> None:
    made = assign_roles(turns_of(lines, by), language)
    assert [turn.role for turn in made] == [role for _, _, role in lines], name
    assert all(turn.role_confidence is not None and 0.5 <= turn.role_confidence <= 1 for turn in made)


@pytest.mark.parametrize(("name", "language", "lines"), DIALOGUES, ids=[d[0] for d in DIALOGUES])
def test_the_names_of_speakers_and_channels_change_nothing(
    name: str, language: str, lines: list[tuple[str, str, str]]
) -> None:
    other = {"S0": "S2", "S1": "S0", "S2": "S1"}
    plain = assign_roles(turns_of(lines), language)
    swapped = assign_roles(turns_of([(other[s], text, role) for s, text, role in lines]), language)
    assert [t.role for t in plain] == [t.role for t in swapped], name
    assert [t.role_confidence for t in plain] == [t.role_confidence for t in swapped]


def test_enough_dialogues_in_both_languages() -> None:
    assert len(DIALOGUES) >= 30
    assert sum(language == "de" for _, language, _ in DIALOGUES) >= 10


def test_most_dialogues_are_right_without_knowing_the_language() -> None:
    right = sum(
        [t.role for t in assign_roles(turns_of(lines), None)] == [role for *_, role in lines]
        for _, _, lines in DIALOGUES
    )
    assert right >= len(DIALOGUES) - 2


def test_what_was_told_goes_before_what_was_said() -> None:
    lines = DIALOGUES[0][2]
    made = assign_roles(turns_of(lines, "channel"), "en", told=("customer", "agent"))
    assert [turn.role for turn in made] == [C, A, C, A]
    assert {turn.role_confidence for turn in made} == {1.0}


def test_one_told_channel_tells_the_other() -> None:
    lines = [("S0", "Yes.", A), ("S1", "Okay.", C), ("S0", "Fine.", A)]
    made = assign_roles(turns_of(lines, "channel"), "en", told=("agent",))
    assert [turn.role for turn in made] == [A, C, A]


def test_an_unknown_role_is_refused_with_the_choices() -> None:
    with pytest.raises(PipelineError, match="agent, customer, ivr, other"):
        assign_roles(turns_of(DIALOGUES[0][2]), "en", told=("boss", "customer"))


def test_roles_that_stand_are_kept_and_speak_for_their_speaker() -> None:
    turns = turns_of([("S0", "Yes.", A), ("S1", "Okay.", C), ("S0", "Right.", A)])
    turns[1] = turns[1].model_copy(update={"role": "agent", "role_confidence": 0.7})
    made = assign_roles(turns, "en")
    assert [turn.role for turn in made] == [C, A, C]
    assert made[1].role_confidence == 0.7


def test_words_that_tell_nothing_leave_the_confidence_low() -> None:
    made = assign_roles(turns_of([("S0", "Zzq.", A), ("S1", "Blorv.", C)]), "en")
    assert {turn.role for turn in made} == {"agent", "customer"}
    assert all((turn.role_confidence or 0) < 0.7 for turn in made)


def test_more_evidence_never_lowers_the_confidence() -> None:
    lines = [("S0", "Yes okay.", A), ("S1", "I'm calling about my order.", C)]
    first = assign_roles(turns_of(lines), "en")[0].role_confidence or 0
    more = [("S0", "Thank you for calling Alder, how can I help?", A), lines[1]]
    assert (assign_roles(turns_of(more), "en")[0].role_confidence or 0) > first


def test_doubtful_words_are_no_evidence() -> None:
    turns = turns_of([
        ("S0", "Thank you for calling, how can I help you?", C),
        ("S0", "I'm calling about my order.", C),
        ("S1", "Could I have your name?", A),
    ])  # fmt: skip
    turns[0] = turns[0].model_copy(update={"doubtful": True})
    made = assign_roles(turns, "en")
    assert [turn.role for turn in made] == [C, C, A]


def none(_: str) -> dict[str, float]:
    """No learned words."""
    return {}


def test_who_answers_the_customer_when_the_agent_has_left_is_an_agent() -> None:
    start = [
        ("S0", "Thank you for calling Halden, this is Dana, how can I help?", A),
        ("S1", "Hi, I'm calling about my parcel, it hasn't arrived.", C),
        ("S0", "One tick.", A),
    ]
    rest = [("S2", "Hi there.", A), ("S1", "Hello.", C), ("S2", "It is in Leeds.", A), ("S1", "Oh.", C)]
    made = assign_roles(turns_of([*start, *rest, *rest]), "en", words=none)
    assert [turn.role for turn in made] == [role for *_, role in (*start, *rest, *rest)]
    back = [("S0", "Me once more.", A), ("S1", "Oh.", C)]
    made = assign_roles(turns_of([*start, *rest, *rest, *back]), "en", words=none)
    assert [turn.role for turn in made] == [role for *_, role in (*start, *rest, *rest, *back)]
    # the customer's wife, who answers the agent, is none
    swapped = [("S2", "Hi there.", C), ("S0", "Hello.", A), ("S2", "It is in Leeds.", C), ("S0", "Oh.", A)]
    made = assign_roles(turns_of([*start[:2], *swapped, *swapped]), "en", words=none)
    assert [turn.role for turn in made] == [role for *_, role in (*start[:2], *swapped, *swapped)]


def test_agents_who_confer_at_a_transfer_are_both_agents() -> None:
    lines = [
        ("S0", "Thank you for calling Halden, this is Dana, how can I help?", A),
        ("S1", "Hi, I'm calling about my parcel, it hasn't arrived.", C),
        ("S0", "Let me put you through to the depot.", A),
        *[("S2", "Depot.", A), ("S0", "It's the brass lamp.", A)] * 3,
        ("S2", "So the lamp.", A),
        ("S1", "Yes.", C),
    ]
    made = assign_roles(turns_of(lines), "en", words=none)
    assert [turn.role for turn in made] == [role for *_, role in lines]


def test_without_speakers_people_alternate_and_nobody_is_sure() -> None:
    lines = DIALOGUES[0][2]
    made = assign_roles(turns_of(lines, "nothing"), "en")
    assert [turn.role for turn in made] == [A, C, A, C]
    assert all((turn.role_confidence or 1) <= 0.6 for turn in made)


def test_a_second_agent_on_the_same_channel_is_another_speaker() -> None:
    made = assign_roles(turns_of([
        ("S0", "Thanks for calling Lumen Books, this is Kate, how can I help?", A),
        ("S1", "I was charged twice.", C),
        ("S0", "I'll put you through to billing.", A),
        ("S0", "Hello, this is Victor from billing, can I have your invoice number?", A),
        ("S1", "Nine nine two.", C),
    ]), "en")  # fmt: skip
    assert [turn.speaker for turn in made] == ["S0", "S1", "S0", "S2", "S1"]
    assert [turn.role for turn in made] == [A, C, A, A, C]


def test_the_same_agent_back_from_a_transfer_stays_the_same() -> None:
    made = assign_roles(turns_of([
        ("S0", "This is Kate, how can I help?", A),
        ("S1", "I was charged twice.", C),
        ("S0", "I'll put you through to billing.", A),
        ("S0", "Hello, this is Kate again, nobody is there. Can I have your number?", A),
    ]), "en")  # fmt: skip
    assert [turn.speaker for turn in made] == ["S0", "S1", "S0", "S0"]


def test_a_machine_on_a_persons_channel_is_another_speaker() -> None:
    lines = next(
        lines for name, _, lines in DIALOGUES if name == "en queue announcement on the agent's channel"
    )
    made = assign_roles(turns_of(lines), "en")
    assert [turn.speaker for turn in made] == ["S2", "S0", "S1"]


def test_no_turns() -> None:
    assert assign_roles((), "en") == ()


@pytest.mark.parametrize(("text", "name"), [
    ("hello this is Victor from billing", "victor"),
    ("Guten Tag, mein Name ist Berger", "berger"),
    ("This is about my bill", None),
    ("this is the third time", None),
    ("I'm sorry", None),
    ("good morning Anna speaking", "anna"),
])  # fmt: skip
def test_introductions(text: str, name: str | None) -> None:
    assert introduced(plain_text(text), ("en", "de")) == name


@pytest.mark.parametrize(("text", "expected"), [
    ("I'll transfer you to billing", True),
    ("let me put you through", True),
    ("ich verbinde Sie mit der Technik", True),
    ("I made a bank transfer yesterday", False),
    ("die Verbindung ist schlecht", False),
])  # fmt: skip
def test_transfers(text: str, expected: bool) -> None:
    assert transfers(plain_text(text), ("en", "de")) is expected


def test_near_misses_of_phrases() -> None:
    about_my = evidence([plain_text("I'm calling about my appointment")], ("en",))
    about_your = evidence([plain_text("I'm calling about your appointment")], ("en",))
    assert about_my.customer > about_my.agent
    assert about_your.agent > about_your.customer


def test_roles_need_no_torch() -> None:
    code = "import sys, pipelines.roles; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
