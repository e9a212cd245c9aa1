"""News: the one object that others hold."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from index.adding import recognise
from index.archive import Archive, Filters, Outlet, Row
from index.articles import Passage, Source
from index.database import open_database, storage_errors
from index.embedding import DEFAULT_MODEL, Embedder
from index.errors import BusyError, FetchError, UnreadableError
from index.fetching import Fetched, Fetcher
from index.ingesting import Ingest
from index.memory import give_back
from index.paragraphs import split_paragraphs
from index.refreshing import Refreshed, Refresher
from index.scheduling import is_due
from index.search import Progress, Search, no_progress
from index.sources import Sources
from index.stored_vectors import StoredVectors
from index.storing import Store, sha256

Vector = NDArray[np.float32]

_MIGRATIONS = Path(__file__).parent / "migrations"


def utc_now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Added:
    """What adding one target came to: its sources read, or the reason why not."""

    target: str
    refreshed: tuple[Refreshed, ...] = ()
    known: bool = False
    error: FetchError | UnreadableError | None = None


class News:
    """All that is known of the news, in one data folder. Safe to share by threads.

    Its plain methods block and belong in a worker thread; the awaitable ones keep
    their own work off the event loop.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database: str | None = None,
        model: str = DEFAULT_MODEL,
        threads: int | None = None,
        interval: timedelta = timedelta(minutes=30),
        allow_private: bool = False,
        on_loading: Callable[[], None] | None = None,
        embedder: Embedder | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Open or make the data folder. Raises StorageError, with what to do about it."""
        self.folder = folder
        self._clock = clock
        self._interval = interval
        self._allow_private = allow_private
        with storage_errors(str(folder)):
            folder.mkdir(parents=True, exist_ok=True)
        self.embedder = embedder or Embedder(model, threads=threads, on_loading=on_loading)
        self._engine = open_database(
            database or f"sqlite:///{folder / 'news.db'}",
            migrations=_MIGRATIONS,
            history="news_history",
        )
        self.archive = Archive(self._engine)
        self.sources = Sources(self._engine)
        self._store = Store(self._engine)
        self._stored = StoredVectors(self._engine, self.embedder.name)
        self._search = Search(self.archive, self._stored, self.embedder, folder / "keywords")
        self._ever_changed = False

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # Reading

    def bring_up(self, progress: Progress = no_progress) -> list[str]:
        """Make both indexes agree with the database; what had to be repaired, a line each."""
        return self._search.bring_up(progress)

    @property
    def ready(self) -> bool:
        """Whether all of the news is searched; before that it is what there is so far."""
        return self._search.ready

    def search(
        self,
        question: str,
        count: int = 10,
        filters: Filters = Filters(),
        half_life: float | None = None,
    ) -> list[Passage]:
        """The passages nearest to a question, best first. Shape: at most ``count``.

        With a ``half_life`` in days, newer ones come first.
        """
        if not question.strip() or not self._has_had_news():
            return []
        return self._search.search(question, count, filters, half_life)

    def rarities(self, words: Sequence[str]) -> list[float]:
        """The inverse document frequency of each stemmed word; see Search.rarities."""
        return self._search.rarities(words)

    def spelling(self, word: str) -> str | None:
        """What was probably meant by a word that no article has; see Search.spelling."""
        return self._search.spelling(word) if self._has_had_news() else None

    def _has_had_news(self) -> bool:
        """Whether there is anything to load a model for: no change is ever forgotten."""
        self._ever_changed = self._ever_changed or self.archive.last_change() > 0
        return self._ever_changed

    def disagreements(self) -> list[str]:
        """What the derived indexes have too much or too little; empty when all is well."""
        return self._search.disagreements()

    def quote(self, article: int, version: int, start: int, end: int, digest: str) -> str | None:
        """The slice of a stored version, read now; None unless its text has this SHA-256."""
        stored = self.archive.version(article, version)
        if stored is None or sha256(stored.text) != digest or not 0 <= start < end:
            return None
        return stored.text[start:end] if end <= len(stored.text) else None

    def cited(self, article: int, version: int, digest: str) -> list[str]:
        """The paragraphs of a stored version, in order; none unless its text has this SHA-256."""
        stored = self.archive.version(article, version)
        if stored is None or sha256(stored.text) != digest:
            return []
        return [stored.text[span.start : span.end] for span in split_paragraphs(stored.text)]

    def paragraphs(self, article: int) -> list[Row]:
        """The newest paragraphs of an article, in order."""
        return sorted(self.archive.rows(articles_in=[article]), key=lambda r: r.paragraph.number)

    def texts(self, articles: Collection[int]) -> dict[int, str]:
        """The whole newest texts of these articles, by article."""
        return self.archive.texts(articles)

    def vectors(self, articles: Collection[int]) -> dict[int, dict[int, Vector]]:
        """The stored vectors of the articles' paragraphs: by article, then by paragraph id.

        What was stored but not embedded with the model of today is missing.
        """
        ids, of, blobs = self._stored.all(articles)
        found: dict[int, dict[int, Vector]] = {}
        for paragraph, article, blob in zip(ids.tolist(), of.tolist(), blobs, strict=True):
            found.setdefault(article, {})[paragraph] = np.frombuffer(blob, dtype="<f4")
        return found

    def outlets(self) -> list[Outlet]:
        """What each outlet has, the one with the newest article first."""
        return self.archive.outlets()

    def outlets_named(self, name: str) -> tuple[str, ...]:
        """The outlets whose name is, or else holds, ``name``; compared without case."""
        wanted = name.casefold()
        names = [outlet.name for outlet in self.outlets() if outlet.name]
        return tuple(n for n in names if n.casefold() == wanted) or tuple(
            n for n in names if wanted in n.casefold()
        )

    # Writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the data folder for writing. Raises BusyError if another process does."""
        lock = FileLock(self.folder / "writing.lock")
        with storage_errors(str(self.folder)):
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                raise BusyError(
                    str(self.folder),
                    "another newsbot is adding or refreshing news here",
                    "Wait until it has finished, then run the same command again",
                ) from error
        try:
            yield
        finally:
            lock.release()

    async def add(self, targets: Sequence[str], progress: Progress = no_progress) -> list[Added]:
        """Follow what each target names and read it now; failures are values."""
        with self.writing():
            async with Fetcher(allow_private=self._allow_private) as fetcher:
                found: list[tuple[str, list[Source], bool] | Added] = []
                fetched: dict[str, Fetched] = {}
                for target in targets:
                    try:
                        recognised = await recognise(target, fetcher, self._clock())
                    except (FetchError, UnreadableError) as error:
                        found.append(Added(target, error=error))
                        continue
                    known = {s.url for s in await asyncio.to_thread(self.sources.all)}
                    sources = [
                        await asyncio.to_thread(self.sources.put, source)
                        for source in recognised.sources
                    ]
                    fetched |= recognised.fetched
                    found.append((target, sources, all(s.url in known for s in sources)))
                todo = {s.id: s for f in found if not isinstance(f, Added) for s in f[1]}
                results = {
                    result.source.id: result
                    for result in await self._refresher(fetcher, progress).refresh(
                        todo.values(), fetched
                    )
                }
        await asyncio.to_thread(give_back)
        return [
            f if isinstance(f, Added) else Added(f[0], tuple(results[s.id] for s in f[1]), f[2])
            for f in found
        ]

    async def refresh(
        self, *, everything: bool = False, progress: Progress = no_progress
    ) -> list[Refreshed]:
        """Read the sources that are due, or all; what became of each."""
        with self.writing():
            sources = await asyncio.to_thread(self.sources.all)
            now = self._clock()
            due = [s for s in sources if everything or is_due(s.health, now)]
            async with Fetcher(allow_private=self._allow_private) as fetcher:
                refreshed = await self._refresher(fetcher, progress).refresh(due)
        if due:
            await asyncio.to_thread(give_back)
        return refreshed

    def remove(self, source: Source) -> int:
        """Stop following a source and drop the articles that only it carries; their number."""
        with self.writing():
            return self.sources.remove(source)

    def _refresher(self, fetcher: Fetcher, progress: Progress) -> Refresher:
        ingest = Ingest(self.archive, self._store, self._stored, self.embedder, self._search)
        return Refresher(
            self.sources,
            self.archive,
            self._store,
            ingest,
            fetcher,
            self._interval,
            self._clock,
            progress,
        )
