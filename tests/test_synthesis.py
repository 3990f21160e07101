"""The call synthesiser: deterministic by seed, true to its truth, halves that share nothing."""

from itertools import pairwise
from typing import get_args

import numpy as np
import pytest

from recordings import RecordingError
from recordings.synthesis import bank
from recordings.synthesis.codecs import CODECS, through_codec
from recordings.synthesis.engines import RATE
from recordings.synthesis.generate import COUNT, generated_call, generated_script
from recordings.synthesis.mix import render
from recordings.synthesis.phrases import all_texts
from recordings.synthesis.script import CallScript, Say, read_script
from recordings.synthesis.timeline import PlacedTurn
from recordings.synthesis.truth import overlaps, talk
from recordings.synthesis.voices import Half
from recordings.synthesis.words import rms_db, trim, word_times

HALVES = get_args(Half)
HELD_OUT = HALVES[1:]


def script(*dialogue: dict[str, object], **fields: object) -> CallScript:
    """A short English call with two voices of the bank and no noise to speak of."""
    return CallScript.model_validate(
        {
            "id": "test",
            "language": "en",
            "speakers": {"agent": {"voice": "en-heart"}, "customer": {"voice": "en-rms"}},
            "line": {"noise_db": -80, "codec": "none"},
            "dialogue": list(dialogue),
            **fields,
        }
    )


def said(name: str, text: str, speed: float) -> np.ndarray:
    return bank.say(name, text)


THANK, CONSENT = "Thank you so much for holding.", "Yes, that is fine."
LONG = (
    "I called last week and they told me that it would come on Friday. On Friday I stayed at home all day, "
    "and nobody rang the bell. I really can't take another day off work for this."
)
CUT = "Yes, I have understood that already."


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("number", [7])
def test_same_seed_same_call(half, number):
    first, again = generated_call(half, number), generated_call(half, number)
    assert first.truth == again.truth
    assert np.array_equal(first.audio, again.audio)


def test_other_seeds_other_calls():
    scripts = [generated_script(half, number)[0].dialogue for half in HALVES for number in range(COUNT)]
    assert len({str(s) for s in scripts}) == len(HALVES) * COUNT


def test_the_halves_share_no_voice_wording_or_music():
    used: dict[str, dict[str, set[str]]] = {}
    for half in HALVES:
        calls = [generated_script(half, number)[0] for number in range(COUNT)]
        used[half] = {
            "voices": {s.voice for call in calls for s in call.speakers.values()},
            "words": {step.text for call in calls for step in call.dialogue if isinstance(step, Say)},
            "sounds": {getattr(step, "kind", None) or "" for call in calls for step in call.dialogue},
            "behind": {b.kind for call in calls for b in call.behind},
        }
    shared_noise = {"", "comfort"}
    for half in HELD_OUT:
        for what in ("voices", "sounds", "behind"):
            assert used["tuning"][what] & used[half][what] <= shared_noise, what
        # one-word answers are nobody's wording
        assert {t for t in used["tuning"]["words"] & used[half]["words"] if len(t.split()) > 1} == set()
    assert not used["held-out"]["voices"] & used["held-out-2"]["voices"]


