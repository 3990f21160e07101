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
_SMALL = (
    r"(?:yes|yeah|yep|yup|sure|okay|ok|right|oh|well|no|um|uh|er|then|please|thank you|thanks|"
    r"ja|jo|ach|gut|na|also|nein|okidoki|bitte|danke|äh|ähm|doch)"
)
_LEAVE = lazily(
    rf"\W*(?:{_SMALL}\W+)*"
    r"(?:(?:that|it)(?:'s| is|'ll be| will be| would be|'d be) (?:(?!not|never)\p{L}+ )?"
    r"(?:fine|ok|okay|all ?right|no problem|no bother|good)|"
    r"of course|go (?:right )?ahead|please do|no (?:problem|worries)(?: at all)?|sure(?: thing)?|certainly|"
    r"by all means|(?:i )?(?:don't|do not|wouldn't) mind|not at all|fine (?:by|with) me|yes please|"
    r"(?:das |da )?(?:ist|wäre|geht) (?:(?!nicht|kein)\p{L}+ ){0,2}"
    r"(?:(?:in|im|den) ordnung|okay|ok|recht|gut)|"
    r"(?:geht )?in ordnung|"
    r"(?:natürlich|gerne?|klar|selbstverständlich|einverstanden|freilich|sicher|logisch)(?: doch)?|"
    r"(?:kein|gar kein|überhaupt kein) problem|(?:dann )?(?:machen|tun) sie(?: das)?(?: mal| nur| ruhig)?|"
    r"von mir aus|meinetwegen|das geht|passt(?: schon)?)"
    rf"(?:\W+(?:{_SMALL}|gerne?|for me|with me|by me|für mich|schon|so|no rush|take your time))*\W*",
    regex.IGNORECASE,
)
_YES = lazily(
    r"\W*(?:yes|yeah|yep|yup|sure|of course|certainly|no problem|go ahead|please do|"
    r"ja|jo|natürlich|klar|gerne?|selbstverständlich|kein problem|in ordnung|einverstanden)\b"
    r"(?!.*\b(?:moments?|minutes?|seconds?|moment|augenblick|sekunden?|minuten?|gleich|hold|back|"
    r"i(?:'ll| will)|let me|ich (?:werde|schaue|frage|lege|bin|verbinde)|sie|you|your)\b)",
    regex.IGNORECASE | regex.DOTALL,
)


def gives_leave(text: str) -> bool:
    """Whether a customer's turn does nothing but give leave."""
    try:
        return len(text.split()) <= MOST_WORDS and _LEAVE.fullmatch(text, timeout=TIMEOUT_S) is not None
    except TimeoutError:  # a text that no expression can be held against gives none
        return False


def agrees(text: str) -> bool:
    """Whether a few words say yes and nothing of what an agent says before a hold: „ja, gerne“, not "okay,
    one moment". After a question they are its answer, whoever they were written down for."""
    try:
        short = len(text.split()) <= MOST_WORDS and "?" not in text
        return short and _YES.match(text, timeout=TIMEOUT_S) is not None
    except TimeoutError:
        return False


def leave_within(text: str) -> bool:
    """Whether an agent's turn ends on the leave given to what it asked before, as a recording of both on one
    channel may be written down."""
    sentences = _FULL_STOP.split(text.strip())
    return len(sentences) > 1 and gives_leave(sentences[-1])


def answered_within(text: str) -> bool:
    """Whether an agent's turn asks and goes on to the answer."""
    sentences = _FULL_STOP.split(text.strip())
    asked = any(sentence.endswith("?") for sentence in sentences[:-1])
    return leave_within(text) or (asked and agrees(sentences[-1]))
