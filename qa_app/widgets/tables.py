"""Small tables to read: words wrap, a wide one scrolls in itself, lines can be marked as worth a look."""

from collections.abc import Sequence
from html import escape

import streamlit as st

STYLE = """
<style>
.r-table { overflow-x: auto; border: 1px solid var(--r-line); border-radius: 8px; }
.r-table table { border-collapse: collapse; width: 100%; font-size: .88rem; }
.r-table th, .r-table td { text-align: left; padding: .38rem .7rem; vertical-align: top; }
.r-table th { font-weight: 600; color: var(--r-quiet); font-size: .8rem; }
.r-table tbody tr { border-top: 1px solid var(--r-line); }
.r-table tr.mark td:first-child { box-shadow: inset 3px 0 0 #b4632a; font-weight: 600; }
.r-table td.n { white-space: nowrap; font-variant-numeric: tabular-nums; }
@media (max-width: 600px) { .r-table th, .r-table td { padding: .35rem .45rem; } }
</style>
"""


def table(
    label: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    marked: Sequence[bool] = (),
    numbers: Sequence[int] = (),
) -> None:
    """Draw a table; ``marked`` names lines worth a look, ``numbers`` the columns that hold figures."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        f"<tr{_class('mark', i < len(marked) and marked[i])}>"
        + "".join(f"<td{_class('n', j in numbers)}>{escape(cell)}</td>" for j, cell in enumerate(row))
        + "</tr>"
        for i, row in enumerate(rows)
    )
    st.html(
        f'{STYLE}<div class="r-table" tabindex="0" role="region" aria-label="{escape(label)}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _class(name: str, wanted: bool) -> str:
    return f' class="{name}"' if wanted else ""
