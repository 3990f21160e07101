"""Reviews end to end without a screen: drafts, release, conflicts, history; accounts and sessions; jobs."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import workplace
from opening import person
from sqlalchemy import Engine
from sqlmodel import select

from database import DatabaseError, Settings, jobs, people
from database.audit import verify
from database.backup import backup
from database.engine import open_database, reading, writing
from database.figures import Share
from database.filters import Filters
from database.listing import CallLine, list_calls, open_call
from database.people import Person, SignInError
from database.reviews import ReviewConflictError
from database.searching import fts_query
from database.store import save_processed
from database.tables import AppUser, AssessmentVersion, Call, CriterionRow, Job, Review, ReviewItem, SignIn
from database.types import utc_now
from database.viewers import OPERATOR
from database.worklist import Task, draw, fit, plan, random_slice, worklist
from qa_app.actions import accounts, asking, reviewing
from qa_app.focus import suggest
from qa_app.i18n import words
from qa_app.scoring import Rules, rules_of


def decide_doubts(place: workplace.Workplace, who: Person, call: int, verdict: str = "yes") -> None:
    for criterion in ("empathy_shown", "resolution_confirmed"):
        reviewing.override(place.engine, who, call, criterion, verdict, "")


def test_a_review_from_draft_to_acknowledged(place: workplace.Workplace) -> None:
    tess, ana, call = person(place, "tess"), person(place, "ana"), place.calls[0]
    with pytest.raises(DatabaseError, match="2 item"):
        reviewing.finish(place.engine, tess, call)
    decide_doubts(place, tess, call)
    with pytest.raises(DatabaseError, match="why"):
        reviewing.override(place.engine, tess, call, "apology_when_due", "no", " ")
    reviewing.override(place.engine, tess, call, "apology_when_due", "no", "only for the two days")
    with pytest.raises(DatabaseError, match="no released"):
        reviewing.acknowledge(place.engine, ana, call)
    reviewing.finish(place.engine, tess, call, seconds=41.5)
    reviewing.acknowledge(place.engine, ana, call)
    with reading(place.engine) as session:
        opened = open_call(session, ana.viewer, call)
        assert (opened.call.review_state, opened.call.score_by, opened.call.doubts) == (
            "acknowledged",
            "human",
            0,
        )
        assert opened.assessment is not None
        assert opened.assessment.criterion("apology_when_due").verdict == "yes"  # the machine's word stays
        rows = {
            r.criterion_id: r.human
            for r in session.exec(select(CriterionRow).where(CriterionRow.call_id == call))
        }
        assert rows["apology_when_due"] == "no"
        assert rows["greeting_with_name_and_company"] == "yes"
        assert rows["active_listening_paraphrase"] is None
        assert verify(session) == []


def test_decisions_are_added_never_changed(place: workplace.Workplace) -> None:
    tess, call = person(place, "tess"), place.calls[0]
    for verdict in ("yes", "no", "na"):
        reviewing.override(place.engine, tess, call, "empathy_shown", verdict, verdict)
    reviewing.undo(place.engine, tess, call, "empathy_shown")
    with reading(place.engine) as session:
        rows = session.exec(select(ReviewItem).order_by(ReviewItem.id)).all()  # type: ignore[arg-type]
    assert [(row.verdict, row.action) for row in rows] == [
        ("yes", "overridden"),
        ("no", "overridden"),
        ("na", "overridden"),
        ("review", "cleared"),
    ]


def test_the_second_trainer_is_told(place: workplace.Workplace) -> None:
    tess, tom, call = person(place, "tess"), person(place, "tom"), place.calls[0]
    decide_doubts(place, tess, call)
    decide_doubts(place, tom, call, "no")
    reviewing.finish(place.engine, tess, call)
    with pytest.raises(ReviewConflictError, match="Tess Trainer"):
        reviewing.finish(place.engine, tom, call)
    with reading(place.engine) as session:
        kept = open_call(session, tom.viewer, call).call
        assert kept.reviewer_id == tess.id
    reviewing.finish(place.engine, tom, call, anyway=True)
    with reading(place.engine) as session:
        assert open_call(session, tom.viewer, call).call.reviewer_id == tom.id


def test_who_opened_a_call_before_a_colleague_released_it_is_told_too(place: workplace.Workplace) -> None:
    tess, tom, call = person(place, "tess"), person(place, "tom"), place.calls[0]
    came = utc_now()
    decide_doubts(place, tess, call)
    reviewing.finish(place.engine, tess, call)
    decide_doubts(place, tom, call, "no")
    with pytest.raises(ReviewConflictError, match="Tess Trainer"):
        reviewing.finish(place.engine, tom, call, since=came)
    later = utc_now() + timedelta(seconds=30)
    with writing(place.engine) as session:
        mine = select(Review).where(Review.reviewer_id == tom.id, Review.state == "draft")
        session.exec(mine).one().started_at = later
    reviewing.finish(place.engine, tom, call, since=later)


def test_a_call_scored_again_while_open_is_told_and_nothing_lost(place: workplace.Workplace) -> None:
    tess, call = person(place, "tess"), place.calls[0]
    decide_doubts(place, tess, call)
    talk = workplace.talk("late-parcel", "a", "ana", "north")
    newer = workplace.assessment(talk, score=77.0, version=2)
    save_processed(place.engine, Path("x.flac"), talk.recording, talk, newer)
    with pytest.raises(reviewing.StaleError):
        reviewing.confirm_clear(place.engine, tess, call, seen=1)
    with reading(place.engine) as session:
        rows = session.exec(select(ReviewItem).order_by(ReviewItem.id)).all()  # type: ignore[arg-type]
        assert [row.review_id for row in rows] == [1, 1, 2, 2]  # the draft goes on, on the new scores
        assert [row.verdict for row in rows] == ["yes"] * 4
        versions = session.exec(select(AssessmentVersion).where(AssessmentVersion.call_id == call)).all()
        assert len(versions) == 2


def test_two_people_at_once_lose_nothing(place: workplace.Workplace) -> None:
    logins = ("tess", "tom", "nora", "mia")
    everybody = [person(place, login) for login in logins]
    problems: list[Exception] = []

    def work(who: Person) -> None:
        try:
            for n in range(5):
                reviewing.override(
                    place.engine, who, place.calls[0], "empathy_shown", "no", f"{who.login} {n}"
                )
                reviewing.add_comment(place.engine, who, place.calls[1], f"{who.login} {n}", moment=n)
        except Exception as error:  # a thread's error must reach the test
            problems.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with reading(place.engine) as session:
        rows = session.exec(select(ReviewItem)).all()
        assert sorted(row.reason for row in rows) == sorted(
            f"{login} {n}" for login in logins for n in range(5)
        )
        assert verify(session) == []


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({}, "unknown"),
        ({"do": "drop tables"}, "unknown"),
        ({"do": "confirm", "criterion": "nothing"}, "no criterion"),
        ({"do": "confirm", "criterion": "empathy_shown"}, "needs a verdict"),
        ({"do": "override", "criterion": "empathy_shown", "verdict": "maybe"}, "not known"),
        (
            {"do": "override", "criterion": "empathy_shown", "verdict": "no", "root_cause": "stars"},
            "not known",
        ),
        ({"do": "comment", "text": "  "}, "empty"),
        ({"do": "comment", "text": "x" * 5_000_000}, "at most"),
        ({"do": "finish", "seconds": "many"}, "doubt"),
    ],
)
def test_odd_requests_are_refused_kindly(
    place: workplace.Workplace, event: dict[str, object], says: str
) -> None:
    with pytest.raises(DatabaseError, match=says):
        asking.handle(place.engine, person(place, "tess"), place.calls[0], event)


def test_confirming_all_never_moves_the_score_and_a_lost_point_never_raises_it(
    place: workplace.Workplace,
) -> None:
    judged = workplace.assessment(workplace.talk("t", "d", "ana", "north"))
    same = {r.id: r.verdict for r in judged.criteria}
    assert Rules(None).score(judged, same).score == judged.score
    results = {r.id: r for r in judged.criteria}
    rules = Rules(None)
    assert rules.good(results["forbidden_phrase_used"]) == "no"
    assert rules.points(results["forbidden_phrase_used"], "no") == (10, 10)
    assert rules.points(results["verification_before_account_details"], "yes") is None
    decided = {**same, "empathy_shown": "yes", "resolution_confirmed": "yes"}
    before = Rules(None).score(judged, decided).score
    for result in judged.criteria:
        if result.max_points and decided[result.id] == rules.good(result):
            worse = {**decided, result.id: "no" if rules.good(result) == "yes" else "yes"}
            after = Rules(None).score(judged, worse).score
            assert before is not None
            assert after is not None
            assert after < before


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("department", 3),
        ("departments", 3),
        ('"not my department"', 3),
        ('"depot ask the"', 0),
        ("department holiday", 0),
        ("late-parcel", 1),
        ("K-second", 1),
        ("100%", 0),
        ('") OR 1=1 --', 0),
        ("* NEAR( ^", 0),
    ],
)
def test_search_by_words(place: workplace.Workplace, typed: str, finds: int) -> None:
    with reading(place.engine) as session:
        assert len(list_calls(session, OPERATOR, Filters(words=typed))) == finds


def test_fts_query_quotes_everything() -> None:
    assert fts_query('late "my parcel" OR NEAR') == '"late" "my parcel" "OR" "NEAR"'
    assert fts_query("  ***  ") is None


@pytest.mark.parametrize(
    ("filters", "finds"),
    [
        (Filters(score_from=70), 2),
        (Filters(score_to=70), 1),
        (Filters(day_from="2026-11-04", day_to="2026-11-04"), 1),
        (Filters(criterion="empathy_shown", verdict="review"), 3),
        (Filters(criterion="empathy_shown", verdict="yes"), 0),
        (Filters(only="critical"), 3),
        (Filters(only="dispute"), 0),
        (Filters(queues=("returns",)), 0),
        (Filters(signal="hold_total_seconds", signal_from=15.6), 3),
        (Filters(signal="hold_total_seconds", signal_from=15.7), 0),
        (Filters(signal="agent_talk_share", signal_from=0.5, signal_to=0.7), 3),
        (Filters(signal="transfers", signal_to=100.0), 0),  # not measured is not none
        (Filters(signal="x' OR 1=1 --"), 0),
    ],
)
def test_filters(place: workplace.Workplace, filters: Filters, finds: int) -> None:
    with reading(place.engine) as session:
        assert len(list_calls(session, OPERATOR, filters)) == finds
    assert Filters.of(filters.to_dict()) == filters


def test_worklist_puts_stakes_first_and_draws_the_same_slice_twice(place: workplace.Workplace) -> None:
    tess = person(place, "tess").viewer
    with reading(place.engine) as session:
        tasks = worklist(session, tess)
    assert tasks[0].line.call.id == place.calls[2]  # the low score
    assert "critical" in tasks[0].why
    assert fit(tasks, 0.1) == []
    assert len(fit(tasks, None)) == 3
    first = [task.line.call.id for task in random_slice(place.engine, tess)]
    assert first == [task.line.call.id for task in random_slice(place.engine, tess)]
    assert draw(list(range(100)), "2026-11-22") == draw(list(reversed(range(100))), "2026-11-22")
    assert draw(list(range(100)), "2026-11-22") != draw(list(range(100)), "2026-11-23")


def test_the_worklist_takes_the_same_filters(place: workplace.Workplace) -> None:
    tess = person(place, "tess").viewer
    with reading(place.engine) as session:
        assert len(worklist(session, tess, Filters(words="second-call"))) == 1
        assert worklist(session, tess, Filters(only="dispute")) == []
        nora = person(place, "nora").viewer
        assert {task.line.team for task in worklist(session, nora, Filters(only="critical"))} == {"north"}


@pytest.mark.parametrize(
    ("minutes", "first", "fair"),
    [
        (None, [(0, "random"), (1, ""), (2, "random"), (3, ""), (4, "")], [9]),
        (45, [(0, "random"), (1, ""), (2, "random"), (3, ""), (4, "")], [9]),
        (4, [(0, "random"), (1, ""), (2, ""), (3, "")], []),  # one minute of four is for chance
        (1, [(0, "random")], []),  # at least one random call
        (0, [], []),
    ],
)
def test_a_quarter_of_the_time_goes_to_chance(
    minutes: float | None, first: list[tuple[int, str]], fair: list[int]
) -> None:
    def task(number: int, *why: str) -> Task:
        call = Call(id=number, sha256=str(number), file_name="x", doubts=2, critical_fails=1)
        return Task(CallLine(call, None, None, None), why)  # 54 s each

    tasks = [task(number, "critical") for number in range(5)]
    drawn = [task(number, "random") for number in (0, 2, 9)]
    found, chance = plan(tasks, drawn, minutes)
    assert [(t.line.call.id, "random" if "random" in t.why else "") for t in found] == first
    assert [t.line.call.id for t in chance] == fair


def test_sign_in_locks_out_and_sessions_end(place: workplace.Workplace) -> None:
    def attempt(password: str) -> AppUser | SignInError:
        with writing(place.engine) as session:
            return people.check_password(session, "TESS ", password)

    assert isinstance(attempt(workplace.PASSWORD), AppUser)
    for _ in range(people.FAILURES_BEFORE_LOCK):
        answer = attempt("wrong")
    assert isinstance(answer, SignInError)
    assert answer.reason == "locked"
    locked = attempt(workplace.PASSWORD)
    assert isinstance(locked, SignInError)
    assert locked.reason == "locked"
    with writing(place.engine) as session:
        unknown = people.check_password(session, "nobody", "x")
        assert isinstance(unknown, SignInError)
        assert unknown.reason == "wrong"
        tom = people.user_by_login(session, "tom")
        secret = people.begin_session(session, tom)
    with reading(place.engine) as session:
        found, _ = people.person_behind(session, secret)
        assert found is not None
        assert found.login == "tom"
        for forged in (None, "", "x", secret[:-1], secret + "x", "ä" * 500):
            assert people.person_behind(session, forged) == (None, False)
    for change in (
        {"last_seen": utc_now() - people.IDLE * 2},
        {"expires_at": utc_now() - timedelta(seconds=1)},
    ):
        with writing(place.engine) as session:
            row = session.exec(select(SignIn)).one()
            kept = {name: getattr(row, name) for name in change}
            for name, value in change.items():
                setattr(row, name, value)
        with reading(place.engine) as session:
            assert people.person_behind(session, secret)[0] is None
        with writing(place.engine) as session:
            row = session.exec(select(SignIn)).one()
            for name, value in kept.items():
                setattr(row, name, value)
    accounts.switch(place.engine, person(place, "ada"), found.id, False)
    with reading(place.engine) as session:
        assert people.person_behind(session, secret)[0] is None


@pytest.mark.parametrize(
    ("login", "password", "role", "more", "says"),
    [
        ("x y", "long enough pw", "trainer", {}, "use letters"),
        ("tess", "long enough pw", "trainer", {}, "taken"),
        ("new", "short", "trainer", {}, "10 characters"),
        ("new", "long enough pw", "boss", {}, "there are trainer"),
        ("new", "long enough pw", "agent", {}, "--agent"),
        ("new", "long enough pw", "trainer", {"language": "fr"}, "there are en"),
    ],
)
def test_accounts_that_are_refused(
    place: workplace.Workplace, login: str, password: str, role: str, more: dict[str, str], says: str
) -> None:
    with pytest.raises(DatabaseError, match=says), writing(place.engine) as session:
        people.add_user(session, login, password, role, **more)


def test_the_last_admin_stays(place: workplace.Workplace) -> None:
    with pytest.raises(DatabaseError, match="last active admin"), writing(place.engine) as session:
        people.set_active(session, people.user_by_login(session, "ada"), False, by=OPERATOR)


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Engine:
    return open_database(Settings(home=tmp_path, database_url=database_url))


def test_a_job_goes_to_one_worker(engine: Engine) -> None:
    with writing(engine) as session:
        for n in range(12):
            jobs.ask(session, "rescore", {"n": n})
        assert jobs.ask(session, "night", dedupe="night") == jobs.ask(session, "night", dedupe="night")
    taken: list[int | None] = []

    def work(name: str) -> None:
        while (job := jobs.claim(engine, name, kinds=("rescore",))) is not None:
            taken.append(job.id)
            assert jobs.finish(engine, job)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 12
    assert [job.kind for job in jobs.jobs(engine, "waiting")] == ["night"]


def test_a_lost_job_is_taken_over_and_given_up_in_the_end(engine: Engine) -> None:
    with writing(engine) as session:
        jobs.ask(session, "rescore", max_attempts=2)
    first = jobs.claim(engine, "dead", lease_s=-1)
    second = jobs.claim(engine, "alive", lease_s=60)
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert not jobs.finish(engine, first)
    assert not jobs.extend(engine, first)
    assert jobs.extend(engine, second, -1)
    assert jobs.claim(engine, "third") is None
    with reading(engine) as session:
        job = session.exec(select(Job)).one()
    assert job.state == "failed"
    assert "alive" in (job.cause or "")


def test_a_failed_job_waits_and_tries_again(engine: Engine) -> None:
    with writing(engine) as session:
        jobs.ask(session, "rescore")
    job = jobs.claim(engine, "w")
    assert job is not None
    assert jobs.fail(engine, job, "no disk", retry_after_s=3600)
    assert jobs.claim(engine, "w") is None
    [waiting] = jobs.jobs(engine, "waiting")
    assert waiting.cause == "no disk"


def test_backup_of_sqlite_holds_everything(tmp_path: Path) -> None:
    place = workplace.make(tmp_path / "home")
    copy = backup(place.engine, tmp_path / "copies" / "a.db")
    with reading(open_database(Settings(home=tmp_path, database_url=f"sqlite:///{copy}"))) as session:
        assert len(list_calls(session, OPERATOR)) == 3
    with pytest.raises(DatabaseError, match="there already"):
        backup(place.engine, copy)


def test_one_focus_needs_occasions_and_a_gap() -> None:
    assert suggest([Share("a", 0, 2), Share("b", 9, 9)]) is None
    found = suggest([Share("a", 5, 10), Share("b", 2, 10), Share("forbidden_phrase_used", 1, 10)])
    assert found is not None
    assert (found.name, found.met, found.of) == ("b", 2, 10)


def test_both_languages_say_the_same_things() -> None:
    english, german = words("en"), words("de")
    assert set(english) == set(german)
    import string

    for key, text in english.items():
        fields = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert fields == {name for _, name, _, _ in string.Formatter().parse(german[key]) if name}, key


def test_demo_people_come_once_per_role_and_never_beside_real_ones(tmp_path: Path) -> None:
    from database.demo_people import make_demo_people

    place = workplace.make(tmp_path / "home")
    with pytest.raises(DatabaseError, match="real accounts"):
        make_demo_people(place.engine, place.settings)
    settings = Settings(home=tmp_path / "demo", database_url=f"sqlite:///{tmp_path / 'demo' / 'demo.db'}")
    engine = open_database(settings)
    talk = workplace.talk("x", "e", "ana", "north")
    save_processed(engine, Path("x"), talk.recording, talk, None)
    for _ in range(2):  # the second time gives new passwords
        made = make_demo_people(engine, settings)
        assert [person.role for person in made] == ["trainer", "agent", "manager", "admin"]
        with writing(engine) as session:
            for person in made:
                assert isinstance(people.check_password(session, person.login, person.password), AppUser)
    with reading(engine) as session:
        agent = people.person_of(people.user_by_login(session, "demo-agent"))
        assert len(list_calls(session, agent.viewer)) == 1


@pytest.mark.parametrize("language", ["en", "de"])
def test_with_the_card_at_hand_the_total_is_the_cards_own(place: workplace.Workplace, language: str) -> None:
    from recordings.testing import agent, conversation, customer
    from scorecards.engine import score
    from scorecards.loading import load_card

    card = load_card("customer-care", language=language)
    talk = conversation(
        agent("Good morning, North Parcel, my name is Ana, how can I help?", start=0.0, end=4.0),
        customer("My parcel is late and nobody helps me.", start=4.5, end=8.0),
        agent("That's not my department.", start=8.5, end=10.0),
        language=language,
    ).with_acts(())
    judged = score(talk, card)
    with reading(place.engine) as session:
        rules = rules_of(judged, session)
    assert rules.card is not None
    answered = [r for r in judged.criteria if r.points is not None]
    assert answered
    # Turn each answer round and back: the total comes out as the engine had it.
    for result in answered:
        other = "no" if result.verdict == "yes" else "yes"
        turned = rules.score(judged, {result.id: other})
        assert turned.score != judged.score or rules.most(result) is None
        swapped = judged.model_copy(
            update={
                "criteria": tuple(
                    r.model_copy(update={"verdict": other, "points": p[0], "max_points": p[1]})
                    if r.id == result.id and (p := rules.points(r, other)) is not None
                    else r
                    for r in judged.criteria
                )
            }
        )
        back = rules.score(swapped, {result.id: result.verdict})
        assert back.score == pytest.approx(judged.score)
        assert back.passed == judged.passed or result.critical
