"""From a timeline to what the recorder would have written: legs, line, codec, channels."""

from dataclasses import dataclass

import numpy as np

from recordings.conversation import Conversation
from recordings.synthesis.codecs import through_codec
from recordings.synthesis.engines import RATE, Samples
from recordings.synthesis.script import Behind, CallScript, Side
from recordings.synthesis.sounds import radio, sound
from recordings.synthesis.timeline import SayIt, Timeline, lay_out
from recordings.synthesis.truth import truth

ECHO_DELAY_S = 0.14
SIDES: tuple[Side, Side] = ("agent", "customer")


@dataclass(frozen=True)
class RenderedCall:
    """A call as recorded: ``audio`` float32 ``(channels, samples)`` at ``rate`` Hz, with its truth."""

    script: CallScript
    audio: Samples
    rate: int
    truth: Conversation


def render(script: CallScript, say: SayIt) -> RenderedCall:
    """Render a script with a source of utterances (``Store.say`` or ``bank.say``); deterministic."""
    line = lay_out(script, say)
    legs = _legs(script, line, say)
    if script.channels:
        audio = np.stack([legs[side] for side in script.channels])
    else:
        audio = ((legs["agent"] + legs["customer"]) * np.float32(0.8)).reshape(1, -1)
    audio = np.stack([_recorded(channel, script) for channel in audio])
    seconds = round(audio.shape[1] / RATE, 3)
    return RenderedCall(script, audio, RATE, truth(script, line, seconds=seconds, rate=RATE, sha256=None))


def _legs(script: CallScript, line: Timeline, say: SayIt) -> dict[Side, Samples]:
    length = round(line.seconds * RATE)
    rng = np.random.default_rng([script.seed, 7])
    legs: dict[Side, Samples] = {side: np.zeros(length, np.float32) for side in SIDES}
    for turn in line.turns:
        _add(legs[turn.side], turn.audio, turn.start)
    spoken = {side: leg.copy() for side, leg in legs.items()}
    for item in line.sounds:
        _add(legs[item.side], item.audio, item.start)
    for extra in script.behind:
        _add(legs[extra.on], _behind(script, extra, line.seconds, rng, say), extra.start)
    _leak(script, legs, spoken)
    for side in SIDES:
        kind = script.line.noise.get(side, "comfort")
        noise = sound("noise", kind, line.seconds, int(rng.integers(1 << 31)), RATE)
        legs[side] += _fit(noise, length) * np.float32(10 ** ((script.line.noise_db + 40) / 20))
    for side, start, end in line.dead:
        legs[side][round(start * RATE) : round(end * RATE)] = 0
    return legs


def _behind(
    script: CallScript, extra: Behind, seconds: float, rng: np.random.Generator, say: SayIt
) -> Samples:
    """A sound behind the talk at its level (RMS, dB relative to full scale)."""
    until = min(seconds, extra.end if extra.end is not None else seconds)
    lasting = max(0.1, until - extra.start)
    seed = int(rng.integers(1 << 31))
    if extra.sound == "radio":
        texts = [step.text for step in script.dialogue if hasattr(step, "text")]
        host = script.speakers.get("customer2") or script.speakers["agent"]
        talk = np.concatenate([say(host.voice, text, host.speed) for text in texts[:12]])
        talk = np.resize(talk, round(lasting * RATE))
        audio, now_db = radio(talk, extra.kind, seed, RATE), -30.5
    else:
        audio = sound(extra.sound, extra.kind, lasting, seed, RATE)
        now_db = -20.0 if extra.sound == "music" else -40.0
    scaled: Samples = (audio * 10 ** ((extra.level_db - now_db) / 20)).astype(np.float32)
    return scaled


def _leak(script: CallScript, legs: dict[Side, Samples], spoken: dict[Side, Samples]) -> None:
    """Echo of the agent in the customer's leg, and cross-talk between the legs."""
    if script.line.echo_db is not None:
        gain = np.float32(10 ** (script.line.echo_db / 20))
        late = round(ECHO_DELAY_S * RATE)
        legs["customer"][late:] += spoken["agent"][:-late] * gain
    if script.line.crosstalk_db is not None:
        gain = np.float32(10 ** (script.line.crosstalk_db / 20))
        before = {side: leg.copy() for side, leg in legs.items()}
        legs["agent"] += before["customer"] * gain
        legs["customer"] += before["agent"] * gain


def _recorded(channel: Samples, script: CallScript) -> Samples:
    if script.line.clip_db is not None:
        channel = channel * np.float32(10 ** (script.line.clip_db / 20))
    return through_codec(np.clip(channel, -0.99, 0.99).astype(np.float32), script.line.codec, RATE)


def _add(leg: Samples, audio: Samples, start: float) -> None:
    first = round(start * RATE)
    piece = audio[: max(0, len(leg) - first)]
    leg[first : first + len(piece)] += piece


def _fit(audio: Samples, length: int) -> Samples:
    return np.pad(audio[:length], (0, max(0, length - len(audio))))
