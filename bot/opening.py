"""What the commands begin with: the news opened, the filters read, what is wrong said."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from bot.chats import Chats
from bot.console import progress
from bot.outbox import Outbox
from bot.progress import Progress, read_progress
from bot.settings import Settings
from bot.storylines import Storylines
from index import Filters, News, Source
from index.errors import NewsError
from index.sample import read_sample

err = Console(stderr=True)


@contextmanager
def open_news(settings: Settings, folder: Path | None = None) -> Iterator[News]:
    news = News(
        folder or settings.data,
        database=None if folder else settings.database,
        model=settings.model,
        threads=settings.threads,
        interval=settings.interval,
        allow_private=settings.allow_private,
        on_loading=lambda: err.print("Loading the model…", style="dim"),
    )
    try:
        yield news
    finally:
        news.close()


@contextmanager
def news_or_sample(settings: Settings, verb: str) -> Iterator[News]:
    """The news; or, while no source was added, the sample news that ships with newsbot."""
    with open_news(settings) as news:
        if news.sources.all():
            yield news
            return
    err.print(
        f"No source was added yet: newsbot {verb} from the sample news that ships with it.\n"
        "Add your own: newsbot add PATH|URL",
        style="dim",
        markup=False,
    )
    with open_news(settings, settings.data / "sample") as sample:
        read_sample(sample)
        yield sample


def chats_database(settings: Settings) -> str:
    """The URL of the database of the chats."""
    return settings.database or f"sqlite:///{settings.data / 'chats.db'}"


def telling(settings: Settings, news: News) -> Progress | None:
    """How the telling goes; None where the bot never ran."""
    if settings.database is None and not (settings.data / "chats.db").exists():
        return None
    chats = Chats(chats_database(settings))
    try:
        return read_progress(news, Storylines(chats.engine), Outbox(chats.engine))
    finally:
        chats.close()


def bring_up(news: News) -> None:
    """Make the indexes agree with the database, and say what had to be repaired."""
    with progress(err) as report:
        notices = news.bring_up(report)
    for notice in notices:
        err.print(notice, style="dim", markup=False, highlight=False)


def read_filters(news: News, source: str | None, since: str | None, until: str | None) -> Filters:
    outlets: tuple[str, ...] = ()
    if source is not None:
        outlets = news.outlets_named(source)
        if not outlets:
            names = ", ".join(o.name for o in news.outlets() if o.name) or "none yet"
            fail(f"--source {source}", "no outlet has this name", f"Known outlets: {names}")
    return Filters(
        outlets=outlets,
        since=read_day("--since", since) if since else None,
        until=read_day("--until", until) + timedelta(days=1) if until else None,
    )


def read_day(option: str, text: str) -> datetime:
    """The beginning, in UTC, of a day that an option names. Raises NewsError."""
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text}", "this is not a date", "Write it as 2024-05-31")
    return datetime.combine(day.date(), time(), tzinfo=UTC)


def find_source(news: News, name: str) -> Source:
    resolved = str(Path(name).expanduser().resolve())
    for source in news.sources.all():
        if name in (str(source.id), source.url) or resolved == source.url:
            return source
    fail(name, "there is no such source", "List them: newsbot sources")


def fail(subject: str, reason: str, remedy: str) -> NoReturn:
    raise NewsError(subject, reason, remedy)
