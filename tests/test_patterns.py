"""Expressions made ready at their first use: the same as made at once, and none of ours is broken."""

import copy
import importlib
import pickle
import pkgutil

import pytest
import regex

import scorecards
from scorecards.patterns import lazily

MODULES = [one.name for one in pkgutil.walk_packages(scorecards.__path__, "scorecards.")]


def test_it_does_what_the_expression_does() -> None:
    pattern = lazily("a+(?P<b>b)", regex.IGNORECASE)
    match = pattern.search("xAAb")
    assert match is not None
    assert (match.group(), match.group("b"), pattern.pattern) == ("AAb", "b", "a+(?P<b>b)")


def test_it_is_made_at_its_first_use() -> None:
    broken = lazily("(")
    with pytest.raises(regex.error):
        broken.search("x")


def test_it_can_be_copied() -> None:
    pattern = lazily("a+")
    for other in (copy.copy(pattern), pickle.loads(pickle.dumps(pattern))):
        assert other.fullmatch("aa")


@pytest.mark.parametrize("module", MODULES)
def test_every_expression_of_a_module_is_sound(module: str) -> None:
    for value in vars(importlib.import_module(module)).values():
        for one in value.values() if isinstance(value, dict) else (value,):
            if type(one).__name__ == "_Lazy":
                assert one.pattern
