"""What newsbot costs above the bare model, measured side by side in one run.

Ingest and bare ``encode`` take turns slice by slice, questions and bare query encodes
turn by turn, so that a noisy machine is noisy to both.
"""

import asyncio
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.answering import ask
from index import Filters, News
from index.embedding import BATCH, Embedder, embedded_text
from tests.benchmarks.newsqa import article_files
from tests.shared import FOLDER

_SLICES = 10
_QUESTIONS = 200
ROOT = Path(__file__).parents[2]


def run(articles: int = 1000) -> dict[str, Any]:
    """Ingest ``articles`` real articles and ask about them; figures in seconds and bytes."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="newsbot-cost-") as name:
        folder = Path(name)
        slices = _write(folder, articles)
        embedder = Embedder()
        embedder.load()
        news = News(folder / "data", embedder=embedder)
        figures: dict[str, Any] = {"load_average": os.getloadavg()[0]}
        figures["ingest"] = _ingest(news, slices)
        figures["ask"] = _ask(news)
        figures["size"] = _size(news)
        figures["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        news.close()
        figures["start"] = _start(folder / "data")
    _print(console, figures)
    return figures


def _write(folder: Path, count: int) -> list[Path]:
    """The articles as files in equal folders, beforehand: writing them is not measured."""
    folders = []
    for part in range(_SLICES):
        place = folder / f"slice-{part}"
        place.mkdir()
        folders.append(place)
        article_files(place, count, part, _SLICES)
    return folders


def _ingest(news: News, slices: list[Path]) -> dict[str, Any]:
    model = news.embedder.load()
    options = {"batch_size": BATCH, "normalize_embeddings": True, "show_progress_bar": False}
    ours: list[float] = []
    bare: list[float] = []
    without_titles, paragraphs, seen = 0.0, 0, 0
    for place in slices:
        ours.append(_timed(lambda place=place: asyncio.run(news.add([str(place)]))))
        rows = [row for row in news.archive.rows() if row.paragraph.id > seen]
        seen = max((row.paragraph.id for row in rows), default=seen)
        texts = [
            embedded_text(r.article.title, r.article.outlet, r.article.published, r.text)
            for r in rows
        ]
        plain = [r.text for r in rows]
        paragraphs += len(rows)
        bare.append(_timed(lambda texts=texts: model.encode(texts, **options)))
        if not without_titles:
            # Once is enough to tell what the titles cost.
            without_titles = _timed(lambda plain=plain: model.encode(plain, **options))
    ratios = [o / b for o, b in zip(ours, bare, strict=True)]
    return {
        "articles": news.archive.counts()[0],
        "paragraphs": paragraphs,
        "ours_s": sum(ours),
        "bare_encode_s": sum(bare),
        "ratio": sum(ours) / sum(bare),
        "ratio_median_of_slices": statistics.median(ratios),
        "ratio_without_titles": ours[0] / without_titles,
        "paragraphs_per_s": paragraphs / sum(ours),
    }


def _ask(news: News) -> dict[str, Any]:
    model = news.embedder.load()
    with gzip.open(FOLDER / "data" / "news_qa" / "questions.jsonl.gz", "rt") as lines:
        questions = [json.loads(line)["question"] for line in lines][:_QUESTIONS]
    now = datetime.now(UTC)
    for question in questions[:5]:
        ask(news, question, Filters(), now)
        model.encode([question], show_progress_bar=False)
    ours, bare, searching = [], [], []
    for question in questions:
        ours.append(_timed(lambda q=question: ask(news, q, Filters(), now)))
        bare.append(_timed(lambda q=question: model.encode([q], show_progress_bar=False)))
        searching.append(_timed(lambda q=question: news.search(q)))
    allowed = 1.25 * statistics.median(bare) + 0.010
    return {
        "questions": len(questions),
        "ours_ms": _percentiles(ours),
        "bare_encode_ms": _percentiles(bare),
        "search_ms": _percentiles(searching),
        "allowed_ms": allowed * 1000,
        "share_of_allowed": statistics.median(ours) / allowed,
    }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=20)
    return {"p50": statistics.median(seconds) * 1000, "p95": cuts[18] * 1000}


def _size(news: News) -> dict[str, float]:
    _, paragraphs = news.archive.counts()
    per = 1000 / max(paragraphs, 1) / 2**20

    def size(pattern: str) -> int:
        return sum(p.stat().st_size for p in news.folder.glob(pattern) if p.is_file())

    return {
        "database_mib_per_1000_paragraphs": size("news.db*") * per,
        "keywords_mib_per_1000_paragraphs": size("keywords/*") * per,
    }


def _start(data: Path) -> dict[str, float]:
    """From process start to the first answer, beside what it cannot go under; and its memory."""
    bare = (
        "import sys; sys.path.insert(0, '.')\n"
        "from index.embedding import packaged_model\n"
        "from sentence_transformers import SentenceTransformer\n"
        "m = SentenceTransformer(str(packaged_model()), device='cpu', local_files_only=True)\n"
        "m.encode(['who brokered the ceasefire?'], show_progress_bar=False)\n"
    )
    environment = {**os.environ, "NEWSBOT_DATA": str(data)}
    question = ["-m", "bot", "ask", "who won the match?"]
    ours, floor, memory = [], [], []
    for _ in range(3):
        floor.append(_process([sys.executable, "-c", bare], environment)[0])
        seconds, peak = _process([sys.executable, *question], environment)
        ours.append(seconds)
        memory.append(peak)
    return {
        "first_answer_s": statistics.median(ours),
        "bare_import_and_load_s": statistics.median(floor),
        "ratio": statistics.median(ours) / statistics.median(floor),
        "peak_memory_mib": max(memory),
    }


# A small process in between: a child's peak begins with that of the process it came from.
_MEASURED = """
import resource, subprocess, sys, time
began = time.perf_counter()
null = subprocess.DEVNULL
subprocess.run(sys.argv[1:], check=True, stdout=null, stderr=null)
seconds = time.perf_counter() - began
print(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def _process(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """How long a command takes and its peak memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _print(console: Console, figures: dict[str, Any]) -> None:
    table = Table("what", "newsbot", "floor in the same run", "ratio", "bar")
    ingest, asked, start = figures["ingest"], figures["ask"], figures["start"]
    table.add_row(
        f"ingest {ingest['articles']} articles, {ingest['paragraphs']} paragraphs",
        f"{ingest['ours_s']:.1f} s",
        f"{ingest['bare_encode_s']:.1f} s, bare encode of the same texts",
        f"{ingest['ratio']:.2f}",
        "1.15",
    )
    table.add_row(
        "the same, a slice of it",
        "",
        "bare encode without titles and dates",
        f"{ingest['ratio_without_titles']:.2f}",
        "",
    )
    table.add_row(
        "ask, warm, median",
        f"{asked['ours_ms']['p50']:.1f} ms",
        f"{asked['bare_encode_ms']['p50']:.1f} ms, one query encode",
        f"{asked['share_of_allowed']:.2f} of the {asked['allowed_ms']:.1f} ms allowed",
        "1.00",
    )
    table.add_row(
        "ask, warm, p95",
        f"{asked['ours_ms']['p95']:.1f} ms",
        f"{asked['bare_encode_ms']['p95']:.1f} ms",
        "",
        "",
    )
    table.add_row(
        "process start to first answer",
        f"{start['first_answer_s']:.1f} s",
        f"{start['bare_import_and_load_s']:.1f} s, bare import, load, encode",
        f"{start['ratio']:.2f}",
        "",
    )
    console.print(table)
    size = figures["size"]
    console.print(
        f"peak memory: {figures['peak_memory_mib']:.0f} MiB ingesting,"
        f" {start['peak_memory_mib']:.0f} MiB answering once;"
        f" on disk per 1,000 paragraphs: database"
        f" {size['database_mib_per_1000_paragraphs']:.2f} MiB, keyword index"
        f" {size['keywords_mib_per_1000_paragraphs']:.2f} MiB;"
        f" load average at the start {figures['load_average']:.1f}",
        highlight=False,
    )
