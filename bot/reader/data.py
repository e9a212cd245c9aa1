"""The reader's training data: read from its file, and chosen by worth. Pure but for reading.

A line holds ``question``, ``context``, ``answer``, ``answer_start`` (-1 if the context
does not answer), ``answers`` and ``source``; a line of a set of sentences ``question``,
``sentence`` and ``label`` (1 if the sentence answers, but not by which words).
"""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

from index.errors import UnreadableError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Example:
    """A question with a context; ``start`` and ``end`` are its answer's characters.

    Both are -1 where the context does not answer; ``answers`` is then empty. ``within``:
    the answer is some part of those characters, and which is not known.
    """

    question: str
    context: str
    start: int
    end: int
    answers: tuple[str, ...]
    source: str
    within: bool = False

    @property
    def answerable(self) -> bool:
        """Whether the context holds the answer."""
        return self.start >= 0


# How often a source's examples are drawn in one epoch; a source not named is left out.
# Examples of one sentence, tales, reviews and policies are of one kind, and a share of them is
# enough. The pairs are what teaches most to decline, and of these the asked ones are most like
# what people type.
WORTH: Mapping[str, float] = {
    "squad2": 1.5,
    "squad": 1.0,
    "shift_new_wiki": 1.0,
    "onestop": 2.0,
    "nq": 1.0,
    "qed": 1.0,
    "quoref": 1.0,
    "qamr": 0.6,
    "qadisc": 0.7,
    "shift_reddit": 0.8,
    "fairy": 0.5,
    "qanom": 0.5,
    "qasrl": 0.5,
    "shift_amazon_reviews": 0.6,
    "covid": 0.7,
    "policyqa": 0.3,
    "selqa": 1.0,
    "pairs": 0.8,
    "crossed": 0.6,
    "asked": 1.5,
}

# The source of the sentences, whose answers' words are not known.
SENTENCES = "selqa"
# Of the sentences that do not answer, the share that is drawn: there are ten to a question.
SENTENCES_WITHOUT = 0.3


def read(path: Path) -> list[Example]:
    """The examples of a gzipped JSON-lines file, in its order. Raises UnreadableError."""
    return read_records(path, _example)


def read_records(path: Path, parse: Callable[[dict[str, object]], T]) -> list[T]:
    """What ``parse`` makes of each line of a gzipped JSON-lines file.

    Raises UnreadableError, with the line's number where ``parse`` raises ValueError,
    KeyError or TypeError.
    """
    parsed = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    parsed.append(parse(json.loads(line)))
                except (ValueError, KeyError, TypeError) as error:
                    raise UnreadableError(
                        f"{path}, line {number}", f"it is no reading example ({error})"
                    ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(str(path), f"it cannot be read ({error})") from error
    return parsed


def read_sentences(path: Path, seed: int) -> list[Example]:
    """Sentences that answer, and a seeded share of those beside them that do not.

    Raises UnreadableError.
    """
    random = Random(seed)
    return [
        example
        for example in read_records(path, _sentence)
        if example.answerable or (example.context and random.random() < SENTENCES_WITHOUT)
    ]


def _sentence(record: dict[str, object]) -> Example:
    question, sentence, label = record["question"], record["sentence"], record["label"]
    if not (isinstance(question, str) and isinstance(sentence, str) and label in (0, 1)):
        raise ValueError("question and sentence are texts, label is 0 or 1")
    if not label:
        return Example(question.strip(), sentence, -1, -1, (), SENTENCES)
    return Example(question.strip(), sentence, 0, len(sentence), (sentence,), SENTENCES, True)


def _example(record: dict[str, object]) -> Example:
    question, context, source = record["question"], record["context"], record["source"]
    start, answer, answers = record["answer_start"], record["answer"], record["answers"]
    if not (isinstance(question, str) and isinstance(context, str) and isinstance(source, str)):
        raise ValueError("question, context and source are texts")
    if not isinstance(start, int) or not isinstance(answers, list):
        raise ValueError("answer_start is a number and answers a list")
    if start < 0:
        return Example(question.strip(), context, -1, -1, (), source)
    if not isinstance(answer, str) or context[start : start + len(answer)] != answer:
        raise ValueError("the answer does not stand where answer_start says")
    return Example(
        question.strip(),
        context,
        start,
        start + len(answer),
        tuple(dict.fromkeys([answer, *map(str, answers)])),
        source,
    )


def worths(changed: str) -> dict[str, float]:
    """WORTH with what a run changes of it, such as "pairs=0.4 crossed=0.1".

    Raises ValueError where that is not so written or names no source.
    """
    worth = dict(WORTH)
    for word in changed.split():
        source, _, times = word.partition("=")
        if source not in WORTH:
            raise ValueError(f"no source is called {source!r}; there are {', '.join(WORTH)}")
        worth[source] = float(times)
    return worth


def choose(examples: Sequence[Example], seed: int, worth: Mapping[str, float]) -> list[Example]:
    """The examples of one epoch by their sources' worth, in a seeded order.

    A worth of 2.5 takes each example of a source twice and a random half of them a
    third time.
    """
    random = Random(seed)
    chosen: list[Example] = []
    for source in sorted({example.source for example in examples}):
        own = [example for example in examples if example.source == source]
        times = worth.get(source, 0.0)
        whole = int(times)
        chosen += own * whole + random.sample(own, round((times - whole) * len(own)))
    random.shuffle(chosen)
    return chosen


def counts(examples: Iterable[Example]) -> dict[str, tuple[int, int]]:
    """By source, the numbers of answerable and of unanswerable examples."""
    yes: Counter[str] = Counter()
    no: Counter[str] = Counter()
    for example in examples:
        (yes if example.answerable else no)[example.source] += 1
    return {source: (yes[source], no[source]) for source in sorted(yes.keys() | no.keys())}
