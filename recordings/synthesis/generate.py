"""Calls drawn from a seed, with known truth: for tuning and for measuring what the pipeline hears.

``generated_call("held-out", 7)`` is always the same call. The halves share no voice, no wording, no style of
music, no tone and no noise (but comfort noise): tune on the one, measure once on the others. The second
held-out half has the sounds of the first, other voices and several wordings of each kind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from recordings.synthesis import bank
from recordings.synthesis.engines import Samples
from recordings.synthesis.mix import RenderedCall, render
from recordings.synthesis.phrases import phrases
from recordings.synthesis.script import (
    Behind,
    CallScript,
    Codec,
    Hold,
    HoldSound,
    Line,
    Say,
    Side,
    Silence,
    Speaker,
    SpeakerKey,
    Step,
    Tone,
)
from recordings.synthesis.sounds import Half as SoundsHalf
from recordings.synthesis.sounds import kinds
from recordings.synthesis.voices import Half

COUNT = 50
_STREAM: Mapping[Half, int] = {"tuning": 1, "held-out": 2, "held-out-2": 3}
CHAIN = ("asked", "reason", "time_estimate", "thanked", "check_in", "transfer")
HoldAsk = Literal["full", "no_time", "no_reason", "told"]
_CODECS: tuple[Codec, ...] = ("ulaw", "alaw", "gsm", "amr", "opus-low")
_ASKED: Mapping[HoldAsk, dict[str, bool]] = {
    "full": {"asked": True, "reason": True, "time_estimate": True},
    "no_time": {"asked": True, "reason": True, "time_estimate": False},
    "no_reason": {"asked": True, "reason": False, "time_estimate": True},
    "told": {"asked": False, "reason": False, "time_estimate": False},
}


@dataclass
class _Draw:
    """The dice of one call and what has been decided so far."""

    rng: np.random.Generator
    language: Literal["en", "de"]
    half: Half
    sounds: SoundsHalf
    steps: list[Step] = field(default_factory=list)
    chain: list[dict[str, bool]] = field(default_factory=list)
    agent: SpeakerKey = "agent"

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def between(self, low: float, high: float) -> float:
        return round(float(self.rng.uniform(low, high)), 2)

    def pick(self, items: tuple[str, ...]) -> str:
        return items[int(self.rng.integers(len(items)))]

    def words(self, side: Side, purpose: str) -> str:
        return self.pick(phrases(self.language, self.half)[side][purpose])

    def say(self, side: Side, purpose: str, **how: float) -> None:
        speaker: SpeakerKey = self.agent if side == "agent" else "customer"
        self.steps.append(Say(speaker=speaker, text=self.words(side, purpose), **how))


def generated_script(
    half: Half, number: int, *, sounding: bool = False
) -> tuple[CallScript, tuple[dict[str, bool], ...]]:
    """The script of one generated call, and per hold which steps of the hold chain were kept. ``sounding``:
    music or a radio always lies behind the talk, not only now and then."""
    rng = np.random.default_rng([20_260, _STREAM[half], number])
    sounds: SoundsHalf = "tuning" if half == "tuning" else "held-out"
    draw = _Draw(rng, "de" if rng.random() < 0.4 else "en", half, sounds)
    _opening(draw)
    for part in rng.permutation(
        ["hold", "hold?", "story", "search", "dead", "questions", "explain", "pause"]
    ):
        _part(draw, str(part))
    _ending(draw)
    mono = draw.chance(0.35)
    sides: tuple[Side, ...] = ("agent", "customer") if draw.chance(0.5) else ("customer", "agent")
    script = CallScript(
        id=f"{half}-{number:03d}",
        language=draw.language,
        channels=() if mono else sides,
        seed=int(rng.integers(1 << 31)),
        speakers=_speakers(draw),
        line=_line(draw),
        behind=_behind(draw, sounding),
        dialogue=tuple(draw.steps),
    )
    return script, tuple(draw.chain)


def generated_call(half: Half, number: int, *, sounding: bool = False) -> RenderedCall:
    """One generated call, rendered from the bank. ``truth.signals["hold_chain"]`` lists, per hold in order:
    asked, reason, time_estimate, thanked, check_in (it ends with a check-in, another stretch follows) and
    transfer (music while being put through: what was asked is the transfer)."""
    script, chain = generated_script(half, number, sounding=sounding)
    call = render(script, _say)
    signals = {**call.truth.signals, "hold_chain": list(chain)}
    true = call.truth.model_copy(update={"signals": signals})
    return RenderedCall(call.script, call.audio, call.rate, true)


def generated_calls(half: Half, count: int = COUNT) -> Iterator[RenderedCall]:
    """The first ``count`` calls of a half, one at a time."""
    for number in range(count):
        yield generated_call(half, number)


def _say(voice: str, text: str, speed: float) -> Samples:
    del speed  # the bank is spoken at one pace; Speaker.shift varies it
    return bank.say(voice, text)


def _opening(draw: _Draw) -> None:
    if draw.chance(0.3):
        tones = tuple(k for k in kinds("tone", draw.sounds) if k != "dtmf")
        draw.steps.append(Tone(kind=draw.pick(tones), seconds=draw.between(3, 9)))
    elif draw.chance(0.05):
        _wait(draw, "music", False)  # the recording starts on hold
        draw.chain.append(dict.fromkeys(CHAIN, False))
    draw.say("agent", "greet")
    draw.say("customer", "problem")
    if draw.chance(0.5):
        draw.say("agent", "backchannel", under=draw.between(1.5, 3))
    if draw.chance(0.6):
        draw.say("agent", "empathy")
    draw.say("agent", "ask_number", gap=draw.between(0.3, 1.2))
    draw.say("customer", "number")


def _part(draw: _Draw, part: str) -> None:
    if part == "hold" or (part == "hold?" and draw.chance(0.5)):
        _hold(draw)
    elif part == "story":
        _story(draw)
    elif part == "search" and draw.chance(0.5):
        draw.say("agent", "search")
        draw.steps.append(Silence(seconds=draw.between(4, 16), announced=True, typing=draw.chance(0.4)))
    elif part == "dead" and draw.chance(0.6):
        draw.steps.append(Silence(seconds=draw.between(8.8, 20), typing=draw.chance(0.3)))
        draw.say("agent", "back")
    elif part == "questions":
        for _ in range(int(draw.rng.integers(1, 4))):
            draw.say("agent", "ask")
            draw.say("customer", "answer", gap=draw.between(0.1, 1.5))
    elif part == "explain":
        draw.say("agent", "explain")
        if draw.chance(0.6):
            draw.say("customer", "backchannel", under=draw.between(1.2, 4))
        if draw.chance(0.25):
            draw.say("customer", "ask", cuts_in=draw.between(1.2, 2.5), yields_after=draw.between(0.4, 0.7))
        else:
            draw.say("customer", "ask")
    elif part == "pause" and draw.chance(0.5):
        draw.steps.append(Silence(seconds=draw.between(3.3, 7)))


def _story(draw: _Draw) -> None:
    draw.say("customer", "long")
    for at in (2.0, 5.0):
        if draw.chance(0.4):
            draw.say("agent", "backchannel", under=at + draw.between(-0.4, 0.4))
    if draw.chance(0.35):
        draw.say("agent", "cut", cuts_in=draw.between(1.4, 3.5), yields_after=draw.between(0.3, 0.8))
        draw.say("customer", "ask")


def _hold(draw: _Draw) -> None:
    sound: HoldSound = draw.rng.choice(
        ["music", "comfort", "silence", "muted", "cut"], p=[0.52, 0.15, 0.12, 0.15, 0.06]
    )
    ask: HoldAsk = draw.rng.choice(["full", "no_time", "no_reason", "told"], p=[0.45, 0.2, 0.15, 0.2])
    draw.say("agent", f"hold_{ask}")
    if ask != "told":
        draw.say("customer", "consent")
    stretches = 2 if sound != "cut" and draw.chance(0.25) else 1
    for stretch in range(stretches):
        first, last = stretch == 0, stretch == stretches - 1
        _wait(draw, sound, True)
        steps = {**(_ASKED[ask] if first else _ASKED["full"]), "check_in": not last}
        steps["thanked"] = last and draw.chance(0.65)
        if sound != "cut":
            draw.chain.append({**steps, "transfer": False})
        if not last:
            draw.say("agent", "check_in", gap=draw.between(0.3, 0.9))
            draw.say("customer", "consent")
        else:
            draw.say("agent", "thank" if steps["thanked"] else "back", gap=draw.between(0.3, 0.9))


def _wait(draw: _Draw, sound: HoldSound, announced: bool) -> None:
    kind = None
    if sound == "music":
        kind = draw.pick(kinds("music", draw.sounds))
    elif sound == "comfort":
        kind = draw.pick(tuple(k for k in kinds("noise", draw.sounds) if k.startswith("comfort")))
    seconds = draw.between(9, 30) if draw.chance(0.55) else draw.between(30, 62)
    draw.steps.append(Hold(seconds=seconds, sound=sound, kind=kind, announced=announced))


def _ending(draw: _Draw) -> None:
    if draw.chance(0.2):
        draw.say("agent", "transfer")
        draw.say("customer", "consent")
        kind = draw.pick(kinds("music", draw.sounds))
        draw.steps.append(Hold(seconds=draw.between(8, 35), sound="music", kind=kind, transfer=True))
        draw.chain.append({**dict.fromkeys(CHAIN, False), "asked": True, "reason": True, "transfer": True})
        draw.agent = "agent2"
        draw.say("agent", "greet_second", gap=0.5)
        draw.say("customer", "okay")
    if draw.chance(0.04):  # the customer hangs up while on hold
        draw.say("agent", "hold_told")
        _wait(draw, "music", True)
        draw.chain.append(dict.fromkeys(CHAIN, False))
        return
    draw.say("agent", "solve")
    draw.say("customer", "okay")
    draw.say("agent", "more")
    draw.say("customer", "no_more")
    draw.say("agent", "bye")
    draw.say("customer", "bye")


def _speakers(draw: _Draw) -> dict[SpeakerKey, Speaker]:
    first, second = draw.rng.permutation(bank.bank_voices(draw.language, draw.half))[:2]

    def speaker(name: str, low: float, high: float) -> Speaker:
        return Speaker(voice=name, shift=draw.between(low, high), gain_db=draw.between(-5, 4))

    return {
        "agent": speaker(str(first), 0.93, 1.07),
        "customer": speaker(str(second), 0.93, 1.07),
        "agent2": speaker(str(first), 1.12, 1.18),
        "customer2": speaker(str(first), 0.82, 0.88),
    }


def _line(draw: _Draw) -> Line:
    noises = kinds("noise", draw.sounds)
    return Line(
        noise={"agent": draw.pick(noises), "customer": draw.pick(noises)},
        noise_db=draw.between(-66, -46),
        echo_db=draw.between(-34, -22) if draw.chance(0.2) else None,
        crosstalk_db=draw.between(-40, -27) if draw.chance(0.25) else None,
        clip_db=draw.between(8, 14) if draw.chance(0.06) else None,
        codec=draw.rng.choice(_CODECS, p=[0.35, 0.25, 0.15, 0.1, 0.15]),
    )


def _behind(draw: _Draw, sounding: bool) -> tuple[Behind, ...]:
    if not draw.chance(0.3) and not sounding:
        return ()
    side: Side = "customer" if draw.chance(0.8) else "agent"
    if draw.chance(0.4):
        kind = draw.pick(kinds("music", draw.sounds))
        return (Behind(sound="radio", kind=kind, on="customer", level_db=draw.between(-40, -32)),)
    if draw.chance(0.6) or sounding:
        kind = draw.pick(kinds("music", draw.sounds))
        return (Behind(sound="music", kind=kind, on=side, level_db=draw.between(-40, -32)),)
    noise = draw.pick(kinds("noise", draw.sounds))
    return (Behind(sound="noise", kind=noise, on=side, level_db=draw.between(-44, -36)),)
