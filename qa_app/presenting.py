"""How values read on the screen. Pure: values and a translator in, text out."""

import math
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from qa_app.i18n import Translator
from scorecards.results import Value

EMPTY = "–"


def clock(seconds: float | None) -> str:
    """0:07, 12:03, 1:02:03."""
    if seconds is None:
        return EMPTY
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def moment(at: datetime | None, zone: str, t: Translator, *, with_time: bool = True) -> str:
    """A moment in the person's zone: 22 Nov 2026, 14:03 · 22.11.2026, 14:03."""
    if at is None:
        return EMPTY
    local = at.astimezone(ZoneInfo(zone))
    the_day = day(local.date(), t)
    return f"{the_day}, {local:%H:%M}" if with_time else the_day


def day(at: date | str, t: Translator) -> str:
    """A day that needs no zone: 22 Nov 2026 · 22.11.2026; text is read as ISO 8601."""
    found = date.fromisoformat(at) if isinstance(at, str) else at
    if t.language == "de":
        return f"{found:%d.%m.%Y}"
    return f"{found.day} {t('months').split()[found.month - 1]} {found.year}"


def month_name(month: str, t: Translator) -> str:
    """Nov 2026 of 2026-11."""
    year, number_ = month.split("-")
    return f"{t('months').split()[int(number_) - 1]} {year}"


def number(value: float | None, t: Translator, digits: int = 0) -> str:
    """A number with the language's decimal sign."""
    if value is None:
        return EMPTY
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if t.language == "de" else text


def score(value: float | None, t: Translator) -> str:
    """A score of 0..100, without a needless decimal."""
    if value is None:
        return EMPTY
    return number(value, t, 0 if float(value).is_integer() else 1)


def percent(share: float | None, t: Translator) -> str:
    """A share of 0..1 as percent."""
    return EMPTY if share is None else f"{number(share * 100, t)} %"


def criterion_title(criterion: str, t: Translator) -> str:
    """A criterion's name; one of a company's own card is read from its id."""
    return t.get(f"criterion.{criterion}", criterion.replace("_", " ").replace("-", " ").capitalize())


def verdict_name(verdict: str | None, t: Translator) -> str:
    """yes, no, not applicable, to check, not scored."""
    return EMPTY if verdict is None else t.get(f"verdict.{verdict}", verdict)


def value_name(value: Value, t: Translator) -> str | None:
    """A measured value as people read it: a label's name, a number; None where there is none."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return t.get(f"value.{value}", value.replace("_", " "))
    text = f"{round(value, 1):g}"
    return text.replace(".", ",") if t.language == "de" else text


@lru_cache(maxsize=4096)
def t_quantile(degrees: int) -> float:
    """The 97.5 % point of Student's t distribution. A page asks for hundreds of them."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.975))


def mean_interval(values: list[float]) -> tuple[float, float, float] | None:
    """The mean with its 95 % t interval; None for fewer than two values."""
    if len(values) < 2:
        return None
    count = len(values)
    mean = math.fsum(values) / count
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (count - 1))
    half = t_quantile(count - 1) * spread / math.sqrt(count)
    return mean, mean - half, mean + half


def share_interval(hits: int, of: int) -> tuple[float, float, float] | None:
    """A share with its 95 % Wilson interval; None where there was no occasion."""
    if of <= 0:
        return None
    z = 1.959964
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return share, max(0.0, middle - half), min(1.0, middle + half)
