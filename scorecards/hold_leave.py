"""Leave to be put on hold in a customer's few words: "yes, that's fine", „ja, das ist in Ordnung“.

Who is told that they will be put on hold says "okay"; who is asked gives leave. So where a recogniser garbled
the agent's question, the answer still tells that there was one. Where it gave both speakers' words to the
agent, the answer stands at the end of the question's own turn: nobody gives themselves leave.
"""

import regex

from scorecards.patterns import lazily

TIMEOUT_S = 0.25
MOST_WORDS = 9
_FULL_STOP = lazily(r"(?<=[.?!…])\s+")
_WORD = lazily(r"\p{L}+")
_POLITE = (
    r"yes|yeah|yep|yup|sure|okay|ok|right|oh|well|um|uh|er|then|please|thank you|thanks|"
    r"ja|jo|ach|gut|na|also|okidoki|bitte|danke|äh|ähm|doch"
)
_LEAVE = lazily(
    rf"\W*(?:(?:{_POLITE}|no|nein)\W+)*"
    r"(?:(?:that|it)(?:['’]s| is|['’]ll be| will be| would be|['’]d be) "
    r"(?:(?:absolutely|perfectly|quite|totally|completely|just|really|all) )?"
    r"(?:fine|ok|okay|all ?right|no problem|no bother|good)|"
    r"of course|go (?:right )?ahead|please do|no (?:problem|worries)(?: at all)?|sure(?: thing)?|certainly|"
    r"by all means|(?:i )?(?:don['’]t|do not|wouldn['’]t) mind|not at all|fine (?:by|with) me|yes please|"
    r"(?:das |da )?(?:ist|wäre|geht) (?:(?:schon|völlig|vollkommen|ganz|auch|für mich(?: schon)?) )?"
    r"(?:(?:in|im|den) ordnung|okay|ok|recht|gut)|(?:geht )?in ordnung|"
    r"(?:natürlich|gerne?|klar|selbstverständlich|einverstanden|freilich|sicher|logisch)(?: doch)?|"
    r"(?:kein|gar kein|überhaupt kein) problem|(?:dann )?(?:machen|tun) sie(?: das)?(?: mal| nur| ruhig)?|"
    r"von mir aus|meinetwegen|das geht|passt(?: schon)?)"
    rf"(?:\W+(?:{_POLITE}|gerne?|for me|with me|by me|für mich|schon|so|no rush|take your time))*\W*",
    regex.IGNORECASE,
)
_YES = lazily(
    r"yes|yeah|yep|yup|sure|certainly|course|absolutely|ja|jo|jawohl|natürlich|klar|gerne?|"
    r"selbstverständlich|einverstanden|freilich|sicher",
    regex.IGNORECASE,
)
_BESIDE_A_YES = lazily(
    r"please|thanks?|you|of|okay|ok|right|fine|good|that|is|s|it|oh|well|then|i|can|ll|will|wait|"
    r"bitte|danke|gut|in|ordnung|das|ist|doch|ich|kann|warten?|mal|schon|recht|passt|na|also|so",
    regex.IGNORECASE,
)


def gives_leave(text: str) -> bool:
    """Whether a customer's turn does nothing but give leave."""
    short = len(text.split()) <= MOST_WORDS and "?" not in text
    try:
        return short and _LEAVE.fullmatch(text, timeout=TIMEOUT_S) is not None
    except TimeoutError:  # a text that no expression can be held against gives none
        return False


def agrees(text: str) -> bool:
    """Whether a few words say yes and nothing else: „ja, gerne“, not "okay, one moment", nor "of course not".
    After a question they are its answer, whoever they were written down for."""
    words = _WORD.findall(text)
    yes = [_YES.fullmatch(word) is not None for word in words]
    known = all(said or _BESIDE_A_YES.fullmatch(word) for said, word in zip(yes, words, strict=True))
    return len(words) <= MOST_WORDS and "?" not in text and known and any(yes)


def leave_within(text: str) -> bool:
    """Whether an agent's turn ends on leave, as a recording of both on one channel may be written down."""
    sentences = _FULL_STOP.split(text.strip())
    return len(sentences) > 1 and gives_leave(sentences[-1])


def answered_within(text: str) -> bool:
    """Whether an agent's turn that asks goes on to the answer."""
    sentences = _FULL_STOP.split(text.strip())
    asked = any(sentence.endswith("?") for sentence in sentences[:-1])
    return leave_within(text) or (asked and agrees(sentences[-1]))
