"""The command line. What is heavy to import is imported by the command that needs it."""

import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

if TYPE_CHECKING:
    from bot.settings import Settings
    from index import Filters, News, Source

app = typer.Typer(
    name="newsbot",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers questions about the news with verbatim, re-checked quotes.",
)
out = Console(soft_wrap=False)
err = Console(stderr=True)

Question = Annotated[str, typer.Argument(help="A question about the news.")]
InSource = Annotated[
    str | None, typer.Option("--source", help="Only from this outlet, by its name or a part of it.")
]
Since = Annotated[str | None, typer.Option(help="Only from this day on, as in 2024-05-31.")]
Until = Annotated[str | None, typer.Option(help="Only up to and with this day.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")]


@app.callback()
def _options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the code an error came from.")
    ] = False,
) -> None:
    logging.basicConfig(level=logging.INFO if debug else logging.WARNING)


@app.command()
def ask(
    question: Question,
    source: InSource = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question with quotes from the news."""
    from bot.answering import ask as answer_question
    from bot.console import show_answer

    settings = _settings()
    with _news_or_sample(settings, "answers") as news:
        filters = _filters(news, source, since, until)
        _bring_up(news)
        answer = answer_question(news, question, filters, datetime.now(UTC))
    if as_json:
        _print_json(answer)
    else:
        show_answer(out, answer)


@app.command()
def search(
    question: Question,
    source: InSource = None,
    since: Since = None,
    until: Until = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many passages.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show the passages nearest to a question, with their scores."""
    from bot.console import show_passages

    with _news_or_sample(_settings(), "shows") as news:
        filters = _filters(news, source, since, until)
        _bring_up(news)
        passages = news.search(question, count, filters)
    if as_json:
        _print_json(passages)
    elif passages:
        show_passages(out, passages)
    else:
        out.print("Nothing found.")


@app.command()
def add(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="PATH|URL…", help="Files, folders, pages, feeds, sites, OPML."),
    ],
) -> None:
    """Add sources and read them now."""
    from bot.console import progress, show_added

    with _news(_settings()) as news, progress(err) as report:
        results = asyncio.run(news.add(targets, report))
    for added in results:
        show_added(out, added)
    if any(added.error for added in results):
        raise typer.Exit(1)


@app.command()
def refresh(
    everything: Annotated[
        bool, typer.Option("--all", help="Also the sources that are not due yet.")
    ] = False,
) -> None:
    """Read the sources that are due."""
    from bot.console import progress, show_refreshed

    with _news(_settings()) as news, progress(err) as report:
        results = asyncio.run(news.refresh(everything=everything, progress=report))
    for refreshed in results:
        show_refreshed(out, refreshed, name=True)
    if not results:
        out.print("Nothing is due. To read all sources anyway: newsbot refresh --all")


@app.command()
def sources(as_json: AsJson = False) -> None:
    """List the sources and how they do."""
    from bot.console import show_sources

    with _news(_settings()) as news:
        found = news.sources.all()
    if as_json:
        _print_json(found)
    elif found:
        show_sources(out, found, datetime.now(UTC))
    else:
        out.print("No sources yet. Add one: newsbot add PATH|URL")


@app.command()
def remove(
    source: Annotated[str, typer.Argument(help="A source's number, URL or path.")],
) -> None:
    """Stop following a source and drop the articles that only it carries."""
    with _news(_settings()) as news:
        found = _find_source(news, source)
        removed = news.remove(found)
    out.print(f"Removed {found.url} and {_articles(removed)}", markup=False, highlight=False)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The OPML file to write.")],
) -> None:
    """Write the feeds that are followed to an OPML file."""
    from index import SourceKind
    from index.database import storage_errors
    from index.feeds import Outline, write_opml

    with _news(_settings()) as news:
        found = [s for s in news.sources.all() if s.kind is SourceKind.FEED]
    outlines = [Outline(url=s.url, title=s.title) for s in found if "://" in s.url]
    with storage_errors(str(file)):
        file.write_bytes(write_opml(outlines, title="newsbot", created=datetime.now(UTC)))
    out.print(f"Wrote {len(outlines)} feeds to {file}", markup=False, highlight=False)


