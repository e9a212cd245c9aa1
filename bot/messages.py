"""Answers as Telegram messages: HTML within the limits, and buttons. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.answers import Answer, Claim, Coverage, Outcome, cited
from bot.catalogue import ENGLISH, Catalogue
from bot.formatting import LONGEST_LINK, Block, Run, packed, plain_text, shortened, to_html
from bot.links import link_to_quote
from index.articles import Article, Passage

# A headline or outlet longer than this is cut; nobody reads on, and quotes need the room.
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Button:
    """A button with what is sent back when it is pressed, 1 to 64 bytes."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Message:
    """One Telegram message: ``html`` to send, and ``text``, what a person reads of it."""

    html: str
    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()


def messages(
    blocks: Sequence[Block], buttons: tuple[tuple[Button, ...], ...] = ()
) -> list[Message]:
    """The blocks in as few messages as Telegram allows; the buttons under the last."""
    parts = packed(blocks)
    return [
        Message(to_html(part), plain_text(part), buttons if i == len(parts) else ())
        for i, part in enumerate(parts, start=1)
    ]


def line(text: str, *, bold: bool = False) -> Block:
    """A block of one run."""
    return (Run(text, bold=bold),)


def answer_messages(
    answer: Answer,
    answer_id: int,
    *,
    notes: Sequence[str] = (),
    words: Catalogue = ENGLISH,
) -> list[Message]:
    """The answer: short answer, quotes, then the sources that they stand in.

    ``notes`` are lines in front, such as how a follow-up was read. The buttons carry
    ``answer_id``.
    """
    blocks: list[Block] = [(Run(note, italic=True),) for note in notes]
    blocks += answer_blocks(answer, words)
    return messages(blocks, _answer_buttons(answer, answer_id, words))


def answer_blocks(answer: Answer, words: Catalogue) -> list[Block]:
    """An answer's blocks, without notes and buttons."""
    if answer.outcome is Outcome.NOT_IN_SOURCES:
        return [line(words.not_in_sources, bold=True), line(covers(answer.coverage, words))]
    blocks: list[Block] = []
    if answer.outcome is Outcome.CLOSEST:
        blocks.append(line(words.closest, bold=True))
    elif answer.short:
        blocks.append(line(answer.short, bold=True))
    numbers = cited(answer.claims)
    blocks += [_quote(claim, numbers[claim.article.id], answer.short) for claim in answer.claims]
    blocks += [
        _source(numbers[article.id], article, claims, words)
        for article, claims in by_article(answer.claims)
    ]
    if answer.outcome is Outcome.CLOSEST:
        blocks.append(line(covers(answer.coverage, words)))
    return blocks


def _quote(claim: Claim, number: int, span: str | None) -> Block:
    before, found, after = claim.quote.partition(span) if span else (claim.quote, "", "")
    runs = [Run("❝ ", quote=True), Run(before, quote=True)]
    if found:
        runs += [Run(found, bold=True, quote=True), Run(after, quote=True)]
    return (*runs, Run(f" ❞ [{number}]", quote=True))


def by_article(claims: Sequence[Claim]) -> list[tuple[Article, list[Claim]]]:
    """The claims of each article, in order of first use."""
    grouped: dict[int, tuple[Article, list[Claim]]] = {}
    for claim in claims:
        grouped.setdefault(claim.article.id, (claim.article, []))[1].append(claim)
    return list(grouped.values())


def _source(number: int, article: Article, claims: Sequence[Claim], words: Catalogue) -> Block:
    paragraphs = sorted({claim.citation.paragraph for claim in claims})
    name = words.paragraph if len(paragraphs) == 1 else words.paragraphs
    where = name.format(numbers=", ".join(map(str, paragraphs)))
    return (
        Run(f"[{number}] "),
        Run(shortened(article.title, _LONGEST_NAME), link=page_link(article, claims[0].quote)),
        Run(f" · {byline(article, words)} · {where}"),
    )


