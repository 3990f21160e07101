"""The sample calls: at telephone quality, small, and as their truth says."""

import hashlib

import numpy as np
import pytest
import soundfile
import yaml

from recordings import Conversation
from recordings.samples import samples
from recordings.synthesis.script import Say, read_script
from recordings.synthesis.words import rms_db

SAMPLES = samples()
CRITERIA = {
    "greeting_with_name_and_company",
    "verification_before_account_details",
    "empathy_shown",
    "apology_when_due",
    "ownership_language",
    "forbidden_phrase_used",
    "positive_alternative_offered",
    "hold_permission_asked",
    "hold_reason_given",
    "hold_time_estimate_given",
    "hold_thanked_after",
    "hold_over_30s_without_checkin",
    "transfer_handled_warm",
    "active_listening_paraphrase",
    "resolution_confirmed",
    "callback_promise_specific",
    "anything_else_offered",
    "closing_courteous",
    "repeat_contact_mentioned",
}
COUNTS = {"hold_count", "hold_total_seconds", "dead_air_over_8s_unannounced", "interruptions_by_agent"}
LABELS = {"customer_emotion_start", "customer_emotion_end", "contact_reason"}


@pytest.fixture(params=SAMPLES, ids=lambda sample: sample.id)
def sample(request):
    return request.param


def audio_of(sample):
    audio, rate = soundfile.read(sample.audio, dtype="float32", always_2d=True)
    return audio.T, rate


def test_eight_calls_as_promised():
    truths = [Conversation.read(sample.truth) for sample in SAMPLES]
    assert [t.recording.language for t in truths].count("en") == 5
    assert [t.recording.language for t in truths].count("de") == 3
    assert [t.recording.channels for t in truths].count(2) == 6
    assert [t.recording.channels for t in truths].count(1) == 2
    agent_channels = {
        turn.channel for t in truths if t.recording.channels == 2 for turn in t.turns_of("agent")
    }
    assert agent_channels == {0, 1}
    kinds = {event.kind for t in truths for event in t.events}
    assert kinds >= {"hold", "silence", "overlap", "interruption", "transfer", "tone"}
    assert {event.music for t in truths for event in t.events_of("hold")} == {True, False}


def test_small_and_at_telephone_rate(sample):
    assert sample.audio.stat().st_size < 500_000
    audio, rate = audio_of(sample)
    truth = Conversation.read(sample.truth)
    assert rate == truth.recording.sample_rate == 8000
    assert len(audio) == truth.recording.channels
    assert audio.shape[1] / rate == pytest.approx(truth.recording.duration, abs=0.05)
    assert 60 < truth.recording.duration < 270
    assert hashlib.sha256(sample.audio.read_bytes()).hexdigest() == truth.recording.sha256


def test_who_speaks_is_heard_on_their_channel(sample):
    audio, rate = audio_of(sample)
    truth = Conversation.read(sample.truth)
    others = {0: 1, 1: 0}
    for turn in truth.turns:
        span = slice(round(turn.start * rate), round(turn.end * rate))
        assert rms_db(audio[turn.channel][span]) > -32, turn.text
        alone = not any(
            o.channel != turn.channel and o.start < turn.end and o.end > turn.start for o in truth.turns
        )
        if len(audio) == 2 and alone:
            own, other = audio[turn.channel][span], audio[others[turn.channel]][span]
            assert rms_db(own) - rms_db(other) > 12, turn.text


def test_silences_are_silent_and_holds_with_music_are_not(sample):
    audio, rate = audio_of(sample)
    truth = Conversation.read(sample.truth)
    for event in truth.events_of("silence", "hold"):
        inside = audio[:, round((event.start + 0.3) * rate) : round((event.end - 0.3) * rate)]
        loudest = max(rms_db(channel) for channel in inside)
        assert (loudest > -36) == (event.kind == "hold" and bool(event.music)), event


def test_the_script_is_what_is_said(sample):
    script = read_script(sample.script)
    truth = Conversation.read(sample.truth)
    lines = [step for step in script.dialogue if isinstance(step, Say)]
    assert len(lines) == len(truth.turns)
    broken_off = 0
    for line, turn in zip(lines, truth.turns, strict=True):
        assert line.text.startswith(turn.text)
        broken_off += line.text != turn.text
    assert broken_off == sum(line.yields_after is not None for line in lines)
    for turn in truth.turns:
        assert [word.text for word in turn.words] == turn.text.split()
        times = [time for word in turn.words for time in (word.start, word.end)]
        assert min(times) >= turn.start - 0.001
        assert max(times) <= turn.end + 0.1
        assert np.all(np.diff([word.start for word in turn.words]) >= 0)


def test_gold_names_every_criterion_and_real_turns(sample):
    gold = yaml.safe_load(sample.gold.read_text("utf-8"))
    truth = Conversation.read(sample.truth)
    assert gold["id"] == sample.id
    assert (sample.gold.parent / gold["conversation"]) == sample.truth
    assert (sample.gold.parent / gold["audio"]) == sample.audio
    assert set(gold["gold"]) == CRITERIA | COUNTS | LABELS
    for name in CRITERIA:
        label = gold["gold"][name]
        assert label["verdict"] in ("yes", "no", "na"), name
        assert all(0 <= turn < len(truth.turns) for turn in label["evidence"]), name
    for name in COUNTS:
        assert gold["gold"][name]["value"] == pytest.approx(truth.signals[name]), name
    spoken = {truth.turns[i].role for i in gold["gold"]["forbidden_phrase_used"]["evidence"]}
    assert spoken <= {"agent"}
