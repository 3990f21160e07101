"""The phrase matcher: finds what a phrase file or a card names in the words of a turn.

A phrase is tolerant: inflection (lemmas), contractions, umlauts, German compounds written apart,
hesitations, and from three words on also recognition errors (similarity of the lemmas by ``rapidfuzz``,
stricter the shorter the phrase). A negation is never an error: "I can help" does not match "I can't help".
A pattern is a regular expression over the plain text (scorecards/text.py) under a time limit. Allow-lists
cancel hits that they overlap.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, Self

import regex
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from rapidfuzz import fuzz

from recordings import Act, Conversation, Role, Turn
from scorecards.errors import ScorecardError
from scorecards.text import NEGATIONS, Token, plain, times_of, tokens

TIME_LIMIT_S = 0.25
LONGEST_PATTERN = 1_000
LONGEST_PHRASE = 200
GAP_WORDS = 3
_GAP = "…"


class Near(BaseModel):
    """Only near a turn that does ``act``: at most so many turns before or after it (0: the same turn)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    act: str
    before: int = Field(default=0, ge=0, le=50)
    after: int = Field(default=0, ge=0, le=50)


class Place(BaseModel):
    """Only in the first or last so many turns of the speaker's role."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: int | None = Field(default=None, ge=1)
    last: int | None = Field(default=None, ge=1)


class PhraseEntry(BaseModel):
    """One list of phrases: what it stands for, what it must not match, and examples of both.

    ``phrases`` are tolerant; ``…`` inside one stands for up to three words. ``exact`` must occur word for
    word. ``patterns`` are regular expressions. ``allow`` holds phrases, or patterns written ``/…/``, that
    cancel an overlapping hit. ``examples`` must match and ``near_misses`` must not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    act: str
    phrases: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    role: Role | Literal["any"] | None = None
    place: Place | None = None
    near: Near | None = None
    not_near: Near | None = None
    probability: float = Field(default=0.95, gt=0, le=1)
    category: str | None = None
    say_instead: str | None = None
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()

    @field_validator("patterns", "allow")
    @classmethod
    def _patterns_are_sound(cls, value: tuple[str, ...], info: Any) -> tuple[str, ...]:
        for item in value:
            if info.field_name == "patterns":
                check_pattern(item)
            elif len(item) > 2 and item.startswith("/") and item.endswith("/"):
                check_pattern(item[1:-1])
        return value

    @field_validator("phrases", "exact")
    @classmethod
    def _phrases_are_short(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            if not item.strip() or len(item) > LONGEST_PHRASE:
                raise ValueError(
                    f"a phrase has 1 to {LONGEST_PHRASE} characters, this has {len(item)}: {item[:40]!r}"
                )
        return value

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if not (self.phrases or self.exact or self.patterns):
            raise ValueError(f"the entry for {self.act!r} has no phrases, exact or patterns")
        return self


@dataclass(frozen=True, slots=True)
class Hit:
    """Where an entry matched: characters ``start`` to ``end`` of the turn's text, and what matched."""

    act: str
    start: int
    end: int
    text: str
    rule: str
    probability: float
    entry: PhraseEntry = field(repr=False)


@dataclass(frozen=True, slots=True)
class TurnHit:
    """A hit with its turn."""

    turn: Turn
    hit: Hit

    def as_act(self) -> Act:
        """The hit as an act of the conversation, with times where the turn has them."""
        start, end = times_of(self.turn, self.hit.start, self.hit.end)
        return Act(
            turn=self.turn.index,
            act=self.hit.act,
            probability=round(self.hit.probability, 3),
            source="phrase",
            start=start,
            end=end,
            text=self.hit.text,
            rule=self.hit.rule,
        )


def check_pattern(pattern: str) -> None:
    """Raise ValueError where a regular expression is too long or does not compile."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"a pattern has at most {LONGEST_PATTERN} characters, this has {len(pattern)}")
    try:
        compiled(pattern)
    except regex.error as error:
        raise ValueError(f"pattern {pattern[:60]!r} is no regular expression: {error}") from error


@lru_cache(maxsize=20_000)
def compiled(pattern: str) -> "regex.Pattern[str]":
    """A pattern ready to use; ä outside brackets also matches "ae", and so on."""
    return regex.compile(_with_umlauts(pattern), regex.IGNORECASE)


def _with_umlauts(pattern: str) -> str:
    if not any(c in pattern for c in "äöüß"):
        return pattern
    written: list[str] = []
    depth, escaped = 0, False
    for character in pattern:
        if not escaped and character == "[":
            depth += 1
        elif not escaped and character == "]" and depth:
            depth -= 1
        other = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}.get(character)
        written.append(f"(?:{character}|{other})" if other and not depth else character)
        escaped = character == "\\" and not escaped
    return "".join(written)


def search(pattern: str, text: str) -> list[tuple[int, int]]:
    """Where a pattern matches a text, as character offsets in it.

    Raises ScorecardError where the pattern runs past the time limit on this text.
    """
    form, offsets = plain(text)
    try:
        matches = list(compiled(pattern).finditer(form, timeout=TIME_LIMIT_S))
    except TimeoutError as error:
        raise ScorecardError(
            f"pattern {pattern[:80]!r} ran longer than {TIME_LIMIT_S} s on a text of {len(text)} characters; "
            "simplify its nested repetitions"
        ) from error
    return [(offsets[m.start()], offsets[m.end() - 1] + 1) for m in matches if m.end() > m.start()]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase made ready: its parts (split at gaps) as lemmas, and what makes a window worth scoring."""

    text: str
    parts: tuple[tuple[str, ...], ...]
    exact: bool
    entry: int
    needed: int
    """How many of its distinct lemmas a turn must hold before it is compared."""

    @property
    def negations(self) -> int:
        return sum(word in NEGATIONS for part in self.parts for word in part)


def threshold(words: int) -> float:
    """The similarity (0..100) that a part of so many words must reach; 100 means lemma for lemma."""
    if words <= 2:
        return 100.0
    return {3: 93.0, 4: 90.0, 5: 88.0}.get(words, 86.0)


class PhraseBook:
    """Entries made ready for one language; ``find`` is safe to call from several threads."""

    def __init__(self, entries: Iterable[PhraseEntry], language: str) -> None:
        self.entries = tuple(entries)
        self.language = language
        self._phrases: list[_Phrase] = []
        self._by_lemma: dict[str, list[int]] = {}
        for number, entry in enumerate(self.entries):
            for text in entry.phrases:
                self._add(text, number, exact=False)
            for text in entry.exact:
                self._add(text, number, exact=True)

    def _add(self, text: str, entry: int, *, exact: bool) -> None:
        pieces = text.replace("...", _GAP).split(_GAP)
        parts = tuple(
            tuple(t.text if exact else t.lemma for t in tokens(piece, self.language))
            for piece in pieces
            if piece.strip()
        )
        parts = tuple(part for part in parts if part)
        if not parts:
            raise ScorecardError(f"phrase {text!r} of {self.entries[entry].act!r} holds no word")
        distinct = {word for part in parts for word in part}
        slack = 0 if exact else sum(_slack(len(part)) for part in parts)
        phrase = _Phrase(text, parts, exact, entry, max(1, len(distinct) - slack))
        for word in distinct:
            self._by_lemma.setdefault(word, []).append(len(self._phrases))
        self._phrases.append(phrase)

    def find(self, text: str) -> tuple[Hit, ...]:
        """All hits in one turn's text, in order; allow-lists applied, role, place and nearness not."""
        if not text.strip():
            return ()
        words = tokens(text, self.language)
        raw = [*self._phrase_hits(words, text), *self._pattern_hits(text)]
        kept = [hit for hit in raw if not self._allowed(hit, words, text)]
        return _best(kept)

    def find_in(self, conversation: Conversation, acts: Sequence[Act] = ()) -> tuple[TurnHit, ...]:
        """All hits in a conversation, with role, place and nearness applied.

        Nearness looks at the acts given and at the acts that this book finds itself. Turns without a role
        are read as if they could be anybody's; doubtful turns are read too (whoever judges leaves them out).
        """
        found = [TurnHit(turn, hit) for turn in conversation.turns for hit in self.find(turn.text)]
        found = [f for f in found if _role_fits(f) and _place_fits(f, conversation)]
        known = {(act.act, act.turn) for act in acts}
        known |= {
            (f.hit.act, f.turn.index)
            for f in found
            if f.hit.entry.near is None and f.hit.entry.not_near is None
        }
        return tuple(f for f in found if _nearness_fits(f, known))

    def _phrase_hits(self, words: tuple[Token, ...], text: str) -> Iterable[Hit]:
        present = {t.lemma for t in words} | {t.text for t in words}
        pairs = _joined_pairs(words)
        candidates = Counter(n for word in present | set(pairs) for n in self._by_lemma.get(word, ()))
        for number, count in candidates.items():
            phrase = self._phrases[number]
            if count < phrase.needed:
                continue
            for first, last, score in _windows(phrase, words, pairs):
                entry = self.entries[phrase.entry]
                start, end = words[first].start, words[last].end
                yield Hit(
                    entry.act,
                    start,
                    end,
                    text[start:end],
                    phrase.text,
                    entry.probability * score / 100.0,
                    entry,
                )

    def _pattern_hits(self, text: str) -> Iterable[Hit]:
        for entry in self.entries:
            for pattern in entry.patterns:
                for start, end in search(pattern, text):
                    yield Hit(
                        entry.act, start, end, text[start:end].strip(), pattern, entry.probability, entry
                    )

    def _allowed(self, hit: Hit, words: tuple[Token, ...], text: str) -> bool:
        for item in hit.entry.allow:
            if len(item) > 2 and item.startswith("/") and item.endswith("/"):
                spans = search(item[1:-1], text)
            else:
                spans = _phrase_spans(item, words, self.language)
            if any(start < hit.end and end > hit.start for start, end in spans):
                return True
        return False


def _slack(words: int) -> int:
    return 0 if words <= 2 else 1 if words <= 4 else 2 if words <= 8 else 3


def _joined_pairs(words: Sequence[Token]) -> dict[str, int]:
    """Compounds written apart: „kunden nummer“ reads „kundennummer“, at the first word's position."""
    return {a.text + b.text: i for i, (a, b) in enumerate(pairwise(words))}


def _windows(
    phrase: _Phrase, words: Sequence[Token], pairs: dict[str, int]
) -> Iterable[tuple[int, int, float]]:
    """The windows (first word, last word, similarity) where all parts of a phrase occur in order."""
    position = 0
    while position < len(words):
        first = _part_at(phrase.parts[0], phrase, words, position, len(words), pairs)
        if first is None:
            return
        start, end, score = first
        for part in phrase.parts[1:]:
            following = _part_at(part, phrase, words, end + 1, end + 2 + GAP_WORDS, pairs)
            if following is None:
                break
            end, score = following[1], min(score, following[2])
        else:
            if _sound(phrase, words, start, end):
                yield start, end, score
        position = start + 1


def _sound(phrase: _Phrase, words: Sequence[Token], start: int, end: int) -> bool:
    window = words[start : end + 1]
    if window[0].sentence != window[-1].sentence and len(phrase.parts) == 1 and len(window) <= 3:
        return False
    if phrase.exact:
        return True
    return sum(t.text in NEGATIONS or t.lemma in NEGATIONS for t in window) == phrase.negations


def _part_at(
    part: tuple[str, ...],
    phrase: _Phrase,
    words: Sequence[Token],
    begin: int,
    stop: int,
    pairs: dict[str, int],
) -> tuple[int, int, float] | None:
    """The first place at or after ``begin`` (starting before ``stop``) where a part matches well enough."""
    size = len(part)
    if size == 1 and not phrase.exact and begin <= (at := pairs.get(part[0], -1)) < stop:
        return at, at + 1, 100.0
    limit = 100.0 if phrase.exact else threshold(size)
    wanted = "".join(part)
    for start in range(begin, min(stop, len(words))):
        if limit == 100.0:
            window = words[start : start + size]
            if len(window) == size and all(
                w == (t.text if phrase.exact else t.lemma) for w, t in zip(part, window, strict=True)
            ):
                return start, start + size - 1, 100.0
            continue
        best: tuple[float, int] | None = None
        for length in (size, size - 1, size + 1):
            window = words[start : start + length]
            if len(window) < length or length < 2:
                continue
            score = fuzz.ratio(wanted, "".join(t.lemma for t in window), score_cutoff=limit)
            if score >= limit and (best is None or score > best[0]):
                best = (score, start + length - 1)
        if best is not None:
            following = _part_from(part, words, start + 1, limit, wanted)
            if following is not None and following[2] > best[0]:
                return following
            return start, best[1], best[0]
    return None


def _part_from(
    part: tuple[str, ...], words: Sequence[Token], start: int, limit: float, wanted: str
) -> tuple[int, int, float] | None:
    """The match that begins at exactly this word; a better one shows that the window before was too wide."""
    window = words[start : start + len(part)]
    if len(window) < len(part):
        return None
    score = fuzz.ratio(wanted, "".join(t.lemma for t in window), score_cutoff=limit)
    return (start, start + len(part) - 1, score) if score >= limit else None


@lru_cache(maxsize=20_000)
def _lemmas_of(phrase: str, language: str) -> tuple[str, ...]:
    return tuple(t.lemma for t in tokens(phrase, language))


def _phrase_spans(phrase: str, words: Sequence[Token], language: str) -> list[tuple[int, int]]:
    """Where a phrase occurs lemma for lemma, as character offsets."""
    wanted = _lemmas_of(phrase, language)
    size = len(wanted)
    return [
        (words[i].start, words[i + size - 1].end)
        for i in range(len(words) - size + 1)
        if size and all(w == t.lemma for w, t in zip(wanted, words[i : i + size], strict=True))
    ]


def _best(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """One hit per entry where several overlap: the longest, then the surest."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (-(h.end - h.start), -h.probability, h.start, h.rule)):
        if not any(k.entry is hit.entry and k.start < hit.end and k.end > hit.start for k in kept):
            kept.append(hit)
    return tuple(sorted(kept, key=lambda h: (h.start, h.end, h.act, h.rule)))


def _role_fits(found: TurnHit) -> bool:
    wanted = found.hit.entry.role
    return wanted in (None, "any") or found.turn.role in (wanted, None)


def _place_fits(found: TurnHit, conversation: Conversation) -> bool:
    place = found.hit.entry.place
    if place is None:
        return True
    same = [t.index for t in conversation.turns if t.role == found.turn.role]
    position = same.index(found.turn.index)
    if place.first is not None and position < place.first:
        return True
    return place.last is not None and position >= len(same) - place.last


def _nearness_fits(found: TurnHit, known: set[tuple[str, int]]) -> bool:
    entry, turn = found.hit.entry, found.turn.index
    if entry.near is not None and not _is_near(entry.near, turn, known):
        return False
    return entry.not_near is None or not _is_near(entry.not_near, turn, known)


def _is_near(near: Near, turn: int, known: set[tuple[str, int]]) -> bool:
    return any((near.act, other) in known for other in range(turn - near.before, turn + near.after + 1))
