"""Corrections: a pure change of the conversation; its way through app, worker and other people's drafts."""
# ruff: noqa: E501

from datetime import timedelta
from pathlib import Path

import pytest
import workplace
from opening import person
from sqlmodel import select

from database import DatabaseError, corrections, jobs
from database.audit import entries, verify
from database.engine import reading, writing
from database.erase import erase_calls
from database.filters import Filters
from database.listing import count_calls, open_call
from database.people import Person
from database.reviews import draft_of, items
from database.store import save_processed
from database.tables import ConversationVersion, CorrectionRow, Job
from database.viewers import OPERATOR
from qa_app.actions import asking, correcting, reviewing
from qa_app.i18n import translator
from qa_app.payload import payload
from qa_app.policies import NotAllowedError
from recordings import Conversation, Event, Recipe, RecordingError, Turn, Word
from recordings.corrections import Correction, corrected
from recordings.testing import agent, conversation, customer
from scorecards.acts.reader import read_phrases
from scorecards.engine import score
from scorecards.loading import load_card

ON_BOTH = True

EN = translator("en")


def word(text: str, start: float, end: float) -> Word:
    return Word(text=text, start=start, end=end, probability=0.5)


def said(*texts: str, start: float = 1.0) -> Turn:
    words = tuple(word(text, start + i, start + i + 1) for i, text in enumerate(texts))
    return Turn(
        index=0,
        role="agent",
        speaker="S0",
        start=start,
        end=start + len(texts),
        text=" ".join(texts),
        words=words,
    )


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("my name is Ana", [("my", 1, 0.5), ("name", 2, 0.5), ("is", 3, 0.5), ("Ana", 4, 1.0)]),
        ("my name is Anna Lena", [("my", 1, 0.5), ("name", 2, 0.5), ("is", 3, 0.5), ("Anna", 4, 1.0), ("Lena", 4.5, 1.0)]),
        ("name is anna", [("name", 2, 0.5), ("is", 3, 0.5), ("anna", 4, 0.5)]),
        ("oh my name is anna", [("oh", 1, 1.0), ("my", 1, 0.5), ("name", 2, 0.5), ("is", 3, 0.5), ("anna", 4, 0.5)]),
        ("", []),
    ],
)  # fmt: skip
def test_words_that_stay_keep_their_times(new: str, words: list[tuple[str, float, float]]) -> None:
    talk = conversation(agent("x")).with_turns([said("my", "name", "is", "anna")])
    [turn] = corrected(talk, Correction(kind="text", turn=0, new=f"  {new} ")).turns
    assert turn.text == new
    assert [(w.text, w.start, w.probability) for w in turn.words] == words


def test_a_person_lifts_the_doubt_about_a_line_and_acts_are_read_anew() -> None:
    doubtful = said("thank", "you").model_copy(update={"doubtful": True})
    talk = conversation(agent("x")).with_turns([doubtful]).with_acts(())
    after = corrected(talk, Correction(kind="text", turn=0, new="Thanks"))
    assert not after.turns[0].doubtful
    assert after.acts is None


def two_sides() -> Conversation:
    talk = conversation(
        agent("Hello.", start=0.0, end=2.0),
        customer("Hello, my parcel", start=2.5, end=6.0),
        agent("Just a moment", start=5.0, end=8.0),
        customer("Yes.", start=20.0, end=21.0),
    )
    turns = [t.model_copy(update={"speaker": "S0" if t.role == "agent" else "S1"}) for t in talk.turns]
    events = (
        Event(kind="interruption", start=5.0, end=6.0, by="agent"),
        Event(kind="silence", start=8.2, end=19.8, before="agent", after="customer"),
    )
    signals = {
        "agent_talk_share": 0.5,
        "interruptions_by_agent": 1,
        "interruptions_by_customer": 0,
        "hold_count": 2,
    }
    return talk.with_turns(turns).model_copy(update={"events": events, "signals": signals})


