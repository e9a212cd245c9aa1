"""How often search finds the passage that answers: words, vectors, and both fused.

On news quizzes and on questions as people type them, each asked on its day: the limits that
its dates set hold for words and vectors alone as well. The weight, the number of candidates
and the titles' boost are chosen on the earlier questions of both; what is reported is
measured on the later ones.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from index import News
from index.archive import Row
from index.database import open_database
from index.embedding import DEFAULT_MODEL, Embedder
from index.keywords import TITLE_BOOST, KeywordIndex
from index.paragraphs import only_asks
from index.search import CANDIDATES, PLACE_WEIGHT, VECTOR_WEIGHT, fade, fuse, place
from index.stored_vectors import StoredVectors
from index.vectors import VectorIndex
from tests.benchmarks import archives, newsqa, wikinews
from tests.benchmarks.asking import sought_by
from tests.benchmarks.intervals import interval

WEIGHTS = tuple(round(0.1 * i, 1) for i in range(11))
COUNTS = (50, 100, 200)
BOOSTS = (0.0, 0.25, 0.5, 1.0, 2.0)
PLACES = (0.0, 0.05, 0.1, 0.2)
# Of one article, and of one outlet, so many come before the rest.
CAPS = {"article": (1, 2, 3), "outlet": (3, 5)}

Ranking = Sequence[int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question and what is right: paragraphs that ``holds`` says answer it.

    ``gold`` are the keys of the articles that answer it, ``weak`` of those that may.
    """

    text: str
    asked: datetime
    tuning: bool
    gold: frozenset[str]
    weak: frozenset[str]
    holds: Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question's candidates with the paragraphs and articles that are right.

    ``near`` are (id, cosine) by the vectors, ``words`` (id, BM25) for each title boost,
    both best first; ``cosines`` has every id of either, ``of`` its article and outlet,
    ``numbers`` its place in the article, ``moments`` when it was published; ``asks`` are those
    that only ask. ``half_life`` is the question's, if it asks for the latest. ``strict`` are
    the paragraphs of gold articles that hold the answer, ``broad`` those of gold and weak
    ones, ``gold`` all paragraphs of gold articles.
    """

    text: str
    asked: datetime
    tuning: bool
    half_life: float | None
    near: list[tuple[int, float]]
    words: dict[float, list[tuple[int, float]]]
    cosines: dict[int, float]
    of: dict[int, dict[str, Hashable]]
    numbers: dict[int, int]
    moments: dict[int, datetime]
    asks: frozenset[int]
    strict: frozenset[int]
    broad: frozenset[int]
    gold: frozenset[int]


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure retrieval on the news questions; prints tables, returns all figures."""
    console = console or Console()
    embedder = Embedder()
    sets = {
        "quiz": judge(newsqa.build(embedder), embedder, quiz()),
        "wikinews": judge(wikinews.archive(embedder), embedder, people()),
    }
    chosen = choose([j for judged in sets.values() for j in judged if j.tuning])
    settings: dict[str, Callable[[Judged], Ranking]] = {
        "BM25 alone": lambda j: [i for i, _ in j.words[TITLE_BOOST]],
        "vectors alone": lambda j: [i for i, _ in j.near],
        **{f"fused, weight {w}": fused(w, CANDIDATES, TITLE_BOOST) for w in WEIGHTS},
        **{f"{c} candidates": fused(VECTOR_WEIGHT, c, TITLE_BOOST) for c in COUNTS},
        **{f"title boost {b}": fused(VECTOR_WEIGHT, CANDIDATES, b) for b in BOOSTS},
        **{
            f"place {p}": fused(VECTOR_WEIGHT, CANDIDATES, TITLE_BOOST, place_weight=p)
            for p in PLACES
        },
        **{
            f"at most {cap} of an {whose}": _capped(cap, whose)
            for whose, caps in CAPS.items()
            for cap in caps
        },
        "best of the grid": fused(*chosen["best of the grid"].values()),
    }
    figures: dict[str, Any] = {
        "model": DEFAULT_MODEL,
        "cut": newsqa.CUT.isoformat(),
        "in use": {
            "weight": VECTOR_WEIGHT,
            "candidates": CANDIDATES,
            "title boost": TITLE_BOOST,
            "place": PLACE_WEIGHT,
        },
        "chosen on the tuning parts": chosen,
    }
    for name, judged in sets.items():
        for part in ("tuning", "held out"):
            cases = [j for j in judged if j.tuning == (part == "tuning")]
            figures[f"{name}, {part}"] = measured = {
                setting: {gold: measure(cases, rank, gold) for gold in GOLDS[name]}
                for setting, rank in settings.items()
            }
            for gold, title in GOLDS[name].items():
                print_table(console, f"Retrieval, {name}, {part}: {title}", measured, gold)
    console.print(f"Chosen on the tuning parts: {chosen}")
    return figures


