"""What is there: how much news, how the sources do, how large it is, how the telling goes."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.progress import Progress
from index import News, Outlet, Source


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a data folder; sizes in bytes. ``telling`` None: nobody was told anything."""

    folder: Path
    articles: int
    paragraphs: int
    outlets: tuple[Outlet, ...]
    sources: tuple[Source, ...]
    last_refresh: datetime | None
    model: str
    database_size: int
    keyword_index_size: int
    telling: Progress | None


def read_status(news: News, telling: Progress | None = None) -> Status:
    """The state now. Does not load the model."""
    articles, paragraphs = news.archive.counts()
    sources = tuple(news.sources.all())
    return Status(
        folder=news.folder,
        articles=articles,
        paragraphs=paragraphs,
        outlets=tuple(news.outlets()),
        sources=sources,
        last_refresh=max((s.health.checked for s in sources if s.health.checked), default=None),
        model=news.embedder.name,
        database_size=sum(p.stat().st_size for p in news.folder.glob("news.db*")),
        keyword_index_size=sum(
            p.stat().st_size for p in news.folder.glob("keywords/*") if p.is_file()
        ),
        telling=telling,
    )
