"""newsbot run as a process: how it starts, what it refuses, how it stops, what goes on."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.intake import TelegramRefusedError
from bot.serving import check
from bot.settings import Settings
from index import News
from tests import servable
from tests.bot.process import QUESTION, ROOT, Running, answer_to, said
from tests.botapi import TOKEN, BotApiServer, Call, Chat, Message
from tests.fakes import StandInEmbedder

Ended = subprocess.CompletedProcess[str]

ANSWER = "brokered by Russia"
# What systemd and Docker give a process before they kill it is ten seconds and more.
STOPS_WITHIN_S = 10


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return servable.with_the_sample(tmp_path / "data")


@pytest.fixture
def server() -> Iterator[BotApiServer]:
    with BotApiServer() as running_server:
        yield running_server
        assert running_server.strictness == []


def ask(server: BotApiServer, name: str, text: str = QUESTION) -> Message:
    person = server.add_user(name)
    return server.user_says(server.private_chat(person), person, text)


def actions(server: BotApiServer, chat: Chat) -> list[Call]:
    """The chat actions ("typing") that a chat has been shown."""
    return [c for c in server.calls("sendChatAction") if int(c.parameters["chat_id"]) == chat.id]


def ended(bot: Running, number: signal.Signals = signal.SIGTERM) -> float:
    """Send a signal; the seconds until the process has ended, and ended well."""
    began = time.monotonic()
    bot.process.send_signal(number)
    assert bot.process.wait(timeout=30) == 0, bot.logged()
    return time.monotonic() - began


def newsbot(
    folder: Path, *arguments: str, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """A command run to its end, in a folder without a .env file."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("NEWSBOT_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), "NEWSBOT_DATA": str(folder / "data"), **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_without_a_token_it_says_in_five_lines_how_to_get_one(tmp_path: Path) -> None:
    """newsbot run names BotFather, the setting, and the way to try it without."""
    done = newsbot(tmp_path, "run")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 5
    for words in ("@BotFather", "/newbot", "NEWSBOT_TOKEN=", ".env", "newsbot chat"):
        assert words in done.stderr
    assert not (tmp_path / "data").exists()


def test_check_verifies_all_that_it_needs(data: Path, tmp_path: Path, server: BotApiServer) -> None:
    """newsbot run --check names data folder, news, sources, the model and the token's bot."""
    environment = {"NEWSBOT_TOKEN": TOKEN, "NEWSBOT_API_URL": server.base_url}
    done = newsbot(tmp_path, "run", "--check", **environment)
    assert done.returncode == 0, done.stderr
    for words in (str(data), "12 articles, ", "sources: 1, 0 of them", "MiniLM", "@news_test_bot"):
        assert words in done.stdout
    assert not server.calls("getUpdates")


@pytest.mark.parametrize(
    ("token", "url", "reason"),
    [
        (TOKEN[:-1] + "x", None, "Telegram does not know this token"),
        (TOKEN, "http://127.0.0.1:9/bot", "cannot be reached"),
    ],
    ids=["wrong token", "nobody there"],
)
async def test_check_says_what_is_wrong(
    data: Path, server: BotApiServer, token: str, url: str | None, reason: str
) -> None:
    """A token that Telegram does not know, or no Telegram at all, is the check's result."""
    settings = Settings(data=data, token=token, api_url=url or server.base_url, _env_file=None)
    news = News(data, embedder=StandInEmbedder())
    with pytest.raises(TelegramRefusedError, match=reason):
        await check(settings, news)
    news.close()


def test_a_second_instance_says_so_and_leaves(
    data: Path, tmp_path: Path, server: BotApiServer
) -> None:
    """On the same data folder, and on the same token: the newcomer gives the reason and ends,
    the first goes on.
    """
    with servable.serving(server, data) as first:
        server.wait(lambda: server.polling, timeout=60)
        # Only one that has settled stays against a newcomer.
        settled = time.monotonic() + 10
        same_folder = servable.start(server, data)
        assert same_folder.process.wait(timeout=60) == 1
        assert "another newsbot is running on this data folder" in first.logged()
        time.sleep(max(0.0, settled - time.monotonic()))
        same_token = servable.start(server, tmp_path / "other")
        assert same_token.process.wait(timeout=60) == 1
        [*_, last] = same_token.logged().splitlines()
        assert "another bot is running with this token" in last
        assert "Traceback" not in same_token.logged()
        assert ANSWER in said(answer_to(server, ask(server, "Ann")))
        assert first.process.poll() is None


