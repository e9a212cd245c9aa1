"""Feeds of every format give the same entries, and damaged ones one clear reason."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import Entry
from index.errors import NewsError, UnreadableError
from index.extraction import extract_fragment
from index.feeds import (
    Feed,
    Kind,
    Outline,
    discover_feeds,
    parse_feed,
    parse_opml,
    sniff,
    write_opml,
)
from tests.shared import FOLDER, shared

URL = "https://news.test/feeds/all.xml"
NOW = datetime(2024, 6, 1, tzinfo=UTC)
MOMENT = datetime(2024, 3, 3, 9, 15, tzinfo=UTC)
SENTENCE = "The river burst its banks on Sunday night and flooded forty homes in the old town."
ARTICLE = "".join(f"<p>{SENTENCE} It is paragraph number {i} of the report.</p>" for i in range(12))
SUMMARY = "The river burst its banks and flooded forty homes [...]"

REAL = FOLDER / "data" / "feeds"
NAMES = sorted(path.name for path in REAL.glob("*")) if REAL.exists() else ["*"]


def _parse(text: str, url: str = URL) -> Feed:
    return parse_feed(text.encode(), url=url, now=NOW)


def _only(text: str) -> Entry:
    (entry,) = _parse(text).entries
    return entry


def _rss(*items: str, channel: str = "") -> str:
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
        f"<title>The Courier</title><link>https://news.test/</link>{channel}{body}</channel></rss>"
    )


def _atom(*entries: str, attributes: str = "") -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>The Courier</title>'
        '<link href="https://news.test/"/>'
        + "".join(f"<entry>{entry}</entry>" for entry in entries)
        + "</feed>"
    )


# Real files


@pytest.mark.parametrize("name", NAMES)
def test_each_real_feed_gives_entries_or_one_reason(name: str) -> None:
    """A feed as found on the web gives sound entries, or an error with a reason and a remedy."""
    data = shared("data", "feeds", name).read_bytes()
    url = f"https://news.test/{name}"
    try:
        if sniff(data) is Kind.OPML:
            outlines = parse_opml(data, url=url)
            assert len({outline.url for outline in outlines}) == len(outlines) > 0
            assert all(o.url.startswith(("http://", "https://")) for o in outlines)
            return
        feed = parse_feed(data, url=url)
    except NewsError as error:
        assert error.reason
        assert error.remedy
        assert "\n" not in str(error)
        return
    ids = [entry.id for entry in feed.entries]
    assert len(set(ids)) == len(ids) > 0
    for entry in feed.entries:
        assert entry.title.strip() == entry.title != ""
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert entry.complete or entry.url, "a summary needs a page to follow"
        assert not entry.complete or entry.url is None or extract_fragment(entry.html)
        assert entry.published is None or entry.published.utcoffset() == timedelta()


def test_of_the_real_feeds_only_the_truncated_one_is_refused() -> None:
    """Of the 94 real files 93 are read; the one whose JSON breaks off says that it is damaged."""
    shared("data", "feeds")
    refused: dict[str, str] = {}
    for name in NAMES:
        data = (REAL / name).read_bytes()
        try:
            if sniff(data) is Kind.OPML:
                parse_opml(data, url=name)
            else:
                parse_feed(data, url=f"https://news.test/{name}")
        except NewsError as error:
            refused[name] = error.reason
    assert len(NAMES) == 94
    assert list(refused) == ["allthis-partial.json"]
    assert "JSON is damaged" in refused["allthis-partial.json"]


def _known(feed: Feed) -> set[tuple[str, str | None, str, bool]]:
    return {(entry.id, entry.url, entry.title, entry.complete) for entry in feed.entries}


@pytest.mark.parametrize("name", ["DaringFireball.json", "allthis.json", "rose.json"])
def test_real_items_in_any_order_and_twice_are_the_same_entries(name: str) -> None:
    """A real feed turned around, or with every item doubled, gives the very same entries."""
    root = json.loads(shared("data", "feeds", name).read_bytes())
    once = _parse(json.dumps(root))
    for items in (root["items"][::-1], root["items"] * 2):
        again = _parse(json.dumps({**root, "items": items}))
        assert len(again.entries) == len(once.entries)
        assert _known(again) == _known(once)


# Formats

_FORMATS = {
    "RSS 0.91": (
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"'
        ' "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
        "<title>The Courier</title><link>https://news.test/</link><language>en-us</language>"
        "<item><title>Floods in old town</title><link>https://news.test/floods</link>"
        f"<description>{SUMMARY}</description></item></channel></rss>"
    ),
    "RSS 2.0": _rss(
        '<title>Floods in old town</title><guid isPermaLink="false">https://news.test/floods</guid>'
        "<link>https://news.test/floods</link><pubDate>Sun, 03 Mar 2024 10:15:00 +0100</pubDate>"
        f"<dc:creator>Ana Silva</dc:creator><description>{SUMMARY}</description>"
        f"<content:encoded><![CDATA[{ARTICLE}]]></content:encoded>",
        channel="<language>en-US</language>",
    ),
    "RDF": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="https://news.test/"><title>The Courier</title>'
        "<link>https://news.test/</link><dc:language>en-US</dc:language></channel>"
        '<item rdf:about="https://news.test/floods"><title>Floods in old town</title>'
        "<link>https://news.test/floods</link><dc:creator>Ana Silva</dc:creator>"
        f"<dc:date>2024-03-03T09:15:00Z</dc:date><description>{SUMMARY}</description></item>"
        "</rdf:RDF>"
    ),
    "Atom": _atom(
        "<id>https://news.test/floods</id><title>Floods in old town</title>"
        '<link rel="alternate" href="https://news.test/floods"/>'
        "<published>2024-03-03T10:15:00+01:00</published><updated>2024-03-04T00:00:00Z</updated>"
        f'<author><name>Ana Silva</name></author><content type="html"><![CDATA[{ARTICLE}]]>'
        "</content>",
        attributes='xml:lang="en-US"',
    ),
    "JSON Feed": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "The Courier",
            "home_page_url": "https://news.test/",
            "language": "en-US",
            "items": [
                {
                    "id": "https://news.test/floods",
                    "title": "Floods in old town",
                    "date_published": "2024-03-03T09:15:00Z",
                    "authors": [{"name": "Ana Silva"}],
                    "content_html": ARTICLE,
                    "summary": SUMMARY,
                }
            ],
        }
    ),
    "RSS in JSON": json.dumps(
        {
            "rss": {
                "version": "2.0",
                "channel": {
                    "title": "The Courier",
                    "link": "https://news.test/",
                    "language": "en-us",
                    "item": [
                        {
                            "title": "Floods in old town",
                            "link": "https://news.test/floods",
                            "guid": {"#value": "https://news.test/floods"},
                            "pubDate": "Sun, 03 Mar 2024 09:15:00 GMT",
                            "author": "Ana Silva",
                            "description": ARTICLE,
                        }
                    ],
                },
            }
        }
    ),
}
_SUMMARIES = {"RSS 0.91", "RDF"}


@pytest.mark.parametrize("name", _FORMATS)
def test_every_format_says_the_same(name: str) -> None:
    """The same item in any of the formats is one entry with the same id, title and date."""
    feed = _parse(_FORMATS[name])
    assert (feed.title, feed.link, feed.language) == ("The Courier", "https://news.test/", "en-US")
    (entry,) = feed.entries
    assert entry.id == entry.url == "https://news.test/floods"
    assert entry.title == "Floods in old town"
    if name != "RSS 0.91":
        assert entry.published == MOMENT
        assert entry.authors == ("Ana Silva",)


@pytest.mark.parametrize("name", _FORMATS)
def test_articles_are_told_from_summaries(name: str) -> None:
    """A summary is to be followed to its page; an entry that holds the article is not."""
    entry = _only(_FORMATS[name])
    assert entry.complete is (name not in _SUMMARIES)
    if entry.complete:
        assert len(extract_fragment(entry.html).split("\n\n")) == 12


@pytest.mark.parametrize(
    "end",
    [
        "It rained on [&#8230;]",
        "It rained on...",
        '<a href="https://news.test/x">Continue reading</a>',
        '<a href="https://news.test/x">Weiterlesen</a>',
        "<p>It rained on [+2034 chars]</p>",
    ],
)
def test_a_text_that_says_it_was_cut_is_followed(end: str) -> None:
    """Whatever it is called, a body that ends on dots or on "continue reading" is a summary."""
    item = f"<content:encoded><![CDATA[<p>{SENTENCE}</p><p>{end}</p>]]></content:encoded>"
    entry = _only(_rss(f"<title>Floods</title><link>https://news.test/x</link>{item}"))
    assert not entry.complete


def test_an_entry_without_a_page_is_all_there_is() -> None:
    """Without a link there is nothing to follow, so that even a short body counts as whole."""
    entry = _only(_rss(f"<guid isPermaLink='false'>7</guid><description>{SENTENCE}</description>"))
    assert (entry.url, entry.complete) == (None, True)
    assert entry.id == "7"


@pytest.mark.parametrize(
    ("attributes", "link", "url"),
    [
        ("", "/floods", "https://news.test/floods"),
        ("", "floods", "https://news.test/feeds/floods"),
        ("", "//cdn.test/floods", "https://cdn.test/floods"),
        ('xml:base="https://old.test/a/"', "floods", "https://old.test/a/floods"),
        ('xml:base="/archive/"', "floods", "https://news.test/archive/floods"),
        ("", "HTTPS://News.Test:443/floods", "https://news.test/floods"),
        ("", "https://news.test/a b", "https://news.test/a%20b"),
    ],
)
def test_relative_links_of_atom_are_resolved(attributes: str, link: str, url: str) -> None:
    """A relative link is resolved against xml:base, and without one against the feed's URL."""
    entry = f'<id>tag:x</id><title>Floods</title><link href="{link}"/><summary>x</summary>'
    assert _only(_atom(entry, attributes=attributes)).url == url


