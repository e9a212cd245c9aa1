"""Whatever newsrooms write, Telegram's own parser reads from our messages what was meant."""

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import messages
from bot.answers import Answer, Claim, Outcome
from bot.catalogue import ENGLISH
from bot.chats import Chat
from bot.formatting import Run
from bot.handlers import commands
from bot.handlers.settings import settings_message
from index.articles import Article, Health, Source, SourceKind
from tests.bot import written
from tests.bot.rendered import THOROUGH, carried, links, shown, slices, undirected
from tests.bot.written import Written
from tests.botapi import Formatted, read_text

HUGE = 2**62


def one_line(text: str) -> str:
    return " ".join(carried(text).split())


def assert_same(parts: Sequence[Formatted], blocks: Sequence[str]) -> None:
    """The parts say what the blocks say; only where one was cut white space may be gone."""
    meant = [undirected(block.strip(" \n")) for block in blocks]
    said = [undirected(part.text) for part in parts]
    if len(parts) == 1:
        assert said == ["\n\n".join(meant)]
    assert re.sub("[ \n]+", "", "".join(said)) == re.sub("[ \n]+", "", "".join(meant))


def assert_directions(parsed: Formatted) -> None:
    """Right-to-left letters are inside isolates and our own marks are not (UAX #9, BD9)."""
    for line in parsed.text.split("\n"):
        depth = 0
        for character in line.removeprefix("\u200f"):
            if character in "\u2066\u2067\u2068":
                depth += 1
            elif character == "\u2069":
                depth = max(depth - 1, 0)
            elif unicodedata.bidirectional(character) in ("R", "AL"):
                assert depth > 0, line
            elif character in "❝❞·":
                assert depth == 0, line
        assert depth == 0, line


# What an answer is meant to read like, written down once more.


def source_line(number: int, article: Article, claims: Sequence[Claim]) -> str:
    paragraphs = sorted({c.citation.paragraph for c in claims if c.article == article})
    word = "paragraph" if len(paragraphs) == 1 else "paragraphs"
    where = f"{word} {', '.join(map(str, paragraphs))}"
    return f"[{number}] {one_line(article.title)} · {byline(article)} · {where}"


def byline(article: Article) -> str:
    outlet = one_line(article.outlet) if article.outlet else "outlet not named"
    return f"{outlet} · {written.DAY if article.published else 'no date'}"


def coverage(answer: Answer) -> str:
    covers = answer.coverage
    if not covers.articles:
        return "I have no articles yet."
    text = f"My sources cover {covers.articles:,} article{'' if covers.articles == 1 else 's'}, "
    dated = covers.earliest and covers.latest
    text += f"{written.DAY} to {written.DAY}." if dated else "without dates."
    if covers.outlets:
        text += f" Newest from {', '.join(map(one_line, covers.outlets))}."
    return text


def turn(claim: Claim) -> str:
    """The mark that makes a right-to-left quote's line begin on the right."""
    strong = [c for c in map(unicodedata.bidirectional, claim.quote) if c in ("L", "R", "AL")]
    return "" if strong[0] == "L" else "\u200f"


def order(claims: Sequence[Claim]) -> list[Article]:
    return list(dict.fromkeys(claim.article for claim in claims))


def answer_blocks(answer: Answer) -> list[str]:
    if answer.outcome is Outcome.NOT_IN_SOURCES:
        return ["Not in my sources.", coverage(answer)]
    blocks = [answer.short] if answer.short else []
    if answer.outcome is Outcome.CLOSEST:
        blocks = ["The closest I found, but it doesn't answer that:"]
    sources = order(answer.claims)
    for claim in answer.claims:
        number = sources.index(claim.article) + 1
        blocks.append(f"{turn(claim)}❝\u00a0{carried(claim.quote)}\u00a0❞\u00a0[{number}]")
    blocks += [source_line(i, s, answer.claims) for i, s in enumerate(sources, start=1)]
    if answer.outcome is Outcome.CLOSEST:
        blocks.append(coverage(answer))
    return blocks


