"""The ladder: a call that a machine's memory is too small for is taken again one rung lower.

Smaller batches, then smaller numbers, then the CPU. Each rung below the first is noted on the result
(``made_by.notes``); the next call begins at the top again. A GPU that fails altogether is left at once and
for good: its context is lost to the process.
"""

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

from database.settings import Settings
from models import devices
from pipelines.cache import Cache
from pipelines.run import CallResult, Pipeline
from pipelines.steps import Hook, Source, silent
from pipelines.together import run_together

log = structlog.get_logger()

SIGNS = ("out of memory", "not enough memory", "can't allocate memory", "bad_alloc")
"""How libraries say it: CUDA and ctranslate2, torch on a CPU, the C++ runtime."""
GPU_WORDS = ("cuda", "cublas", "cudnn", "nvml", "nccl")
"""What an error of a GPU, its driver or its libraries names, whichever library raised it."""


@dataclass(frozen=True)
class Rung:
    """What a rung asks of the models: a share of the usual batch, a precision and a device (None: as set)."""

    note: str | None = None
    share: float = 1.0
    precision: str | None = None
    device: str | None = None


TOP = Rung()
SMALLER_BATCH = Rung("memory was short: batches of a quarter", share=0.25)
SMALLER_NUMBERS = Rung("memory was short: eight-bit weights", share=0.25, precision="int8_float16")
ON_CPU = Rung("memory was short: on the CPU", device="cpu")
GPU_LOST = Rung("the GPU failed: on the CPU", device="cpu")

_now: ContextVar[Rung] = ContextVar("rung", default=TOP)


def rungs(kind: str) -> tuple[Rung, ...]:
    """The rungs of a device kind (``cuda`` or ``cpu``), highest first."""
    if kind == "cuda":
        return (TOP, SMALLER_BATCH, SMALLER_NUMBERS, ON_CPU)
    return (TOP, SMALLER_BATCH)


def current() -> Rung:
    """The rung that a pipeline is being built for or run on."""
    return _now.get()


def out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that caused it, says that memory ran out."""
    while error is not None:
        if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
            return True
        if isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in SIGNS):
            return True
        error = error.__cause__
    return False


def gpu_failed(error: BaseException | None) -> bool:
    """Whether an error, or one that caused it, says that the GPU itself or its driver failed."""
    short = out_of_memory(error)
    while error is not None and not short:
        if isinstance(error, RuntimeError) and any(word in str(error).lower() for word in GPU_WORDS):
            return True
        error = error.__cause__
    return False


class Ladder:
    """A pipeline that goes down by itself: built by ``build``, which reads ``current()`` for its options."""

    def __init__(
        self, build: Callable[[Settings], Pipeline], settings: Settings, steps: tuple[Rung, ...] | None = None
    ) -> None:
        self.build, self.settings, self._rungs = build, settings, steps
        self._built: tuple[Rung, Pipeline] | None = None
        self._lost: list[Pipeline] = []
        self.pipeline(TOP)

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The rungs, as given or as the device has them (asked when memory first runs out)."""
        if self._rungs is None:
            self._rungs = rungs(devices.choose(self.settings.device).kind)
        return self._rungs

    def pipeline(self, rung: Rung) -> Pipeline:
        """The pipeline of a rung; only one is held at a time."""
        if self._built is None or self._built[0] != rung:
            self._free()
            settings = self.settings
            if rung.device is not None:
                settings = settings.model_copy(update={"device": rung.device})
            with _standing_on(rung):
                self._built = (rung, self.build(settings))
        return self._built[1]

    def run(self, source: Source, cache: Cache, hook: Hook = silent) -> CallResult:
        """The call's result, from the highest rung that has the memory for it.

        Raises what the pipeline raises; the last rung's error where no rung has.
        """
        rung: Rung | None = GPU_LOST if self._lost else TOP
        while rung is not None:
            lower = None
            try:
                with _standing_on(rung) as conceded:
                    result = self.pipeline(rung).run(source, cache, hook)
            except Exception as error:
                lower = self._after(error, rung)
                if lower is None:
                    raise
                log.warning("taken again", cause=f"{type(error).__name__}: {error}"[:300], next=lower.note)
            else:
                return _noted(result, [rung.note, *conceded] if rung.note else conceded)
            self._free()  # outside the handler: the error's frames hold the models
            rung = lower
        raise AssertionError("unreachable")

    def run_together(
        self, sources: Sequence[Source], cache: Cache, hook: Hook = silent
    ) -> list[CallResult | Exception]:
        """Several calls in common batches; each call's result, or its error. Calls for which memory was too
        short, or whose GPU failed, are taken again alone, from the top of the ladder."""
        rung = GPU_LOST if self._lost else TOP
        with _standing_on(rung) as conceded:
            found = run_together(self.pipeline(rung), sources, cache, hook)
        again: list[int] = []
        results: list[CallResult | Exception] = []
        for number, made in enumerate(found):
            if isinstance(made, CallResult):
                results.append(_noted(made, [rung.note, *conceded] if rung.note else conceded))
                continue
            if self._after(made, rung) is not None:
                again.append(number)
            results.append(made.with_traceback(None))  # its frames hold the models
        del found
        if again:
            self._free()
        for number in again:
            try:
                results[number] = self.run(sources[number], cache, hook)
            except Exception as error:  # told as its result
                results[number] = error
        return results

    def _after(self, error: Exception, rung: Rung) -> Rung | None:
        """The rung to go on from after an error; None where no other rung can help."""
        if out_of_memory(error):
            return self._below(rung)
        if rung.device != "cpu" and self.settings.device != "cpu" and gpu_failed(error):
            if self._built is not None:
                # Kept for ever: freeing its models would ask the driver, which may end the process.
                self._lost.append(self._built[1])
            return GPU_LOST
        return None

    def _below(self, rung: Rung) -> Rung | None:
        if rung not in self.rungs:
            return None
        at = self.rungs.index(rung)
        return self.rungs[at + 1] if at + 1 < len(self.rungs) else None

    def _free(self) -> None:
        self._built = None
        gc.collect()
        torch = sys.modules.get("torch")
        if torch is not None and not self._lost and torch.cuda.is_available():
            torch.cuda.empty_cache()


@contextmanager
def _standing_on(rung: Rung) -> Iterator[list[str]]:
    """Let the models be built and run by a rung; gives the list of what is conceded meanwhile."""
    conceded: list[str] = []
    now, share = _now.set(rung), devices.BATCH_SHARE.set(rung.share)
    heard = devices.CONCESSIONS.set(conceded)
    try:
        yield conceded
    finally:
        devices.CONCESSIONS.reset(heard)
        devices.BATCH_SHARE.reset(share)
        _now.reset(now)


def _noted(result: CallResult, notes: Sequence[str]) -> CallResult:
    made_by = result.conversation.made_by
    if not notes or made_by is None:
        return result
    recipe = made_by.model_copy(update={"notes": (*made_by.notes, *notes)})
    return CallResult(result.conversation.model_copy(update={"made_by": recipe}), result.peaks, tuple(notes))
