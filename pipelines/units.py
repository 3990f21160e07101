"""A turn's text cut into sentences: what an act's evidence quotes."""

import re

LONGEST = 28
"""Words in a sentence without a full stop: longer talk is cut at a pause or a joining word."""
_SENTENCE = re.compile(r"[^.!?…]+(?:[.!?…]+(?=\s|$)|[.!?…]+|$)")
_JOINTS = re.compile(
    r"\s(?=(?:and|but|so|because|okay|well|then|und|aber|also|weil|dann|gut)\s)", re.IGNORECASE
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text stand; numbers like 3.5 stay whole, long ones are cut at a joint."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE.finditer(text):
        end = match.end()
        rest = text[end : end + 1]
        if rest and not rest.isspace():
            continue
        if text[start:end].strip():
            spans.extend(_cut(text, start, end))
        start = end
    if text[start:].strip():
        spans.extend(_cut(text, start, len(text)))
    return spans


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    while text[start : start + 1].isspace():
        start += 1
    words = list(re.finditer(r"\S+", text[start:end]))
    if len(words) <= LONGEST:
        return [(start, end)]
    joints = [start + m.start() for m in _JOINTS.finditer(text[start:end])]
    middle = start + words[len(words) // 2].start()
    near = [j for j in joints if start + words[5].start() < j < start + words[-5].start()]
    at = min(near, key=lambda j: abs(j - middle)) if near else middle
    return [*_cut(text, start, at), *_cut(text, at, end)]
