"""Sources over HTTP: what is added, what is fetched again, what is not."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index import News, SourceKind
from tests.fakes import SettableClock, StandInEmbedder
from tests.webserver import Page, WebServer

STORY = (
    "<p>The harbour bridge at Lundholm opened on Monday after nine years of work and three"
    " delays, the city said.</p><p>Its cost rose from 40 million to 97 million crowns, the"
    " council said in a report that it published on the same day.</p><p>Cyclists will share the"
    " eastern lane with buses until a second deck is finished in two years.</p>"
)
RSS = {"content_type": "application/rss+xml"}
HTML = {"content_type": "text/html; charset=utf-8"}


def page(title: str, body: str = STORY) -> Page:
    html = (
        f"<html lang='en'><head><title>{title}</title>"
        f"<meta property='og:site_name' content='Lundholm Post'></head>"
        f"<body><nav>Home</nav><article><h1>{title}</h1>{body}</article></body></html>"
    )
    return Page(html.encode(), **HTML)


def item(guid: str, link: str, title: str, text: str = "", full: str = "") -> str:
    content = f"<content:encoded><![CDATA[{full}]]></content:encoded>" if full else ""
    return (
        f"<item><guid isPermaLink='false'>{guid}</guid><link>{link}</link><title>{title}</title>"
        f"<pubDate>Mon, 06 May 2024 08:00:00 GMT</pubDate>"
        f"<description>{text}</description>{content}</item>"
    )


def rss(*items: str, etag: str | None = None, **headers: str) -> Page:
    xml = (
        '<?xml version="1.0"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Lundholm feed</title><link>/</link>{''.join(items)}</channel></rss>"
    )
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Page(xml.encode(), etag=etag, headers=names, **RSS)


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with WebServer() as running:
        yield running


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(datetime(2024, 5, 7, 12, tzinfo=UTC))


@pytest.fixture
def news(tmp_path: Path, clock: SettableClock) -> Iterator[News]:
    opened = News(tmp_path, embedder=StandInEmbedder(), allow_private=True, clock=clock)
    yield opened
    opened.close()


async def test_summaries_are_followed_and_whole_articles_are_not(
    news: News, server: WebServer
) -> None:
    """An entry with only a summary is read from its page; one with the article is not fetched."""
    server.pages["/feed"] = rss(
        item("1", f"{server.url}/one", "Bridge opens", "The bridge is open."),
        item("2", f"{server.url}/two", "Whole story", "", STORY * 3),
    )
    server.pages["/one"] = page("Bridge opens")
    [added] = await news.add([f"{server.url}/feed"])
    assert added.error is None
    assert [r.new for r in added.refreshed] == [2]
    assert server.statuses() == {"/feed": 1, "/one": 1}
    titles = {a.title: a for a in news.archive.newest(5)}
    assert set(titles) == {"Bridge opens", "Whole story"}
    assert titles["Bridge opens"].outlet == "Lundholm Post"
    assert titles["Whole story"].outlet == "Lundholm feed"
    assert titles["Bridge opens"].published == datetime(2024, 5, 6, 8, tzinfo=UTC)
    assert len(news.paragraphs(titles["Bridge opens"].id)) == 3


async def test_an_unchanged_feed_is_not_sent_again(
    news: News, server: WebServer, clock: SettableClock
) -> None:
    """The second request is conditional, gets 304, and reads no page."""
    server.pages["/feed"] = rss(item("1", f"{server.url}/one", "A", "short"), etag='"v1"')
    server.pages["/one"] = page("A")
    await news.add([f"{server.url}/feed"])
    clock.advance(timedelta(hours=1))
    [refreshed] = await news.refresh()
    assert (refreshed.new, refreshed.changed, refreshed.error) == (0, 0, None)
    assert server.requests[-1].headers["If-None-Match"] == '"v1"'
    assert server.statuses() == {"/feed": 2, "/one": 1}


async def test_order_and_repetition_do_not_matter(
    news: News, server: WebServer, clock: SettableClock
) -> None:
    """The same entries in another order, twice, or at a tracked address are the same articles."""
    one = item("1", f"{server.url}/one", "A", "", STORY * 3)
    two = item("2", f"{server.url}/two", "B", "", STORY * 4)
    server.pages["/feed"] = rss(one, two)
    await news.add([f"{server.url}/feed"])
    server.pages["/feed"] = rss(two, one, two, one)
    [again] = await news.refresh(everything=True)
    assert (again.new, again.changed) == (0, 0)
    server.pages["/other"] = rss(item("x", f"{server.url}/one?utm_source=b", "A", "", STORY * 3))
    await news.add([f"{server.url}/other"])
    assert news.archive.counts()[0] == 2


async def test_a_changed_entry_is_a_new_version(news: News, server: WebServer) -> None:
    """An entry whose text changed is read again and gets a second version."""
    server.pages["/feed"] = rss(item("1", f"{server.url}/one", "A", "", STORY * 3))
    await news.add([f"{server.url}/feed"])
    changed = STORY.replace("97", "120") * 3
    server.pages["/feed"] = rss(item("1", f"{server.url}/one", "A", "", changed))
    [again] = await news.refresh(everything=True)
    assert (again.new, again.changed) == (0, 1)
    [article] = news.archive.newest(5)
    assert article.version == 2


async def test_a_failing_source_is_asked_less_often_and_recovers(
    news: News, server: WebServer, clock: SettableClock
) -> None:
    """Failures double the wait, keep the articles, and end with the first success."""
    feed = rss(item("1", f"{server.url}/one", "A", "", STORY * 3))
    server.pages["/feed"] = feed
    await news.add([f"{server.url}/feed"])
    server.pages["/feed"] = Page(status=500)
    waits = []
    for _ in range(3):
        clock.advance(timedelta(days=2))
        [failed] = await news.refresh()
        assert failed.error is not None and "500" in failed.error.reason
        due = failed.source.health.due
        assert due is not None
        waits.append(due - clock())
        clock.set(due - timedelta(seconds=1))
        assert await news.refresh() == []
    assert waits == [timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2)]
    assert news.archive.counts()[0] == 1
    server.pages["/feed"] = feed
    clock.advance(timedelta(days=2))
    [recovered] = await news.refresh()
    assert recovered.source.health.failures == 0
    assert recovered.source.health.error is None


async def test_retry_after_and_max_age_are_obeyed(
    news: News, server: WebServer, clock: SettableClock
) -> None:
    """What the server asks for sets the next time, when it is longer than our own."""
    server.pages["/feed"] = rss(
        item("1", f"{server.url}/one", "A", "", STORY * 3), Cache_Control="max-age=10800"
    )
    [added] = await news.add([f"{server.url}/feed"])
    assert added.refreshed[0].source.health.due == clock() + timedelta(hours=3)
    server.pages["/feed"] = Page(status=429, headers={"Retry-After": "36000"})
    [failed] = await news.refresh(everything=True)
    assert failed.source.health.due == clock() + timedelta(hours=10)


async def test_a_feed_that_turned_into_a_page_is_a_failure(news: News, server: WebServer) -> None:
    """A feed's address that answers with a page fails with a reason; its articles stay."""
    server.pages["/feed"] = rss(item("1", f"{server.url}/one", "A", "", STORY * 3))
    await news.add([f"{server.url}/feed"])
    server.pages["/feed"] = page("We moved")
    [failed] = await news.refresh(everything=True)
    assert failed.error is not None and failed.error.reason
    assert [a.title for a in news.archive.newest(5)] == ["A"]


