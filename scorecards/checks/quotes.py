"""``quotes.v1``: the words themselves, as a list: promises made, praise given."""

from typing import ClassVar

import regex
from pydantic import Field

from scorecards.acts.book import told
from scorecards.checks.base import ActNames, Check, Context
from scorecards.findings import Finding, from_act
from scorecards.messages import say
from scorecards.patterns import lazily

_DUE = lazily(
    r"\b(?:(?:by|before|within|until|at|on|in) )?(?:(?:the )?(?:next|end of|this) )?(?:today|tonight|"
    r"tomorrow(?: (?:morning|afternoon|evening))?|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|(?:\d+|one|two|three|four|five|six|"
    r"seven|ten|fourteen|twenty-four)"
    r"(?: (?:to|or) \w+)? (?:working |business )?(?:minutes?|hours?|days?|weeks?)|week|half past \w+|"
    r"\d{1,2}(?::\d\d)? ?(?:am|pm|o'clock)|"
    r"(?:\w+) o'clock|noon|(?:bis |ab |am |um |in |spätestens |noch )*(?:heute(?: (?:abend|noch|"
    r"mittag|nachmittag))?|morgen"
    r"(?: (?:früh|vormittag|mittag|nachmittag|abend))?|übermorgen|montag|dienstag|mittwoch|donnerstag|"
    r"freitag|samstag|sonnabend|sonntag|"
    r"(?:\d+|ein(?:er|em|en)?|zwei|drei|vier|fünf|zehn|vierzehn) (?:minuten?|stunden?|tag(?:en?)?|"
    r"werktag(?:en?)?|wochen?)|"
    r"nächste(?:n|r)? (?:woche|tage|tagen)|\w+ uhr))(?: (?:at|um|gegen|by|bis) (?:\w+)(?: (?:am|pm|"
    r"o'clock|uhr))?)?",
    regex.IGNORECASE,
)


class QuotesCheck(Check):
    """Every turn that does one of the acts, with its words; ``category`` is the act. The value is their
    number.
    With ``due`` the time named in the turn is put into ``why``."""

    title: ClassVar[str] = "quotes.v1"

    acts: ActNames = Field(description="acts to quote")
    due: bool = Field(default=False, description="look for a time in the same turn")
    whole_turn: bool = Field(default=True, description="quote the turn rather than the act's own words")

    def run(self, context: Context) -> Finding:
        call = context.call
        found = [a for a in call.acts(self.acts) if a.probability >= 0.5]
        evidence = []
        for act in found:
            turn = call.turns[act.turn]
            when = _DUE.search(turn.text) if self.due else None
            why = say("done", context.language, what=told([act.act], context.language))
            if self.due:
                why = say("due", context.language, what=when.group().strip() if when else "?")
            quoted = act.model_copy(update={"text": turn.text}) if self.whole_turn else act
            evidence.append(from_act(quoted, turn, why, category=act.act))
        return Finding(p=0.95 if found else 0.05, passing=tuple(evidence), value=len(found))

    def acts_used(self) -> tuple[str, ...]:
        return self.acts
