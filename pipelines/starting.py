"""Loading without searches for garbage: what loads stays, and every search would walk all of it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Inside, modules load without a search for garbage; what is there at the end is never searched again.

    Torch alone makes a million objects: searching them again and again, and once more at the process's end,
    is a third of what its import costs. For what loads once: garbage that is there at the end stays.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
