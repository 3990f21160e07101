"""Words to speakers to turns: tables with near misses, and what must always hold."""

import pytest

from pipelines.attribute import AttributeOptions, owners_of, smooth, turns_of
from pipelines.values import HeardWord, Speakers, SpeakerSpan, Transcript


def said(
    text: str, start: float, *, each: float = 0.3, channel: int = 0, doubtful: bool = False
) -> list[HeardWord]:
    """Words one after the other, ``each`` seconds long, without pauses."""
    return [
        HeardWord(
            text=word,
            start=round(start + i * each, 3),
            end=round(start + (i + 1) * each, 3),
            probability=0.9,
            channel=channel,
            doubtful=doubtful,
        )
        for i, word in enumerate(text.split())
    ]


def span(speaker: str, start: float, end: float, channel: int = 0) -> SpeakerSpan:
    return SpeakerSpan(speaker=speaker, channel=channel, start=start, end=end)


def joined(words: list[HeardWord], spans: list[SpeakerSpan]) -> list[tuple[str | None, str]]:
    ordered = tuple(sorted(words, key=lambda w: (w.start, w.end)))
    transcript = Transcript(language="en", words=ordered)
    return [(turn.speaker, turn.text) for turn in turns_of(transcript, Speakers(spans=tuple(spans)))]


def test_two_speakers_by_overlap() -> None:
    words = said("How can I help?", 0.0) + said("My order is late.", 2.0)
    assert joined(words, [span("B", 0, 1.3), span("A", 1.9, 3.3)]) == [
        ("S0", "How can I help?"),
        ("S1", "My order is late."),
    ]


def test_a_word_in_no_span_goes_to_the_nearest() -> None:
    words = said("one", 0.0) + said("two", 0.9) + said("three", 2.0)
    assert owners_of(words, [span("A", 0, 0.5), span("B", 1.9, 2.5)]) == ["A", "A", "B"]


def test_where_both_talk_the_one_who_has_the_floor_keeps_it() -> None:
    words = said("yes I know that", 0.0)
    assert owners_of(words, [span("A", 0, 1.3), span("B", 0.5, 1.3)]) == ["A"] * 4


@pytest.mark.parametrize(
    ("text", "owners", "expected"),
    [
        # The voice changes a word before or after the sentence ends.
        ("Can you spell it? Sure thing.", "AAABBB", "AAAABB"),
        ("Can you spell it? Sure thing.", "AAAAAB", "AAAABB"),
        ("Can you spell it? Sure thing.", "AABBBB", "AAAABB"),
        # Near misses: it changes at the end already; it changes too far from it; there is no end.
        ("Can you spell it? Sure thing.", "AAAABB", "AAAABB"),
        ("Can you spell it for me? Sure.", "ABBBBBB", "ABBBBBB"),
        ("I think so well maybe then", "AAABBB", "AAABBB"),
        # A stray word in another's running sentence is given back, a listener's word is not.
        ("it was last august the tenth", "AAABAA", "AAAAAA"),
        ("it was last okay the tenth", "AAABAA", "AAABAA"),
        ("It was last. August the tenth.", "AAABBA", "AAABBB"),
    ],
)
def test_the_change_of_voice_meets_the_sentence(text: str, owners: str, expected: str) -> None:
    words = said(text, 0.0, each=0.25)
    assert "".join(smooth(words, list(owners), AttributeOptions())) == expected


def test_a_change_after_a_pause_stays() -> None:
    words = said("Can you spell", 0.0) + said("it? Sure.", 2.0)
    assert "".join(smooth(words, list("AAABB"), AttributeOptions())) == "AAABB"


@pytest.mark.parametrize(("pause", "turns"), [(0.5, 1), (1.9, 1), (2.2, 2), (9.0, 2)])
def test_only_a_long_pause_ends_a_turn(pause: float, turns: int) -> None:
    words = said("let me see.", 0.0) + said("Here it is.", 0.9 + pause)
    assert len(joined(words, [span("A", 0, 20)])) == turns


