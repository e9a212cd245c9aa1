"""Sources to what is new: fetch, decide, hand over to be stored. Failures are values."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from index.archive import Archive
from index.articles import Document, Entry, Source, SourceKind
from index.errors import FetchError, NewsError, UnreadableError
from index.extraction import extract_fragment
from index.feeds import Feed, parse_feed
from index.fetching import Fetched, Fetcher, NotModified
from index.files import article_files, read_document, read_file
from index.identity import article_key, entry_fingerprint, fingerprint
from index.ingesting import Found, Ingest, Outcome
from index.revisiting import next_visit, shows_the_same
from index.scheduling import after_failure, after_success
from index.search import Progress
from index.sources import Sources
from index.storing import Store

# Sources read at the same time; the fetcher bounds the requests to each host.
_SOURCES_AT_ONCE = 8
# Articles of one source on their way at the same time: twice what one batch takes, so that
# the next one gathers while it is embedded. A folder of 100,000 files must not be as many tasks.
_READINGS_AT_ONCE = 128
# After so many failures in a row, an entry whose page cannot be read is kept as what
# the feed says of it.
_TRIES = 3
# Words below which what a feed says of an entry is no article.
_SUMMARY_WORDS = 12


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What reading one source came to.

    ``failures`` are of single articles; ``error`` is of the whole source, whose articles
    stay as they were.
    """

    source: Source
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failures: tuple[NewsError, ...] = ()
    error: NewsError | None = None


