"""Lists of feeds, the feeds that a page names, and what a blob is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadableError
from index.feeds import (
    Kind,
    Outline,
    discover_feeds,
    parse_opml,
    sniff,
    write_opml,
)
from tests.index.written_feeds import NOW, URL


def test_opml_is_read_at_any_depth_and_each_feed_once() -> None:
    """Folders in a list are walked, relative and feed: links resolved, doubles dropped."""
    data = b"""<?xml version="1.0"?><opml version="2.0"><body>
      <outline text="Region"><outline text="A &amp; B" xmlUrl="https://a.test/rss"/>
        <outline text="again" xmlUrl="https://a.test/rss"/></outline>
      <outline title="Titled" text="x" xmlurl="feed://b.test/rss"/>
      <outline text="no feed"/><outline xmlUrl="/c.xml"/></body></opml>"""
    assert parse_opml(data, url="https://news.test/list.opml") == (
        Outline("https://a.test/rss", "A & B"),
        Outline("http://b.test/rss", "Titled"),
        Outline("https://news.test/c.xml", None),
    )


@pytest.mark.parametrize(
    "data", [b"", b"words", b"<opml><body/></opml>", b"<opml><body><outline/>", b"<html></html>"]
)
def test_what_lists_no_feeds_is_refused(data: bytes) -> None:
    """What is no OPML, or lists nothing, is refused with what to do."""
    with pytest.raises(UnreadableError) as raised:
        parse_opml(data, url=URL)
    assert raised.value.remedy


_TITLES = st.text(min_size=1, max_size=40).map(lambda t: " ".join(t.split())).filter(bool)


@given(st.dictionaries(st.integers(0, 99), st.none() | st.sampled_from(["A & B", "<i>", "“ü”"])))
def test_opml_that_is_written_is_read_again(titles: dict[int, str | None]) -> None:
    """An exported list holds the same feeds in the same order when it is read."""
    outlines = tuple(Outline(f"https://a.test/?n={n}&x=1", t) for n, t in titles.items())
    data = write_opml(outlines, title="My feeds", created=NOW)
    if outlines:
        assert parse_opml(data, url=URL) == outlines


@given(_TITLES)
def test_any_title_can_be_exported(title: str) -> None:
    """No title makes an export that cannot be read again."""
    data = write_opml([Outline("https://a.test/", title)], title=title, created=NOW)
    assert parse_opml(data, url=URL)[0].url == "https://a.test/"


def test_a_page_names_its_feeds() -> None:
    """Alternates of feed types are found in order, comments last, relative to the page's base."""
    page = b"""<html><head><base href="https://news.test/en/">
      <link rel="alternate" type="application/rss+xml" title="Comments" href="comments.xml">
      <link rel="alternate" type="application/rss+xml" title="The Courier" href="rss.xml">
      <link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="/atom.xml#top">
      <link rel="alternate" type="application/feed+json" href="https://news.test/feed.json">
      <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">
      <link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet" href="a.css">
      <link rel="alternate" type="application/rss+xml" href="rss.xml"></head><body></body></html>"""
    assert discover_feeds(page, url="https://news.test/") == (
        Outline("https://news.test/en/rss.xml", "The Courier"),
        Outline("https://news.test/atom.xml", None),
        Outline("https://news.test/feed.json", None),
        Outline("https://news.test/en/comments.xml", "Comments"),
    )


@given(st.binary(max_size=200))
def test_any_page_can_be_searched_for_feeds(data: bytes) -> None:
    """Whatever a page holds, looking for its feeds raises nothing."""
    assert all(feed.url.startswith("http") for feed in discover_feeds(data, url=URL))


@pytest.mark.parametrize(
    ("data", "content_type", "kind"),
    [
        (b"<p>Hello <b>there</b></p>", "text/plain", Kind.TEXT),
        (b"<p>Hello <b>there</b></p>", None, Kind.HTML),
        (b"<?xml version='1.0'?><html xmlns='x'></html>", "application/xml", Kind.HTML),
        (b"<!-- x --><!DOCTYPE html><p>Hi", None, Kind.HTML),
        (b"# Title\n\nWords with <b>tags</b>.", None, Kind.TEXT),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "text/html", Kind.FEED),
        (b"<rdf:RDF/>", None, Kind.FEED),
        ("<rss></rss>".encode("utf-16"), None, Kind.FEED),
        (b'{"a": 1}', None, Kind.TEXT),
        (b"%PDF-1.7", None, Kind.BINARY),
        (b"\x1f\x8b\x08", "text/html", Kind.BINARY),
    ],
)
def test_bytes_are_known_by_what_they_hold(
    data: bytes, content_type: str | None, kind: Kind
) -> None:
    """The first element decides; the header settles only what that leaves open."""
    assert sniff(data, content_type) is kind
