"""Answers as Telegram messages: HTML within the limits, and buttons. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.account_messages import carriers_block, dispute_block
from bot.answers import Answer, Claim, Coverage, Outcome, cited
from bot.bylines import NO_BREAK, day, filled, name
from bot.catalogue import ENGLISH, Catalogue
from bot.characters import is_right_to_left
from bot.formatting import LONGEST_LINK, Block, Run, packed, plain_text, to_html
from bot.limit_messages import limited
from bot.links import link_to_quote, web_address
from index.articles import Article, Passage

_RIGHT_TO_LEFT = "\u200f"


@dataclass(frozen=True, slots=True)
class Button:
    """A button with what is sent back when it is pressed, 1 to 64 bytes.

    ``copied``, if there is any, is put into the clipboard instead, at most 256 characters.
    """

    label: str
    data: str = ""
    copied: str = ""


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
    link: str = "",
    words: Catalogue = ENGLISH,
) -> list[Message]:
    """The answer: short answer, quotes, then the sources that they stand in.

    ``notes`` are lines in front, such as how a follow-up was read. The buttons carry
    ``answer_id``, and one of them the ``link`` that opens the answer.
    """
    blocks: list[Block] = [(Run(note, italic=True),) for note in notes]
    blocks += answer_blocks(answer, words)
    return messages(blocks, _answer_buttons(answer, answer_id, link, words))


def answer_blocks(
    answer: Answer, words: Catalogue, numbers: dict[int, int] | None = None
) -> list[Block]:
    """An answer's blocks, without notes and buttons; of several parts one after the other.

    ``numbers`` are the articles' citation numbers where other answers share them.
    """
    blocks: list[Block] = []
    if answer.typed is not None:
        read_as = filled(words.read_as, "question", answer.question)
        blocks.append(tuple(replace(run, italic=True) for run in read_as))
    if answer.parts:
        numbers = cited(answer.cites)
        for part in answer.parts:
            blocks.append((Run(part.question, bold=True, theirs=True),))
            blocks += answer_blocks(part, words, numbers)
        return blocks
    if answer.limits is not None:
        blocks.append((Run(limited(answer.limits, words), italic=True),))
    if answer.outcome is Outcome.NOT_IN_SOURCES:
        return [*blocks, line(words.not_in_sources, bold=True), _covers(answer.coverage, words)]
    if answer.outcome is Outcome.CLOSEST:
        blocks.append(line(words.closest, bold=True))
    elif answer.short:
        blocks.append(_short_block(answer.short, answer.short_speaker, words))
    numbers = numbers or cited(answer.cites)
    blocks += [
        quote_block(claim, numbers[claim.article.id], answer.short, words)
        for claim in answer.claims
    ]
    blocks += [dispute_block(dispute, numbers, words) for dispute in answer.accounts]
    if answer.carriers:
        blocks.append(carriers_block(answer, numbers, words))
    blocks += [
        source_block(numbers[article.id], article, claims, words)
        for article, claims in by_article(answer.cites)
    ]
    if answer.outcome is Outcome.CLOSEST:
        blocks.append(_covers(answer.coverage, words))
    return blocks


def _short_block(short: str, speaker: str | None, words: Catalogue) -> Block:
    """The short answer; what somebody claims is not said without whose claim it is."""
    shown = name(speaker)
    answer = Run(short, bold=True, theirs=True)
    return (answer, *filled(words.short_claimed, "speaker", shown)) if shown else (answer,)


def quote_block(
    claim: Claim, number: int, span: str | None = None, words: Catalogue = ENGLISH
) -> Block:
    """A claim's quote with its number, and a part of it in bold.

    In front is who says it, if the quote does not tell; behind it, that it is no fact.
    """
    # The line takes the quote's direction, so that the marks stand where it begins and ends.
    turn = _RIGHT_TO_LEFT if is_right_to_left(claim.quote) else ""
    begin = Run(f"{turn}❝{NO_BREAK}", quote=True)
    end = Run(f"{NO_BREAK}❞{NO_BREAK}[{number}]", quote=True)
    speaker = name(claim.speaker) if claim.speaker and claim.speaker not in claim.quote else ""
    says: Block = (*filled(words.says.rstrip(), "speaker", speaker), Run("\n")) if speaker else ()
    mark: Block = (Run(f"\n{words.hedges[claim.hedge]}", italic=True),) if claim.hedge else ()
    return (*says, begin, *_with_bold(claim.quote, span, quote=True), end, *mark)


def _with_bold(text: str, span: str | None, *, quote: bool = False) -> Block:
    """Another's text, with a part of it, if it is one, in bold."""
    before, found, after = text.partition(span) if span else (text, "", "")
    return (
        Run(before, quote=quote, theirs=True),
        Run(found, bold=True, quote=quote, theirs=True),
        Run(after, quote=quote, theirs=True),
    )


def by_article(claims: Sequence[Claim]) -> list[tuple[Article, list[Claim]]]:
    """The claims of each article, in order of first use."""
    grouped: dict[int, tuple[Article, list[Claim]]] = {}
    for claim in claims:
        grouped.setdefault(claim.article.id, (claim.article, []))[1].append(claim)
    return list(grouped.values())


