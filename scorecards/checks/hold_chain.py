"""``hold_chain.v1``: one step of the manners around every hold, or how many holds there were and how long."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

import regex
from pydantic import Field

from recordings import Act, Turn
from scorecards.call import Call
from scorecards.checks.base import Check, Context, likelier
from scorecards.durations import longest_s
from scorecards.findings import Finding, cannot_say, from_act, from_turn, no_occasion
from scorecards.hold_leave import agrees, answered_within, gives_leave, leave_within
from scorecards.hold_reason import ENOUGH_WORDS, reason_named, told_beside
from scorecards.holds import Hold
from scorecards.messages import say
from scorecards.patterns import lazily
from scorecards.results import Evidence

MOST_WORDS_OF_A_YES = 9
SHORTEST_MEANT_S = 15.0
"""Shorter times are not meant: "two seconds, please"."""
SURE, LIKELY = 0.85, 0.75
"""How probably a turn gives a reason that names one, and one that tells something beside asking to wait."""
CLEARLY_TOLD = 0.6
"""How probably a turn tells that the customer is put on hold, for their leave not to make it a question."""
SURE_OF_A_WORD = 0.5
HALF_ASKED = 0.2
"""How probably a turn without a question mark asks for a hold that is worded as a question."""
_QUESTION = lazily(
    r"\b(?:(?:may|can|could|might|shall) i|(?:would|will|could|can|do) your?|your? mind|"
    r"(?:is|would) (?:it|that)(?: be)? (?:okay|ok|all ?right|fine)|"
    r"(?:okay|ok|all ?right|fine) if (?:i|we)|"
    r"(?:d[aü]rf(?:te)?|kann|könnte|soll(?:te)?) ich (?:sie|ihnen|dich)|"
    r"(?:würden|könnten|können|möchten|wollen) sie|macht es ihnen|"
    r"(?:ist|wäre) (?:das|es)(?: für sie| ihnen)? (?:in ordnung|okay|ok|recht))\b",
    regex.IGNORECASE,
)
_TAIL = lazily(
    r"\b(?:all ?right|okay|ok|fine(?: with you)?|in ordnung|recht|einverstanden|oder)\W*$", regex.IGNORECASE
)
_SORRY = lazily(
    r"\W*(?:(?:hi|hello|right|okay|ok|so|hallo|ja|da bin ich wieder)\W+)*"
    r"(?:i'?m |i am |my )?(?:so |very |really )?"
    r"(?:sorry|apolog\p{L}*|entschuldig\p{L}*|verzeih\p{L}*|tut mir leid|bitte um)"
    r"(?!.{0,40}\b(?:but|aber)\b)",
    regex.IGNORECASE,
)
"""An apology as the first words after a hold is one for the wait."""
_THANKS = lazily(
    r"\W*(?:\p{L}+\W+){0,5}?(?:for (?:your )?(?:holding|waiting|patience)\b(?=\W*(?:[.,!?]|$))|"
    r"da(?:ss|s) sie (?:so lange )?gew[aä]r?[td]\p{L}* (?:haben|hatten)\b)",
    regex.IGNORECASE,
)
"""What is left of thanks for the wait where their first word was misheard or lost."""
_OF_THANKS = lazily(
    r"\b(?:thank|cheers|sorry|apolog|appreciat|grateful|obliged|patience|(?:been |being |so )patient|wait|"
    r"hold|hang(?:ing)? on|kept|keep|stick|stay|bear|excus|pardon|"
    r"(?:be)?dank|merci|geduld|(?:ge|zu|ab)?wart(?!e?schl)|entschuldig|verzeih|leid\b|gedauert|"
    r"(?:dran|da)?(?: ?ge)?blieb|dranbleib|nett|lieb(?: von|\b))",
    regex.IGNORECASE,
)
"""Thanks or an apology for a wait has one of these; "so, I'm back" alone has none."""
_WORDS = lazily(r"\p{L}+")
_AGENTS_WORDS = ("ask_hold", "announce_hold", "announce_search", "ask_transfer", "announce_transfer")
Judged = tuple[float, Evidence]


class HoldChainCheck(Check):
    """``asked`` (as a question, answered with yes), ``reason``, ``time`` and ``thanked`` must hold for every
    hold; ``over_30s`` holds where any stretch is longer than 30 s; ``count`` and ``seconds`` are values."""

    title: ClassVar[str] = "hold_chain.v1"

    step: Literal["asked", "reason", "time", "thanked", "over_30s", "count", "seconds"] = Field(
        description="which step of the chain"
    )

    def run(self, context: Context) -> Finding:
        call, language = context.call, context.language
        holds = call.holds
        if self.step == "count":
            return Finding(p=0.95, value=len(holds), passing=tuple(_shown(call, h, language) for h in holds))
        if self.step == "seconds":
            return _total(call, holds, language)
        if not holds:
            return no_occasion(say("no_hold", language))
        if self.step == "over_30s":
            return _over(call, holds, language)
        judge = _STEPS[self.step]
        judged = [j for j in (judge(call, hold, language) for hold in holds) if j is not None]
        if not judged:
            return no_occasion(say("no_hold", language), sure=0.9)
        return Finding(
            p=min(p for p, _ in judged),
            passing=tuple(e for p, e in judged if p >= 0.5),
            failing=tuple(e for p, e in judged if p < 0.5),
            applies=0.95,
        )

    def acts_used(self) -> tuple[str, ...]:
        return ("ask_hold", "announce_hold", "hold_reason", "hold_time", "thank_waiting")


def judged(call: Call, hold: Hold, step: str, language: str) -> bool | None:
    """Whether a step (``asked``, ``reason``, ``time``, ``thanked``) was kept at one hold; None where it has
    no occasion."""
    found = _STEPS[step](call, hold, language)
    return None if found is None else found[0] >= 0.5


def question_of(call: Call, hold: Hold) -> int | None:
    """The turn that asked for a hold; None where nobody asked."""
    asked = _ask(call, hold)
    return asked.turn if asked is not None and asked.probability >= 0.5 else None


def _ask(call: Call, hold: Hold) -> Act | None:
    asked = call.best(("ask_hold", "ask_transfer"), hold.window)
    if asked is None or asked.probability < 0.5:
        asked = _question(call, hold) or asked
    return asked


def _asked(call: Call, hold: Hold, language: str) -> Judged:
    put = call.turns[hold.ask.turn if hold.ask else hold.window[-1] if hold.window else hold.before]
    asked = _ask(call, hold)
    if asked is None or asked.probability < 0.5:
        p = max(asked.probability if asked else 0.0, call.absent)
        return p, from_turn(put, "hold_chain: asked", say("not_asked", language))
    answers = answers_to(call, asked.turn, hold)
    turn = call.turns[asked.turn]
    if not answers and answered_alone(call, asked.turn):
        return min(asked.probability, 0.8), from_act(asked, turn, say("asked", language))
    if not answers:
        p = 0.3 if len(call.agents) and turn.words else 0.12
        return p, from_act(asked, turn, say("not_awaited", language))
    if call.p(("decline",), [t.index for t in answers]) >= 0.6:
        return 0.15, from_turn(answers[-1], "hold_chain: asked", say("declined", language))
    return min(asked.probability, 0.97), from_act(asked, turn, say("asked", language))


def answers_to(call: Call, question: int, hold: Hold) -> list[Turn]:
    """The customer's turns between the turn that asked and the hold. On one channel a yes that was written
    down as the agent's is the customer's too: nobody answers themselves."""
    after = call.turns[question + 1 : hold.before + 1]
    return [t for t in after if t.role == "customer" or _replies(call, t)]


def answered_alone(call: Call, question: int) -> bool:
    """Whether the turn that asked goes on to the answer, as two voices on one channel may be written."""
    return call.one_channel and answered_within(call.turns[question].text)


def _replies(call: Call, turn: Turn) -> bool:
    """Whether a turn of the agent's is the customer's reply."""
    if turn.role != "agent" or not call.one_channel:
        return False
    return (gives_leave(turn.text) or agrees(turn.text)) and call.p(_AGENTS_WORDS, [turn.index]) < 0.5


def _question(call: Call, hold: Hold) -> Act | None:
    """A question that the agent ends on, straight before a hold, and that the customer answers with no more
    than a few words: whatever its wording, it asked for the hold. A question for a number did not. Where it
    cannot be read as a question but may have been one, the leave that the customer gives tells it."""
    near = [call.turns[index] for index in (*hold.lead, *hold.window)]
    asking = [t for t in near if not t.doubtful and not _replies(call, t)][-1:]
    if not asking or hold.source == "words":
        return None
    turn = asking[0]
    between = [t for t in call.turns[turn.index + 1 : hold.before + 1] if not t.doubtful]
    answers = answers_to(call, turn.index, hold)
    other = call.p(("ask_identifier", "anything_else", "ask_history", "paraphrase"), [turn.index])
    if other >= 0.5 or len(between) > 2 or sum(len(t.text.split()) for t in answers) > MOST_WORDS_OF_A_YES:
        return None
    if (answers and _asks(call, turn)) or _granted(call, turn, answers):
        return Act(turn=turn.index, act="ask_hold", probability=0.8, text=turn.text)
    return None


def _granted(call: Call, turn: Turn, answers: Sequence[Turn]) -> bool:
    """Whether the customer gives leave to what may have been a question and was not plainly told."""
    told = call.p(("announce_hold", "announce_transfer", "announce_search"), [turn.index]) >= CLEARLY_TOLD
    if told or call.p(("ask_hold", "ask_transfer", "announce_hold", "announce_transfer"), [turn.index]) == 0:
        return False
    if answers:
        return gives_leave(" ".join(t.text for t in answers))
    return call.one_channel and leave_within(turn.text)


def _asks(call: Call, turn: Turn) -> bool:
    """Whether a turn ends on a question. A recogniser leaves question marks out: then the wording of a
    question counts, where the network half takes the turn for one, and its end, where it asks for a hold."""
    maybe = call.p(("ask_hold", "ask_transfer"), [turn.index]) >= HALF_ASKED
    if maybe and _QUESTION.search(turn.text):
        return True
    if call.p(("announce_hold",), [turn.index]) >= 0.7:
        return False
    return turn.text.rstrip().endswith("?") or (maybe and _TAIL.search(turn.text) is not None)


def time_named(text: str) -> str | None:
    """The text where it names a time that is meant, None where it names none."""
    seconds = longest_s(text)
    return text if seconds is not None and seconds >= SHORTEST_MEANT_S else None


def _in_words(call: Call, hold: Hold, act: str, language: str) -> Act | None:
    """A time or a reason in the very turns that put the customer on hold, whatever else they say."""
    put = hold.ask.turn if hold.ask else hold.window[-1] if hold.window else hold.before
    after = [index for index in hold.window if index > put] if act == "hold_time" else []
    for turn in (call.turns[index] for index in (put, *after)):
        if turn.role != "agent" or hold.before - turn.index > 2 or turn.doubtful:
            continue
        words = time_named(turn.text) if act == "hold_time" else reason_named(turn.text)
        if words is not None:
            return Act(turn=turn.index, act=act, probability=SURE, text=words)
        does_else = call.p(("greet", "name_company", "ask_identifier"), [turn.index]) >= 0.5
        if act == "hold_reason" and not does_else and len(_told(turn, language)) >= ENOUGH_WORDS:
            return Act(turn=turn.index, act=act, probability=LIKELY, text=turn.text)
    return None


def _speaks_of(call: Call, found: Act, act: str) -> bool:
    """Whether a doubtful reason has the words of one: "hang on", by itself, is none."""
    return (
        act != "hold_reason"
        or found.probability >= 0.5
        or reason_named(call.turns[found.turn].text) is not None
    )


def _tells(call: Call, reason: Act, language: str) -> bool:
    """Whether a turn says anything that may be a reason, beyond the formula of asking to wait; what a person
    noted is believed."""
    turn = call.turns[reason.turn]
    named = reason.source == "person" or reason_named(turn.text) is not None
    beside = told_beside(turn.text, language) if reason.probability >= SURE else _told(turn, language)
    return named or bool(beside)


def _told(turn: Turn, language: str) -> list[str]:
    """What a turn tells beyond the formula, as far as the recogniser was sure of the words."""
    sure: set[str] = set()
    unsure: set[str] = set()
    for word in turn.words or ():
        doubted = word.probability is not None and word.probability < SURE_OF_A_WORD
        (unsure if doubted else sure).update(_WORDS.findall(word.text.lower()))
    return [word for word in told_beside(turn.text, language) if word.lower() not in unsure - sure]


def _in_window(act: str, other: tuple[str, ...] = ()) -> Callable[[Call, Hold, str], Judged]:
    def judge(call: Call, hold: Hold, language: str) -> Judged:
        read = call.acts((act, *other), [*hold.lead, *hold.window])
        spoken = [one for one in read if one.act != "hold_reason" or _tells(call, one, language)]
        found = max(spoken, key=lambda a: (a.probability, -a.turn), default=None)
        if found is not None and found.turn in hold.window and _speaks_of(call, found, act):
            found = found.model_copy(update={"probability": likelier(found.probability, 3.0)})
        if found is None or found.probability < 0.5:
            found = _in_words(call, hold, act, language) or found
        if found is not None and found.probability >= 0.5:
            return found.probability, from_act(found, call.turns[found.turn], say(act, language))
        index = hold.ask.turn if hold.ask else hold.window[-1] if hold.window else hold.before
        p = max(found.probability if found else 0.0, call.absent)
        return p, from_turn(call.turns[index], f"hold_chain: {act}", say(f"no_{act}", language))

    return judge


def _thanked(call: Call, hold: Hold, language: str) -> Judged | None:
    """Thanks or an apology for the wait in the first words after the hold; None where nobody comes back."""
    if hold.back is None:
        return None
    turns = [hold.back]
    following = call.next_turns(hold.back, "agent", 1)
    later = next((h.before for h in call.holds if h.before >= hold.back), None)
    if following and following[0] - hold.back <= 2 and (later is None or following[0] <= later):
        turns += following
    said = [a for a in call.acts(("thank_waiting",), turns) if _is_thanks(a, call.turns[a.turn])]
    best = max(said, key=lambda a: (a.probability, -a.turn), default=None)
    sorry = call.best(("apologise",), [hold.back])
    if sorry is not None and (best is None or best.probability < 0.5) and _SORRY.match(sorry.text or ""):
        best = sorry.model_copy(update={"probability": round(sorry.probability * 0.85, 3)})
    text = call.turns[hold.back].text
    if (best is None or best.probability < 0.5) and _THANKS.match(text):
        best = Act(turn=hold.back, act="thank_waiting", probability=SURE, text=text)
    if best is not None and best.probability >= 0.5:
        return best.probability, from_act(best, call.turns[best.turn], say("thanked", language))
    p = max(best.probability if best else 0.0, call.absent)
    return p, from_turn(call.turns[hold.back], "hold_chain: thanked", say("not_thanked", language))


def _is_thanks(act: Act, turn: Turn) -> bool:
    return act.source != "head" or act.probability >= SURE or _OF_THANKS.search(turn.text) is not None


_STEPS: dict[str, Callable[[Call, Hold, str], Judged | None]] = {
    "asked": _asked,
    "reason": _in_window("hold_reason", ("transfer_reason",)),
    "time": _in_window("hold_time"),
    "thanked": _thanked,
}


def _shown(call: Call, hold: Hold, language: str) -> Evidence:
    if hold.cut_out:
        why = say("cut_out", language)
    elif hold.seconds is None:
        why = say("hold_unknown", language)
    else:
        why = say("long_hold" if hold.over else "short_hold", language, seconds=hold.seconds)
    index = hold.ask.turn if hold.ask else hold.before
    return Evidence(
        turn=index,
        start=hold.start,
        end=hold.end,
        text=call.turns[index].text,
        rule=f"hold ({hold.source})",
        why=why,
    )


def _over(call: Call, holds: tuple[Hold, ...], language: str) -> Finding:
    long = tuple(_shown(call, h, language) for h in holds if h.over)
    short = tuple(_shown(call, h, language) for h in holds if h.over is False)
    if long:
        nearest = min(abs((h.seconds or 0.0) - 30.0) for h in holds if h.over)
        return Finding(p=0.95 if nearest > 1.0 or len(long) > 1 else 0.8, passing=long, failing=short)
    if any(h.over is None for h in holds):
        cut = any(h.cut_out for h in holds)
        return cannot_say(say("cut_out" if cut else "hold_unknown", language))
    return Finding(p=0.05, failing=short)


def _total(call: Call, holds: tuple[Hold, ...], language: str) -> Finding:
    if any(h.seconds is None for h in holds):
        cut = any(h.cut_out for h in holds)
        return cannot_say(say("cut_out" if cut else "hold_unknown", language))
    total = round(sum(h.seconds or 0.0 for h in holds), 3)
    return Finding(p=0.95, value=total, passing=tuple(_shown(call, h, language) for h in holds))
