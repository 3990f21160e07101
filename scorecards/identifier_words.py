"""The words by which identifiers are asked for and given, spoken or written, in English and German."""

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
ASKED = {kind: regex.compile(rf"(?:{pattern})", regex.IGNORECASE) for kind, pattern in ASKS.items()}

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
NUMBER = regex.compile(rf"^(?:\d[\d./-]*|{_EN}|{_DE})$", regex.IGNORECASE)
WORD = regex.compile(r"[\p{L}\d][\p{L}\d./-]*")
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
GIVEN: dict[str, "regex.Pattern[str]"] = {
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
BIRTH_WITH_YEAR = regex.compile(
    rf"(?:{GIVEN['birth'].pattern})(?: (?:in )?(?:\d{{2,4}}|(?:(?:{_EN}|{_DE})[ -]?){{1,4}}\b))?",
    regex.IGNORECASE,
)
NO = regex.compile(
    r"\b(?:don't have|do not have|haven't got|not (?:in front|to hand|here|with me)|don't know|no "
    r"idea|can't find|forgot|"
    r"nicht (?:da|zur hand|hier|dabei|griffbereit)|weiß ich nicht|keine ahnung|habe ich nicht|hab ich "
    r"nicht|kenne ich nicht)\b",
    regex.IGNORECASE,
)
ITEM = regex.compile(
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
AND = regex.compile(
    r"\s*(?:,|;|&|\band\b|\bplus\b|\bund?\b|\bsowie\b|\bdazu\b|\bnoch\b)\s*", regex.IGNORECASE
)
NAME = regex.compile(r"\b(?:sur|last |first |full |nach|vor)?name\b", regex.IGNORECASE)
PARTS = regex.compile(
    r"(?<=[^.\s]{2})[.;:!?]\s+|\s+(?:and|und?|plus|sowie)\s+|\s+-\s+",
    regex.IGNORECASE,
)
LIVES = regex.compile(r"\b(?:live|living|wohn\p{L}*)\b", regex.IGNORECASE)
SPELT = regex.compile(r"^\p{L}$|^(?:zed|zee|double|triple|dash|slash|strich|doppel\p{L}*)$", regex.IGNORECASE)
_EMPTY = (
    "it its it's is the my and that's that of sure yes yeah okay so in on a an to das die der ist und "
    "ja also meine mein den dem am im von sind lautet heißt moment please bitte name mit wie gerne "
    "klar natürlich"
)
EMPTY = frozenset(_EMPTY.split())
"""Words that say nothing by themselves."""