async def test_a_front_page_stands_for_its_feed(news: News, server: WebServer) -> None:
    """The feed named on a site's front page is what is followed."""
    server.pages["/"] = Page(
        b"<html><head><link rel='alternate' type='application/rss+xml' href='/feed'></head>"
        b"<body>Welcome</body></html>",
        **HTML,
    )
    server.pages["/feed"] = rss(item("1", f"{server.url}/one", "A", "", STORY * 3))
    [added] = await news.add([f"{server.url}/"])
    assert added.error is None
    [source] = news.sources.all()
    assert (source.kind, source.url) == (SourceKind.FEED, f"{server.url}/feed")
    assert source.articles == 1


async def test_a_page_is_one_article(news: News, server: WebServer) -> None:
    """A page is read as an article, once, and fetched again only when due."""
    server.pages["/story"] = page("Bridge opens")
    [added] = await news.add([f"{server.url}/story"])
    assert added.error is None
    assert server.count("/story") == 1
    [source] = news.sources.all()
    assert source.kind is SourceKind.PAGE
    assert source.title == "Bridge opens"


async def test_an_opml_file_stands_for_its_feeds(
    news: News, server: WebServer, tmp_path: Path
) -> None:
    """Every feed of an OPML file is followed; one that is gone does not hold up the others."""
    server.pages["/feed"] = rss(item("1", f"{server.url}/one", "A", "", STORY * 3))
    opml = tmp_path / "subscriptions.opml"
    opml.write_text(
        "<opml version='2.0'><head/><body>"
        f"<outline text='Good' type='rss' xmlUrl='{server.url}/feed'/>"
        f"<outline text='Gone' type='rss' xmlUrl='{server.url}/gone'/></body></opml>"
    )
    [added] = await news.add([str(opml)])
    assert added.error is None
    outcome = {r.source.url: r.error is None for r in added.refreshed}
    assert outcome == {f"{server.url}/feed": True, f"{server.url}/gone": False}
    assert {s.title for s in news.sources.all()} == {"Good", "Gone"}


