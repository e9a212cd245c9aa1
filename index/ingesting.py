"""Documents into the archive: recognised, cut into paragraphs, embedded and stored in batches."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from index.archive import Archive
from index.articles import Article, Document
from index.embedding import Embedder, embedded_text
from index.identity import storable
from index.paragraphs import split_paragraphs
from index.search import Search
from index.stored_vectors import StoredVectors
from index.storing import Arrival, Store, sha256

# What is embedded between two commits; more would lose more work to a kill.
BATCH_PARAGRAPHS = 256
_END = None


class Outcome(StrEnum):
    """What became of a document."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Found:
    """A document as a source gave it, on its way into the archive.

    ``stored`` is resolved when it is safe on disk; ``again`` is when its page is read again.
    """

    source: int
    entry: str
    fingerprint: str
    key: str
    document: Document
    stored: asyncio.Future[Outcome] = field(compare=False)
    again: datetime | None = None


class Ingest:
    """The one writer of articles; runs until it is closed.

    Work comes in through a short queue, so that fetching waits for embedding and memory
    stays flat. What has gathered while one batch was embedded makes the next batch.
    """

    def __init__(
        self,
        archive: Archive,
        store: Store,
        stored: StoredVectors,
        embedder: Embedder,
        search: Search,
    ) -> None:
        self._archive = archive
        self._store = store
        self._stored = stored
        self._embedder = embedder
        self._search = search
        self._queue: asyncio.Queue[Found | None] = asyncio.Queue(maxsize=64)

    async def put(self, found: Found) -> None:
        """Hand over a document; waits while much is under way."""
        await self._queue.put(found)

    async def close(self) -> None:
        """No more documents will come."""
        await self._queue.put(_END)

    async def run(self, now: datetime) -> None:
        """Store what comes until close(). Raises what storing raises."""
        going_on = True
        while going_on:
            batch: list[Found] = []
            item = await self._queue.get()
            while item is not _END:
                batch.append(item)
                if len(batch) >= self._queue.maxsize or self._queue.empty():
                    break
                item = self._queue.get_nowait()
            going_on = item is not _END
            for part in _without_twins(batch):
                outcomes = await asyncio.to_thread(self._ingest, part, now)
                for found, outcome in zip(part, outcomes, strict=True):
                    if not found.stored.done():
                        found.stored.set_result(outcome)

    def _ingest(self, batch: Sequence[Found], now: datetime) -> list[Outcome]:
        outcomes: list[Outcome] = []
        waiting: list[Arrival] = []
        texts: dict[str, str] = {}
        for found in batch:
            document = storable(found.document)
            known = self._store.known(found.source, found.entry, found.key)
            if known is not None and _same(known, document):
                outcomes.append(Outcome.UNCHANGED)
                self._store.note_entry(
                    found.source, found.entry, found.fingerprint, known[0].id, due=found.again
                )
                continue
            outcomes.append(Outcome.NEW if known is None else Outcome.CHANGED)
            arrival, embedded = _prepared(found, document)
            waiting.append(arrival)
            texts |= embedded
            if len(texts) >= BATCH_PARAGRAPHS:
                self._commit(waiting, texts, now)
                waiting, texts = [], {}
        if waiting:
            self._commit(waiting, texts, now)
        return outcomes

    def _commit(self, arrivals: Sequence[Arrival], texts: dict[str, str], now: datetime) -> None:
        known = self._stored.known(list(texts))
        new = [embedded for embedded in texts if embedded not in known]
        vectors = self._embedder.encode([texts[embedded] for embedded in new])
        blobs = {embedded: vector.tobytes() for embedded, vector in zip(new, vectors, strict=True)}
        self._store.put(arrivals, blobs, self._embedder.name, now)
        if self._search.ready:
            # Done here, so that the next question need not do it.
            self._search.bring_up()


def _prepared(found: Found, document: Document) -> tuple[Arrival, dict[str, str]]:
    spans = split_paragraphs(document.text)
    texts = [
        embedded_text(
            document.title, document.outlet, document.published, document.text[s.start : s.end]
        )
        for s in spans
    ]
    hashes = [sha256(text) for text in texts]
    arrival = Arrival(
        source=found.source,
        entry=found.entry,
        fingerprint=found.fingerprint,
        key=found.key,
        document=document,
        spans=spans,
        embedded=tuple(hashes),
        again=found.again,
    )
    return arrival, dict(zip(hashes, texts, strict=True))


def _same(known: tuple[Article, str], document: Document) -> bool:
    article, digest = known
    return digest == sha256(document.text) and (
        article.title,
        article.url,
        article.outlet,
        article.section,
        article.authors,
        article.published,
        article.language,
    ) == (
        document.title,
        document.url,
        document.outlet,
        document.section,
        document.authors,
        document.published,
        document.language,
    )


def _without_twins(batch: Sequence[Found]) -> Iterator[list[Found]]:
    """The batch in runs in which no article comes twice: the second is to meet the first stored."""
    run: list[Found] = []
    seen: set[str] = set()
    for found in batch:
        names = {found.key, f"{found.source} {found.entry}"}
        if names & seen:
            yield run
            run, seen = [], set()
        run.append(found)
        seen |= names
    if run:
        yield run
