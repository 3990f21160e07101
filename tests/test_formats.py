"""Conversations out to other systems' formats and back; what breaks is named by its line."""

import base64
import hashlib
import json
from datetime import UTC, datetime

import pytest
import webvtt as webvtt_reader
from hypothesis import given
from hypothesis import strategies as st

from recordings import Conversation, Event, Recording, RecordingError, Turn, Word
from recordings.formats import rttm, srt, vcon, webvtt
from recordings.formats.captions import LONGEST_S, clock, seconds_of
from recordings.testing import agent, conversation, customer, ivr

CALL = conversation(
    ivr("Welcome to Acme & Söhne.", start=0.0, end=2.5),
    agent("Hello, this is Anna <Support>.", start=2.6, end=5.25),
    customer("My parcel --> is late; „wirklich spät“.", start=5.0, end=8.125),
    agent("", start=8.2, end=8.4),
    customer("No times here."),
)
SHOWN = CALL.turns[:3]


@pytest.mark.parametrize("module", [webvtt, srt], ids=["webvtt", "srt"])
def test_captions_keep_times_roles_speakers_and_text(module: object) -> None:
    assert module in (webvtt, srt)
    back = module.loads(module.dumps(CALL))  # type: ignore[attr-defined]
    expected = [(t.role, t.speaker, t.start, t.end, t.text) for t in SHOWN]
    assert [(t.role, t.speaker, t.start, t.end, t.text) for t in back.turns] == expected
    assert module.dumps(back) == module.dumps(CALL)  # type: ignore[attr-defined]


def test_another_reader_sees_the_voices() -> None:
    captions = webvtt_reader.from_string(webvtt.dumps(CALL)).captions
    assert [c.voice for c in captions] == ["IVR S9", "Agent S0", "Customer S1"]
    assert [(c.start_in_seconds, c.end_in_seconds) for c in captions[:1]] == [(0, 2)]


def test_captions_read_what_others_write() -> None:
    text = (
        "\ufeffWEBVTT - call 7\r\n\r\nNOTE made elsewhere\r\n\r\n00:01.000 --> 00:02.5 align:start\r\n"
        "<v.loud Anna>Good <b>morning</b></v>\r\nand welcome\r\n\r\n"
        "1\r\n01:00:00.000 --> 01:00:01.000\r\nplain\r\n"
    )
    turns = webvtt.loads(text).turns
    assert [(t.start, t.end, t.speaker, t.role, t.text) for t in turns] == [
        (1.0, 2.5, "Anna", None, "Good morning and welcome"),
        (3600.0, 3601.0, None, None, "plain"),
    ]
    srt_turns = srt.loads("1\n00:00:01,000 --> 00:00:02,000\nNote: this is no speaker\n").turns
    assert [(t.speaker, t.text) for t in srt_turns] == [(None, "Note: this is no speaker")]


def test_a_long_turn_becomes_captions_that_can_be_read() -> None:
    words = tuple(Word(text=f"word{i}", start=i * 0.5, end=i * 0.5 + 0.4) for i in range(60))
    text = " ".join(w.text for w in words)
    long = Conversation(
        recording=Recording(id="x"),
        turns=(Turn(index=0, role="agent", start=0.0, end=30.0, text=text, words=words),),
    )
    turns = webvtt.loads(webvtt.dumps(long)).turns
    assert " ".join(t.text for t in turns) == text
    assert (turns[0].start, turns[-1].end) == (0.0, 30.0)
    for turn, following in zip(turns, [*turns[1:], None], strict=True):
        assert turn.start is not None
        assert turn.end is not None
        assert turn.end - turn.start <= LONGEST_S + 0.5
        assert following is None or turn.end <= (following.start or 0.0)


@pytest.mark.parametrize(
    ("module", "text", "says"),
    [
        (webvtt, "1\n00:00:01.000 --> 00:00:02.000\nhello\n", "is no WebVTT"),
        (webvtt, "WEBVTTX\n", "is no WebVTT"),
        (webvtt, "WEBVTT\n\nab --> 00:02.000\nhello\n", "line 3: 'ab"),
        (webvtt, "WEBVTT\n\n00:03.000 --> 00:02.000\nhello\n", "line 3: the caption ends"),
        (srt, "1\n00:00:01,000 --> 00:00:99,000\nhello\n", "line 2"),
        (srt, "hello\n", "line 1: expected a number or a time"),
        (rttm, "SPEAKER f 1 0.0\n", "line 1: has 4 fields"),
        (rttm, ";; note\nSPEAKER f 1 x 1.0 <NA> <NA> A <NA> <NA>\n", "line 2: channel, start and duration"),
        (rttm, "SPEAKER f 1 1.0 -1.0 <NA> <NA> A <NA> <NA>\n", "must not be negative"),
        (rttm, "SPEAKER f 1 nan 1.0 <NA> <NA> A <NA> <NA>\n", "must not be negative"),
        (vcon, "{}", "is no vCon"),
        (vcon, "no json", "is no vCon"),
    ],
)
def test_what_is_wrong_is_named(module: object, text: str, says: str) -> None:
    with pytest.raises(RecordingError, match=says):
        module.loads(text)  # type: ignore[attr-defined]


