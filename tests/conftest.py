"""Fixtures that every test may use: real weights, a home of its own, the real calls."""

import os
from pathlib import Path

import pytest

# tests/postgres.py, browsing.py, opening.py: a real server, a real browser, a workplace, where a test asks
pytest_plugins = ["postgres", "browsing", "opening"]

ROOT = Path(__file__).parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"

# No test may reach a hub or send a word anywhere.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
# The tests run in two processes: threads of more would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def weights() -> Path:
    """The folder of the default models, as `make setup` pulls it."""
    from models import ModelError, locate

    folder = Path(os.environ.get("RAPPORT_TEST_MODELS") or ROOT / "var" / "models")
    try:
        locate("whisper-base", folder)
    except ModelError as error:
        pytest.skip(f"the default models are not there: {error}")
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own: never the database, cache or audio that the environment names."""
    for name in [name for name in os.environ if name.startswith("RAPPORT_")]:
        if name != "RAPPORT_TEST_MODELS":
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("RAPPORT_HOME", str(folder))
    monkeypatch.setenv("RAPPORT_INBOX", str(tmp_path / "inbox"))
    monkeypatch.setenv(
        "RAPPORT_MODELS", os.environ.get("RAPPORT_TEST_MODELS") or str(ROOT / "var" / "models")
    )
    return folder


@pytest.fixture(scope="session")
def real_calls() -> Path:
    """The folder of real calls, where the machine has it."""
    folder = SHARED_DATA / "calls"
    if not folder.is_dir():
        pytest.skip(f"no real calls on this machine ({folder})")
    return folder
