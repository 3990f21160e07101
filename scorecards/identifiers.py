"""Which identifiers a customer has given: numbers, birth dates, addresses, phone, e-mail, codes, in spoken
or written form.

A name counts for nothing, nor does what an agent reads out. Nothing is extracted: an answer is cut into
parts, and each part that holds a number, a date, an address, an e-mail or a code asked for is one identifier.
"""

import regex

ASKS: dict[str, str] = {
    "birth": r"birth|born|d\.?o\.?b|geburt|geboren",
    "address": r"address|post ?code|zip|street|where do you live|town|city|adresse|anschrift|"
    r"postleitzahl|plz|wohnort|"
    r"stra(?:ß|ss)e|hausnummer|wo wohnen",
    "phone": r"phone|mobile|(?:contact|telephone|cell) number|telefon|handy|rufnummer|mobilnummer",
    "email": r"e-?mail|mailadresse|\p{L}*mail\b",
    "secret": r"pass ?word|pass ?code|security (?:word|question|code|answer)|memorable|maiden name|"
    r"secret|\bpin\b|kenn wort|first (?:pet|school|car)|erste[ns]? (?:haustier|schule|auto)|"
    r"one.?time code|text you a code|code (?:we|i) (?:just )?sent|kennwort|passwort|"
    r"sicherheits(?:wort|frage|code)|codewort|"
    r"geheim|mädchenname|\bcode\b",
    "number": r"(?:account|customer|order|policy|membership|member|reference|booking|contract|invoice|claim|"
    r"case|ticket|card|"
    r"client|loan|serial|meter|registration|tracking|patient|student|library|insurance|confirmation|"
    r"phone bill)[ -]?"
    r"(?:number|reference|code|id|no)\b|last (?:four|4|three|3)|reference\b|\bpnr\b|\bvin\b|"
    r"\b(?!telefon|handy|mobil|ruf|haus)\p{L}*(?:nummer|kennung|kennzeichen|aktenzeichen)\b|"
    r"vorgangs\p{L}+|letzten (?:vier|4|drei)|"
    r"buchungscode|\b\p{L}*-?nr\b",
}
_ASKS = {kind: regex.compile(rf"(?:{pattern})", regex.IGNORECASE) for kind, pattern in ASKS.items()}