def test_a_listeners_okay_tears_nobody_apart() -> None:
    words = (
        said("first you open the box", 0.0, channel=0)
        + said("okay", 1.6, channel=1)
        + said("and then you press", 2.2, channel=0)
    )
    assert joined(words, [span("A", 0, 4, 0), span("B", 1.6, 2, 1)]) == [
        ("S0", "first you open the box and then you press"),
        ("S1", "okay"),
    ]


def test_an_answer_is_no_back_channel() -> None:
    words = (
        said("is that right?", 0.0, channel=0)
        + said("yes", 1.1, channel=1)
        + said("then I will send it", 1.6, channel=0)
    )
    assert [text for _, text in joined(words, [span("A", 0, 4, 0), span("B", 1, 2, 1)])] == [
        "is that right?",
        "yes",
        "then I will send it",
    ]


def test_talking_over_gives_turns_that_overlap() -> None:
    words = said("I have been waiting here for weeks now", 0.0, channel=1) + said(
        "please calm down a bit", 1.0, channel=0
    )
    transcript = Transcript(language="en", words=tuple(sorted(words, key=lambda w: w.start or 0)))
    speakers = Speakers(spans=(span("A", 1, 3, 0), span("B", 0, 3, 1)))
    first, second = turns_of(transcript, speakers)
    assert first.channel == 1
    assert second.channel == 0
    assert (first.end or 0) > (second.start or 0)


def test_doubtful_stretches_stand_by_themselves() -> None:
    words = said("Thanks for calling.", 0.0) + said("please subscribe to it", 1.0, doubtful=True)
    transcript = Transcript(language="en", words=tuple(words))
    turns = turns_of(transcript, Speakers(spans=(span("A", 0, 5),)))
    assert [(turn.text, turn.doubtful) for turn in turns] == [
        ("Thanks for calling.", False),
        ("please subscribe to it", True),
    ]


def test_one_doubtful_word_stays_in_its_sentence() -> None:
    words = said("Thanks for", 0.0) + said("calling", 0.6, doubtful=True) + said("us today.", 0.9)
    assert joined(words, [span("A", 0, 5)]) == [("S0", "Thanks for calling us today.")]


def test_channels_are_kept_only_where_they_are_speakers() -> None:
    mono = Transcript(language="en", words=tuple(said("a b", 0) + said("c d", 2)))
    turns = turns_of(mono, Speakers(spans=(span("A", 0, 1), span("B", 2, 3))))
    assert {turn.channel for turn in turns} == {None}
    stereo = Transcript(language="en", words=tuple(said("a b", 0) + said("c d", 2, channel=1)))
    turns = turns_of(stereo, Speakers(spans=(span("A", 0, 1, 0), span("B", 2, 3, 1))))
    assert [turn.channel for turn in turns] == [0, 1]


def test_words_without_speakers_and_nothing_at_all() -> None:
    assert joined(said("hello there", 0), []) == [("S0", "hello there")]
    assert joined([], []) == []


@pytest.mark.parametrize("seed", range(20))
def test_no_word_is_lost_or_said_twice(seed: int) -> None:
    import random

    draw = random.Random(seed)
    words: list[HeardWord] = []
    at = 0.0
    for _ in range(60):
        at += draw.choice([0.0, 0.1, 0.4, 1.0, 3.0])
        text = draw.choice(["okay", "then.", "order", "why?", "late", "yes"])
        words += said(text, round(at, 3), channel=draw.choice([0, 0, 1]), doubtful=draw.random() < 0.1)
        at += 0.3
    spans = [
        span(draw.choice("AB"), start, start + draw.uniform(0.5, 6), 0)
        for start in (draw.uniform(0, at) for _ in range(15))
    ]
    spans.append(span("C", 0, at, 1))
    transcript = Transcript(language="en", words=tuple(words))
    turns = turns_of(transcript, Speakers(spans=tuple(sorted(spans, key=lambda s: s.start))))
    assert sorted(w.text for t in turns for w in t.words) == sorted(w.text for w in words)
    assert [t.index for t in turns] == list(range(len(turns)))
    starts = [t.start or 0 for t in turns]
    assert starts == sorted(starts)
    first_heard = list(dict.fromkeys(t.speaker for t in turns))
    assert first_heard == [f"S{n}" for n in range(len(first_heard))]
    for turn in turns:
        assert turn.text == " ".join(w.text for w in turn.words)
