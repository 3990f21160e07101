"""The monthly report as a page and as text."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from database.monthly import MOST_UNCATEGORISED, Month
from scorecards.agreement import Interval


def as_html(month: Month) -> str:
    """One page, printable, nothing loaded from elsewhere."""
    return _environment().get_template("month.html").render(month=month, most=MOST_UNCATEGORISED)


def as_text(month: Month) -> str:
    """The same figures for a terminal."""
    lines = [f"{month.begins:%B %Y}: {month.calls} calls ({month.calls_before} in the month before)", ""]
    for title, found in (("Contact reasons", month.reasons), ("Failure causes", month.causes)):
        lines.append(title)
        for line in found:
            mark = " *" if line.told else ""
            name, share = readable(line.name), percent(line.share)
            lines.append(f"  {name:<24} {line.calls:>5}  {share:<20} {points(line.change)}{mark}")
        lines.append("")
    share = percent(month.uncategorised)
    note = f", more than {MOST_UNCATEGORISED:.0%}" if month.too_many_uncategorised else ""
    lines.append(f"Without a known reason: {share}{note}")
    lines.append(f"Had called before: {month.repeats.calls}, {percent(month.repeats.share)}")
    lines += [f"{readable(p.kind)}: {p.made}, with a time named {p.with_time}" for p in month.promises]
    lines.append("* more than chance would explain (95 %)")
    return "\n".join(lines) + "\n"


def percent(share: Interval) -> str:
    """12 % (10–15)."""
    if share.value is None or share.low is None or share.high is None:
        return "–"
    return f"{100 * share.value:.0f} % ({100 * share.low:.0f}–{100 * share.high:.0f})"


def points(change: Interval) -> str:
    """+3.1 points (0.4 to 5.8)."""
    if change.value is None or change.low is None or change.high is None:
        return "nothing to compare"
    return f"{100 * change.value:+.1f} points ({100 * change.low:+.1f} to {100 * change.high:+.1f})"


def readable(name: str) -> str:
    """technical_fault → Technical fault."""
    return name.replace("_", " ").capitalize()


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipelines", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, points=points, readable=readable)
    return environment
