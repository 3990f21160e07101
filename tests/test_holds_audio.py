"""Holds from sound and words: what is one, where it starts and ends, and what only looks like one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from signal_calls import Row, measured, turns

from pipelines.measure import measure
from pipelines.signals.activity import Activity, Talk
from pipelines.signals.hold_evidence import Heard
from pipelines.signals.holds import cut_out, find_holds
from pipelines.signals.levels import STEP_S, Levels
from pipelines.signals.music_edges import sets_in
from pipelines.signals.telephony import read_records
from pipelines.values import Measures, Sounds
from recordings.audio import RATE
from recordings.synthesis.sounds import sound

Span = tuple[float, float]
ASK: Row = ("agent", 2, 5, "Would you mind holding for two minutes while I check?")
YES: Row = ("customer", 5.5, 6, "Sure.")


def levels(duration: float, *loud: tuple[float, float, float], pause_db: float = -60.0) -> Levels:
    db = np.full(round(duration / STEP_S), pause_db, np.float32)
    for start, end, value in loud:
        db[round(start / STEP_S) : round(end / STEP_S)] = value
    return Levels(db=db, clipped=0.0, dc=0.0, peak=0.5)


def holds(
    *rows: Row,
    duration: float,
    music: tuple[Span, ...] = (),
    loud: tuple[tuple[float, float, float], ...] = (),
    mono: bool = False,
    language: str = "en",
    talking_too: tuple[Span, ...] = (),
    unheard_s: float = 0.0,
    silent: tuple[int, ...] = (),
) -> list[tuple[float, float, bool | None]]:
    """``talking_too``: what a listener takes for the agent's talk besides; ``unheard_s``: how much of the
    start of the last turn it sleeps through; ``silent``: turns in which it hears no talk at all."""
    said = turns(*rows)
    talks = tuple(Talk(t.start or 0, t.end or 0, t.role, t.speaker, t.channel or 0)
                  for t in said if t.index not in silent)  # fmt: skip
    talks = (*talks[:-1], replace(talks[-1], start=talks[-1].start + unheard_s))
    talks = tuple(sorted((*talks, *(Talk(s, e, "agent") for s, e in talking_too)), key=lambda t: t.start))
    talking = tuple((t.start or 0, t.end or 0, -20.0) for t in said
                    if (mono or t.role != "customer") and t.index not in silent)  # fmt: skip
    heard = Heard(
        activity=Activity(talks, by_channel=not mono),
        turns=said,
        duration_s=duration,
        music=music,
        levels=levels(duration, *talking, *loud),
        language=language,
    )
    return [(h.start or 0, h.end or 0, h.music) for h in find_holds(heard).holds]


@pytest.mark.parametrize("mono", [False, True])
def test_music_after_asking_is_a_hold(mono: bool) -> None:
    back: Row = ("agent", 50, 52, "Thanks for holding.")
    found = holds(ASK, YES, back, duration=60, music=((6.6, 49.6),), loud=((6.5, 49.5, -25),), mono=mono)
    assert found == [(pytest.approx(6.5, abs=0.3), pytest.approx(49.5, abs=0.3), True)]


@pytest.mark.parametrize("mono", [False, True])
def test_music_that_sets_in_like_a_voice_is_no_talk(mono: bool) -> None:
    back: Row = ("agent", 50, 52, "Thanks for holding.")
    ((start, end, _),) = holds(ASK, YES, back, duration=60, music=((7.2, 49.6),), loud=((6.5, 49.5, -25),),
                               mono=mono, talking_too=((6.5, 8.1),))  # fmt: skip
    assert (start, end) == (pytest.approx(6.5, abs=0.3), pytest.approx(49.5, abs=0.3))


@pytest.mark.parametrize("mono", [False, True])
def test_plucked_music_begins_with_its_first_note_and_ends_with_its_last(mono: bool) -> None:
    back: Row = ("agent", 53, 55, "Thanks for holding.")
    notes = tuple((at, at + 0.5, -25.0) for at in np.arange(8.0, 50.0, 0.9))
    ((start, end, _),) = holds(ASK, YES, back, duration=60, music=((10.6, 46.9),), loud=notes, mono=mono)
    assert (start, end) == (pytest.approx(8.0, abs=0.5), pytest.approx(50.3, abs=0.6))


@pytest.mark.parametrize("mono", [False, True])
def test_first_words_that_a_listener_sleeps_through_end_no_hold_late(mono: bool) -> None:
    back: Row = ("agent", 50.2, 54, "Right, I am back. Thanks for holding.")
    ((_, end, _),) = holds(ASK, YES, back, duration=60, music=((6.6, 49.9),), loud=((6.5, 49.5, -25),),
                           mono=mono, unheard_s=1.6)  # fmt: skip
    assert end == pytest.approx(49.5, abs=0.3)


@pytest.mark.parametrize("mono", [False, True])
def test_words_that_a_recogniser_finds_in_the_music_split_no_hold(mono: bool) -> None:
    lyrics: Row = ("agent", 25, 28, "Baby come back to me tonight.")
    back: Row = ("agent", 50, 52, "Thanks for holding.")
    rows = (ASK, YES, lyrics, back)
    ((start, end, _),) = holds(*rows, duration=60, music=((6.6, 49.6),), loud=((6.5, 49.5, -25),), mono=mono,
                               silent=(2,))  # fmt: skip
    assert (start, end) == (pytest.approx(6.5, abs=0.3), pytest.approx(49.5, abs=0.3))


@pytest.mark.parametrize("mono", [False, True])
def test_talk_that_was_not_understood_at_first_still_ends_the_hold(mono: bool) -> None:
    """Words are known from six seconds after the agent is back: the talk before is talk, but for what lies
    near the music."""
    back: Row = ("agent", 56, 60, "Thanks for holding, I have it here.")
    loud = ((6.5, 49.5, -25), (50, 56, -20))
    ((_, end, _),) = holds(ASK, YES, back, duration=70, music=((6.6, 49.6),), loud=loud, mono=mono,
                           talking_too=((50.0, 56.0),))  # fmt: skip
    assert end == pytest.approx(49.5, abs=2.5)


@pytest.mark.parametrize(
    ("sorry", "language"),
    [("Hello, sorry you were on hold so long.", "en"), ("Entschuldigung für die Warteschleife.", "de")],
)
def test_a_word_on_the_wait_is_no_new_hold(sorry: str, language: str) -> None:
    search = {
        "en": "One moment please, I am looking that up.",
        "de": "Einen Moment bitte, ich suche das heraus.",
    }
    thanks = {"en": "Thank you for your patience.", "de": "Vielen Dank für Ihre Geduld."}
    rows: list[Row] = [
        ("agent", 2, 6, search[language]),
        ("agent", 25, 27, sorry),
        ("customer", 27.5, 28, "Ja." if language == "de" else "Yes."),
        ("agent", 28.5, 30, thanks[language]),
    ]
    assert [(round(s), round(e)) for s, e, _ in holds(*rows, duration=40, language=language)] == [(6, 25)]


@pytest.mark.parametrize(
    ("loud", "start"),
    [
        pytest.param(((10, 30, -25),), 10.0, id="from a pause"),
        pytest.param(((7, 9.9, -45), (10, 30, -25)), 10.0, id="not from a noise that is half as loud"),
        pytest.param(((10, 13, -25), (13.6, 30, -25)), 10.0, id="a rest is music"),
        pytest.param(((3, 30, -25),), None, id="music all along: nothing rises"),
        pytest.param(((3, 30, -59),), None, id="a step of one decibel is none"),
        pytest.param(((3, 11.2, -40), (11.2, 30, -34)), None, id="louder music later, where music was heard"),
    ],
)
def test_music_begins_where_the_level_rises_from_that_of_a_pause(
    loud: tuple[tuple[float, float, float], ...], start: float | None
) -> None:
    heard = levels(40.0, *loud)
    found, end = sets_in(heard, -60.0, (10.8, 29.0), (6.0, 33.0))
    assert found == (None if start is None else pytest.approx(start, abs=0.11))
    if loud[-1][2] > -50:
        assert end == pytest.approx(30.0, abs=0.11)


def test_where_there_is_too_little_sound_no_edge_is_told() -> None:
    assert sets_in(levels(0.0), -60.0, (0.0, 0.0), (0.0, 0.0)) == (None, None)
    assert sets_in(levels(12.0, (0, 12, -25)), -60.0, (0.0, 12.0), (0.0, 12.0)) == (None, None)
    assert sets_in(levels(5.0, (4.9, 5, -25)), -60.0, (4.9, 5.0), (4.8, 5.0)) == (None, None)


def test_thanks_for_another_hold_tell_nothing_of_a_silence_before_it() -> None:
    search: Row = ("agent", 10, 13, "One moment please, I am just looking that up.")
    asks: Row = ("agent", 20, 24, "May I put you on hold for two minutes while I check?")
    back: Row = ("agent", 25, 27, "Thank you so much for holding.")  # the recorder left the wait out
    assert holds(search, asks, back, duration=40) == []


@pytest.mark.parametrize("mono", [False, True])
def test_a_check_in_ends_one_hold_and_starts_another(mono: bool) -> None:
    rows: list[Row] = [
        ASK,
        YES,
        ("agent", 30, 33, "I am still looking, is one more minute okay?"),
        ("customer", 33.5, 34, "Yes."),
        ("agent", 60, 62, "Thank you for waiting."),
    ]
    with_music = holds(*rows, duration=70, music=((6.5, 29.5), (34.5, 59.5)),
                       loud=((6.5, 29.5, -25), (34.5, 59.5, -25)), mono=mono)  # fmt: skip
    in_silence = holds(*rows, duration=70, mono=mono)
    assert [(round(s), round(e)) for s, e, _ in with_music] == [(6, 30), (34, 60)]
    assert [(round(s), round(e), m) for s, e, m in in_silence] == [(6, 30, False), (34, 60, False)]


@pytest.mark.parametrize(
    ("words", "after", "language", "expected"),
    [
        pytest.param("I'll just put you on hold.", "Right, I am back.", "en", 1, id="told"),
        pytest.param("Ich lege Sie kurz in die Warteschleife.", "So.", "de", 1, id="told, German"),
        pytest.param(
            "One moment please.", "Thanks for holding.", "en", 1, id="a moment, and thanks for holding"
        ),
        pytest.param("One moment please.", "Right, here it is.", "en", 0, id="an announced search"),
        pytest.param("Einen Moment bitte.", "So, da ist es.", "de", 0, id="an announced search, German"),
        pytest.param("What is your number?", "Are you there?", "en", 0, id="dead air"),
        pytest.param("Open it now, I'll stay on the line.", "Can you see it?", "en", 0, id="the agent waits"),
        pytest.param("Ich bleibe in der Leitung.", "Geht es?", "de", 0, id="the agent waits, German"),
        pytest.param("Please stay on the line.", "Right, I am back.", "en", 1, id="the customer waits"),
        pytest.param("Kann ich Sie in die Warte schlei verlegen?", "So.", "de", 1, id="misheard, German"),
        pytest.param("Can I put you on old while I ask?", "Right.", "en", 1, id="misheard"),
        pytest.param("We put it on a whole page.", "Right.", "en", 0, id="sounds like it"),
        pytest.param(
            "Stay with me, I'm opening your file.", "Right, here.", "en", 0, id="stays for a search"
        ),
        pytest.param("Stay with me, I'm opening it.", "Thanks for waiting.", "en", 1, id="thanked for it"),
        pytest.param("Stay with me for two minutes, I'll look it up.", "So.", "en", 1, id="a time named"),
        pytest.param("Stay on the line, I'll ask my colleague.", "So.", "en", 1, id="asks somebody"),
        pytest.param("Stay on the line, I'll get my supervisor.", "So.", "en", 1, id="fetches somebody"),
        pytest.param("Ich schaue nach, bleiben Sie dran.", "Ja, hier.", "de", 0, id="a search, German"),
        pytest.param("Bleiben Sie dran, ich frage nach.", "Also.", "de", 1, id="asks somebody, German"),
    ],
)
def test_a_silent_hold_needs_words(words: str, after: str, language: str, expected: int) -> None:
    rows: list[Row] = [("customer", 0, 2, "Hello"), ("agent", 2, 5, words), ("agent", 25, 27, after)]
    assert len(holds(*rows, duration=40, language=language)) == expected


@pytest.mark.parametrize("answer", ["Ja, gut, ich warte.", "Ja, in Ordnung."])
def test_who_agrees_to_wait_is_on_hold(answer: str) -> None:
    ask: Row = ("agent", 2, 5, "Darf ich Sie in die Warteschleife legen?")
    back: Row = ("agent", 25, 27, "So, da bin ich wieder.")
    assert len(holds(ask, ("customer", 5.5, 6.5, answer), back, duration=40, language="de")) == 1


@pytest.mark.parametrize(
    ("answer", "gap_s", "back", "expected"),
    [
        pytest.param("Yes, that is fine.", 20, "Thanks for waiting.", 1, id="yes to what was not understood"),
        pytest.param("Yes, that is fine.", 20, "Right, here it is.", 0, id="nobody waited"),
        pytest.param("Yes, that is fine.", 5, "Thanks for waiting.", 0, id="a short pause"),
        pytest.param("It is still here.", 20, "Thanks for waiting.", 0, id="an answer"),
    ],
)
def test_a_yes_and_thanks_tell_of_a_hold(answer: str, gap_s: float, back: str, expected: int) -> None:
    asked: Row = ("agent", 2, 5, "Wood you mined hauling?")
    after: Row = ("agent", 6 + gap_s, 8 + gap_s, back)
    assert len(holds(asked, ("customer", 5.2, 6, answer), after, duration=60)) == expected


def test_who_is_back_has_used_up_the_hold() -> None:
    back: Row = ("agent", 20, 21, "Right, I am back.")
    rows: list[Row] = [("agent", 13, 16, "I will put you on hold."), ("customer", 16.5, 18, "Okay then.")]
    assert holds(*rows, back, ("agent", 27, 29, "Well."), duration=40) == []
    more: Row = ("agent", 20, 21, "I am back for a second, they are still looking.")
    assert len(holds(*rows, more, ("agent", 27, 29, "Well."), duration=40)) == 1


def test_music_heard_in_half_of_a_hold() -> None:
    back: Row = ("agent", 50, 52, "Thanks for holding.")
    early: Row = ("agent", 33, 35, "Thanks for holding.")
    half, loud = ((6.6, 30.0),), ((6.5, 30.0, -25.0),)
    pauses: list[Row] = [("agent", 60 + 2 * n, 61 + 2 * n, "So.") for n in range(8)]
    whole = holds(ASK, YES, back, *pauses, duration=80, music=half, loud=loud)
    assert [(round(s), round(e)) for s, e, _ in whole] == [(6, 50)]
    soon = holds(ASK, YES, early, *pauses, duration=80, music=half, loud=loud)
    assert [(round(s), round(e)) for s, e, _ in soon] == [(6, 30)]


def test_a_line_that_goes_dead_is_a_hold_without_words() -> None:
    rows: list[Row] = [("agent", n, n + 1.2, "So.") for n in (1, 3, 5, 7)]
    rows.append(("agent", 30, 32, "Right."))
    assert [(round(s), round(e)) for s, e, _ in holds(*rows, duration=40, loud=((8.5, 29.5, -100),))] == [
        (8, 30)
    ]
    assert holds(*rows, duration=40) == []


def test_the_customer_may_talk_to_others_while_on_hold() -> None:
    chat: Row = ("customer", 20, 26, "They have put me on hold again, would you believe it?")
    back: Row = ("agent", 50, 52, "Thanks for holding.")
    found = holds(ASK, YES, chat, back, duration=60, music=((6.5, 49.5),), loud=((6.5, 49.5, -25),))
    assert [(round(s), round(e)) for s, e, _ in found] == [(6, 50)]


def test_music_behind_the_talk_is_no_hold() -> None:
    rows: list[Row] = []
    for n in range(10):
        rows += [
            ("agent", 8 * n + 0.5, 8 * n + 3.5, "And then?"),
            ("customer", 8 * n + 4.5, 8 * n + 7.5, "Well,"),
        ]
    for mono in (False, True):
        assert holds(*rows, duration=80, music=((0, 80),), loud=((0, 80, -40),), mono=mono) == []
    # heard only in a long pause of the talk, at the level of every other pause
    gap = [row for row in rows if not 30 < row[1] < 48]
    quiet = tuple((s, s + 8, -38.0) for s in range(0, 80, 8))
    assert holds(*gap, duration=80, music=((31.5, 48.5),), loud=quiet, mono=True) == []


@pytest.mark.parametrize("mono", [False, True])
def test_what_sounds_like_talk_in_music_leaves_no_pauses(mono: bool) -> None:
    """Between stretches of music that a listener takes for talk there is music, no pause of the talk."""
    back: Row = ("agent", 50, 52, "Thanks for holding.")
    talking = tuple((at, at + 4.0) for at in (8.0, 13.0, 18.0, 23.0, 28.0, 33.0))
    heard = ((7.0, 12.0), (14.0, 19.0), (22.0, 27.0), (30.0, 35.0), (38.0, 49.5))
    loud = ((6.5, 49.5, -25),)
    found = holds(ASK, YES, back, duration=60, music=heard, loud=loud, mono=mono, talking_too=talking)
    assert [(s, e) for s, e, _ in found] == [(pytest.approx(6.5, abs=0.6), pytest.approx(49.5, abs=0.6))]


def test_announcements_are_no_pauses_of_a_queue_on_one_channel() -> None:
    """A queue's prompts are as loud as its music, and they are no pauses of the talk."""
    prompts: tuple[Row, ...] = tuple(("ivr", at, at + 3.0, "Please hold.") for at in (0.5, 4.5, 8.5, 12.0))
    greet: Row = ("agent", 51, 53, "Hello, Ana speaking, how can I help?")
    found = holds(*prompts, greet, duration=60, music=((15.5, 50.5),), loud=((15.5, 50.5, -25),), mono=True)
    assert found == []