def test_it_stops_in_time_and_finishes_what_is_in_hand(data: Path, server: BotApiServer) -> None:
    """SIGTERM and Ctrl-C with questions in hand: those are answered, the rest by the next start,
    all of them once.
    """
    with servable.serving(server, data) as bot:
        # The first answer loads the indexes, which on a busy machine may outlast its patience.
        answer_to(server, ask(server, "First"))
        in_hand = ask(server, "Ann")
        server.wait(lambda: not server.pending(), timeout=60)
        later = [ask(server, f"Person {i}") for i in range(3)]
        assert ended(bot) < STOPS_WITHIN_S
    assert ANSWER in said(answer_to(server, in_hand))
    starts = len(server.calls("getMe"))
    with servable.serving(server, data) as bot:
        server.wait(lambda: len(server.calls("getMe")) > starts, timeout=60)
        for question in later:
            assert ANSWER in said(answer_to(server, question))
        assert ended(bot, signal.SIGINT) < STOPS_WITHIN_S
    assert [len(server.sent(q.chat)) for q in (in_hand, *later)] == [1, 1, 1, 1]


def test_before_the_network_is_there_it_stops_at_once(data: Path, server: BotApiServer) -> None:
    """A start that tries to reach Telegram can be ended like any other."""
    with servable.serving(server, data, NEWSBOT_API_URL="http://127.0.0.1:9/bot") as bot:
        ends = time.monotonic() + 60
        while "Telegram cannot be reached" not in bot.logged():
            assert time.monotonic() < ends
            time.sleep(0.05)
        assert ended(bot, signal.SIGINT) < STOPS_WITHIN_S


def test_while_articles_are_still_embedded_it_answers_from_the_rest(
    data: Path, tmp_path: Path, server: BotApiServer
) -> None:
    """Whatever the building of the index takes, a question is answered and told of it. A stop
    waits neither for that nor for an answer that takes a minute, and loses neither.
    """
    page = tmp_path / "story.md"
    page.write_text(f"---\ntitle: Bridge\n---\nThe bridge opened {servable.SLOWLY}, it was said.\n")
    news = News(data, embedder=StandInEmbedder("another"))
    asyncio.run(news.add([str(page)]))
    news.close()
    with servable.serving(server, data) as bot:
        answer = answer_to(server, ask(server, "Ann"))
        assert said(answer).startswith("I am still reading; this is from what I have so far.")
        assert ANSWER in said(answer)
        bea = server.add_user("Bea")
        server.user_starts(bea)
        slow = server.user_says(
            server.private_chat(bea), bea, f"{servable.SLOWLY}, who brokered the ceasefire?"
        )
        # After the greeting the chat is left alone for a second; "typing" comes right then.
        [greeting] = server.wait(lambda: server.sent(slow.chat), timeout=60)
        began = time.monotonic()
        [typing] = server.wait(lambda: actions(server, slow.chat), timeout=60)
        print(f"typing {typing.time - began:.3f} s after the greeting")
        assert typing.time - began < 4
        assert ended(bot) < STOPS_WITHIN_S
    assert server.sent(slow.chat) == [greeting]
    with closing(sqlite3.connect(data / "chats.db")) as database:
        waiting = database.execute("select chat from inbox where done is null").fetchall()
    assert waiting == [(slow.chat.id,)]


def test_sources_are_read_when_they_are_due(
    data: Path, server: BotApiServer, tmp_path: Path
) -> None:
    """What a source has new is read while newsbot serves, and answered from."""
    folder = tmp_path / "clippings"
    folder.mkdir()
    news = News(data, embedder=StandInEmbedder())
    (folder / "one.md").write_text("---\ntitle: Ferry\n---\nThe ferry to Lundholm sank.\n")
    asyncio.run(news.add([str(folder)]))
    news.close()
    text = "The harbour bridge at Lundholm opened on Monday after nine years of work."
    (folder / "two.md").write_text(f"---\ntitle: Bridge opens\noutlet: Post\n---\n{text}\n")
    with closing(sqlite3.connect(data / "news.db")) as database, database:
        database.execute("update sources set due = null")
    with servable.serving(server, data) as bot:
        ends = time.monotonic() + 60
        while "1 new" not in bot.logged():
            assert time.monotonic() < ends, bot.logged()
            time.sleep(0.1)
        question = "When did the harbour bridge at Lundholm open?"
        while "I am still reading" in (
            answer := said(answer_to(server, ask(server, "A", question)))
        ):
            assert time.monotonic() < ends
        assert "opened on Monday after nine years" in answer
