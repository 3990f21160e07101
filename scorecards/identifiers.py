"""Which identifiers a customer has given: numbers, birth dates, addresses, phone, e-mail, codes, in spoken
or written form.

A name counts for nothing, and what an agent reads out counts for nothing. Only the kinds are told apart,
nothing
is extracted: two identifiers are two different kinds, or two numbers that were asked for by two names.
"""

import regex

ASKS: dict[str, str] = {
    "birth": r"birth|born|d\.?o\.?b|geburt|geboren",
    "address": r"address|post ?code|zip|street|where do you live|town|city|adresse|anschrift|"
    r"postleitzahl|plz|wohnort|"
    r"stra(?:ß|ss)e|hausnummer|wo wohnen",
    "phone": r"phone|mobile|(?:contact|telephone|cell) number|telefon|handy|rufnummer|mobilnummer",
    "email": r"e-?mail|mailadresse",
    "secret": r"pass ?word|pass ?code|security (?:word|question|code|answer)|memorable|maiden name|"
    r"secret|\bpin\b|"
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
        r"@|\bat \p{L}+(?: dot|\.)|\bdot (?:com|net|org|co|uk|de)\b|\bpunkt (?:de|com|net|at|ch)\b|"
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


def given(text: str, question: frozenset[str]) -> frozenset[str]:
    """The kinds of identifiers in a customer's words, after a question that asked for some kinds.

    Without a question only what names itself counts ("my customer number is ...").
    """
    own = asked(text)
    if _NO.search(text) and not any(c.isdigit() for c in text):
        return frozenset()
    words = [w.strip("./-") for w in _WORD.findall(_BIRTH_WITH_YEAR.sub(" ", text))]
    numbers = [w for w in words if all(_NUMBER.match(part) for part in w.split("-"))]
    digits = sum(max(1, sum(c.isdigit() for c in w)) for w in numbers)
    digits += sum(sum(c.isdigit() for c in w) for w in words if w not in numbers)
    if not question and not (own and digits >= 3):
        return frozenset({"email"}) if "@" in text else frozenset()
    kinds = {kind for kind, pattern in _GIVEN.items() if pattern.search(text)}
    if digits >= 3 and not _only_address(text, kinds, digits):
        wants_phone = "phone" in question | own and "number" not in question | own
        if "phone" not in kinds or digits > 12 or (digits > 6 and "number" in question):
            kinds.add("phone" if wants_phone else "number")
    if len(kinds) < 2 and len(question) >= 2 and _groups(text) >= 2:
        kinds |= question
    coded = [w for w in words if len(w) >= 4 and any(c.isdigit() for c in w) and any(c.isalpha() for c in w)]
    if coded:
        kinds.add("number")
    rest = [w for w in words if w.lower() not in _EMPTY and w not in numbers and len(w) > 2]
    for kind in ("address", "secret"):
        if kind in question and kind not in kinds and rest:
            kinds.add(kind)
    if "number" in question and len(question & {"number", "secret"}) == 2 and digits >= 6 and not rest:
        kinds.add("secret")
    return frozenset(kinds)


def _groups(text: str) -> int:
    """How many numbers of three digits or more stand beside each other, "and" between them."""
    found = 0
    for part in regex.split(r"(?i)\b(?:and|und)\b", text):
        words = [w.strip("./-") for w in _WORD.findall(part)]
        digits = sum(max(1, sum(c.isdigit() for c in w)) for w in words if _NUMBER.match(w))
        found += digits >= 3
    return found


def _only_address(text: str, kinds: set[str], digits: int) -> bool:
    """A house number or postcode is part of the address, not another identifier."""
    return "address" in kinds and digits <= 4 and len(regex.findall(r"[,;]|\band\b|\bund\b", text)) == 0
