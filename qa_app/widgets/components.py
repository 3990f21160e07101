"""The components with scripts of our own. The scripts come from our server, never from elsewhere; their
address carries their hash, so that a browser keeps them until they change."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

FRONTEND = Path(__file__).parent.parent / "player"


@cache
def _component(name: str) -> Callable[..., Any]:
    script = FRONTEND / "bundle" / f"{name}.js"
    version = hashlib.sha256(script.read_bytes()).hexdigest()[:12]
    address = f"/player/{version}/{name}.js"
    # A text of one line would be taken for a file's name.
    loader = (
        f'const m = await import(new URL("{address}", document.baseURI).href);\nexport default m.default;\n'
    )
    return st.components.v2.component(
        f"rapport_{name}",
        html=f'<div class="rapport-{name}"></div>',
        css=(FRONTEND / "style.css").read_text(),
        js=loader,
    )


def call_page(data: Mapping[str, Any], *, key: str, on_ask: Callable[[], None]) -> None:
    """Draw one call; ``on_ask`` runs when a person decides something (read it with ``asked``)."""
    _component("call")(key=key, data=dict(data), on_ask_change=on_ask)


def asked(key: str) -> Mapping[str, Any]:
    """What the call page's component asks for."""
    found = st.session_state.get(key, {}).get("ask")
    return found if isinstance(found, Mapping) else {}


@dataclass(frozen=True)
class Cell:
    """One cell of a list: ``tone`` is good, bad, review, plain or human; ``share`` draws a bar of 0..1."""

    text: str
    tone: str | None = None
    sub: str | None = None
    share: float | None = None


@dataclass(frozen=True)
class Line:
    """One line of a list; ``label`` names it for screen readers."""

    id: int
    label: str
    cells: tuple[Cell, ...]


def open_list(
    label: str, columns: Sequence[tuple[str, str]], lines: Sequence[Line], *, key: str
) -> int | None:
    """A list whose lines can be opened; returns the id of the one that was. A column is its name and its
    kind: text, number, or extra (not shown on a phone)."""
    data = {
        "label": label,
        "columns": [{"name": name, "kind": kind} for name, kind in columns],
        "rows": [
            {
                "id": line.id,
                "label": line.label,
                "cells": [{k: v for k, v in vars(cell).items() if v is not None} for cell in line.cells],
            }
            for line in lines
        ],
    }
    result = _component("list")(key=key, data=data, on_open_change=lambda: None)
    opened = getattr(result, "open", None)
    known = {line.id for line in lines}
    return opened if isinstance(opened, int) and opened in known else None
