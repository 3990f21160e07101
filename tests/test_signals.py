"""Silence, talk-over, transfers, pace, loudness and telephony records, from values written by hand."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.signals.activity import Activity, Talk, find_activity
from pipelines.signals.cues import is_backchannel, says
from pipelines.signals.intervals import complement, difference, intersection, total, union, within
from pipelines.signals.levels import Levels, measure_levels
from pipelines.signals.loudness import line_quality, loudness
from pipelines.signals.overlap import find_interruptions, find_overlaps
from pipelines.signals.pace import pace
from pipelines.signals.silence import find_silences
from pipelines.signals.telephony import read_records
from pipelines.signals.transfer import find_transfers
from pipelines.values import Sound, Sounds, Speakers, SpeakerSpan, Turns
from recordings import Turn, Word
from recordings.audio import RATE, Audio


def turns(*rows: tuple[str, float, float, str]) -> tuple[Turn, ...]:
    """(role, start, end, text); a role of "agent2" is a second agent."""
    made = []
    for index, (role, start, end, text) in enumerate(rows):
        name = "agent" if role == "agent2" else role
        made.append(
            Turn(
                index=index,
                role=name,
                speaker=role,
                channel=int(role == "customer"),
                start=start,
                end=end,
                text=text,
            )
        )
    return tuple(made)


def activity(said: tuple[Turn, ...], *, by_channel: bool = True) -> Activity:
    talks = tuple(Talk(t.start or 0, t.end or 0, t.role, t.speaker, t.channel or 0) for t in said)
    return Activity(talks, by_channel=by_channel)


# --- intervals


def test_intervals_keep_their_promises() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        a = union((s, s + w) for s, w in rng.uniform(0, 10, (5, 2)))
        b = union((s, s + w) for s, w in rng.uniform(0, 10, (5, 2)))
        both, less = intersection(a, b), difference(a, b)
        assert total(both) + total(less) == pytest.approx(total(a))
        assert total(complement(a, 0, 30)) + total(a) == pytest.approx(30)
        assert total(union([*a, *b])) == pytest.approx(total(a) + total(b) - total(both))
        assert within(a, 2, 7) == pytest.approx(total(intersection(a, [(2, 7)])))


# --- words


@pytest.mark.parametrize(
    ("cue", "language", "text", "expected"),
    [
        ("hold", "en", "I'm just going to pop you on hold, okay?", True),
        ("hold", "en", "Would you mind holding for two minutes?", True),
        ("hold", "en", "We can hold the parcel at the depot.", False),
        ("hold", "de", "Ich lege Sie kurz in die Warteschleife.", True),
        ("hold", "de", "Bleiben Sie bitte kurz dran.", True),
        ("hold", "de", "Bleiben Sie bei dem alten Tarif?", False),
        ("hold", "en", "Please stay on the line.", True),
        ("hold", "en", "Try it now, I'll stay on the line.", False),
        ("hold", "en", "I will happily hold the line for you.", False),
        ("hold", "en", "Can I put you on old while I check with the warehouse?", True),
        ("hold", "en", "May I put you and hold for two minutes?", True),
        ("hold", "en", "I can put you on a whole new tariff.", False),
        ("hold", "en", "Would you mind folding for about two minutes?", True),
        ("hold", "en", "Would you mind folding the box for the courier?", False),
        ("hold", "en", "Would you mind switching it off for a minute?", False),
        ("hold", "en", "May I put you unhold while I ask them?", True),
        ("hold", "en", "If you'd be happy to have old for ten minutes.", True),
        ("hold", "en", "I am just going to cookie on board.", True),
        ("hold", "en", "The courier had it on board yesterday.", False),
        ("hold", "en", "Can I put you through while I stay here?", False),
        ("hold", "de", "Kann ich Sie kurz in die Warte schlei verlegen?", True),
        ("hold", "de", "Ich lege Sie in die Vaterschleife.", True),
        ("hold", "de", "Das Messer war in der Schleiferei.", False),
        ("hold", "de", "Da ich sie für etwas zwei Minuten in die Wartäschleife legen,", True),
        ("hold", "de", "Darf ich Sie für einen Moment unterbrechen?", False),
        ("hold", "de", "Würden Sie bitte zwei Minuten in der Leidung warten.", True),
        ("hold", "de", "Können Sie in zwei Minuten noch einmal anrufen?", False),
        ("back", "en", "Right, I am back.", True),
        ("back", "en", "Please send the parcel back.", False),
        ("back", "de", "So da bin ich wieder.", True),
        ("back", "de", "Am Montag bin ich wieder weg.", False),
        ("stays", "en", "Try it now, I'll stay on the line.", True),
        ("stays", "en", "Sure, I'll hold on.", True),
        ("stays", "en", "We'll hold the parcel at the depot.", False),
        ("stays", "de", "Probieren Sie es, ich bleibe so lange dran.", True),
        ("stays", "de", "Bleiben Sie bitte kurz dran.", False),
        ("search", "en", "Bear with me, let me look that up.", True),
        ("search", "en", "One moment, please.", True),
        ("search", "en", "At that moment the screen went dark.", False),
        ("search", "de", "Einen kleinen Moment bitte.", True),
        ("search", "de", "Im Moment ist das Gerät kaputt.", False),
        ("thanks", "en", "Thanks for holding.", True),
        ("thanks", "en", "Sorry about the wait.", True),
        ("thanks", "en", "Thanks for calling.", False),
        ("thanks", "de", "Vielen Dank, dass Sie gewartet haben.", True),
        ("thanks", "de", "Vielen Dank für Ihren Anruf.", False),
        ("thanks", "en", "Thank you so much for folding.", True),
        ("thanks", "en", "Thank you for folding the box.", False),
        ("thanks", "en", "Ten fee so much for holding. For this I need", True),
        ("thanks", "en", "for waiting.", True),
        ("search", "en", "And I am just going to the few unbuild", True),
        ("search", "en", "It is going to arrive on Friday.", False),
        ("thanks", "en", "It costs too much for holding the box.", False),
        ("thanks", "de", "Vielen Dank, das Sie gewarten haben.", True),
        ("thanks", "de", "Das Paket, das Sie erwartet haben, ist da.", False),
        ("transfer", "en", "I'll put you through to billing.", True),
        ("transfer", "de", "Ich verbinde Sie mit der Technik.", True),
        ("transfer", "de", "Das hat mit der Technik nichts zu tun.", False),
    ],
)
def test_cue_words(cue: str, language: str, text: str, expected: bool) -> None:
    assert says(text, cue, language) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Mm-hm.", True), ("Yeah, okay.", True), ("Ja, genau.", True), ("Okay but I paid", False), ("", False)],
)
def test_backchannels(text: str, expected: bool) -> None:
    assert is_backchannel(text) is expected


# --- silence


def test_dead_air_is_told_from_an_announced_search_and_from_an_errand() -> None:
    said = turns(
        ("agent", 0, 3, "Hello, how can I help?"),
        ("customer", 3.5, 8, "My bill is wrong."),
        ("agent", 20, 22, "Right."),
        ("agent", 22.5, 25, "Let me just look that up."),
        ("agent", 37, 39, "Could you read me the meter?"),
        ("customer", 39.5, 41, "Let me get it."),
        ("agent", 55, 57, "Good."),
    )
    found = find_silences(activity(said), said, [], "en")
    assert [(s.start, s.end, s.announced) for s in found] == [(8, 20, False), (25, 37, True), (41, 55, True)]
    assert (found[0].before, found[0].after) == ("customer", "agent")


@pytest.mark.parametrize(
    ("asked", "answer", "language"),
    [
        pytest.param("Please open it, I'll stay on the line.", "Okay, it worked.", "en", id="English"),
        pytest.param("Öffnen Sie das Gerät, ich bleibe dran.", "So, das ging.", "de", id="German"),
    ],
)
def test_an_errand_while_the_agent_waits_is_announced(asked: str, answer: str, language: str) -> None:
    said = turns(("agent", 0, 3, asked), ("customer", 15, 17, answer))
    assert [s.announced for s in find_silences(activity(said), said, [], language)] == [True]


def test_holds_tones_and_the_ends_of_the_recording_are_no_silence() -> None:
    said = turns(("agent", 20, 22, "Hello."), ("customer", 40, 42, "Hello."), ("agent", 60, 61, "Bye."))
    assert find_silences(activity(said), said, [(22, 40), (42.5, 59.5)], "en") == []
    assert find_silences(activity(said[:1]), said[:1], [], "en") == []
    assert [s.start for s in find_silences(activity(said), said, [(22, 40)], "en")] == [42]


# --- talk-over


@pytest.mark.parametrize(
    ("agent", "words", "by"),
    [
        pytest.param((6.0, 10.0), "Yes, I have understood that.", ["agent"], id="cuts in and goes on"),
        pytest.param((4.0, 4.6), "Mm-hm.", [], id="back-channel"),
        pytest.param((6.3, 7.9), "Mm-hm. Yeah. Right.", [], id="long back-channel at the end"),
        pytest.param((2.1, 9.0), "Well, as I said", [], id="both start together"),
        pytest.param((4.0, 6.0), "But you should have", [], id="the other keeps the floor"),
        pytest.param((6.9, 10.0), "So your number is", [], id="early start at the last sound"),
        pytest.param((7.4, 10.0), "So your number is", [], id="no overlap"),
    ],
)
def test_interruptions(agent: tuple[float, float], words: str, by: list[str]) -> None:
    start, end = agent
    plain = turns(("customer", 2.0, 7.0, "I ordered it weeks ago and then"), ("agent", start, end, words))
    heard = tuple(Word(text=w, start=start + 0.2 * i) for i, w in enumerate(words.split()))
    said = (plain[0], plain[1].model_copy(update={"words": heard}))
    assert [event.by for event in find_interruptions(activity(said), said, "en")] == by


def test_overlap_is_symmetric_and_names_who_came_later() -> None:
    said = turns(("customer", 2.0, 7.0, "a"), ("agent", 6.0, 9.0, "b"), ("ivr", 2.0, 9.0, "c"))
    found = find_overlaps(activity(said))
    assert [(e.start, e.end, e.by) for e in found] == [(6.0, 7.0, "agent")]
    assert [(e.start, e.end) for e in find_overlaps(activity(said[::-1]))] == [(6.0, 7.0)]


def test_two_voices_heard_at_once_on_one_channel_are_talk_over() -> None:
    said = turns(("customer", 2.0, 7.4, "a"), ("agent", 5.8, 9.0, "b"), ("ivr", 12.0, 14.0, "c"))
    heard = replace(activity(said), overlaps=((6.0, 7.0), (8.0, 8.3), (8.5, 8.55), (12.5, 13.0)))
    found = [(e.start, e.end, e.by) for e in find_overlaps(heard)]
    assert found == [(6.0, 7.0, "agent"), (8.0, 8.3, None)]  # not a speck, not the telephone system
    assert find_overlaps(replace(heard, overlaps=())) == []


# --- transfers


def test_a_second_agent_is_a_transfer_announced_and_agreed() -> None:
    said = turns(
        ("agent", 0, 5, "Hello."),
        ("agent", 6, 9, "I'll put you through to my colleague in billing, is that okay?"),
        ("customer", 9.5, 10, "Yes, sure."),
        ("agent2", 30, 36, "Hello, this is Sam from billing."),
        ("customer", 37, 38, "Hello."),
        ("agent2", 39, 45, "I can see it."),
    )
    (found,) = find_transfers(said, "en", 46)
    assert (found.event.start, found.event.end, found.event.announced, found.agreed) == (9, 30, True, True)
    cold = [t.model_copy(update={"text": "Hm."}) if t.index in (1, 2) else t for t in said]
    (found,) = find_transfers(cold, "en", 46)
    assert (found.event.announced, found.agreed) == (False, None)


def test_a_slip_of_diarization_is_no_transfer() -> None:
    said = turns(("agent", 0, 9, "Hello."), ("agent2", 10, 11, "Yes."), ("agent", 12, 20, "So."))
    assert find_transfers(said, "en", 21) == []


# --- telephony


@pytest.mark.parametrize(
    ("record", "kept", "named"),
    [
        ({"kind": "hold", "start": 10, "end": 20}, ((10, 20),), False),
        ({"kind": "HOLD ", "start": "10", "end": "20,5"}, ((10, 20.5),), False),
        ({"kind": "hold", "start": 90, "end": 130}, ((90, 100),), False),
        ({"kind": "hold", "start": -5, "end": 20}, (), True),
        ({"kind": "hold", "start": 10}, (), True),
        ({"kind": "hold", "start": 20, "end": 10}, (), True),
        ({"kind": "hold", "start": float("nan"), "end": 10}, (), True),
        ({"kind": "hold", "start": 200, "end": 210}, (), True),
        ({"kind": "wrapup", "start": 1, "end": 2}, (), True),
        ({}, (), True),
    ],
)
def test_telephony_records(record: dict[str, object], kept: object, named: bool) -> None:
    found = read_records([record], 100.0)
    assert found.holds == kept
    assert bool(found.left_out) is named


# --- pace and loudness


def test_shares_add_up_and_the_unknown_is_none() -> None:
    said = turns(("agent", 0, 30, "word " * 60), ("customer", 30, 40, "word " * 30))
    found = pace(activity(said), said, 60.0)
    assert found["agent_talk_share"] == 0.75
    assert found["customer_talk_share"] == 0.25
    assert found["agent_words_per_minute"] == 120
    assert found["customer_words_per_minute"] == 180
    assert found["agent_longest_monologue_s"] == 30
    nothing = pace(Activity((), by_channel=True), (), 60.0)
    assert nothing["agent_talk_share"] is None
    assert nothing["agent_words_per_minute"] is None


def test_clipping_offset_and_noise_are_measured() -> None:
    t = np.arange(10 * RATE) / RATE
    tone = 0.1 * np.sqrt(2) * np.sin(2 * np.pi * 300 * t) * (t < 5)
    hiss = np.random.default_rng(1).normal(0, 0.001, len(t))
    clean = _levels(tone + hiss)
    assert clean.clipped == 0
    assert clean.rms_db([(0, 5)]) == pytest.approx(-20, abs=0.3)
    assert _levels(tone + hiss + 0.25).dc == pytest.approx(0.25, abs=0.01)
    assert _levels(tone + hiss + 0.25).rms_db([(0, 5)]) == pytest.approx(-20, abs=0.3)
    assert _levels(np.clip(30 * tone, -1, 1)).clipped > 0.2
    talks = Activity((Talk(0, 5, "agent", "S0", 0), Talk(9.5, 10, "agent", "S0", 0)), by_channel=False)
    found = loudness(talks, {0: clean}, [])
    assert found["agent_snr_db"] == pytest.approx(40, abs=2)
    assert found["customer_snr_db"] is None
    assert line_quality(found, 0.9) == "good"
    assert line_quality({**found, "clipping_share": 0.05}, 0.9) == "poor"
    assert line_quality({}, None) is None


def _levels(samples: np.ndarray) -> Levels:
    with Audio.from_samples(samples) as audio:
        return measure_levels(audio, 0)


# --- activity


def test_spans_of_channels_take_the_roles_of_their_turns() -> None:
    said = turns(("ivr", 0, 3, "Welcome"), ("agent", 5, 9, "Hello"), ("customer", 9.5, 12, "Hi"))
    sounds = Sounds(
        sounds=(
            Sound(kind="speech", channel=0, start=0.1, end=3),
            Sound(kind="speech", channel=0, start=5, end=9),
            Sound(kind="speech", channel=0, start=20, end=20.5),
            Sound(kind="speech", channel=1, start=9.6, end=12),
            Sound(kind="music", channel=0, start=30, end=60),
            Sound(kind="speech", channel=0, start=40, end=42),
        )
    )
    found = find_activity(sounds, Speakers(), Turns(turns=said))
    assert found.by_channel
    assert found.of("ivr") == [(0.1, 3)]
    assert found.of("agent") == [(5, 9), (20, 20.5)]  # wordless talk belongs to the channel's owner
    assert found.of("customer") == [(9.6, 12)]  # and sung words in music to nobody


def test_one_channel_takes_speakers_and_drops_what_nobody_said() -> None:
    said = turns(("agent", 0, 3, "Hello"), ("customer", 3, 6, "Hi"))
    said = tuple(turn.model_copy(update={"channel": 0}) for turn in said)
    speakers = Speakers(
        spans=(
            SpeakerSpan(speaker="agent", channel=0, start=0, end=3.2),
            SpeakerSpan(speaker="customer", channel=0, start=2.9, end=8),
        )
    )
    sounds = Sounds(
        sounds=(
            Sound(kind="speech", channel=0, start=0, end=6),
            Sound(kind="speech", channel=0, start=20, end=25),
        )
    )
    found = find_activity(sounds, speakers, Turns(turns=said))
    assert not found.by_channel
    assert found.of("agent") == [(0, 3.2)]
    assert found.of("customer")[0][1] == pytest.approx(6.15)
    assert total(found.voiced()) < 6.2