@given(st.floats(0, 400_000))
def test_clocks_round_trip_to_the_millisecond(seconds: float) -> None:
    for decimal in ".,":
        assert seconds_of(clock(seconds, decimal), 1) == pytest.approx(round(seconds, 3), abs=0.0006)


def test_rttm_round_trips_and_pyannote_reads_it() -> None:
    back = rttm.loads(rttm.dumps(CALL))
    assert [(t.speaker, t.start, t.end) for t in back.turns] == [
        (t.speaker, t.start, t.end) for t in CALL.turns if t.start is not None
    ]
    assert rttm.dumps(back) == rttm.dumps(CALL)
    named = CALL.model_copy(update={"recording": Recording(id="a call")})
    assert rttm.dumps(named).startswith("SPEAKER a_call 1 0.000 2.500 <NA> <NA> S9")


def test_rttm_of_two_channels_counts_from_one() -> None:
    spans = [rttm.Span(1.0, 2.0, "S1", "f", 2), rttm.Span(0.5, 1.5, "S0", "f", 1)]
    assert rttm.read_spans(rttm.write_spans(spans)) == sorted(spans, key=lambda s: s.start)


def full() -> Conversation:
    """Everything a conversation can carry, with a start so that the recording is named."""
    recording = Recording(
        id="r1",
        sha256="ab" * 32,
        duration=9.0,
        call_id="C-7",
        agent="Anna",
        started_at="2026-03-01T09:30:00Z",
    )
    return CALL.model_copy(
        update={"recording": recording, "events": (Event(kind="hold", start=1.0, end=2.0),)}
    )


def test_vcon_loses_nothing_on_the_way_back() -> None:
    assert vcon.loads(vcon.dumps(full())) == full()
    assert vcon.loads(vcon.dumps(CALL)) == CALL


def test_vcon_names_parties_recording_and_reports() -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha512(b"sound").digest()).decode().rstrip("=")
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    report = ("rapport/assessment/1", {"score": 82.5})
    text = vcon.dumps(full(), url="https://example.org/c7.wav", sha512=digest, now=moment, reports=[report])
    container = json.loads(text)
    assert container["vcon"] == "0.4.0"
    assert container["created_at"] == "2026-03-02T00:00:00+00:00"
    assert container["parties"] == [{"role": "ivr"}, {"name": "Anna", "role": "agent"}, {"role": "customer"}]
    (dialog,) = container["dialog"]
    assert (dialog["type"], dialog["start"], dialog["duration"]) == ("recording", "2026-03-01T09:30:00Z", 9.0)
    assert dialog["content_hash"] == f"sha512-{digest}"
    assert [(a["type"], a["schema"], a["dialog"]) for a in container["analysis"]] == [
        ("transcript", "rapport/conversation/1", 0),
        ("report", "rapport/assessment/1", 0),
    ]
    assert text == vcon.dumps(
        full(), url="https://example.org/c7.wav", sha512=digest, now=moment, reports=[report]
    )


def test_vcon_of_a_call_without_a_known_start_dates_nothing() -> None:
    container = json.loads(vcon.dumps(CALL))
    assert container["dialog"] == []
    assert "dialog" not in container["analysis"][0]


def test_vcon_wants_address_and_hash_together() -> None:
    with pytest.raises(RecordingError, match="url and sha512"):
        vcon.dumps(full(), url="https://example.org/a.wav")


def foreign(**changes: object) -> str:
    texts = [
        {
            "type": "text",
            "start": "2026-03-01T10:00:05+00:00",
            "parties": [0, 1],
            "originator": 1,
            "body": "Second",
        },
        {"type": "text", "start": "2026-03-01T10:00:00+00:00", "parties": 0, "body": "First", "duration": 3},
    ]
    container: dict[str, object] = {
        "vcon": "0.4.0",
        "uuid": "u",
        "created_at": "2026-03-01T11:00:00+00:00",
        "parties": [{"role": "Agent", "tel": "+49"}, {"role": "caller"}],
        "dialog": texts,
        "extensions": ["unknown"],
    }
    return json.dumps({**container, **changes})


def test_vcon_of_others_becomes_turns() -> None:
    back = vcon.loads(foreign())
    assert [(t.role, t.speaker, t.start, t.end, t.text) for t in back.turns] == [
        ("agent", "S0", 0.0, 3.0, "First"),
        ("customer", "S1", 5.0, None, "Second"),
    ]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"dialog": []}, "no transcript of ours"),
        ({"parties": []}, "names party 0; there are 0"),
        ({"analysis": [{"type": "report", "vendor": "x", "dialog": [0, 5]}]}, "names dialog 5; there are 2"),
        ({"dialog": [{"type": "text", "start": "yesterday", "body": "x"}]}, "no time of RFC 3339"),
    ],
)
def test_a_broken_vcon_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(RecordingError, match=says):
        vcon.loads(foreign(**changes))