@app.command()
def show(
    article: Annotated[int, typer.Argument(help="An article's number, as search shows it.")],
) -> None:
    """Print an article with its paragraphs numbered."""
    from bot.console import show_article

    with _news_or_sample(_settings(), "shows") as news:
        found = news.archive.article(article)
        if found is None:
            _fail(f"article {article}", "there is no such article", "Find one: newsbot search")
        show_article(out, found, news.paragraphs(article))


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say what is there: articles, sources and their health, model, sizes."""
    from bot.console import show_status
    from bot.status import read_status

    settings = _settings()
    with _news(settings) as news:
        found = read_status(news)
    if as_json:
        _print_json(found)
    else:
        show_status(out, found, datetime.now(UTC))


def main() -> None:
    """Run the command line; an error is one line unless --debug asks for more."""
    from index.errors import NewsError

    debug = "--debug" in sys.argv
    # Wherever it stands in the line, it means the same.
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    try:
        app(["--debug", *arguments] if debug else arguments)
    except KeyboardInterrupt:
        err.print("Stopped. What was finished is kept.")
        sys.exit(130)
    except NewsError as error:
        if debug:
            raise
        err.print(str(error), style="red", markup=False, highlight=False)
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        err.print(
            f"Something went wrong in newsbot: {type(error).__name__}: {error}\n"
            "Run the same command with --debug to see where.",
            style="red",
            markup=False,
            highlight=False,
        )
        sys.exit(1)


def _settings() -> "Settings":
    from bot.settings import read_settings

    return read_settings()


@contextmanager
def _news(settings: "Settings", folder: Path | None = None) -> Iterator["News"]:
    from index import News

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
def _news_or_sample(settings: "Settings", verb: str) -> Iterator["News"]:
    """The news; or, while no source was added, the sample news that ships with newsbot."""
    from index.sample import read_sample

    with _news(settings) as news:
        if news.sources.all():
            yield news
            return
    err.print(
        f"No source was added yet: newsbot {verb} from the sample news that ships with it.\n"
        "Add your own: newsbot add PATH|URL",
        style="dim",
        markup=False,
    )
    with _news(settings, settings.data / "sample") as sample:
        read_sample(sample)
        yield sample


def _bring_up(news: "News") -> None:
    """Make the indexes agree with the database, and say what had to be repaired."""
    from bot.console import progress

    with progress(err) as report:
        notices = news.bring_up(report)
    for notice in notices:
        err.print(notice, style="dim", markup=False, highlight=False)


def _filters(news: "News", source: str | None, since: str | None, until: str | None) -> "Filters":
    from index import Filters

    outlets: tuple[str, ...] = ()
    if source is not None:
        outlets = news.outlets_named(source)
        if not outlets:
            names = ", ".join(o.name for o in news.outlets() if o.name) or "none yet"
            _fail(f"--source {source}", "no outlet has this name", f"Known outlets: {names}")
    return Filters(
        outlets=outlets,
        since=_day("--since", since) if since else None,
        until=_day("--until", until) + timedelta(days=1) if until else None,
    )


def _day(option: str, text: str) -> datetime:
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        _fail(f"{option} {text}", "this is not a date", "Write it as 2024-05-31")
    return datetime.combine(day.date(), time(), tzinfo=UTC)


def _find_source(news: "News", name: str) -> "Source":
    resolved = str(Path(name).expanduser().resolve())
    for source in news.sources.all():
        if name in (str(source.id), source.url) or resolved == source.url:
            return source
    _fail(name, "there is no such source", "List them: newsbot sources")


def _articles(count: int) -> str:
    return "1 article" if count == 1 else f"{count} articles"


def _fail(subject: str, reason: str, remedy: str) -> NoReturn:
    from index.errors import NewsError

    raise NewsError(subject, reason, remedy)


def _print_json(value: object) -> None:
    from bot.plain import plain

    sys.stdout.write(json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
