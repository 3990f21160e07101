"""The gold set is sound: every file parses, is labelled in full, and its labels agree with its own lines.

Nothing is scored here. What can be told from the written lines (holds, silences, who speaks, who cuts in)
must match the labels; what needs a trainer's judgement is left to the trainer.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from recordings import Conversation
from recordings.dialogue import parse_dialogue

GOLD = Path(__file__).parent / "gold"
HELD_OUT = ("heldout", "heldout-2")
FILES = sorted(GOLD.glob("*/*.yaml"))

HOLD_CRITERIA = (
    "hold_permission_asked",
    "hold_reason_given",
    "hold_time_estimate_given",
    "hold_thanked_after",
    "hold_over_30s_without_checkin",
)
VERDICTS = (
    "greeting_with_name_and_company",
    "verification_before_account_details",
    "empathy_shown",
    "apology_when_due",
    "ownership_language",
    "forbidden_phrase_used",
    "positive_alternative_offered",
    *HOLD_CRITERIA,
    "transfer_handled_warm",
    "active_listening_paraphrase",
    "resolution_confirmed",
    "callback_promise_specific",
    "anything_else_offered",
    "closing_courteous",
    "repeat_contact_mentioned",
)
COUNTS = (
    "hold_count",
    "hold_total_seconds",
    "dead_air_over_8s_unannounced",
    "interruptions_by_agent",
)
EMOTIONS = ("customer_emotion_start", "customer_emotion_end")
FEELINGS = ("negative", "neutral", "positive")
REASONS = (
    "delivery",
    "billing",
    "technical_fault",
    "account_access",
    "cancellation",
    "booking_change",
    "product_question",
    "complaint_service",
    "claim",
    "other",
)

# Criteria whose evidence is the customer's turn, or may be; all others are decided by an agent's turn.
EITHER_ROLE = ("verification_before_account_details", "repeat_contact_mentioned")
NEVER_NA = ("forbidden_phrase_used", "repeat_contact_mentioned")
DEAD_AIR_S = 8.0
LONG_HOLD_S = 30.0
BACK_CHANNELS = {"mhm", "mm", "aha", "ja", "yeah", "okay", "right"}

# Long silences that do not count, by file: somebody announced them, or the customer is at an agreed task.
EXCUSED_SILENCES = {
    "en_08_customer_uses_phrases": 1,
    "de_07_zugang_gesperrt_weiss_nicht": 1,
    "en_h01_tram_penalty": 1,
    "en_h02_university_portal": 1,
    "en_h11_hearing_aid_whistle": 2,
    "en_h24_parcel_locker": 1,
    "en_h27_card_machine_cafe": 1,
    "en_h29_exam_board_remark": 1,
    "en_h30_phone_unlock_warm": 1,
    "de_h14_webhosting_drei_mal": 1,
    "de_h15_rentenkasse_auskunft": 1,
    "de_h17_solaranlage_warm": 1,
    "de_h19_sprachschule_kalt": 1,
    "en_b02_coffee_machine": 3,
    "en_b08_escooter_charge": 1,
    "en_b13_payroll_app": 2,
    "en_b27_bank_card_swallowed": 1,
    "en_b28_driving_school": 1,
    "de_b09_optiker": 1,
    "de_b15_autovermietung": 1,
}


def _read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return told


def _conversation(told: dict[str, Any]) -> Conversation:
    return parse_dialogue(told["dialogue"], name=told["id"], language=told["language"])


def _faults(told: dict[str, Any], stem: str) -> list[str]:
    """What is wrong with one gold file, in words; empty when it is sound."""
    conversation = _conversation(told)
    gold: dict[str, dict[str, Any]] = told["gold"]
    faults = [] if told["id"] == stem else [f"id {told['id']!r} is not the file's name"]
    if told["language"] not in ("en", "de") or not stem.startswith(told["language"]):
        faults.append(f"language {told['language']!r} does not fit the name")
    timed = told.get("times", True)
    faults += _key_faults(gold, timed)
    for name in VERDICTS:
        faults += _verdict_faults(name, gold.get(name, {}), conversation)
    faults += _label_faults(gold)
    faults += _hold_faults(gold, conversation)
    if timed:
        faults += _pause_faults(gold, conversation, told["id"])
    faults += _interruption_faults(gold, told["dialogue"])
    return faults


def _key_faults(gold: dict[str, dict[str, Any]], timed: bool) -> list[str]:
    known = {*VERDICTS, *COUNTS, *EMOTIONS, "contact_reason"}
    missing = known - set(gold)
    if not timed:  # dead air cannot be told without times
        missing.discard("dead_air_over_8s_unannounced")
    if missing == set(EMOTIONS):  # nobody felt anything: voicemail, wrong number
        missing = set()
    return [f"unknown id {name}" for name in sorted(set(gold) - known)] + [
        f"{name} is missing" for name in sorted(missing)
    ]


def _verdict_faults(name: str, label: dict[str, Any], conversation: Conversation) -> list[str]:
    faults = []
    verdict = label.get("verdict")
    if verdict not in ("yes", "no", "na"):
        faults.append(f"{name}: verdict {verdict!r} is none of yes, no, na")
    if verdict == "na" and (name in NEVER_NA or label.get("evidence")):
        faults.append(f"{name}: na is never given, or carries evidence")
    if verdict == "yes" and name != "hold_over_30s_without_checkin" and not label.get("evidence"):
        faults.append(f"{name}: a yes needs evidence")
    for turn in label.get("evidence", []):
        if not 0 <= turn < len(conversation.turns):
            faults.append(f"{name}: no turn {turn}")
        elif (role := conversation.turns[turn].role) != "agent" and not (
            role == "customer" and name in EITHER_ROLE
        ):
            faults.append(f"{name}: turn {turn} is the {role}'s")
    return faults


def _label_faults(gold: dict[str, dict[str, Any]]) -> list[str]:
    faults = [
        f"{name}: {gold[name]['value']!r} is no feeling"
        for name in EMOTIONS
        if name in gold and gold[name]["value"] not in FEELINGS
    ]
    if gold["contact_reason"]["value"] not in REASONS:
        faults.append(f"contact_reason: {gold['contact_reason']['value']!r} is none of the ten")
    return faults


def _lengths(conversation: Conversation, kind: str) -> list[float]:
    return [
        round(event.end - event.start, 3)
        for event in conversation.events or ()
        if event.kind == kind and event.start is not None and event.end is not None
    ]


def _hold_faults(gold: dict[str, dict[str, Any]], conversation: Conversation) -> list[str]:
    holds = _lengths(conversation, "hold")
    faults = []
    if gold["hold_count"]["value"] != len(holds):
        faults.append(f"hold_count is not {len(holds)}")
    if abs(gold["hold_total_seconds"]["value"] - sum(holds)) > 0.01:
        faults.append(f"hold_total_seconds is not {sum(holds)}")
    faults += [
        f"{name}: na goes with no hold, and only with none"
        for name in HOLD_CRITERIA
        if (gold[name]["verdict"] == "na") != (not holds)
    ]
    long = any(seconds > LONG_HOLD_S for seconds in holds)
    if holds and (gold["hold_over_30s_without_checkin"]["verdict"] == "yes") != long:
        faults.append(f"hold_over_30s_without_checkin does not fit holds of {holds} s")
    return faults


def _pause_faults(gold: dict[str, dict[str, Any]], conversation: Conversation, name: str) -> list[str]:
    silences = sum(seconds > DEAD_AIR_S for seconds in _lengths(conversation, "silence"))
    expected = silences - EXCUSED_SILENCES.get(name, 0)
    value = gold["dead_air_over_8s_unannounced"]["value"]
    return [] if value == expected else [f"dead air is {value}, the lines tell {expected}"]


def _interruption_faults(gold: dict[str, dict[str, Any]], lines: list[dict[str, Any]]) -> list[str]:
    taken = 0
    for line in lines:
        text = line.get("agent") or line.get("agent2")
        if line.get("cuts_in") and text and text.strip(".,! ").lower() not in BACK_CHANNELS:
            taken += 1
    value = gold["interruptions_by_agent"]["value"]
    return [] if value == taken else [f"interruptions are {value}, the lines tell {taken}"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_labels_agree_with_the_lines(path: Path) -> None:
    assert _faults(_read(path), path.stem) == []


def test_a_wrong_label_is_noticed() -> None:
    path = GOLD / "heldout" / "en_h27_card_machine_cafe.yaml"
    for name, value in (
        ("hold_count", 3),
        ("interruptions_by_agent", 1),
        ("dead_air_over_8s_unannounced", 1),
    ):
        told = _read(path)
        told["gold"][name]["value"] = value
        assert len(_faults(told, path.stem)) == 1, name
    told = _read(path)
    told["gold"]["empathy_shown"]["evidence"] = [1]
    assert _faults(told, path.stem) == ["empathy_shown: turn 1 is the customer's"]
    told = _read(path)
    told["gold"]["hold_over_30s_without_checkin"]["verdict"] = "no"
    assert len(_faults(told, path.stem)) == 1
    told = _read(path)
    del told["gold"]["closing_courteous"]
    assert "closing_courteous is missing" in _faults(told, path.stem)


def test_the_parts_share_no_call() -> None:
    spoken = {path: yaml.safe_dump(_read(path)["dialogue"]) for path in FILES}
    assert len(set(spoken.values())) == len(FILES)
    assert {path.parent.name for path in FILES} == {"tuning", *HELD_OUT}


@pytest.mark.parametrize("part", HELD_OUT)
def test_each_held_out_part_is_large_and_varied_enough(part: str) -> None:
    held = [_read(path) for path in FILES if path.parent.name == part]
    languages = Counter(told["language"] for told in held)
    assert languages["en"] >= 15
    assert languages["de"] >= 10
    for name in VERDICTS:
        verdicts = Counter(told["gold"][name]["verdict"] for told in held)
        assert min(verdicts["yes"], verdicts["no"]) >= 2, (name, verdicts)


def test_the_readme_counts_what_is_there() -> None:
    text = (GOLD / "README.md").read_text(encoding="utf-8")
    for part in ("tuning", *HELD_OUT):
        told = Counter(_read(path)["language"] for path in FILES if path.parent.name == part)
        assert f"| {part} | {told['en']} | {told['de']} | {told.total()} |" in text


@pytest.mark.parametrize("part", HELD_OUT)
def test_the_readme_counts_the_labels_of_each_held_out_part(part: str) -> None:
    # each part has its own table, so only the text after its heading may answer
    heading = {"heldout": "## Held-out labels per criterion", "heldout-2": "## heldout-2"}[part]
    text = (GOLD / "README.md").read_text(encoding="utf-8").split(f"\n{heading}\n")[1].split("\n## ")[0]
    held = [_read(path)["gold"] for path in FILES if path.parent.name == part]
    for name in VERDICTS:
        verdicts = Counter(gold[name]["verdict"] for gold in held)
        doubtful = sum(bool(gold[name].get("ambiguous")) for gold in held)
        row = f"| {name} | {verdicts['yes']} | {verdicts['no']} | {verdicts['na']} | {doubtful} |"
        assert row in text, row