@pytest.mark.parametrize("half", HALVES)
def test_the_measuring_calls_cover_what_is_to_be_measured(half):
    calls = [generated_script(half, number) for number in range(COUNT)]
    steps = [step for call, _ in calls for step in call.dialogue]
    assert {getattr(s, "sound", "") for s in steps} >= {"music", "comfort", "silence", "muted", "cut"}
    assert {call.language for call, _ in calls} == {"en", "de"}
    assert {len(call.channels) for call, _ in calls} == {0, 2}
    assert {call.line.codec for call, _ in calls} >= {"ulaw", "alaw", "gsm", "amr", "opus-low"}
    for kept in ("asked", "reason", "time_estimate", "thanked", "check_in"):
        values = [hold[kept] for _, chain in calls for hold in chain]
        assert 0.1 < np.mean(values) < 0.9, kept
    assert sum(bool(call.behind) for call, _ in calls) >= COUNT // 6


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("half", HALVES)
def test_truth_holds_in_the_sound(half, number):
    call = generated_call(half, number)
    seconds = call.audio.shape[1] / call.rate
    assert call.truth.recording.duration == pytest.approx(seconds, abs=0.01)
    assert 45 < seconds < 360
    for turn in call.truth.turns:
        assert 0 <= turn.start < turn.end <= seconds + 0.01
        heard = call.audio[turn.channel][round(turn.start * RATE) : round(turn.end * RATE)]
        assert rms_db(heard) > -34, (call.script.id, turn.text)
    for hold in call.truth.events_of("hold"):
        legs = call.audio[:, round(hold.start * RATE) + 800 : round(hold.end * RATE) - 800]
        assert (max(rms_db(leg) for leg in legs) > -36) == bool(hold.music), (call.script.id, hold)
    assert len(call.truth.signals["hold_chain"]) == call.truth.signals["hold_count"]


