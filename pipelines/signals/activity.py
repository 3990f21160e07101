"""Who talks when: speech heard on the channels, with the role that the turns give it.

With a channel per side the spans come from the sound, so their edges do not hang on a recogniser's word
times; on one channel they come from diarization, kept to where there is speech at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.signals.intervals import Span, difference, intersection, total, union, within
from pipelines.signals.levels import Levels
from pipelines.values import Sounds, Speakers, SpeakerSpan, Turns
from recordings import Turn

MARGIN_S = 0.15
BRIDGE_S = 0.3
"""A breath inside somebody's talk is no end of it."""
UNHEARD_S = 0.4
SHORT_S = 0.2
SLACK_S = 0.4
"""A recogniser's word times are this loose."""
FAINT_DB = 8.0
WORDLESS_SHARE, WORDLESS_S = 0.15, 5.0
"""A channel with more talk outside its turns than this has somebody else in the room."""
WAIT_KINDS = ("music", "tone")


@dataclass(frozen=True)
class Talk:
    """Somebody talks without a break; role or speaker None where unknown."""

    start: float
    end: float
    role: str | None
    speaker: str | None = None
    channel: int = 0


@dataclass(frozen=True)
class Activity:
    """All talk of a call in order of start. ``by_channel``: agent and customer have channels of their own.
    ``overlaps``: where two voices sound at once, if it was heard otherwise than by the talks themselves."""

    talks: tuple[Talk, ...]
    by_channel: bool
    overlaps: tuple[Span, ...] | None = None

    def of(self, *roles: str | None) -> list[Span]:
        """The stretches in which any of the roles talks."""
        return union((talk.start, talk.end) for talk in self.talks if talk.role in roles)

    def voiced(self, *but: str) -> list[Span]:
        """The stretches in which anybody talks, left out the roles in ``but``."""
        return union((talk.start, talk.end) for talk in self.talks if talk.role not in but)

    def speakers(self) -> dict[str | None, list[Span]]:
        """Stretches of talk per speaker label."""
        found: dict[str | None, list[Span]] = {}
        for talk in self.talks:
            found.setdefault(talk.speaker, []).append((talk.start, talk.end))
        return {speaker: union(spans) for speaker, spans in found.items()}


def find_activity(
    sounds: Sounds, speakers: Speakers, turns: Turns, levels: Mapping[int, Levels] | None = None
) -> Activity:
    """Talk with roles, from the sound where it can be, else from the turns' own times.

    With ``levels``, talk that no turn holds is left out where it is much fainter than the channel's own talk
    or where a channel has a lot of it: a radio or somebody else in the room.
    """
    timed = [turn for turn in turns.turns if turn.start is not None and turn.end is not None]
    channels = {turn.channel for turn in timed if turn.role in ("agent", "customer")} - {None}
    speech = sounds.of("speech")
    if len(channels) > 1 and len({sound.channel for sound in speech}) > 1:
        return Activity(_from_channels(sounds, timed, levels or {}), by_channel=True)
    if speakers.spans:
        talks = _from_speakers(sounds, speakers.spans, timed, levels or {})
        return Activity(talks, by_channel=False, overlaps=speakers.overlaps)
    return Activity(
        tuple(Talk(t.start or 0, t.end or 0, t.role, t.speaker, t.channel or 0) for t in timed),
        by_channel=False,
    )


def _from_channels(sounds: Sounds, turns: Sequence[Turn], levels: Mapping[int, Levels]) -> tuple[Talk, ...]:
    talks: list[Talk] = []
    for channel in sorted({sound.channel for sound in sounds.of("speech")}):
        own = [turn for turn in turns if turn.channel == channel]
        usual = _usual(own)
        elsewhere = union((s.start, s.end) for kind in WAIT_KINDS for s in sounds.of(kind, channel))  # type: ignore[arg-type]
        spans = union(((s.start, s.end) for s in sounds.of("speech", channel)), BRIDGE_S)
        spans = difference(spans, _of_the_room(spans, own, levels.get(channel)))
        for start, end in spans:
            for turn, piece in _shared(own, (start, end)):
                if turn is None and within(elsewhere, *piece) > 0.5 * (piece[1] - piece[0]):
                    continue  # sounds like speech in music, and the recogniser found no words
                role, speaker = (turn.role, turn.speaker) if turn else usual
                talks.append(Talk(*piece, role, speaker, channel))
    return tuple(sorted(talks, key=lambda talk: talk.start))


