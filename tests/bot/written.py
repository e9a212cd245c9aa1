"""Texts, titles, addresses and answers as newsrooms, and those who mean ill, might write them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.answers import (
    Account,
    Answer,
    Carrier,
    Citation,
    Claim,
    Coverage,
    Disagreement,
    Dispute,
    Outcome,
)
from bot.hedges import Hedge
from index.articles import Article, Paragraph, Passage

NOW = datetime(2024, 5, 31, 12, tzinfo=UTC)
DAY = "31 May 2024"

# None of these holds what newsbot's own lines are recognised by: ❝ ❞ · […]
FRAGMENTS = (
    *("<", ">", "&", '"', "'", "`", "*", "**", "_", "__", "[", "]", "(", ")", "~", "||", "\\", "!"),
    *("<b>", "</b>", "<b", "</", "<!--", "<br/>", "</blockquote>", "<blockquote", "<a href='"),
    *("&amp;", "&lt", "&lt;", "&#60;", "&#x3c;", "&#0;", "&nbsp;", "&am", "&;", "&#"),
    *("@durov", "#tag", "/forget", "$USD", "https://x.org/a?b=c&d=e", "x.org", "a@b.org", "U.S."),
    *("😀", "👩‍👩‍👧‍👦", "👍🏽", "❤️", "🇬🇧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "𝒳", "🫨", "\uf8ff"),
    *("שלום", "مرحبا", "١٢٣", "\u061c", "\u200e", "\u200f"),
    *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"),
    *("e\u0301", "n\u0303\u0323", "\u0301", "a\u0333", "क्ष", "각"),
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u3000", "\u00a0", "\u2009"),
    *(" ", " ", " ", "  ", "\n", "\n\n", "\t", "\r\n", "\0", "\x1b[31m"),
    *("said", "the", "ceasefire", "Russia,", "\u201cno\u201d", "40", "漢字", "Ünal"),
)
# Left out is what newsbot carries where Telegram by itself would not; that has its own test.
ONE_CHARACTER = st.characters(
    exclude_categories=["Cs"],
    exclude_characters="\u2028\u2029\u030a\r❝❞·[]" + "".join(map(chr, range(0x7F, 0xA0))),
)

pieces = st.one_of(st.sampled_from(FRAGMENTS), ONE_CHARACTER)


def texts(most: int) -> st.SearchStrategy[str]:
    """Texts with something to see in them, of so many pieces at most."""
    return st.lists(pieces, max_size=most).map("".join).map(lambda text: f"{text}w")


names = texts(12).filter(lambda text: len(text.encode("utf-16-le")) <= 400)
quotes = texts(40)
paths = st.lists(
    st.sampled_from(("a", "/", "?q=", "&", "<", ">", '"', "'", "%20", " ", "é", "(", ")", "[", "_"))
).map("".join)
addresses = st.one_of(st.none(), paths.map(lambda path: f"https://example.org/{path}x"))
moments = st.one_of(st.none(), st.just(NOW))


@dataclass(frozen=True, slots=True)
class Written:
    """An answer and the notes in front of it."""

    answer: Answer
    notes: tuple[str, ...]


def article(
    number: int,
    title: str = "Truce broken",
    outlet: str | None = "BBC",
    url: str | None = "https://example.org/x",
    published: datetime | None = NOW,
) -> Article:
    return Article(number, str(number), url, title, outlet, None, (), published, "en", NOW, 1)


def claim(
    quote: str,
    of: Article,
    paragraph: int = 1,
    *,
    speaker: str | None = None,
    hedge: Hedge | None = None,
) -> Claim:
    place = Citation(of.id, 1, paragraph, 0, len(quote), "")
    return Claim(quote, place, of, 0.9, speaker, hedge=hedge)


def passage(text: str, of: Article, paragraph: int = 1) -> Passage:
    place = Paragraph(1, of.id, 1, paragraph, 0, len(text))
    return Passage(of, place, "", text, 0.5, None, None)


def answer(*claims: Claim, outcome: Outcome = Outcome.ANSWERED, short: str | None = None) -> Answer:
    return Answer("who?", outcome, claims, Coverage(2, NOW, NOW, ("BBC", "AP")), NOW, short)


@st.composite
def articles(draw: st.DrawFn, number: int) -> Article:
    return article(number, draw(names), draw(st.none() | names), draw(addresses), draw(moments))


@st.composite
def claims(draw: st.DrawFn, sources: list[Article]) -> Claim:
    """A quote from one of the sources, of somebody or of nobody, as fact or not."""
    return claim(
        draw(quotes),
        draw(st.sampled_from(sources)),
        draw(st.integers(1, 30)),
        speaker=draw(st.none() | names),
        hedge=draw(st.none() | st.sampled_from(Hedge)),
    )


@st.composite
def disputes(draw: st.DrawFn, sources: list[Article]) -> Dispute:
    """Two accounts, in the speakers' words or the articles', with and without a name."""
    accounts = tuple(
        Account(draw(st.just("") | names), draw(claims(sources)), draw(st.booleans()))
        for _ in range(2)
    )
    return Dispute(draw(st.sampled_from(Disagreement)), accounts)


@st.composite
def answers(draw: st.DrawFn) -> Written:
    """Answers in all three outcomes."""
    sources = [draw(articles(number)) for number in range(1, draw(st.integers(1, 4)) + 1)]
    found = tuple(draw(st.lists(claims(sources), max_size=5)))
    outcome = Outcome.NOT_IN_SOURCES
    short = None
    if found:
        outcome = draw(st.sampled_from((Outcome.ANSWERED, Outcome.CLOSEST)))
    if outcome is Outcome.ANSWERED:
        said = [word for word in found[0].quote.split() if word.isalnum()]
        short = draw(st.sampled_from([None, *said]))
    accounts = tuple(draw(st.lists(disputes(sources), max_size=2))) if found else ()
    carriers = tuple(_carriers(draw, sources, found[0])) if found else ()
    speaker = draw(st.none() | names) if short else None
    outlets = tuple(draw(st.lists(names, max_size=3)))
    covers = Coverage(draw(st.integers(0, 5000)), draw(moments), draw(moments), outlets)
    notes = tuple(draw(st.lists(texts(20), max_size=2)))
    made = Answer("who?", outcome, found, covers, NOW, short, speaker, accounts, carriers)
    return Written(made, notes)


def _carriers(draw: st.DrawFn, sources: list[Article], first: Claim) -> list[Carrier]:
    """Other sources of what a claim says, some of them copies of its own."""
    others = [of for of in sources if of != first.article]
    chosen = draw(st.lists(st.sampled_from(others), unique_by=lambda of: of.id)) if others else []
    return [
        Carrier(draw(claims([of])), draw(st.sampled_from((None, first.article.id))))
        for of in chosen
    ]
