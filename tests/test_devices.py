"""Where models run: the choosing logic on any machine, the loaders with real weights where they are."""

import ctypes
import pickle
from pathlib import Path

import numpy as np
import pytest

from models import ModelError, devices, locate
from models.devices import MIB, Device, Gpu, batch_size, choose, compute_type, smaller, threads

GIB = 1024 * MIB
H100 = Gpu(0, "H100", 80 * GIB, 78 * GIB, (9, 0))
BUSY = Gpu(1, "H100", 80 * GIB, 3 * GIB, (9, 0))


@pytest.mark.parametrize(
    ("wanted", "there", "expected"),
    [
        ("auto", (), "cpu"),
        ("cpu", (H100,), "cpu"),
        ("auto", (H100,), "cuda:0"),
        ("cuda", (BUSY, H100), "cuda:0"),  # the one with most free memory
        ("cuda:1", (H100, BUSY), "cuda:1"),
    ],
)
def test_the_device_follows_from_wish_and_machine(wanted: str, there: tuple[Gpu, ...], expected: str) -> None:
    assert choose(wanted, look=lambda: there).torch == expected


@pytest.mark.parametrize(
    ("wanted", "there", "says"),
    [
        ("cuda", (), "'cuda' was asked for, but no such GPU can be used here.*RAPPORT_DEVICE=auto"),
        ("cuda:3", (H100,), "'cuda:3' was asked for"),
        ("gpu", (H100,), "no device 'gpu'; the choices are auto, cpu, cuda"),
        ("cpu:1", (), "no device 'cpu:1'"),
        ("cuda:x", (H100,), "no device 'cuda:x'"),
    ],
)
def test_a_gpu_that_is_not_there_is_an_error_never_a_silent_cpu(
    wanted: str, there: tuple[Gpu, ...], says: str
) -> None:
    with pytest.raises(ModelError, match=says):
        choose(wanted, look=lambda: there)


def test_asking_for_the_cpu_never_looks_for_gpus() -> None:
    def look() -> tuple[Gpu, ...]:
        raise AssertionError("looked")

    assert choose("cpu", look=look).kind == "cpu"


CPU = Device("cpu")
CUDA = choose("cuda", look=lambda: (H100,))


@pytest.mark.parametrize(
    ("device", "supported", "expected"),
    [
        (CPU, {"int8", "int8_float32", "float32"}, "int8"),
        (CPU, {"float32"}, "float32"),
        (CUDA, {"float32", "float16", "int8_float16", "bfloat16"}, "float16"),
        (CUDA, {"float32", "int8", "int8_float32"}, "int8_float32"),
    ],
)
def test_precision_is_float16_on_gpus_and_int8_on_cpus(
    device: Device, supported: set[str], expected: str
) -> None:
    assert compute_type(device, frozenset(supported)) == expected


def test_no_usable_precision_is_an_error_with_what_there_is() -> None:
    with pytest.raises(ModelError, match="offers int16"):
        compute_type(CPU, frozenset({"int16"}))


def test_this_machine_runs_int8() -> None:
    assert compute_type(CPU) == "int8"


@pytest.mark.parametrize(
    ("work", "free", "model", "expected"),
    [
        ("transcription", 78 * GIB, 4000, 48),  # never more than pays
        ("transcription", 8 * GIB, 4000, 7),
        ("transcription", 4 * GIB, 4000, 1),  # too little for a second one
        ("transcription", 0, 4000, 1),
        ("segmentation", 78 * GIB, 600, 256),
        ("segmentation", 2 * GIB, 600, 8),
        ("speakers", 3 * GIB, 800, 26),
    ],
)
def test_batches_follow_the_free_memory(work: str, free: int, model: int, expected: int) -> None:
    device = Device("cuda", 0, "GPU", free, (9, 0))
    assert batch_size(work, device, model) == expected  # type: ignore[arg-type]


def test_more_memory_never_means_a_smaller_batch() -> None:
    for work in devices.NEEDS:
        sizes = [batch_size(work, Device("cuda", free=gib * GIB), 1000) for gib in range(80)]
        assert sizes == sorted(sizes)
        assert batch_size(work, CPU, 1000) == devices.NEEDS[work].cpu


def test_the_ladder_down_ends() -> None:
    size: int | None = 48
    steps = []
    while size is not None:
        steps.append(size)
        size = smaller(size)
    assert steps == [48, 24, 12, 6, 3, 1]


def test_threads_are_what_was_asked_or_what_there_is() -> None:
    assert threads(3) == 3
    assert threads() >= 1


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that looks like nvidia-cublas-cu12; loading is recorded instead of done."""
    (tmp_path / "nvidia/cublas/lib").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path))
    devices.load_cuda12.cache_clear()
    yield tmp_path / "nvidia/cublas/lib"
    devices.load_cuda12.cache_clear()


def test_cuda_12_libraries_come_from_the_wheel_first_and_in_order(
    libraries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "_in_package", lambda _, library: (str(libraries / library),))
    seen: list[tuple[str, int]] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda name, mode=0: seen.append((name, mode)))
    loaded = devices.load_cuda12()
    assert loaded == (str(libraries / "libcublasLt.so.12"), str(libraries / "libcublas.so.12"))
    assert seen == [(name, ctypes.RTLD_GLOBAL) for name in loaded]


def test_cuda_12_libraries_of_the_system_are_the_second_choice(
    libraries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: str, mode: int = 0) -> None:
        if "/" in name:
            raise OSError(name)

    monkeypatch.setattr(devices, "_in_package", lambda _, library: (str(libraries / library),))
    monkeypatch.setattr(ctypes, "CDLL", load)
    assert devices.load_cuda12() == ("libcublasLt.so.12", "libcublas.so.12")


def test_without_cuda_12_libraries_the_message_says_what_to_install(
    libraries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: str, mode: int = 0) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", load)
    with pytest.raises(ModelError, match=r"libcublasLt.so.12.*pip install"):
        devices.load_cuda12()


# --- loaders --------------------------------------------------------------------------------------------


class Exploit:
    """What an evil checkpoint would hold: unpickling it runs a command."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, (f"touch '{self.path}'",)


