"""Paragraphs and sentences are slices of the text, and sentences end where readers end them."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.paragraphs import LONGEST_WORDS, Span, only_asks, split_paragraphs, split_sentences

# Text that is dense in what the rules look at; free text besides, for what they do not expect.
_PIECES = st.sampled_from(
    (
        "\n\n \n \n\t\n \u00a0 \u2003 \x1f Mr. U.S. a.m. 3.5 J. Ltd. No. “ ” . ... … ?! 。 ( ) '"
        " The he word é 𝒳"
    ).split(" ")
    + [" "] * 12
)
_TEXTS = st.one_of(st.lists(_PIECES, max_size=60).map("".join), st.text(max_size=200))
_LONG = st.lists(st.sampled_from(["word", "end.", "Then", "the"]), max_size=700).map(" ".join)


def _shown(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


def _sentences(text: str) -> list[str]:
    return _shown(text, split_sentences(text, 0, len(text)))


def _letters(text: str) -> str:
    return "".join(text.split())


def _hold_together(text: str, spans: tuple[Span, ...], start: int, end: int) -> None:
    assert all(start <= span.start < span.end <= end for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(piece == piece.strip() != "" for piece in _shown(text, spans))
    assert _letters("".join(_shown(text, spans))) == _letters(text[start:end])


@given(_TEXTS | _LONG)
@example("")
@example("\n\n \n")
def test_paragraphs_are_slices_in_order_and_lose_nothing(text: str) -> None:
    """Paragraphs are stripped slices in order and hold all that is not space."""
    _hold_together(text, split_paragraphs(text), 0, len(text))


@given(_TEXTS | _LONG, st.data())
def test_sentences_are_slices_in_order_and_lose_nothing(text: str, data: st.DataObject) -> None:
    """The sentences of any part of a text are stripped slices of it that lose nothing."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    _hold_together(text, split_sentences(text, start, end), start, end)


@given(_TEXTS | _LONG)
def test_no_paragraph_is_longer_than_the_limit(text: str) -> None:
    """No paragraph has more than LONGEST_WORDS words, whatever the text is."""
    assert all(
        len(piece.split()) <= LONGEST_WORDS for piece in _shown(text, split_paragraphs(text))
    )


@given(st.lists(st.from_regex(r"\A[a-z]{1,8}( [a-z]{1,8}){0,20}\Z"), min_size=1, max_size=8))
def test_empty_lines_part_paragraphs_and_nothing_else_does(blocks: list[str]) -> None:
    """Blocks under the limit that stand between empty lines are the paragraphs."""
    text = "\n\n".join(blocks)
    assert _shown(text, split_paragraphs(text)) == blocks


@pytest.mark.parametrize("gap", ["\n\n", "\n \n", "\n\t\n", "\n\n\n\n", "  \n\n  "])
def test_an_empty_line_may_hold_spaces(gap: str) -> None:
    """Spaces and tabs on the line between two paragraphs do not join them."""
    text = f"One two.{gap}Three four."
    assert _shown(text, split_paragraphs(text)) == ["One two.", "Three four."]


def test_a_single_line_break_stays_in_its_paragraph() -> None:
    """A line break alone parts no paragraphs."""
    text = "One two\nthree four."
    assert _shown(text, split_paragraphs(text)) == [text]


def test_a_long_paragraph_is_cut_at_sentence_ends() -> None:
    """A paragraph above the limit is cut behind a sentence, with as many as fit in each piece."""
    sentence = "The council met again on Monday to vote on it."
    text = " ".join([sentence] * 40)
    pieces = _shown(text, split_paragraphs(text))
    per_piece = LONGEST_WORDS // len(sentence.split())
    assert [piece.count("Monday") for piece in pieces] == [per_piece, per_piece, 40 - 2 * per_piece]
    assert all(piece.endswith("it.") for piece in pieces)


