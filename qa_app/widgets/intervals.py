"""Shares with their 95 % interval as a line: the counts, a bar, the numbers. Never a share without its n."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from qa_app.i18n import Translator
from qa_app.presenting import number, percent, share_interval

STYLE = """
<style>
.r-shares { display: grid; grid-template-columns: minmax(7rem, max-content) max-content 1fr max-content; }
.r-shares { gap: .45rem .9rem; align-items: center; font-size: .9rem; margin: .2rem 0 .4rem; }
.r-shares .n, .r-shares .p { white-space: nowrap; color: var(--r-quiet); font-variant-numeric: tabular-nums; }
.r-shares .p b { color: inherit; font-weight: 650; }
.r-shares .track { position: relative; height: .7rem; min-width: 4rem; border-radius: 4px; }
.r-shares .track { background: color-mix(in srgb, currentColor 9%, transparent); }
.r-shares .span { position: absolute; top: .2rem; height: .3rem; border-radius: 3px; }
.r-shares .span { background: color-mix(in srgb, currentColor 38%, transparent); }
.r-shares .dot { position: absolute; top: 0; width: .7rem; height: .7rem; margin-left: -.35rem; }
.r-shares .dot { border-radius: 50%; background: #0e8290; }
.r-shares .quiet .dot { background: color-mix(in srgb, currentColor 55%, transparent); }
@media (max-width: 600px) {
  .r-shares { grid-template-columns: 1fr max-content; gap: .2rem .6rem; }
  .r-shares .track { grid-column: 1; } .r-shares .p { grid-column: 2; }
  .r-shares .track { margin-bottom: .5rem; }
}
</style>
"""


@dataclass(frozen=True)
class Bar:
    """One line: a name, what it rests on, and value with limits as parts of the bar (0..1) and in words."""

    name: str
    n: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    limits: str = ""
    quiet: bool = False


def bars(found: Sequence[Bar]) -> None:
    """Draw the lines."""
    st.html(STYLE + f'<div class="r-shares">{"".join(_line(bar) for bar in found)}</div>')


def shares(lines: Sequence[tuple[str, int, int, bool]], t: Translator) -> None:
    """One line each: name, met, of, and whether it is only for comparison."""
    bars([_share(*line, t) for line in lines])


def _share(name: str, met: int, of: int, quiet: bool, t: Translator) -> Bar:
    found = share_interval(met, of)
    if found is None:
        return Bar(name, "", None, None, None, t("shares.none"), quiet=quiet)
    share, low, high = found
    limits = f"{number(100 * low, t)}–{percent(high, t)}"
    return Bar(name, t("shares.of", met=met, of=of), share, low, high, percent(share, t), limits, quiet)


def _line(bar: Bar) -> str:
    inner = ""
    if bar.low is not None and bar.high is not None:
        inner += (
            f'<i class="span" style="left:{100 * bar.low:.1f}%;width:{100 * (bar.high - bar.low):.1f}%"></i>'
        )
    if bar.value is not None:
        inner += f'<i class="dot" style="left:{100 * bar.value:.1f}%"></i>'
    limits = f" ({escape(bar.limits)})" if bar.limits else ""
    return (
        f'<span>{escape(bar.name)}</span><span class="n">{escape(bar.n)}</span>'
        f'<span class="track{" quiet" if bar.quiet else ""}" aria-hidden="true">{inner}</span>'
        f'<span class="p"><b>{escape(bar.text)}</b>{limits}</span>'
    )
