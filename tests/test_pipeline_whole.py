"""The whole pipeline with the real models on sample calls, against what is true of them."""

from pathlib import Path

import jiwer
import pytest

from database.settings import Settings
from pipelines.process import Processor, processor
from pipelines.sources import source_of
from recordings import Conversation
from recordings.samples import Sample, samples

CALLS = {sample.id: sample for sample in samples()}
TIDY = jiwer.Compose(
    [
        jiwer.ToLowerCase(),
        jiwer.RemovePunctuation(),
        jiwer.RemoveMultipleSpaces(),
        jiwer.Strip(),
        jiwer.ReduceToListOfListOfWords(),
    ]
)


@pytest.fixture(scope="module")
def made(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Processor:
    home = tmp_path_factory.mktemp("whole") / "home"
    return processor(Settings(home=home, models=weights), store=False)


def said(conversation: Conversation, role: str) -> str:
    return " ".join(turn.text for turn in conversation.turns if turn.role == role)


def wrong_words(sample: Sample, heard: Conversation, role: str) -> float:
    truth = said(Conversation.read(sample.truth), role)
    return jiwer.wer(truth, said(heard, role), reference_transform=TIDY, hypothesis_transform=TIDY)


@pytest.mark.models
@pytest.mark.parametrize(
    ("call", "language", "most_wrong"),
    [("01_late_parcel", "en", 0.25), ("08_termin_verschieben", "de", 0.45)],
)
def test_a_sample_call_reads_true_and_a_second_run_is_the_same(
    made: Processor, call: str, language: str, most_wrong: float
) -> None:
    sample = CALLS[call]
    truth = Conversation.read(sample.truth)
    first = made.process(source_of(sample.audio))
    heard = first.conversation
    assert heard.recording.language == language
    for role in ("agent", "customer"):
        assert wrong_words(sample, heard, role) < most_wrong, said(heard, role)
    true_holds = [(e.start, e.end) for e in truth.events_of("hold")]
    holds = [(e.start, e.end) for e in heard.events_of("hold")]
    assert len(holds) == len(true_holds)
    for (start, end), (true_start, true_end) in zip(holds, true_holds, strict=True):
        assert start == pytest.approx(true_start, abs=1.5)
        assert end == pytest.approx(true_end, abs=1.5)
    assert heard.acts
    assert first.assessment.score is not None
    assert {c.id for c in first.assessment.criteria} >= {"greeting_with_name_and_company", "hold_count"}
    second = made.process(source_of(sample.audio))
    assert second.conversation.to_json() == heard.to_json()
    assert second.assessment.to_json() == first.assessment.to_json()


@pytest.mark.models
def test_a_real_call_has_its_roles_right(made: Processor, real_calls: Path) -> None:
    heard = made.process(source_of(real_calls / "oil-light.mono.flac")).conversation
    agent, customer = said(heard, "agent").lower(), said(heard, "customer").lower()
    for words in ("thank you for calling", "how can i help you", "first call", "warranty"):
        assert words in agent
        assert words not in customer
    for words in ("my name is violet", "oil light"):
        assert words in customer
    assert all((turn.role_confidence or 0) > 0.5 for turn in heard.turns)
