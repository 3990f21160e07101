"""Expressions that are made ready when first needed.

Making one of the longer ones ready takes some hundredths of a second, and a call needs only those of its
language and of what happens in it.
"""

from functools import cached_property
from typing import Any, cast

import regex


class _Lazy:
    def __init__(self, text: str, flags: int) -> None:
        self._made_of = text, flags

    @cached_property
    def _ready(self) -> "regex.Pattern[str]":
        return regex.compile(*self._made_of)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # nothing of an expression's own: copying and pickling ask before it is made
            raise AttributeError(name)
        return getattr(self._ready, name)


def lazily(text: str, flags: int = 0) -> "regex.Pattern[str]":
    """Like ``regex.compile``, but at the first use; what is wrong with an expression is raised then."""
    return cast("regex.Pattern[str]", _Lazy(text, flags))
