"""How often search finds the passage that answers: words, vectors, and both fused.

The weight, the number of candidates and the titles' boost are chosen on the earlier
questions; what is reported is measured on the later ones.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from index.archive import Archive
from index.database import open_database
from index.embedding import DEFAULT_MODEL, Embedder
from index.keywords import TITLE_BOOST, KeywordIndex
from index.search import CANDIDATES, PLACE_WEIGHT, VECTOR_WEIGHT, fuse, place
from index.stored_vectors import StoredVectors
from index.vectors import VectorIndex
from tests.benchmarks import archives, newsqa

WEIGHTS = tuple(round(0.1 * i, 1) for i in range(11))
COUNTS = (50, 100, 200)
BOOSTS = (0.0, 0.25, 0.5, 1.0, 2.0)
PLACES = (0.0, 0.05, 0.1, 0.2)
# Of one article, and of one outlet, so many come before the rest.
CAPS = {"article": (1, 2, 3), "outlet": (3, 5)}
_RESAMPLES = 2000

Ranking = Sequence[int]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question's candidates with the paragraphs and articles that are right.

    ``near`` are (id, cosine) by the vectors, ``words`` (id, BM25) for each title boost,
    both best first; ``cosines`` has every id of either, ``of`` its article and outlet,
    ``numbers`` its place in the article. ``strict`` are the paragraphs of
    gold articles that hold the answer, ``broad`` those of gold and weak ones, ``gold``
    all paragraphs of gold articles.
    """

    question: newsqa.QuizQuestion
    near: list[tuple[int, float]]
    words: dict[float, list[tuple[int, float]]]
    cosines: dict[int, float]
    of: dict[int, dict[str, Hashable]]
    numbers: dict[int, int]
    strict: frozenset[int]
    broad: frozenset[int]
    gold: frozenset[int]


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure retrieval on the news questions; prints tables, returns all figures."""
    console = console or Console()
    embedder = Embedder()
    judged = judge(newsqa.build(embedder), embedder)
    tuning = [j for j in judged if j.question.tuning]
    held_out = [j for j in judged if not j.question.tuning]
    chosen = choose(tuning)
    settings: dict[str, Callable[[Judged], Ranking]] = {
        "BM25 alone": lambda j: [i for i, _ in j.words[TITLE_BOOST]],
        "vectors alone": lambda j: [i for i, _ in j.near],
        **{f"fused, weight {w}": _fused(w, CANDIDATES, TITLE_BOOST) for w in WEIGHTS},
        **{f"{c} candidates": _fused(VECTOR_WEIGHT, c, TITLE_BOOST) for c in COUNTS},
        **{f"title boost {b}": _fused(VECTOR_WEIGHT, CANDIDATES, b) for b in BOOSTS},
        **{
            f"place {p}": _fused(VECTOR_WEIGHT, CANDIDATES, TITLE_BOOST, place_weight=p)
            for p in PLACES
        },
        **{
            f"at most {cap} of an {whose}": _capped(cap, whose)
            for whose, caps in CAPS.items()
            for cap in caps
        },
        "best of the grid": _fused(*chosen["best of the grid"].values()),
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
        "chosen on the tuning part": chosen,
    }
    for part, cases in (("tuning", tuning), ("held out", held_out)):
        figures[part] = {
            name: {gold: measure(cases, rank, gold) for gold in ("strict", "broad", "gold")}
            for name, rank in settings.items()
        }
        for gold, title in (
            ("strict", "the answering paragraph of a gold article"),
            ("broad", "an answering paragraph of any matching article"),
            ("gold", "any paragraph of a gold article"),
        ):
            _print(console, f"Retrieval, {part}: {title}", figures[part], gold)
    console.print(f"Chosen on the tuning part: {chosen}")
    return figures


def judge(folder: Path, embedder: Embedder) -> list[Judged]:
    """Every question that has a gold or weak article, with its candidates."""
    engine = open_database(
        f"sqlite:///{folder / 'news.db'}", migrations=archives.MIGRATIONS, history=archives.HISTORY
    )
    archive = Archive(engine)
    keywords = KeywordIndex.open(folder / "keywords")
    assert keywords is not None
    vectors = _vectors(engine, embedder)
    keys, deepest = newsqa.keys(), max(COUNTS)
    judged = []
    for question in newsqa.questions():
        relevant = question.gold | question.weak
        if not relevant:
            continue
        paragraphs = {
            name: list(archive.rows(articles_in=[article.id]))
            for name in relevant
            if (article := archive.by_key(keys[name])) is not None
        }
        holding = {
            name: {r.paragraph.id for r in rows if newsqa.holds(r.text, question.answer)}
            for name, rows in paragraphs.items()
        }
        query = embedder.encode([question.text])[0]
        near = vectors.search(query, deepest)
        words = {b: keywords.search(question.text, deepest, title_boost=b) for b in BOOSTS}
        ids = {i for i, _ in near} | {i for found in words.values() for i, _ in found}
        rows = list(archive.rows(ids=ids))
        judged.append(
            Judged(
                question=question,
                near=near,
                words=words,
                cosines=vectors.cosines(query, sorted(ids)),
                of={
                    r.paragraph.id: {"article": r.article.id, "outlet": r.article.outlet}
                    for r in rows
                },
                numbers={r.paragraph.id: r.paragraph.number for r in rows},
                strict=frozenset().union(*(holding[name] for name in question.gold)),
                broad=frozenset().union(*holding.values()),
                gold=frozenset(r.paragraph.id for n in question.gold for r in paragraphs[n]),
            )
        )
    engine.dispose()
    return judged


def _vectors(engine: sa.Engine, embedder: Embedder) -> VectorIndex:
    ids, _, blobs = StoredVectors(engine, embedder.name).all()
    index = VectorIndex(embedder.dimension)
    index.add(ids, np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(ids), -1))
    return index


def _fused(
    weight: float, count: int, boost: float, place_weight: float = PLACE_WEIGHT
) -> Callable[[Judged], Ranking]:
    def rank(judged: Judged) -> Ranking:
        words = dict(judged.words[boost][:count])
        ids = {i for i, _ in judged.near[:count]} | words.keys()
        fused = fuse({i: judged.cosines[i] for i in ids}, words, weight)
        return [i for i, _ in place(fused, judged.numbers, place_weight)]

    return rank


def _capped(cap: int, whose: str) -> Callable[[Judged], Ranking]:
    fused = _fused(VECTOR_WEIGHT, CANDIDATES, TITLE_BOOST)

    def rank(judged: Judged) -> Ranking:
        before: Counter[Hashable] = Counter()
        first, rest = [], []
        for i in fused(judged):
            source = judged.of[i][whose]
            before[source] += 1
            (first if before[source] <= cap else rest).append(i)
        return first + rest

    return rank


def choose(cases: Sequence[Judged]) -> dict[str, Any]:
    """The weight, candidates and boost with the best mean reciprocal rank on these cases.

    By the broad gold, which twice as many questions have. The settings in use stay unless
    the best one's gain on the same questions is above 0 in 97.5 % of resamples: the best of
    a grid is always a little better than any one of it by chance.
    """
    used = (VECTOR_WEIGHT, CANDIDATES, TITLE_BOOST)
    grid = {
        setting: _reciprocal_ranks(cases, _fused(*setting))
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


def _reciprocal_ranks(
    cases: Sequence[Judged], rank: Callable[[Judged], Ranking]
) -> NDArray[np.float64]:
    ranks = np.array([_first_right(rank(c), c.broad) for c in cases if c.broad], dtype=float)
    return np.where(ranks <= 10, 1 / ranks, 0.0)


def measure(
    cases: Sequence[Judged],
    rank: Callable[[Judged], Ranking],
    gold: str,
    resamples: int = _RESAMPLES,
) -> dict[str, Any]:
    """hit@1, hit@5, hit@10 and MRR@10 over the cases that have this gold, with 95 % intervals."""
    ranks = np.array(
        [_first_right(rank(c), right) for c in cases if (right := getattr(c, gold))], dtype=float
    )
    return {
        "questions": len(ranks),
        "hit@1": interval(ranks <= 1, resamples),
        "hit@5": interval(ranks <= 5, resamples),
        "hit@10": interval(ranks <= 10, resamples),
        "mrr@10": interval(np.where(ranks <= 10, 1 / ranks, 0.0), resamples),
    }


def _first_right(ranking: Ranking, right: Collection[int]) -> float:
    return next((n for n, i in enumerate(ranking, start=1) if i in right), np.inf)


def interval(values: Any, resamples: int = _RESAMPLES) -> dict[str, float]:
    """The mean with the percentile bootstrap's 95 % interval; the same at every run."""
    values = np.asarray(values, dtype=float)
    if not len(values):
        return {"value": 0.0, "low": 0.0, "high": 0.0}
    value = float(values.mean())
    if not resamples:
        return {"value": value, "low": value, "high": value}
    drawn = np.random.default_rng(0).integers(0, len(values), (resamples, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])
    return {"value": value, "low": float(low), "high": float(high)}


def _print(console: Console, title: str, figures: Mapping[str, Any], gold: str) -> None:
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
