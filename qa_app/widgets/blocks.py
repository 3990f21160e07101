"""Small blocks: headings, empty states, figures with their interval."""

from collections.abc import Iterable
from html import escape

import streamlit as st


def heading(title: str, lead: str = "") -> None:
    """A page's heading, the same on every page."""
    lead_html = f'<p class="r-lead">{escape(lead)}</p>' if lead else ""
    st.html(f'<div class="r-head"><h1>{escape(title)}</h1>{lead_html}</div>')


def empty(title: str, help_text: str) -> None:
    """Nothing is here, and what to do next."""
    st.html(f'<div class="r-empty"><h2>{escape(title)}</h2><p>{escape(help_text)}</p></div>')


def plain(text: str) -> str:
    """Text for a place that reads markdown: no mark-up of its own may show."""
    return "".join("\\" + c if c in "\\`*_{}[]()#+-.!|<>~:$&" else c for c in text)


def figure(name: str, value: str, note: str = "") -> None:
    """One number with what it rests on."""
    st.html(
        f'<div class="r-figure"><p class="n">{escape(name)}</p><p class="v">{escape(value)}</p>'
        f'<p class="t">{escape(note)}</p></div>'
    )


def link(text: str, address: str) -> None:
    """A link of this app that looks like a button and opens in the same tab."""
    st.html(f'<p class="r-link"><a href="{escape(address)}">{escape(text)}</a></p>')


def figures(items: Iterable[tuple[str, str]]) -> None:
    """Several numbers side by side, as many in a row as fit."""
    boxes = "".join(
        f'<div class="r-figure"><p class="n">{escape(name)}</p><p class="v">{escape(value)}</p></div>'
        for name, value in items
    )
    st.html(f'<div class="r-figures">{boxes}</div>')


STYLE = """
<style>
:root, .stApp { --r-line: color-mix(in srgb, currentColor 20%, transparent); }
:root, .stApp { --r-quiet: color-mix(in srgb, currentColor 68%, transparent); }
.block-container, [data-testid="stMainBlockContainer"] {
  max-width: 1500px; padding-top: 4.2rem; padding-bottom: 2rem;
}
.r-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem 1rem; }
.r-head h1 { font-size: 1.45rem; font-weight: 680; letter-spacing: -.01em; padding: 0; margin: 0; }
.r-lead { color: var(--r-quiet); margin: .1rem 0 0; }
.r-empty { border: 1px dashed var(--r-line); border-radius: 10px; padding: 2rem 1.5rem; }
.r-empty { text-align: center; }
.r-empty h2 { font-size: 1.05rem; margin: 0 0 .3rem; padding: 0; }
.r-empty p { color: var(--r-quiet); margin: 0 auto; max-width: 40rem; }
.r-figure { border: 1px solid var(--r-line); border-radius: 8px; padding: .7rem .9rem; }
.r-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: .7rem; }
.r-figure p { margin: 0; }
.r-figure .n { font-size: .82rem; color: var(--r-quiet); }
.r-figure .v { font-size: 1.75rem; font-weight: 650; letter-spacing: -.02em; line-height: 1.25; }
.r-figure .t { font-size: .8rem; color: var(--r-quiet); }
.r-card h2 { font-size: 1.02rem; padding: 0; margin: .4rem 0 .2rem; }
.r-card h2 small { font-weight: 400; font-size: .82rem; color: var(--r-quiet); }
.r-card ul { list-style: none; padding: 0; margin: 0; }
.r-card li { border-top: 1px solid var(--r-line); padding: .45rem 0; margin: 0; }
.r-card li span { display: block; font-size: .84rem; color: var(--r-quiet); }
.r-card li p { margin: .15rem 0 0; font-size: .9rem; max-width: 60rem; }
.r-card code { font-size: .78rem; color: var(--r-quiet); background: none; padding: 0 .2rem; }
[class*="st-key-scorecards-text"] textarea, [class*="st-key-scorecards-tests"] textarea {
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .84rem; line-height: 1.5;
  white-space: pre; overflow-x: auto; tab-size: 2;
}
.r-link { text-align: center; }
.r-link a {
  display: inline-block; padding: .45rem 1rem; border: 1px solid var(--r-line); border-radius: 8px;
  font-weight: 600;
}
[data-testid="stStatusWidget"] { display: none; }
[data-testid="stCaptionContainer"] { color: inherit !important; opacity: .8; }
[data-testid="stCaptionContainer"] p { color: inherit !important; }
@media (max-width: 600px) {
  .block-container, [data-testid="stMainBlockContainer"] { padding-left: .75rem; padding-right: .75rem; }
}
</style>
"""


def style() -> None:
    """The page's own style, once a run."""
    st.html(STYLE)
