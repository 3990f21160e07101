"""Dictionary forms looked up in place are those of the whole dictionary."""

from pathlib import Path

import pytest
from simplemma import lemmatize
from simplemma.strategies.dictionaries import DEFAULT_DICTIONARY_FACTORY

from scorecards import lemmas
from scorecards.lemmas import LANGUAGES, Words, dictionary_form


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_found_in_place_as_in_the_whole_dictionary(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lemmas, "MANY", 10**9)
    words, whole = Words(language), DEFAULT_DICTIONARY_FACTORY.get_dictionary(language)
    known = list(whole)
    asked = [known[0], known[-1], *known[:: len(known) // 3000]]
    assert [words.get(word) for word in asked] == [whole.get(word) for word in asked]
    unknown = ["", "zzzz", "\U0010ffff", *(f"{word}q" for word in known[:: len(known) // 300])]
    assert [words.get(word) for word in unknown] == [whole.get(word) for word in unknown]


@pytest.mark.parametrize(
    ("word", "language"),
    [("promised", "en"), ("geese", "en"), ("unverschämteste", "de"), ("Häuser", "de"), ("don't", "en")],
)
def test_a_form_is_what_simplemma_says(word: str, language: str) -> None:
    assert dictionary_form(word, language) == lemmatize(word, lang=language)


def test_who_asks_for_many_words_gets_the_dictionary_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lemmas, "MANY", 2)
    words = Words("en")
    assert [words.get(word) for word in ("went", "geese", "mice", "qqq")] == ["go", "goose", "mouse", None]


def test_places_of_another_dictionary_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head, _, rest = (lemmas.PLACES / "en.places").read_bytes().partition(b"\n")
    (tmp_path / "en.places").write_bytes(b"1 " + head.split()[1] + b"\n" + rest)
    monkeypatch.setattr(lemmas, "PLACES", tmp_path)
    with pytest.raises(ValueError, match="another dictionary"):
        Words("en")
    assert lemmas._InPlace().get_dictionary("en")["went"] == "go"


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_are_those_that_would_be_written(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = (lemmas.PLACES / f"{language}.places").read_bytes()
    monkeypatch.setattr(lemmas, "PLACES", tmp_path)
    lemmas._write_places(language)
    assert (tmp_path / f"{language}.places").read_bytes() == ours
