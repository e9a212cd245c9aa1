"""Whether what is newer should come first when the latest is asked for: half-lives compared.

Each news question is asked on its own day, of what had been published by then. Only those
that say "recently", "this week" and the like; chosen on the earlier ones, reported on the
later ones.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.questions import understand
from index.archive import Archive
from index.database import open_database
from index.embedding import Embedder
from index.search import CANDIDATES, VECTOR_WEIGHT, fade, fuse, place
from tests.benchmarks import archives, newsqa
from tests.benchmarks.intervals import interval
from tests.benchmarks.retrieval import Judged, judge, quiz

HALF_LIVES = (3.0, 7.0, 14.0, 30.0, 90.0)
LEAST = (0.0, 0.5, 0.75, 0.9)
Setting = tuple[float, float] | None
Moments = Mapping[int, datetime]


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure each half-life with each least share; prints a table, returns all figures."""
    console = console or Console()
    embedder = Embedder()
    folder = newsqa.build(embedder)
    return compare(folder, embedder, console)


def compare(folder: Path, embedder: Embedder, console: Console) -> dict[str, Any]:
    """run() on an archive that is there."""
    engine = open_database(
        f"sqlite:///{folder / 'news.db'}", migrations=archives.MIGRATIONS, history=archives.HISTORY
    )
    archive = Archive(engine)
    cases = [j for j in judge(folder, embedder, quiz()) if j.broad and _of_now(j)]
    moments = archive.moments({i for j in cases for i in j.cosines})
    settings: list[Setting] = [None, *product(HALF_LIVES, LEAST)]
    parts = {
        "tuning": [j for j in cases if j.tuning],
        "held out": [j for j in cases if not j.tuning],
    }
    figures: dict[str, Any] = {}
    for part, judged in parts.items():
        figures[part] = {"questions": len(judged)}
        for setting in settings:
            ranks = [_rank(j, setting, moments) for j in judged]
            figures[part][_name(setting)] = {
                "hit@1": interval([r <= 1 for r in ranks]),
                "hit@10": interval([r <= 10 for r in ranks]),
                "mrr@10": interval([1 / r if r <= 10 else 0.0 for r in ranks]),
            }
    engine.dispose()
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
    asked = understand(question.text, _asked_at(question), UTC, ())
    recent = asked.dates is not None and asked.dates.of_publication(_asked_at(question))[0]
    return asked.latest or bool(recent)


def _asked_at(question: Judged) -> datetime:
    return datetime(question.day.year, question.day.month, question.day.day, 18, tzinfo=UTC)


def _name(setting: Setting) -> str:
    return "none" if setting is None else f"{setting[0]:.0f} days, {setting[1]}"


def _rank(judged: Judged, setting: Setting, moments: Moments) -> float:
    last = _asked_at(judged) + timedelta(days=1)
    there = {i for i, moment in moments.items() if moment <= last}
    near = [(i, c) for i, c in judged.near if i in there][:CANDIDATES]
    words = {i: s for i, s in judged.words[1.0] if i in there}
    words = dict(list(words.items())[:CANDIDATES])
    cosines = {i: judged.cosines[i] for i in {i for i, _ in near} | words.keys()}
    fused = place(fuse(cosines, words, VECTOR_WEIGHT), judged.numbers)
    if setting is not None:
        fused = fade(fused, {i: moments[i] for i in cosines}, *setting)
    return next((n for n, (i, _) in enumerate(fused, start=1) if i in judged.broad), float("inf"))
