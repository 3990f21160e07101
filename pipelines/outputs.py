"""What one processed call leaves in a folder: the two documents, and whatever else was asked for."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.process import Processed
from recordings import Conversation, write_atomically

EXPORTS = ("vtt", "srt", "rttm", "vcon")
TIMELINES = ("png", "svg")


def write_documents(
    done: Processed,
    out: Path,
    stem: str,
    *,
    timeline: str | None = None,
    timeline_language: str | None = None,
    formats: Sequence[str] = (),
) -> list[Path]:
    """Write ``<stem>.conversation.json`` and ``<stem>.assessment.json``, exports and the timeline picture
    in the format told (``png`` or ``svg``), its words in the call's language or in ``timeline_language``.

    Each file appears whole or not at all. Raises RecordingError when the disk refuses.
    """
    conversation = done.conversation
    written = [
        conversation.write(out / f"{stem}.conversation.json"),
        done.assessment.write(out / f"{stem}.assessment.json"),
    ]
    for name in formats:
        suffix = "vcon.json" if name == "vcon" else name
        written.append(write_atomically(out / f"{stem}.{suffix}", exporter(name)(conversation).encode()))
    if timeline:
        from pipelines.timeline import draw_timeline

        picture = out / f"{stem}.timeline.{timeline}"
        written.append(
            draw_timeline(conversation, picture, assessment=done.assessment, language=timeline_language)
        )
    return written


def exporter(name: str) -> Callable[[Conversation], str]:
    """The function that writes one format; the closed list is EXPORTS."""
    from recordings.formats import rttm, srt, vcon, webvtt

    known: dict[str, Callable[[Conversation], str]] = {
        "vtt": webvtt.dumps,
        "srt": srt.dumps,
        "rttm": rttm.dumps,
        "vcon": vcon.dumps,
    }
    return known[name]