def test_relative_links_of_rss_are_resolved_against_the_site() -> None:
    """RSS has no rule for relative links; the channel's own link is what they are relative to."""
    entry = _only(_rss("<title>Floods</title><link>2024/floods</link>"))
    assert entry.url == "https://news.test/2024/floods"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "ftp://a.test/x"])
def test_only_web_links_are_followed(link: str) -> None:
    """A link that is neither http nor https is no link."""
    body = f"<title>Floods</title><link>{link}</link><description>{SENTENCE}</description>"
    assert _only(_rss(body)).url is None


# Identity


def _items(*orders: int) -> list[str]:
    return [
        f"<title>Article {i}</title><link>https://news.test/{i}</link>"
        f"<guid>https://news.test/{i}</guid><description>{SENTENCE}</description>"
        for i in orders
    ]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_order_and_repetition_do_not_change_identity(orders: list[int]) -> None:
    """However often and in whatever order items come, each is one entry with the same id."""
    found = {entry.id: entry for entry in _parse(_rss(*_items(*orders))).entries}
    again = {entry.id: entry for entry in _parse(_rss(*_items(*sorted(set(orders))))).entries}
    assert found == again
    assert set(found) == {f"https://news.test/{i}" for i in orders}


@given(st.permutations([0, 1, 2]))
def test_of_doubles_the_latest_is_kept_in_any_order(order: list[int]) -> None:
    """Of several items with one id the one with the latest date is the entry."""
    items = [
        f"<guid>https://news.test/1</guid><title>Edition {i}</title>"
        f"<pubDate>Sun, 0{i + 3} Mar 2024 09:00:00 GMT</pubDate>"
        for i in order
    ]
    assert _only(_rss(*items)).title == "Edition 2"


