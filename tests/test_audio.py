"""Decoding what telephone systems write, and refusing what is none, each with its own clear words."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sounds import TONES_HZ, encode, pitch, tones, write

from recordings import RecordingError
from recordings import audio as audio_module
from recordings.audio import RATE, Audio, open_audio, probe
from recordings.playback import playback_copy
from recordings.sources import Declared, settled, sha256_of

# name, codec, rate, channels, seconds that padding may add
FORMATS = [
    ("u8.wav", "pcm_u8", 8000, 2, 0.0),
    ("s16.wav", "pcm_s16le", 11025, 2, 0.01),
    ("s24.wav", "pcm_s24le", 44100, 1, 0.01),
    ("s32.wav", "pcm_s32le", 48000, 2, 0.0),
    ("f32.wav", "pcm_f32le", 16000, 2, 0.0),
    ("ulaw.wav", "pcm_mulaw", 8000, 2, 0.0),
    ("alaw.wav", "pcm_alaw", 8000, 2, 0.0),
    ("ima.wav", "adpcm_ima_wav", 8000, 2, 0.1),
    ("ms.wav", "adpcm_ms", 8000, 2, 0.1),
    ("g726.wav", "adpcm_g726", 8000, 1, 0.1),
    ("mp3.mp3", "libmp3lame", 8000, 2, 0.1),
    ("flac.flac", "flac", 8000, 2, 0.0),
    ("opus.opus", "libopus", 16000, 2, 0.1),
    ("aac.m4a", "aac", 8000, 2, 0.2),
    ("aac.mp4", "aac", 44100, 2, 0.2),
    ("video.mkv", "pcm_s16le", 8000, 2, 0.0),
    ("web.webm", "libopus", 48000, 2, 0.1),
    ("amr.amr", "libopencore_amrnb", 8000, 1, 0.1),
    ("g722.g722", "g722", 16000, 1, 0.0),
    ("quad.wav", "pcm_s16le", 8000, 4, 0.0),
    ("six.flac", "flac", 48000, 6, 0.0),
]


@pytest.mark.parametrize(("name", "codec", "rate", "channels", "slack"), FORMATS, ids=[f[0] for f in FORMATS])
def test_every_format_keeps_its_length_channels_and_pitches(
    tmp_path: Path, name: str, codec: str, rate: int, channels: int, slack: float
) -> None:
    try:
        path = encode(tmp_path / name, codec, rate, channels)
    except (ValueError, OSError) as error:
        pytest.skip(f"this FFmpeg cannot write {codec}: {error}")
    with open_audio(path) as audio:
        assert (audio.rate, audio.channels) == (RATE, channels)
        assert 4.0 - 0.02 <= audio.duration_s <= 4.0 + slack + 0.02
        assert [pitch(c) for c in audio.read(1.0, 3.0)] == pytest.approx(TONES_HZ[:channels], abs=2)
        assert np.abs(audio.read(1.0, 3.0)).max() == pytest.approx(0.5, abs=0.1)
        assert audio.distinct == tuple(range(channels))
        assert audio.source.sha256 == sha256_of(path)


@pytest.mark.parametrize(
    ("name", "subtype", "declared"),
    [
        ("gsm.wav", "GSM610", None),
        ("vorbis.ogg", "VORBIS", None),
        ("call.vox", "VOX_ADPCM", Declared("vox")),
        ("call.ul", "ULAW", Declared("mulaw", 8000)),
        ("call.al", "ALAW", Declared("alaw")),
        ("call.pcm", "PCM_16", Declared("s16le")),
    ],
)
def test_gsm_vorbis_and_headerless_files(
    tmp_path: Path, name: str, subtype: str, declared: Declared | None
) -> None:
    path = tmp_path / name
    kind = {"gsm.wav": "WAV", "vorbis.ogg": "OGG"}.get(name, "RAW")
    soundfile.write(path, tones(4, 8000), 8000, subtype=subtype, format=kind)
    with open_audio(path, declared=declared) as audio:
        assert audio.duration_s == pytest.approx(4.0, abs=0.05)
        assert pitch(audio.read(1, 3)[0]) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("name", ["call.ul", "call.al", "call.vox", "call.raw", "call.pcm"])
def test_headerless_files_are_never_guessed(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, tones(1, 8000), 8000, subtype="ULAW", format="RAW")
    with pytest.raises(RecordingError, match=r"no header.*declare codec"):
        open_audio(tmp_path / name)


def test_a_declared_rate_overrides_a_wrong_header(tmp_path: Path) -> None:
    for path in (
        write(tmp_path / "a.wav", tones(4, 8000), 16000),
        encode(tmp_path / "a.mp3", "libmp3lame", 16000, 1),
    ):
        with open_audio(path, declared=Declared(rate=8000)) as audio:
            plain = probe(path)
            assert audio.duration_s == pytest.approx((plain.duration_s or 0) * 2, abs=0.1)
            assert audio.source.rate == 8000


# --- what is no recording -------------------------------------------------------------------------------


def wav_bytes(tmp_path: Path) -> bytes:
    return write(tmp_path / "good.wav", tones(4, 8000)).read_bytes()


def with_rate(data: bytes, rate: int) -> bytes:
    return data[:24] + rate.to_bytes(4, "little") + data[28:]


def bad_file(tmp_path: Path, what: str) -> Path:
    path = tmp_path / ("bad.mp3" if "mp3" in what else "bad.m4a" if "m4a" in what else "bad.wav")
    data: dict[str, bytes] = {
        "empty": b"",
        "text": "Grüße aus dem Kundenservice\n".encode() * 20,
        "playlist": f"#EXTM3U\n#EXTINF:4,\nfile://{tmp_path}/good.wav\n#EXT-X-ENDLIST\n".encode(),
        "concat": f"ffconcat version 1.0\nfile '{tmp_path}/good.wav'\n".encode(),
        "subtitles mp3": b"1\n00:00:00,000 --> 00:00:02,000\nHello\n",
        "noise": np.random.default_rng(0).integers(0, 256, 50_000, dtype=np.uint8).tobytes(),
        "header only": wav_bytes(tmp_path)[:44],
        "half a header": wav_bytes(tmp_path)[:20],
        "rate 11": with_rate(wav_bytes(tmp_path), 11),
        "rate 1 million": with_rate(wav_bytes(tmp_path), 1_000_000),
    }
    if what == "cut m4a":
        path.write_bytes(encode(tmp_path / "x.m4a", "aac").read_bytes()[:6000])
    elif what == "zero seconds":
        write(path, np.zeros((0, 1)))
    elif what == "ten samples":
        write(path, np.zeros((10, 1)))
    else:
        path.write_bytes(data[what])
    return path


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("empty", "is empty"),
        ("text", "not a recording but text that begins with 'Grüße"),
        ("playlist", "text that begins with '#EXTM3U"),
        ("concat", "text that begins with 'ffconcat"),
        ("subtitles mp3", "not a recording but text"),
        ("noise", "no audio that can be decoded"),
        ("header only", "holds no sound"),
        ("half a header", "header is broken or ends too early"),
        ("rate 11", "sampling rate of 11 Hz.*declare the true rate"),
        ("rate 1 million", "sampling rate of 1000000 Hz"),
        ("cut m4a", "without its index"),
        ("zero seconds", "holds no sound"),
        ("ten samples", "too short"),
    ],
)
def test_what_is_no_recording_is_refused_by_name_and_cause(tmp_path: Path, what: str, says: str) -> None:
    path = bad_file(tmp_path, what)
    with pytest.raises(RecordingError, match=says) as caught:
        open_audio(path, scratch=tmp_path / "scratch")
    assert str(path) in str(caught.value)
    assert not (tmp_path / "scratch").exists() or not any((tmp_path / "scratch").iterdir())


def test_a_video_without_sound_says_what_it_holds(tmp_path: Path) -> None:
    import av

    path = tmp_path / "silent.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(RecordingError, match="holds no sound, only video"):
        open_audio(path)


@pytest.mark.parametrize(
    ("source", "keep", "at_least"),
    [("mp3", 0.6, 2.0), ("wav", 0.5, 1.9), ("flac", 0.6, 1.5), ("opus", 0.6, 1.5)],
)
def test_a_file_cut_short_gives_what_it_holds_and_says_so(
    tmp_path: Path, source: str, keep: float, at_least: float
) -> None:
    codec, rate = {"mp3": ("libmp3lame", 8000), "wav": ("pcm_mulaw", 8000), "flac": ("flac", 8000)}.get(
        source, ("libopus", 16000)
    )
    whole = encode(tmp_path / f"whole.{source}", codec, rate, 1).read_bytes()
    path = tmp_path / f"cut.{source}"
    path.write_bytes(whole[: int(len(whole) * keep)])
    with open_audio(path) as audio:
        assert at_least <= audio.duration_s < 3.5
        assert pitch(audio.read(0.5, 1.5)[0]) == pytest.approx(440, abs=2)
        if source != "opus":  # Ogg keeps its length in the pages that are gone
            assert any("cut short" in note or "stopped" in note for note in audio.notes)


def test_a_guessed_length_is_no_reason_for_a_warning(tmp_path: Path) -> None:
    """Without its Xing frame a variable-rate MP3's length is a guess from the first frames' bit rate."""
    whole = encode(tmp_path / "a.mp3", "libmp3lame", 8000, 1, 20).read_bytes()
    second = whole.index(whole[whole.index(b"\xff") : whole.index(b"\xff") + 2], whole.index(b"Info"))
    path = tmp_path / "b.mp3"
    path.write_bytes(whole[second:])
    assert not probe(path).exact
    assert probe(tmp_path / "a.mp3").exact
    with open_audio(path) as audio:
        assert audio.duration_s == pytest.approx(20, abs=0.2)
        assert audio.notes == ()


def test_damage_in_the_middle_costs_only_what_is_damaged(tmp_path: Path) -> None:
    data = bytearray(encode(tmp_path / "a.mp3", "libmp3lame", 8000, 1, 10).read_bytes())
    middle = len(data) // 2
    data[middle : middle + 500] = np.random.default_rng(0).integers(0, 256, 500, dtype=np.uint8).tobytes()
    path = tmp_path / "b.mp3"
    path.write_bytes(data)
    with open_audio(path) as audio:
        assert 9.0 < audio.duration_s < 10.2
        for start in (1.0, 8.0):
            assert pitch(audio.read(start, start + 1.5)[0]) == pytest.approx(440, abs=2)


def test_a_rate_that_changes_on_the_way_keeps_time_and_pitch(tmp_path: Path) -> None:
    """MP3 frames stand for themselves, so a joined file may change its rate in the middle."""
    parts = [
        encode(tmp_path / f"{rate}.mp3", "libmp3lame", rate, 1, 3).read_bytes() for rate in (8000, 16000)
    ]
    path = tmp_path / "joined.mp3"
    path.write_bytes(b"".join(parts))
    with open_audio(path) as audio:
        assert audio.duration_s == pytest.approx(6.0, abs=0.4)
        for start in (1.0, 4.2):
            assert pitch(audio.read(start, start + 1.0)[0]) == pytest.approx(440, abs=3)


def test_further_audio_streams_are_told(tmp_path: Path) -> None:
    import av

    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("pcm_s16le", rate=8000) for _ in range(2)]
        for stream in streams:
            stream.layout = "mono"
        for stream, samples in zip(streams, tones(2, 8000, 2).T, strict=True):
            frame = av.AudioFrame.from_ndarray(
                (samples * 32767).astype(np.int16).reshape(1, -1), format="s16", layout="mono"
            )
            frame.sample_rate = 8000
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    with open_audio(path) as audio:
        assert pitch(audio.read(0.5, 1.5)[0]) == pytest.approx(440, abs=2)
        assert "holds 2 audio streams; the first was used" in audio.notes


def test_a_header_that_contradicts_itself_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(with_rate(wav_bytes(tmp_path), 16000))
    with open_audio(path) as audio:
        assert any("16000 Hz" in note and "8000 Hz" in note for note in audio.notes)
    with open_audio(tmp_path / "good.wav") as audio:
        assert audio.notes == ()


def test_ten_hours_are_refused_before_decoding_them(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    write(path, tones(1, 8000), subtype="ULAW")
    header = bytearray(path.read_bytes())
    place = header.index(b"data") + 4
    header[place : place + 4] = (10 * 3600 * 8000).to_bytes(4, "little")
    path.write_bytes(header)
    os.truncate(path, len(header) + 10 * 3600 * 8000)  # sparse: takes no room
    with pytest.raises(RecordingError, match=r"lasts 10\.0 hours, more than the 8 hours"):
        open_audio(path)


def test_a_length_that_the_header_hides_is_still_limited(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", "libmp3lame", 8000, 1, seconds=40)
    with pytest.raises(RecordingError, match=r"lasts 0\.0 hours, more than the 0\.01"):
        open_audio(path, longest_hours=0.01)


def test_a_file_that_grows_while_it_is_read_is_still_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.wav", tones(4, 8000))
    real = audio_module.Decoding.blocks

    def growing(self: audio_module.Decoding):  # type: ignore[no-untyped-def]
        with path.open("ab") as file:
            file.write(b"more")
        yield from real(self)

    monkeypatch.setattr(audio_module.Decoding, "blocks", growing)
    with pytest.raises(RecordingError, match="still being written"):
        open_audio(path)


def test_a_file_is_settled_when_nobody_writes_any_more(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tones(1, 8000))
    assert not settled(path, quiet_s=60)
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 61))
    assert settled(path, quiet_s=60)
    assert not settled(tmp_path / "missing.wav")


@pytest.mark.parametrize(
    "name", ["two words.wav", 'it\'s "quoted".wav', "Müller & Söhne (Büro) ß.wav", "-v.wav"]
)
def test_any_file_name_is_read(tmp_path: Path, name: str) -> None:
    with open_audio(write(tmp_path / name, tones(1, 8000))) as audio:
        assert audio.duration_s == 1.0
    mp3 = encode(tmp_path / name.replace(".wav", ".mp3"), "libmp3lame", 8000, 1, 1)
    with open_audio(mp3) as audio:
        assert audio.duration_s == pytest.approx(1.0, abs=0.1)


def test_a_name_that_looks_like_an_address_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = encode(tmp_path / "made.mp3", "libmp3lame", 8000, 1, 1)
    made.rename(tmp_path / "concat:a.mp3")
    with open_audio(Path("concat:a.mp3")) as audio:
        assert audio.duration_s == pytest.approx(1.0, abs=0.1)


def test_a_link_out_of_the_folder_is_refused_only_where_that_is_asked(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside.wav", tones(1, 8000))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "out.wav").symlink_to(outside)
    write(inbox / "own.wav", tones(1, 8000))
    (inbox / "in.wav").symlink_to(inbox / "own.wav")
    (inbox / "loop.wav").symlink_to(inbox / "loop.wav")
    with pytest.raises(RecordingError, match="leads out of"):
        open_audio(inbox / "out.wav", within=inbox)
    for path, folder in ((inbox / "out.wav", None), (inbox / "in.wav", inbox)):
        with open_audio(path, within=folder) as audio:
            assert audio.duration_s == 1.0
    with pytest.raises(RecordingError, match="cannot be read"):
        open_audio(inbox / "loop.wav")


@pytest.mark.parametrize("what", ["missing", "folder", "fifo"])
def test_what_is_no_file_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    with pytest.raises(RecordingError, match="no such file" if what == "missing" else "is not a file"):
        open_audio(path)


def test_no_rights_to_read(tmp_path: Path) -> None:
    path = write(tmp_path / "secret.wav", tones(1, 8000))
    path.chmod(0)
    code = (
        "import os, sys\n"
        "from recordings import RecordingError\n"
        "from recordings.audio import open_audio\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try: open_audio(sys.argv[1])\n"
        "except RecordingError as error: print(error)\n"
    )
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and "pytest" in str(folder):
            folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert "may not be read by this user" in done.stdout


# --- memory, scratch, reading ---------------------------------------------------------------------------


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything longer than a second goes to the scratch file."""
    monkeypatch.setattr(audio_module, "IN_MEMORY_BYTES", 2 * RATE)
    return tmp_path / "scratch"