@pytest.mark.parametrize(
    ("change", "roles", "by", "around"),
    [
        (Correction(kind="role", turn=2, new="customer"), "acCc", "customer", ("customer", "customer")),
        (Correction(kind="role", turn=2, new="customer", everywhere=True), "CcCc", "customer", ("customer", "customer")),
        (Correction(kind="role", turn=0, new="ivr"), "Icac", "agent", ("agent", "customer")),
        (Correction(kind="swap", turn=0), "CACA", "customer", ("customer", "agent")),
    ],
)  # fmt: skip
def test_roles_and_what_hangs_on_them(
    change: Correction, roles: str, by: str, around: tuple[str, str]
) -> None:
    after = corrected(two_sides(), change)
    assert "".join((t.role or "?")[0] for t in after.turns) == roles.lower()
    changed = {i for i, letter in enumerate(roles) if letter.isupper()}
    assert {
        t.index for t in after.turns if t.role_confidence == 1.0 and t.role != two_sides().turns[t.index].role
    } == changed
    interruption, silence = after.events or ()
    assert interruption.by == by
    assert (silence.before, silence.after) == around
    assert after.signals == {
        "hold_count": 2,
        "interruptions_by_agent": int(by == "agent"),
        "interruptions_by_customer": int(by == "customer"),
    }


def test_one_line_given_to_the_other_voice_takes_its_label() -> None:
    after = corrected(two_sides(), Correction(kind="role", turn=2, new="customer"))
    assert after.turns[2].speaker == "S1"
    everywhere = corrected(two_sides(), Correction(kind="role", turn=2, new="customer", everywhere=True))
    assert everywhere.turns[2].speaker == "S0"


def test_swapping_twice_is_as_before() -> None:
    swap = Correction(kind="swap", turn=0)
    twice = corrected(corrected(two_sides(), swap), swap)
    assert [t.role for t in twice.turns] == [t.role for t in two_sides().turns]
    assert twice.events == two_sides().events


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (Correction(kind="text", turn=4, new="x"), "no line 4"),
        (Correction(kind="text", turn=-1, new="x"), "no line"),
        (Correction(kind="text", turn=0, new=" Hello. "), "already"),
        (Correction(kind="text", turn=0, new="x" * 10_001), "at most"),
        (Correction(kind="role", turn=0, new="agent"), "already"),
        (Correction(kind="role", turn=0, new="agent", everywhere=True), "already"),
        (Correction(kind="role", turn=0, new="boss"), "there are agent"),
    ],
)
def test_a_change_that_is_none_is_refused(change: Correction, says: str) -> None:
    with pytest.raises(RecordingError, match=says):
        corrected(two_sides(), change)


def read_call(place: workplace.Workplace, *, heads: bool) -> int:
    """A call read by phrase rules (or, as its recipe says, with the learned reader too) and scored."""
    talk = workplace.talk("rude-call", "f", "ana", "north")
    made_by = Recipe(models={"acts-en": "x"} if heads else {})
    talk = talk.model_copy(update={"made_by": made_by}).with_acts(read_phrases(talk, "en"))
    judged = score(talk, load_card("customer-care", "en"))
    assert judged.criterion("forbidden_phrase_used").verdict == "yes"
    return save_processed(place.engine, Path("rude.flac"), talk.recording, talk, judged)


FRIENDLY = Correction(kind="text", turn=2, new="I'll ask the depot for you, one moment.")


def shown(place: workplace.Workplace, who: Person, call: int) -> dict[str, object]:
    with reading(place.engine) as session:
        return payload(session, who, open_call(session, who.viewer, call), EN, audio=None)


def test_where_rules_alone_read_the_scores_follow_at_once(place: workplace.Workplace) -> None:
    tess, ana, call = person(place, "tess"), person(place, "ana"), read_call(place, heads=False)
    before = shown(place, tess, call)
    done = asking.handle(
        place.engine, tess, call, {"do": "correct", "turn": 2, "text": FRIENDLY.new, "version": 1}
    )
    assert done.message == "correct.scored"
    for who in (tess, ana):  # the agent sees all of it too
        now = shown(place, who, call)
        assert now["turns"][2]["text"] == FRIENDLY.new  # type: ignore[index]
        history: dict[str, list[dict[str, object]]] = now["history"]  # type: ignore[assignment]
        assert history["pending"] is None
        [made] = history["corrections"]
        assert (made["old"], made["new"], made["by"]) == (
            workplace.SCRIPT[2][3],
            FRIENDLY.new,
            "Tess Trainer",
        )
        [move] = history["moves"]
        assert {"title": "Forbidden phrase used", "old": "Yes", "new": "No"} in move["verdicts"]  # type: ignore[operator]
        assert move["after"] > move["before"]  # type: ignore[operator]
    assert now["seen"] == before["seen"] + 1  # type: ignore[operator]
    with reading(place.engine) as session:
        assert count_calls(session, OPERATOR, Filters(words='"one moment"')) == 1
        log = [e for e in entries(session, subject="call", subject_ids=(call,)) if e.action == "corrected"]
        assert log[0].detail == {"version": 2, "lines": [2], "kinds": ["text"]}
        assert verify(session) == []


