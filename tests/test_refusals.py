"""Every refusal that a person can meet in the app is said in German too."""
# ruff: noqa: E501

import ast
from pathlib import Path

import pytest

from database.errors import DatabaseError
from database.reviews import ReviewConflictError
from qa_app.actions.reviewing import StaleError
from qa_app.i18n import translator
from qa_app.policies import NotAllowedError
from qa_app.refusals import GAP, sayings, told

ROOT = Path(__file__).parent.parent
PLACES = (
    *(f"database/{name}.py" for name in ("disputes", "listing", "people", "reviews", "views")),
    *(f"database/{name}.py" for name in ("calibrations", "coaching", "examples")),
    *(f"qa_app/actions/{name}.py" for name in ("reviewing", "disputing", "accounts")),
    *(f"qa_app/actions/{name}.py" for name in ("coaching", "blind_scoring", "scorecards")),
    *(f"database/{name}.py" for name in ("cards", "card_drafts", "accounts", "back_tests")),
    "qa_app/measured.py",
)
GERMAN = translator("de")


def raised() -> list[str]:
    """The texts of all refusals raised there, with a word in each gap."""
    found = []
    for place in PLACES:
        for node in ast.walk(ast.parse((ROOT / place).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "DatabaseError":
                text = node.args[0]
                if isinstance(text, ast.Constant):
                    found.append(str(text.value))
                elif isinstance(text, ast.JoinedStr):
                    parts = (p.value if isinstance(p, ast.Constant) else "7" for p in text.values)
                    found.append("".join(str(part) for part in parts))
    return found


@pytest.mark.parametrize("text", sorted(set(raised())))
def test_it_is_said_in_german(text: str) -> None:
    said = told(DatabaseError(text), GERMAN)
    assert said.casefold() != text.casefold(), f"add to i18n/refusals.de.yaml: {text!r}"
    assert GAP not in said


@pytest.mark.parametrize(
    ("error", "german"),
    [
        (ReviewConflictError("Tom (B-team)"), "Tom (B-team) hat inzwischen eine Prüfung dieses Gesprächs abgegeben."),
        (NotAllowedError("review"), "Ihr Konto darf das nicht (review)."),
        (StaleError(), "Dieses Gespräch wurde neu bewertet, während es offen war; bitte die neuen Urteile ansehen und noch einmal entscheiden."),
        (DatabaseError("login '{0}' is taken"), "Der Anmeldename '{0}' ist vergeben."),
        (DatabaseError("login 'a' is taken by b"), "Login 'a' is taken by b"),
    ],
)  # fmt: skip
def test_gaps_are_filled(error: DatabaseError, german: str) -> None:
    assert told(error, GERMAN) == german


def test_english_stays_english() -> None:
    assert told(DatabaseError("the call is gone"), translator("en")) == "The call is gone"
    assert not sayings("en")
