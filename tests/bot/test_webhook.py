"""Telegram calls newsbot: each call is stored before it is acknowledged, strangers' are refused."""

import asyncio
import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from telegram.ext import Application

from bot import intake
from bot.chats import Chats
from bot.webhook import SECRET_HEADER
from tests import servable
from tests.bot.process import QUESTION, Running, answer_to, pages, said
from tests.botapi import BotApiServer, User

SECRET = "a-secret-of-this-test"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Hooked:
    """A bot that is called at ``url``, its server and its data folder."""

    server: BotApiServer
    bot: Running
    data: Path
    url: str

    def call(self, body: bytes, secret: str | None = SECRET) -> int:
        """Call as Telegram does, or as a stranger; the status."""
        headers = {} if secret is None else {SECRET_HEADER: secret}
        return httpx.post(self.url, content=body, headers=headers, timeout=30).status_code

    def stored(self) -> int:
        """How many updates are in the inbox, handled or not."""
        with closing(sqlite3.connect(self.data / "chats.db")) as database:
            return int(database.execute("select count(*) from inbox").fetchone()[0])


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    data = servable.with_the_sample(tmp_path_factory.mktemp("hook") / "data")
    port = free_port()
    url = f"http://127.0.0.1:{port}/calls/of/telegram"
    with BotApiServer(webhook_delay=0.2, privacy_mode=False) as server:
        admin = server.add_user("Admin")
        with servable.serving(
            server,
            data,
            NEWSBOT_ADMINS=f"[{admin.id}]",
            NEWSBOT_WEBHOOK_URL=url,
            NEWSBOT_WEBHOOK_PORT=str(port),
            NEWSBOT_WEBHOOK_SECRET=SECRET,
        ) as bot:
            server.wait(lambda: server.world.webhook, timeout=60)
            yield Hooked(server, bot, data, url)


@pytest.fixture
def ann(hooked: Hooked) -> User:
    return hooked.server.add_user("Ann")


def an_update(number: int, user: User, text: str = QUESTION) -> dict[str, Any]:
    """A message as Telegram would tell of it, but that Telegram does not know."""
    chat = {"id": user.id, "type": "private", "first_name": user.first_name}
    message = {"message_id": 1, "date": 1, "chat": chat, "from": user.json(), "text": text}
    return {"update_id": number, "message": message}


def test_question_passage_and_edit(hooked: Hooked, ann: User) -> None:
    """What comes by webhook is answered, as are the press and the edit that follow."""
    server = hooked.server
    asked = server.user_says(server.private_chat(ann), ann, QUESTION)
    answer = answer_to(server, asked)
    assert "brokered by Russia" in said(answer)
    server.user_presses(answer, "Passage")
    assert "2  It ended 24 hours of fighting" in said(answer_to(server, answer))
    server.user_edits(asked, "Who lit the Olympic cauldron?")
    server.wait(lambda: "Teddy Riner" in said(answer), timeout=60)


def test_more_groups_topics_and_an_administrator(hooked: Hooked, ann: User) -> None:
    """What else people do comes by webhook as well: *More*, a mention, a forum's topic, /add."""
    server = hooked.server
    answer = answer_to(server, server.user_says(server.private_chat(ann), ann, QUESTION))
    server.user_presses(answer, "More")
    assert said(answer_to(server, answer)).startswith("More passages")
    group = server.add_group("Readers", [ann])
    mention = server.user_says(group, ann, f"@{server.bot.username} {QUESTION}")
    assert "brokered by Russia" in said(answer_to(server, mention))
    forum = server.add_group("Forum", [ann], forum=True)
    topic = server.create_topic(forum, ann, "Caucasus")
    asked = server.user_says(forum, ann, f"/ask {QUESTION}", thread=topic)
    assert answer_to(server, asked).thread_id == topic
    admin = next(u for u in server.world.users.values() if u.first_name == "Admin")
    with pages() as url:
        adding = server.user_says(server.private_chat(admin), admin, f"/add {url}/story")
        assert "1 new" in said(answer_to(server, adding))


def test_inline(hooked: Hooked, ann: User) -> None:
    """An inline question gets its cited answer."""
    query = hooked.server.user_asks_inline(ann, QUESTION)
    results = hooked.server.wait(lambda: query.results, timeout=60)
    assert "brokered by Russia" in results[0]["message"].text


@pytest.mark.parametrize("secret", [None, "", "a-secret-of-this-tesT", SECRET + "x", "ü"])
def test_a_call_without_the_secret_is_refused(
    hooked: Hooked, ann: User, secret: str | None
) -> None:
    """A forged question gets 403, is not stored and not answered."""
    hooked.server.private_chat(ann)
    before = hooked.stored()
    forged = json.dumps(an_update(800_000_001, ann)).encode()
    headers = [] if secret is None else [(SECRET_HEADER.encode(), secret.encode())]
    response = httpx.post(hooked.url, content=forged, headers=headers, timeout=30)
    assert response.status_code == 403
    assert response.content == b""
    assert hooked.stored() == before
    assert not hooked.server.sent(hooked.server.private_chat(ann))


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"message": {}}', b'{"update_id": "7"}'],
)
def test_a_broken_body_is_refused(hooked: Hooked, body: bytes) -> None:
    """What is no update gets 400 and is not stored, even with the secret."""
    before = hooked.stored()
    assert hooked.call(body) == 400
    assert hooked.stored() == before