def test_scratch_and_memory_hold_the_same_samples(tmp_path: Path, scratch: Path) -> None:
    path = write(tmp_path / "a.wav", tones(10, 8000, 2))
    with open_audio(path, scratch=scratch) as long:
        audio_module.IN_MEMORY_BYTES = 1 << 30
        with open_audio(path) as short:
            assert (long.in_memory, short.in_memory) == (False, True)
            assert np.array_equal(long.read(), short.read())
        assert list(scratch.iterdir()) == []  # the file has no name from the start


def test_a_killed_process_leaves_nothing_behind(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tones(10, 8000))
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom recordings import audio\n"
        "audio.IN_MEMORY_BYTES = 32000\n"
        "held = audio.open_audio(sys.argv[1], scratch=Path(sys.argv[2]))\n"
        "assert not held.in_memory\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    folder = tmp_path / "scratch"
    done = subprocess.run([sys.executable, "-c", code, str(path), str(folder)], check=False)
    assert done.returncode == -9
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tones(60, 8000))
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "from recordings import RecordingError, audio\n"
        "audio.IN_MEMORY_BYTES = 32000\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "try: audio.open_audio(sys.argv[1], scratch=Path(sys.argv[2]))\n"
        "except RecordingError as error: print(error)\n"
    )
    folder = tmp_path / "scratch"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), str(folder)], capture_output=True, text=True, check=False
    )
    assert "scratch file for a long recording cannot be written" in done.stdout, done.stderr
    assert list(folder.iterdir()) == []