def test_an_id_that_all_items_share_is_no_id() -> None:
    """Where one id stands on different articles, their links tell them apart."""
    items = [
        f"<guid isPermaLink='false'>0</guid><title>Article {i}</title>"
        f"<link>https://news.test/{i}</link>"
        for i in range(3)
    ]
    ids = [entry.id for entry in _parse(_rss(*items)).entries]
    assert ids == [f"https://news.test/{i}" for i in range(3)]


def test_without_id_and_link_the_title_and_date_are_the_identity() -> None:
    """An item with neither id nor link keeps its identity when its text is corrected."""
    head = "<title>Floods</title><pubDate>Sun, 03 Mar 2024 09:00:00 GMT</pubDate>"
    one = _only(_rss(f"{head}<description>{SENTENCE}</description>"))
    other = _only(_rss(f"{head}<description>{SENTENCE} Corrected.</description>"))
    assert one.id == other.id
    assert one.id.startswith("sha256:")


# Dates


@pytest.mark.parametrize(
    "date",
    [
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 30 Nov 1899 00:00:00 GMT",
        "Sat, 07 Mar 2099 00:00:00 GMT",
        "yesterday",
        "32 Foo 2024 99:99:99",
        "",
        "0000-00-00",
    ],
)
def test_dates_that_cannot_be_are_no_dates(date: str) -> None:
    """The epoch's zero, the far future and what is no date leave the entry without one."""
    for text in (
        _rss(f"<title>Floods</title><link>https://news.test/x</link><pubDate>{date}</pubDate>"),
        json.dumps({"items": [{"id": "1", "title": "Floods", "date_published": date}]}),
    ):
        assert _only(text).published is None


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 03 Mar 2024 09:15:00 GMT",
        "Sun, 3 Mar 2024 04:15:00 EST",
        "03 Mar 2024 09:15 +0000",
        "2024-03-03T10:15:00+01:00",
        "2024-03-03 09:15:00",
    ],
)
def test_dates_in_any_usual_form_are_utc(date: str) -> None:
    """Dates as mail and as ISO 8601 write them, with any zone, are the same moment in UTC."""
    item = f"<title>Floods</title><link>https://news.test/x</link><pubDate>{date}</pubDate>"
    assert _only(_rss(item)).published == MOMENT


