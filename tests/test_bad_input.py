"""Whatever is put in: a clear message or a sane answer, and nothing lost."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tornado.web import RequestHandler

from bot.answering import ask
from bot.answers import Outcome
from index import Filters, News
from tests.fakes import StandInEmbedder
from tests.webserver import Page, WebServer

GOOD = (
    "---\ntitle: Bridge\noutlet: Post\n---\nThe harbour bridge opened on Monday after nine years.\n"
)


@pytest.fixture
def news(tmp_path: Path) -> Iterator[News]:
    opened = News(tmp_path / "data", embedder=StandInEmbedder(), allow_private=True)
    yield opened
    opened.close()


async def reason(news: News, target: str) -> str:
    """Why a target was not added; nothing of it may have been kept."""
    before = (news.archive.counts(), news.sources.all())
    [added] = await news.add([target])
    assert added.error is not None, f"{target} was added"
    assert (news.archive.counts(), news.sources.all()) == before
    return added.error.reason


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\t\n ", "empty"),
        ("binary.txt", bytes(range(256)) * 40, "not text"),
        ("image.html", b"\x89PNG\r\n\x1a\n" + bytes(500), "not text"),
        ("word.txt", b"Bridge", "too short"),
        ("empty.html", b"<html><body></body></html>", "no article"),
    ],
)
async def test_a_file_that_is_no_article_is_said(
    news: News, tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    """An unreadable file gives one clear reason, and no source and no article."""
    path = tmp_path / name
    path.write_bytes(data)
    assert words in await reason(news, str(path))


async def test_a_file_of_100_megabytes_is_refused_unread(news: News, tmp_path: Path) -> None:
    """A huge file is refused by its size."""
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    assert "too large (100 MiB" in await reason(news, str(path))


async def test_another_encoding_is_read(news: News, tmp_path: Path) -> None:
    """Text in a legacy encoding and in UTF-16 is read as what it says."""
    text = "Brücke eröffnet\n\nDie Brücke über den Fluß wurde am Montag nach Jahren eröffnet.\n"
    for encoding in ("cp1252", "utf-16", "utf-8-sig"):
        path = tmp_path / f"{encoding}.txt"
        path.write_bytes(text.encode(encoding))
        [added] = await news.add([str(path)])
        assert added.error is None, encoding
    for article in news.archive.newest(5):
        assert article.title == "Brücke eröffnet"


async def test_ten_thousand_nested_tags_do_no_harm(news: News, tmp_path: Path) -> None:
    """A page nested beyond reason gives a clear message, in good time."""
    path = tmp_path / "nested.html"
    path.write_bytes(b"<html><body>" + b"<div>" * 10_000 + b"text" + b"</div>" * 10_000)
    assert await asyncio.wait_for(reason(news, str(path)), 20)


async def test_a_folder_of_good_and_bad_files_keeps_the_good(news: News, tmp_path: Path) -> None:
    """One unreadable file is named, and the others are read."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "good.md").write_text(GOOD)
    (folder / "bad.txt").write_bytes(b"\x00\x01\x02" * 100)
    [added] = await news.add([str(folder)])
    [refreshed] = added.refreshed
    assert refreshed.new == 1
    assert [f.subject for f in refreshed.failures] == ["bad.txt"]


async def test_hostile_servers_give_a_reason(news: News) -> None:
    """An entity bomb, a redirect loop and a missing page are one clear reason each."""
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(
            f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">'.encode() for i in range(8)
        )
        + b"]><rss version='2.0'><channel><title>&i;</title></channel></rss>"
    )

    async def endless(handler: RequestHandler) -> None:
        for _ in range(2000):
            handler.write(b"<p>more and more</p>" * 1000)
            await handler.flush()

    async with WebServer() as server:
        server.pages["/bomb"] = Page(bomb, content_type="application/rss+xml")
        server.pages["/loop"] = Page(status=302, headers={"Location": "/loop"})
        server.pages["/endless"] = endless
        assert "entit" in await reason(news, f"{server.url}/bomb")
        assert "in a circle" in await reason(news, f"{server.url}/loop")
        assert "larger than 8 MiB" in await reason(news, f"{server.url}/endless")
        assert "404" in await reason(news, f"{server.url}/none")


async def test_impossible_dates_are_no_dates(news: News, tmp_path: Path) -> None:
    """An article of 1970 or 2099 is kept, without a date."""
    for year in ("1970-01-01", "2099-12-31"):
        path = tmp_path / f"{year}.md"
        path.write_text(GOOD.replace("outlet: Post", f"outlet: Post\ndate: {year}"))
        [added] = await news.add([str(path)])
        assert added.error is None
    assert [a.published for a in news.archive.newest(5)] == [None, None]


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "?",
        "x" * 10_000,
        "word " * 2000,
        "谁斡旋了停火？",
        "من توسط؟",
        "🙂" * 50,
        "\x00\ud800",
    ],
)
async def test_any_question_gets_a_sane_answer(news: News, tmp_path: Path, question: str) -> None:
    """Empty, huge and foreign questions are declined, not failed."""
    path = tmp_path / "good.md"
    path.write_text(GOOD)
    await news.add([str(path)])
    answer = await asyncio.to_thread(ask, news, question, Filters(), datetime.now(UTC))
    assert answer.outcome is not Outcome.ANSWERED
    assert answer.coverage.articles == 1


@pytest.mark.parametrize(
    "target", ["", "  ", "~nobody_here/x", "a\x00b", "x" * 5000, "no.such.txt"]
)
async def test_a_target_that_is_nothing_is_said(news: News, target: str) -> None:
    """A name that is neither file nor URL gives a reason without asking the network."""
    assert await reason(news, target)
