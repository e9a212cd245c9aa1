"""The article of a page, with what the page says of it, and the text of a feed's HTML."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import Document
from index.errors import UnreadableError
from index.extraction import extract_fragment, extract_page
from tests.benchmarks import extraction as benchmark
from tests.shared import shared

URL = "https://news.test/2024/floods"
BODY = [
    "The river burst its banks on Sunday night and flooded forty homes in the old town, the fire"
    " brigade said.",
    "“We had ten minutes to leave,” said Maria Lopez, who owns the bakery on Mill Street and"
    " watched the water rise.",
    "The council opened a shelter in the sports hall, and engineers inspected the bridge before"
    " the morning traffic.",
    "Rain is expected to ease on Tuesday, forecasters said, but the ground can take no more of it"
    " for some days.",
]
LINKED_DATA = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Floods force hundreds from old town",
    "datePublished": "2024-03-03T09:15:00Z",
    "articleSection": "Region",
    "author": [{"@type": "Person", "name": "Ana Silva"}, {"@type": "Person", "name": "Jo Poe"}],
    "publisher": {"@type": "Organization", "name": "The Courier"},
}


def _page(head: str = "", body: list[str] = BODY, headline: str = "", language: str = "") -> bytes:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in body)
    return (
        f'<!doctype html><html{language}><head><meta charset="utf-8">{head}</head><body>'
        "<header><nav><a href='/'>Home</a> <a href='/world'>World</a></nav></header>"
        f"<main><article>{headline}{paragraphs}</article></main>"
        "<footer><p>© 2024 The Courier. All rights reserved.</p></footer></body></html>"
    ).encode()


def _extract(html: bytes, url: str | None = URL) -> Document:
    return extract_page(html, url=url)


# Real pages


def test_bodies_of_real_pages_are_at_least_as_good_as_bare() -> None:
    """Over all 181 pages, by the benchmark's measure, ours score no less than bare trafilatura."""
    these = benchmark.pages(shared("data", "pages"))
    assert len(these) == 181
    ours, bare = benchmark.compare(these)
    assert ours.f1 >= bare.f1 > 0.9


@pytest.mark.parametrize(
    ("extracted", "true", "expected"),
    [
        ("a b c d e", "a b c d e", (2, 0, 0)),
        ("a b c d x", "a b c d e", (1, 1, 1)),
        ("a b c d a b c d", "a b c d", (1, 4, 0)),
        ("", "a b c d e", (0, 0, 2)),
        ("a b", "a, b!", (1, 0, 0)),
        ("", "", (0, 0, 0)),
    ],
)
def test_the_measure_counts_shingles(
    extracted: str, true: str, expected: tuple[int, int, int]
) -> None:
    """Four words in a row are counted as a multiset; fewer words than four are one."""
    assert benchmark.overlap(extracted, true) == benchmark.Overlap(*expected)


def test_the_measure_averages_over_pages() -> None:
    """A page where nothing was extracted lowers recall and leaves precision alone."""
    whole, empty = benchmark.Overlap(8, 0, 0), benchmark.Overlap(0, 0, 8)
    half = benchmark.Overlap(4, 4, 4)
    score = benchmark.score([whole, empty, half], 3.0)
    assert (score.precision, score.recall, score.seconds_per_page) == (0.75, 0.5, 1.0)
    assert score.f1 == pytest.approx(0.6)


# What a page says of itself


def _expect(document: Document, *, section: str | None = "Region") -> None:
    assert document.title == "Floods force hundreds from old town"
    assert document.outlet == "The Courier"
    assert document.authors == ("Ana Silva", "Jo Poe")
    assert document.section == section
    assert document.published is not None
    assert document.published.date() == datetime(2024, 3, 3, tzinfo=UTC).date()
    assert document.published.utcoffset() == UTC.utcoffset(None)
    assert document.text.split("\n\n") == BODY


def test_linked_data_states_the_article() -> None:
    """Headline, outlet, date, section and authors are read from JSON-LD."""
    _expect(
        _extract(_page(f'<script type="application/ld+json">{json.dumps(LINKED_DATA)}</script>'))
    )


def test_open_graph_states_the_article() -> None:
    """Headline, outlet, date, section and authors are read from og: and article: properties."""
    _expect(
        _extract(
            _page(
                '<meta property="og:title" content="Floods force hundreds from old town">'
                '<meta property="og:site_name" content="The Courier">'
                '<meta property="og:type" content="article">'
                '<meta property="article:published_time" content="2024-03-03T09:15:00Z">'
                '<meta property="article:section" content="Region">'
                '<meta property="article:author" content="Ana Silva; Jo Poe">'
            )
        )
    )


def test_plain_metadata_states_the_article() -> None:
    """Title, date and authors are read from HTML's own title and meta elements."""
    _expect(
        _extract(
            _page(
                "<title>Floods force hundreds from old town | The Courier</title>"
                '<meta name="author" content="Ana Silva; Jo Poe">'
                '<meta name="date" content="2024-03-03">'
                '<meta name="application-name" content="The Courier">'
            )
        ),
        section=None,
    )


def test_the_canonical_address_is_the_article_s() -> None:
    """The page's canonical link goes before the address it was fetched from."""
    html = _page('<link rel="canonical" href="https://news.test/floods">')
    assert _extract(html, url=f"{URL}?utm_source=x").url == "https://news.test/floods"
    assert _extract(_page()).url == URL


def test_the_language_is_the_page_s() -> None:
    """The language is what the html element says."""
    assert _extract(_page(language=' lang="pt-BR"')).language == "pt-BR"