def page_link(article: Article, quote: str) -> str | None:
    """The article's page, opened at the quote; None if it has no page or only a huge address."""
    if article.url is None or not article.url.startswith(("http://", "https://")):
        return None
    for link in (link_to_quote(article.url, quote), article.url):
        if len(link) <= LONGEST_LINK and link.isprintable() and " " not in link:
            return link
    return None


def byline(article: Article, words: Catalogue = ENGLISH) -> str:
    """Outlet and date; what is missing is said."""
    outlet = shortened(article.outlet or words.outlet_not_named, _LONGEST_NAME)
    return f"{outlet} · {day(article.published, words)}"


def day(moment: datetime | None, words: Catalogue = ENGLISH) -> str:
    """A date as it is shown; a missing one is said."""
    return f"{moment.day} {moment:%B %Y}" if moment else words.no_date


def covers(coverage: Coverage, words: Catalogue = ENGLISH) -> str:
    """What the sources cover, in a sentence or two."""
    if not coverage.articles:
        return words.covers_nothing
    count = words.one_article if coverage.articles == 1 else words.many_articles
    articles = count.format(count=coverage.articles)
    if coverage.earliest and coverage.latest:
        text = words.covers.format(
            articles=articles,
            earliest=day(coverage.earliest, words),
            latest=day(coverage.latest, words),
        )
    else:
        text = words.covers_undated.format(articles=articles)
    if coverage.outlets:
        names = (shortened(outlet, _LONGEST_NAME) for outlet in coverage.outlets)
        text += " " + words.newest_from.format(outlets=", ".join(names))
    return text


def _answer_buttons(
    answer: Answer, answer_id: int, words: Catalogue
) -> tuple[tuple[Button, ...], ...]:
    if not answer.claims:
        return ()
    return (
        (
            Button(words.passage_button, f"p:{answer_id}:0"),
            Button(words.more_button, f"m:{answer_id}:0"),
        ),
        (
            Button(words.right_button, f"f:{answer_id}:right"),
            Button(words.wrong_button, f"f:{answer_id}:wrong"),
        ),
    )


def passage_messages(
    article: Article,
    paragraphs: Sequence[tuple[int, str]],
    shown: int,
    quote: str,
    words: Catalogue = ENGLISH,
) -> list[Message]:
    """A paragraph with its neighbours: (number, text) each; ``shown`` is the cited one."""
    head: Block = (
        Run(shortened(article.title, _LONGEST_NAME), bold=True, link=page_link(article, quote)),
        Run(f"\n{byline(article, words)}"),
    )
    blocks = [head]
    for number, text in paragraphs:
        before, found, after = text.partition(quote) if number == shown else (text, "", "")
        blocks.append((Run(f"{number}  "), Run(before), Run(found, bold=True), Run(after)))
    return messages(blocks)


def more_messages(
    passages: Sequence[Passage], answer_id: int, next_page: int | None, words: Catalogue = ENGLISH
) -> list[Message]:
    """Further passages, each with where it stands; a button for still more, if there are any."""
    blocks: list[Block] = [line(words.more_heading, bold=True)]
    for passage in passages:
        article = passage.article
        where = words.paragraph.format(numbers=passage.paragraph.number)
        blocks.append((Run(passage.text, quote=True),))
        blocks.append(
            (
                Run(shortened(article.title, _LONGEST_NAME), link=page_link(article, passage.text)),
                Run(f" · {byline(article, words)} · {where}"),
            )
        )
    buttons = ((Button(words.more_button, f"m:{answer_id}:{next_page}"),),) if next_page else ()
    return messages(blocks, buttons)


def article_blocks(articles: Sequence[Article], words: Catalogue = ENGLISH) -> list[Block]:
    """A list of articles, a line each."""
    return [
        (
            Run(
                shortened(article.title, _LONGEST_NAME),
                link=article.url if article.url and len(article.url) <= LONGEST_LINK else None,
            ),
            Run(f"\n{byline(article, words)}"),
        )
        for article in articles
    ]
