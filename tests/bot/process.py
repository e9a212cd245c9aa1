"""newsbot as a process of its own against the Bot API server, and how tests read its answers."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from index import News
from tests.botapi import BotApiServer, Message

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "index" / "sample"


@dataclass(frozen=True, slots=True)
class Running:
    """A newsbot process, and the file that it logs to."""

    process: subprocess.Popen[bytes]
    log: Path

    def logged(self) -> str:
        """All that it has logged so far."""
        return self.log.read_text(encoding="utf-8")

    def stop(self) -> None:
        """As a service manager stops it; fails unless it ends well and in time."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            pytest.fail(f"did not stop in time:\n{self.logged()}")
        assert self.process.returncode == 0, self.logged()


def start(
    server: BotApiServer,
    data: Path,
    arguments: Sequence[str] = ("-m", "bot", "run"),
    **environment: str,
) -> Running:
    """newsbot run, or what else Python's arguments say, in the background."""
    log = data.with_name(f"{data.name}.log")
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "NEWSBOT_DATA": str(data),
                "NEWSBOT_TOKEN": server.token,
                "NEWSBOT_API_URL": server.base_url,
                "NEWSBOT_ALLOW_PRIVATE": "1",
                **environment,
            },
            stderr=file,
        )
    return Running(process, log)


@contextmanager
def running(server: BotApiServer, data: Path, **environment: str) -> Iterator[Running]:
    """newsbot run, serving when this yields; stopped at the end."""
    bot = start(server, data, **environment)
    try:
        yield bot
    finally:
        if bot.process.poll() is None:
            bot.stop()


def with_the_sample(folder: Path, *more: Path) -> Path:
    """Make the folder one that follows the sample articles, and other folders of articles."""
    news = News(folder)
    asyncio.run(news.add([str(SAMPLE), *map(str, more)]))
    news.close()
    return folder


def answer_to(server: BotApiServer, asked: Message, *, nth: int = 0) -> Message:
    """The bot's message that replies to this one."""

    def replies() -> list[Message]:
        return [
            m
            for m in server.sent(asked.chat)
            if m.reply_to is not None and m.reply_to.id == asked.id
        ]

    found: list[Message] = server.wait(
        lambda: replies() if len(replies()) > nth else None, timeout=90
    )
    return found[nth]


def said(message: Message) -> str:
    assert message.text is not None
    return message.text


QUESTION = "who brokered the ceasefire?"


STORY = (
    b"<html lang='en'><head><title>Bridge opens in Lundholm</title></head><body><article>"
    b"<h1>Bridge opens in Lundholm</h1><p>The harbour bridge at Lundholm opened on Monday after"
    b" nine years of work and three delays, the city said.</p><p>Its cost rose from 40 million to"
    b" 97 million crowns, the council said in a report on the same day.</p></article></body></html>"
)


@contextmanager
def pages() -> Iterator[str]:
    """A web server in a thread that has one story."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(STORY)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
