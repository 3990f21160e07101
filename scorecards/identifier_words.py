"""The words by which identifiers are asked for and given, spoken or written, in English and German."""

import regex

from scorecards.patterns import lazily

_PLACE_EN = (
    r"where (?:\p{L}+ ){0,5}?(?:live|living|sent|send|deliver\p{L}*|go(?:es|ing)?(?! wrong)|based|installed|"
    r"registered|ship\p{L}*|posted?)\b"
)
_PLACE_DE = (
    r"\bwo(?:hin)? (?:\p{L}+ ){0,5}?(?:wohn\p{L}*|(?:steht|stehen|liegt|hängt|geliefert|liefern|geschickt|"
    r"schicken|gehen|gemeldet)(?=\W*$|[.,?!]| und\b))"
)
"""Questions for a place: "where was it sent?", „wo das Dach steht“; not "where does it go wrong?"."""
ASKS: dict[str, str] = {
    "birth": r"birth|born|d\.?o\.?b|geburt|geboren",
    "address": r"address|post ?code|zip|street|where do you live|town|city|adresse|anschrift|"
    r"postleitzahl|plz|wohnort|"
    rf"stra(?:ß|ss)e?\b|hausnummer|wo wohnen|eircode|\bpremises\b|\b(?:der|den|welcher) hof\b|"
    rf"{_PLACE_EN}|{_PLACE_DE}",
    "phone": r"phone|mobile|\bcell\b|(?:contact|telephone) number|telefon|handy|rufnummer|mobilnummer",
    "email": r"e-?mail|mailadresse|\p{L}*mail\b",
    "secret": r"pass ?word|pass ?code|security (?:word|question|code|answer)|memorable|maiden name|"
    r"secret|\bpin\b|kenn wort|first (?:pet|school|car)|erste[ns]? (?:haustier|schule|auto)|"
    r"one.?time code|text you a code|code (?:we|i) (?:just )?sent|kennwort|passwort|"
    r"sicherheits(?:wort|frage|code)|codewort|"
    r"geheim|mädchenname|\bcode\b|\bword (?:you|we|that you) (?:gave|chose|set|agreed|picked|left|have)\b|"
    r"\b(?:the|my|our|your) word(?:'s| is| was)\b|\bwort,? das (?:sie|wir|du)\b|"
    r"\b(?:das|mein|unser) wort (?:ist|lautet|heißt|war)\b",
    "number": r"(?:account|customer|order|policy|membership|member|reference|booking|contract|invoice|claim|"
    r"case|ticket|card|"
    r"client|loan|serial|meter|registration|tracking|patient|student|library|insurance|confirmation|"
    r"phone bill)[ -]?"
    r"(?:number|reference|code|id|no)\b|last (?:four|4|three|3)|reference\b|\bpnr\b|\bvin\b|"
    r"\b(?!telefon|handy|mobil|ruf|haus)\p{L}*(?:nummer|kennung|kennzeichen|aktenzeichen)\b|"
    r"vorgangs\p{L}+|letzten (?:vier|4|drei)|"
    r"buchungscode|\b\p{L}*-?nr\b",
}
ASKED = {kind: lazily(rf"(?:{pattern})", regex.IGNORECASE) for kind, pattern in ASKS.items()}

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
NUMBER = lazily(rf"^(?:\d[\d./-]*|{_EN}|{_DE})$", regex.IGNORECASE)
TWO_FIGURES = lazily(
    r"-|teen$|^(?:ten|eleven|twelve|elf|zwölf|zwoelf)$|zehn$|und\p{L}+(?:zig|ßig|ssig)$", regex.IGNORECASE
)
"""Numbers in words that are written with two figures whatever follows."""
WORD = lazily(r"[\p{L}\d][\p{L}\d./'’-]*")
_MONTH = (
    r"january|february|march|april|may|june|july|august|september|october|november|december|"
    r"januar|februar|märz|maerz|mai|juni|juli|oktober|dezember|jänner"
)
_MONTH_DE = r"januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember"
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
    "birth": lazily(
        rf"\b(?:{_ORDINAL_DE} {_ORDINAL_DE}|{_ORDINAL_EN} of the {_ORDINAL_EN}|"
        rf"(?:{_ORDINAL_EN}|{_ORDINAL_DE}|\d\d?\.?)(?: of)?(?: the)? "
        rf"(?:{_MONTH})|{_DE} (?:{_MONTH_DE})|"
        rf"(?:{_MONTH})(?: the)? (?:{_ORDINAL_EN}|\d\d?|{_EN})|\d\d?[./-]\d\d?[./-]\d{{2,4}}|born "
        rf"(?:on|in)|geboren)\b",
        regex.IGNORECASE,
    ),
    "email": lazily(
        r"@|\bat (?:\p{L}+[ -]){1,4}(?:dot|punkt)\b|\bat \p{L}+\.|"
        r"\bdot (?:com|net|org|co|uk|de)\b|\bpunkt (?:de|com|net|at|ch)\b|"
        r"klammeraffe|\bät\b|\bat \p{L}+(?:[ -]\p{L}+)? (?:de|com|net|org|ch|eu|uk|ie|info|ca|au)\b",
        regex.IGNORECASE,
    ),
    "address": lazily(
        r"\b(?:street|road|avenue|lane|drive|close|court|crescent|flat|apartment|post ?code|zip|house|"
        r"gardens|terrace|"
        r"\p{L}*(?:straße|strasse|weg|allee|gasse|platz|ring|ufer|damm)|postleitzahl|plz)\b|"
        rf"(?-i:\b[A-Z] ?[A-Z]?) (?:{_EN}|\d\d?)\b[ ,a-z]{{0,14}}(?:{_EN}|\d),? (?-i:[A-Z] ?[A-Z])\b|"
        r"(?-i:\b[A-Z]\d[\dW] ?(?=\d{0,3}[A-Z])[A-Z\d]{4}\b|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|"
        r"\b\d{4} ?(?!OK)[A-Z]{2}\b)|(?-i:\b\p{Lu}\p{L}+ (?:Walk|Mews|Parade|Boulevard|Wharf|Quay)\b)|"
        rf"\b\p{{L}}*strass\b|\b\p{{L}}{{3,}}(?:stieg|steig|pfad|deich|diek|graben|markt|kamp|hof|chaussee) "
        rf"(?:{_DE}|\d+)\b|"
        r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b(?:way|place|grove|hill|row|square)\b(?=\W|$)",
        regex.IGNORECASE,
    ),
    "phone": lazily(
        r"\b(?:oh|zero|null|0)[ -]?(?:seven|7|eins|1)\b|\+\d\d|\b0\d{3,4}[ /-]?\d", regex.IGNORECASE
    ),
}
BIRTH_WITH_YEAR = lazily(
    rf"(?:{GIVEN['birth'].pattern})(?:,? (?:in )?(?:\d{{2,4}}|(?:(?:{_EN}|{_DE})[ -]?){{1,4}}\b))?",
    regex.IGNORECASE,
)
NO = lazily(
    r"\b(?:don't have|do not have|haven't got|not (?:in front|to hand|here|with me)|don't know|no "
    r"idea|can't find|forgot|"
    r"nicht (?:da|zur hand|hier|dabei|griffbereit)|weiß ich nicht|keine ahnung|habe ich nicht|hab ich "
    r"nicht|kenne ich nicht)\b",
    regex.IGNORECASE,
)
ITEM = lazily(
    r"\b(?:\p{L}*(?:number|nummer|code|kennung|kennzeichen|zeichen|adresse|anschrift|datum|wort|name des)|"
    r"id|i\.d\.|plate|registration|reg|eircode|vat|social|birthday|birth|dob|born|e-?mail|mail|mobile|phone|"
    r"post ?code|zip|address|street|reference|ref|pin|password|passphrase|passcode|code ?word|security|"
    r"memorable|first (?:pet|school|car)|last (?:four|three)|digits|"
    r"member(?:ship)?|account|policy|tag|vin|pnr|iban|"
    r"geburtstag|geboren|handy|telefon|\p{L}*mail|plz|postleitzahl|"
    r"\p{L}*stra(?:ß|ss)e?|wohnort|ort|nr|passwort|kennwort|pin|eircode|premises|hof|cell|\p{L}*nummere|"
    rf"word (?:you|we)|the word|{_PLACE_EN}|{_PLACE_DE}|"
    r"letzten (?:vier|drei)|rückruf\p{L}*|\p{L}+nr)\b",
    regex.IGNORECASE,
)
"""Words that name something to identify oneself by."""
SHORT_ITEM = lazily(
    r"^(?:(?:the|your|an?|die|der|das|den|ihre?n?|deine?n?|und|and|also) )*(?:\p{L}*konto|\p{L}*police|"
    r"lieferschein|\p{L}*buchung|bestellung|auftrag|booking|reservation|invoice|waybill|confirmation|serial)"
    r"(?: (?:bitte|please))?\W*$",
    regex.IGNORECASE,
)
"""What identifies where nothing else is asked in the same breath: „Vertragskonto und Geburtstag?“."""
AMOUNT = lazily(
    rf"\b(?:(?:\d[\d.,]*|{_EN}|{_DE})[ -])+(?:euros?|pounds?|dollars?|bucks|quid|franc?s|franken|pence|"
    r"cents?|percent|prozent|uhr|o'clock|days?|tagen?|weeks?|wochen?|months?|monaten?|years?|jahren?)\b",
    regex.IGNORECASE,
)
"""Figures that count money or time and identify nobody."""
PLATE = lazily(r"^(?!OK$|TV$|UK$|EU$|US$|USA$|ID$|AM$|PM$)\p{Lu}{2,3}$")
"""A group of letters as on number plates, beside figures: "KO, HB 800"."""
AND = lazily(r"\s*(?:,|;|&|\band\b|\bplus\b|\bund?\b|\bsowie\b|\bdazu\b|\bnoch\b)\s*", regex.IGNORECASE)
NAME = lazily(r"\b(?:sur|last |first |full |nach|vor)?name\b", regex.IGNORECASE)
PARTS = lazily(
    r"(?<=[^.\s]{2})[.;:!?]\s+|\s+(?:and|und?|plus|sowie)\s+|\s+-\s+",
    regex.IGNORECASE,
)
LIVES = lazily(r"\b(?:live|living|wohn\p{L}*)\b", regex.IGNORECASE)
SPELT = lazily(r"^\p{L}$|^(?:zed|zee|double|triple|dash|slash|strich|doppel\p{L}*)$", regex.IGNORECASE)
_EMPTY = (
    "it its it's is the my and that's that of sure yes yeah okay so in on a an to das die der ist und "
    "ja also meine mein den dem am im von sind lautet heißt moment please bitte name mit wie gerne klar "
    "natürlich hello hallo hang hold wait sorry let see just find got have has had think look looking "
    "here there you are we well erm uhm umm hmm then now still yet again only one second sec minute "
    "with for not this what where who can could will would it'll i'll i've i'm you're warte warten wart "
    "mal kurz einen augenblick ich hab habe haben schau schaue muss gucken hier nummer number numbers "
    "sie noch gleich nein nee was wer kann eben jetzt dann aber nicht soll sekunde bin dran danke "
    "thanks thank "
)
EMPTY = frozenset(_EMPTY.split())
"""Words that say nothing by themselves."""
