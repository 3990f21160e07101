"""Whole verdicts on dialogues that were not learned from: ``python -m pipelines.unseen --language en``.

Each fold's dialogues are read by the network that was taught without its writers, weighed by scales that were
fitted without them, and judged by the scorecard: the cross-validated counterpart of `rapport evaluate`. With
``--given`` the acts are those that the writers noted: what is wrong then is the card's logic or a label.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.acts.dialogues import FOLDER
from models.acts.head import load_head
from models.acts.train import Course, arguments_of
from pipelines.cli.evaluate import print_part
from pipelines.pieces import pieces
from pipelines.read import combined, head_acts
from pipelines.weighing import load_scales, logit
from recordings import Act, Conversation, write_atomically
from scorecards.acts.reader import phrase_hits, settle
from scorecards.engine import score
from scorecards.evaluation import Part, report
from scorecards.gold import conversation_of, read_gold
from scorecards.loading import load_card

Floats = NDArray[np.float64]


def evidence_of(
    course: Course, writer: str, every: int = 1
) -> tuple[Mapping[str, Floats], Mapping[str, Floats], Mapping[str, Floats]]:
    """Per act over a writer's turns of its role: the unseeing network's log odds, the rules' (NaN where none
    speaks), and whether it was done. Of every n-th dialogue, where told so."""
    head = load_head(course.language, course.models, course.work / f"without-{writer}")
    roles = dict(zip(head.acts, head.roles, strict=True))
    rows: dict[str, list[tuple[float, float, float]]] = {act: [] for act in head.acts}
    for dialogue, (_, conversation, acts) in zip(
        course.of(writer)[::every], heard(course, writer, every), strict=True
    ):
        found = {(a.turn, a.act): a.probability for a in acts}
        hits = {(a.turn, a.act): a.probability for a in phrase_hits(conversation, course.language)}
        for turn, done in zip(conversation.turns, dialogue.acts, strict=True):
            for act, role in roles.items():
                if role == turn.role:
                    key = (turn.index, act)
                    rule = logit(hits[key]) if key in hits else np.nan
                    rows[act].append((logit(found.get(key, 0.0)), rule, float(act in done)))
    columns = {act: np.array(some).reshape(-1, 3).T for act, some in rows.items()}
    return tuple({act: columns[act][kind] for act in columns} for kind in range(3))  # type: ignore[return-value]


def heard(course: Course, writer: str, every: int = 1) -> Iterator[tuple[Path, Conversation, list[Act]]]:
    """A fold's dialogues, or every n-th, with what the network that never saw their writers reads in them,
    rules aside.

    Read once and kept.
    """
    heads = course.work / f"without-{writer}"
    kept = heads / "heard"
    kept.mkdir(exist_ok=True)
    for path, conversation in _conversations(course, writer)[::every]:
        target = kept / f"{path.stem}.json"
        if not target.exists():
            head = load_head(course.language, course.models, heads)
            some, said = pieces(conversation)
            reading = head.read([said])[0]
            acts = head_acts(head, some, reading.chances, reading.looks)
            write_atomically(target, json.dumps([act.model_dump() for act in acts]).encode())
        acts = [Act.model_validate(one) for one in json.loads(target.read_bytes())]
        yield path, conversation, acts


def judged_as_given(course: Course, writer: str, cards: str, part: Part) -> None:
    """Score a writer's dialogues with the acts that the writer noted."""
    card = load_card(cards, course.language)
    for dialogue, (path, conversation) in zip(course.of(writer), _conversations(course, writer), strict=True):
        acts = [
            Act(turn=turn, act=act, probability=0.97, source="person", text=conversation.turns[turn].text)
            for turn, done in enumerate(dialogue.acts)
            for act in sorted(done)
        ]
        gold = read_gold(path)
        if gold is not None:
            part.add(gold, score(conversation.with_acts(acts), card))


def judged(course: Course, writer: str, cards: str, part: Part) -> None:
    """Score a writer's dialogues unseen and add them to a part."""
    heads = course.work / f"without-{writer}"
    kept = heads / "conversations"
    kept.mkdir(exist_ok=True)
    scales = load_scales(course.language, heads)
    card = load_card(cards, course.language)
    for path, conversation, acts in heard(course, writer):
        read = settle(combined(phrase_hits(conversation, course.language), acts, scales))
        conversation = conversation.with_acts(read)
        conversation.write(kept / f"{path.stem}.json")
        gold = read_gold(path)
        if gold is not None:
            part.add(gold, score(conversation, card))


def _conversations(course: Course, writer: str) -> list[tuple[Path, Conversation]]:
    found = []
    for path in sorted((FOLDER / course.language).glob("*.yaml")):
        if course.folds.get(path.stem) == writer:
            gold = read_gold(path)
            conversation = conversation_of(gold, path) if gold else None
            if conversation is not None:
                found.append((path, conversation))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = arguments_of(__doc__ or "")
    parser.add_argument("--scorecard", default="customer-care", help="id from the library, or a file")
    parser.add_argument("--given", action="store_true", help="judge the acts that the writers noted")
    parser.add_argument("--errors", action="store_true", help="list every wrong answer")
    options = parser.parse_args(arguments)
    course = Course(options)
    whole = Part(f"{course.language} unseen")
    for writer in course.parts:
        (judged_as_given if options.given else judged)(course, writer, options.scorecard, whole)
    print_part(report([whole])["parts"][0], options.errors)


if __name__ == "__main__":
    main()