def _of_the_room(spans: list[Span], turns: Sequence[Turn], levels: Levels | None) -> list[Span]:
    """Stretches of talk outside the channel's turns that are not its speaker's: much fainter than the talk
    inside them, or all of them where there are many."""
    if levels is None or not turns:
        return []
    said = union(((t.start or 0) - SLACK_S, (t.end or 0) + SLACK_S) for t in turns)
    inside, outside = intersection(spans, said), difference(spans, said)
    usual = levels.rms_db(inside)
    if usual is None:
        return []
    if total(outside) > max(WORDLESS_S, WORDLESS_SHARE * total(inside)):
        return outside
    found = ((span, levels.middle_db(*span)) for span in outside)
    return [span for span, level in found if level is not None and level < usual - FAINT_DB]


def _shared(turns: Sequence[Turn], span: Span) -> list[tuple[Turn | None, Span]]:
    """A stretch of one channel among the turns that it overlaps: cut between turns of different speakers."""
    inside = [t for t in turns if (t.end or 0) > span[0] and (t.start or 0) < span[1]]
    if len({(t.role, t.speaker) for t in inside}) <= 1:
        return [(inside[0] if inside else None, span)]
    pieces: list[tuple[Turn | None, Span]] = []
    now = span[0]
    for turn, following in zip(inside, [*inside[1:], None], strict=True):
        if following is not None and (following.role, following.speaker) == (turn.role, turn.speaker):
            continue
        middle = ((turn.end or 0) + (following.start or 0)) / 2 if following else span[1]
        middle = min(max(middle, now), span[1])
        if middle > now:
            pieces.append((turn, (now, middle)))
        now = middle
    return pieces


def _from_speakers(
    sounds: Sounds, spans: Sequence[SpeakerSpan], turns: Sequence[Turn], levels: Mapping[int, Levels]
) -> tuple[Talk, ...]:
    speech = union((s.start - MARGIN_S, s.end + MARGIN_S) for s in sounds.of("speech"))
    roles = _roles(turns)
    talks: list[Talk] = []
    for speaker in sorted({span.speaker for span in spans}):
        own = union(((s.start, s.end) for s in spans if s.speaker == speaker), BRIDGE_S)
        for start, end in intersection(own, speech) if speech else own:
            talks.append(Talk(start, end, roles.get(speaker), speaker, 0))
    heard = union((talk.start, talk.end) for talk in talks)
    for start, end in difference([(s.start, s.end) for s in sounds.of("speech")], heard):
        # speech that diarization gave to nobody counts where there are words in it or it is as loud as talk
        turn = _most(turns, (start, end))
        if turn is not None and end - start >= UNHEARD_S:
            talks.append(Talk(start, end, turn.role, turn.speaker, 0))
        elif turn is None and end - start >= SHORT_S and _loud(levels.get(0), heard, (start, end)):
            talks.append(Talk(start, end, None, None, 0))
    return tuple(sorted(talks, key=lambda talk: talk.start))


def _loud(levels: Levels | None, talk: list[Span], span: Span) -> bool:
    if levels is None:
        return False
    usual, level = levels.rms_db(talk), levels.rms_db([span])
    return usual is not None and level is not None and level >= usual - FAINT_DB


def _roles(turns: Sequence[Turn]) -> Mapping[str, str | None]:
    """The role that a speaker has for most of the time."""
    seconds: dict[str, Counter[str | None]] = {}
    for turn in turns:
        if turn.speaker is not None:
            seconds.setdefault(turn.speaker, Counter())[turn.role] += (turn.end or 0) - (turn.start or 0)  # type: ignore[assignment]
    return {speaker: count.most_common(1)[0][0] for speaker, count in seconds.items()}


def _most(turns: Sequence[Turn], span: Span) -> Turn | None:
    best = max(turns, key=lambda t: within([(t.start or 0, t.end or 0)], *span), default=None)
    return best if best is not None and within([(best.start or 0, best.end or 0)], *span) > 0 else None


def _usual(turns: Sequence[Turn]) -> tuple[str | None, str | None]:
    """Role and speaker that a channel belongs to for most of the time."""
    count: Counter[tuple[str | None, str | None]] = Counter()
    for turn in turns:
        count[turn.role, turn.speaker] += (turn.end or 0) - (turn.start or 0)  # type: ignore[assignment]
    return count.most_common(1)[0][0] if count else (None, None)


def talk_seconds(activity: Activity, *roles: str) -> float:
    """Seconds in which any of the roles talks."""
    return total(activity.of(*roles))