def source_block(
    number: int, article: Article, claims: Sequence[Claim], words: Catalogue = ENGLISH
) -> Block:
    """Where the claims of an article stand: title and link, outlet, date, paragraphs."""
    paragraphs = sorted({claim.citation.paragraph for claim in claims})
    name = words.paragraph if len(paragraphs) == 1 else words.paragraphs
    where = name.format(numbers=", ".join(map(str, paragraphs)))
    heading = _heading(article, claims[0].quote, words)
    return (Run(f"[{number}] "), heading, Run(" · "), *_byline(article, words), Run(f" · {where}"))


def _heading(article: Article, quote: str | None, words: Catalogue, *, bold: bool = False) -> Run:
    """The title, leading to the page; where there is none, what else names the article."""
    link = page_link(article, quote)
    host = urlsplit(link).hostname if link else None
    label = name(article.title) or host or name(article.outlet) or words.outlet_not_named
    return Run(label, bold=bold, link=link, theirs=True)


def page_link(article: Article, quote: str | None = None) -> str | None:
    """The article's page, opened at the quote; None if it has no page or only a huge address."""
    address = web_address(article.url)
    if address is None:
        return None
    links = (link_to_quote(address, quote), address) if quote else (address,)
    return next((link for link in links if len(link) <= LONGEST_LINK), None)


def byline(article: Article, words: Catalogue = ENGLISH) -> str:
    """Outlet and date; what is missing is said."""
    return "".join(run.text for run in _byline(article, words))


def _byline(article: Article, words: Catalogue) -> Block:
    outlet = Run(name(article.outlet) or words.outlet_not_named, theirs=True)
    return (outlet, Run(f" · {day(article.published, words)}"))


def covers(coverage: Coverage, words: Catalogue = ENGLISH) -> str:
    """What the sources cover, in a sentence or two."""
    return "".join(run.text for run in _covers(coverage, words))


def _covers(coverage: Coverage, words: Catalogue) -> Block:
    if not coverage.articles:
        return line(words.covers_nothing)
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
    outlets = [shown for outlet in coverage.outlets if (shown := name(outlet))]
    if not outlets:
        return line(text)
    before, _, after = words.newest_from.partition("{outlets}")
    runs = [Run(f"{text} {before}")]
    for i, outlet in enumerate(outlets):
        runs += [Run(", " if i else ""), Run(outlet, theirs=True)]
    return (*runs, Run(after))


def _answer_buttons(
    answer: Answer, answer_id: int, link: str, words: Catalogue
) -> tuple[tuple[Button, ...], ...]:
    if not answer.claims:
        return ()
    return (
        (
            Button(words.passage_button, f"p:{answer_id}:0"),
            Button(words.more_button, f"m:{answer_id}:0"),
            Button(words.follow_button, f"w:f:{answer_id}"),
        ),
        (
            Button(words.right_button, f"f:{answer_id}:right"),
            Button(words.wrong_button, f"f:{answer_id}:wrong"),
            *((Button(words.link_button, copied=link),) if link else ()),
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
        _heading(article, quote, words, bold=True),
        Run("\n"),
        *_byline(article, words),
    )
    blocks = [head]
    for number, text in paragraphs:
        cited_part = quote if number == shown else None
        blocks.append((Run(f"{number}  "), *_with_bold(text, cited_part)))
    return messages(blocks)


def more_messages(
    passages: Sequence[Passage], answer_id: int, next_page: int | None, words: Catalogue = ENGLISH
) -> list[Message]:
    """Further passages, each with where it stands; a button for still more, if there are any."""
    blocks: list[Block] = [line(words.more_heading, bold=True)]
    for passage in passages:
        article = passage.article
        where = words.paragraph.format(numbers=passage.paragraph.number)
        heading = _heading(article, passage.text, words)
        text = Run(passage.text.strip(), quote=True, theirs=True)
        source = (heading, Run(" · "), *_byline(article, words), Run(f" · {where}"))
        blocks.append((text, Run("\n"), *source))
    buttons = ((Button(words.more_button, f"m:{answer_id}:{next_page}"),),) if next_page else ()
    return messages(blocks, buttons)


def article_blocks(articles: Sequence[Article], words: Catalogue = ENGLISH) -> list[Block]:
    """A list of articles, a line each."""
    return [
        (_heading(article, None, words), Run("\n"), *_byline(article, words))
        for article in articles
    ]


def story_messages(
    title: str,
    articles: Sequence[Article],
    story: int,
    link: str,
    words: Catalogue = ENGLISH,
) -> list[Message]:
    """A story with its articles, newest first, and a button that follows it."""
    buttons = (
        (
            Button(words.follow_button, f"w:s:{story}"),
            *((Button(words.link_button, copied=link),) if link else ()),
        ),
    )
    heading: Block = (Run(name(title) or words.outlet_not_named, bold=True, theirs=True),)
    return messages([heading, *article_blocks(articles, words)], buttons)