async def test_a_page_that_cannot_be_read_is_tried_again(
    news: News, server: WebServer, clock: SettableClock
) -> None:
    """An entry whose page fails is not lost: it is read once the page answers."""
    server.pages["/feed"] = rss(item("1", f"{server.url}/one", "A", "short"), etag='"1"')
    server.pages["/one"] = Page(status=503)
    [added] = await news.add([f"{server.url}/feed"])
    [refreshed] = added.refreshed
    assert (refreshed.new, len(refreshed.failures)) == (0, 1)
    server.pages["/one"] = page("A")
    clock.advance(timedelta(hours=2))
    [again] = await news.refresh()
    assert again.new == 1


async def test_what_cannot_be_added_is_said_and_nothing_is_stored(
    news: News, server: WebServer
) -> None:
    """A missing page and an unknown path are failures with a reason; no source remains."""
    results = await news.add([f"{server.url}/nothing", "no/such/file.txt"])
    assert [r.error is not None for r in results] == [True, True]
    assert news.sources.all() == []


async def test_a_page_behind_a_summary_is_read_again_while_it_is_young(
    news: News, server: WebServer, clock: SettableClock
) -> None:
    """A page that its newspaper corrected is a new version, though the feed says what it said;
    it is asked for five times in eleven days, also when the feed has it no more."""
    server.pages["/feed"] = rss(item("1", f"{server.url}/one", "A", "short"), etag='"1"')
    server.pages["/one"] = page("A")
    await news.add([f"{server.url}/feed"])
    begun = clock()
    clock.set(begun + timedelta(hours=2))
    await news.refresh()
    assert server.count("/one") == 1
    server.pages["/one"] = page("A page's other title", STORY.replace("97", "120"))
    clock.set(begun + timedelta(hours=4))
    [refreshed] = await news.refresh()
    assert (refreshed.changed, refreshed.unchanged, server.count("/one")) == (1, 0, 2)
    [article] = news.archive.newest(5)
    assert (article.version, article.title) == (2, "A")
    assert "120 million" in news.search("cost of the bridge in crowns")[0].text
    # The feed has moved on to other news.
    server.pages["/feed"] = rss(item("2", f"{server.url}/two", "B", "", STORY * 3))
    for hours, times in ((10, 3), (11, 3), (28, 4), (82, 5), (200, 5), (244, 6), (2000, 6)):
        clock.set(begun + timedelta(hours=hours))
        [refreshed] = await news.refresh()
        assert (server.count("/one"), refreshed.failures) == (times, ()), hours
    assert len(news.archive.newest(5)) == 2
    assert [a.version for a in news.archive.newest(5) if a.title == "A"] == [2]


async def test_a_page_that_shows_something_else_takes_nobodys_place(
    news: News, server: WebServer, clock: SettableClock
) -> None:
    """A wall before the article, a failing server, and a page that is gone leave what was read."""
    server.pages["/feed"] = rss(item("1", f"{server.url}/one", "A", "short"), etag='"1"')
    server.pages["/one"] = page("A")
    await news.add([f"{server.url}/feed"])
    begun = clock()
    wall = "<p>Please accept our cookies, or subscribe from one crown a month, to go on.</p>" * 3
    failures = []
    for hours, answer in (
        (4, page("Subscribe", wall)),
        (10, Page(status=503)),
        (28, Page(status=410)),
    ):
        server.pages["/one"] = answer
        clock.set(begun + timedelta(hours=hours))
        [refreshed] = await news.refresh()
        failures.append(len(refreshed.failures))
        [article] = news.archive.newest(5)
        assert (article.version, refreshed.changed) == (1, 0)
    assert failures == [0, 1, 1]
    server.pages["/one"] = page("A", STORY.replace("97", "120"))
    clock.set(begun + timedelta(hours=100))
    await news.refresh()
    assert server.count("/one") == 4
