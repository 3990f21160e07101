"""Rendering scripts to files: Opus at telephone quality with the truth beside it."""

import hashlib
from pathlib import Path

from recordings.documents import write_atomically
from recordings.errors import RecordingError
from recordings.synthesis.codecs import encode_opus
from recordings.synthesis.mix import render
from recordings.synthesis.script import read_script
from recordings.synthesis.voices import Store

MAX_BYTES = 500_000
BITS_PER_SECOND = {1: 18_000, 2: 24_000}


def scripts_in(path: Path) -> tuple[Path, ...]:
    """The scripts of a folder, or the one script named; raises RecordingError where there is none."""
    found = [path] if path.is_file() else sorted(path.glob("*.yaml"))
    found = [script for script in found if not script.name.endswith(".gold.yaml")]
    if not found:
        raise RecordingError(f"{path}: no scripts (*.yaml) there")
    return tuple(found)


def render_file(path: Path, store: Store) -> Path:
    """Render one script to ``<stem>.opus`` and ``<stem>.truth.json`` beside it; returns the audio's path.

    The same script and utterances give the same bytes. The bit rate is lowered where the file would pass
    500 kB.
    """
    script = read_script(path)
    if script.id != path.stem:
        raise RecordingError(f"{path}: id is {script.id!r}, expected the file's name {path.stem!r}")
    voices = {speaker.voice for speaker in script.speakers.values()}
    call = render(script, store.say)
    seconds = call.audio.shape[1] / call.rate
    bits = min(BITS_PER_SECOND[len(call.audio)], int(0.88 * MAX_BYTES * 8 / seconds))
    data = encode_opus(call.audio, call.rate, bits)
    if len(data) > MAX_BYTES:
        raise RecordingError(f"{path}: {len(data)} bytes of Opus, at most {MAX_BYTES}; shorten the call")
    audio = path.with_suffix(".opus")
    recording = call.truth.recording.model_copy(
        update={"sha256": hashlib.sha256(data).hexdigest(), "file_name": audio.name}
    )
    write_atomically(audio, data)
    made_by = call.truth.made_by
    if made_by is not None:
        made_by = made_by.model_copy(update={"options": {**made_by.options, "voices": sorted(voices)}})
    true = call.truth.model_copy(update={"recording": recording, "made_by": made_by})
    true.write(path.with_suffix(".truth.json"))
    return audio
