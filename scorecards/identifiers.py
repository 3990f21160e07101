"""Which identifiers a customer has given: numbers, birth dates, addresses, phone, e-mail, codes, in spoken
or written form.

A name counts for nothing, nor does what an agent reads out. Nothing is extracted: an answer is cut into
parts, and each part that holds a number, a date, an address, an e-mail or a code asked for is one identifier.
"""

import regex

from scorecards.identifier_words import (
    AMOUNT,
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
    PLATE,
    SHORT_ITEM,
    SPELT,
    TWO_FIGURES,
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
        named = [bool(ITEM.search(p) or SHORT_ITEM.search(p)) and not _name_alone(p) for p in parts]
        count += sum(named)
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
    if NAME.search(question) and "number" not in kinds:
        found = {one: length for one, length in found.items() if one[1]}
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
    rest, own = part, False
    for kind in ("email", "birth", "address", "phone"):
        pattern = BIRTH_WITH_YEAR if kind == "birth" else GIVEN[kind]
        if pattern.search(rest) and (kind != "phone" or "number" not in kinds):
            own = own or ((several or kinds != {kind}) and _stands_before(pattern, rest))
            found[kind, _figures(part)[0] if kind == "phone" else kind] = LEAST
            rest = _without(pattern, rest, kind)
    value, length = _figures(rest)
    if length >= (LEAST + 1 if found and not own else LEAST) and (several or own or not found):
        kind = next(iter(kinds)) if kinds in ({"birth"}, {"phone"}) and not found else "number"
        found[kind, value] = length
    if found or NO.search(part):
        return found
    if LIVES.search(part) and length:
        return {("address", "address"): LEAST}
    words = _words_beside(part)
    return next(({(k, k): LEAST} for k in ("secret", "address") if k in kinds and words), {})


def _stands_before(pattern: "regex.Pattern[str]", text: str) -> bool:
    """Whether a number of its own stands before what the pattern finds, a comma between them."""
    match = pattern.search(text)
    head, comma, _ = text[: match.start()].rpartition(",") if match else ("", "", "")
    return bool(comma) and _figures(head)[1] >= LEAST


def _without(pattern: "regex.Pattern[str]", text: str, kind: str) -> str:
    """What is left of a part beside the identifier found: of an address only what stands before, of an e-mail
    also what follows a comma."""
    if kind == "birth":
        return str(pattern.sub(" ", text))
    match = pattern.search(text)
    if match is None or kind == "phone":
        return ""
    after = text[match.end() :].partition(",")[2] if kind == "email" else ""
    return f"{text[: match.start()]} {after}"


def _figures(part: str) -> tuple[str, int]:
    """The figures and spelled letters of a part, and how many characters they are."""
    words = [w.strip("./'’-") for w in WORD.findall(AMOUNT.sub(" ", part))]
    numbers = [w for w in words if all(NUMBER.match(p) for p in w.split("-"))]
    mixed = [w for w in words if w not in numbers and any(c.isdigit() for c in w)]
    spelt = [w for w in words if w not in numbers and SPELT.match(w) and w.lower() not in ("i", "a")]
    length = sum(map(_characters, numbers)) + sum(map(len, mixed))
    if length or len(spelt) >= LEAST:
        length += len(spelt) + sum(len(w) for w in words if PLATE.match(w))
    return " ".join(w.lower() for w in (*numbers, *mixed)), length


def _characters(number: str) -> int:
    """The figures of a number in figures or words: "thirty-four" and "fourteen" are two, "nine" is one."""
    return sum(c.isdigit() for c in number) or (2 if TWO_FIGURES.search(number) else 1)


def _words_beside(part: str) -> list[str]:
    words = [w.strip("./'’-") for w in WORD.findall(part)]
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
