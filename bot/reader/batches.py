"""Training examples to batches: pieces, random windows, like lengths together. Pure.

Which examples a step gets and where their windows lie follows from the seed and the
step's number alone, so that a run that was cut off goes on exactly as it would have.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

from tokenizers import Tokenizer

from bot.reader.data import Example
from bot.reader.spans import Offsets, covered, crop

MAX_QUESTION, MAX_TITLE = 40, 24

# A text is read under its headline, and the training data have none. Of those contexts that
# answer after their first sentence, so many are read with that above the rest, which like a
# headline names what the rest may call "it" and holds no answer. Of contexts that answer,
# every fourth does so in its first sentence: as many fewer of those that do not are taken.
_HEADED, _HEADED_UNANSWERED = 0.4, 0.3
_FIRST_SENTENCE = re.compile(r".{25,}?[.!?][\"')\]”’]*\s+(?=\S)", re.DOTALL)

# Windows of a news paragraph's length up to that of a long one.
SHORTEST_WINDOW, LONGEST_WINDOW = 96, 184

_CHUNK = 256
# Examples whose windows are sorted together, in batches.
_POOL = 40


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example as word pieces; ``answer`` is its first and last context piece.

    ``within``: the answer is some part of these, and which is not known. ``opening`` pieces
    of the context are its first sentence, 0 where no other follows.
    """

    question: Sequence[int]
    context: Sequence[int]
    answer: tuple[int, int] | None
    within: bool = False
    opening: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """A question and a window; ``first`` and ``last`` are sequence positions, 0 for none.

    ``within``: any part of the window may be the answer, but there is one. ``title`` stands
    above the window and holds no answer.
    """

    question: Sequence[int]
    title: Sequence[int]
    context: Sequence[int]
    first: int
    last: int
    within: bool = False

    @property
    def length(self) -> int:
        """The word pieces of all three."""
        return len(self.question) + len(self.title) + len(self.context)


def encode(tokenizer: Tokenizer, examples: Sequence[Example]) -> list[Encoded]:
    """The examples as word pieces; one whose answer no piece touches becomes unanswerable."""
    encoded: list[Encoded] = []
    remaining = iter(examples)
    while chunk := list(islice(remaining, _CHUNK)):
        questions = tokenizer.encode_batch([e.question for e in chunk], add_special_tokens=False)
        contexts = tokenizer.encode_batch([e.context for e in chunk], add_special_tokens=False)
        for example, question, context in zip(chunk, questions, contexts, strict=True):
            answer = covered(context.offsets, example.start, example.end)
            encoded.append(
                # Two bytes a piece: tens of thousands of contexts stay in memory.
                Encoded(
                    array("H", question.ids[:MAX_QUESTION]),
                    array("H", context.ids),
                    answer if example.answerable else None,
                    example.within and answer is not None,
                    _opening(example.context, context.offsets),
                )
            )
    return encoded


def _opening(context: str, offsets: Offsets) -> int:
    sentence = _FIRST_SENTENCE.match(context)
    return bisect_left(offsets, (sentence.end(), 0)) if sentence else 0


class Plan:
    """Which batch each step trains on, for a number of epochs without end."""

    def __init__(self, encoded: Sequence[Encoded], batch: int, seed: int) -> None:
        if len(encoded) < batch:
            raise ValueError(f"{len(encoded)} examples are less than one batch of {batch}")
        self._encoded = encoded
        self._batch = batch
        self._seed = seed
        self._epoch, self._order = -1, list(range(len(encoded)))
        self._pool: tuple[int, int] = (-1, -1)
        self._batches: list[list[Item]] = []

    @property
    def steps_per_epoch(self) -> int:
        """Full batches in one pass; the rest of a pass waits for the next one's order."""
        return len(self._encoded) // self._batch

    def batch(self, step: int) -> list[Item]:
        """The items of a step, counted from 0."""
        epoch, within = divmod(step, self.steps_per_epoch)
        number, place = divmod(within, _POOL)
        if (epoch, number) != self._pool:
            self._batches = self._arranged(epoch, number)
            self._pool = epoch, number
        return self._batches[place]

    def _arranged(self, epoch: int, number: int) -> list[list[Item]]:
        if epoch != self._epoch:
            self._order = list(range(len(self._encoded)))
            Random(f"{self._seed}:{epoch}").shuffle(self._order)
            self._epoch = epoch
        random = Random(f"{self._seed}:{epoch}:{number}")
        size = self._batch * _POOL
        own = self._order[number * size : (number + 1) * size]
        items = [window(self._encoded[place], random) for place in own]
        items.sort(key=lambda item: item.length)
        full = len(items) - len(items) % self._batch
        batches = [items[i : i + self._batch] for i in range(0, full, self._batch)]
        random.shuffle(batches)
        return batches


def window(encoded: Encoded, random: Random) -> Item:
    """A random window of a random size around the answer, or anywhere if there is none.

    Of some contexts the first sentence is taken for the title, and not for the window.
    """
    size = random.randint(SHORTEST_WINDOW, LONGEST_WINDOW)
    begin = encoded.opening if _headed(encoded, random) else 0
    title, rest = encoded.context[: min(begin, MAX_TITLE)], encoded.context[begin:]
    answer = encoded.answer
    if answer is not None:
        answer = answer[0] - begin, answer[1] - begin
    part = crop(len(rest), answer, size, random)
    first = last = 0
    if answer is not None:
        front = len(encoded.question) + len(title) + 2
        first = front + max(answer[0], part.start) - part.start
        last = front + min(answer[1], part.stop - 1) - part.start
    own = rest[part.start : part.stop]
    return Item(encoded.question, title, own, first, last, encoded.within)


def _headed(encoded: Encoded, random: Random) -> bool:
    if encoded.answer is None:
        return bool(encoded.opening) and random.random() < _HEADED_UNANSWERED
    return 0 < encoded.opening <= encoded.answer[0] and random.random() < _HEADED