def test_where_the_learned_reader_had_a_part_a_worker_is_asked(place: workplace.Workplace) -> None:
    tess, call = person(place, "tess"), read_call(place, heads=True)
    assert correcting.correct(place.engine, tess, call, [FRIENDLY]).message == "correct.waits"
    now = shown(place, tess, call)
    assert now["history"]["pending"]["cause"] is None  # type: ignore[index]
    assert now["seen"] == 1  # the scores of before stand until then
    [job] = jobs.jobs(place.engine, "waiting")
    assert (job.kind, job.call_id) == ("corrected", call)
    assert now["history"]["pending"]["idle"] is False  # type: ignore[index]
    with writing(place.engine) as session:
        session.get_one(Job, job.id).made_at -= timedelta(minutes=2)
    assert shown(place, tess, call)["history"]["pending"]["idle"] is True  # type: ignore[index]
    taken = jobs.claim(place.engine, "w")
    assert taken is not None
    jobs.fail(place.engine, taken, "the reader is not there", retry_after_s=None)
    assert shown(place, tess, call)["history"]["pending"]["cause"] == "the reader is not there"  # type: ignore[index]
    asking.handle(place.engine, tess, call, {"do": "read_again"})
    assert len(jobs.jobs(place.engine, "waiting")) == 1


