"""Article bodies of real pages: newsbot's against bare trafilatura's, in one run.

The measure is that of the article extraction benchmark that the pages come from
(https://github.com/scrapinghub/article-extraction-benchmark): the words of the extracted
and of the true body as multisets of four words in a row, precision and recall averaged
over pages.
"""

import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from index.errors import UnreadableError
from index.extraction import extract_page
from tests.shared import FOLDER

PAGES = FOLDER / "data" / "pages"
_SHINGLE = 4
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was served, and the article that a person found on it."""

    html: bytes
    url: str
    body: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many shingles a text shares with the true one, has too many, and lacks."""

    shared: int
    foreign: int
    missing: int

    @property
    def precision(self) -> float | None:
        """The share of what was extracted that is true; None where nothing was extracted."""
        extracted = self.shared + self.foreign
        return self.shared / extracted if extracted else None

    @property
    def recall(self) -> float | None:
        """The share of what is true that was extracted; None where there is nothing."""
        true = self.shared + self.missing
        return self.shared / true if true else None


@dataclass(frozen=True, slots=True)
class Score:
    """F1, precision and recall over pages, in 0..1, and seconds per page.

    F1 is the harmonic mean of the averaged precision and recall, as the benchmark has it.
    """

    f1: float
    precision: float
    recall: float
    seconds_per_page: float


def pages(folder: Path = PAGES) -> list[Page]:
    """The benchmark's pages in the order of its list."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        Page(
            gzip.decompress((folder / f"{name}.html.gz").read_bytes()),
            known["url"],
            known["articleBody"],
        )
        for name, known in truth.items()
    ]


def overlap(extracted: str, true: str) -> Overlap:
    """Two texts compared by their shingles of four words; a shorter text is one shingle."""
    found, wanted = _shingles(extracted), _shingles(true)
    return Overlap((found & wanted).total(), (found - wanted).total(), (wanted - found).total())


def score(overlaps: Sequence[Overlap], seconds: float) -> Score:
    """The averages over pages. Precision leaves out pages where nothing was extracted."""
    precision = _mean([o.precision for o in overlaps])
    recall = _mean([o.recall for o in overlaps])
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return Score(f1, precision, recall, seconds / len(overlaps))


def compare(these: Sequence[Page]) -> tuple[Score, Score]:
    """Newsbot's score and bare trafilatura's; the two take turns at going first."""
    ways: list[Callable[[Page], str]] = [_ours, _bare]
    overlaps: dict[Callable[[Page], str], list[Overlap]] = {way: [] for way in ways}
    seconds = dict.fromkeys(ways, 0.0)
    for way in ways:
        # What is imported and compiled at the first page is in neither's time.
        way(these[0])
    for number, page in enumerate(these):
        for way in ways if number % 2 else ways[::-1]:
            began = time.perf_counter()
            text = way(page)
            seconds[way] += time.perf_counter() - began
            overlaps[way].append(overlap(text, page.body))
    ours, bare = (score(overlaps[way], seconds[way]) for way in ways)
    return ours, bare


def run() -> dict[str, Any]:
    """Extract all pages both ways; F1, precision, recall and seconds per page of each."""
    these = pages()
    ours, bare = compare(these)
    table = Table("what", "newsbot", "bare trafilatura", "bar")
    for name in ("f1", "precision", "recall"):
        bar = "at least bare" if name == "f1" else ""
        table.add_row(name, f"{getattr(ours, name):.4f}", f"{getattr(bare, name):.4f}", bar)
    table.add_row(
        "time per page",
        f"{ours.seconds_per_page * 1000:.1f} ms",
        f"{bare.seconds_per_page * 1000:.1f} ms",
        "",
        end_section=True,
    )
    table.add_row("pages", str(len(these)), str(len(these)), "")
    Console().print(table)
    return {"pages": len(these), "ours": ours, "bare": bare}


def _ours(page: Page) -> str:
    try:
        return extract_page(page.html, url=page.url).text
    except UnreadableError:
        return ""


def _bare(page: Page) -> str:
    import trafilatura

    return trafilatura.extract(page.html) or ""


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    count = max(len(words) - _SHINGLE + 1, min(len(words), 1))
    return Counter(tuple(words[i : i + _SHINGLE]) for i in range(count))


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.0