GOLDS = {
    "quiz": {
        "strict": "the answering paragraph of a gold article",
        "broad": "an answering paragraph of any matching article",
        "gold": "any paragraph of a gold article",
    },
    "wikinews": {
        "strict": "the labelled paragraph",
        "gold": "any paragraph of its article",
    },
}


def quiz() -> list[Wanted]:
    """The quiz questions that have a gold or weak article."""
    keys = newsqa.keys()
    return [
        Wanted(
            text=question.text,
            asked=question.asked,
            tuning=question.tuning,
            gold=frozenset(keys[name] for name in question.gold),
            weak=frozenset(keys[name] for name in question.weak - question.gold),
            holds=lambda row, answer=question.answer: newsqa.holds(row.text, answer),
        )
        for question in newsqa.questions()
        if question.gold | question.weak
    ]


def people() -> list[Wanted]:
    """Our own questions about Wikinews that an article answers."""
    return [
        Wanted(
            text=question.text,
            asked=wikinews.moment(question),
            tuning=question.tuning,
            gold=frozenset([wikinews.key(question)]),
            weak=frozenset(),
            holds=lambda row, start=question.start, end=question.end: (
                row.paragraph.start < end and row.paragraph.end > start
            ),
        )
        for question in wikinews.questions()
        if question.answerable
    ]


def judge(
    folder: Path,
    embedder: Embedder,
    wanted: Sequence[Wanted],
    vectors: VectorIndex | None = None,
    since: datetime | None = None,
) -> list[Judged]:
    """Every question with its candidates in the archive in this folder.

    By its own vectors unless others of the same paragraphs are given, and of all of its
    articles unless only those ``since`` a moment are.
    """
    news = News(folder, embedder=embedder)
    keywords = KeywordIndex.open(folder / "keywords")
    assert keywords is not None
    vectors = stored_vectors(folder, embedder) if vectors is None else vectors
    judged = [_judged(question, news, keywords, vectors, since) for question in wanted]
    news.close()
    return judged


def _judged(
    question: Wanted,
    news: News,
    keywords: KeywordIndex,
    vectors: VectorIndex,
    since: datetime | None,
) -> Judged:
    archive, deepest = news.archive, max(COUNTS)
    paragraphs = {
        key: list(archive.rows(articles_in=[article.id]))
        for key in question.gold | question.weak
        if (article := archive.by_key(key)) is not None
    }
    holding = {
        key: {r.paragraph.id for r in rows if question.holds(r)} for key, rows in paragraphs.items()
    }
    it = sought_by(news, question.text, question.asked)
    filters = replace(it.filters, since=max(filter(None, (it.filters.since, since)), default=None))
    query = news.embedder.encode([it.topic])[0]
    near = vectors.search(query, deepest, archive.paragraph_ids(filters))
    words = {b: keywords.search(it.topic, deepest, filters, title_boost=b) for b in BOOSTS}
    ids = {i for i, _ in near} | {i for found in words.values() for i, _ in found}
    rows = list(archive.rows(ids=ids))
    return Judged(
        text=question.text,
        asked=question.asked,
        tuning=question.tuning,
        half_life=it.half_life,
        near=near,
        words=words,
        cosines=vectors.cosines(query, sorted(ids)),
        of={r.paragraph.id: {"article": r.article.id, "outlet": r.article.outlet} for r in rows},
        numbers={r.paragraph.id: r.paragraph.number for r in rows},
        moments=archive.moments(ids),
        asks=frozenset(r.paragraph.id for r in rows if only_asks(r.text)),
        strict=frozenset().union(*(holding[key] for key in question.gold)),
        broad=frozenset().union(*holding.values()),
        gold=frozenset(r.paragraph.id for key in question.gold for r in paragraphs[key]),
    )


