"""What stands in front of a paragraph when it is embedded: nothing, its title, date, outlet.

Vectors alone and fused with words, on the questions of `retrieval` in the same way. The archives
are embedded anew for each front but the one in use, ten minutes a piece, and the vectors are kept
beside them; therefore of the quizzes' archive only what is of their own year.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from index import Filters, News
from index.archive import Row
from index.embedding import Embedder, embedded_text
from index.keywords import TITLE_BOOST
from index.search import CANDIDATES, VECTOR_WEIGHT
from index.vectors import VectorIndex
from tests.benchmarks import newsqa, wikinews
from tests.benchmarks.intervals import interval
from tests.benchmarks.retrieval import (
    GOLDS,
    Judged,
    Ranking,
    fused,
    judge,
    measure,
    people,
    print_table,
    quiz,
    reciprocal_ranks,
    stored_vectors,
)

IN_USE = "title, outlet and date"
FRONTS: dict[str, Callable[[Row], str]] = {
    "nothing": lambda row: row.text,
    "title": lambda row: embedded_text(row.article.title, None, None, row.text),
    "title and date": lambda row: embedded_text(
        row.article.title, None, row.article.published, row.text
    ),
}
_BATCH = 256
# From when on the articles of each archive are embedded.
_SINCE = {"quiz": datetime(2022, 1, 1, tzinfo=UTC), "wikinews": datetime(2019, 1, 1, tzinfo=UTC)}


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure each front; prints tables, returns all figures."""
    console = console or Console()
    embedder = Embedder()
    sets = {
        "quiz": (newsqa.build(embedder), quiz()),
        "wikinews": (wikinews.archive(embedder), people()),
    }
    figures: dict[str, Any] = {"in use": IN_USE}
    ranks: dict[str, list[NDArray[np.float64]]] = {front: [] for front in (*FRONTS, IN_USE)}
    for name, (folder, wanted) in sets.items():
        judged = {
            front: judge(
                folder,
                embedder,
                wanted,
                vectors_of(folder, front, embedder, _SINCE[name]),
                _SINCE[name],
            )
            for front in (*FRONTS, IN_USE)
        }
        for front, cases in judged.items():
            tuning = [j for j in cases if j.tuning]
            ranks[front].append(reciprocal_ranks(tuning, _RANKINGS["fused"]))
        for part in ("tuning", "held out"):
            figures[f"{name}, {part}"] = measured = {
                f"{how}, {front}": {
                    gold: measure([j for j in cases if j.tuning == (part == "tuning")], rank, gold)
                    for gold in GOLDS[name]
                }
                for front, cases in judged.items()
                for how, rank in _RANKINGS.items()
            }
            for gold, title in GOLDS[name].items():
                print_table(console, f"Fronts, {name}, {part}: {title}", measured, gold)
    used = np.concatenate(ranks[IN_USE])
    figures["gain in mrr@10 on the tuning parts"] = gains = {
        front: interval(np.concatenate(ranks[front]) - used) for front in FRONTS
    }
    console.print(f"Gain of each in mrr@10 on the tuning parts, fused, over {IN_USE}: {gains}")
    return figures


def _near(judged: Judged) -> Ranking:
    return [i for i, _ in judged.near]


_RANKINGS: dict[str, Callable[[Judged], Ranking]] = {
    "vectors": _near,
    "fused": fused(VECTOR_WEIGHT, CANDIDATES, TITLE_BOOST),
}


def vectors_of(folder: Path, front: str, embedder: Embedder, since: datetime) -> VectorIndex:
    """The vectors of the paragraphs since a moment with this front, made if they are not kept."""
    if front == IN_USE:
        return stored_vectors(folder, embedder)
    kept = folder / f"front {front}.npz"
    with FileLock(folder / f"front {front}.lock"):
        if not kept.exists():
            news = News(folder, embedder=embedder)
            ids = news.archive.paragraph_ids(Filters(since=since)).tolist()
            rows = list(news.archive.rows(ids=ids))
            news.close()
            texts = [FRONTS[front](row) for row in rows]
            starts = track(range(0, len(texts), _BATCH), f"embedding with {front} in front")
            vectors = np.concatenate([embedder.encode(texts[s : s + _BATCH]) for s in starts])
            np.savez(kept, ids=np.array([row.paragraph.id for row in rows]), vectors=vectors)
    with np.load(kept) as stored:
        index = VectorIndex(embedder.dimension)
        index.add(stored["ids"], stored["vectors"])
    return index
