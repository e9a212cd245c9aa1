"""Questions and texts through the network: windows, batches, best spans.

Import this module late: it brings torch.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import torch
from tokenizers import Tokenizer

from bot.reader.batches import MAX_QUESTION, MAX_TITLE
from bot.reader.network import Network, collate
from bot.reader.reading import NO_READING, Reading, Window
from bot.reader.spans import Offsets, Scores, best_span, windows

# Within the longest windows of training; half of a window is seen twice.
WINDOW, STRIDE = 184, 92

# Sequences in one forward pass. More are hardly faster on a processor, take more padding, and
# leave less to be done at the same time.
BATCH = 2

# Where the processor multiplies in half precision: a third less time, and of 400 spans two
# were others.
_HALF = torch.cpu._is_avx512_bf16_supported()


@dataclass(frozen=True, slots=True)
class _Part:
    """A window of a text: which asking it belongs to, its pieces and where they stand."""

    asking: int
    question: list[int]
    title: list[int]
    context: list[int]
    offsets: Offsets

    @property
    def length(self) -> int:
        return len(self.question) + len(self.title) + len(self.context)


class Model:
    """A network with its tokenizer; reads from several threads at once.

    ``passes`` are under way at the same time, each on torch's own number of threads. Two on
    one thread each take half the time of one after the other (measured); one on two threads
    does not, and suffers when another program is busy.
    """

    def __init__(self, network: Network, tokenizer: Tokenizer, passes: int = 1) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._passes = ThreadPoolExecutor(passes, "reading")
        # One thread at a time: a tokenizer is not safe to share, and it takes a small
        # part of the time. The forward pass holds no state.
        self._tokenizing = threading.Lock()

    def read(self, askings: Sequence[tuple[str, str, str]]) -> list[Reading]:
        """The best span for each question, title and text, in their order.

        Of several windows of a text, the one that beats its null answer by most counts.
        """
        parts = sorted(self._parts(askings), key=lambda part: -part.length)
        found: list[list[Reading]] = [[] for _ in askings]
        chunks = [parts[begin : begin + BATCH] for begin in range(0, len(parts), BATCH)]
        for chunk, readings in zip(chunks, self._passes.map(self._forward, chunks), strict=True):
            for part, reading in zip(chunk, readings, strict=True):
                found[part.asking].append(reading)
        return [_best(own) for own in found]

    def _parts(self, askings: Sequence[tuple[str, str, str]]) -> list[_Part]:
        with self._tokenizing:
            questions, titles, texts = (
                self._tokenizer.encode_batch(list(column), add_special_tokens=False)
                for column in zip(*askings, strict=True)
            )
        parts = []
        for number, (question, title, text) in enumerate(
            zip(questions, titles, texts, strict=True)
        ):
            for part in windows(len(text.ids), WINDOW, STRIDE):
                own = slice(part.start, part.stop)
                ids, offsets = text.ids[own], text.offsets[own]
                asked, above = question.ids[:MAX_QUESTION], title.ids[:MAX_TITLE]
                parts.append(_Part(number, asked, above, ids, offsets))
        return parts

    def _forward(self, parts: Sequence[_Part]) -> list[Reading]:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=_HALF):
            start, end = self._network(collate([(p.question, p.title, p.context) for p in parts]))
        rows = zip(parts, start.numpy(), end.numpy(), strict=True)
        return [_reading(part, begins, ends) for part, begins, ends in rows]


def _best(readings: Sequence[Reading]) -> Reading:
    """The readings of a text's windows as one: the surest one's answer, and all windows."""
    if len(readings) <= 1:
        return readings[0] if readings else NO_READING
    surest = max(readings, key=lambda reading: reading.margin)
    return replace(surest, windows=tuple(w for reading in readings for w in reading.windows))


def _reading(part: _Part, start: Scores, end: Scores) -> Reading:
    front = len(part.question) + len(part.title) + 2
    own = slice(front, front + len(part.context))
    starts, ends = np.ascontiguousarray(start[own]), np.ascontiguousarray(end[own])
    span = best_span(starts, ends)
    assert span is not None, "windows() gives no empty window"
    begins = tuple(begin for begin, _ in part.offsets)
    null = float(start[0] + end[0])
    window = Window(begins, tuple(starts.tolist()), tuple(ends.tolist()), null)
    return Reading(part.offsets[span.first][0], part.offsets[span.last][1], (window,))
