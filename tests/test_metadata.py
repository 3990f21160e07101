"""What is known of a call beforehand: names, sidecars, telephony records; strict about contradictions."""

import json
from pathlib import Path

import pytest

from recordings import RecordingError
from recordings.metadata import parse_name, read_sidecars
from recordings.telephony import Columns, Mapped, read_mapping, read_records

PATTERN = "{started_at:%Y%m%d-%H%M%S}_{queue}_{agent}_{call_id}"


@pytest.fixture
def call(tmp_path: Path) -> Path:
    path = tmp_path / "20260301-093000_billing_anna.weber_C-77.wav"
    path.write_bytes(b"sound")
    return path


def beside(path: Path, suffix: str, text: str) -> Path:
    file = path.with_name(path.stem + suffix)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        (
            "20260301-093000_billing_anna.weber_C-77.wav",
            PATTERN,
            {
                "started_at": "2026-03-01T09:30:00Z",
                "queue": "billing",
                "agent": "anna.weber",
                "call_id": "C-77",
            },
        ),
        ("holiday.wav", PATTERN, {}),
        ("x-in-de.wav", "{skip}-{direction}-{language}", {"direction": "inbound", "language": "de"}),
        ("C(7)+.wav", "C({call_id})+", {"call_id": "7"}),
        ("C7+.wav", "C({call_id})+", {}),
    ],
)
def test_fields_from_file_names(name: str, pattern: str, expected: dict[str, str]) -> None:
    assert parse_name(name, pattern) == expected


@pytest.mark.parametrize(
    ("name", "pattern", "says"),
    [
        ("a.wav", "{caller}", "names 'caller'; the fields are call_id, agent"),
        ("20261301-093000_q_a_1.wav", PATTERN, "'20261301-093000' is no time"),
        ("a-sideways.wav", "a-{direction}", "one of inbound, outbound, internal"),
        ("a-a.wav", "{agent}-{agent}", "cannot be used"),
    ],
)
def test_wrong_patterns_and_names_are_named(name: str, pattern: str, says: str) -> None:
    with pytest.raises(RecordingError, match=says):
        parse_name(name, pattern)


def test_a_json_sidecar_in_its_own_words(call: Path) -> None:
    beside(
        call,
        ".json",
        json.dumps(
            {
                "CallId": "C-77",
                "Agent Name": "Anna Weber",
                "start-time": "2026-03-01T10:30:00+01:00",
                "direction": "IN",
                "lang": "de-DE",
                "roles": "agent, customer",
                "colour": "blue",
                "team": None,
            }
        ),
    )
    known = read_sidecars(call)
    assert dict(known.recording) == {
        "call_id": "C-77",
        "agent": "Anna Weber",
        "started_at": "2026-03-01T09:30:00Z",
        "direction": "inbound",
        "language": "de",
    }
    assert known.roles == ("agent", "customer")


@pytest.mark.parametrize(
    "text",
    [
        "call_id,agent,queue\nC-77,Anna,Billing\n",
        "call_id;agent;queue\r\nC-77;Anna;Billing\r\n",
        "\ufefffile,call_id,agent,queue\nother.wav,C-1,Ben,Sales\n{name},C-77,Anna,Billing\n",
    ],
)
def test_a_csv_sidecar_with_one_row_or_with_ours_among_others(call: Path, text: str) -> None:
    beside(call, ".csv", text.replace("{name}", call.name))
    assert dict(read_sidecars(call).recording) == {"call_id": "C-77", "agent": "Anna", "queue": "Billing"}


def test_the_sidecar_wins_over_the_name_and_both_are_kept(call: Path) -> None:
    beside(call, ".json", '{"call_id": "C-77", "queue": "Billing EU"}')
    known = read_sidecars(call, pattern=PATTERN)
    assert known.recording["queue"] == "Billing EU"
    assert known.recording["agent"] == "anna.weber"


def test_nothing_beside_it_is_nothing_known(call: Path) -> None:
    known = read_sidecars(call)
    assert (dict(known.recording), known.roles, known.telephony, known.files) == ({}, None, (), ())


def test_our_own_documents_beside_it_are_no_sidecars(call: Path) -> None:
    beside(call, ".json", '{"format": "rapport/conversation/1", "recording": {"id": "x"}}')
    assert dict(read_sidecars(call).recording) == {}


@pytest.mark.parametrize(
    ("suffix", "text", "says"),
    [
        (".json", "{", "is not JSON"),
        (".json", '"C-77"', "must hold an object"),
        (".json", '{"call_id": "C-99"}', "belongs to call 'C-99', but the file name"),
        (".json", '{"file": "other.wav", "call_id": "C-77"}', "is about 'other.wav'"),
        (".json", '{"duration": -3}', "duration is -3; it cannot be negative"),
        (".json", '{"duration": "long"}', "duration is 'long', which is no number"),
        (".json", '{"started_at": "yesterday"}', "started_at is 'yesterday'; expected ISO 8601"),
        (".json", '{"language": "german"}', "expected a code such as en or de"),
        (".json", '{"direction": "up"}', "direction is 'up'"),
        (".json", '{"roles": ["agent", "boss"]}', "roles names 'boss'; a channel is one of agent"),
        (".csv", "call_id,agent\nC-77,Anna\nC-78,Ben\n", "no row names"),
        (".csv", "file,agent\nNAME,Anna\nNAME,Ben\n", "2 rows name"),
    ],
)
def test_contradictions_and_nonsense_are_refused_by_file_and_field(
    call: Path, suffix: str, text: str, says: str
) -> None:
    file = beside(call, suffix, text.replace("NAME", call.name))
    with pytest.raises(RecordingError, match=says) as caught:
        read_sidecars(call, pattern=PATTERN)
    assert str(file) in str(caught.value)