def test_a_worker_reads_what_was_corrected_and_leaves_the_rest(
    place: workplace.Workplace, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.process import Processor
    from pipelines.testing import build_light_pipeline
    from pipelines.worker import Worker

    monkeypatch.setenv("RAPPORT_MODELS", str(weights))
    tess, call = person(place, "tess"), read_call(place, heads=True)
    with reading(place.engine) as session:
        before = corrections.version_of(session, call, 1)
    swapped = Correction(kind="role", turn=3, new="agent")
    correcting.correct(place.engine, tess, call, [FRIENDLY, swapped])
    correcting.correct(place.engine, tess, call, [Correction(kind="role", turn=3, new="customer")])
    worker = Worker(
        place.engine, Processor(place.settings, build_light_pipeline(place.settings), engine=place.engine)
    )
    while worker.run_one():
        pass
    assert [job.state for job in jobs.jobs(place.engine)] == ["done", "done"]
    with reading(place.engine) as session:
        opened = open_call(session, OPERATOR, call)
        assert corrections.pending(session, opened.call) is None
        assert opened.assessment is not None
        assert opened.assessment.criterion("forbidden_phrase_used").verdict == "no"
        after = opened.conversation
        assert after is not None
        assert after.acts is not None
        assert {a.act for a in after.acts if a.turn == 0} == {a.act for a in before.acts or () if a.turn == 0}
        assert not any(a.act == "not_my_job" for a in after.acts)
        assert "agent_talk_share" in after.signals
        makers = session.exec(
            select(ConversationVersion.made_by)
            .order_by(ConversationVersion.number)
            .where(ConversationVersion.call_id == call)
        ).all()  # type: ignore[arg-type]
        assert makers == [None, tess.id, tess.id, tess.id]


def test_a_correction_survives_processing_again(place: workplace.Workplace) -> None:
    tess, call = person(place, "tess"), read_call(place, heads=False)
    correcting.correct(place.engine, tess, call, [FRIENDLY])
    talk = workplace.talk("rude-call", "f", "ana", "north")
    louder = talk.with_turns(t.model_copy(update={"text": t.text.upper()}) for t in talk.turns)
    for heard in (talk, louder):
        judged = score(heard.with_acts(()), load_card("customer-care", "en"))
        save_processed(place.engine, Path("rude.flac"), heard.recording, heard, judged)
    now = shown(place, tess, call)
    # What was put in stands; all else is as the newer transcript writes it.
    assert now["turns"][2]["text"] == "I'll ASK THE depot for you, one moment."  # type: ignore[index]
    assert now["turns"][0]["text"] == workplace.SCRIPT[0][3].upper()  # type: ignore[index]


def test_what_is_corrected_back_is_kept_as_a_step_of_its_own(place: workplace.Workplace) -> None:
    tess, call = person(place, "tess"), read_call(place, heads=False)
    original = workplace.SCRIPT[2][3]
    for text in (FRIENDLY.new, original, FRIENDLY.new, original):
        correcting.correct(place.engine, tess, call, [Correction(kind="text", turn=2, new=text)])
        assert shown(place, tess, call)["turns"][2]["text"] == text  # type: ignore[index]
    with reading(place.engine) as session:
        assert len(session.exec(select(CorrectionRow)).all()) == 4
        assert (
            open_call(session, OPERATOR, call).assessment.criterion("forbidden_phrase_used").verdict == "yes"
        )  # type: ignore[union-attr]


def test_drafts_go_on_with_every_decision_that_still_holds(place: workplace.Workplace) -> None:
    tess, tom, call = person(place, "tess"), person(place, "tom"), read_call(place, heads=False)
    seen = shown(place, tom, call)["seen"]
    reviewing.override(place.engine, tom, call, "forbidden_phrase_used", "no", "he helps right after")
    reviewing.override(place.engine, tom, call, "closing_courteous", "no", "too short")
    draft = shown(place, tom, call)["review"]["draft"]  # type: ignore[index]
    correcting.correct(place.engine, tess, call, [FRIENDLY])
    with pytest.raises(reviewing.StaleError):
        asking.handle(
            place.engine,
            tom,
            call,
            {"do": "undo", "criterion": "closing_courteous", "seen": seen, "draft": draft},
        )
    now = {item["id"]: item for item in shown(place, tom, call)["criteria"]}  # type: ignore[union-attr]
    assert now["closing_courteous"]["stands"] == "no"
    assert now["closing_courteous"]["decision"]["reason"] == "too short"
    assert now["forbidden_phrase_used"]["drafted"] is None
    assert now["forbidden_phrase_used"]["earlier"] == {"verdict": "no", "reason": "he helps right after"}
    with reading(place.engine) as session:
        again = draft_of(session, open_call(session, OPERATOR, call).call, tom.viewer)
        assert again is not None
        assert set(items(session, again.id or 0)) == {"closing_courteous"}


def test_two_people_correct_at_once(place: workplace.Workplace) -> None:
    tess, tom, call = person(place, "tess"), person(place, "tom"), read_call(place, heads=False)
    event = {"do": "correct", "turn": 2, "version": 1}
    asking.handle(place.engine, tess, call, {**event, "text": "first"})
    with pytest.raises(DatabaseError, match="corrected by somebody else"):
        asking.handle(place.engine, tom, call, {**event, "text": "second"})
    assert shown(place, tom, call)["turns"][2]["text"] == "first"  # type: ignore[index]


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"turn": "2", "text": "x"}, "unknown"),
        ({"turn": 99, "text": "x"}, "no line 99"),
        ({"turn": 2}, "already"),
        ({"turn": 2, "role": "boss"}, "not known"),
        ({"turn": 2, "text": "x" * 5_000_000}, "at most"),
    ],
)
def test_odd_corrections_are_refused(place: workplace.Workplace, event: dict[str, object], says: str) -> None:
    with pytest.raises(DatabaseError, match=says):
        asking.handle(place.engine, person(place, "tess"), place.calls[0], {"do": "correct", **event})
    with reading(place.engine) as session:
        assert session.exec(select(CorrectionRow)).all() == []


@pytest.mark.parametrize("login", ["ana", "ben", "ada"])
def test_only_trainers_and_managers_correct(place: workplace.Workplace, login: str) -> None:
    with pytest.raises((NotAllowedError, DatabaseError)):
        correcting.correct(place.engine, person(place, login), place.calls[0], [FRIENDLY])
    assert not shown(place, person(place, "tess"), place.calls[0])["history"]["corrections"]  # type: ignore[index]


def test_erasing_a_call_erases_its_corrections(place: workplace.Workplace) -> None:
    correcting.correct(place.engine, person(place, "tess"), place.calls[0], [FRIENDLY])
    with writing(place.engine) as session:
        erase_calls(session, OPERATOR, [place.calls[0]], "asked for it")
    with reading(place.engine) as session:
        assert session.exec(select(CorrectionRow)).all() == []


