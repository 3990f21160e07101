"""Who talks how much and how fast: shares, monologues, turns and words a minute, changes of pace."""

from collections.abc import Sequence

from pipelines.signals.activity import Activity, talk_seconds
from pipelines.signals.intervals import complement, difference, total, union, within
from recordings import Turn

ROLES = ("agent", "customer")
MONOLOGUE_BREAK_S = 1.5
MINUTE_S = 60.0
ENOUGH_TALK_S = 8.0
"""Less talk than this has no pace."""

Signal = float | int | str | bool | None | list[float] | dict[str, float | None]


def pace(activity: Activity, turns: Sequence[Turn], duration_s: float) -> dict[str, Signal]:
    """Signals of talk; None where there is nothing to measure.

    ``{role}_talk_share`` of all talk (0..1), ``{role}_talk_seconds``, ``{role}_longest_monologue_s``,
    ``{role}_words_per_minute`` of own talk, ``{role}_pace_by_minute`` (words a minute of own talk, minute of
    the call by minute, None where there is too little), ``{role}_pace_change`` (last third over first third),
    ``turns_per_minute``, ``talk_share_by_minute`` (the agent's), ``{role}_word_confidence``.
    """
    found: dict[str, Signal] = {}
    spoken = {role: talk_seconds(activity, role) for role in ROLES}
    both = sum(spoken.values())
    for role in ROLES:
        own = activity.of(role)
        found[f"{role}_talk_seconds"] = round(spoken[role], 2) if both else None
        found[f"{role}_talk_share"] = round(spoken[role] / both, 4) if both else None
        found[f"{role}_longest_monologue_s"] = _monologue(activity, role)
        words = _word_times(turns, role)
        found[f"{role}_words_per_minute"] = _rate(len(words), spoken[role])
        by_minute: dict[str, float | None] = {}
        for minute in range(int(duration_s // MINUTE_S) + 1):
            start, end = minute * MINUTE_S, min((minute + 1) * MINUTE_S, duration_s)
            by_minute[str(minute)] = _rate(sum(start <= w < end for w in words), within(own, start, end))
        found[f"{role}_pace_by_minute"] = by_minute
        found[f"{role}_pace_change"] = _change(words, own, duration_s)
        found[f"{role}_word_confidence"] = word_confidence(turns, role)
    people = [turn for turn in turns if turn.role in ROLES]
    found["turns_per_minute"] = round(len(people) / duration_s * 60, 2) if people and duration_s else None
    share: dict[str, float | None] = {}
    for minute in range(int(duration_s // MINUTE_S) + 1):
        start, end = minute * MINUTE_S, (minute + 1) * MINUTE_S
        agent, customer = (within(activity.of(role), start, end) for role in ROLES)
        share[str(minute)] = round(agent / (agent + customer), 3) if agent + customer > 1 else None
    found["talk_share_by_minute"] = share
    return found


def word_confidence(turns: Sequence[Turn], *roles: str) -> float | None:
    """The recogniser's mean word probability of the roles' words; None without words."""
    found = [
        word.probability
        for turn in turns
        if turn.role in roles
        for word in turn.words
        if word.probability is not None
    ]
    return round(sum(found) / len(found), 3) if found else None


def _word_times(turns: Sequence[Turn], role: str) -> list[float]:
    """When each word of a role begins; words without times are spread over their turn."""
    times: list[float] = []
    for turn in turns:
        if turn.role != role or turn.start is None or turn.end is None:
            continue
        if turn.words:
            times += [turn.start if word.start is None else word.start for word in turn.words]
        else:
            count = len(turn.text.split())
            times += [turn.start + (turn.end - turn.start) * i / max(1, count) for i in range(count)]
    return sorted(times)


def _rate(words: int, seconds: float) -> float | None:
    return round(60 * words / seconds, 1) if seconds >= ENOUGH_TALK_S and words else None


def _change(words: Sequence[float], own: list[tuple[float, float]], duration_s: float) -> float | None:
    third = duration_s / 3
    first = _rate(sum(w < third for w in words), within(own, 0, third))
    last = _rate(sum(w >= 2 * third for w in words), within(own, 2 * third, duration_s))
    return round(last / first, 3) if first and last else None


def _monologue(activity: Activity, role: str) -> float | None:
    """The longest talk of a role without the other saying more than a second, breaks up to 1.5 s included."""
    other = [span for span in activity.of(*(r for r in ROLES if r != role)) if span[1] - span[0] > 1.0]
    runs = difference(union(activity.of(role), MONOLOGUE_BREAK_S), other)
    return round(max(end - start for start, end in runs), 2) if runs else None


def silence_share(activity: Activity, duration_s: float) -> float | None:
    """The share of the call in which nobody talks."""
    if not duration_s or not activity.talks:
        return None
    return round(total(complement(activity.voiced(), 0.0, duration_s)) / duration_s, 4)