@pytest.mark.parametrize("task", ["segmentation", "campplus"])
def test_a_checkpoint_that_holds_code_is_refused_and_not_run(tmp_path: Path, task: str) -> None:
    import torch

    from models import campplus, segmentation

    module = {"segmentation": segmentation, "campplus": campplus}[task]
    proof = tmp_path / "it ran"
    torch.save({"state_dict": Exploit(proof)}, tmp_path / module.FILE)
    with pytest.raises(ModelError, match=module.FILE):
        module.load(tmp_path, CPU)
    (tmp_path / module.FILE).write_bytes(pickle.dumps(Exploit(proof)))
    with pytest.raises(ModelError, match=module.FILE):
        module.load(tmp_path, CPU)
    assert not proof.exists()


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    import torch

    from models import campplus

    torch.save({"layer.weight": torch.zeros(3)}, tmp_path / campplus.FILE)
    with pytest.raises(ModelError, match="does not hold the weights of CAM"):
        campplus.load(tmp_path, CPU)


@pytest.mark.models
def test_whisper_loads_and_hears(weights: Path, real_calls: Path) -> None:
    from models import whisper
    from recordings.audio import open_audio

    model = whisper.load(locate("whisper-base", weights), CPU, cpu_threads=1)
    with open_audio(real_calls / "oil-light.mono.flac") as audio:
        segments, _ = model.transcribe(audio.read(0.0, 8.0)[0], language="en", beam_size=1)
    assert "thank you for calling" in " ".join(segment.text for segment in segments).lower()


@pytest.mark.models
def test_segmentation_gives_log_probabilities_of_its_powerset(weights: Path) -> None:
    import torch

    from models import segmentation

    network = segmentation.load(locate("segmentation-3.0", weights), CPU)
    with torch.inference_mode():
        scores = network(torch.zeros(2, 1, 160_000))
    assert scores.shape == (2, 589, 7)
    assert torch.allclose(scores.exp().sum(-1), torch.ones(2, 589), atol=1e-4)


@pytest.mark.models
class TestCampPlus:
    @pytest.fixture(scope="class")
    def network(self, weights: Path):  # type: ignore[no-untyped-def]
        from models import campplus

        return campplus.load(locate("campplus", weights), CPU)

    def test_pooling_all_frames_is_plain_statistics(self, network) -> None:  # type: ignore[no-untyped-def]
        import torch

        vectors = torch.randn(2, 512, 90, generator=torch.Generator().manual_seed(0)).relu()
        with torch.inference_mode():
            plain = network.xvector.dense(torch.cat([vectors.mean(-1), vectors.std(-1)], dim=-1))
            assert torch.allclose(network.pool(vectors), plain, atol=1e-4)

    def test_a_mask_is_the_same_as_cutting(self, network) -> None:  # type: ignore[no-untyped-def]
        import torch

        vectors = torch.randn(1, 512, 100, generator=torch.Generator().manual_seed(1)).relu()
        masks = torch.zeros(1, 3, 100)
        masks[0, 0, :60], masks[0, 1, 60:], masks[0, 2, 5] = 1, 1, 1
        with torch.inference_mode():
            pooled = network.pool(vectors, masks)
            assert pooled.shape == (1, 3, 192)
            assert torch.allclose(pooled[:, 0], network.pool(vectors[..., :60]), atol=1e-4)
            assert torch.allclose(pooled[:, 1], network.pool(vectors[..., 60:]), atol=1e-4)
            assert pooled[0, 2].isnan().all()  # one frame is no voice
            finer = masks.repeat_interleave(3, dim=-1)
            assert torch.allclose(network.pool(vectors, finer)[:, :2], pooled[:, :2], atol=1e-4)

    def test_two_real_voices_are_told_apart(self, network, real_calls: Path) -> None:  # type: ignore[no-untyped-def]
        import torch

        from models.campplus import fbank
        from recordings.audio import open_audio

        found: dict[str, list[np.ndarray]] = {}
        for who in ("agent", "caller"):
            with open_audio(real_calls / f"auto-repairs-40.{who}.flac") as audio:
                loudest = sorted(audio.blocks(3.0), key=lambda b: -float((b.samples**2).mean()))[:5]
            with torch.inference_mode():
                vectors = [network(fbank(torch.from_numpy(b.samples))[None])[0].numpy() for b in loudest]
            found[who] = [v / np.linalg.norm(v) for v in vectors]
        same = [float(a @ b) for v in found.values() for i, a in enumerate(v) for b in v[:i]]
        different = [float(a @ b) for a in found["agent"] for b in found["caller"]]
        assert min(same) > max(different)