def test_an_update_with_numbers_out_of_range_harms_nothing(hooked: Hooked, ann: User) -> None:
    """An id that no database holds is refused, and the next question is answered."""
    before = hooked.stored()
    assert hooked.call(json.dumps(an_update(2**70, ann)).encode()) == 400
    assert hooked.stored() == before


def test_a_body_that_is_too_large_is_refused(hooked: Hooked, ann: User) -> None:
    """Two megabytes are not read, whether announced or in chunks; nothing is stored."""
    before = hooked.stored()
    large = json.dumps(an_update(800_000_002, ann, "x" * 2_000_000)).encode()

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    for content in (large, chunks()):
        try:
            sent = httpx.post(
                hooked.url, content=content, headers={SECRET_HEADER: SECRET}, timeout=30
            )
        except httpx.TransportError:
            # It may hang up while the rest is still being sent.
            continue
        assert sent.status_code in (400, 413)
    assert hooked.stored() == before


def test_other_paths_and_methods_are_nothing(hooked: Hooked) -> None:
    """Only a POST to the path of the webhook's address is a call."""
    root = hooked.url.removesuffix("/calls/of/telegram")
    headers = {SECRET_HEADER: SECRET}
    assert httpx.post(f"{root}/", headers=headers, timeout=30).status_code == 404
    assert httpx.get(hooked.url, headers=headers, timeout=30).status_code == 405


def test_an_update_that_cannot_be_stored_comes_again(hooked: Hooked, ann: User) -> None:
    """While the storage fails Telegram is told 503 and keeps the question; then it is answered."""
    server = hooked.server
    with without_inbox(hooked.data):
        asked = server.user_says(server.private_chat(ann), ann, QUESTION)
        server.wait(lambda: "503" in str(server.world.webhook.error), timeout=60)
        assert server.pending() == 1
    assert "brokered by Russia" in said(answer_to(server, asked))
    assert len(server.sent(asked.chat)) == 1
    assert "could not be stored" in hooked.bot.logged()


@contextmanager
def without_inbox(data: Path) -> Iterator[None]:
    """The table that updates are stored in is away, as if its pages could not be read."""

    def rename(old: str, new: str) -> None:
        with closing(sqlite3.connect(data / "chats.db", timeout=30)) as database:
            database.execute(f"alter table {old} rename to {new}")

    rename("inbox", "inbox_away")
    try:
        yield
    finally:
        rename("inbox_away", "inbox")


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"NEWSBOT_WEBHOOK_URL": "ftp://example.org/x"}, "'ftp://example.org/x' is no https"),
        ({"NEWSBOT_WEBHOOK_URL": "https://"}, "'https://' is no https address"),
        ({"NEWSBOT_WEBHOOK_URL": "http://127.0.0.1/x"}, "cannot listen on it"),
        ({"NEWSBOT_WEBHOOK_URL": "https://x.org/", "NEWSBOT_WEBHOOK_SECRET": "s"}, "SECRET"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(
    hooked: Hooked, tmp_path: Path, environment: dict[str, str], reason: str
) -> None:
    """A wrong address, a wrong secret or a port in use ends the start with the reason."""
    port = hooked.url.split(":")[2].split("/")[0]
    bot = servable.start(
        hooked.server, tmp_path / "data", **{"NEWSBOT_WEBHOOK_PORT": port, **environment}
    )
    assert bot.process.wait(timeout=60) == 1
    [*_, last] = bot.logged().splitlines()
    assert reason in last
    assert "Traceback" not in bot.logged()


async def test_a_webhook_that_another_bot_took_away_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that polls with the same token deletes the webhook: the first says so and ends."""
    monkeypatch.setattr(intake, "_GUARD_S", 0.1)
    chats = Chats(f"sqlite:///{tmp_path / 'chats.db'}")
    with BotApiServer() as server:
        application = (
            Application.builder().token(server.token).base_url(server.base_url).updater(None)
        ).build()
        async with application:
            receiving = intake.Intake(application, chats, lambda: datetime.now(UTC))
            await receiving.announce("http://127.0.0.1:9/calls", SECRET)
            guarding = asyncio.create_task(receiving.guard("http://127.0.0.1:9/calls"))
            await asyncio.sleep(0.5)
            assert not guarding.done()
            await application.bot.delete_webhook()
            with pytest.raises(intake.TelegramRefusedError, match="took the webhook away"):
                await asyncio.wait_for(guarding, 30)
    chats.close()


def test_it_stops_and_goes_on_with_polling(hooked: Hooked, ann: User) -> None:
    """After a stop the next start may poll: it deletes the webhook and misses no question."""
    server = hooked.server
    hooked.bot.stop()
    asked = server.user_says(server.private_chat(ann), ann, QUESTION)
    with servable.serving(server, hooked.data):
        assert "brokered by Russia" in said(answer_to(server, asked))
        assert server.world.webhook is None
        assert len(server.sent(asked.chat)) == 1
    assert server.strictness == []