@pytest.mark.parametrize("date", ["1970-01-01", "2099-03-03", "soon"])
def test_dates_that_cannot_be_are_no_dates(date: str) -> None:
    """The epoch's zero, the future, no date and a footer's copyright year are not the day."""
    html = _page(f'<meta property="article:published_time" content="{date}">')
    assert _extract(html, url=None).published is None


def test_the_headline_is_not_in_the_text() -> None:
    """A headline above the body is the title and not a paragraph."""
    headline = "<h1>Floods force hundreds from old town</h1>"
    document = _extract(_page(headline=headline))
    assert document.title == "Floods force hundreds from old town"
    assert document.text.split("\n\n") == BODY


def test_a_page_without_a_headline_keeps_its_first_paragraph() -> None:
    """Where the beginning of the text has to serve as the title, it stays in the text."""
    document = _extract(_page(body=["Short is the first one.", *BODY]))
    assert document.title == "Short is the first one."
    assert document.text.split("\n\n") == ["Short is the first one.", *BODY]


def test_a_refused_page_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The error says it all: what the libraries log about an empty page is not shown."""
    with pytest.raises(UnreadableError):
        _extract(b"")
    assert not caplog.records


def test_the_page_s_furniture_is_not_in_the_text() -> None:
    """Navigation, footer, scripts and comments of readers are no part of the article."""
    extra = (
        "<script>var a = 'tracking';</script><section id='comments' class='comments'><h3>Comments"
        "</h3><p>First! I was there and it was far worse than they say it was.</p></section>"
    )
    html = _page().replace(b"</main>", extra.encode() + b"</main>")
    text = _extract(html).text
    for foreign in ("World", "All rights reserved", "tracking", "First!"):
        assert foreign not in text


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_pages_in_any_encoding_are_read(encoding: str) -> None:
    """The charset that a page declares, or its mark, is obeyed."""
    html = _page().decode().replace("utf-8", "windows-1252" if encoding == "cp1252" else encoding)
    assert _extract(html.encode(encoding)).text.split("\n\n") == BODY


@pytest.mark.parametrize(
    "html",
    [
        b"",
        b"   ",
        b"words",
        b"<html></html>",
        b"<html><body><nav><a href='/a'>World</a><a href='/b'>Sport</a></nav></body></html>",
        _page(body=["Too short."]),
        b"<html><body><form><input name='q'><button>Search</button></form></body></html>",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00",
    ],
)
def test_a_page_without_an_article_is_refused(html: bytes) -> None:
    """A page that holds no article gives one reason, with the page's address."""
    with pytest.raises(UnreadableError) as raised:
        _extract(html)
    assert raised.value.subject == URL
    assert raised.value.reason
    assert raised.value.remedy


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "blockquote", "span"])
def test_a_page_nested_without_end_is_refused(tag: str) -> None:
    """Ten thousand nested elements are refused, not followed until the stack ends."""
    opening = f"<{tag}>" * 10_000
    with pytest.raises(UnreadableError):
        _extract(f"<html><body>{opening}{BODY[0]}</body></html>".encode())


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_an_article_or_an_error(data: bytes) -> None:
    """Whatever a page holds, it is an article or the one error."""
    for html in (data, b"<html><body><p>" + data):
        try:
            assert _extract(html).text
        except UnreadableError:
            continue


# Fragments


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("  \n ", ""),
        ("plain words", "plain words"),
        ("a &amp; b &#8217; &nbsp; c", "a & b ’ c"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/><br/>Three", "One\n\nTwo\n\nThree"),
        ("<p>One <b>bold</b> and <a href='x'>linked</a>.</p>", "One bold and linked."),
        ("Before<p>One</p>after", "Before\n\nOne\n\nafter"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\n\nTwo"),
        ("<h2>Head</h2><div><div><p>One</p></div></div>", "Head\n\nOne"),
        ("<p>One</p><script>bad()</script><style>p {}</style> tail", "One\n\ntail"),
        ("<figure><img src='a'><figcaption>A boat</figcaption></figure><p>One</p>", "One"),
        ("One<!-- hidden --> two", "One two"),
        ("One<?php echo 1 ?> two", "One two"),
        ("a\n  b\t c", "a b c"),
        ("e\u0301", "é"),
        ("<p>Broken <b>markup", "Broken markup"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("One\u00a0two\u2003three", "One two three"),
    ],
)
def test_a_fragment_becomes_its_paragraphs(html: str, text: str) -> None:
    """Blocks and line breaks part paragraphs; what is no text of the article is left out."""
    assert extract_fragment(html) == text


def test_a_deep_fragment_is_read() -> None:
    """Ten thousand nested elements in an entry cost no stack; their text is read or dropped."""
    assert extract_fragment("<div>" * 10_000 + "words") in ("words", "")


@given(st.text(max_size=200) | st.text(alphabet="ab <>/p&;!-[]", max_size=80))
def test_any_fragment_is_text(html: str) -> None:
    """Whatever an entry holds becomes paragraphs without empty ones among them."""
    text = extract_fragment(html)
    assert text == "" or all(part == part.strip() != "" for part in text.split("\n\n"))


@given(st.lists(st.from_regex(r"\A[a-z]{1,9}( [a-z]{1,9}){0,9}\Z"), max_size=6))
def test_no_word_of_a_fragment_is_lost(paragraphs: list[str]) -> None:
    """The paragraphs of an entry come back as they were, in their order."""
    html = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    assert extract_fragment(html) == "\n\n".join(paragraphs)
