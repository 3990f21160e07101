"""Every page drawn for every role without a browser, in English and German."""

import subprocess
import sys
from pathlib import Path

import pytest
import workplace
from opening import Open, text_of

from database.engine import reading, writing
from database.people import end_sessions, user_by_login
from database.store import register
from qa_app.actions import accounts, disputing, reviewing
from qa_app.navigation import pages_for
from recordings import Recording

ROOT = Path(__file__).parent.parent


def test_who_is_not_signed_in_sees_no_page(opens: Open) -> None:
    at = opens(None)
    assert "signed out" in text_of(at)
    assert not at.selectbox


@pytest.mark.parametrize("login", ["tess", "ana", "mia", "ada"])
def test_every_page_of_a_role_is_drawn(opens: Open, login: str) -> None:
    with reading(opens.place.engine) as session:
        from database.people import person_of

        who = person_of(user_by_login(session, login))
    for info in pages_for(who):
        at = opens(login, info.file, id=str(opens.place.calls[0]))
        assert not at.error, (info.file, at.error)


@pytest.mark.parametrize(
    ("login", "view"), [("ana", "worklist"), ("ana", "people"), ("tess", "audit"), ("mia", "audit")]
)
def test_a_page_of_another_role_is_not_there(opens: Open, login: str, view: str) -> None:
    at = opens(login)
    with pytest.raises(Exception, match="navigation page"):
        at.switch_page(f"views/{view}.py").run()


def test_an_agent_cannot_open_another_agents_call(opens: Open) -> None:
    for odd in (str(opens.place.calls[0]), "999999", "x", "-1", "1 OR 1=1", "9" * 40):
        assert "no such call" in text_of(opens("ben", "call", id=odd))


def test_the_call_page_gives_its_component_everything(opens: Open) -> None:
    at = opens("tess", "call", id=str(opens.place.calls[0]))
    assert "K-late-parcel" in text_of(at)
    assert len(at.main.get("bidi_component")) == 1


def test_empty_states_say_what_to_do(opens: Open) -> None:
    with writing(opens.place.engine) as session:
        from database.people import add_user

        add_user(session, "new", workplace.PASSWORD, "agent", agent="nobody-yet", name="New")
    assert "No calls of yours yet" in text_of(opens("new"))
    assert "No calls of yours yet" in text_of(opens("new", "calls"))
    assert "No disputes" in text_of(opens("tess", "disputes"))


def test_a_call_that_waits_or_failed_says_so(opens: Open) -> None:
    from database.store import set_state

    call = register(opens.place.engine, Path("w.wav"), Recording(id="w", sha256="d" * 64, file_name="w.wav"))
    assert "not processed yet" in text_of(opens("tess", "call", id=str(call)))
    set_state(opens.place.engine, call, "quarantined", "the file is cut short")
    assert "the file is cut short" in text_of(opens("tess", "call", id=str(call)))
    at = opens("mia", "runs")
    at.button(key="runs.retry").click().run()
    assert "not processed yet" in text_of(opens("tess", "call", id=str(call)))


def test_filters_narrow_the_list_and_can_be_kept(opens: Open) -> None:
    at = opens("tess", "calls")
    assert "3 calls" in text_of(at)
    at.text_input(key="calls.filter.words").set_value('"late-parcel"').run()
    assert "1 call" in text_of(at)
    at.text_input(key="calls.view_name").set_value("parcels").run()
    at.button(key="calls.view_save").click().run()
    at = opens("tess", "calls")
    at.button(key="calls.view_take").click().run()
    assert not at.exception, at.exception
    assert "1 call" in text_of(at)
    at = opens("tess")  # the worklist has the same ones
    assert "3 calls" in text_of(at)
    at.button(key="worklist.view_take").click().run()
    assert at.text_input(key="worklist.filter.words").value == '"late-parcel"'
    at.selectbox(key="worklist.filter.signal").set_value("hold_total_seconds").run()
    at.number_input(key="worklist.filter.signal_from").set_value(60.0).run()
    assert "No call fits" in text_of(at)


def test_a_dispute_is_decided_on_its_page(opens: Open) -> None:
    engine, call = opens.place.engine, opens.place.calls[0]
    people = {}
    with reading(engine) as session:
        from database.people import person_of

        for login in ("tess", "ana"):
            people[login] = person_of(user_by_login(session, login))
    for criterion in ("empathy_shown", "resolution_confirmed"):
        reviewing.override(engine, people["tess"], call, criterion, "no", "")
    reviewing.finish(engine, people["tess"], call)
    disputing.dispute(engine, people["ana"], call, "empathy_shown", "yes", "<b>I named the lost days</b>")
    assert "Somebody else decides" in text_of(opens("tess", "disputes"))
    at = opens("tom", "disputes")
    at.text_area(key="disputes.why.1").set_value("heard it")
    at.button(key="disputes.accept.1").click().run()
    assert not at.error, at.error[0].value
    assert "accepted" in text_of(opens("ana", "disputes"))


