"""Windows, crops and spans, against brute force and their own promises."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reader.spans import best_span, covered, crop, windows

lengths = st.integers(min_value=0, max_value=400)


@settings(deadline=None)
@given(lengths, st.integers(1, 60), st.integers(1, 60))
def test_windows_hold_every_piece_and_are_no_longer_than_asked(
    pieces: int, size: int, stride: int
) -> None:
    """Windows together hold every piece, none is too long, and only a short text has one short."""
    stride = min(stride, size)
    found = windows(pieces, size, stride)
    assert {p for window in found for p in window} == set(range(pieces))
    assert all(len(window) == min(size, pieces) for window in found)


@pytest.mark.parametrize("stride", [0, 11])
def test_windows_with_gaps_are_refused(stride: int) -> None:
    """A stride that would leave pieces out is an error."""
    with pytest.raises(ValueError, match="gaps"):
        windows(20, 10, stride)


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(1, 80), st.data())
def test_a_crop_holds_its_answer_or_is_filled_by_it(
    pieces: int, size: int, data: st.DataObject
) -> None:
    """A crop is as long as asked, within the text, and holds the answer or lies within it."""
    first = data.draw(st.integers(0, pieces - 1))
    last = data.draw(st.integers(first, pieces - 1))
    part = crop(pieces, (first, last), size, Random(data.draw(st.integers())))
    assert len(part) == min(size, pieces)
    assert part.start >= 0 and part.stop <= pieces
    inside = part.start <= first and last < part.stop
    within = first <= part.start and part.stop <= last + 1
    assert inside or within


def test_a_crop_lies_anywhere_that_holds_the_answer() -> None:
    """Over many draws, the answer stands at every place that a window allows."""
    random = Random(1)
    starts = {crop(100, (50, 51), 10, random).start for _ in range(500)}
    assert starts == set(range(42, 51))
    assert {crop(20, None, 15, random).start for _ in range(200)} == set(range(6))


scores = st.lists(st.integers(-20, 20), min_size=1, max_size=25)


@settings(deadline=None)
@given(scores, st.data(), st.integers(1, 30))
def test_the_best_span_is_the_one_that_brute_force_finds(
    starts: list[int], data: st.DataObject, longest: int
) -> None:
    """No span within the length scores higher, and the one found has the score it states."""
    ends = data.draw(st.lists(st.integers(-20, 20), min_size=len(starts), max_size=len(starts)))
    found = best_span(np.array(starts, np.float32), np.array(ends, np.float32), longest)
    best = max(
        starts[i] + ends[j]
        for i in range(len(starts))
        for j in range(i, min(len(starts), i + longest))
    )
    assert found is not None
    assert found.score == best == starts[found.first] + ends[found.last]
    assert found.first <= found.last < found.first + longest


def test_a_text_of_no_pieces_has_no_span() -> None:
    """Nothing to choose from gives None, not an error."""
    empty = np.array([], np.float32)
    assert best_span(empty, empty) is None


def test_scores_of_different_lengths_are_refused() -> None:
    """Start and end scores of two texts do not go together."""
    with pytest.raises(ValueError, match="scores"):
        best_span(np.zeros(3, np.float32), np.zeros(4, np.float32))


def test_covered_takes_every_piece_that_a_character_touches() -> None:
    """Pieces that an answer only partly covers count, neighbours do not."""
    offsets = [(0, 3), (4, 8), (8, 10), (11, 12)]
    assert covered(offsets, 5, 9) == (1, 2)
    assert covered(offsets, 4, 8) == (1, 1)
    assert covered(offsets, 3, 4) is None
