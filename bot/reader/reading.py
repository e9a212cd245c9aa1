"""The reader as the rest of the program holds it: a question and texts to readings.

Importing this module is cheap; torch and the weights come at the first reading.
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ModelError

if TYPE_CHECKING:
    from bot.reader.inference import Model

# Margins beyond this are as good as certain.
_FARTHEST = 7.0

WEIGHTS = Path(__file__).with_name("weights.safetensors")


@dataclass(frozen=True, slots=True)
class Reading:
    """The best answer in one text, and how likely it is that the text says anything.

    ``text_start`` and ``text_end`` are characters of the text. Each score is the sum of two
    logits, of the start and of the end: ``span_score`` the best span's, ``answer_score`` that
    of all starts together (the log of the sum of their exponentials) and of all ends,
    ``null_score`` that of "the text does not say". Only differences compare between texts.
    """

    text_start: int
    text_end: int
    span_score: float
    answer_score: float
    null_score: float

    @property
    def margin(self) -> float:
        """Answer minus null, a sum of two log-odds: above 0 where the text likely answers.

        Of all spans and not of the best: where several are as likely, such as a name with and
        without its title, each of them alone is less likely than that one of them is right.
        """
        return self.answer_score - self.null_score

    @property
    def sureness(self) -> float:
        """The margin as 0..1, above 0.5 where an answer is likelier than none.

        Linear as far as margins tell anything: as a probability it would be next to 0 for
        most texts, and how much less unlikely one is than another would be lost.
        """
        return (min(max(self.margin, -_FARTHEST), _FARTHEST) + _FARTHEST) / (2 * _FARTHEST)


# Of a text that was not read: an empty span that beats nothing.
NO_READING = Reading(0, 0, -100.0, -100.0, 0.0)


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