def test_two_sidecars_must_not_disagree(call: Path) -> None:
    beside(call, ".json", '{"agent": "Anna"}')
    beside(call, ".csv", "agent\nBen\n")
    with pytest.raises(RecordingError, match=r"agent is 'Ben', but .*\.json says 'Anna'"):
        read_sidecars(call)


def test_a_sidecar_in_another_encoding_is_refused(call: Path) -> None:
    call.with_suffix(".csv").write_bytes("agent\nMüller\n".encode("latin-1"))
    with pytest.raises(RecordingError, match=r"is not UTF-8 text \(byte 7\)"):
        read_sidecars(call)


# --- telephony records ----------------------------------------------------------------------------------

GENESIS = Mapped(
    columns=Columns(
        kind="EventType", start="Begin", end="Finish", duration=None, call_id="CallRef", by="Party"
    ),
    kinds={"HELD": "hold", "XFER": "transfer"},
    time="clock",
)


def records_file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "call.events.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_records_with_columns_of_their_own_names(tmp_path: Path) -> None:
    file = records_file(
        tmp_path,
        "CallRef;EventType;Begin;Finish;Party\nC-1;XFER;00:04:10;;agent\nC-1;HELD;02:00,5;00:02:51;agent\n"
        "C-2;HELD;0:01;0:02;agent\n",
    )
    assert read_records(file, GENESIS, call_id="C-1") == (
        {"kind": "hold", "start": 120.5, "end": 171.0, "by": "agent", "source": "telephony"},
        {"kind": "transfer", "start": 250.0, "end": None, "by": "agent", "source": "telephony"},
    )


@pytest.mark.parametrize(
    ("mapping", "text", "span"),
    [
        (Mapped(), "kind,start,end\nhold,10,20.5\n", (10.0, 20.5)),
        (Mapped(), "kind,start,duration\nHOLD,10,5\n", (10.0, 15.0)),
        (Mapped(time="milliseconds"), "kind,start,duration\nhold,10000,5000\n", (10.0, 15.0)),
        (
            Mapped(time="iso"),
            "kind,start,end,start_of_call\n"
            "hold,2026-03-01T09:00:10Z,2026-03-01T09:00:15Z,2026-03-01T10:00:00+01:00\n",
            (10.0, 15.0),
        ),
    ],
)
def test_every_way_to_tell_a_time(
    tmp_path: Path, mapping: Mapped, text: str, span: tuple[float, float]
) -> None:
    (record,) = read_records(records_file(tmp_path, text), mapping)
    assert (record["start"], record["end"]) == span


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind,begin\nhold,1\n", "no column start; its columns are kind, begin"),
        ("kind,start,end\npause,1,2\n", "line 2: the kind 'pause' is not known; the choices are hold"),
        ("kind,start,end\nhold,,2\n", "line 2: the hold has no start"),
        ("kind,start,end\nhold,1,\n", "line 2: the hold has no end and no duration"),
        ("kind,start,end\nhold,5,2\n", "line 2: the hold ends at 2 s before it starts at 5 s"),
        ("kind,start,end\nhold,1,2\nhold,-3,2\n", "line 3: the time -3 lies 3 s before the recording starts"),
        ("kind,start,end\nhold,soon,2\n", "line 2: 'soon' is no time in seconds"),
        ("kind,start,end\nhold,nan,2\n", "line 2: 'nan' is no time in seconds"),
        ("call_id,kind,start,end\nC-9,hold,1,2\n", "names other calls only, not 'C-1'"),
    ],
)
def test_broken_records_are_refused_by_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RecordingError, match=says):
        read_records(records_file(tmp_path, text), call_id="C-1")


def test_records_beside_a_recording_come_along_with_a_mapping_file(call: Path) -> None:
    mapping = call.with_name("mapping.yaml")
    mapping.write_text(
        "columns: {kind: Type, start: From, end: To}\nkinds: {H: hold}\nignore_other_kinds: true\n"
    )
    beside(call, ".events.csv", "Type,From,To\nH,1,2\nRING,0,1\n")
    known = read_sidecars(call, mapping=mapping)
    assert [(r["kind"], r["start"]) for r in known.telephony] == [("hold", 1.0)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colums: {kind: a}", "colums: Extra inputs"),
        ("kinds: {H: pause}", "kinds.H: Input should be"),
        ("time: [", "is not YAML"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_key(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "mapping.yaml"
    file.write_text(text)
    with pytest.raises(RecordingError, match=says) as caught:
        read_mapping(file)
    assert str(file) in str(caught.value)
