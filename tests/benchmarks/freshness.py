"""Whether what is newer should come first when the latest is asked for: half-lives compared.

Each news question is asked on its own day, of what had been published by then and is within
the limits that its dates set. Only those that say "recently", "this week" and the like; chosen
on the earlier ones, reported on the later ones.
"""

from collections.abc import Sequence
from datetime import UTC
from itertools import product
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.questions import understand
from index.embedding import Embedder
from index.keywords import TITLE_BOOST
from index.search import CANDIDATES, VECTOR_WEIGHT, fade, fuse, place
from tests.benchmarks import newsqa
from tests.benchmarks.intervals import interval
from tests.benchmarks.retrieval import Judged, judge, quiz

HALF_LIVES = (3.0, 7.0, 14.0, 30.0, 90.0)
LEAST = (0.0, 0.5, 0.75, 0.9)
Setting = tuple[float, float] | None


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure each half-life with each least share; prints a table, returns all figures."""
    console = console or Console()
    embedder = Embedder()
    judged = judge(newsqa.build(embedder), embedder, quiz())
    return compare([j for j in judged if j.broad and _of_now(j)], console)


def compare(cases: Sequence[Judged], console: Console) -> dict[str, Any]:
    """run() on questions that were found."""
    settings: list[Setting] = [None, *product(HALF_LIVES, LEAST)]
    parts = {
        "tuning": [j for j in cases if j.tuning],
        "held out": [j for j in cases if not j.tuning],
    }
    figures: dict[str, Any] = {}
    for part, judged in parts.items():
        figures[part] = {"questions": len(judged)}
        for setting in settings:
            ranks = [_rank(j, setting) for j in judged]
            figures[part][_name(setting)] = {
                "hit@1": interval([r <= 1 for r in ranks]),
                "hit@10": interval([r <= 10 for r in ranks]),
                "mrr@10": interval([1 / r if r <= 10 else 0.0 for r in ranks]),
            }
    for part, measured in figures.items():
        table = Table(title=f"Newer first, {part} ({measured['questions']})", title_justify="left")
        for column in ("half-life, least", "hit@1", "hit@10", "mrr@10"):
            table.add_column(column, justify="right")
        for setting in settings:
            cells = measured[_name(setting)].values()
            table.add_row(
                _name(setting),
                *(f"{c['value']:.3f} [{c['low']:.2f}–{c['high']:.2f}]" for c in cells),
            )
        console.print(table)
    return figures


def _of_now(question: Judged) -> bool:
    """Whether it asks for what is new: the latest, or what happened in the last days."""
    asked = understand(question.text, question.asked, UTC, ())
    recent = asked.dates is not None and asked.dates.of_publication(question.asked)[0]
    return asked.latest or bool(recent)


def _name(setting: Setting) -> str:
    return "none" if setting is None else f"{setting[0]:.0f} days, {setting[1]}"


def _rank(judged: Judged, setting: Setting) -> float:
    words = dict(judged.words[TITLE_BOOST][:CANDIDATES])
    cosines = {
        i: judged.cosines[i] for i in {i for i, _ in judged.near[:CANDIDATES]} | words.keys()
    }
    fused = place(fuse(cosines, words, VECTOR_WEIGHT), judged.numbers)
    if setting is not None:
        fused = fade(fused, {i: judged.moments[i] for i in cosines}, *setting)
    ids = [i for i, _ in fused if i not in judged.asks]
    return next((n for n, i in enumerate(ids, start=1) if i in judged.broad), float("inf"))
