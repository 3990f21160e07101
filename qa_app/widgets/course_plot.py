"""Values over time as dots with upright intervals, drawn with plain boxes: Streamlit's HTML holds no SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

STYLE = """
<style>
.r-course { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .45rem; font-size: .74rem; }
.r-course .scale { display: flex; flex-direction: column; justify-content: space-between; text-align: right; }
.r-course .scale, .r-course .ends { color: var(--r-quiet); line-height: 1; }
.r-course .area { position: relative; margin: .35rem 0; }
.r-course .area i { position: absolute; }
.r-course .grid { left: 0; right: 0; height: 1px; }
.r-course .grid { background: color-mix(in srgb, currentColor 18%, transparent); }
.r-course .span { width: 3px; margin-left: -1.5px; border-radius: 2px; }
.r-course .span { background: color-mix(in srgb, currentColor 38%, transparent); }
.r-course .dot { width: .5rem; height: .5rem; margin: -.25rem 0 0 -.25rem; border-radius: 50%; }
.r-course .dot { background: #0e8290; border: 1.5px solid #0e8290; box-sizing: border-box; }
.r-course.many .dot { width: .36rem; height: .36rem; margin: -.18rem 0 0 -.18rem; }
.r-course .dot.going { background: var(--background-color, #fff); }
.r-course .ends { grid-column: 2; display: flex; justify-content: space-between; }
</style>
"""
MANY = 30
INSET = 1.5
"""Per cent of the width left free at either end, so that no dot is cut."""


@dataclass(frozen=True)
class Dot:
    """One period: its ``name``, value and limits on the plot's scale (None where there are too few calls),
    what hovering tells, and whether the period is over."""

    name: str
    value: tuple[float, float, float] | None
    told: str
    over: bool = True


def course(dots: Sequence[Dot], scale: Sequence[tuple[float, str]], said: str, height: str) -> str:
    """The plot as HTML. ``scale``: values from the highest to the lowest with their texts; ``said``: what the
    plot shows, for whoever does not see it; ``height`` in CSS."""
    top, bottom = scale[0][0], scale[-1][0]

    def down(value: float) -> float:
        return 100 * (top - min(max(value, bottom), top)) / (top - bottom)

    parts = [f'<i class="grid" style="top:{down(value):.1f}%"></i>' for value, _ in scale]
    step = (100 - 2 * INSET) / max(1, len(dots) - 1)
    for index, dot in enumerate(dots):
        if dot.value is None:
            continue
        x = INSET + index * step if len(dots) > 1 else 50.0
        value, low, high = dot.value
        upper, lower = down(high), down(low)
        parts.append(
            f'<i class="span" style="left:{x:.1f}%;top:{upper:.1f}%;height:{lower - upper:.1f}%"></i>'
            f'<i class="dot{"" if dot.over else " going"}" style="left:{x:.1f}%;top:{down(value):.1f}%" '
            f'title="{escape(dot.told)}"></i>'
        )
    ends = [dots[0].name, dots[-1].name] if len(dots) > 1 else [dots[0].name]
    many = " many" if len(dots) > MANY else ""
    return (
        f'<div class="r-course{many}" role="img" aria-label="{escape(said)}">'
        f'<div class="scale" aria-hidden="true">{_spans(text for _, text in scale)}</div>'
        f'<div class="area" style="height:{height}">{"".join(parts)}</div>'
        f'<div class="ends" aria-hidden="true">{_spans(ends)}</div></div>'
    )


def _spans(texts: Iterable[str]) -> str:
    return "".join(f"<span>{escape(text)}</span>" for text in texts)