def test_a_queue_is_no_hold_and_a_recording_may_start_in_mid_hold() -> None:
    welcome: Row = ("ivr", 0, 4, "Welcome, please hold the line.")
    greet: Row = ("agent", 40, 43, "Thank you for calling, how can I help?")
    thank: Row = ("agent", 40, 43, "Thanks for holding, I have found it.")
    assert holds(welcome, greet, duration=60, music=((5, 39.5),), loud=((5, 39.5, -25),)) == []
    first = holds(thank, duration=60, music=((0, 39.5),), loud=((0, 39.5, -25),))
    assert [(round(s), round(e)) for s, e, _ in first] == [(0, 40)]


def test_a_hold_may_be_the_last_thing_and_the_end_of_a_call_is_none() -> None:
    last = holds(ASK, YES, duration=60, music=((6.5, 60),), loud=((6.5, 60, -25),))
    assert [(round(s), round(e)) for s, e, _ in last] == [(6, 60)]
    bye: list[Row] = [("agent", 2, 5, "Goodbye."), ("customer", 5.5, 6, "Bye.")]
    assert holds(*bye, duration=60) == []


def test_a_hold_of_an_hour_is_one_hold() -> None:
    back: Row = ("agent", 3610, 3612, "Thanks for holding.")
    found = holds(ASK, YES, back, duration=3620, music=((6.5, 3609.5),), loud=((6.5, 3609.5, -25),))
    assert [(round(s), round(e)) for s, e, _ in found] == [(6, 3610)]