_EN = (
    "zero|oh|o|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    "fifteen|sixteen|"
    "seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|double|triple"
)
_DE_ONES = "null|ein|eins|zwei|zwo|drei|vier|fünf|fuenf|sechs|sieben|acht|neun"
_DE = (
    rf"(?:{_DE_ONES}|zehn|elf|zwölf|zwoelf|\p{{L}}+zehn|(?:\p{{L}}+und)?(?:zwanzig|dreißig|dreissig|"
    rf"vierzig|fünfzig|fuenfzig|"
    r"sechzig|siebzig|achtzig|neunzig)|\p{L}*hundert\p{L}*|\p{L}*tausend\p{L}*)"
)
_NUMBER = regex.compile(rf"^(?:\d[\d./-]*|{_EN}|{_DE})$", regex.IGNORECASE)
_WORD = regex.compile(r"[\p{L}\d][\p{L}\d./-]*")
_MONTH = (
    r"january|february|march|april|may|june|july|august|september|october|november|december|"
    r"januar|februar|märz|maerz|mai|juni|juli|oktober|dezember|jänner"
)
_ORDINAL_DE = (
    r"(?:erste|zweite|dritte|vierte|fünfte|fuenfte|sechste|siebte|siebente|achte|neunte|zehnte|elfte|zwölfte|"
    r"zwoelfte|\p{L}+(?:zehnte|zigste|ßigste|ssigste))[rnms]?"
)
_ORDINAL_EN = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|"
    r"\p{L}+teenth|"
    r"twentieth|thirtieth|(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|"
    r"eighth|ninth)|\d+(?:st|nd|rd|th))"
)
_GIVEN: dict[str, "regex.Pattern[str]"] = {
    "birth": regex.compile(
        rf"\b(?:{_ORDINAL_DE} {_ORDINAL_DE}|{_ORDINAL_EN} of the {_ORDINAL_EN}|"
        rf"(?:{_ORDINAL_EN}|{_ORDINAL_DE}|\d\d?\.?)(?: of)?(?: the)? "
        rf"(?:{_MONTH})|"
        rf"(?:{_MONTH})(?: the)? (?:{_ORDINAL_EN}|\d\d?|{_EN})|\d\d?[./-]\d\d?[./-]\d{{2,4}}|born "
        rf"(?:on|in)|geboren)\b",
        regex.IGNORECASE,
    ),
    "email": regex.compile(
        r"@|\bat (?:\p{L}+[ -]){1,4}(?:dot|punkt)\b|\bat \p{L}+\.|"
        r"\bdot (?:com|net|org|co|uk|de)\b|\bpunkt (?:de|com|net|at|ch)\b|"
        r"klammeraffe|\bät\b",
        regex.IGNORECASE,
    ),
    "address": regex.compile(
        r"\b(?:street|road|avenue|lane|drive|close|court|crescent|flat|apartment|post ?code|zip|house|"
        r"gardens|terrace|"
        r"\p{L}*(?:straße|strasse|weg|allee|gasse|platz|ring|ufer|damm)|postleitzahl|plz)\b|"
        rf"(?-i:\b[A-Z] ?[A-Z]?) (?:{_EN}|\d\d?)\b[ ,a-z]{{0,14}}(?:{_EN}|\d),? (?-i:[A-Z] ?[A-Z])\b|"
        r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b(?:way|place|grove|hill|row|square)\b(?=\W|$)",
        regex.IGNORECASE,
    ),
    "phone": regex.compile(
        r"\b(?:oh|zero|null|0)[ -]?(?:seven|7|eins|1)\b|\+\d\d|\b0\d{3,4}[ /-]?\d", regex.IGNORECASE
    ),
}
_BIRTH_WITH_YEAR = regex.compile(
    rf"(?:{_GIVEN['birth'].pattern})(?: (?:in )?(?:\d{{2,4}}|(?:(?:{_EN}|{_DE})[ -]?){{1,4}}\b))?",
    regex.IGNORECASE,
)
_NO = regex.compile(
    r"\b(?:don't have|do not have|haven't got|not (?:in front|to hand|here|with me)|don't know|no "
    r"idea|can't find|forgot|"
    r"nicht (?:da|zur hand|hier|dabei|griffbereit)|weiß ich nicht|keine ahnung|habe ich nicht|hab ich "
    r"nicht|kenne ich nicht)\b",
    regex.IGNORECASE,
)
_ITEM = regex.compile(
    r"\b(?:\p{L}*(?:number|nummer|code|kennung|kennzeichen|zeichen|adresse|anschrift|datum|wort|name des)|"
    r"id|i\.d\.|plate|registration|reg|eircode|vat|social|birthday|birth|dob|born|e-?mail|mail|mobile|phone|"
    r"post ?code|zip|address|street|reference|ref|pin|password|passphrase|passcode|code ?word|security|"
    r"memorable|first (?:pet|school|car)|last (?:four|three)|digits|"
    r"member(?:ship)?|account|policy|tag|vin|pnr|iban|"
    r"geburtstag|geboren|handy|telefon|\p{L}*mail|plz|postleitzahl|"
    r"stra(?:ß|ss)e|wohnort|ort|nr|passwort|kennwort|pin|"
    r"letzten (?:vier|drei)|rückruf\p{L}*|\p{L}+nr)\b",
    regex.IGNORECASE,
)
"""Words that name something to identify oneself by."""
_AND = regex.compile(
    r"\s*(?:,|;|&|\band\b|\bplus\b|\bund?\b|\bsowie\b|\bdazu\b|\bnoch\b)\s*", regex.IGNORECASE
)
_NAME = regex.compile(r"\b(?:sur|last |first |full |nach|vor)?name\b", regex.IGNORECASE)
_PARTS = regex.compile(
    r"(?<=[^.\s]{2})[.;:!?]\s+|\s+(?:and|und?|plus|sowie)\s+|\s+-\s+",
    regex.IGNORECASE,
)
_LIVES = regex.compile(r"\b(?:live|living|wohn\p{L}*)\b", regex.IGNORECASE)
_SPELT = regex.compile(
    r"^\p{L}$|^(?:zed|zee|double|triple|dash|slash|strich|doppel\p{L}*)$", regex.IGNORECASE
)
LONG = 8
"""Characters of a single number that can hold both identifiers that were asked for."""
LEAST = 3
"""Characters (figures or spelled letters) that make a number."""
_EMPTY = frozenset(
    [
        "it",
        "its",
        "it's",
        "is",
        "the",
        "my",
        "and",
        "that's",
        "that",
        "of",
        "sure",
        "yes",
        "yeah",
        "okay",
        "so",
        "in",
        "on",
        "a",
        "an",
        "to",
        "das",
        "die",
        "der",
        "ist",
        "und",
        "ja",
        "also",
        "meine",
        "mein",
        "den",
        "dem",
        "in",
        "am",
        "im",
        "von",
        "sind",
        "lautet",
        "heißt",
        "moment",
        "please",
        "bitte",
        "name",
        "mit",
        "wie",
        "gerne",
        "klar",
        "natürlich",
        "the",
    ]
)


