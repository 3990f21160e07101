"""Which identifiers a customer has given: numbers, birth dates, addresses, phone, e-mail, codes, in spoken
or written form.

A name counts for nothing, nor does what an agent reads out. Nothing is extracted: an answer is cut into
parts, and each part that holds a number, a date, an address, an e-mail or a code asked for is one identifier.
"""

import regex

from scorecards.identifier_words import (
    AND,
    ASKED,
    BIRTH_WITH_YEAR,
    EMPTY,
    GIVEN,
    ITEM,
    LIVES,
    NAME,
    NO,
    NUMBER,
    PARTS,
    SPELT,
    WORD,
)

LONG = 8
"""Characters of a single number that can hold both identifiers that were asked for."""
LEAST = 3
"""Characters (figures or spelled letters) that make a number."""


def asked(text: str) -> frozenset[str]:
    """The kinds of identifiers that a question asks for."""
    kinds = {kind for kind, pattern in ASKED.items() if pattern.search(text)}
    if "email" in kinds and regex.search(
        r"e-?mail address|mailadresse|e-?mail-adresse", text, regex.IGNORECASE
    ):
        stripped = regex.sub(
            r"e-?mail[ -]?addresse?|mailadresse|e-?mail-adresse", "", text, flags=regex.IGNORECASE
        )
        if not ASKED["address"].search(stripped):
            kinds.discard("address")
    return frozenset(kinds)


def items(question: str) -> int:
    """How many identifiers a question asks for: "your number and postcode" two, a name none."""
    count = 0
    for sentence in regex.split(r"(?<=[.!?])\s+", question):
        parts = AND.split(sentence)
        count += sum(bool(ITEM.search(part)) and not _name_alone(part) for part in parts)
    return count


def _name_alone(part: str) -> bool:
    return bool(NAME.search(part)) and not any(pattern.search(part) for pattern in ASKED.values())


def given(text: str, question: str) -> frozenset[tuple[str, str]]:
    """The identifiers in a customer's words after a question, each as its kind and what it says.

    Without a question that asks for one only what names itself counts ("my customer number is ...").
    """
    kinds, wanted = asked(question), items(question)
    found: dict[tuple[str, str], int] = {}
    for part in _parts(text):
        named = asked(part)
        if wanted or kinds or named or "@" in part:
            found |= _identifiers(part, named or kinds, several=wanted > 1)
    if len(found) == 1 and wanted > 1:
        found |= _second(*next(iter(found.items())), text, kinds | asked(text))
    return frozenset(found)


def _parts(text: str) -> list[str]:
    """An answer cut where another identifier may begin: at full stops, "and", and before what names one."""
    parts: list[str] = []
    for sentence in PARTS.split(text):
        for number, piece in enumerate(sentence.split(",")):
            if number and not ITEM.search(" ".join(piece.split()[:3])):
                parts[-1] += f", {piece.strip()}"
            else:
                parts.append(piece.strip())
    return [part for part in parts if part]


def _identifiers(part: str, kinds: frozenset[str], *, several: bool) -> dict[tuple[str, str], int]:
    """The identifiers that a part of an answer holds, each with the number of its characters."""
    found: dict[tuple[str, str], int] = {}
    rest = part
    for kind in ("email", "birth", "address", "phone"):
        pattern = BIRTH_WITH_YEAR if kind == "birth" else GIVEN[kind]
        if pattern.search(rest) and (kind != "phone" or "number" not in kinds):
            found[kind, _figures(part)[0] if kind == "phone" else kind] = LEAST
            rest = _without(pattern, rest, kind)
    value, length = _figures(rest)
    if length >= (LEAST + 1 if found else LEAST) and (several or not found):
        kind = next(iter(kinds)) if kinds in ({"birth"}, {"phone"}) else "number"
        found[kind, value] = length
    if found or NO.search(part):
        return found
    if LIVES.search(part) and length:
        return {("address", "address"): LEAST}
    words = _words_beside(part)
    return next(({(k, k): LEAST} for k in ("secret", "address") if k in kinds and words), {})


def _without(pattern: "regex.Pattern[str]", text: str, kind: str) -> str:
    """What is left of a part beside the identifier found: of an address or e-mail only what stands before."""
    if kind == "birth":
        return str(pattern.sub(" ", text))
    match = pattern.search(text)
    return "" if match is None or kind == "phone" else text[: match.start()]


def _figures(part: str) -> tuple[str, int]:
    """The figures and spelled letters of a part, and how many characters they are."""
    words = [w.strip("./-") for w in WORD.findall(part)]
    numbers = [w for w in words if all(NUMBER.match(p) for p in w.split("-"))]
    mixed = [w for w in words if w not in numbers and any(c.isdigit() for c in w)]
    spelt = [w for w in words if w not in numbers and SPELT.match(w) and w.lower() not in ("i", "a")]
    length = sum(max(1, sum(c.isdigit() for c in w)) for w in numbers) + sum(map(len, mixed))
    if length or len(spelt) >= LEAST:
        length += len(spelt)
    return " ".join(w.lower() for w in (*numbers, *mixed)), length


def _words_beside(part: str) -> list[str]:
    words = [w.strip("./-") for w in WORD.findall(part)]
    return [
        w
        for w in words
        if w.lower() not in EMPTY and len(w) > 2 and not all(NUMBER.match(p) for p in w.split("-"))
    ]


def _second(
    first: tuple[str, str], length: int, text: str, kinds: frozenset[str]
) -> dict[tuple[str, str], int]:
    """The other identifier of an answer in one breath: "eight oh one five, Winterthur", or two numbers run
    together."""
    for kind in ("address", "secret", "email"):
        if kind in kinds and kind != first[0] and _words_beside(text) and not NO.search(text):
            return {(kind, kind): LEAST}
    if first[0] in ("number", "phone") and length >= LONG:
        return {("second", first[1]): length}
    return {}
