"""What people corrected in a transcript, carried onto a newer transcript of the same recording.

A merge of three: ``base`` is what the machine had read, ``ours`` the same as people left it, ``theirs`` what
the machine reads now. A changed word fits where its old words, or already the new ones, stand beside the same
neighbours at the same time; a role is carried to whatever is said at that time. Nothing is guessed: what does
not fit is named.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from recordings.conversation import Conversation, Role, Turn
from recordings.corrections import Correction, corrected, with_roles
from recordings.errors import RecordingError

Edit = tuple[int, int, list[str]]
"""Words from one place up to another give way to others."""


@dataclass(frozen=True)
class Left:
    """A correction that does not fit the newer transcript: its line in ``ours``, before and after, and what
    is said there now (None where there is no line at that time)."""

    turn: int
    kind: Literal["text", "role"]
    old: str
    new: str
    now: str | None


@dataclass(frozen=True)
class Carried:
    """The newer transcript with the corrections that fit, and those that do not."""

    conversation: Conversation
    left: tuple[Left, ...]


def carry(base: Conversation, ours: Conversation, theirs: Conversation) -> Carried:
    """Carry what differs between ``base`` and ``ours`` onto ``theirs``. Acts are dropped, as for any
    correction, unless roles were only made sure.

    Raises RecordingError where ``ours`` is no corrected ``base``: corrections add and remove no lines.
    """
    if len(base.turns) != len(ours.turns):
        raise RecordingError(f"{len(ours.turns)} corrected lines cannot stem from {len(base.turns)}")
    edits, left = _edits(base, ours, theirs)
    after = theirs
    for index, changes in sorted(edits.items()):
        words = theirs.turns[index].text.split()
        for start, end, new in sorted(changes, key=lambda edit: edit[:2], reverse=True):
            words[start:end] = new
        text = " ".join(words)
        if text != theirs.turns[index].text:
            after = corrected(after, Correction(kind="text", turn=index, new=text))
    roles, lost = _roles(base, ours, theirs)
    return Carried(with_roles(after, roles) if roles else after, (*left, *lost))


def _edits(
    base: Conversation, ours: Conversation, theirs: Conversation
) -> tuple[dict[int, list[Edit]], list[Left]]:
    edits: defaultdict[int, list[Edit]] = defaultdict(list)
    left: list[Left] = []
    for before, now in zip(base.turns, ours.turns, strict=True):
        if before.text == now.text:
            continue
        near = _near(before, theirs.turns)
        found = [_placed(before.text.split(), hunk, near) for hunk in _hunks(before.text, now.text)]
        placed = [place for place in found if place is not None]
        if len(placed) == len(found):
            for index, edit in placed:
                edits[index].append(edit)
        else:
            left.append(Left(now.index, "text", before.text, now.text, _heard(before, near)))
    return dict(edits), left


def _heard(turn: Turn, near: Sequence[Turn]) -> str | None:
    """What is said in a line's time, without what only touches it."""
    long = [one for one in near if 2 * _overlap(turn, one) >= min(_length(turn), _length(one))]
    said = sorted(long, key=lambda one: one.index)
    return " ".join(one.text for one in said) if said else None


def _length(turn: Turn) -> float:
    return (turn.end or 0.0) - (turn.start or 0.0)


def _hunks(old: str, new: str) -> list[Edit]:
    """What changed from one text to another, in words of the old one."""
    after = new.split()
    matcher = SequenceMatcher(a=old.split(), b=after, autojunk=False)
    return [(a1, a2, after[b1:b2]) for tag, a1, a2, b1, b2 in matcher.get_opcodes() if tag != "equal"]


def _placed(old: list[str], hunk: Edit, near: Sequence[Turn]) -> tuple[int, Edit] | None:
    for turn in near:
        edit = _place(old, hunk, turn.text.split())
        if edit is not None:
            return turn.index, edit
    return None


def _place(old: list[str], hunk: Edit, words: list[str]) -> Edit | None:
    """Where in ``words`` a change of ``old`` belongs; None where it does not fit."""
    start, end, new = hunk
    same = SequenceMatcher(a=_keys(old), b=_keys(words), autojunk=False).get_matching_blocks()
    at = {a + i: b + i for a, b, size in same for i in range(size)}
    before = at.get(start - 1) if start else -1
    after = at.get(end) if end < len(old) else len(words)
    inner = [at.get(i) for i in range(start, end)]
    first = inner[0] if inner else None
    if first is not None and inner == list(range(first, first + len(inner))):
        last = first + len(inner)
        whole = start == 0 and end == len(old)  # the ends of a line alone are no neighbours
        beside = (before == first - 1 and (start > 0 or whole)) or (
            after == last and (end < len(old) or whole)
        )
        return (first, last, new) if beside else None
    if before is None or after is None or before >= after:
        return None
    between = words[before + 1 : after]
    if _keys(between) == _keys(new):
        return before + 1, after, between  # read rightly now
    return (before + 1, after, new) if not inner and not between else None


def _keys(words: Sequence[str]) -> list[str]:
    """Words without case and signs; a word of signs alone stays."""
    return [re.sub(r"\W", "", word).casefold() or word for word in words]


def _overlap(one: Turn, other: Turn) -> float:
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return 1.0 if one.index == other.index else 0.0
    return min(one.end, other.end) - max(one.start, other.start)


def _near(turn: Turn, turns: Sequence[Turn]) -> list[Turn]:
    """The lines at the same time, the one with most of it in common first."""
    found = [(_overlap(turn, other), other) for other in turns]
    return [other for common, other in sorted(found, key=lambda pair: -pair[0]) if common > 0]


def _roles(
    base: Conversation, ours: Conversation, theirs: Conversation
) -> tuple[dict[int, Role], list[Left]]:
    changed = {
        now.index: now.role
        for before, now in zip(base.turns, ours.turns, strict=True)
        if now.role is not None
        and (now.role != before.role or (now.role_confidence == 1.0 and before.role_confidence != 1.0))
    }
    if not changed:
        return {}, []
    roles: dict[int, Role] = {}
    told: defaultdict[str | None, set[Role | None]] = defaultdict(set)
    for turn in theirs.turns:
        near = _near(turn, ours.turns)
        if near:
            role = changed.get(near[0].index)
            told[turn.speaker].add(role)
            if role is not None:
                roles[turn.index] = role
    for turn in theirs.turns:  # a line that is new belongs to its voice
        known = told[turn.speaker]
        if turn.index not in roles and turn.speaker is not None and len(known) == 1:
            (role,) = known
            if role is not None and not _near(turn, ours.turns):
                roles[turn.index] = role
    carried = {ours.turns[i].speaker for i in changed if _near(ours.turns[i], theirs.turns)}
    left = [
        Left(i, "role", base.turns[i].role or "", role, None)
        for i, role in changed.items()
        if ours.turns[i].text and ours.turns[i].speaker not in carried
    ]
    return roles, left