@THOROUGH
@given(written.answers())
def test_an_answer_reads_as_meant(made: Written) -> None:
    """Outcome, quotes, sources and coverage arrive, in order, whatever is in them."""
    parts = [shown(m) for m in messages.answer_messages(made.answer, HUGE, notes=made.notes)]
    assert_same(parts, [*map(carried, made.notes), *answer_blocks(made.answer)])


@THOROUGH
@given(written.answers())
def test_a_quote_is_verbatim_and_a_quotation(made: Written) -> None:
    """Each quote stands whole in a quotation, its own marks included, with its number."""
    parts = messages.answer_messages(made.answer, 1)
    quoted = [q for part in parts for q in slices(shown(part), "blockquote")]
    claims = made.answer.claims
    assert len(quoted) == len(claims)
    for claim, quotation in zip(claims, quoted, strict=True):
        for line in carried(claim.quote).split("\n"):
            assert line in quotation
        assert quotation.startswith(f"{turn(claim)}❝")
        assert quotation.endswith(f"❞\u00a0[{order(claims).index(claim.article) + 1}]")


@THOROUGH
@given(written.answers())
def test_every_citation_has_its_link(made: Written) -> None:
    """Each source with an address is a link to that page, opened at the first quote."""
    parts = [shown(m) for m in messages.answer_messages(made.answer, 1)]
    claims = made.answer.claims
    expected = [article for article in order(claims) if article.url]
    found = links(parts)
    assert [undirected(label) for label, _ in found] == [
        undirected(one_line(article.title)) for article in expected
    ]
    for article, (_, address) in zip(expected, found, strict=True):
        page, _, directive = address.partition("#:~:text=")
        assert unquote(page) == unquote(str(article.url))
        quote = next(c.quote for c in claims if c.article == article)
        start, _, end = directive.partition(",")
        assert quote.split()[:6] == unquote(start).split()[:6]
        assert quote.split()[-6:] == unquote(end or start).split()[-6:]


@THOROUGH
@given(written.answers())
def test_directions_stay_with_their_words(made: Written) -> None:
    """No right-to-left text or control reaches beyond the quote or name that it is in."""
    for message in messages.answer_messages(made.answer, 1, notes=()):
        assert_directions(shown(message))


@THOROUGH
@given(written.quotes, st.sampled_from(("Russia", "Moskva & <Co>", "שלום", "😀")), written.quotes)
def test_the_span_is_in_bold(before: str, span: str, after: str) -> None:
    """The short answer is said first, and is in bold where the quote says it."""
    quote = f"{before} {span} {after}"
    made = written.answer(written.claim(quote, written.article(1)), short=span)
    parts = [shown(m) for m in messages.answer_messages(made, 1)]
    bold = [undirected(text) for part in parts for text in slices(part, "bold")]
    assert bold == [span, span]
    assert undirected(carried(quote)) in undirected(parts[0].text)


@THOROUGH
@given(written.articles(1), st.lists(written.quotes, min_size=1, max_size=3), st.integers(0, 2))
def test_a_passage_reads_as_meant(article: Article, near: list[str], which: int) -> None:
    """The title, outlet, date and numbered paragraphs arrive; the quote is in bold."""
    quote = near[which % len(near)]
    numbered = list(enumerate(near, start=8))
    parts = [
        shown(m) for m in messages.passage_messages(article, numbered, 8 + which % len(near), quote)
    ]
    head = f"{one_line(article.title)}\n{byline(article)}"
    assert_same(parts, [head, *(f"{number}  {carried(text)}" for number, text in numbered)])
    assert undirected(carried(quote)).strip(" \n") in {
        undirected(text).strip(" \n") for part in parts for text in slices(part, "bold")
    }
    for part in parts:
        assert_directions(part)


