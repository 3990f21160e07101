"""The step that joins words and speakers into turns that read like a conversation.

A word goes to the speaker it overlaps most, the ones in between to the nearest; the edge of a sentence
decides where speech and voice change a word or two apart. A turn ends when another person takes the floor
or after a long pause; an "okay" in between tears nobody's sentence apart. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from pipelines.doubts import plain
from pipelines.steps import Hook
from pipelines.values import HeardWord, Speakers, SpeakerSpan, Transcript, Turns
from recordings import Turn, Word

ENDS = (".", "?", "!")


@dataclass(frozen=True)
class AttributeOptions:
    """Seconds: a pause over ``long_pause_s`` ends a turn; a sentence's end may lie ``slack_s`` from the
    change of voice; a back-channel has at most ``backchannel_words`` words and ``backchannel_s`` seconds."""

    long_pause_s: float = 2.0
    slack_s: float = 0.6
    backchannel_words: int = 3
    backchannel_s: float = 1.5
    doubtful_run: int = 3


@dataclass(frozen=True)
class Attribute:
    """Needs ``transcript`` and ``speakers``; makes ``turns``."""

    settings: AttributeOptions = AttributeOptions()
    name: ClassVar[str] = "attribute"
    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ("transcript", "speakers")
    makes: ClassVar[tuple[str, ...]] = ("turns",)

    def options(self) -> Mapping[str, Any]:
        """What the turns depend on."""
        return asdict(self.settings)

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        """Turns in order of start; speakers are named in order of first speech."""
        hook(self.name, 0.0, 1.0)
        transcript: Transcript = values["transcript"]
        speakers: Speakers = values["speakers"]
        return {"turns": Turns(turns=turns_of(transcript, speakers, self.settings))}


@dataclass(frozen=True)
class _Said:
    """Words of one speaker without a break."""

    speaker: str
    channel: int | None
    words: tuple[HeardWord, ...]

    @property
    def start(self) -> float:
        return self.words[0].start or 0.0

    @property
    def end(self) -> float:
        return max(word.end or 0.0 for word in self.words)


def turns_of(
    transcript: Transcript, speakers: Speakers, options: AttributeOptions | None = None
) -> tuple[Turn, ...]:
    """The turns of a conversation, speakers renamed S0, S1… in order of first speech."""
    options = options or AttributeOptions()
    channels = sorted({word.channel for word in transcript.words})
    said: list[_Said] = []
    for channel in channels:
        words = [word for word in transcript.words if word.channel == channel]
        spans = [span for span in speakers.spans if span.channel == channel]
        names = {span.speaker for span in spans}
        if len(names) > 1:
            owners = smooth(words, owners_of(words, spans), options)
            own_channel = None
        else:
            owners = [next(iter(names), f"channel {channel}")] * len(words)
            own_channel = channel
        said += _runs(words, owners, own_channel, options)
    joined = _join(sorted(said, key=lambda s: (s.start, s.end)), options)
    names_in_order: dict[str, str] = {}
    for one in joined:
        names_in_order.setdefault(one.speaker, f"S{len(names_in_order)}")
    return tuple(_turn(index, one, names_in_order[one.speaker]) for index, one in enumerate(joined))


def owners_of(words: Sequence[HeardWord], spans: Sequence[SpeakerSpan]) -> list[str]:
    """The speaker of each word: most overlap, of several equal ones the one who has the floor;
    without any overlap the nearest span."""
    owners: list[str] = []
    for word in words:
        start, end = word.start or 0.0, max(word.end or 0.0, (word.start or 0.0) + 0.02)
        shares: dict[str, float] = {}
        for span in spans:
            if span.start < end and span.end > start:
                shared = min(end, span.end) - max(start, span.start)
                shares[span.speaker] = shares.get(span.speaker, 0.0) + shared
        if shares:
            most = max(shares.values())
            best = [name for name, share in shares.items() if share > most - 1e-3]
            # Where two talk at once the one who has the floor keeps it.
            owners.append(owners[-1] if owners and owners[-1] in best else best[0])
        else:
            owners.append(_nearest(start, end, spans))
    return owners


def _nearest(start: float, end: float, spans: Sequence[SpeakerSpan]) -> str:
    """The speaker whose span lies nearest to a stretch that none covers."""
    return min(spans, key=lambda span: max(span.start - end, start - span.end)).speaker


def smooth(words: Sequence[HeardWord], owners: Sequence[str], options: AttributeOptions) -> list[str]:
    """Owners with the change of voice moved to the end of a sentence a word or two away, and single words
    inside somebody else's running sentence given back."""
    made = list(owners)
    for index in range(1, len(made)):
        if made[index] != made[index - 1]:
            shift = _shift(words, made, index, options)
            for moved in range(index, index + shift):
                made[moved] = made[index - 1]
            for moved in range(index + shift, index):
                made[moved] = made[index]
    for first in range(1, len(made) - 1):
        for last in (first, first + 1):
            if last + 1 < len(made) and _stray(words, made, first, last):
                made[first : last + 1] = [made[first - 1]] * (last + 1 - first)
    return made


