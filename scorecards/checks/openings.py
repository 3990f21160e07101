"""``openings.v1``: every agent who takes the call opens their part as told."""

from typing import ClassVar

import regex
from pydantic import Field

from scorecards.checks.base import ActNames, Check, Context, likelier, some
from scorecards.findings import Finding, from_act, from_turn
from scorecards.messages import say
from scorecards.patterns import lazily
from scorecards.results import Evidence

_HELLO = lazily(
    r"^(?:hello(?: there)?|hi|hiya|hey|heya|g'day|howzit|morning|afternoon|evening|"
    r"good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|moin|grüezi|"
    r"grüß gott|servus|ja|so|danke|bitte|thanks?|thank you|yes|right|okay|please|"
    r"(?:frau|herr|mr|mrs|ms)\b.*)$",
    regex.IGNORECASE,
)
_TITLE = lazily(r"^(?:\p{Lu}[\p{L}'’.&-]*)(?: (?:\p{Lu}[\p{L}'’.&-]*|und|and|of|für|de|von)){0,3}$")


def announces_itself(text: str) -> bool:
    """Whether a turn opens with company and name alone, comma between them: "Finanzamt Nord, Mertens."

    Greetings around them count for nothing; a customer addressed by name is no announcement.
    """
    opening = regex.split(r"[!?]", text.strip(), maxsplit=1)[0]
    pieces = [piece.strip() for piece in regex.split(r"[,.]", opening)][:4]
    if len(pieces) < 2 or any(regex.match(r"(?i)(?:frau|herr|mr|mrs|ms)\b", p) for p in pieces):
        return False
    named = [piece for piece in pieces if piece and not _HELLO.match(piece)]
    person_last = bool(named) and not _PLACE.search(named[-1])
    return person_last and 2 <= len(named) <= 4 and all(_TITLE.match(piece) for piece in named[:3])


_PLACE = lazily(
    r"(?:service|dienst|zentrum|zentrale|center|centre|hotline|helpline|support|desk|team|abteilung|stelle|"
    r"büro|office|department|straße|strasse|street|road|claims|schaden|reklamation|kündigung(?:en)?|retouren|deposits|"
    r"annahme|beratung|buchung|buchhaltung|leitung|verwaltung|versand\p{L}*|zugang|"
    r"accounts?|billing|sales|returns|care|reception|empfang|werkstatt|technik|lager|kasse)$",
    regex.IGNORECASE,
)
"""How a name ends that is a department's and no person's."""
_NAMES_A_PERSON = lazily(
    r"\b(?:my name|name'?s|name is|this is|this side|myself (?-i:\p{Lu}\p{L}+)|"
    r"you(?:'ve)? got (?-i:\p{Lu}\p{L}+)|that's|it'?s|i'?m|i am|speaking|here|you'?ve (?:got|reached)|"
    r"you have|with you|(?:through|speaking|talking|chatting|on) (?:to|with)|called|mein name|name ist|"
    r"ich bin|apparat|telefon|rohr|spricht|(?:sprechen|reden|redest|sprichst) (?:sie |du )?mit|verbunden|"
    r"heiße?|bin (?:die|der|ich)|hier|frau|herrn?|(?:ansprech|gesprächs)partner(?:in)?|"
    r"sie haben (?-i:\p{Lu})[\p{L} -]+ dran|"
    r"(?:die|der) (?-i:\p{Lu})\p{L}+ (?:is|ist|isch|ischt) (?:da|dran|hier|am)|"
    r"mit (?-i:\p{Lu}[\p{L}'’-]+ \p{Lu}[\p{L}'’-]+))\b",
    regex.IGNORECASE,
)
_ALONE = lazily(r"^\p{Lu}[\p{L}'’-]+(?: (?:here|speaking|hier|da|am apparat))?$")
_AT_A_DESK = lazily(
    r"^\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+)? (?:in|on|at|from|over|aus|vom|von|im|am|an)\b"
)
"""A name with where they sit: "Gareth on the leaving team"."""
_OF_A_COMPANY = lazily(r"^\p{Lu}[\p{L}'’-]+ \p{Lu}[\p{L}'’-]+ (?:from|of|at|von|vom) (?:the |der )?\p{Lu}")
"""A name with whom they work for: „Fritz Hellmann von Nordfunk“."""
_ARTICLE = lazily(r"^(?:(?:da|hier) (?:ist|spricht) )?(?:der|die|dem|den) \p{Lu}[\p{L}'’-]+$")
_TWO_NAMES = lazily(r"^\p{Lu}[\p{L}'’-]+ \p{Lu}[\p{L}'’-]+$")
_NAME_ONLY = lazily(r"^\p{Lu}[\p{L}'’-]+ (?:here|speaking|hier|da|am apparat)$")
UNLIKELY = 0.05
"""What a name's odds are multiplied by in an opening that has no place for one."""