def test_a_bad_publication_date_gives_way_to_the_update() -> None:
    """Where the first date cannot be, the second is taken."""
    entry = _only(
        _atom(
            '<id>1</id><title>Floods</title><link href="/x"/>'
            "<published>1970-01-01T00:00:00Z</published><updated>2024-03-03T09:15:00Z</updated>"
        )
    )
    assert entry.published == MOMENT


# Titles and people


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("Floods &amp;amp; fire", "Floods & fire"),
        ("<![CDATA[The <i>Titanic</i> sinks]]>", "The Titanic sinks"),
        ("Using the &amp;lt;video&amp;gt; tag", "Using the <video> tag"),
        ("It&amp;#8217;s  \n over", "It’s over"),
    ],
)
def test_titles_are_one_line_of_plain_text(title: str, clean: str) -> None:
    """Markup and references in titles are resolved, also when they were escaped twice."""
    assert _only(_rss(f"<title>{title}</title><link>https://news.test/x</link>")).title == clean


def test_an_entry_without_a_title_is_called_by_its_beginning() -> None:
    """A note without a title gets its first words as one."""
    entry = _only(_rss(f"<link>https://news.test/x</link><description>{SENTENCE}</description>"))
    assert entry.title.startswith("The river burst its banks")
    assert len(entry.title) <= 81


