"""A home to test the app in: a few scored calls with real sound, and one person per role."""
# ruff: noqa: E501

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
import soundfile
from argon2 import PasswordHasher
from sqlalchemy import Engine, make_url, update

from database import Settings, people
from database.engine import open_database, writing
from database.store import save_processed
from database.tables import AppUser
from recordings import Conversation, Event, Recording, Turn, Word
from scorecards import Assessment, CardRef, CriterionResult, Evidence, RecordingRef

PASSWORD = "a long test password"
SCRIPT: tuple[tuple[str, float, float, str], ...] = (
    ("agent", 0.8, 4.9, "Good morning, North Parcel customer service, my name is Ana. How can I help you?"),
    ("customer", 5.4, 11.2, "Hello. My parcel should have come on Monday, and this is the third time that I call about it."),
    ("agent", 11.0, 14.6, "That's not my department, you would have to ask the depot."),
    ("customer", 15.2, 19.0, "I took two days off for this. Can nobody help me?"),
    ("agent", 19.6, 25.3, "I am sorry about the two lost days. Let me check what I can do. May I put you on hold for two minutes to ask the depot?"),
    ("customer", 25.8, 26.9, "Yes, all right."),
    ("agent", 43.2, 50.8, "Thank you for waiting. The depot has it, and I'll have it brought to you tomorrow between eight and ten."),
    ("customer", 51.2, 53.9, "Oh good. Tomorrow before ten, then."),
    ("agent", 54.3, 59.5, "Exactly. Is there anything else that I can do for you today?"),
    ("customer", 60.0, 61.8, "No, that was all. Thank you."),
    ("agent", 62.2, 65.4, "You are welcome. Have a good day, goodbye."),
)  # fmt: skip
DURATION = 66.0
SIGNALS = {
    "agent_talk_share": 0.62, "talk_share_by_minute": {"0": 0.58, "1": 0.81}, "silence_share": 0.31,
    "agent_pace_by_minute": {"0": 148.0, "1": 161.0}, "customer_pace_by_minute": {"0": 173.0, "1": None},
    "hold_count": 1, "hold_total_seconds": 15.6, "interruptions_by_agent": 1, "silence_longest_s": 1.2,
}  # fmt: skip
PEOPLE: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("tess", "trainer", {"name": "Tess Trainer"}),
    ("tom", "trainer", {"name": "Tom Trainer"}),
    ("nora", "trainer", {"name": "Nora North", "team": "north"}),
    ("ana", "agent", {"name": "Ana Agent", "agent": "ana", "team": "north"}),
    ("ben", "agent", {"name": "Ben Agent", "agent": "ben", "team": "south"}),
    ("mia", "manager", {"name": "Mia Manager", "language": "de"}),
    ("ada", "admin", {"name": "Ada Admin"}),
)


@dataclass(frozen=True)
class Workplace:
    """What ``make`` made: the settings, the engine and the calls' ids (Ana's, then Ben's)."""

    settings: Settings
    engine: Engine
    calls: tuple[int, ...]


def words_of(text: str, start: float, end: float) -> tuple[Word, ...]:
    """Words spread evenly over a turn; one of them is one the recogniser doubts."""
    spoken = text.split()
    step = (end - start) / len(spoken)
    return tuple(
        Word(
            text=w,
            start=start + i * step,
            end=start + (i + 1) * step,
            probability=0.42 if w == "depot" else 0.97,
        )
        for i, w in enumerate(spoken)
    )


def talk(name: str, sha: str, agent: str, team: str, *, day: int = 3) -> Conversation:
    """The call of the script."""
    turns = tuple(
        Turn(
            index=i,
            role=role,  # type: ignore[arg-type]
            role_confidence=0.97,
            speaker="S0" if role == "agent" else "S1",
            channel=0 if role == "agent" else 1,
            start=start,
            end=end,
            text=text,
            words=words_of(text, start, end),
        )
        for i, (role, start, end, text) in enumerate(SCRIPT)
    )
    events = (
        Event(kind="overlap", start=11.0, end=11.2),
        Event(kind="interruption", start=11.0, end=11.2, by="agent"),
        Event(kind="hold", start=27.2, end=42.8, by="agent", music=True, announced=True),
    )
    recording = Recording(
        id=name,
        sha256=sha * 64,
        duration=DURATION,
        channels=2,
        sample_rate=8000,
        language="en",
        agent=agent,
        team=team,
        queue="deliveries",
        call_id=f"K-{name}",
        started_at=f"2026-11-{day:02}T09:30:00+00:00",
        file_name=f"{name}.flac",
    )
    return Conversation(recording=recording, turns=turns, events=events, signals=SIGNALS)


def evidence(turn: int, why: str, **more: str) -> Evidence:
    """Evidence that is a whole turn."""
    _, start, end, text = SCRIPT[turn]
    return Evidence(
        turn=turn, start=start, end=end, text=text, rule="phrase list “starter”, version 1", why=why, **more
    )


