"""A conversation that a person corrected, read and judged again: what the correction does not touch stays as
it was read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from database.cards import finder
from database.corrections import add_reading, last_read
from database.engine import reading
from database.listing import assessment_of
from database.stored import current_conversation
from database.tables import Call
from pipelines.scoring import Scoring
from pipelines.steps import PipelineError
from recordings import Conversation, Turn
from scorecards import Assessment
from scorecards.errors import ScorecardError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.process import Processor

Read = tuple[str | None, bool, str, str]
"""What a reader sees of one turn: role, whether it is doubtful, its words, what was said before."""


def read_corrected(engine: "Engine", processor: "Processor", call_id: int) -> bool:
    """Read a corrected call's acts and judge it by the card of its current scores; True when that gave a new
    result. A call whose acts are known already, or that is corrected again meanwhile, is left as it is.

    Raises PipelineError where the house no longer has the card.
    """
    conversation, number = current_conversation(engine, call_id)
    if conversation.acts is not None:
        return False
    with reading(engine) as session:
        before = last_read(session, call_id, number)
        call = session.get(Call, call_id)
        judged = assessment_of(session, call_id, call.assessment_number if call else None)
    scoring = _scoring(engine, processor, judged)
    language = scoring.card_for(conversation).language
    read = scoring.with_acts(measured_again(conversation, before), language)
    if before is not None:
        read = keep_untouched(before, read)
    return add_reading(engine, call_id, number, read, scoring.score(read))


def _scoring(engine: "Engine", processor: "Processor", judged: Assessment | None) -> Scoring:
    if judged is None or judged.scorecard.id == processor.scoring.scorecard:
        return processor.scoring
    try:
        return Scoring(judged.scorecard.id, find=finder(engine))
    except ScorecardError as error:
        raise PipelineError(f"the call cannot be scored again: {error}") from error


def keep_untouched(before: Conversation, read: Conversation) -> Conversation:
    """The conversation with the acts it had on every turn that reads as before, so that a verdict moves only
    for what was corrected and for no other reason."""
    old, new = _seen(before.turns), _seen(read.turns)
    same = {i for i in range(len(new)) if i < len(old) and old[i] == new[i]}
    kept = [act for act in before.acts or () if act.turn in same]
    return read.with_acts([*kept, *(act for act in read.acts or () if act.turn not in same)])


def _seen(turns: Sequence[Turn]) -> list[Read]:
    found: list[Read] = []
    last: dict[str | None, str] = {}
    for turn in turns:
        said = " ".join(text for role, text in last.items() if role != turn.role)
        found.append((turn.role, turn.doubtful, turn.text, said))
        if not turn.doubtful and turn.text.strip() and turn.role not in ("ivr", "other"):
            last[turn.role] = turn.text
    return found


def measured_again(conversation: Conversation, before: Conversation | None) -> Conversation:
    """Signals of talk that a correction of roles took away, from the turns' own times; where the sound told
    of talk, these are a little coarser."""
    if before is None or not any(name.endswith("_talk_share") for name in before.signals):
        return conversation
    if any(name.endswith("_talk_share") for name in conversation.signals):
        return conversation
    from pipelines.signals.activity import find_activity
    from pipelines.signals.pace import pace
    from pipelines.values import Sounds, Speakers, Turns

    activity = find_activity(Sounds(), Speakers(), Turns(turns=conversation.turns))
    told = pace(activity, conversation.turns, conversation.recording.duration or 0.0)
    return conversation.model_copy(update={"signals": {**conversation.signals, **told}})