def test_a_count_that_was_wrong_is_put_right_and_moves_the_points(place: workplace.Workplace) -> None:
    tess, ana, call = person(place, "tess"), person(place, "ana"), read_call(place, heads=False)

    def found() -> dict[str, object]:
        return {i["id"]: i for i in shown(place, tess, call)["criteria"]}["interruptions_by_agent"]  # type: ignore[attr-defined, no-any-return]

    assert found()["raw"] == 1
    event = {
        "do": "override",
        "criterion": "interruptions_by_agent",
        "verdict": "yes",
        "reason": "two more at the end",
    }
    for odd in ("3", True, -1, 10_000_000, float("nan"), "delivery"):
        with pytest.raises(DatabaseError, match="a number from 0"):
            asking.handle(place.engine, tess, call, {**event, "value": odd})
    with pytest.raises(DatabaseError, match="say in a few words"):
        asking.handle(place.engine, tess, call, {**event, "value": 3, "reason": " "})
    with pytest.raises(DatabaseError, match="there are delivery"):
        asking.handle(place.engine, tess, call, {**event, "criterion": "contact_reason", "value": "weather"})
    asking.handle(place.engine, tess, call, {**event, "criterion": "contact_reason", "value": "billing"})
    before = shown(place, tess, call)["score"]
    asking.handle(place.engine, tess, call, {**event, "value": 3})
    assert (found()["raw"], found()["was"], found()["drafted"]) == (3, "1", "overridden")
    worse = shown(place, tess, call)["score"]["preview"]  # type: ignore[index]
    assert worse < before["value"]  # type: ignore[index]
    asking.handle(place.engine, tess, call, {**event, "value": 0})
    assert shown(place, tess, call)["score"]["preview"] > worse  # type: ignore[index]
    for item in shown(place, tess, call)["criteria"]:  # type: ignore[attr-defined]
        if item["verdict"] == "review":
            asking.handle(
                place.engine, tess, call, {"do": "override", "criterion": item["id"], "verdict": "na"}
            )
    asking.handle(place.engine, tess, call, {"do": "finish"})
    agents = {i["id"]: i for i in shown(place, ana, call)["criteria"]}  # type: ignore[attr-defined]
    assert (agents["interruptions_by_agent"]["value"], agents["interruptions_by_agent"]["was"]) == ("0", "1")
    assert agents["contact_reason"]["value"] == "billing"


def test_roles_in_doubt_are_made_sure_or_swapped_with_one_click(place: workplace.Workplace) -> None:
    tess = person(place, "tess")
    for sha, scope, agents in (("7", "right", 6), ("8", "swap", 5)):
        talk = workplace.talk(f"unsure-{sha}", sha, "ana", "north")
        talk = talk.with_turns(t.model_copy(update={"role_confidence": 0.6}) for t in talk.turns)
        talk = talk.model_copy(update={"made_by": Recipe(models={"acts-en": "x"})}).with_acts(
            read_phrases(talk, "en")
        )
        judged = score(talk, load_card("customer-care", "en"))
        call = save_processed(place.engine, Path("x"), talk.recording, talk, judged)
        before = shown(place, tess, call)
        assert before["roles_in_doubt"] is True
        voices = [[0, "agent"], [1, "customer"]]
        done = asking.handle(
            place.engine, tess, call, {"do": "correct", "turn": 0, "scope": scope, "voices": voices}
        )
        # What is only made sure needs no new reading, so the scores follow at once.
        assert done.message == ("correct.scored" if scope == "right" else "correct.waits")
        after = shown(place, tess, call)
        assert after["roles_in_doubt"] is False
        assert sum(t["role"] == "agent" for t in after["turns"]) == agents  # type: ignore[attr-defined]
        if scope == "right":
            waiting = [sum(i["verdict"] == "review" for i in data["criteria"]) for data in (before, after)]  # type: ignore[attr-defined]
            assert waiting[0] > waiting[1]
        with pytest.raises(DatabaseError, match="unknown"):
            asking.handle(
                place.engine, tess, call, {"do": "correct", "turn": 0, "scope": "right", "voices": "x"}
            )