@THOROUGH
@given(st.lists(st.tuples(written.quotes, written.articles(1)), max_size=4), st.none() | st.just(7))
def test_more_passages_read_as_meant(found: list[tuple[str, Article]], page: int | None) -> None:
    """Each further passage arrives as a quotation with where it stands."""
    passages = [written.passage(text, article, 3) for text, article in found]
    made = messages.more_messages(passages, HUGE, page)
    parts = [shown(m) for m in made]
    blocks = ["More passages"]
    for text, article in found:
        source = f"{one_line(article.title)} · {byline(article)} · paragraph 3"
        blocks.append(f"{carried(text).strip()}\n{source}")
    assert_same(parts, blocks)
    assert [b.data for row in made[-1].buttons for b in row] == ([f"m:{HUGE}:7"] if page else [])
    assert len(links(parts)) == sum(1 for _, article in found if article.url)


@THOROUGH
@given(st.lists(written.articles(1), max_size=20))
def test_the_latest_read_as_meant(found: list[Article]) -> None:
    """A list of articles arrives with title, outlet and date each, in order."""
    heading = messages.line("The latest", bold=True)
    parts = [shown(m) for m in messages.messages([heading, *messages.article_blocks(found)])]
    assert_same(parts, ["The latest", *(f"{one_line(a.title)}\n{byline(a)}" for a in found)])
    assert len(links(parts)) == sum(1 for article in found if article.url)


@settings(THOROUGH, max_examples=40)
@given(st.lists(st.tuples(st.none() | written.names, st.integers(0, 10**9)), max_size=30))
def test_the_sources_read_as_meant(found: list[tuple[str | None, int]]) -> None:
    """/sources names every source with its number and count."""
    sources = [
        Source(i, f"https://example.org/{i}", SourceKind.FEED, title, written.NOW, articles=count)
        for i, (title, count) in enumerate(found, start=1)
    ]
    failing = [Source(99, "/a/<b>&", SourceKind.FILE, None, written.NOW, Health(failures=2))]
    parts = sent_by(commands.on_sources, sources=SimpleNamespace(all=lambda: sources + failing))
    said = "".join(undirected(part.text) for part in parts)
    for source in sources:
        title = undirected(carried(source.title)) if source.title else source.url
        assert one_line(undirected(title)) in one_line(said)
    assert "99  /a/<b>& · 0 articles · failing" in said


def sent_by(handler: Any, **news: Any) -> list[Formatted]:
    """What a handler sends in a private chat."""
    sent: list[messages.Message] = []

    class Recorder:
        async def send_message(self, **call: Any) -> None:
            text = read_text(call["text"], "HTML", None, lambda _: None).text
            sent.append(messages.Message(call["text"], text))

    message = SimpleNamespace(
        get_bot=Recorder, chat_id=1, message_id=1, message_thread_id=None, is_topic_message=False
    )
    room = SimpleNamespace(news=SimpleNamespace(**news))
    context = SimpleNamespace(bot_data={"newsroom": room}, args=[])
    asyncio.run(handler(SimpleNamespace(effective_message=message), context))
    return [shown(part) for part in sent]


def test_fixed_texts_read_as_written() -> None:
    """Help, the settings and every other fixed text arrive letter by letter."""
    for text in (ENGLISH.start, ENGLISH.help, ENGLISH.fault, ENGLISH.forget_ask, ENGLISH.gone):
        [message] = messages.messages([messages.line(text)])
        assert shown(message).text == text
    parsed = shown(settings_message(Chat(1, "private", time_zone="America/Argentina/La_Rioja")))
    assert "Time zone: America/Argentina/La_Rioja" in parsed.text


STYLED = st.builds(
    Run,
    written.texts(30),
    bold=st.booleans(),
    italic=st.booleans(),
    link=st.sampled_from((None, "https://example.org/?a=1&b='\"<>")),
    quote=st.booleans(),
    theirs=st.booleans(),
)


@THOROUGH
@given(st.lists(st.lists(STYLED, max_size=30).map(tuple), min_size=1, max_size=12))
def test_any_styles_parse(blocks: list[tuple[Run, ...]]) -> None:
    """Whatever runs of whatever styles are put together, nothing is refused or lost."""
    parts = [shown(m) for m in messages.messages(blocks)]
    meant = "".join(carried(run.text) for block in blocks for run in block)
    said = "".join(part.text for part in parts)
    assert re.sub("[ \n]+", "", undirected(said)) == re.sub("[ \n]+", "", undirected(meant))
