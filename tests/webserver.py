"""A web server on loopback whose answers a test writes down."""

import asyncio
import email.utils
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler


@dataclass(frozen=True)
class Page:
    """What a path answers. With an ``etag``, a request that knows it gets 304."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    delay_s: float = 0.0


Stream = Callable[[RequestHandler], Awaitable[None]]


class WebServer:
    """Serves ``pages`` by path; counts requests and how many were under way at once."""

    def __init__(self) -> None:
        self.pages: dict[str, Page | Stream] = {}
        self.requests: list[HTTPServerRequest] = []
        self.most_at_once = 0
        self._now: Counter[str] = Counter()
        self._server: HTTPServer | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        outer = self

        class Handler(RequestHandler):
            async def get(self) -> None:
                await outer._answer(self)

        self._server = HTTPServer(Application([(r".*", Handler)]))
        sockets = bind_sockets(0, "127.0.0.1")
        self._server.add_sockets(sockets)
        self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.stop()
        await self._server.close_all_connections()

    def count(self, path: str) -> int:
        """How many requests came for a path."""
        return sum(request.path == path for request in self.requests)

    def statuses(self) -> dict[str, int]:
        """How many requests came for each path."""
        found: dict[str, int] = defaultdict(int)
        for request in self.requests:
            found[request.path] += 1
        return dict(found)

    async def _answer(self, handler: RequestHandler) -> None:
        request = handler.request
        self.requests.append(request)
        page = self.pages.get(request.path or "")
        self._now["all"] += 1
        self.most_at_once = max(self.most_at_once, self._now["all"])
        try:
            if page is None:
                handler.send_error(404)
                return
            if not isinstance(page, Page):
                try:
                    await page(handler)
                except StreamClosedError:
                    return
                return
            if page.delay_s:
                await asyncio.sleep(page.delay_s)
            handler.set_status(page.status)
            handler.set_header("Content-Type", page.content_type)
            handler.set_header("Date", email.utils.formatdate(usegmt=True))
            for name, value in page.headers.items():
                handler.set_header(name, value)
            if page.etag is not None:
                handler.set_header("ETag", page.etag)
                if request.headers.get("If-None-Match") == page.etag:
                    handler.set_status(304)
                    await handler.finish()
                    return
            await handler.finish(page.body)
        finally:
            self._now["all"] -= 1
