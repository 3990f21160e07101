"""Learning on from the stored networks: acts that are new, folds that must stay unseen."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from models.acts import train
from models.acts.dialogues import Said
from models.acts.encoder import load_named
from models.acts.head import WEIGHTS, read_meta
from models.acts.learn import Lesson, Settings, heard
from models.acts.network import ActNetwork, Shape
from models.acts.train import Course, arguments_of, hands_of, widened
from models.acts.variants import vary
from models.errors import ModelError

SAID = [[Said("agent", "Hello, Ana here."), Said("customer", "It broke."), Said("agent", "Not my problem.")]]


def network(acts: int, state: dict[str, torch.Tensor], weights: Path) -> ActNetwork:
    meta = read_meta("de")
    made = ActNetwork(load_named(meta["encoder_id"], weights), acts, Shape(**meta["shape"]))
    made.load_state_dict(state)
    return made.eval()


def test_an_act_that_is_new_is_unlikely_and_changes_no_other(weights: Path) -> None:
    meta = read_meta("de")
    known = meta["acts"]
    stored = load_file(WEIGHTS / "de.safetensors")
    state = {k[2:]: v.float() for k, v in stored.items() if k.startswith("0.")}
    acts = [*known[:5], "brand_new", *known[5:]]
    wider = widened(state, known, acts, meta["shape"]["vector"])
    with torch.no_grad():
        before = network(len(known), state, weights)(SAID, [True]).logits
        after = network(len(acts), wider, weights)(SAID, [True]).logits
    assert after[:, 5].tolist() == pytest.approx([-3.0] * 3)
    others = [place for place in range(len(acts)) if place != 5]
    assert torch.allclose(before, after[:, others], atol=1e-4)


def test_a_fold_that_the_stored_network_has_learned_from_is_refused(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = ["--language", "de", "--work", str(tmp_path), "--models", str(weights), "--onward"]
    course = Course(arguments_of("").parse_args(told))
    fold = course.parts[0]
    assert set(course.stored(fold)) >= {"look", "tell", "entry.weight"}
    meta = read_meta("de")
    last = max(hands_of(fold))
    shorter = fold.removesuffix(last.removeprefix("de_"))  # as if it had not been kept from the last hand
    by = [shorter, *meta["folds"]["by"][1:]]
    monkeypatch.setattr(train, "read_meta", lambda language: {**meta, "folds": {"by": by}})
    with pytest.raises(ModelError, match=f"has learned from {last}; learn anew"):
        course.stored(fold)
    monkeypatch.setattr(train, "read_meta", lambda language: {**meta, "encoder_id": "another"})
    with pytest.raises(ModelError, match="of another encoder or shape"):
        course.stored(fold)


def test_what_is_stored_is_not_learned_again(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("learned again")

    monkeypatch.setattr(train, "learn", refuse)
    told = ["--language", "de", "--work", str(tmp_path), "--models", str(weights)]
    course = Course(arguments_of("").parse_args([*told, "--onward"]))
    stored, found = course.stored(course.parts[1]), course.learned(course.parts[1]).state_dict()
    assert all(torch.equal(found[name], stored[name]) for name in stored)
    anew = Course(arguments_of("").parse_args(told))
    with pytest.raises(AssertionError, match="learned again"):
        anew.learned(anew.parts[1])


def test_of_what_is_known_a_share_is_heard_again_and_all_that_is_new() -> None:
    turns = (Said("agent", "Hello, Ana here."),)
    new = Lesson(turns, (frozenset({"greet"}),), whole=True, language="en")
    known = replace(new, turns=(Said("agent", "What is it?"),), known=True)
    found = vary([new] * 300 + [known] * 300, random.Random(1), 1.0, 0.3)
    count = sum(one.known for one in found)
    assert len(found) - count == 300
    assert 60 < count < 120
    assert len(vary([known] * 9, random.Random(1))) == 9


def test_what_the_stored_network_was_taught_is_known(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = ["--language", "de", "--work", str(tmp_path), "--models", str(weights)]
    meta = read_meta("de")
    monkeypatch.setattr(train, "read_meta", lambda language: {**meta, "writers": meta["writers"][1:]})
    onward = Course(arguments_of("").parse_args([*told, "--onward"]))
    fold = next(part for part in onward.parts if meta["writers"][0] not in hands_of(part))
    taught = [d for d in onward.dialogues if onward.folds[d.id] != fold]
    new = [one for one in onward.lessons(fold) if one.whole and not one.known]
    assert len(new) == sum(d.writer == meta["writers"][0] for d in taught) > 0
    anew = Course(arguments_of("").parse_args(told))
    assert not any(one.known for one in anew.lessons(fold))


def test_the_schedule_counts_what_is_heard() -> None:
    settings = Settings(share=0.25, again=0.5)
    whole = Lesson((), (), whole=True, language="en")
    lessons = [whole, replace(whole, known=True), replace(whole, whole=False)]
    assert [heard(one, settings) for one in lessons] == [1.0, 0.5, 0.25]
