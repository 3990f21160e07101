"""Memory and time of listening and measuring alone: ``python -m pipelines.signals.memory AUDIO``.

The recording is repeated to each length and taken through the sound step and the measures in a process of its
own, without recogniser and diarization: every stretch of speech is a turn without words.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from pipelines.bench import repeat
from pipelines.measure import Measure
from pipelines.sounds import Sounds
from pipelines.steps import Source, silent
from pipelines.values import Sounds as Heard
from pipelines.values import Speakers, SpeakerSpan, Transcript, Turns
from recordings import Recording, Turn
from recordings.audio import open_audio

ROLES = ("agent", "customer")


def listen_and_measure(path: Path) -> dict[str, float]:
    """Seconds of sound, seconds of processor time in either step, peak memory of the process in MiB."""
    with open_audio(path) as audio:
        started = time.process_time()
        sounds: Heard = Sounds().run({"audio": audio}, silent)["sounds"]
        heard = time.process_time()
        turns = _turns(sounds)
        given = {
            "audio": audio,
            "sounds": sounds,
            "speakers": Speakers(spans=tuple(_span(turn) for turn in turns.turns)),
            "roles": turns,
            "transcript": Transcript(language="en"),
            "source": Source(path=path, recording=Recording(id=path.stem)),
        }
        Measure().run(given, silent)
        measured = time.process_time()
        return {
            "sound_s": round(audio.duration_s, 1),
            "sounds_s": round(heard - started, 2),
            "measure_s": round(measured - heard, 2),
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


def _turns(sounds: Heard) -> Turns:
    speech = sounds.of("speech")
    several = len({s.channel for s in speech}) > 1
    return Turns(
        turns=tuple(
            Turn(index=i, role=role, speaker=role, channel=s.channel, start=s.start, end=s.end, text="")
            for i, s in enumerate(speech)
            for role in [ROLES[(s.channel if several else i) % 2]]
        )
    )


def _span(turn: Turn) -> SpeakerSpan:
    return SpeakerSpan(
        speaker=turn.speaker or "", channel=turn.channel or 0, start=turn.start or 0, end=turn.end or 0
    )


def main() -> None:
    """Print one line of JSON for each length."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("audio", type=Path)
    parser.add_argument("--minutes", default="5,180", help="lengths, comma-separated (default 5,180)")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for minutes in told.minutes.split(","):
            target = Path(folder) / f"{minutes}.wav"
            repeat(told.audio, float(minutes) * 60, target)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                found = pool.submit(listen_and_measure, target).result()
            sys.stdout.write(json.dumps({"minutes": float(minutes), **found}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
