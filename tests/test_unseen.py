"""Readings of dialogues that were not learned from: read once by the network of the fold, then kept."""

import json
import shutil
from pathlib import Path

from models.acts.head import WEIGHTS
from models.acts.train import Course, arguments_of
from pipelines.unseen import heard


def test_a_fold_is_read_once_and_kept(tmp_path: Path, weights: Path) -> None:
    told = ["--language", "de", "--work", str(tmp_path), "--models", str(weights)]
    course = Course(arguments_of("").parse_args(told))
    fold = course.parts[0]
    heads = course.work / f"without-{fold}"
    shutil.copytree(WEIGHTS, heads)
    path, conversation, acts = next(heard(course, fold))
    assert course.folds[path.stem] == fold
    said = {(act.turn, act.act): act.probability for act in acts}
    assert all(conversation.turns[turn].role in ("agent", "customer") for turn, _ in said)
    assert max(said.values()) > 0.9
    kept = heads / "heard" / f"{path.stem}.json"
    stored = json.loads(kept.read_bytes())
    assert len(stored) == len(acts)
    kept.write_text(json.dumps(stored[:1]), encoding="utf-8")
    _, _, again = next(heard(course, fold))
    assert again == acts[:1]