def test_an_admin_adds_an_account_that_must_choose_a_password(opens: Open) -> None:
    at = opens("ada", "people")
    at.text_input(key="people.login").set_value("zoe")
    at.text_input(key="people.name").set_value("Zoe *bold* <script>alert(1)</script>")
    at.button(key="people.submit").click().run()
    assert "shown once" in at.success[0].value
    at = opens("zoe")
    assert "choose a password" in text_of(at)
    assert [button.key for button in at.button] == ["account.save", "account.change"]


def test_the_first_steps_stay_until_they_are_put_away(opens: Open) -> None:
    assert "first five minutes" not in text_of(opens("tess"))
    with writing(opens.place.engine) as session:
        from database.people import add_user

        for role in ("trainer", "manager", "admin"):
            add_user(session, f"new-{role}", workplace.PASSWORD, role)
        add_user(session, "new-agent", workplace.PASSWORD, "agent", agent="ana", language="de")
    for role in ("trainer", "manager", "admin"):
        assert "first five minutes" in text_of(opens(f"new-{role}"))
    at = opens("new-agent")
    assert "Ihre ersten fünf Minuten" in text_of(at)
    at.button(key="tour.away").click().run()
    assert "fünf Minuten" not in text_of(at)
    assert "fünf Minuten" not in text_of(opens("new-agent"))
    assert "five minutes" not in text_of(opens("new-trainer", "calls"))  # on the start page only


def test_an_admin_changes_accounts_and_teams(opens: Open) -> None:
    with reading(opens.place.engine) as session:
        nora, ada = (user_by_login(session, login).id for login in ("nora", "ada"))
    at = opens("ada", "people")
    at.button(key=f"people.open.{nora}").click().run()
    at.selectbox(key=f"people.role.{nora}").set_value("manager")
    at.selectbox(key=f"people.team.{nora}").set_value("")
    at.button(key=f"people.save.{nora}").click().run()
    assert not at.error, at.error[0].value
    at.text_input(key="people.new").set_value("coast")
    at.button(key="people.rename_go").click().run()
    assert not at.error, at.error[0].value
    with reading(opens.place.engine) as session:
        user = user_by_login(session, "nora")
        assert (user.role, user.team_id) == ("manager", None)
    at.button(key=f"people.open.{ada}").click().run()
    assert at.selectbox(key=f"people.role.{ada}").disabled
    assert "coast" in at.dataframe[0].value.iloc[:, 0].tolist()
    at = opens("mia", "people")  # a manager looks
    assert not [b for b in at.button if b.key and b.key.startswith("people.")]


def test_a_managers_page_is_german(opens: Open) -> None:
    assert "Überblick" in text_of(opens("mia"))
    with reading(opens.place.engine) as session:
        from database.people import person_of

        tess = person_of(user_by_login(session, "tess"))
    with writing(opens.place.engine) as session:
        accounts.set_preferences(session, tess, "de", "Europe/Berlin")
    assert "Arbeitsliste" in text_of(opens("tess"))
    assert "10:30" in text_of(opens("tess", "call", id=str(opens.place.calls[0])))


def test_a_session_that_ended_elsewhere_ends_here(opens: Open) -> None:
    at = opens("tess")
    with writing(opens.place.engine) as session:
        end_sessions(session, user_by_login(session, "tess"))
    at.run()
    assert "signed out" in text_of(at)


def test_the_built_player_is_the_one_of_the_sources() -> None:
    import hashlib

    folder = ROOT / "qa_app" / "player"
    sources = [*sorted((folder / "src").glob("*.ts")), folder / "package.json"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    kept = (folder / "bundle" / "sources.sha256").read_text().strip()
    assert kept == digest, "the player's sources changed: run `npm run build` in qa_app/player"


def test_the_app_starts_without_torch() -> None:
    code = (
        "import sys; "
        "import streamlit, qa_app.server, qa_app.routes, qa_app.payload, qa_app.widgets.call_lines; "
        "heavy = ('torch', 'pipelines', 'models', 'transformers'); "
        "print([m for m in heavy if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.strip() == "[]"
