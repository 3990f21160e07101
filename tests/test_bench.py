"""The benchmark's own arithmetic: the mono mix, the ratios it reads off, its table."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines import bench
from pipelines.bench import FileBench, Measured, mono_mix
from pipelines.cli.bench import PARTS, table
from recordings.audio import open_audio


def test_the_mono_mix_is_the_mean_of_the_channels(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    two = draw.normal(0, 0.1, (16000 * 3, 2))
    soundfile.write(tmp_path / "two.wav", two, 16000, subtype="PCM_16")
    mixed, rate = soundfile.read(mono_mix(tmp_path / "two.wav", tmp_path / "mix.wav"))
    assert rate == 16000
    assert mixed.shape == (48000,)
    with open_audio(tmp_path / "two.wav") as audio:
        assert np.abs(mixed - audio.read().mean(axis=0)).max() < 1e-4


def measured(seconds: float) -> Measured:
    return Measured("x", seconds, 100 / seconds, 500.0, {"transcribe": seconds / 2}, 2 * seconds)


def test_ratios_stand_only_where_both_sides_were_measured() -> None:
    whole = {"whole": measured(12.0)}
    stereo = FileBench(Path("s.wav"), 100.0, 2, "en", whole, measured(10.0))
    assert stereo.against_mix == pytest.approx((1.2, 1.2))
    assert "whole of its own mono mix (10.00 s): 1.20 by the clock, 1.20 in processor time" in table(stereo)
    assert "bare transcription" not in table(stereo)
    assert stereo.to_dict()["whole"]["against_mono_mix"] == [1.2, 1.2]
    assert stereo.to_dict()["whole"]["against_bare_transcription"] is None
    mono = FileBench(Path("m.wav"), 100.0, 1, "en", {**whole, "transcribe": measured(10.0)})
    assert mono.against_mix is None
    assert "mono mix" not in table(mono)
    assert "whole / bare transcription: 1.20" in table(mono)


def test_the_command_names_the_parts_that_there_are() -> None:
    assert PARTS == bench.PARTS