def verdicts() -> tuple[CriterionResult, ...]:
    """A plausible scorecard: mostly clear, one fault, two in doubt, counts and a label."""

    def yes(name: str, turn: int, why: str, sure: float = 0.95) -> CriterionResult:
        return CriterionResult(
            id=name, verdict="yes", confidence=sure, points=5, max_points=5, evidence=(evidence(turn, why),)
        )

    return (
        yes("greeting_with_name_and_company", 0, "Name and company are both said."),
        CriterionResult(id="verification_before_account_details", verdict="na", confidence=0.9, reason="No account detail was touched."),
        CriterionResult(
            id="empathy_shown", verdict="review", suggestion="yes", confidence=0.61, max_points=5,
            reason="The feeling is taken up, but only in the second answer.",
            evidence=(evidence(3, "The customer tells what it cost them."), evidence(4, "Names the two lost days.")),
        ),
        yes("apology_when_due", 4, "Says sorry for the lost days.", 0.91),
        CriterionResult(
            id="forbidden_phrase_used", verdict="yes", confidence=0.97, value=1, points=0, max_points=10, critical=True,
            evidence=(evidence(2, "Sends the customer away.", category="not_my_job", say_instead="I'll ask the depot for you."),),
            smallest_change="had 'I'll ask the depot for you' been said at 0:11",
        ),
        yes("hold_permission_asked", 4, "Asked as a question and answered."),
        yes("hold_reason_given", 4, "To ask the depot.", 0.88),
        yes("hold_time_estimate_given", 4, "Two minutes."),
        yes("hold_thanked_after", 6, "Thanks on the return."),
        CriterionResult(
            id="hold_over_30s_without_checkin", verdict="no", confidence=0.99, value=15.6, points=5, max_points=5
        ),
        CriterionResult(
            id="resolution_confirmed", verdict="review", suggestion="yes", confidence=0.55, max_points=5,
            reason="The customer repeats the time; nobody asks whether it is solved.", evidence=(evidence(7, "Recap by the customer."),),
        ),
        yes("anything_else_offered", 8, "Asked."),
        yes("closing_courteous", 10, "A wish and a goodbye."),
        CriterionResult(id="repeat_contact_mentioned", verdict="yes", confidence=0.93, evidence=(evidence(1, "Third call."),)),
        CriterionResult(id="hold_count", verdict="yes", value=1),
        CriterionResult(id="hold_total_seconds", verdict="yes", value=15.6),
        CriterionResult(id="interruptions_by_agent", verdict="yes", value=1),
        CriterionResult(id="customer_emotion_start", verdict="yes", value="negative", confidence=0.86),
        CriterionResult(id="customer_emotion_end", verdict="yes", value="positive", confidence=0.8),
        CriterionResult(id="contact_reason", verdict="yes", value="delivery", confidence=0.94),
        CriterionResult(id="active_listening_paraphrase", verdict="unscored", reason="The encoder was not there."),
    )  # fmt: skip


def assessment(conversation: Conversation, *, score: float = 80.0, version: int = 1) -> Assessment:
    """The verdicts as an assessment."""
    return Assessment(
        recording=RecordingRef(id=conversation.recording.id, sha256=conversation.recording.sha256),
        scorecard=CardRef(id="customer-care", version=version, language="en", sha256="c" * 64),
        score=score,
        passed=False,
        failed_by=("forbidden_phrase_used",),
        not_scored=("active_listening_paraphrase: the encoder was not there",),
        criteria=verdicts(),
    )


def sound(path: Path, seed: int = 0) -> Path:
    """Stereo FLAC, 8 kHz: syllable-like noise where somebody speaks, a tone while on hold."""
    random = np.random.default_rng(seed)
    time = np.arange(int(DURATION * 8000)) / 8000
    channels = np.zeros((len(time), 2), dtype=np.float32)
    for role, start, end, _ in SCRIPT:
        at = slice(int(start * 8000), int(end * 8000))
        syllables = np.abs(np.sin(2 * np.pi * 2.1 * time[at] + random.uniform(0, 3)))
        noise = random.normal(0, 0.16, syllables.shape)
        channels[at, 0 if role == "agent" else 1] = (noise * syllables).astype(np.float32)
    hold = slice(int(27.2 * 8000), int(42.8 * 8000))
    channels[hold, 0] = (0.06 * np.sin(2 * np.pi * 440 * time[hold])).astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, channels, 8000)
    return path


_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_templates: list[tuple[Path, tuple[int, ...]]] = []


def make(home: Path, url: str | None = None, *, filled: bool = False) -> Workplace:
    """A home with three calls of two agents in two teams, and a person per role (and more trainers).

    On SQLite it is made once a process and copied after that. ``filled`` says that the database of ``url`` is
    a copy already, so that only the sound is missing.
    """
    settings = Settings(home=home, database_url=url)
    address = make_url(settings.url)
    if address.get_backend_name() != "sqlite" and not filled:
        return Workplace(settings, open_database(settings), _fill(settings))
    if not _templates:
        template = Settings(home=Path(tempfile.mkdtemp(prefix="rapport-workplace-")), database_url=None)
        _templates.append((template.home, _fill(template)))
        atexit.register(shutil.rmtree, template.home, ignore_errors=True)
    source, calls = _templates[0]
    shutil.copytree(source / "audio", settings.audio_path, dirs_exist_ok=True)
    if not filled:
        database = Path(str(address.database))
        database.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / "rapport.db", database)
    return Workplace(settings, open_database(settings), calls)


def _fill(settings: Settings) -> tuple[int, ...]:
    engine = open_database(settings)
    calls = []
    named = (
        ("late-parcel", "a", "ana", "north"),
        ("second-call", "b", "ana", "north"),
        ("other-team", "c", "ben", "south"),
    )
    for i, (name, sha, agent, team) in enumerate(named):
        conversation = talk(name, sha, agent, team, day=3 + i)
        playback = sound(settings.audio_path / f"{conversation.recording.sha256}.flac", i)
        judged = assessment(conversation, score=80.0 - 7 * i)
        source = settings.home / "in" / f"{name}.flac"
        calls.append(
            save_processed(engine, source, conversation.recording, conversation, judged, playback=playback)
        )
    with patch.object(people, "_hasher", _CHEAP), writing(engine) as session:
        for login, role, more in PEOPLE:
            people.add_user(session, login, PASSWORD, role, **more)
        session.execute(update(AppUser).values(toured=True))
    engine.dispose()
    return tuple(calls)