def could_name(text: str, act: str, *, later: bool = False) -> bool:
    """Whether an opening with capital letters has a place for a person's name, or for a company's.

    "Prairie Home Heating, good evening." names nobody; "Jaxon here." names no company. Text without capitals
    (a recogniser's) may hold either. Who takes the call ``later`` need not name the company, so that the
    first words beside others may be the name: "Vickers. Is this the gas?".
    """
    pieces = [p.strip() for p in regex.split(r"[,.;!?]", text) if p.strip()]
    named = [p for p in pieces if not _HELLO.match(p)]
    if not named or not any(c.isupper() for c in text[1:]):
        return True
    if act == "give_name":
        if _NAMES_A_PERSON.search(text) or _OF_A_COMPANY.match(named[0]):
            return True
        return any(map(_a_person, named if later and len(pieces) > 1 else named[1:]))
    if act == "name_company":
        first = [p for p in named if not regex.match(r"(?i)(?:how|what|was|wie|womit)\b", p)]
        return not (len(first) == 1 and _NAME_ONLY.match(first[0]))
    return True


def _a_person(piece: str) -> bool:
    """Whether a piece of an opening may be somebody's name, with or without where they sit."""
    if _AT_A_DESK.match(piece):
        return True
    return not _PLACE.search(piece) and any(shape.match(piece) for shape in (_ALONE, _ARTICLE, _TWO_NAMES))


class OpeningsCheck(Check):
    """Every agent does one of ``each`` in their first turns, the first agent also one of ``first_also``."""

    title: ClassVar[str] = "openings.v1"

    each: ActNames = Field(description="acts, one of which every agent does")
    first_also: tuple[str, ...] = Field(
        default=(), description="acts, one of which the first agent also does"
    )
    within: int = Field(default=2, ge=1, le=10, description="in their first so many turns")

    def run(self, context: Context) -> Finding:
        call, language = context.call, context.language
        p = 1.0
        passing: list[Evidence] = []
        failing: list[Evidence] = []
        for number, turns in enumerate(call.agents):
            indices = [t.index for t in turns[: self.within]]
            wanted = [(self.each, "no_name")]
            if number == 0 and self.first_also:
                wanted.append((self.first_also, "no_company"))
            good = True
            for acts, message in wanted:
                heard = [
                    a.probability
                    if could_name(call.turns[a.turn].text, a.act, later=number > 0)
                    else likelier(a.probability, UNLIKELY)
                    for a in call.acts(acts, indices)
                ]
                found = max(some(heard), call.absent)
                if number == 0 and announces_itself(turns[0].text):
                    found = max(found, 0.85)
                p = min(p, found)
                if found < 0.5:
                    good = False
                    failing.append(from_turn(turns[0], "openings.v1", say(message, language)))
            best = call.best(self.each, indices)
            done = say("done", language, what=say("opening", language))
            if good and best is not None:
                passing.append(from_act(best, call.turns[best.turn], done))
            elif good:
                passing.append(from_turn(turns[0], "openings.v1", done))
        return Finding(p=p, passing=tuple(passing), failing=tuple(failing))

    def acts_used(self) -> tuple[str, ...]:
        return (*self.each, *self.first_also)