@pytest.mark.parametrize("element", ["author", "dc:creator", "description", "title", "guid"])
@pytest.mark.parametrize("piece", ["a.", "a", ". . ", "&amp;lt;p ", "&#97;", "[", "&lt;b&gt;"])
def test_hostile_fields_end(element: str, piece: str) -> None:
    """Fifty thousand beginnings in a field are read in linear time."""
    head = "" if element == "title" else "<title>Floods</title>"
    field = f"<{element}>{piece * 50_000}</{element}>"
    assert _only(_rss(f"{head}<link>https://news.test/x</link>{field}")).url


def test_a_long_list_of_authors_keeps_its_first() -> None:
    """A list of thousands of authors, with markup around each, loses only its end."""
    people = ", ".join(f'<a href="https://a.test/{i}">Ana Silva</a>' for i in range(2000))
    item = f"<title>F</title><link>https://news.test/x</link><dc:creator>{people}</dc:creator>"
    (name, *_) = _only(_rss(item)).authors
    assert name.startswith("Ana Silva")
    assert _only(_rss(item)).title == "F"


def test_people_are_named_once_and_without_addresses() -> None:
    """Authors come without mail addresses, several in one field are told apart."""
    item = (
        "<title>F</title><link>https://news.test/x</link>"
        "<dc:creator>By Ana Silva, Jo Poe and Li Wei</dc:creator>"
    )
    assert _only(_rss(item)).authors == ("Ana Silva", "Jo Poe", "Li Wei")
    mail = "<title>F</title><link>https://news.test/x</link><author>a@b.test (Ana Silva)</author>"
    assert _only(_rss(mail)).authors == ("Ana Silva",)


@pytest.mark.parametrize(
    ("channel", "ttl"),
    [
        ("<ttl>60</ttl>", timedelta(hours=1)),
        ("<ttl>soon</ttl>", None),
        ("<ttl>0</ttl>", None),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            timedelta(hours=6),
        ),
        ("", None),
    ],
)
def test_a_feed_says_how_long_to_leave_it_alone(channel: str, ttl: timedelta | None) -> None:
    """RSS's ttl counts minutes; the syndication module's period is divided by its frequency."""
    assert _parse(_rss(*_items(1), channel=channel)).ttl == ttl


# Damage


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
    xml = _rss("<title>&a;</title><link>https://news.test/x</link>").partition("?>")[2]
    with pytest.raises(UnreadableError, match="entities"):
        _parse(head + xml)
    opml = '<opml><body><outline text="&a;" xmlUrl="https://news.test/x"/></body></opml>'
    with pytest.raises(UnreadableError, match="entities"):
        parse_opml((head.replace("DOCTYPE rss", "DOCTYPE opml") + opml).encode(), url=URL)


def test_many_uses_of_a_short_entity_are_refused() -> None:
    """An entity of 60 characters that is used a hundred thousand times is a bomb as well."""
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "{"x" * 60}">]>'
    with pytest.raises(UnreadableError, match="entities"):
        _parse(head + _rss(f"<title>{'&a;' * 100_000}</title>").partition("?>")[2])


def test_harmless_entities_are_read() -> None:
    """Named characters and short constants, as old feeds declare them, are put in place."""
    head = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY paper "The Courier">]>'
    body = _rss("<title>&paper; caf&eacute;&nbsp;news</title><link>https://news.test/x</link>")
    assert _only(head + body.partition("?>")[2]).title == "The Courier café news"


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
        _rss(*_items(1, 2))[:-40],
        "<br/><b>Warning</b>: mysql\n" + _rss(*_items(1, 2)),
        "\n\n  " + _rss(*_items(1, 2)),
        _rss(*_items(1, 2)).replace("Article 1", "Fish & chips \x0b"),
    ],
)
def test_feeds_that_are_not_well_formed_are_read_all_the_same(text: str) -> None:
    """A feed cut short, with a warning or space above it, or with stray characters, is read."""
    assert [entry.url for entry in _parse(text).entries] == [
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
    xml = _rss(f"<title>{title}</title><link>https://news.test/x</link>")
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
            assert _parse(json.dumps(root)).entries
        except UnreadableError:
            continue


# Lists and discovery


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