def stored_vectors(folder: Path, embedder: Embedder) -> VectorIndex:
    """The vectors that the archive in this folder is searched by."""
    engine = open_database(
        f"sqlite:///{folder / 'news.db'}", migrations=archives.MIGRATIONS, history=archives.HISTORY
    )
    ids, _, blobs = StoredVectors(engine, embedder.name).all()
    engine.dispose()
    index = VectorIndex(embedder.dimension)
    index.add(ids, np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(ids), -1))
    return index


def fused(
    weight: float, count: int, boost: float, place_weight: float = PLACE_WEIGHT
) -> Callable[[Judged], Ranking]:
    """Ranking as search does, with these settings."""

    def rank(judged: Judged) -> Ranking:
        words = dict(judged.words[boost][:count])
        ids = {i for i, _ in judged.near[:count]} | words.keys()
        mixed = fuse({i: judged.cosines[i] for i in ids}, words, weight)
        placed = place(mixed, judged.numbers, place_weight)
        if judged.half_life is not None:
            placed = fade(placed, {i: judged.moments[i] for i in ids}, judged.half_life)
        return [i for i, _ in placed if i not in judged.asks]

    return rank


def _capped(cap: int, whose: str) -> Callable[[Judged], Ranking]:
    uncapped = fused(VECTOR_WEIGHT, CANDIDATES, TITLE_BOOST)

    def rank(judged: Judged) -> Ranking:
        before: Counter[Hashable] = Counter()
        first, rest = [], []
        for i in uncapped(judged):
            source = judged.of[i][whose]
            before[source] += 1
            (first if before[source] <= cap else rest).append(i)
        return first + rest

    return rank


def choose(cases: Sequence[Judged]) -> dict[str, Any]:
    """The weight, candidates and boost with the best mean reciprocal rank on these cases.

    By the broad gold, which twice as many of the quiz's questions have. The settings in use
    stay unless the best one's gain on the same questions is above 0 in 97.5 % of resamples:
    the best of a grid is always a little better than any one of it by chance.
    """
    used = (VECTOR_WEIGHT, CANDIDATES, TITLE_BOOST)
    grid = {
        setting: reciprocal_ranks(cases, fused(*setting))
        for setting in {used, *product(WEIGHTS, COUNTS, BOOSTS)}
    }
    best = max(grid, key=lambda s: (round(float(grid[s].mean()), 6), s == used, s))
    gain = interval(grid[best] - grid[used])
    weight, count, boost = best if gain["low"] > 0 else used
    return {
        "weight": weight,
        "candidates": count,
        "title boost": boost,
        "best of the grid": dict(zip(("weight", "candidates", "title boost"), best, strict=True)),
        "its gain in mrr@10": gain,
    }


def reciprocal_ranks(
    cases: Sequence[Judged], rank: Callable[[Judged], Ranking]
) -> NDArray[np.float64]:
    """1 / the place of the first passage that is right, by the broad gold; 0 beyond the tenth."""
    ranks = np.array([_first_right(rank(c), c.broad) for c in cases if c.broad], dtype=float)
    return np.where(ranks <= 10, 1 / ranks, 0.0)


def measure(
    cases: Sequence[Judged],
    rank: Callable[[Judged], Ranking],
    gold: str,
) -> dict[str, Any]:
    """hit@1, hit@5, hit@10 and MRR@10 over the cases that have this gold, with 95 % intervals."""
    ranks = np.array(
        [_first_right(rank(c), right) for c in cases if (right := getattr(c, gold))], dtype=float
    )
    return {
        "questions": len(ranks),
        "hit@1": interval(ranks <= 1),
        "hit@5": interval(ranks <= 5),
        "hit@10": interval(ranks <= 10),
        "mrr@10": interval(np.where(ranks <= 10, 1 / ranks, 0.0)),
    }


def _first_right(ranking: Ranking, right: Collection[int]) -> float:
    return next((n for n, i in enumerate(ranking, start=1) if i in right), np.inf)


def print_table(console: Console, title: str, figures: Mapping[str, Any], gold: str) -> None:
    """What was measured of each setting by this gold."""
    first = next(iter(figures.values()))[gold]
    table = Table(title=f"{title} ({first['questions']} questions)", title_justify="left")
    table.add_column("")
    names = ("hit@1", "hit@5", "hit@10", "mrr@10")
    for name in names:
        table.add_column(name, justify="right")
    for setting, measured in figures.items():
        cells = (measured[gold][name] for name in names)
        table.add_row(
            setting, *(f"{c['value']:.3f} [{c['low']:.2f}–{c['high']:.2f}]" for c in cells)
        )
    console.print(table)
