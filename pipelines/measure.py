"""The step that measures: events and signals of a call from its sound, its speakers and its words."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pipelines.signals.activity import Activity, find_activity
from pipelines.signals.hold_evidence import Heard
from pipelines.signals.holds import Waits, cut_out, find_holds, from_telephony, talked_through
from pipelines.signals.intervals import Span, difference, total, union
from pipelines.signals.levels import Levels, measure_levels
from pipelines.signals.loudness import line_quality, loudness
from pipelines.signals.overlap import find_interruptions, find_overlaps
from pipelines.signals.pace import Signal, pace, silence_share, word_confidence
from pipelines.signals.silence import DEAD_AIR_S, find_silences
from pipelines.signals.telephony import Records, read_records
from pipelines.signals.transfer import find_transfers
from pipelines.steps import Hook, Source
from pipelines.values import Measures, Sounds, Speakers, Transcript, Turns
from recordings import Event, Turn
from recordings.audio import Audio

MUSIC_S = 5.0
CADENCE_S = 5.0
"""Rings this close belong to one ringing."""


class Measure:
    """Events and signals of one call; see docs/signals.md for what each means."""

    name: ClassVar[str] = "measure"
    version: ClassVar[int] = 7
    needs: ClassVar[tuple[str, ...]] = ("audio", "sounds", "speakers", "roles", "transcript", "source")
    makes: ClassVar[tuple[str, ...]] = ("measures",)

    def options(self) -> Mapping[str, Any]:
        """Nothing to choose: the definitions are fixed, so that numbers of different calls compare."""
        return {}

    def run(self, given: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        """Measure one call."""
        audio: Audio = given["audio"]
        source: Source = given["source"]
        transcript: Transcript = given["transcript"]
        levels: dict[int, Levels] = {}
        for done, channel in enumerate(audio.distinct, start=1):
            levels[channel] = measure_levels(audio, channel)
            hook(self.name, done * audio.duration_s, len(audio.distinct) * audio.duration_s)
        roles: Turns = given["roles"]
        sounds: Sounds = given["sounds"]
        speakers: Speakers = given["speakers"]
        made = measure(
            sounds=sounds,
            activity=find_activity(sounds, speakers, roles, levels),
            turns=roles.turns,
            levels=levels,
            records=read_records(source.telephony, audio.duration_s),
            language=transcript.language or source.recording.language,
            duration_s=audio.duration_s,
        )
        return {"measures": made}


def measure(
    *,
    sounds: Sounds,
    activity: Activity,
    turns: tuple[Turn, ...],
    levels: Mapping[int, Levels],
    records: Records,
    language: str | None,
    duration_s: float,
) -> Measures:
    """All events and signals; pure. What cannot be known is None."""
    heard = _heard(sounds, activity, turns, levels, language, duration_s)
    waits = find_holds(heard)
    holds = from_telephony(heard, records.holds) if records.holds else waits.holds
    on_hold = [_span(hold) for hold in holds]
    tones = union(((s.start, s.end) for s in sounds.of("tone")), CADENCE_S)
    busy = union([*on_hold, *waits.queue, *tones])
    silences = find_silences(activity, turns, busy, language)
    overlaps = find_overlaps(activity)
    interruptions = find_interruptions(activity, turns, language)
    transfers = find_transfers(turns, language, duration_s)
    events = [
        *holds,
        *silences,
        *overlaps,
        *interruptions,
        *(one.event for one in transfers),
        *_told_transfers(records, [one.event for one in transfers]),
        *_music(sounds, waits, on_hold),
        *(Event(kind="tone", start=round(s, 3), end=round(e, 3), source="audio")
          for s, e in difference(tones, union(on_hold))),
        *(Event(kind="announcement", start=round(s, 3), end=round(e, 3), by="ivr", source="audio+words")
          for s, e in union(activity.of("ivr"), 2.0)),
    ]  # fmt: skip
    measured = loudness(activity, levels, busy)
    reason = _not_scorable(heard, holds, records)
    signals: dict[str, Signal] = {
        **pace(activity, turns, duration_s),
        **measured,
        "silence_share": silence_share(activity, duration_s),
        **_counts(holds, silences, interruptions, overlaps, known=bool(activity.talks)),
        "transfers": len(transfers) or len(records.transfers),
        "transfer_agreed": transfers[0].agreed if transfers else None,
        "line_quality": line_quality(measured, word_confidence(turns, "agent", "customer", "other")),
        "holds_scorable": reason is None,
        "holds_not_scorable_because": reason,
        "telephony_left_out": "; ".join(records.left_out) or None,
    }
    return Measures(events=tuple(sorted(events, key=lambda e: (e.start or 0.0, e.kind))), signals=signals)


def _heard(
    sounds: Sounds,
    activity: Activity,
    turns: tuple[Turn, ...],
    levels: Mapping[int, Levels],
    language: str | None,
    duration_s: float,
) -> Heard:
    """What the customer hears: with a channel per side, the agent's; music on the customer's own channel
    comes from the customer's room."""
    channel = _agent_channel(activity) if activity.by_channel else None
    if channel is None:
        channel = next(iter(levels), 0)
    chosen = channel if activity.by_channel else None
    tone = union((s.start, s.end) for s in sounds.of("tone", chosen))
    music = with_tones(union((s.start, s.end) for s in sounds.of("music", chosen)), tone)
    return Heard(
        activity=activity,
        turns=turns,
        duration_s=duration_s,
        music=tuple(music),
        tone=tuple(difference(tone, music)),
        levels=levels.get(channel),
        language=language,
    )


