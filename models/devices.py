"""Where models run and how exactly they count: CPU or GPU, precision, threads, batch sizes.

The choice is a pure function of what was asked and what the machine has, so that it can be tested on
any machine. Nothing falls back in silence: a GPU that was asked for and is not there is an error.
"""

import ctypes
import importlib.util
import os
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from models.errors import ModelError

Kind = Literal["cpu", "cuda"]
Work = Literal["transcription", "segmentation", "speakers", "sentences"]
CHOICES = ("auto", "cpu", "cuda")

MIB = 1 << 20
RESERVE = 1024 * MIB
"""GPU memory that is left alone: the CUDA context, and what other processes do meanwhile."""


@dataclass(frozen=True)
class Gpu:
    """One GPU as the driver sees it: memory in bytes, compute capability such as (9, 0)."""

    index: int
    name: str
    total: int
    free: int
    capability: tuple[int, int]


@dataclass(frozen=True)
class Device:
    """Where to run. ``torch`` is the name that torch uses; ``free`` GPU bytes when it was chosen."""

    kind: Kind
    index: int = 0
    name: str = "CPU"
    free: int = 0
    capability: tuple[int, int] = (0, 0)

    @property
    def torch(self) -> str:
        """``cpu`` or ``cuda:0``."""
        return "cpu" if self.kind == "cpu" else f"cuda:{self.index}"


def gpus() -> tuple[Gpu, ...]:
    """The GPUs that torch can use; empty without a driver. Imports torch."""
    import torch

    if not torch.cuda.is_available():
        return ()
    found = []
    for index in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(index)
        properties = torch.cuda.get_device_properties(index)
        found.append(Gpu(index, properties.name, total, free, (properties.major, properties.minor)))
    return tuple(found)


def gpu_count() -> int:
    """How many GPUs the CUDA driver sees: a look that loads no framework and takes none of their memory."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def choose(wanted: str = "auto", *, look: Callable[[], tuple[Gpu, ...]] = gpus) -> Device:
    """The device for ``auto``, ``cpu`` or ``cuda`` (``cuda:1`` for a certain one).

    ``auto`` takes the GPU with most free memory, else the CPU. Raises ModelError for an unknown word and
    for a GPU that is not there.
    """
    kind, _, number = wanted.partition(":")
    if kind not in CHOICES or (number and (kind != "cuda" or not number.isdigit())):
        raise ModelError(f"there is no device {wanted!r}; the choices are {', '.join(CHOICES)}, cuda:NUMBER")
    if kind == "cpu":
        return Device("cpu")
    found = look()
    if number:
        found = tuple(gpu for gpu in found if gpu.index == int(number))
    if not found and kind == "cuda":
        raise ModelError(
            f"the device {wanted!r} was asked for, but no such GPU can be used here: no card, no driver, or "
            "a driver too old for this torch (see nvidia-smi); set RAPPORT_DEVICE=auto to go on without one"
        )
    if not found:
        return Device("cpu")
    best = max(found, key=lambda gpu: (gpu.free, -gpu.index))
    return Device("cuda", best.index, best.name, best.free, best.capability)


def compute_type(device: Device, supported: frozenset[str] | None = None) -> str:
    """The precision for Whisper: float16 on a GPU, int8 on a CPU, the next best where that is missing.

    ``supported`` is what ctranslate2 says of the device (asked here when it is not given).
    """
    if supported is None:
        import ctranslate2

        supported = frozenset(ctranslate2.get_supported_compute_types(device.kind, device.index))
    wishes = {
        "cpu": ("int8", "int8_float32", "float32"),
        "cuda": ("float16", "int8_float16", "bfloat16", "int8_float32", "float32"),
    }[device.kind]
    for wish in wishes:
        if wish in supported:
            return wish
    raise ModelError(
        f"{device.name} can run Whisper in none of {', '.join(wishes)}; ctranslate2 offers "
        f"{', '.join(sorted(supported)) or 'nothing'}"
    )


@dataclass(frozen=True)
class _Need:
    """Bytes of GPU memory per item of a batch, the largest batch that pays, and the batch for a CPU."""

    per_item: int
    most: int
    cpu: int


NEEDS: dict[Work, _Need] = {
    "transcription": _Need(400 * MIB, 48, 8),
    "segmentation": _Need(48 * MIB, 256, 32),
    "speakers": _Need(48 * MIB, 256, 16),
    "sentences": _Need(8 * MIB, 1024, 32),
}


BATCH_SHARE: ContextVar[float] = ContextVar("batch_share", default=1.0)
"""The share of the usual batch to take; smaller after memory ran out (pipelines/ladder.py)."""


CONCESSIONS: ContextVar[list[str] | None] = ContextVar("concessions", default=None)
"""What had to be done with less than was chosen, while somebody listens (pipelines/ladder.py)."""


def concede(note: str) -> None:
    """Tell whoever listens that something was done with less than was chosen; each note counts once."""
    notes = CONCESSIONS.get()
    if notes is not None and note not in notes:
        notes.append(note)


def batch_size(work: Work, device: Device, model_mib: int) -> int:
    """How many items go through a network at once: fixed on a CPU, by free memory on a GPU, at least 1.

    ``model_mib`` is what the network itself takes (the catalogue's ``memory.gpu``).
    """
    need = NEEDS[work]
    if device.kind == "cpu":
        size = need.cpu
    else:
        size = min(need.most, (device.free - RESERVE - model_mib * MIB) // need.per_item)
    return max(1, int(size * BATCH_SHARE.get()))


def smaller(size: int) -> int | None:
    """The next batch size down after a GPU ran out of memory; None when one item was too much."""
    return size // 2 if size > 1 else None


def threads(wanted: int | None = None) -> int:
    """CPU threads for one model: what was asked, else ``RAPPORT_THREADS``, else the cores that this process
    may use."""
    told = os.environ.get("RAPPORT_THREADS", "")
    if wanted is not None or told.isdigit():
        return wanted or max(1, int(told))
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


CUDA12 = (("nvidia.cublas", "libcublasLt.so.12"), ("nvidia.cublas", "libcublas.so.12"))
"""What ctranslate2 opens by name at its first computation, in the order in which they need each other.
Its build calls no cuDNN. nvidia-cudnn-cu12 must not be installed: it would overwrite the files of the
CUDA 13 cuDNN that torch loads."""


@lru_cache(maxsize=1)
def load_cuda12() -> tuple[str, ...]:
    """Load the CUDA 12 libraries of ctranslate2 beside torch's CUDA 13; returns the files loaded.

    Both generations carry different names (``.so.12``, ``.so.13``), so they live in one process side by
    side. Taken from the nvidia-cublas-cu12 wheel, else from the system. Raises ModelError when neither
    has them.
    """
    loaded = []
    for package, library in CUDA12:
        for candidate in (*_in_package(package, library), library):
            try:
                ctypes.CDLL(candidate, mode=ctypes.RTLD_GLOBAL)
            except OSError:
                continue
            loaded.append(candidate)
            break
        else:
            raise ModelError(
                f"faster-whisper needs {library} (CUDA 12) to run on a GPU and it is not installed; "
                'install it with: pip install "rapport[gpu]", or set RAPPORT_DEVICE=cpu'
            )
    return tuple(loaded)


def _in_package(package: str, library: str) -> tuple[str, ...]:
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        return ()
    places = spec.submodule_search_locations if spec is not None else None
    return tuple(str(Path(place) / "lib" / library) for place in places or ())
