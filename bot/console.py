"""What the command line shows: answers, tables, progress."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO

from rich.console import Console
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from bot.answers import Account, Answer, Claim, Disagreement, Outcome, cited
from bot.catalogue import ENGLISH
from bot.limit_messages import limited
from bot.links import link_to_quote
from bot.messages import covers
from bot.newest import Newest
from bot.status import Status
from index import Added, Article, NewsError, Passage, Source
from index.archive import Row
from index.refreshing import Refreshed
from index.search import Progress

# Lines of progress when nobody watches a terminal.
_SECONDS_BETWEEN_LINES = 5.0


def day(moment: datetime | None) -> str:
    """A date as it is shown; a missing one is said."""
    return f"{moment.day} {moment:%B %Y}" if moment else "no date"


def show_answer(console: Console, answer: Answer, numbers: dict[int, int] | None = None) -> None:
    """The short answer, the quotes, then the sources; or that the sources do not say.

    Of a question in several parts one after the other; they share citation ``numbers``.
    """
    if answer.typed is not None:
        console.print(Text(ENGLISH.read_as.format(question=answer.question), style="italic"))
    if answer.parts:
        for part in answer.parts:
            console.print(Text(part.question, style="bold underline"))
            show_answer(console, part, cited(answer.cites))
            console.print()
        return
    if answer.limits is not None:
        console.print(Text(limited(answer.limits), style="italic"))
    if answer.outcome is Outcome.NOT_IN_SOURCES:
        console.print("Not in my sources.", style="bold")
        console.print(Text(covers(answer.coverage)))
        return
    if answer.outcome is Outcome.CLOSEST:
        console.print("The closest I found, but it doesn't answer that:", style="bold")
    if answer.short:
        by = answer.short_speaker
        claimed = ENGLISH.short_claimed.format(speaker=by) if by else ""
        console.print(Text.assemble((answer.short, "bold"), claimed))
    numbers = numbers or cited(answer.cites)
    for claim in answer.claims:
        line = _quote(claim, answer.short, numbers[claim.article.id])
        console.print(Padding(line, (1, 0, 0, 0)))
    for dispute in answer.accounts:
        console.print()
        console.print(Text(ENGLISH.accounts_heading[dispute.kind], style="bold"))
        for account in dispute.accounts:
            console.print(Padding(_account(account, dispute.kind, numbers), (0, 0, 0, 2)))
    if answer.carriers:
        console.print()
        console.print(_carriers(answer, numbers))
    console.print()
    for article, claims in _by_article(answer.cites):
        console.print(_source_line(numbers[article.id], article, claims), highlight=False)
        where = article.url or article.key
        console.print(
            Text(f"    {link_to_quote(where, claims[0].quote)}", style="dim"), soft_wrap=True
        )
    if answer.outcome is Outcome.CLOSEST:
        console.print(Text(covers(answer.coverage)))


def show_newest(console: Console, newest: Newest) -> None:
    """The newest articles, each with where it is."""
    if newest.limits is not None:
        console.print(Text(limited(newest.limits), style="italic"))
    if not newest.articles:
        console.print(ENGLISH.no_articles)
    for article in newest.articles:
        parts = (article.outlet or ENGLISH.outlet_not_named, day(article.published))
        console.print(Text.assemble((article.title, "bold"), f" · {' · '.join(parts)}"))
        console.print(Text(f"    {article.url or article.key}", style="dim"), soft_wrap=True)


def _quote(claim: Claim, span: str | None, number: int) -> Text:
    """A quote with its number; in front who says it, if it does not tell, behind it the hedge."""
    says = ""
    if claim.speaker and claim.speaker not in claim.quote:
        says = ENGLISH.says.format(speaker=claim.speaker).rstrip() + "\n"
    hedge = f"\n{ENGLISH.hedges[claim.hedge]}" if claim.hedge else ""
    quoted = _bold(claim.quote, span)
    return Text.assemble(says, "❝ ", quoted, f" ❞ [{number}]", (hedge, "italic"))


def _account(account: Account, kind: Disagreement, numbers: dict[int, int]) -> Text:
    claim = account.claim
    who = account.speaker or ENGLISH.outlet_not_named
    if kind is Disagreement.UPDATE:
        who += f" ({day(claim.article.published)})"
    opening, closing = ("“", "”") if account.direct else ("❝ ", " ❞")
    says = ENGLISH.says.format(speaker=who)
    return Text(f"{says}{opening}{claim.quote}{closing} [{numbers[claim.article.id]}]")


def _carriers(answer: Answer, numbers: dict[int, int]) -> Text:
    def outlets(claims: Sequence[Claim]) -> str:
        return ", ".join(
            f"{c.article.outlet or ENGLISH.outlet_not_named} [{numbers[c.article.id]}]"
            for c in claims
        )

    own = [answer.claims[0], *(c.claim for c in answer.carriers if c.copy_of is None)]
    copied = [c.claim for c in answer.carriers if c.copy_of is not None]
    heading = ENGLISH.independent_sources if answer.sources > 1 else ENGLISH.one_source_copied
    text = heading.format(count=answer.sources) + outlets(own)
    return Text(text + (f"; {ENGLISH.same_text}{outlets(copied)}" if copied else ""))


def _bold(quote: str, span: str | None) -> Text:
    text = Text(quote)
    if span and span in quote:
        start = quote.index(span)
        text.stylize("bold", start, start + len(span))
    return text


def _by_article(claims: Sequence[Claim]) -> list[tuple[Article, list[Claim]]]:
    grouped: dict[int, tuple[Article, list[Claim]]] = {}
    for claim in claims:
        grouped.setdefault(claim.article.id, (claim.article, []))[1].append(claim)
    return list(grouped.values())


def _source_line(number: int, article: Article, claims: Sequence[Claim]) -> Text:
    paragraphs = sorted({claim.citation.paragraph for claim in claims})
    word = "paragraph" if len(paragraphs) == 1 else "paragraphs"
    parts = [
        article.title,
        article.outlet or "outlet not named",
        day(article.published),
        f"{word} {', '.join(map(str, paragraphs))}",
    ]
    return Text(f"[{number}] {' · '.join(parts)}")


def show_passages(console: Console, passages: Sequence[Passage]) -> None:
    """Passages with their scores: fused, cosine, BM25."""
    for passage in passages:
        cosine, bm25 = _score(passage.similarity), _score(passage.keywords)
        scores = f"{passage.score:.3f}  cosine {cosine}  BM25 {bm25}"
        article = passage.article
        console.print(Text(scores, style="bold"), highlight=False)
        console.print(
            Text(
                f"{article.title} · {article.outlet or 'outlet not named'} · "
                f"{day(article.published)} · article {article.id}, "
                f"paragraph {passage.paragraph.number}"
            ),
            highlight=False,
        )
        console.print(Padding(Text(passage.text), (0, 0, 1, 2)))


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.3f}"


def show_sources(console: Console, sources: Sequence[Source], now: datetime) -> None:
    """A table of the sources and how they do."""
    table = Table(box=None, pad_edge=False)
    for heading in ("", "Source", "Kind", "Articles", "Last read", "Health"):
        table.add_column(heading, overflow="fold")
    for source in sources:
        health = source.health
        table.add_row(
            str(source.id),
            Text(f"{source.title or source.url}\n{source.url}" if source.title else source.url),
            source.kind.value,
            str(source.articles),
            ago(health.succeeded, now),
            Text(f"failed {health.failures}×: {health.error}" if health.failures else "good"),
        )
    console.print(table)


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest fitting unit."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def show_added(console: Console, added: Added) -> None:
    """What adding one target came to."""
    if added.error is not None:
        console.print(Text(f"Not added: {added.error}", style="red"))
        return
    for refreshed in added.refreshed:
        verb = "Already followed" if added.known else "Added"
        name = refreshed.source.title or refreshed.source.url
        console.print(Text(f"{verb} {refreshed.source.kind.value}: {name}"))
        show_refreshed(console, refreshed)


def show_refreshed(console: Console, refreshed: Refreshed, *, name: bool = False) -> None:
    """What reading one source came to, with the first few failures."""
    prefix = f"{refreshed.source.title or refreshed.source.url}: " if name else "  "
    if refreshed.error is not None:
        console.print(Text(f"{prefix}could not be read: {refreshed.error}", style="red"))
        return
    console.print(
        Text(
            f"{prefix}{refreshed.new} new, {refreshed.changed} changed, "
            f"{refreshed.unchanged} unchanged"
            + (f", {len(refreshed.failures)} could not be read" if refreshed.failures else "")
        ),
        highlight=False,
    )
    for failure in refreshed.failures[:3]:
        console.print(Text(f"    {failure}", style="yellow"))
    if len(refreshed.failures) > 3:
        console.print(f"    and {len(refreshed.failures) - 3} more")


def show_error(console: Console, error: NewsError) -> None:
    """An error that newsbot can explain."""
    console.print(Text(str(error), style="red"))


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    """A bar with counts, rate and time left on a terminal; plain lines anywhere else."""
    if not console.is_terminal:
        yield _lines(console.file)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        tasks = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield report


def _lines(file: IO[str]) -> Progress:
    began = last = time.monotonic()

    def report(stage: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _SECONDS_BETWEEN_LINES or not done:
            return
        last = now
        rate = done / (now - began)
        left = (total - done) / rate
        print(f"{stage}: {done} of {total}, {rate:.1f}/s, {left:.0f} s left", file=file, flush=True)

    return report


def show_article(console: Console, article: Article, rows: Sequence[Row]) -> None:
    """An article with its paragraphs numbered."""
    console.print(Text(article.title, style="bold"))
    authors = ", ".join(article.authors)
    parts = [article.outlet or "outlet not named", day(article.published), article.section, authors]
    console.print(Text(" · ".join(part for part in parts if part)), highlight=False)
    console.print(Text(article.url or article.key, style="dim"), soft_wrap=True, highlight=False)
    for row in rows:
        console.print(Padding(Text(f"{row.paragraph.number:>3}  {row.text}"), (1, 0, 0, 0)))


def _telling(status: Status) -> list[tuple[str, str]]:
    told = status.telling
    if told is None:
        return []
    return [
        ("To match", f"{told.to_match:,} changes"),
        (
            "Updates",
            f"{told.due:,} due, {told.sent:,} sent, {told.uncertain:,} uncertain,"
            f" {told.failed:,} failed",
        ),
    ]


def show_status(console: Console, status: Status, now: datetime) -> None:
    """What is there, and which sources fail."""
    failing = [source for source in status.sources if source.health.failures]
    lines = [
        ("Articles", f"{status.articles:,}"),
        ("Paragraphs", f"{status.paragraphs:,}"),
        ("Outlets", ", ".join(o.name for o in status.outlets if o.name) or "none"),
        ("Sources", f"{len(status.sources)}, {len(failing)} of them failing"),
        ("Last refresh", ago(status.last_refresh, now)),
        *_telling(status),
        ("Model", status.model),
        ("Data folder", str(status.folder)),
        (
            "On disk",
            f"database {status.database_size / 2**20:.1f} MiB, "
            f"keyword index {status.keyword_index_size / 2**20:.1f} MiB",
        ),
    ]
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in lines:
        table.add_row(name, Text(value))
    console.print(table)
    if failing:
        console.print()
        show_sources(console, failing, now)
