"""Sign-in by an identity provider: claims to accounts, and the whole way in a browser."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import workplace
from browsing import DESKTOP, FLAGS, WAIT_MS, Server, chromium, problems, shot
from playwright.sync_api import expect, sync_playwright
from sqlmodel import select
from typer.testing import CliRunner

from database.accounts import change_account, is_locked, missing, move_agent, rename_team, teams, unlock
from database.engine import reading, writing
from database.errors import DatabaseError
from database.people import SignInError, check_password, set_active, user_by_login
from database.settings import Oidc, Settings
from database.single_sign_on import account_for, known, sign_in
from database.tables import Agent, AppUser
from database.viewers import OPERATOR
from pipelines.cli import build

OIDC: dict[str, Any] = {
    "issuer": "http://127.0.0.1:1",
    "client_id": "rapport",
    "client_secret": "a secret of the client",
    "name": "House login",
    "role_claim": "groups",
    "roles": {"qa-leads": "manager", "qa": "trainer", "phones": "agent"},
    "team_claim": "unit",
}
HOUSE = Oidc(**OIDC)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[workplace.Workplace]:
    made = workplace.make(tmp_path / "home")
    yield made
    made.engine.dispose()


def claims(login: str = "kim", *groups: str, **more: Any) -> dict[str, Any]:
    about = {"iss": "https://id", "sub": f"id-{login}", "preferred_username": login, "groups": list(groups)}
    return {**about, **more}


@pytest.mark.parametrize(
    ("changes", "told", "role"),
    [
        ({}, claims("kim", "qa"), "trainer"),
        ({}, claims("kim", "qa", "qa-leads", "all-staff"), "manager"),
        ({}, claims("kim", "all-staff"), None),
        ({}, claims("kim", "trainer"), None),  # a group that happens to be called as a role here
        ({"roles": {}}, claims("kim", "trainer"), "trainer"),
        ({"roles": {}}, claims("kim", "root"), None),
        ({"default_role": "agent"}, claims("kim"), "agent"),
        ({"role_claim": "realm_access.roles"}, claims("kim", realm_access={"roles": ["qa"]}), "trainer"),
        ({"role_claim": "https://house/roles"}, claims("kim", **{"https://house/roles": "qa"}), "trainer"),
        ({"role_claim": "a.b"}, claims("kim", a="qa"), None),
    ],
)
def test_groups_are_roles(changes: dict[str, Any], told: dict[str, Any], role: str | None) -> None:
    oidc = Oidc(**{**OIDC, **changes})
    if role is None:
        with pytest.raises(SignInError) as refused:
            known(oidc, told)
        assert refused.value.reason == "no_role"
    else:
        assert known(oidc, told).role == role


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {"sub": "x", "groups": ["qa"]}),
        ({}, {"preferred_username": "kim", "groups": ["qa"]}),
        ({"login_claim": "email"}, claims("kim", "qa", email="kim@house.example")),
        ({"login_claim": "email"}, claims("kim", "qa", email="kim@house.example", email_verified="true")),
    ],
)
def test_a_name_that_proves_nothing_is_refused(changes: dict[str, Any], told: dict[str, Any]) -> None:
    with pytest.raises(SignInError) as refused:
        known(Oidc(**{**OIDC, **changes}), told)
    assert refused.value.reason == "no_name"


def test_accounts_are_made_once_matched_once_and_follow_the_provider(place: workplace.Workplace) -> None:
    engine = place.engine
    with writing(engine) as session:
        made = account_for(session, HOUSE, known(HOUSE, claims("Kim", "qa", name="Kim Lee", unit="north")))
        again = account_for(
            session, HOUSE, known(HOUSE, claims("Kim", "qa-leads", name="Kim Lee", unit="south"))
        )
        assert made.id == again.id
        assert (again.login, again.role, again.name) == ("kim", "manager", "Kim Lee")
        assert isinstance(check_password(session, "kim", "a long test password"), SignInError)
        # an account from before is bound by its user name, once
        tess = account_for(session, HOUSE, known(HOUSE, claims("tess", "qa")))
        assert tess.id == user_by_login(session, "tess").id
        for other in (claims("tess", "qa", sub="id-evil"), claims("tess", "qa", iss="https://other")):
            with pytest.raises(SignInError) as refused:
                account_for(session, HOUSE, known(HOUSE, other))
            assert refused.value.reason == "taken"
        # a renamed person stays the same person
        renamed = account_for(session, HOUSE, known(HOUSE, claims("tess-new", "qa", sub="id-tess")))
        assert renamed.id == tess.id
        ana = account_for(session, HOUSE, known(HOUSE, claims("ana", "phones")))
        agent = session.exec(select(Agent).where(Agent.key == "ana")).one()
        assert ana.agent_id == agent.id


def test_who_is_kept_out(place: workplace.Workplace) -> None:
    with writing(place.engine) as session:
        account_for(session, HOUSE, known(HOUSE, claims("kim", "qa")))
        set_active(session, user_by_login(session, "kim"), False, by=OPERATOR)
        for oidc, told, reason in (
            (HOUSE, claims("kim", "qa"), "disabled"),
            (HOUSE.model_copy(update={"make_accounts": False}), claims("new", "qa"), "unknown"),
            (HOUSE.model_copy(update={"match_accounts": False}), claims("tom", "qa"), "taken"),
            (HOUSE, claims("a b<script>", "qa"), "no_name"),
        ):
            with pytest.raises(SignInError) as refused:
                sign_in(session, oidc, told)
            assert refused.value.reason == reason


def test_settings_by_environment_and_their_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().oidc is None
    monkeypatch.setenv("RAPPORT_OIDC__ISSUER", "https://id")
    monkeypatch.setenv("RAPPORT_OIDC__CLIENT_ID", "rapport")
    monkeypatch.setenv("RAPPORT_OIDC__ROLES", '{"qa": "trainer"}')
    oidc = Settings().oidc
    assert oidc is not None
    assert (oidc.issuer, oidc.roles) == ("https://id", {"qa": "trainer"})
    monkeypatch.setenv("RAPPORT_OIDC__ROLES", '{"qa": "boss"}')
    with pytest.raises(ValueError, match="boss: no role here; there are trainer, agent, manager, admin"):
        Settings()


def test_accounts_and_teams_change_and_tell_what_is_missing(place: workplace.Workplace) -> None:
    with writing(place.engine) as session:
        user = user_by_login(session, "nora")
        change_account(session, user, by=OPERATOR, role="manager", team="", language="de")
        assert (user.role, user.team_id, user.language) == ("manager", None, "de")
        for wrong in ({"role": "boss"}, {"language": "fr"}, {"role": "agent"}):
            with pytest.raises(DatabaseError):
                change_account(session, user, by=OPERATOR, **wrong)
        with pytest.raises(DatabaseError, match="last active admin"):
            change_account(session, user_by_login(session, "ada"), by=OPERATOR, role="manager")
        user.locked_until = user.made_at.replace(year=user.made_at.year + 1)
        assert is_locked(user)
        unlock(session, user, by=OPERATOR)
        assert not is_locked(user)
        session.add(Agent(key="zoe", name="Zoe"))
        session.flush()
        assert missing(session).accounts == (("zoe", 0),)
        assert missing(session).teams == ("zoe",)
        move_agent(session, "zoe", "north", by=OPERATOR)
        north = next(team for team in teams(session) if team.name == "north")
        assert (north.agents, north.calls) == (2, 2)
        rename_team(session, north.id, "North Sea", by=OPERATOR)
        for name in ("south", " "):
            with pytest.raises(DatabaseError, match="empty or taken"):
                rename_team(session, north.id, name, by=OPERATOR)
        assert {team.name for team in teams(session)} == {"North Sea", "south"}


def test_accounts_by_command_line(home: Path) -> None:
    workplace.make(home).engine.dispose()

    def users(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(build(), ["users", *words])
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    assert "nora: manager, de, Nora North" in users("change", "nora", "--role", "manager", "--language", "de")
    users("change", "nora", "--role", "boss", code=1)
    assert "tom: unlocked" in users("unlock", "tom")
    told = users("teams", "--rename", "north=coast", "--move", "ben=coast")
    assert "coast                    2 agents, 0 trainers, 2 calls" in told
    users("teams", "--rename", "north", code=2)


def test_signing_in_by_the_provider_in_a_browser(tmp_path: Path) -> None:
    mock = pytest.importorskip("oidc_provider_mock")
    told = {
        "1": claims("kim", "qa", name="Kim Lee", unit="north"),
        "2": claims("guest", "visitors", name="A Guest"),
    }
    people = [
        mock.User(sub=sub, claims={k: v for k, v in about.items() if k not in ("iss", "sub")})
        for sub, about in told.items()
    ]
    with mock.run_server_in_thread(user_claims=people) as provider:
        issuer = f"http://localhost:{provider.server_port}"
        server = Server(tmp_path / "home", oidc={**OIDC, "issuer": issuer})
        try:
            _walk(server)
        finally:
            server.stop()


def _walk(server: Server) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport=DESKTOP)  # type: ignore[arg-type]
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{server.url}/calls")
        button = page.get_by_role("link", name="Sign in with House login")
        expect(button).to_be_visible()
        assert problems(page) == []
        shot(page, "sign-in-provider")
        button.click()
        page.fill("input[name=sub]", "2")
        page.get_by_role("button", name="Authorize").click()
        expect(page.get_by_role("alert")).to_contain_text("none of your groups has a role here")
        page.get_by_role("link", name="Sign in with House login").click()
        page.fill("input[name=sub]", "1")
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url(f"{server.url}/**")
        page.get_by_text("Worklist").first.wait_for()
        cookie = next(c for c in page.context.cookies() if c["name"] == "rapport_session")
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
        # an answer that nobody asked for is refused
        forged = browser.new_page()
        forged.goto(f"{server.url}/account/oidc/back?code=stolen&state=guessed")
        expect(forged.get_by_role("alert")).to_contain_text("not completed")
        page.goto(f"{server.url}/account/sign-out")
        expect(page.get_by_role("link", name="Sign in with House login")).to_be_visible()
        browser.close()
    with reading(server.place.engine) as session:
        kim = session.exec(select(AppUser).where(AppUser.login == "kim")).one()
        assert (kim.role, kim.name) == ("trainer", "Kim Lee")
        assert kim.sso_subject is not None
        assert kim.sso_subject.endswith(" 1")
        assert session.exec(select(AppUser).where(AppUser.login == "guest")).first() is None


def test_without_a_provider_there_is_no_button(module_server: Server) -> None:
    with urllib.request.urlopen(f"{module_server.url}/account/sign-in", timeout=60) as answer:
        assert "/account/oidc" not in answer.read().decode()
    with urllib.request.urlopen(f"{module_server.url}/account/oidc", timeout=60) as answer:
        assert answer.url == f"{module_server.url}/account/sign-in"
