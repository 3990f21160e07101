"""The sound of a good example: the stretch alone, cut from the call's copy, so that whoever may hear the
example reaches no second more of the call."""

import io

from database.engine import reading
from database.errors import DatabaseError
from database.examples import ExampleLine, one_example
from database.people import person_behind
from qa_app.context import shared_engine, shared_settings
from qa_app.listening import note_listening

BLOCK_S = 30


def example_sound(secret: str | None, example_id: int) -> bytes | None:
    """The example as FLAC for whoever holds the cookie; None where there is none that they may hear. The
    listening is logged with the call, so that its agent sees it."""
    with reading(shared_engine()) as session:
        person, _ = person_behind(session, secret)
        if person is None:
            return None
        try:
            line = one_example(session, person.viewer, example_id)
        except DatabaseError:
            return None
    cut = _cut(line)
    if cut is not None:
        note_listening(shared_engine(), person, line.call.id or 0, {"example": example_id})
    return cut


def _cut(line: ExampleLine) -> bytes | None:
    import soundfile  # with numpy a quarter of a second of the app's start

    folder = shared_settings().audio_path.resolve()
    path = (folder / line.call.playback).resolve() if line.call.playback else None
    if path is None or path.parent != folder or not path.is_file():
        return None
    out = io.BytesIO()
    try:
        with soundfile.SoundFile(path) as sound:
            rate = sound.samplerate
            start = min(int(line.example.start * rate), sound.frames)
            left = min(int(line.example.end * rate), sound.frames) - start
            sound.seek(start)
            with soundfile.SoundFile(out, "w", rate, sound.channels, "PCM_16", format="FLAC") as target:
                while left > 0:
                    block = sound.read(min(left, BLOCK_S * rate), dtype="int16", always_2d=True)
                    if not len(block):
                        break
                    target.write(block)
                    left -= len(block)
    except (OSError, soundfile.SoundFileError):
        return None
    return out.getvalue()
