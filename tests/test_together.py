"""Calls done together come out as they do alone, and one call's trouble is nobody else's."""

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from night import results, run_to_the_end, write_tones

from database.settings import Settings
from pipelines.cache import Cache, NoCache
from pipelines.chunks import Chunk, Piece
from pipelines.decode import Decode
from pipelines.doubts import Heard
from pipelines.ladder import Ladder, current, rungs
from pipelines.recogniser import ChunkText
from pipelines.run import CallResult, Pipeline
from pipelines.sources import source_of
from pipelines.steps import Hook, Source, silent
from pipelines.stream import VOTERS, Reading, Stream
from pipelines.testing import LoudStretches, PitchWords, TakeTurns
from pipelines.together import run_together

FAULTY = "pipelines.testing:build_faulty_pipeline"


class Company(PitchWords):
    """Words for several calls at once; ``poison`` names calls that it fails on, alone or in company."""

    def __init__(self, poison: str = "", said: Exception | None = None) -> None:
        super().__init__()
        self.companies: list[int] = []
        self.poison, self.said = poison, said or RuntimeError("a shape does not fit")

    def run_many(self, many: Iterable[Mapping[str, Any]], hook: Hook) -> Sequence[Mapping[str, Any]]:
        taken = list(many)
        self.companies.append(len(taken))
        return [self.run(values, hook) for values in taken]

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        if self.poison and self.poison in values["source"].path.name and current().device != "cpu":
            raise self.said
        return super().run(values, hook)


def pipeline(words: PitchWords) -> Pipeline:
    return Pipeline([Decode(), LoudStretches(), words, TakeTurns()])


def plain(result: CallResult | Exception) -> dict[str, Any]:
    assert isinstance(result, CallResult), result
    document = result.conversation.to_dict()
    document["made_by"].pop("seconds")
    return document


@pytest.fixture
def sources(tmp_path: Path) -> list[Source]:
    return [source_of(path) for path in write_tones(tmp_path / "calls", 5)]


def test_together_is_as_alone(sources: list[Source]) -> None:
    words = Company()
    made = run_together(pipeline(words), sources, NoCache())
    assert words.companies == [5]
    alone = pipeline(PitchWords())
    assert [plain(one) for one in made] == [plain(alone.run(source, NoCache())) for source in sources]


def test_what_the_cache_holds_is_not_asked_for_again(sources: list[Source], tmp_path: Path) -> None:
    cache, words = Cache(tmp_path / "cache"), Company()
    pipeline(words).run(sources[1], cache)
    first = run_together(pipeline(words), sources, cache)
    again = run_together(pipeline(words), sources, cache)
    assert words.companies == [4, 0]
    assert [plain(one) for one in first] == [plain(one) for one in again]


def test_a_broken_file_leaves_the_company(sources: list[Source]) -> None:
    sources[2].path.write_bytes(b"")
    sources[4].path.unlink()
    made = run_together(pipeline(Company()), sources, NoCache())
    assert [isinstance(one, CallResult) for one in made] == [True, True, False, True, False]
    assert "is empty" in str(made[2])
    assert "no such file" in str(made[4])


def test_a_call_that_the_network_fails_on_fails_alone(sources: list[Source]) -> None:
    made = run_together(pipeline(Company("call-00003")), sources, NoCache())
    assert [isinstance(one, CallResult) for one in made] == [True, True, True, False, True]
    assert "shape" in str(made[3])


def test_a_call_without_memory_goes_down_the_ladder_alone(sources: list[Source]) -> None:
    short = RuntimeError("CUDA failed with error out of memory")
    made = Ladder(
        lambda _: pipeline(Company("call-00003", short)), Settings(device="cuda"), rungs("cuda")
    ).run_together(sources, NoCache())
    notes = [one.concessions if isinstance(one, CallResult) else one for one in made]
    assert notes == [(), (), (), ("memory was short: on the CPU",), ()]


def test_a_gpu_that_dies_under_a_company_costs_no_call(sources: list[Source]) -> None:
    lost = RuntimeError("CUDA error: an illegal memory access was encountered")
    ladder = Ladder(lambda _: pipeline(Company("call-", lost)), Settings(device="cuda"), rungs("cuda"))
    for _ in range(2):
        made = ladder.run_together(sources, NoCache())
        assert [one.concessions if isinstance(one, CallResult) else one for one in made] == [
            ("the GPU failed: on the CPU",)
        ] * 5


@pytest.mark.parametrize(("name", "says"), [("crash", "SIGKILL"), ("hang", "took longer than")])
def test_a_call_that_takes_its_company_down_is_found_out_and_the_others_are_done(
    tmp_path: Path, name: str, says: str
) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    paths = write_tones(inbox, 6)
    paths[2].rename(paths[2].with_name(f"{name}.wav"))
    run_to_the_end(home, inbox, builder=FAULTY, workers=1, at_once=4, limit_s=4.0)
    made = results(home)
    bad = made.pop(f"{name}.wav")
    assert bad.startswith("quarantined: ")
    assert says in bad
    paths[2].with_name(f"{name}.wav").unlink()
    run_to_the_end(tmp_path / "alone", inbox)
    assert made == results(tmp_path / "alone")


# ---- the stream of chunks


