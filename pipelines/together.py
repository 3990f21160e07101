"""Several calls at once through one pipeline, where a network is quicker with full batches.

The steps before the first that takes many calls (decoding, listening for speech) run ahead in threads while
earlier calls are in the network. A call that fails leaves the company; a step that fails for the company is
done again call by call, so that one call's trouble is nobody else's.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeGuard

from pipelines.cache import Cache
from pipelines.steps import Hook, Source, Step, TakesMany, silent

if TYPE_CHECKING:
    from pipelines.run import CallResult, InHand, Pipeline

AHEAD = 2
"""Threads that make calls ready ahead of the network."""


def takes_many(step: Step) -> TypeGuard[TakesMany]:
    """Whether a step can do several calls in common batches."""
    return hasattr(step, "run_many")


def run_together(
    pipeline: "Pipeline",
    sources: Sequence[Source],
    cache: Cache,
    hook: Hook = silent,
    *,
    ahead: int = AHEAD,
) -> list["CallResult | Exception"]:
    """The result of each call, or the error that ended it, in the order of ``sources``. Each call's outputs
    are those of ``Pipeline.run`` as far as its networks give the same numbers in any company."""
    errors: dict[int, Exception] = {}
    with ExitStack() as stack:
        calls: list[InHand | None] = []
        for number, source in enumerate(sources):
            try:
                calls.append(stack.enter_context(pipeline.in_hand(source)))
            except Exception as error:  # its own trouble, told as its result
                errors[number] = error
                calls.append(None)
        first = next((i for i, step in enumerate(pipeline.steps) if takes_many(step)), len(pipeline.steps))
        ready = _Ready(pipeline.steps[:first], calls, errors, cache, hook)
        with ThreadPoolExecutor(max(1, ahead), thread_name_prefix="ahead") as threads:
            ready.start(threads)
            for position, step in enumerate(pipeline.steps[first:]):
                left = ready if position == 0 else _left(calls, errors)
                _do(step, left, errors, cache, hook)
            list(ready)  # where no step takes many, the calls still have to be waited for
        results: list[CallResult | Exception] = []
        for number, call in enumerate(calls):
            try:
                results.append(errors[number] if call is None or number in errors else call.result())
            except Exception as error:
                results.append(error)
        return results


class _Ready:
    """The calls in order, each as soon as the steps that run ahead have been done for it."""

    def __init__(
        self,
        steps: Sequence[Step],
        calls: Sequence["InHand | None"],
        errors: dict[int, Exception],
        cache: Cache,
        hook: Hook,
    ) -> None:
        self.steps, self.calls, self.errors, self.cache = steps, calls, errors, cache
        self._lock, self._hook = threading.Lock(), hook
        self._made: list[tuple[int, Future[None]]] = []

    def start(self, threads: ThreadPoolExecutor) -> None:
        self._made = [
            (number, threads.submit(copy_context().run, self._prepare, call))
            for number, call in enumerate(self.calls)
            if call is not None
        ]

    def hook(self, step: str, completed: float, total: float, artefact: Any = None) -> None:
        with self._lock:
            self._hook(step, completed, total, artefact)

    def _prepare(self, call: "InHand") -> None:
        for step in self.steps:
            call.do(step, self.cache, self.hook)

    def __iter__(self) -> Iterator[tuple[int, "InHand"]]:
        for number, future in self._made:
            try:
                future.result()
            except Exception as error:
                self.errors[number] = error
            else:
                call = self.calls[number]
                if call is not None and number not in self.errors:
                    yield number, call


def _left(
    calls: Sequence["InHand | None"], errors: Mapping[int, Exception]
) -> Iterator[tuple[int, "InHand"]]:
    for number, call in enumerate(calls):
        if call is not None and number not in errors:
            yield number, call


def _do(
    step: Step,
    calls: "_Ready | Iterator[tuple[int, InHand]]",
    errors: dict[int, Exception],
    cache: Cache,
    hook: Hook,
) -> None:
    """One step for all calls that are left."""
    if not takes_many(step):
        for number, call in calls:
            _alone(step, number, call, errors, cache, hook)
        return
    asked: list[tuple[int, InHand]] = []
    started = time.perf_counter()

    def wanted() -> Iterator[Mapping[str, Any]]:
        for number, call in calls:
            try:
                values = None if call.known(step, cache, hook) else call.given(step)
            except Exception as error:
                errors[number] = error
                continue
            if values is not None:
                asked.append((number, call))
                yield values

    made: Sequence[Mapping[str, Any]] | None
    try:
        made = step.run_many(wanted(), hook)
    except Exception:  # whose fault it was shows when each is done alone
        made = None
    if made is None or len(made) != len(asked):
        rest = [*asked, *((n, c) for n, c in calls if (n, c) not in asked)]
        for number, call in rest:
            _alone(step, number, call, errors, cache, hook)
        return
    each = (time.perf_counter() - started) / max(1, len(asked))
    for (number, call), values in zip(asked, made, strict=True):
        _guarded(number, errors, lambda call=call, values=values: call.keep(step, values, each, cache, hook))  # type: ignore[misc]


def _alone(
    step: Step, number: int, call: "InHand", errors: dict[int, Exception], cache: Cache, hook: Hook
) -> None:
    _guarded(number, errors, lambda: call.do(step, cache, hook))


def _guarded(number: int, errors: dict[int, Exception], do: Callable[[], None]) -> None:
    try:
        do()
    except Exception as error:
        errors[number] = error
