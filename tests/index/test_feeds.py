"""Feeds of every format give the same entries, each once, with sound dates and names."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.extraction import extract_fragment
from tests.index.written_feeds import (
    ARTICLE,
    MOMENT,
    SENTENCE,
    SUMMARY,
    atom,
    items,
    only,
    parse,
    rss,
)

_FORMATS = {
    "RSS 0.91": (
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"'
        ' "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
        "<title>The Courier</title><link>https://news.test/</link><language>en-us</language>"
        "<item><title>Floods in old town</title><link>https://news.test/floods</link>"
        f"<description>{SUMMARY}</description></item></channel></rss>"
    ),
    "RSS 2.0": rss(
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
    "Atom": atom(
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
    feed = parse(_FORMATS[name])
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
    entry = only(_FORMATS[name])
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
    entry = only(rss(f"<title>Floods</title><link>https://news.test/x</link>{item}"))
    assert not entry.complete


def test_an_entry_without_a_page_is_all_there_is() -> None:
    """Without a link there is nothing to follow, so that even a short body counts as whole."""
    entry = only(rss(f"<guid isPermaLink='false'>7</guid><description>{SENTENCE}</description>"))
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
    assert only(atom(entry, attributes=attributes)).url == url


def test_relative_links_of_rss_are_resolved_against_the_site() -> None:
    """RSS has no rule for relative links; the channel's own link is what they are relative to."""
    entry = only(rss("<title>Floods</title><link>2024/floods</link>"))
    assert entry.url == "https://news.test/2024/floods"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "ftp://a.test/x"])
def test_only_web_links_are_followed(link: str) -> None:
    """A link that is neither http nor https is no link."""
    body = f"<title>Floods</title><link>{link}</link><description>{SENTENCE}</description>"
    assert only(rss(body)).url is None


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_order_and_repetition_do_not_change_identity(orders: list[int]) -> None:
    """However often and in whatever order items come, each is one entry with the same id."""
    found = {entry.id: entry for entry in parse(rss(*items(*orders))).entries}
    again = {entry.id: entry for entry in parse(rss(*items(*sorted(set(orders))))).entries}
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
    assert only(rss(*items)).title == "Edition 2"


def test_an_id_that_all_items_share_is_no_id() -> None:
    """Where one id stands on different articles, their links tell them apart."""
    items = [
        f"<guid isPermaLink='false'>0</guid><title>Article {i}</title>"
        f"<link>https://news.test/{i}</link>"
        for i in range(3)
    ]
    ids = [entry.id for entry in parse(rss(*items)).entries]
    assert ids == [f"https://news.test/{i}" for i in range(3)]


def test_without_id_and_link_the_title_and_date_are_the_identity() -> None:
    """An item with neither id nor link keeps its identity when its text is corrected."""
    head = "<title>Floods</title><pubDate>Sun, 03 Mar 2024 09:00:00 GMT</pubDate>"
    one = only(rss(f"{head}<description>{SENTENCE}</description>"))
    other = only(rss(f"{head}<description>{SENTENCE} Corrected.</description>"))
    assert one.id == other.id
    assert one.id.startswith("sha256:")


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
        rss(f"<title>Floods</title><link>https://news.test/x</link><pubDate>{date}</pubDate>"),
        json.dumps({"items": [{"id": "1", "title": "Floods", "date_published": date}]}),
    ):
        assert only(text).published is None


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
    assert only(rss(item)).published == MOMENT


def test_a_bad_publication_date_gives_way_to_the_update() -> None:
    """Where the first date cannot be, the second is taken."""
    entry = only(
        atom(
            '<id>1</id><title>Floods</title><link href="/x"/>'
            "<published>1970-01-01T00:00:00Z</published><updated>2024-03-03T09:15:00Z</updated>"
        )
    )
    assert entry.published == MOMENT


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
    assert only(rss(f"<title>{title}</title><link>https://news.test/x</link>")).title == clean


def test_an_entry_without_a_title_is_called_by_its_beginning() -> None:
    """A note without a title gets its first words as one."""
    entry = only(rss(f"<link>https://news.test/x</link><description>{SENTENCE}</description>"))
    assert entry.title.startswith("The river burst its banks")
    assert len(entry.title) <= 81


def test_a_long_list_of_authors_keeps_its_first() -> None:
    """A list of thousands of authors, with markup around each, loses only its end."""
    people = ", ".join(f'<a href="https://a.test/{i}">Ana Silva</a>' for i in range(2000))
    item = f"<title>F</title><link>https://news.test/x</link><dc:creator>{people}</dc:creator>"
    (name, *_) = only(rss(item)).authors
    assert name.startswith("Ana Silva")
    assert only(rss(item)).title == "F"


def test_people_are_named_once_and_without_addresses() -> None:
    """Authors come without mail addresses, several in one field are told apart."""
    item = (
        "<title>F</title><link>https://news.test/x</link>"
        "<dc:creator>By Ana Silva, Jo Poe and Li Wei</dc:creator>"
    )
    assert only(rss(item)).authors == ("Ana Silva", "Jo Poe", "Li Wei")
    mail = "<title>F</title><link>https://news.test/x</link><author>a@b.test (Ana Silva)</author>"
    assert only(rss(mail)).authors == ("Ana Silva",)


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
    assert parse(rss(*items(1), channel=channel)).ttl == ttl
