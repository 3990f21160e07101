"""`rapport process`: what it writes, what it says of bad input, and that the others are still done."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from night import write_tones
from typer.testing import CliRunner, Result

import pipelines.build
from pipelines.cli import build
from pipelines.testing import build_light_pipeline


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """The command with the light pipeline, in a home of its own."""
    monkeypatch.setattr(pipelines.build, "build_pipeline", build_light_pipeline)
    return home


def rapport(*words: str | Path) -> Result:
    return CliRunner().invoke(build(), [str(word) for word in words])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_two_documents_a_recording_by_the_contract(light: Path, tmp_path: Path) -> None:
    (call,) = write_tones(tmp_path / "in", 1)
    done = rapport("process", call, "--out", tmp_path / "out", "--roles", "agent", "--language", "de")
    assert done.exit_code == 0, done.output
    assert names(tmp_path / "out") == ["call-00000.assessment.json", "call-00000.conversation.json"]
    conversation = json.loads((tmp_path / "out" / "call-00000.conversation.json").read_text())
    assert conversation["format"] == "rapport/conversation/1"
    assert conversation["recording"]["duration"] == 1.0
    assert conversation["recording"]["language"] == "de"
    assert conversation["recording"]["agent"] is None
    assessment = json.loads((tmp_path / "out" / "call-00000.assessment.json").read_text())
    assert assessment["format"] == "rapport/assessment/1"
    assert assessment["scorecard"]["id"] == "customer-care"
    assert assessment["scorecard"]["language"] == "de"
    assert assessment["recording"] == {
        "id": conversation["recording"]["id"],
        "sha256": conversation["recording"]["sha256"],
    }
    assert (light / "rapport.db").exists()


def test_no_store_leaves_no_database(light: Path, tmp_path: Path) -> None:
    (call,) = write_tones(tmp_path / "in", 1)
    assert rapport("process", call, "--out", tmp_path / "out", "--no-store").exit_code == 0
    assert not (light / "rapport.db").exists()


def test_exports_and_the_picture(light: Path, tmp_path: Path) -> None:
    (call,) = write_tones(tmp_path / "in", 1)
    done = rapport(
        "process",
        call,
        "--out",
        tmp_path / "out",
        "--no-store",
        "--export",
        "vtt,srt,rttm,vcon",
        "--timeline",
    )
    assert done.exit_code == 0, done.output
    assert [name.split(".", 1)[1] for name in names(tmp_path / "out")] == [
        "assessment.json", "conversation.json", "rttm", "srt", "timeline.png", "vcon.json", "vtt",
    ]  # fmt: skip
    assert (tmp_path / "out" / "call-00000.timeline.png").read_bytes().startswith(b"\x89PNG")


def test_the_picture_as_svg_and_no_other_format(light: Path, tmp_path: Path) -> None:
    (call,) = write_tones(tmp_path / "in", 1)
    how = ("--out", tmp_path / "out", "--no-store", "--timeline", "--timeline-as")
    assert rapport("process", call, *how, "svg").exit_code == 0
    assert (tmp_path / "out" / "call-00000.timeline.svg").read_text().startswith("<?xml")
    wrong = rapport("process", call, *how, "gif")
    assert wrong.exit_code == 2
    assert "png and svg" in wrong.output


def test_the_words_of_the_picture_by_choice(light: Path, tmp_path: Path) -> None:
    (call,) = write_tones(tmp_path / "in", 1)
    how = ("--out", tmp_path / "out", "--no-store", "--timeline", "--timeline-as", "svg")
    assert rapport("process", call, *how, "--timeline-language", "de").exit_code == 0
    assert "Minuten:Sekunden" in (tmp_path / "out" / "call-00000.timeline.svg").read_text()
    wrong = rapport("process", call, *how, "--timeline-language", "fr")
    assert wrong.exit_code == 2
    assert "'fr' is not known" in wrong.output


BAD = {
    "empty.wav": b"",
    "text renamed.wav": b"Dear customer, this is a letter.",
    "header 'only'.wav": b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"
    b"\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00",
    'größe "ü".mp3': b"\xff\xfb\x90\x00" + b"\x00" * 10,
}


def test_bad_files_are_named_with_their_cause_and_the_good_one_is_done(light: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    good = write_tones(folder, 1)[0].rename(folder / "gut 'ä' \"x\".wav")
    for name, data in BAD.items():
        (folder / name).write_bytes(data)
    gone = folder / "gone.wav"
    done = rapport("process", *[folder / name for name in BAD], gone, good, "--out", tmp_path / "out")
    assert done.exit_code == 1
    said = [line for line in done.stderr.splitlines() if line.startswith("failed: ")]
    for name in [*BAD, gone.name]:
        assert any(name in line for line in said), f"{name} is not named"
    assert "Traceback" not in done.output
    assert names(tmp_path / "out") == [f"{good.stem}.assessment.json", f"{good.stem}.conversation.json"]
    assert [p for p in tmp_path.rglob("*") if p.name.startswith(".") and p.is_file()] == []


def test_a_folder_means_what_lies_in_it_and_the_source_stays_as_it_is(light: Path, tmp_path: Path) -> None:
    calls = write_tones(tmp_path / "in", 3)
    before = [path.read_bytes() for path in calls]
    assert rapport("process", tmp_path / "in", "--out", tmp_path / "out").exit_code == 0
    assert len(names(tmp_path / "out")) == 6
    assert [path.read_bytes() for path in calls] == before


def test_files_of_one_name_do_not_overwrite_each_other(light: Path, tmp_path: Path) -> None:
    calls = write_tones(tmp_path / "in", 2)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    moved = [calls[0].rename(tmp_path / "a" / "call.wav"), calls[1].rename(tmp_path / "b" / "call.wav")]
    assert rapport("process", *moved, "--out", tmp_path / "out", "--no-store").exit_code == 0
    assert len(names(tmp_path / "out")) == 4


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--language", "fr"], "en, de"),
        (["--roles", "boss,customer"], "boss"),
        (["--scorecard", "nothing"], "nothing"),
        (["--export", "docx"], "vtt"),
        (["--declared", "mp9:8000"], "mulaw"),
    ],
)
def test_wrong_use_says_what_is_allowed(light: Path, tmp_path: Path, words: list[str], says: str) -> None:
    (call,) = write_tones(tmp_path / "in", 1)
    done = rapport("process", call, "--out", tmp_path / "out", *words)
    assert done.exit_code == 2
    assert says in done.output
    assert names(tmp_path / "out") == []


def test_a_raw_file_is_declared(light: Path, tmp_path: Path) -> None:
    tone = (np.sin(np.arange(16000) / 5) * 8000).astype("<i2")
    raw = tmp_path / "call.raw"
    raw.write_bytes(tone.tobytes())
    assert rapport("process", raw, "--out", tmp_path / "out", "--no-store").exit_code == 1
    assert (
        rapport("process", raw, "--out", tmp_path / "out", "--no-store", "--declared", "s16le:8000").exit_code
        == 0
    )
    assert (
        json.loads((tmp_path / "out" / "call.conversation.json").read_text())["recording"]["duration"] == 2.0
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_a_full_disk_is_said_and_nothing_half_written_stays(
    light: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = write_tones(tmp_path / "in", 2)
    real = os.fsync
    full = {"on": True}

    def no_room(handle: int) -> None:
        if full["on"]:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr("recordings.documents.os.fsync", no_room)
    done = rapport("process", calls[0], "--out", tmp_path / "out", "--no-store")
    assert done.exit_code == 1
    assert "No space left on device" in done.stderr
    assert names(tmp_path / "out") == []
    full["on"] = False
    assert rapport("process", *calls, "--out", tmp_path / "out", "--no-store").exit_code == 0
    assert len(names(tmp_path / "out")) == 4


def test_a_missing_model_says_how_to_get_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (call,) = write_tones(tmp_path / "in", 1)
    monkeypatch.setenv("RAPPORT_MODELS", str(tmp_path / "no models"))
    done = rapport("process", call, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "rapport models pull" in done.stderr


def test_a_gpu_that_is_not_there_is_refused_before_any_call(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    (call,) = write_tones(tmp_path / "in", 1)
    monkeypatch.setenv("RAPPORT_DEVICE", "cuda")
    done = rapport("process", call, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "cuda" in done.stderr.lower()
    assert names(tmp_path / "out") == []


@pytest.mark.models
def test_sound_without_a_conversation_is_no_crash_and_no_score(
    weights: Path, home: Path, tmp_path: Path
) -> None:
    from recordings.synthesis.sounds import kinds, sound

    folder = tmp_path / "in"
    folder.mkdir()
    soundfile.write(folder / "silence.wav", np.zeros(3 * 8000), 8000)
    music = sound("music", kinds("music", "tuning")[0], 20.0, seed=1, rate=8000)
    soundfile.write(folder / "music.wav", music, 8000)
    done = rapport("process", folder, "--out", tmp_path / "out", "--language", "en")
    assert done.exit_code == 0, done.output
    for name in ("silence", "music"):
        conversation = json.loads((tmp_path / "out" / f"{name}.conversation.json").read_text())
        assert [turn for turn in conversation["turns"] if not turn["doubtful"]] == [], "words were invented"
        assessment = json.loads((tmp_path / "out" / f"{name}.assessment.json").read_text())
        assert assessment["score"] is None
        verdicts = {c["id"]: c["verdict"] for c in assessment["criteria"]}
        assert "no" not in {
            v
            for i, v in verdicts.items()
            if i != "forbidden_phrase_used" and "hold" not in i and "repeat" not in i
        }