class Scripted:
    """A recogniser that writes down its batches; a chunk's text tells its call, its number and the language
    that it was read in. The sound of a chunk is (call, number, language)."""

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size
        self.read_batches: list[tuple[str, str | None, int]] = []

    def languages(self, chunks: Sequence[Any]) -> list[dict[str, float]]:
        assert len(chunks) <= self.batch_size
        return [{chunk[2]: 0.9, "fr": 0.1} for chunk in chunks]

    def read(self, chunks: Sequence[Any], language: str, hotwords: str | None) -> list[ChunkText]:
        self.read_batches.append((language, hotwords, len(chunks)))
        return [ChunkText(Heard(f"{c[0]}/{c[1]}/{language}", -0.1, 0.0), ()) for c in chunks]


def reading(call: int, chunks: int, spoken: str, told: bool, hotwords: str | None) -> Reading:
    pieces = [Chunk(0, (Piece(30.0 * n, 30.0 * n + 20),)) for n in range(chunks)]
    sound: Any = lambda chunk: (call, round(chunk.start / 30), spoken)  # noqa: E731
    return Reading(pieces, sound, spoken if told else "auto", hotwords)


@pytest.mark.parametrize("seed", range(20))
def test_every_chunk_is_read_once_in_its_language_and_batches_are_full(seed: int) -> None:
    draw = random.Random(seed)
    size = draw.choice([1, 2, 5, 8, 48])
    recogniser: Any = Scripted(size)
    heard: list[tuple[float, float]] = []
    stream = Stream(
        recogniser,
        lambda votes: (max(votes, key=lambda name: votes[name]), max(votes.values())),
        lambda done, total: heard.append((done, total)),
    )
    calls = [
        reading(
            n, draw.randint(1, 30), draw.choice(["en", "de"]), draw.random() < 0.5, draw.choice([None, "x"])
        )
        for n in range(draw.randint(1, 9))
    ]
    spoken = [call.sound(call.chunks[0])[2] for call in calls]
    told = [call.language != "auto" for call in calls]
    for call in calls:
        stream.add(call)
    stream.finish()
    for number, call in enumerate(calls):
        assert call.language == spoken[number]
        assert (call.probability is None) is told[number]
        assert [call.texts[n].heard.text for n in range(len(call.chunks))] == [
            f"{number}/{n}/{spoken[number]}" for n in range(len(call.chunks))
        ]
    assert sum(batch[2] for batch in recogniser.read_batches) == sum(len(call.chunks) for call in calls)
    assert max(batch[2] for batch in recogniser.read_batches) <= size
    assert heard[-1][0] == pytest.approx(heard[-1][1])
    if all(told):
        parts = [b[2] for b in recogniser.read_batches if b[2] < size]
        assert len(parts) <= len({(b[0], b[1]) for b in recogniser.read_batches}), (
            "only the last may be part full"
        )


def test_a_lone_call_reads_its_voters_first_and_then_full_batches() -> None:
    recogniser: Any = Scripted(8)
    stream = Stream(recogniser, lambda votes: ("en", 0.9), lambda *_: None)
    stream.add(reading(0, 20, "en", False, None))
    stream.finish()
    assert [batch[2] for batch in recogniser.read_batches] == [VOTERS, 8, 4]


# ---- the real networks


@pytest.mark.models
def test_the_real_networks_give_the_same_in_company(weights: Path, tmp_path: Path) -> None:
    """Two stretches of sample calls in English, one in German, mono: words, times and speakers."""
    from pipelines.diarize import Diarize, DiarizeOptions
    from pipelines.sounds import Sounds
    from pipelines.transcribe import Transcribe, TranscribeOptions
    from recordings.audio import Audio, open_audio

    samples = Path(__file__).parent.parent / "recordings" / "samples"
    given: list[dict[str, Any]] = []
    for name, start in (("01_late_parcel", 5), ("04_gym_cancellation", 20), ("07_kuendigung_strom", 10)):
        with open_audio(samples / f"{name}.opus") as whole:
            audio = Audio.from_samples(whole.read(start, start + 14).mean(axis=0))
        values: dict[str, Any] = {
            "audio": audio,
            "source": SimpleNamespace(recording=SimpleNamespace(language=None), hotwords=()),
        }
        given.append({**values, **Sounds().run(values, silent)})
    steps = (
        Transcribe(weights, TranscribeOptions(device="cpu")),
        Diarize(weights, DiarizeOptions(device="cpu")),
    )
    for step in steps:
        alone = [step.run(values, silent) for values in given]
        assert step.run_many(iter(given), silent) == alone
    assert [a["transcript"].language for a in [steps[0].run(v, silent) for v in given[2:]]] == ["de"]


@pytest.mark.models
def test_what_a_gpu_would_do_in_torch_agrees_with_what_the_cpu_does(weights: Path, real_calls: Path) -> None:
    from models import devices
    from pipelines.diarize_networks import Networks, Place
    from recordings.audio import Audio, open_audio

    with open_audio(real_calls / "oil-light.mono.flac") as whole:
        parts = [Audio.from_samples(whole.read(a, a + 25)) for a in (0.0, 100.0)]
    places = [Place(audio, 0, lambda start, end: True) for audio in parts]
    names = {"segmentation_model": "segmentation-3.0", "embedding_model": "campplus"}
    cpu = devices.Device("cpu")
    ours = Networks(weights, cpu, **names).listen(places, 2.5, lambda _: None)
    torch = Networks(weights, cpu, in_torch=True, **names).listen(places, 2.5, lambda _: None)
    for one, other in zip(ours, torch, strict=True):
        assert (one.starts == other.starts).all()
        assert (one.active == other.active).mean() > 0.99
        both = ~np.isnan(one.embeddings[..., 0]) & ~np.isnan(other.embeddings[..., 0])
        assert both.sum() >= 5
        a, b = one.embeddings[both], other.embeddings[both]
        alike = (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
        assert np.median(alike) > 0.99