def asked(text: str) -> frozenset[str]:
    """The kinds of identifiers that a question asks for."""
    kinds = {kind for kind, pattern in _ASKS.items() if pattern.search(text)}
    if "email" in kinds and regex.search(
        r"e-?mail address|mailadresse|e-?mail-adresse", text, regex.IGNORECASE
    ):
        stripped = regex.sub(
            r"e-?mail[ -]?addresse?|mailadresse|e-?mail-adresse", "", text, flags=regex.IGNORECASE
        )
        if not _ASKS["address"].search(stripped):
            kinds.discard("address")
    return frozenset(kinds)


def items(question: str) -> int:
    """How many identifiers a question asks for: "your number and postcode" two, a name none."""
    count = 0
    for sentence in regex.split(r"(?<=[.!?])\s+", question):
        parts = _AND.split(sentence)
        count += sum(bool(_ITEM.search(part)) and not _name_alone(part) for part in parts)
    return count


def _name_alone(part: str) -> bool:
    return bool(_NAME.search(part)) and not any(pattern.search(part) for pattern in _ASKS.values())


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
    for sentence in _PARTS.split(text):
        for number, piece in enumerate(sentence.split(",")):
            if number and not _ITEM.search(" ".join(piece.split()[:3])):
                parts[-1] += f", {piece.strip()}"
            else:
                parts.append(piece.strip())
    return [part for part in parts if part]


def _identifiers(part: str, kinds: frozenset[str], *, several: bool) -> dict[tuple[str, str], int]:
    """The identifiers that a part of an answer holds, each with the number of its characters."""
    found: dict[tuple[str, str], int] = {}
    rest = part
    for kind in ("email", "birth", "address", "phone"):
        pattern = _BIRTH_WITH_YEAR if kind == "birth" else _GIVEN[kind]
        if pattern.search(rest) and (kind != "phone" or "number" not in kinds):
            found[kind, _figures(part)[0] if kind == "phone" else kind] = LEAST
            rest = _without(pattern, rest, kind)
    value, length = _figures(rest)
    if length >= (LEAST + 1 if found else LEAST) and (several or not found):
        kind = next(iter(kinds)) if kinds in ({"birth"}, {"phone"}) else "number"
        found[kind, value] = length
    if found or _NO.search(part):
        return found
    if _LIVES.search(part) and length:
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
    words = [w.strip("./-") for w in _WORD.findall(part)]
    numbers = [w for w in words if all(_NUMBER.match(p) for p in w.split("-"))]
    mixed = [w for w in words if w not in numbers and any(c.isdigit() for c in w)]
    spelt = [w for w in words if w not in numbers and _SPELT.match(w) and w.lower() not in ("i", "a")]
    length = sum(max(1, sum(c.isdigit() for c in w)) for w in numbers) + sum(map(len, mixed))
    if length or len(spelt) >= LEAST:
        length += len(spelt)
    return " ".join(w.lower() for w in (*numbers, *mixed)), length


def _words_beside(part: str) -> list[str]:
    words = [w.strip("./-") for w in _WORD.findall(part)]
    return [
        w
        for w in words
        if w.lower() not in _EMPTY and len(w) > 2 and not all(_NUMBER.match(p) for p in w.split("-"))
    ]


def _second(
    first: tuple[str, str], length: int, text: str, kinds: frozenset[str]
) -> dict[tuple[str, str], int]:
    """The other identifier of an answer in one breath: "eight oh one five, Winterthur", or two numbers run
    together."""
    for kind in ("address", "secret", "email"):
        if kind in kinds and kind != first[0] and _words_beside(text) and not _NO.search(text):
            return {(kind, kind): LEAST}
    if first[0] in ("number", "phone") and length >= LONG:
        return {("second", first[1]): length}
    return {}