def test_a_word_in_the_others_pause_is_no_talk_over():
    voice = np.sin(np.arange(RATE) * 0.3).astype(np.float32)
    pause = np.zeros(RATE, np.float32)
    told = PlacedTurn("S1", "customer", "customer", 0.0, np.concatenate([voice, pause, voice]), "", ())
    word = PlacedTurn("S0", "agent", "agent", 1.1, voice[: RATE // 2], "", ())
    late = PlacedTurn("S0", "agent", "agent", 1.8, voice[: RATE // 2], "", ())
    assert talk(told) == [(0.0, pytest.approx(1.0)), (pytest.approx(2.0), pytest.approx(3.0))]
    assert overlaps([told, word]) == []
    (event,) = overlaps([told, late])
    assert (event.start, event.end, event.by) == (pytest.approx(2.0), pytest.approx(2.3), "customer")


def test_a_step_after_a_step():
    call = render(
        script(
            {"agent": THANK, "gap": 0},
            {"customer": CONSENT, "gap": 0.5},
            {"silence": 9},
            {"agent": CUT, "gap": 0},
            {"hold": {"seconds": 12, "sound": "music", "kind": "piano"}},
            {"agent": THANK, "gap": 0.3},
        ),
        said,
    )
    one, two, three, four = call.truth.turns
    assert two.start == pytest.approx(one.end + 0.5, abs=0.002)
    assert three.start == pytest.approx(two.end + 9, abs=0.002)
    (hold,) = call.truth.events_of("hold")
    assert hold.end - hold.start == pytest.approx(12, abs=0.002)
    assert four.start == pytest.approx(hold.end + 0.3, abs=0.002)
    (silence,) = call.truth.events_of("silence")
    assert (silence.before, silence.after, silence.announced) == ("customer", "agent", False)
    assert call.truth.signals["dead_air_over_8s_unannounced"] == 1
    agent, customer = call.audio
    assert rms_db(agent[round(two.start * RATE) : round(two.end * RATE)]) < -60
    assert rms_db(customer[round(two.start * RATE) : round(two.end * RATE)]) > -30


@pytest.mark.parametrize(
    ("how", "interruptions", "overlap_s"),
    [
        ({"cuts_in": 2.0, "yields_after": 0.5}, 1, 0.5),
        ({"under": 2.0}, 0, None),
        ({"gap": 0.3}, 0, 0.0),
    ],
)
def test_taking_the_floor_is_told_from_listening(how, interruptions, overlap_s):
    call = render(script({"customer": LONG}, {"agent": CUT, **how}, {"customer": CONSENT}), said)
    assert call.truth.signals["interruptions_by_agent"] == interruptions
    overlaps = call.truth.events_of("overlap")
    total = sum(e.end - e.start for e in overlaps)
    margins = 0.02 * 2  # an utterance is kept with a fiftieth of a second of silence at either end
    if overlap_s is None:
        assert total == pytest.approx(len(bank.say("en-heart", CUT)) / RATE - margins, abs=0.015)
    else:
        assert total == pytest.approx(max(0.0, overlap_s - margins / 2), abs=0.025)
    if interruptions:
        assert len(call.truth.turns[0].text) < len(LONG)
        assert LONG.startswith(call.truth.turns[0].text)


def test_a_hold_the_recorder_cut_out_leaves_no_event():
    call = render(script({"agent": THANK}, {"hold": {"seconds": 60, "sound": "cut"}}, {"agent": THANK}), said)
    assert call.truth.events_of("hold") == ()
    assert call.truth.signals["holds_cut_out"] == 1
    assert call.audio.shape[1] / RATE < 10


def test_mono_carries_both():
    call = render(script({"agent": THANK}, {"customer": CONSENT}, channels=[]), said)
    assert call.audio.shape[0] == 1
    for turn in call.truth.turns:
        assert rms_db(call.audio[0][round(turn.start * RATE) : round(turn.end * RATE)]) > -30


@pytest.mark.parametrize("codec", CODECS)
def test_codecs_keep_length_and_step(codec):
    clean = bank.say("en-heart", THANK)
    coded = through_codec(clean, codec)
    assert coded.shape == clean.shape
    assert coded.dtype == np.float32
    assert np.corrcoef(np.abs(clean), np.abs(coded))[0, 1] > 0.7
    assert np.array_equal(clean, coded) == (codec == "none")


def test_unknown_codec_lists_the_choices():
    with pytest.raises(RecordingError, match="ulaw"):
        through_codec(np.zeros(800, np.float32), "mp4")


@pytest.mark.parametrize("name", bank.bank_voices())
def test_every_voice_says_everything_of_its_half(name):
    language, half = next((v.language, v.half) for v in bank.VOICES if v.id == name)
    for text in all_texts(language, half):
        audio = bank.say(name, text)
        assert 0.03 * len(text) < len(audio) / RATE < 0.2 * len(text) + 1.0, text


def test_the_bank_stays_small():
    assert sum(path.stat().st_size for path in bank.FOLDER.iterdir()) < 8_000_000


def test_the_bank_refuses_what_it_does_not_hold():
    with pytest.raises(RecordingError, match="does not say"):
        bank.say("en-heart", "No such words.")
    with pytest.raises(RecordingError, match="en-heart"):
        bank.say("nobody", THANK)


def test_word_times_fill_the_utterance_in_order():
    audio = bank.say("en-heart", LONG)
    words = word_times(audio, LONG, RATE, start=5.0)
    assert [w.text for w in words] == LONG.split()
    assert words[0].start == pytest.approx(5.0, abs=0.1)
    assert words[-1].end == pytest.approx(5.0 + len(audio) / RATE, abs=0.1)
    assert all(a.start <= b.start and a.end <= b.end for a, b in pairwise(words))
    pause = next(i for i, w in enumerate(words) if w.text == "Friday.")
    assert words[pause + 1].start - words[pause].end > 0.1


def test_trim_takes_only_the_silence():
    tone = np.sin(np.arange(8000) / 3).astype(np.float32)
    padded = np.concatenate([np.zeros(4000, np.float32), tone, np.zeros(4000, np.float32)])
    assert len(trim(padded, RATE)) == pytest.approx(8000, abs=480)
    assert len(trim(np.zeros(800, np.float32), RATE)) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: x\nlanguage: fr\nspeakers: {}\ndialogue: []", "language"),
        ("id: x\nlanguage: en\nspeakers: {}\ndialogue: [{agent: Hi}]", "'agent' speaks"),
        ("id: x\nlanguage: en\nspeakers: {}\ndialogue: [{hold: {seconds: -1}}]", "greater than 0"),
        ("id: x\nlanguage: en\nchannels: [agent]\nspeakers: {}\ndialogue: []", "both sides once"),
        ("id: x\nlanguage: en\nspeakers: {}\ndialogue: []\nvolume: 3", "volume"),
        ("id: [", "is no YAML"),
    ],
)
def test_bad_scripts_are_refused_by_name(tmp_path, text, message):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(RecordingError, match=message) as caught:
        read_script(path)
    assert "bad.yaml" in str(caught.value)
