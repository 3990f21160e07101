"""Chunks of many calls through one recogniser: batches are filled from whatever waits, whoever's it is.

Chunks that are read together share a language and hotwords. The language of a call is voted on by its first
chunks, so it depends neither on the batch size nor on the calls beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.chunks import RATE, Chunk
from pipelines.skipped import filled, skipped

if TYPE_CHECKING:
    from pipelines.recogniser import ChunkText, Recogniser, Samples

VOTERS = 8
"""Chunks that vote on a call's language: four minutes of speech at most."""
Key = tuple[str, str | None]


@dataclass
class Reading:
    """One call on its way through the recogniser. ``sound`` gives a chunk's samples; ``language`` is "auto"
    until it is voted on; ``texts`` has an entry for each chunk in the end."""

    chunks: Sequence[Chunk]
    sound: Callable[[Chunk], "Samples"]
    language: str
    hotwords: str | None
    probability: float | None = None
    texts: dict[int, "ChunkText"] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What chunks of one batch must share."""
        return self.language, self.hotwords


Waiting = tuple[Reading, int]


class Stream:
    """Takes calls one after the other and reads a batch whenever one is full; ``finish`` reads the rest.

    ``decide`` makes a language and its probability of summed votes; ``told`` hears after each batch how many
    seconds of all that was added so far have been read, and how many there are.
    """

    def __init__(
        self,
        recogniser: "Recogniser",
        decide: Callable[[dict[str, float]], tuple[str, float]],
        told: Callable[[float, float], None],
    ) -> None:
        self._recogniser, self._decide, self._told = recogniser, decide, told
        self._unvoted: list[Reading] = []
        self._waiting: dict[Key, list[Waiting]] = {}
        self._done = self._total = 0.0

    def add(self, call: Reading) -> None:
        """Take a call; may read batches that it fills."""
        self._total += sum(chunk.length for chunk in call.chunks)
        if call.language == "auto":
            heads = sum(min(VOTERS, len(one.chunks)) for one in (*self._unvoted, call))
            if self._unvoted and heads > self._recogniser.batch_size:
                self._vote()
            self._unvoted.append(call)
        else:
            self._wait(call, 0)
        self._read_full()

    def finish(self) -> None:
        """Read all that still waits."""
        if self._unvoted:
            self._vote()
        self._read_full()
        for batch in self._waiting.values():
            if batch:
                self._read(batch, [call.sound(call.chunks[number]) for call, number in batch])
        self._waiting.clear()

    def _vote(self) -> None:
        """Find the languages of the calls that have none; where all voters can be read together they are
        read at once, as their encoding is still there."""
        calls, self._unvoted = self._unvoted, []
        voters = [(call, number) for call in calls for number in range(min(VOTERS, len(call.chunks)))]
        votes: dict[int, dict[str, float]] = {id(call): {} for call in calls}
        size = max(1, self._recogniser.batch_size)
        samples: list[Samples] = []
        for at in range(0, len(voters), size):
            part = voters[at : at + size]
            samples = [call.sound(call.chunks[number]) for call, number in part]
            ranked = self._recogniser.languages(samples)
            for (call, _), sound, ranking in zip(part, samples, ranked, strict=True):
                mine = votes[id(call)]
                for name, probability in ranking.items():
                    mine[name] = mine.get(name, 0.0) + probability * len(sound)
        for call in calls:
            total = sum(votes[id(call)].values()) or 1.0
            call.language, call.probability = self._decide(
                {name: vote / total for name, vote in votes[id(call)].items()}
            )
        at_once = len(voters) <= size and len({call.key for call in calls}) == 1
        if at_once:
            self._read(voters, samples)
        for call in calls:
            self._wait(call, min(VOTERS, len(call.chunks)) if at_once else 0)

    def _wait(self, call: Reading, first: int) -> None:
        queue = self._waiting.setdefault(call.key, [])
        queue += [(call, number) for number in range(first, len(call.chunks))]

    def _read_full(self) -> None:
        for queue in self._waiting.values():
            while len(queue) >= (size := max(1, self._recogniser.batch_size)):
                batch, queue[:size] = queue[:size], []
                self._read(batch, [call.sound(call.chunks[number]) for call, number in batch])

    def _read(self, batch: Sequence[Waiting], samples: Sequence["Samples"]) -> None:
        language, hotwords = batch[0][0].key
        texts = self._recogniser.read(samples, language, hotwords)
        for (call, number), sound, text in zip(batch, samples, texts, strict=True):
            if text.heard.lost and text.words:
                text = better(text, self._recogniser.read_again(sound, language, hotwords))
            call.texts[number] = self._whole(call, number, sound, text)
            self._done += call.chunks[number].length
        self._told(self._done, self._total)

    def _whole(self, call: Reading, number: int, sound: "Samples", text: "ChunkText") -> "ChunkText":
        """A chunk's text, with what was passed over in it read by itself."""
        for span in skipped(text, call.chunks[number]):
            part = sound[round(span[0] * RATE) : round(span[1] * RATE)]
            text = filled(text, self._recogniser.read([part], *call.key)[0], span)
        return text


def better(first: "ChunkText", second: "ChunkText") -> "ChunkText":
    """Of two readings the one that did not lose the thread, else the more probable."""
    if first.heard.lost != second.heard.lost:
        return first if second.heard.lost else second
    return max(first, second, key=lambda text: text.heard.avg_logprob)
