"""Token positions to windows and spans: the reader's arithmetic, without a model. Pure.

Positions count a text's word pieces; a span ``first..last`` holds both its ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Offsets = Sequence[tuple[int, int]]

# The longest answer in word pieces: room for an answer of two sentences, which news
# questions get; the share of longer ones in the training data is below 2%.
MAX_SPAN = 64


@dataclass(frozen=True, slots=True)
class Span:
    """The best span of one window; ``score`` is the sum of its two logits."""

    first: int
    last: int
    score: float


def covered(offsets: Offsets, start: int, end: int) -> tuple[int, int] | None:
    """The first and last piece that touch the characters start..end; None if none does."""
    touching = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
    return (touching[0], touching[-1]) if touching else None


def windows(pieces: int, size: int, stride: int) -> list[range]:
    """Overlapping ranges of at most ``size`` pieces that together hold all of them.

    Each begins ``stride`` after the one before; the last one ends with the text, and is
    as long as the others, because a short rest says little. A text of no pieces has none.
    """
    if not 0 < stride <= size:
        raise ValueError(f"a stride of {stride} leaves gaps between windows of {size}")
    if pieces <= size:
        return [range(pieces)] if pieces else []
    starts = [*range(0, pieces - size, stride), pieces - size]
    return [range(start, start + size) for start in starts]


def crop(pieces: int, answer: tuple[int, int] | None, size: int, random: Random) -> range:
    """A window of ``size`` pieces at a random place, around the answer if there is one.

    Random, so that a model cannot learn where in a window answers lie. An answer longer
    than the window keeps its beginning out of it or its end, never both.
    """
    if pieces <= size:
        return range(pieces)
    low, high = 0, pieces - size
    if answer is not None:
        first, last = answer
        low, high = max(low, min(first, last - size + 1)), min(high, max(first, last - size + 1))
        low, high = min(low, high), max(low, high)
    start = random.randint(low, high)
    return range(start, start + size)


def best_span(start: Scores, end: Scores, max_length: int = MAX_SPAN) -> Span | None:
    """The span of the greatest ``start[first] + end[last]``, at most ``max_length`` long.

    Arrays of shape (pieces,). The earliest wins a tie. None for a text of no pieces.
    """
    if start.shape != end.shape:
        raise ValueError(f"{start.shape} start scores and {end.shape} end scores")
    best: Span | None = None
    # For each end, the best start among the last max_length pieces: a loop over lengths
    # keeps it to whole-array additions.
    top = np.full(start.shape, -np.inf, dtype=np.float32)
    where = np.zeros(start.shape, dtype=np.int64)
    positions = np.arange(len(start))
    for length in range(min(max_length, len(start))):
        shifted = start[: len(start) - length]
        better = shifted >= top[length:]
        top[length:][better] = shifted[better]
        where[length:][better] = positions[: len(start) - length][better]
    if len(start):
        total = top + end
        last = int(np.argmax(total))
        best = Span(int(where[last]), last, float(total[last]))
    return best