def test_an_announcement_in_the_music_does_not_split_the_hold() -> None:
    tape: Row = ("ivr", 25, 28, "Your call is important to us.")
    back: Row = ("agent", 50, 52, "Thanks for holding.")
    for mono in (False, True):
        found = holds(ASK, YES, tape, back, duration=60, music=((6.5, 24.5), (28.5, 49.5)),
                      loud=((6.5, 24.5, -25), (28.5, 49.5, -25)), mono=mono)  # fmt: skip
        assert [(round(s), round(e)) for s, e, _ in found] == [(6, 50)]


def test_a_hold_that_the_recorder_cut_out_is_noticed() -> None:
    back: Row = ("agent", 6.5, 8, "Thank you for holding.")
    said = turns(ASK, YES, back)
    talks = tuple(Talk(t.start or 0, t.end or 0, t.role, t.speaker, t.channel or 0) for t in said)
    heard = Heard(Activity(talks, by_channel=True), said, 20.0, language="en")
    assert cut_out(heard, find_holds(heard).holds) == [5]
    longer = turns(ASK, YES, ("agent", 40, 42, "Thank you for holding."))
    heard = Heard(heard.activity, longer, 60.0, language="en")
    assert cut_out(heard, find_holds(heard).holds) == []


def told(records: list[Mapping[str, Any]], *rows: Row, duration: float) -> Measures:
    said = turns(*rows)
    talks = tuple(Talk(t.start or 0, t.end or 0, t.role, t.speaker, t.channel or 0) for t in said)
    return measure(
        sounds=Sounds(),
        activity=Activity(talks, by_channel=True),
        turns=said,
        levels={0: levels(duration)},
        records=read_records(records, duration),
        language="en",
        duration_s=duration,
    )


