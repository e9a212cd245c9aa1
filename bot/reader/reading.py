"""The reader as the rest of the program holds it: a question and texts to readings.

Importing this module is cheap; torch and the weights come at the first reading.
"""

import os
import threading
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, log
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ModelError

if TYPE_CHECKING:
    from bot.reader.inference import Model

# Margins beyond these tell no more. They reach further down than up: nearly all sentences do
# not answer, and how much less unlikely one is than another tells.
_LEAST, _MOST = -14.0, 7.0

WEIGHTS = Path(__file__).with_name("weights.safetensors")


@dataclass(frozen=True, slots=True)
class Window:
    """What the reader made of a part of a text: logits of each word piece, and of no answer.

    ``begins`` are the first characters of the pieces in the text, ascending; ``starts`` and
    ``ends`` how well the answer begins and ends with each; ``null_score`` is the sum of the
    two logits of "the text does not say". Only differences of scores compare between texts.
    """

    begins: tuple[int, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    null_score: float

    def margin(self, start: int, end: float) -> float:
        """See Reading.margin_of; -inf where the window has nothing of these characters."""
        own = slice(bisect_left(self.begins, start), bisect_left(self.begins, end))
        if own.start == own.stop:
            return -inf
        return _total(self.starts[own]) + _total(self.ends[own]) - self.null_score


@dataclass(frozen=True, slots=True)
class Reading:
    """The best answer in one text, characters ``text_start`` to ``text_end`` of it.

    ``windows`` are the parts that it was read in, and none where it has no words.
    """

    text_start: int
    text_end: int
    windows: tuple[Window, ...] = ()

    @property
    def margin(self) -> float:
        """The sum of two log-odds, those that the answer begins in the text and ends in it.

        Above 0 where an answer is likelier than none. Of all spans and not of the best: where
        several are as likely, such as a name with and without its title, each alone is less
        likely than that one of them is right.
        """
        return self.margin_of(0, inf)

    def margin_of(self, start: int, end: float) -> float:
        """The same of those answers that are among the characters ``start`` to ``end``.

        -inf where nothing of them was read.
        """
        return max((window.margin(start, end) for window in self.windows), default=-inf)

    def sureness_of(self, start: int, end: int) -> float:
        """margin_of() as 0..1: linear as far as margins tell anything.

        As a probability it would be next to 0 for most texts, and how much less unlikely one
        is than another would be lost.
        """
        margin = min(max(self.margin_of(start, end), _LEAST), _MOST)
        return (margin - _LEAST) / (_MOST - _LEAST)


def _total(logits: Sequence[float]) -> float:
    """The log of the sum of exponentials."""
    most = max(logits)
    return most + log(sum(exp(logit - most) for logit in logits))


# Of a text that was not read: an empty span that beats nothing.
NO_READING = Reading(0, 0)


class Reader:
    """The packaged span reader, loaded at the first text; safe to share between threads.

    ``threads`` is the number of processor threads of one forward pass, half of the
    processors by default, as for the embedding model: torch keeps one number for both. As
    many passes go at the same time as the processors have room for.
    """

    def __init__(
        self,
        threads: int | None = None,
        *,
        weights: Path = WEIGHTS,
        on_loading: Callable[[], None] | None = None,
    ) -> None:
        self._threads = threads or max(1, (os.cpu_count() or 2) // 2)
        self._weights = weights
        self._on_loading = on_loading
        self._model: Model | None = None
        self._loading = threading.Lock()

    def load(self) -> "Model":
        """The model, loaded now if it was not yet. Raises ModelError."""
        with self._loading:
            if self._model is None:
                if not self._weights.is_file():
                    raise ModelError(
                        "The reader",
                        f"its weights {self._weights} are missing",
                        "Install newsbot again",
                    )
                if self._on_loading is not None:
                    self._on_loading()
                import torch

                from bot.reader.inference import Model
                from bot.reader.network import load_tokenizer, load_weights

                torch.set_num_threads(self._threads)
                passes = max(1, (os.cpu_count() or 1) // self._threads)
                self._model = Model(load_weights(self._weights), load_tokenizer(), passes)
            return self._model

    def read(
        self, question: str, texts: Sequence[str], titles: Sequence[str] = ()
    ) -> list[Reading]:
        """The best answer to the question in each text, in the order of the texts.

        ``titles`` are what stands above each text, read with it because a paragraph often
        does not name what it speaks of; no answer comes from them. None are needed.
        A text longer than the model's window is read in overlapping parts. A text
        without words reads as an empty span that scores far below the null answer.
        Raises ModelError.
        """
        above = titles or [""] * len(texts)
        askings = [(question, title, text) for title, text in zip(above, texts, strict=True)]
        return self.load().read(askings) if askings else []
