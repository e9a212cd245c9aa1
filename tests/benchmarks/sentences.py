"""Which of a newswire document's sentences answers: words, vectors and the reader.

TrecQA (Wang, Smith, Mitamura 2007): questions of TREC 8 to 13 with sentences from newspapers,
judged by people. Nothing was trained or chosen on it. Mean average precision and mean
reciprocal rank over the questions that have a sentence of either kind.
"""

import gzip
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.features import asked, share, words
from bot.reader.reading import Reader
from index.embedding import Embedder
from tests.benchmarks.intervals import interval
from tests.shared import FOLDER

DATA = FOLDER / "data" / "sentences" / "trecqa.jsonl.gz"

# The set is cut into tokens as treebanks are; newspapers are not printed so.
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "``": '"', "''": '"'}
_SPACE = re.compile(r" (?=[,.;:?!)%]|'s\b|n't\b|'(?:re|ve|ll|d|m)\b)|(?<=[($]) ")


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with its sentences, and which of them answer it."""

    question: str
    sentences: tuple[str, ...]
    answers: tuple[bool, ...]


def cases() -> list[Judged]:
    """The questions that have a sentence of either kind, in the data's order."""
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    with gzip.open(DATA, "rt", encoding="utf-8") as file:
        for line in map(json.loads, file):
            found[written(line["question"])].append((written(line["sentence"]), line["label"] == 1))
    return [
        Judged(question, tuple(s for s, _ in pairs), tuple(yes for _, yes in pairs))
        for question, pairs in found.items()
        if len({yes for _, yes in pairs}) == 2
    ]


def written(tokens: str) -> str:
    """A treebank's tokens as a newspaper would print them."""
    return _SPACE.sub("", " ".join(_BRACKETS.get(t, t) for t in tokens.split()))


def average_precision(scores: Sequence[float], answers: Sequence[bool]) -> float:
    """The mean, over the right ones, of the share of right ones down to each. Ties as given."""
    ranked = [answers[i] for i in np.argsort(-np.asarray(scores), kind="stable")]
    places = [place for place, right in enumerate(ranked, start=1) if right]
    return sum(n / place for n, place in enumerate(places, start=1)) / len(places)


def reciprocal_rank(scores: Sequence[float], answers: Sequence[bool]) -> float:
    """One by the place of the first right one. Ties as given."""
    ranked = [answers[i] for i in np.argsort(-np.asarray(scores), kind="stable")]
    return 1 / (1 + ranked.index(True))


def by_words(judged: Sequence[Judged]) -> Callable[[Judged], list[float]]:
    """The share of the question's words that a sentence holds, by their rarity in the set."""
    said = {s: set(words(s)) for j in judged for s in j.sentences}
    found = Counter(word for these in said.values() for word in these)

    def scores(case: Judged) -> list[float]:
        rarities = {w: math.log(len(said) / (1 + found[w])) for w in words(case.question)}
        question = asked(case.question, rarities)
        return [share(question.rarities, said[s]) for s in case.sentences]

    return scores


def by_vectors(embedder: Embedder) -> Callable[[Judged], list[float]]:
    """The cosine of question and sentence."""

    def scores(case: Judged) -> list[float]:
        vectors = embedder.encode([case.question, *case.sentences])
        return [float(cosine) for cosine in vectors[1:] @ vectors[0]]

    return scores


def by_reader(reader: Reader) -> Callable[[Judged], list[float]]:
    """By how much the reader prefers an answer in a sentence to none."""

    def scores(case: Judged) -> list[float]:
        return [reading.margin for reading in reader.read(case.question, case.sentences)]

    return scores


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure each way of ranking; prints a table, returns the figures with 95 % intervals."""
    console = console or Console()
    judged = cases()
    ways = {
        "words": by_words(judged),
        "vectors": by_vectors(Embedder()),
        "reader": by_reader(Reader()),
    }
    table = Table(title=f"Sentences of {len(judged)} newswire questions", title_justify="left")
    for name in ("", "MAP", "MRR"):
        table.add_column(name, justify="right" if name else "left")
    figures: dict[str, Any] = {"questions": len(judged)}
    for name, way in ways.items():
        scored = [(way(case), case.answers) for case in judged]
        figures[name] = {
            "map": interval([average_precision(*pair) for pair in scored]),
            "mrr": interval([reciprocal_rank(*pair) for pair in scored]),
        }
        cells = (figures[name][measure] for measure in ("map", "mrr"))
        table.add_row(name, *(f"{c['value']:.3f} [{c['low']:.2f}–{c['high']:.2f}]" for c in cells))
    console.print(table)
    return figures