def test_telephony_wins_and_broken_records_are_named() -> None:
    rows: list[Row] = [ASK, YES, ("agent", 50, 52, "Thanks for holding.")]
    found = told(
        [{"kind": "hold", "start": 7, "end": 48}, {"kind": "hold", "start": -3, "end": 2}], *rows, duration=60
    )
    (hold,) = [e for e in found.events if e.kind == "hold"]
    assert (hold.start, hold.end, hold.source, hold.announced) == (7, 48, "telephony", True)
    assert "record 2" in str(found.signals["telephony_left_out"])
    assert found.signals["holds_scorable"] is True
    only_broken = told([{"kind": "hold", "start": 7}], *rows, duration=60)
    (hold,) = [e for e in only_broken.events if e.kind == "hold"]
    assert hold.source == "audio+words"  # without a usable record, the recording's own evidence counts


def test_telephony_that_does_not_fit_the_recording_makes_holds_unscorable() -> None:
    rows: list[Row] = [("agent", n, n + 3, "And so on.") for n in range(0, 40, 4)]
    talked = told([{"kind": "hold", "start": 5, "end": 35}], *rows, duration=45)
    beyond = told([{"kind": "hold", "start": 100, "end": 140}], *rows, duration=45)
    for found in (talked, beyond):
        assert found.signals["holds_scorable"] is False
        assert "recorder" in str(found.signals["holds_not_scorable_because"])


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(np.zeros(20 * RATE, np.float32), id="nothing at all"),
        pytest.param(sound("music", "organ", 20, 1), id="music only"),
        pytest.param(sound("tone", "dtmf", 60, 1), id="a minute of DTMF"),
    ],
)
def test_a_recording_without_talk_has_no_holds_and_unknown_counts(samples: np.ndarray) -> None:
    found = measured(samples)
    assert found.signals["hold_count"] == 0
    assert found.signals["agent_talk_share"] is None
    assert found.signals["dead_air_over_8s_unannounced"] is None
    assert found.signals["interruptions_by_agent"] is None
    assert not [e for e in found.events if e.kind in ("silence", "hold", "interruption", "overlap")]
