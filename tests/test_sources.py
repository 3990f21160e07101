"""What is told of a recording before anybody listens: vocabulary, roles, declared sound."""

from pathlib import Path

import pytest

from pipelines.sources import parse_declared, read_hotwords, read_source, source_of
from pipelines.steps import PipelineError
from recordings.sources import Declared

WORDS = "# products\nFernwave\n[billing]\nSEPA mandate\n[tech]\nONT box  # the white one\nFernwave\n"


@pytest.mark.parametrize(
    ("team", "words"),
    [
        (None, ("Fernwave",)),
        ("billing", ("Fernwave", "SEPA mandate")),
        ("tech", ("Fernwave", "ONT box")),
        ("Tech", ("Fernwave",)),
    ],
)
def test_vocabulary_counts_for_everybody_or_for_a_team(
    tmp_path: Path, team: str | None, words: tuple[str, ...]
) -> None:
    file = tmp_path / "words.txt"
    file.write_text(WORDS)
    assert read_hotwords(file, team) == words


def test_vocabulary_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"words\.txt"):
        read_hotwords(tmp_path / "words.txt", None)


def test_the_team_of_the_sidecar_chooses_its_words(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "words.txt").write_text(WORDS)
    (tmp_path / "call.wav").write_bytes(b"x")
    (tmp_path / "call.json").write_text('{"team": "billing", "language": "de"}')
    monkeypatch.setenv("RAPPORT_VOCABULARY", str(tmp_path / "words.txt"))
    source = read_source(tmp_path / "call.wav", language="auto")
    assert source.hotwords == ("Fernwave", "SEPA mandate")
    assert source.recording.language == "de"
    assert read_source(tmp_path / "call.wav", language="en").recording.language == "en"


@pytest.mark.parametrize(
    ("told", "declared"),
    [
        (None, None),
        ("mulaw", Declared(codec="mulaw")),
        ("alaw:8000:2", Declared(codec="alaw", rate=8000, channels=2)),
        (":16000", Declared(rate=16000)),
    ],
)
def test_what_is_declared(told: str | None, declared: Declared | None) -> None:
    assert parse_declared(told) == declared


@pytest.mark.parametrize("told", ["mp9", "mulaw:fast", "mulaw:8000:1:1", "mulaw:-8000"])
def test_what_declares_nothing_lists_the_codecs(told: str) -> None:
    with pytest.raises(PipelineError, match="mulaw, alaw"):
        parse_declared(told)


def test_roles_and_languages_are_closed_lists(tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(b"x")
    with pytest.raises(PipelineError, match="agent, customer, ivr, other"):
        source_of(tmp_path / "call.wav", roles=["boss"])
    with pytest.raises(PipelineError, match="en, de and auto"):
        source_of(tmp_path / "call.wav", language="fr")