def _shift(words: Sequence[HeardWord], owners: Sequence[str], index: int, options: AttributeOptions) -> int:
    """By how many words the change before ``index`` moves to meet a sentence's end; earlier is negative."""
    if words[index - 1].text.endswith(ENDS) or _gap(words, index) > options.slack_s:
        return 0
    for step in (1, 2):
        first = index - step  # the change moves before this word
        if first > 0 and all(owners[i] == owners[index - 1] for i in range(first, index)):
            near = (words[index - 1].end or 0.0) - (words[first].start or 0.0) <= options.slack_s
            if words[first - 1].text.endswith(ENDS) and near and _flows(words, first + 1, index):
                return -step
        last = index + step - 1  # the change moves behind this word
        if last < len(words) and all(owners[i] == owners[index] for i in range(index, last + 1)):
            near = (words[last].end or 0.0) - (words[index].start or 0.0) <= options.slack_s
            if words[last].text.endswith(ENDS) and near and _flows(words, index, last):
                return step
    return 0


def _stray(words: Sequence[HeardWord], owners: Sequence[str], first: int, last: int) -> bool:
    """Whether one or two words in the middle of another's sentence are no word of somebody else: nothing
    that people say while they listen, and no sentence ends before or with them."""
    inside = set(owners[first : last + 1])
    return (
        len(inside) == 1
        and owners[first - 1] == owners[last + 1] not in inside
        and not words[first - 1].text.endswith(ENDS)
        and not words[last].text.endswith(ENDS)
        and _gap(words, first) < 0.8
        and _gap(words, last + 1) < 0.8
        and not all(plain(word.text) in LISTENING for word in words[first : last + 1])
    )


def _flows(words: Sequence[HeardWord], first: int, last: int) -> bool:
    return all(_gap(words, i) < 0.3 for i in range(first, last + 1))


def _gap(words: Sequence[HeardWord], index: int) -> float:
    """Seconds between a word and the one before it."""
    return (words[index].start or 0.0) - (words[index - 1].end or 0.0)


def _runs(
    words: Sequence[HeardWord], owners: Sequence[str], channel: int | None, options: AttributeOptions
) -> list[_Said]:
    """Words of one speaker up to a pause, and doubtful stretches by themselves."""
    doubtful = _doubtful_stretches(words, options.doubtful_run)
    runs: list[_Said] = []
    held: list[HeardWord] = []
    for index, word in enumerate(words):
        if held and (
            owners[index] != owners[index - 1]
            or doubtful[index] != doubtful[index - 1]
            or _breaks(held, word, options)
        ):
            runs.append(_Said(owners[index - 1], channel, tuple(held)))
            held = []
        held.append(word)
    if held:
        runs.append(_Said(owners[-1], channel, tuple(held)))
    return runs


def _breaks(held: Sequence[HeardWord], word: HeardWord, options: AttributeOptions) -> bool:
    """Whether somebody else may come in here: after a sentence a breath is enough."""
    gap = (word.start or 0.0) - (held[-1].end or 0.0)
    return gap > (0.3 if held[-1].text.endswith(ENDS) else min(0.6, options.long_pause_s))


def _doubtful_stretches(words: Sequence[HeardWord], run: int) -> list[bool]:
    """Which words stand in a doubtful stretch of at least ``run`` words (or the whole of what is said)."""
    made = [word.doubtful for word in words]
    index = 0
    while index < len(made):
        end = index
        while end < len(made) and made[end] == made[index]:
            end += 1
        apart = index == 0 or _gap(words, index) > 1.0
        apart_after = end == len(made) or _gap(words, end) > 1.0
        if made[index] and end - index < run and not (apart and apart_after):
            made[index:end] = [False] * (end - index)
        index = end
    return made


def _join(said: Sequence[_Said], options: AttributeOptions) -> list[_Said]:
    """Runs of one speaker become one turn across short pauses and across others' back-channels."""
    turns: list[_Said] = []
    for one in said:
        at = len(turns) - 1
        while at >= 0 and turns[at].speaker != one.speaker and _backchannel(turns[at], one, options):
            at -= 1
        last = turns[at] if at >= 0 else None
        if (
            last is not None
            and last.speaker == one.speaker
            and one.start - last.end <= options.long_pause_s
            and _is_doubtful(last) == _is_doubtful(one)
            and all(between.start >= last.start for between in turns[at + 1 :])
            and (at == len(turns) - 1 or not last.words[-1].text.endswith(ENDS[1:]))
        ):
            turns[at] = _Said(last.speaker, last.channel, last.words + one.words)
        else:
            turns.append(one)
    return turns


def _backchannel(other: _Said, after: _Said, options: AttributeOptions) -> bool:
    """Whether a run is a mere "mm-hm" beside somebody who goes on talking."""
    short = len(other.words) <= options.backchannel_words and other.end - other.start <= options.backchannel_s
    return short and after.start - other.end < 0.8 and all(plain(w.text) in LISTENING for w in other.words)


LISTENING = frozenset(
    """okay ok yeah yes yep uh huh uhhuh mm mhm mmhm mmhmm hmm hm right sure ah oh i see alright all
    ja jaja genau ach so aha klar verstehe richtig gut stimmt""".split()  # noqa: SIM905
)
"""What people say while they listen."""


def _is_doubtful(one: _Said) -> bool:
    return sum(word.doubtful for word in one.words) * 2 > len(one.words)


def _turn(index: int, one: _Said, name: str) -> Turn:
    return Turn(
        index=index,
        speaker=name,
        channel=one.channel,
        start=round(one.start, 3),
        end=round(one.end, 3),
        text=" ".join(word.text for word in one.words),
        words=tuple(
            Word(text=word.text, start=word.start, end=word.end, probability=word.probability)
            for word in one.words
        ),
        doubtful=_is_doubtful(one),
    )