def with_tones(music: list[Span], tone: list[Span]) -> list[Span]:
    """Music with the tones that touch it: a held note sounds like a tone, and ringing after the music of a
    transfer is the same wait."""
    grown = list(music)
    for _ in range(len(tone)):
        touching = [t for t in tone if any(t[0] - m[1] <= 0.6 and m[0] - t[1] <= 0.6 for m in grown)]
        after = union([*grown, *touching], 0.6)
        if after == grown:
            break
        grown = after
    return grown


def _agent_channel(activity: Activity) -> int | None:
    seconds: dict[int, float] = {}
    for talk in activity.talks:
        if talk.role in ("agent", "ivr"):
            seconds[talk.channel] = seconds.get(talk.channel, 0.0) + talk.end - talk.start
    return max(seconds, key=lambda c: seconds[c]) if seconds else None


def _span(event: Event) -> Span:
    return (event.start or 0.0, event.end or 0.0)


def _music(sounds: Sounds, waits: Waits, on_hold: list[Span]) -> list[Event]:
    """Music that is no hold: queues and music behind the talk."""
    rest = difference(union(((s.start, s.end) for s in sounds.of("music")), 2.0), union(on_hold, 2.5))
    return [
        Event(
            kind="music",
            start=round(start, 3),
            end=round(end, 3),
            by=_kind(waits, start, end),
            source="audio",
        )
        for start, end in rest
        if end - start >= MUSIC_S
    ]


def _kind(waits: Waits, start: float, end: float) -> str | None:
    return "ivr" if any(s < end and e > start for s, e in waits.queue) else None


def _told_transfers(records: Records, found: list[Event]) -> list[Event]:
    return [
        Event(kind="transfer", start=start, end=end, by="agent", source="telephony", confidence=1.0)
        for start, end in records.transfers
        if not any(abs((event.start or 0) - start) < 10 for event in found)
    ]


def _counts(
    holds: tuple[Event, ...],
    silences: list[Event],
    interruptions: list[Event],
    overlaps: list[Event],
    *,
    known: bool,
) -> dict[str, Signal]:
    """The counted criteria and their kin; None where nobody was heard at all."""
    if not known:
        names = ("dead_air_over_8s_unannounced", "silence_longest_s", "interruptions_by_agent",
                 "interruptions_by_customer", "overlap_seconds")  # fmt: skip
        return {**dict.fromkeys(names), "hold_count": len(holds), "hold_total_seconds": _seconds(holds)}
    lengths = [(event.end or 0) - (event.start or 0) for event in silences]
    dead = [e for e, length in zip(silences, lengths, strict=True) if length > DEAD_AIR_S and not e.announced]
    return {
        "hold_count": len(holds),
        "hold_total_seconds": _seconds(holds),
        "hold_seconds_over_30": round(sum(max(0.0, e - s - 30) for s, e in map(_span, holds)), 2),
        "silence_longest_s": round(max(lengths, default=0.0), 3),
        "dead_air_over_8s_unannounced": len(dead),
        "interruptions_by_agent": sum(event.by == "agent" for event in interruptions),
        "interruptions_by_customer": sum(event.by == "customer" for event in interruptions),
        "overlap_seconds": round(total(union(map(_span, overlaps))), 2),
    }


def _seconds(holds: tuple[Event, ...]) -> float:
    return round(sum(end - start for start, end in map(_span, holds)), 2)


def _not_scorable(heard: Heard, holds: tuple[Event, ...], records: Records) -> str | None:
    """Why the hold items cannot be scored from this recording; None where they can."""
    if records.beyond:
        return "the telephony tells of a hold after the end of the recording: the recorder left parts out"
    if talked_through(heard, records.holds):
        return "the agent talks during the holds that the telephony tells of: the recorder cut holds out"
    moments = cut_out(heard, holds)
    if moments:
        at = ", ".join(f"{int(m // 60)}:{int(m % 60):02d}" for m in moments)
        return f"a hold is announced and thanked for at {at} without a wait: the recorder cut it out"
    return None
