"""The command line. What is heavy to import is imported by the command that needs it."""

import asyncio
import gc
import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

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
    from bot.console import show_answer, show_newest
    from bot.newest import newest_asked
    from bot.opening import bring_up, news_or_sample, read_filters
    from bot.reader.reading import Reader
    from bot.settings import read_settings

    settings = read_settings()
    with news_or_sample(settings, "answers") as news:
        filters = read_filters(news, source, since, until)
        here, now = datetime.now().astimezone().tzinfo or UTC, datetime.now(UTC)
        newest = newest_asked(news, question, filters, now, here)
        if newest is None:
            bring_up(news)
            read = Reader(settings.threads).read
            answer = answer_question(news, question, filters, now, read, here)
    if newest is not None:
        _print_json(newest) if as_json else show_newest(out, newest)
    elif as_json:
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
    from bot.opening import bring_up, news_or_sample, read_filters
    from bot.settings import read_settings

    with news_or_sample(read_settings(), "shows") as news:
        filters = read_filters(news, source, since, until)
        bring_up(news)
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
    from bot.opening import open_news
    from bot.settings import read_settings

    with open_news(read_settings()) as news, progress(err) as report:
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
    from bot.opening import open_news
    from bot.settings import read_settings

    with open_news(read_settings()) as news, progress(err) as report:
        results = asyncio.run(news.refresh(everything=everything, progress=report))
    for refreshed in results:
        show_refreshed(out, refreshed, name=True)
    if not results:
        out.print("Nothing is due. To read all sources anyway: newsbot refresh --all")


@app.command()
def sources(as_json: AsJson = False) -> None:
    """List the sources and how they do."""
    from bot.console import show_sources
    from bot.opening import open_news
    from bot.settings import read_settings

    with open_news(read_settings()) as news:
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
    from bot.opening import find_source, open_news
    from bot.settings import read_settings

    with open_news(read_settings()) as news:
        found = find_source(news, source)
        removed = news.remove(found)
    out.print(f"Removed {found.url} and {_articles(removed)}", markup=False, highlight=False)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The OPML file to write.")],
) -> None:
    """Write the feeds that are followed to an OPML file."""
    from bot.opening import open_news
    from bot.settings import read_settings
    from index import SourceKind
    from index.database import storage_errors
    from index.feeds import Outline, write_opml

    with open_news(read_settings()) as news:
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
    from bot.opening import fail, news_or_sample
    from bot.settings import read_settings

    with news_or_sample(read_settings(), "shows") as news:
        found = news.archive.article(article)
        if found is None:
            fail(f"article {article}", "there is no such article", "Find one: newsbot search")
        show_article(out, found, news.paragraphs(article))


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say what is there: articles, sources and their health, model, sizes."""
    from bot.console import show_status
    from bot.opening import open_news, telling
    from bot.settings import read_settings
    from bot.status import read_status

    settings = read_settings()
    with open_news(settings) as news:
        found = read_status(news, telling(settings, news))
    if as_json:
        _print_json(found)
    else:
        show_status(out, found, datetime.now(UTC))


@app.command()
def run(
    check: Annotated[
        bool, typer.Option("--check", help="Verify token, data folder, model, sources; then end.")
    ] = False,
) -> None:
    """Run the bot in Telegram until it is stopped."""
    from bot.chats import Chats
    from bot.opening import chats_database, open_news
    from bot.reader.reading import Reader
    from bot.serving import check as check_all
    from bot.serving import run as serve
    from bot.settings import read_settings

    settings = read_settings()
    if not settings.token:
        err.print(_NO_TOKEN, highlight=False, markup=False)
        raise typer.Exit(1)
    with open_news(settings) as news:
        if check:
            for line in asyncio.run(check_all(settings, news)):
                out.print(line, markup=False, highlight=False)
            return
        _log_what_happens()
        chats = Chats(chats_database(settings))
        try:
            read = Reader(settings.threads).read
            asyncio.run(serve(settings, news, chats, lambda: datetime.now(UTC), read))
        finally:
            chats.close()


@app.command()
def check(
    answer: Annotated[
        int | None, typer.Argument(help="An answer's number; without it, every answer.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also show the answers that still stand.")
    ] = False,
    since: Annotated[
        str | None, typer.Option(help="Only answers given from this day on, as in 2024-05-31.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check whether the answers given in Telegram still stand in their articles."""
    from bot.chats import Chats
    from bot.check_report import Result, check_all, show_result, show_tally
    from bot.checking import Standing, check
    from bot.citations import Citations
    from bot.console import progress
    from bot.opening import chats_database, fail, open_news, read_day
    from bot.settings import read_settings

    settings = read_settings()
    moment = read_day("--since", since) if since else None
    shown: list[Result] = []
    standings: list[Standing | None] = []
    chats = Chats(chats_database(settings))
    try:
        with open_news(settings) as news, progress(err) as report:
            if answer is not None:
                given = chats.given(answer)
                if given is None:
                    fail(f"answer {answer}", "there is no such answer", "List: newsbot check --all")
                shown = [Result(given, check(news, given.answer))]
            else:
                for result in check_all(news, Citations(chats.engine), moment, report):
                    standings.append(result.standing)
                    if everything or result.standing not in (None, Standing.STANDS):
                        shown.append(result)
    finally:
        chats.close()
    if as_json:
        _print_json(shown)
        return
    for result in shown:
        show_result(out, result)
    if answer is None:
        show_tally(out, standings)


@app.command()
def chat() -> None:
    """Talk to the bot on this terminal, without Telegram and without a token."""
    from bot.chats import Chats
    from bot.opening import bring_up, news_or_sample
    from bot.reader.reading import Reader
    from bot.serving import chat as talk
    from bot.settings import read_settings
    from bot.terminal import Terminal

    settings = read_settings()
    with news_or_sample(settings, "answers") as news:
        bring_up(news)
        chats = Chats(f"sqlite:///{settings.data / 'terminal.db'}")
        out.print("Ask a question; press a button by its number; end with Ctrl-D.", style="dim")
        try:
            asyncio.run(
                talk(
                    settings,
                    news,
                    chats,
                    lambda: datetime.now(UTC),
                    Terminal(out),
                    lambda: out.input("> "),
                    Reader(settings.threads).read,
                )
            )
        finally:
            chats.close()


_NO_TOKEN = """\
newsbot needs a token to be a bot in Telegram:
1. In Telegram, write to @BotFather and send /newbot.
2. Choose a name and a user name; it answers with a token.
3. Put NEWSBOT_TOKEN=<the token> into a file named .env here, then: newsbot run
To try newsbot without Telegram: newsbot chat"""


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
    finally:
        # Or the interpreter would look through all that was imported for cycles before it
        # ends, which takes most of a second, and many where the processor is busy.
        gc.freeze()


def _log_what_happens() -> None:
    """Our own news at INFO; of the libraries only warnings: one logs addresses with the token."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    for name in ("bot", "index"):
        logging.getLogger(name).setLevel(logging.INFO)


def _articles(count: int) -> str:
    return "1 article" if count == 1 else f"{count} articles"


def _print_json(value: object) -> None:
    from bot.plain import plain

    sys.stdout.write(json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