def test_too_little_room_is_seen_before_writing(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.wav", tones(10, 8000))
    real = audio_module.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(audio_module.shutil, "disk_usage", lambda _: real._replace(free=1000))
    with pytest.raises(RecordingError, match="make room there"):
        open_audio(path, scratch=scratch)


MEASURE = """
import resource, sys
from pathlib import Path
from recordings.audio import open_audio
with open_audio(sys.argv[1], scratch=Path(sys.argv[2])) as audio:
    energy = sum(float((block.samples ** 2).sum()) for block in audio.blocks(30.0))
    assert energy > 0 and not audio.in_memory
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_mib(path: Path, scratch: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), str(scratch)], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1024


@pytest.mark.parametrize(("suffix", "hours"), [("wav", 3), ("mp3", 1)])
def test_memory_is_flat_from_minutes_to_hours(tmp_path: Path, suffix: str, hours: int) -> None:
    """10 minutes against hours, both in the scratch file: within 15 MiB of each other."""
    minute = tones(60, 8000)
    frames = encode(tmp_path / "minute.mp3", "libmp3lame", 8000, 1, 60).read_bytes()
    peaks = []
    for minutes in (10, 60 * hours):
        path = tmp_path / f"{minutes}.{suffix}"
        if suffix == "mp3":
            path.write_bytes(frames * minutes)  # MP3 frames stand for themselves
        else:
            with soundfile.SoundFile(path, "w", 8000, 1, subtype="ULAW") as file:
                for _ in range(minutes):
                    file.write(minute)
        peaks.append(peak_mib(path, tmp_path / "scratch"))
        path.unlink()
    assert peaks[1] - peaks[0] < 15, peaks


def test_read_is_clipped_and_channels_are_apart(tmp_path: Path) -> None:
    with open_audio(write(tmp_path / "a.wav", tones(2, 16000, 2), 16000)) as audio:
        assert audio.read().shape == (2, 32000)
        assert audio.read(1.5, 9.0).shape == (2, 8000)
        assert audio.read(-1.0, 0.5).shape == (2, 8000)
        assert audio.read(5.0, 6.0).shape == (2, 0)
        assert audio.read(1.0, 0.5).shape == (2, 0)
        one = audio.read(0.0, 1.0, channel=1)
        assert one.shape == (1, 16000)
        assert one.dtype == np.float32
        assert pitch(one[0]) == pytest.approx(1000, abs=2)
        with pytest.raises(RecordingError, match="no channel 2; it has 0 to 1"):
            audio.read(channel=2)
    with pytest.raises(RecordingError, match="was closed"):
        audio.read()


@given(seconds=st.floats(0.06, 5), block=st.floats(0.05, 3), share=st.floats(0, 0.9))
@hypothesis_settings(max_examples=60, deadline=None)
def test_blocks_cover_every_sample_once_beside_their_overlap(
    seconds: float, block: float, share: float
) -> None:
    samples = np.random.default_rng(1).uniform(-0.9, 0.9, (1, round(seconds * RATE))).astype(np.float32)
    audio = Audio.from_samples(samples)
    overlap = round(block * share * RATE) / RATE
    parts = list(audio.blocks(block, overlap))
    shared = round(overlap * RATE)
    joined = np.concatenate(
        [p.samples if i == 0 else p.samples[:, shared:] for i, p in enumerate(parts)], axis=1
    )
    assert np.array_equal(joined, audio.read())
    assert [round(p.start_s * RATE) for p in parts] == [
        i * (round(block * RATE) - shared) for i in range(len(parts))
    ]


def test_an_overlap_as_long_as_the_block_is_refused() -> None:
    with pytest.raises(RecordingError, match="does not fit"):
        list(Audio.from_samples(np.zeros(RATE)).blocks(1.0, 1.0))


# --- channels -------------------------------------------------------------------------------------------


def stereo(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.stack([left, right], axis=1)


TONE, OTHER = tones(3, 8000, 2).T
NOISE = np.random.default_rng(0).normal(0, 0.002, len(TONE))


@pytest.mark.parametrize(
    ("samples", "silent", "duplicates", "distinct"),
    [
        (stereo(TONE, OTHER), (), (), (0, 1)),
        (stereo(TONE, TONE), (), ((1, 0),), (0,)),
        (stereo(TONE, TONE + NOISE), (), ((1, 0),), (0,)),
        (stereo(TONE, 0.8 * TONE), (), (), (0, 1)),  # near miss: the same at another level is bleeding
        (stereo(TONE, 0 * TONE), (1,), (), (0,)),
        (stereo(0 * TONE, TONE), (0,), (), (1,)),
        (stereo(TONE, NOISE), (), (), (0, 1)),
        (stereo(0 * TONE, 0 * TONE), (0, 1), (), (0,)),
    ],
)
def test_channels_alike_and_empty_are_found(
    tmp_path: Path,
    samples: np.ndarray,
    silent: tuple[int, ...],
    duplicates: tuple[tuple[int, int], ...],
    distinct: tuple[int, ...],
) -> None:
    for subtype in ("PCM_16", "ULAW", "ALAW"):
        with open_audio(write(tmp_path / "a.wav", samples, subtype=subtype)) as audio:
            assert (audio.silent, audio.duplicates, audio.distinct) == (silent, duplicates, distinct), subtype
            assert bool(audio.notes) == bool(silent or duplicates)


def test_three_seconds_of_silence_are_a_recording(tmp_path: Path) -> None:
    with open_audio(write(tmp_path / "a.wav", np.zeros((24000, 1)))) as audio:
        assert audio.duration_s == 3.0
        assert audio.notes == ("holds nothing but silence",)


# --- playback -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "channels", "expected_rate"), [(8000, 2, 8000), (16000, 1, 16000), (48000, 2, 16000)]
)
def test_the_playback_copy_sounds_the_same(
    tmp_path: Path, rate: int, channels: int, expected_rate: int
) -> None:
    path = write(tmp_path / "a.wav", tones(3, rate, channels), rate)
    copy = playback_copy(path, tmp_path / "audio" / "copy.flac")
    info = soundfile.info(str(copy))
    assert (info.format, info.samplerate, info.channels) == ("FLAC", expected_rate, channels)
    assert info.duration == pytest.approx(3.0, abs=0.001)
    samples, _ = soundfile.read(copy, dtype="float32", always_2d=True)
    assert [pitch(c, expected_rate) for c in samples.T] == pytest.approx(TONES_HZ[:channels], abs=2)
    assert [p.name for p in copy.parent.iterdir()] == ["copy.flac"]


def test_a_failed_playback_copy_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound\n")
    with pytest.raises(RecordingError):
        playback_copy(tmp_path / "text.wav", tmp_path / "audio/copy.flac")
    cut = tmp_path / "empty.wav"
    write(cut, np.zeros((0, 1)))
    with pytest.raises(RecordingError, match="no sound"):
        playback_copy(cut, tmp_path / "audio/copy.flac")
    assert list((tmp_path / "audio").glob("*")) == []