class Refresher:
    """Reads sources; one is made for each round."""

    def __init__(
        self,
        sources: Sources,
        archive: Archive,
        store: Store,
        ingest: Ingest,
        fetcher: Fetcher,
        interval: timedelta,
        clock: Callable[[], datetime],
        progress: Progress,
    ) -> None:
        self._sources = sources
        self._archive = archive
        self._store = store
        self._ingest = ingest
        self._fetcher = fetcher
        self._interval = interval
        self._clock = clock
        self._progress = progress
        self._found = self._done = 0

    async def refresh(
        self, sources: Iterable[Source], fetched: dict[str, Fetched] | None = None
    ) -> list[Refreshed]:
        """Read the sources, store what is new, and note how each did.

        ``fetched`` holds answers that are already here, by source URL. Raises only what
        stops everything, such as a full disk.
        """
        gate = asyncio.Semaphore(_SOURCES_AT_ONCE)
        results: list[Refreshed] = []

        async def one(source: Source) -> None:
            async with gate:
                results.append(await self._refresh(source, (fetched or {}).get(source.url)))

        async def all_of_them() -> None:
            async with asyncio.TaskGroup() as group:
                for source in sources:
                    group.create_task(one(source))
            await self._ingest.close()

        try:
            # If storing fails, nobody may go on waiting for it.
            async with asyncio.TaskGroup() as group:
                group.create_task(self._ingest.run(self._clock()))
                group.create_task(all_of_them())
        except* NewsError as errors:
            raise _first(errors) from errors
        return sorted(results, key=lambda result: result.source.id)

    async def _refresh(self, source: Source, fetched: Fetched | None) -> Refreshed:
        try:
            if source.kind in (SourceKind.FILE, SourceKind.FOLDER):
                result, max_age = await self._read_files(source), None
            else:
                result, max_age = await self._read_url(source, fetched)
        except (FetchError, UnreadableError) as error:
            retry_after = getattr(error, "retry_after", None)
            health = after_failure(
                source.health, self._clock(), self._interval, str(error), retry_after
            )
            result = Refreshed(replace(source, health=health), error=error)
        else:
            health = after_success(source.health, self._clock(), self._interval, max_age)
            result = replace(result, source=replace(result.source, health=health))
        await asyncio.to_thread(self._sources.put, result.source)
        return result

    # Files

    async def _read_files(self, source: Source) -> Refreshed:
        path = Path(source.url)
        paths = [path]
        if source.kind is SourceKind.FOLDER:
            paths = await asyncio.to_thread(article_files, path)
        known = await asyncio.to_thread(self._store.entries, source.id)

        async def read(path: Path) -> Outcome:
            data = await asyncio.to_thread(read_file, path)
            digest = fingerprint(data)
            seen = known.get(str(path))
            if seen is not None and seen["sha256"] == digest and seen["article"]:
                return Outcome.UNCHANGED
            document = await asyncio.to_thread(read_document, data, path.name)
            return await self._hand_over(source, str(path), digest, path.as_uri(), document)

        result = await self._gather(source, [partial(read, path) for path in paths])
        if source.kind is SourceKind.FILE and result.failures:
            raise result.failures[0]
        return result

    # URLs

    async def _read_url(
        self, source: Source, fetched: Fetched | None
    ) -> tuple[Refreshed, timedelta | None]:
        if "://" not in source.url:
            data = await asyncio.to_thread(read_file, Path(source.url))
            feed = await asyncio.to_thread(parse_feed, data, url=Path(source.url).as_uri())
            return await self._read_feed(source, feed), None
        answer = fetched or await self._fetcher.get(
            source.url, etag=source.etag, last_modified=source.last_modified
        )
        if isinstance(answer, NotModified):
            due = await self._retry_entries(source)
            return due, answer.max_age
        if source.kind is SourceKind.FEED:
            feed = await asyncio.to_thread(
                parse_feed, answer.body, url=answer.url, content_type=answer.content_type
            )
            result = await self._read_feed(source, feed)
            max_age = max(filter(None, (answer.max_age, feed.ttl)), default=None)
        else:
            result = await self._read_page(source, answer)
            max_age = answer.max_age
        # What the server needs to answer "not modified" is only kept once all is stored,
        # and not while an entry still waits for its page.
        etag, modified = (answer.etag, answer.last_modified)
        kept = replace(result.source, etag=etag, last_modified=modified)
        return replace(result, source=kept), max_age

    async def _retry_entries(self, source: Source) -> Refreshed:
        """Nothing new; but pages that could not be read, or that may have changed, may be due."""
        known = await asyncio.to_thread(self._store.entries, source.id)
        now = self._clock()
        if any(e["article"] is None and e["due"] and e["due"] <= now for e in known.values()):
            answer = await self._fetcher.get(source.url)
            if isinstance(answer, Fetched) and source.kind is SourceKind.FEED:
                feed = await asyncio.to_thread(parse_feed, answer.body, url=answer.url)
                return await self._read_feed(source, feed)
        revisits = self._revisits(source, known, now)
        result = await self._gather(source, revisits)
        return replace(result, unchanged=result.unchanged + len(known) - len(revisits))

    async def _read_page(self, source: Source, answer: Fetched) -> Refreshed:
        document = await asyncio.to_thread(
            read_document, answer.body, answer.url, answer.content_type, answer.charset
        )
        digest = fingerprint(document.title, document.text)
        key = article_key(source.url)
        title = source.title or document.title
        counted = await self._gather(
            replace(source, title=title),
            [partial(self._hand_over, source, key, digest, key, replace(document, url=answer.url))],
        )
        if counted.failures:
            raise counted.failures[0]
        return counted

    async def _read_feed(self, source: Source, feed: Feed) -> Refreshed:
        known = await asyncio.to_thread(self._store.entries, source.id)
        now = self._clock()

        async def read(entry: Entry) -> Outcome:
            digest = entry_fingerprint(entry)
            seen = known.get(entry.id)
            failures = 0
            if seen is not None and seen["sha256"] == digest:
                if _may_have_changed(seen, now):
                    return await self._revisit(source, entry.id, seen)
                if seen["article"] or (seen["due"] is not None and seen["due"] > now):
                    return Outcome.UNCHANGED
                failures = seen["failures"]
            try:
                document = await self._entry_document(entry, feed, failures)
            except (FetchError, UnreadableError) as error:
                wait = after_failure(source.health, now, self._interval, "").due
                await asyncio.to_thread(
                    self._store.note_entry,
                    source.id,
                    entry.id,
                    digest,
                    seen["article"] if seen else None,
                    failures=failures + 1,
                    due=wait,
                    error=str(error),
                )
                raise
            key = article_key(document.url) if document.url else f"{source.url}#{entry.id}"
            again = next_visit(now, now) if entry.url and not entry.complete else None
            return await self._hand_over(source, entry.id, digest, key, document, again)

        title = source.title or feed.title
        there = {entry.id for entry in feed.entries}
        gone = {name: seen for name, seen in known.items() if name not in there}
        return await self._gather(
            replace(source, title=title),
            [partial(read, e) for e in feed.entries] + self._revisits(source, gone, now),
        )

    def _revisits(
        self, source: Source, known: Mapping[str, sa.RowMapping], now: datetime
    ) -> list[Callable[[], Awaitable[Outcome]]]:
        """Readings of the pages that may have changed, also of entries that a feed has no more."""
        return [
            partial(self._revisit, source, name, seen)
            for name, seen in known.items()
            if _may_have_changed(seen, now)
        ]

    async def _revisit(self, source: Source, entry: str, seen: sa.RowMapping) -> Outcome:
        """Read an article's page again; only its text may be new. What fails leaves it as it is."""
        article = await asyncio.to_thread(self._archive.article, seen["article"])
        if article is None or article.url is None:
            return Outcome.UNCHANGED
        again = next_visit(article.first_seen, self._clock())
        note = partial(self._store.note_entry, source.id, entry, seen["sha256"], article.id)
        try:
            answer = await self._fetcher.get(article.url)
            assert isinstance(answer, Fetched)
            page = await asyncio.to_thread(
                read_document, answer.body, answer.url, answer.content_type, answer.charset
            )
        except (FetchError, UnreadableError) as error:
            gone = getattr(error, "permanent", False)
            await asyncio.to_thread(note, due=None if gone else again, error=str(error))
            raise
        version = await asyncio.to_thread(self._archive.version, article.id, article.version)
        if version is None or not shows_the_same(version.text, page.text):
            await asyncio.to_thread(note, due=again, error="its page shows something else")
            return Outcome.UNCHANGED
        document = Document(
            title=article.title,
            text=page.text,
            url=article.url,
            outlet=article.outlet,
            section=article.section,
            authors=article.authors,
            published=article.published,
            language=article.language,
        )
        return await self._hand_over(source, entry, seen["sha256"], article.key, document, again)

    async def _entry_document(self, entry: Entry, feed: Feed, failures: int) -> Document:
        own = Document(
            title=entry.title,
            text=await asyncio.to_thread(extract_fragment, entry.html) if entry.html else "",
            url=entry.url,
            outlet=feed.title,
            authors=entry.authors,
            published=entry.published,
            language=entry.language or feed.language,
        )
        if (entry.complete and own.text) or not entry.url:
            if not own.text:
                raise UnreadableError(entry.title, "this entry has no text and no link")
            return own
        try:
            answer = await self._fetcher.get(entry.url)
            assert isinstance(answer, Fetched)
            page = await asyncio.to_thread(
                read_document, answer.body, answer.url, answer.content_type, answer.charset
            )
        except (FetchError, UnreadableError) as error:
            final = getattr(error, "permanent", True) or failures + 1 >= _TRIES
            if final and len(own.text.split()) >= _SUMMARY_WORDS:
                return own
            raise
        return replace(
            page,
            title=entry.title or page.title,
            url=entry.url,
            outlet=page.outlet or own.outlet,
            authors=page.authors or own.authors,
            published=own.published or page.published,
            language=page.language or own.language,
        )

    # Both

    async def _hand_over(
        self,
        source: Source,
        entry: str,
        digest: str,
        key: str,
        document: Document,
        again: datetime | None = None,
    ) -> Outcome:
        stored: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        await self._ingest.put(Found(source.id, entry, digest, key, document, stored, again))
        return await stored

    async def _gather(
        self, source: Source, readings: Sequence[Callable[[], Awaitable[Outcome]]]
    ) -> Refreshed:
        """Run the readings together; their outcomes counted, their failures collected."""
        counts = dict.fromkeys(Outcome, 0)
        failures: list[NewsError] = []
        self._found += len(readings)
        todo = iter(readings)

        async def work() -> None:
            for reading in todo:
                try:
                    counts[await reading()] += 1
                except (FetchError, UnreadableError) as error:
                    failures.append(error)
                self._done += 1
                self._progress("articles", self._done, self._found)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(_READINGS_AT_ONCE, len(readings))):
                group.create_task(work())
        return Refreshed(
            source,
            new=counts[Outcome.NEW],
            changed=counts[Outcome.CHANGED],
            unchanged=counts[Outcome.UNCHANGED],
            failures=tuple(failures),
        )


def _may_have_changed(seen: sa.RowMapping, now: datetime) -> bool:
    """Whether an entry's article came from a page that is to be read again by now."""
    return seen["article"] is not None and seen["due"] is not None and seen["due"] <= now


def _first(errors: BaseExceptionGroup[NewsError]) -> NewsError:
    """The first error of a group, however deep."""
    for error in errors.exceptions:
        if isinstance(error, BaseExceptionGroup):
            return _first(error)
        return error
    raise AssertionError("an exception group is never empty")
