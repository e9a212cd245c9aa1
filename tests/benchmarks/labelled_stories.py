"""Pairs of articles labelled by hand, and edited copies, with real vectors.

The labels name articles of the shared data by id and hold hashes of what was read, no
text; a pair whose articles have changed since is left out and counted.
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.sketches import Sketch, sketch
from index.articles import Article, Document
from index.database import open_database
from index.embedding import Embedder, embedded_text
from index.identity import article_key
from index.paragraphs import split_paragraphs
from index.stored_vectors import StoredVectors
from index.tables import articles as article_table
from tests.benchmarks import archives, newsqa
from tests.benchmarks.edited import edited
from tests.shared import FOLDER as SHARED

LABELS = Path(__file__).with_name("story_pairs.json")
WIKINEWS = SHARED / "data" / "wikinews"

# A pair is for tuning or for reporting by the fortnight of its earlier article, so that
# few events are on both sides.
FORTNIGHT = 14

_DATE_LINE = re.compile(r"\w+, \w+ \d+, \d{4}\s*")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles and what they are to each other.

    ``kind`` is "copy", "same story", "different", "no copy" (read for copies only) or, for
    one made by edited.py, that edit's name.
    """

    kind: str
    first: str
    second: str
    tuning: bool


@dataclass(frozen=True, slots=True)
class Corpus:
    """All articles as sketches, by name; the labelled pairs; how many were left out."""

    sketches: dict[str, Sketch]
    pairs: tuple[Pair, ...]
    edits: tuple[Pair, ...]
    missing: int


def content_hash(document: Document) -> str:
    """The beginning of the hash of what was read when a pair was labelled."""
    return hashlib.sha256(f"{document.title}\n{document.text}".encode()).hexdigest()[:16]


def wikinews() -> dict[str, Document]:
    """The Wikinews articles by the ends of their addresses."""
    found: dict[str, Document] = {}
    for path in sorted(WIKINEWS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                text = _DATE_LINE.sub("", row["text"], count=1).strip()
                if text:
                    found["wikinews/" + row["url"].split("/wiki/")[-1]] = Document(
                        title=row["title"],
                        text=text,
                        url=row["url"],
                        outlet="Wikinews",
                        published=datetime.fromisoformat(row["date"]).replace(tzinfo=UTC),
                    )
    return found


def documents() -> dict[str, Document]:
    """All articles of the labelled data, by name."""
    return {**newsqa.documents(), **wikinews()}


def corpus(embedder: Embedder) -> Corpus:
    """Sketches of all articles and edits; embeds what no archive and no cache has."""
    known = documents()
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    hashes = {name: content_hash(document) for name, document in known.items()}
    fits = [
        [e for e in labels[part] if all(hashes.get(n) == h for n, h in e["read"].items())]
        for part in ("pairs", "edits")
    ]
    made: dict[str, Document] = {}
    edits: list[Pair] = []
    for entry in fits[1]:
        first, *other = list(entry["read"])
        document = edited(
            known[first], entry["kind"], entry["seed"], known[other[0]] if other else None
        )
        made[document.url or ""] = document
        edits.append(_pair(entry["kind"], first, document.url or "", {**known, **made}))
    everything = {**known, **made}
    vectors = _archived(embedder.name)
    vectors.update(_embedded(embedder, {n: d for n, d in everything.items() if n not in vectors}))
    return Corpus(
        sketches={
            name: sketch(_article(number, document), document.text, vectors[name])
            for number, (name, document) in enumerate(everything.items(), start=1)
        },
        pairs=tuple(_pair(e["kind"], min(e["read"]), max(e["read"]), known) for e in fits[0]),
        edits=tuple(edits),
        missing=len(labels["pairs"]) + len(labels["edits"]) - len(fits[0]) - len(fits[1]),
    )


def _pair(kind: str, first: str, second: str, documents: dict[str, Document]) -> Pair:
    day = min(d.published.toordinal() for n in (first, second) if (d := documents[n]).published)
    return Pair(kind, first, second, tuning=day // FORTNIGHT % 2 == 0)


def _article(number: int, document: Document) -> Article:
    moment = document.published or datetime.now(UTC)
    return Article(
        id=number,
        key=document.url or str(number),
        url=document.url,
        title=document.title,
        outlet=document.outlet,
        section=document.section,
        authors=document.authors,
        published=document.published,
        language=document.language,
        first_seen=moment,
        version=1,
    )


def _archived(model: str) -> dict[str, NDArray[np.float32]]:
    """Vectors of the news questions' archive, as far as it was built, by article name."""
    path = archives.benchmark_folder() / "news_qa" / "news.db"
    if not path.exists():
        return {}
    engine = open_database(
        f"sqlite:///{path}", migrations=archives.MIGRATIONS, history=archives.HISTORY
    )
    with engine.connect() as connection:
        rows = connection.execute(article_table.select()).all()
    ids = {row.key: row.id for row in rows}
    paragraphs, owners, stored = StoredVectors(engine, model).all()
    engine.dispose()
    by_article: dict[int, list[NDArray[np.float32]]] = {}
    for i in np.argsort(paragraphs).tolist():
        by_article.setdefault(int(owners[i]), []).append(np.frombuffer(stored[i], dtype="<f4"))
    return {
        name: np.stack(by_article[ids[article_key(document.url or "")]])
        for name, document in newsqa.documents().items()
        if ids.get(article_key(document.url or "")) in by_article
    }


def _embedded(embedder: Embedder, wanted: dict[str, Document]) -> dict[str, NDArray[np.float32]]:
    """Vectors of articles by name; kept in the benchmarks' folder by the texts' hashes."""
    texts = {
        name: [
            embedded_text(d.title, d.outlet, d.published, d.text[s.start : s.end])
            for s in split_paragraphs(d.text)
        ]
        for name, d in wanted.items()
    }
    path = archives.benchmark_folder() / "stories.npz"
    kept = _read(path)
    every = {_key(embedder, text): text for parts in texts.values() for text in parts}
    lacking = [key for key in every if key not in kept]
    if lacking:
        found = embedder.encode([every[key] for key in lacking])
        kept.update(zip(lacking, found, strict=True))
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, keys=np.array(list(kept)), vectors=np.stack(list(kept.values())))
    empty = np.empty((0, embedder.dimension), dtype=np.float32)
    return {
        name: np.stack([kept[_key(embedder, text)] for text in parts]) if parts else empty
        for name, parts in texts.items()
    }


def _read(path: Path) -> dict[str, NDArray[np.float32]]:
    if not path.exists():
        return {}
    with np.load(path) as file:
        data: dict[str, Any] = {name: file[name] for name in ("keys", "vectors")}
    return dict(zip(data["keys"].tolist(), data["vectors"], strict=True))


def _key(embedder: Embedder, text: str) -> str:
    return hashlib.sha256(f"{embedder.name}\n{text}".encode()).hexdigest()[:32]


def by_day(sketches: Iterable[Sketch]) -> list[Sequence[Sketch]]:
    """Sketches in batches of a day each, as they would have come in."""
    days: dict[int, list[Sketch]] = {}
    for one in sketches:
        days.setdefault(one.moment.toordinal(), []).append(one)
    return [days[day] for day in sorted(days)]