def test_a_sentence_above_the_limit_is_cut_between_words() -> None:
    """A single sentence above the limit is cut between words."""
    text = " ".join(f"word{i}" for i in range(LONGEST_WORDS * 2 + 1))
    pieces = _shown(text, split_paragraphs(text))
    assert [len(piece.split()) for piece in pieces] == [LONGEST_WORDS, LONGEST_WORDS, 1]


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Smith met Dr. Jones on Friday.",
        "Gen. Mark Milley and Lt. Col. Ana Diaz spoke first.",
        "It fell on Jan. 5 and rose on Feb. 6 again.",
        "Flight No. 7 was late.",
        "The U.S. Senate voted.",
        "The U.K. Home Office and the E.U. Commission agreed.",
        "Prices rose 3.5 percent to $1.25 a litre.",
        "J. K. Rowling and George R. R. Martin signed.",
        "J.R.R. Tolkien wrote it.",
        "He sells apples, pears etc. and gives change.",
        "Acme Inc. said on Monday that it would close.",
        "St. Louis beat Chicago vs. all odds.",
        "“Really?” he asked.",
        "“Stop!” she said to them.",
        "They waited ... and waited.",
        "Visit bbc.co.uk or gov.uk today.",
        "Sammy Davis Jr. Drive was closed.",
        "The art. 5 clause held.",
        "The bill (see Sec. Blinken, p. 4) passed.",
    ],
)
def test_one_sentence_stays_one(text: str) -> None:
    """A full stop after a title, an initial, an abbreviation or in a number ends no sentence."""
    assert _sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("It rained. Then it snowed.", "It rained."),
        ("Will it rain? Nobody knows.", "Will it rain?"),
        ("What a day! We won.", "What a day!"),
        ("He said “no.” Then he left.", "He said “no.”"),
        ('She said "yes." They married.', 'She said "yes."'),
        ("It ended (at last.) People cheered.", "It ended (at last.)"),
        ("It ended. “We won,” she said.", "It ended."),
        ("He moved to the U.S. The family followed.", "He moved to the U.S."),
        ("The shop opens at 9 a.m. It closes at 5 p.m.", "The shop opens at 9 a.m."),
        ("He works for Acme Inc. They pay well.", "He works for Acme Inc."),
        ("It cost 5. Ten came.", "It cost 5."),
        ("She loves modern art. The museum opened.", "She loves modern art."),
        ("They sat. Judge Lee spoke.", "They sat."),
        ("They met Sammy Davis Jr. The singer waved.", "They met Sammy Davis Jr."),
        ("In 2020. 15 people came.", "In 2020."),
        ("They waited… Nobody came.", "They waited…"),
        ("It was over... The end came.", "It was over..."),
        ("停火已生效。双方会谈。", "停火已生效。"),
        ("هل انتهى؟ نعم انتهى.", "هل انتهى؟"),
        ("युद्ध रुक गया। सब लौटे।", "युद्ध रुक गया।"),
        ("It failed.\nThen it worked.", "It failed."),
    ],
)
def test_a_sentence_ends_where_a_reader_ends_it(text: str, first: str) -> None:
    """A sentence ends at its mark with the closing quotes and brackets behind it."""
    sentences = _sentences(text)
    assert sentences[0] == first
    assert len(sentences) == 2


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Which landmark is riddled with rust?", True),
        ("“Which landmark is riddled with rust?”", True),
        ("Who won? And who lost?", True),
        ("من فاز؟", True),
        ("The tower is riddled with rust. But who pays?", False),
        ("Who pays? The city does.", False),
        ("Who pays, asked Mr. Lee.", False),
        ("“Who pays?” he asked.", False),
        ("", False),
    ],
)
def test_a_paragraph_only_asks_when_each_of_its_sentences_does(text: str, asks: bool) -> None:
    """One statement among the questions is enough to say something."""
    assert only_asks(text) is asks


def test_offsets_count_from_the_whole_text() -> None:
    """Sentences of a later paragraph carry offsets into the whole text."""
    text = "First here.\n\nSecond one. Third one."
    second = split_paragraphs(text)[1]
    assert _shown(text, split_sentences(text, second.start, second.end)) == [
        "Second one.",
        "Third one.",
    ]


def test_a_long_text_takes_time_in_proportion() -> None:
    """Half a million terminators with nothing between them are read, not searched quadratically."""
    text = "a. " * 200_000 + "." * 200_000
    spans = split_paragraphs(text)
    assert re.sub(r"\s", "", text) == "".join(_letters(piece) for piece in _shown(text, spans))
