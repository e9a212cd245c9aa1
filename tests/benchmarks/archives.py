"""Archives of given articles for benchmarks: built once, outside the repository."""

import asyncio
import os
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from index.archive import Archive
from index.articles import Document, Source, SourceKind
from index.database import open_database
from index.embedding import Embedder
from index.identity import article_key, fingerprint
from index.ingesting import Found, Ingest
from index.search import Progress, Search, no_progress
from index.sources import Sources
from index.stored_vectors import StoredVectors
from index.storing import Store

MIGRATIONS = Path(__file__).parents[2] / "index" / "migrations"
HISTORY = "news_history"


def benchmark_folder() -> Path:
    """Where benchmarks keep what is costly to make: NEWSBOT_BENCHMARK_DATA or a temporary one."""
    named = os.environ.get("NEWSBOT_BENCHMARK_DATA")
    return Path(named) if named else Path(tempfile.gettempdir()) / "newsbot-benchmarks"


def build(
    folder: Path,
    origin: str,
    documents: Mapping[str, Document],
    embedder: Embedder,
    report: Progress = no_progress,
) -> Path:
    """Bring the archive in a folder up to these articles, by name; the folder.

    News can be opened on it. The articles come from one source, ``origin``, an address. A
    stopped build goes on from its last batch, in the order of the articles. Another process
    that wants the same waits for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "build.lock"):
        engine = open_database(
            f"sqlite:///{folder / 'news.db'}", migrations=MIGRATIONS, history=HISTORY
        )
        archive, stored = Archive(engine), StoredVectors(engine, embedder.name)
        store = Store(engine)
        source = Sources(engine).put(Source(0, origin, SourceKind.FEED, None, datetime.now(UTC)))
        present = set(store.entries(source.id))
        lacking = {name: d for name, d in documents.items() if name not in present}
        search = Search(archive, stored, embedder, folder / "keywords")
        if lacking:
            ingest = Ingest(archive, store, stored, embedder, search)
            asyncio.run(_ingest(ingest, source, lacking, report))
        search.bring_up(report)
        engine.dispose()
    return folder


async def _ingest(
    ingest: Ingest, source: Source, documents: Mapping[str, Document], report: Progress
) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        group.create_task(ingest.run(datetime.now(UTC)))
        waiting = []
        for done, (name, document) in enumerate(documents.items()):
            report("ingesting", done, len(documents))
            found = Found(
                source=source.id,
                entry=name,
                fingerprint=fingerprint(document.text),
                key=article_key(document.url or ""),
                document=document,
                stored=loop.create_future(),
            )
            waiting.append(found.stored)
            await ingest.put(found)
        await ingest.close()
        await asyncio.gather(*waiting)
    report("ingesting", len(documents), len(documents))
