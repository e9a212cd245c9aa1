"""A small web server that takes Telegram's calls: stored first, then acknowledged.

The library's own answers before anything is stored, so that a kill would lose questions.
Encryption is the business of the proxy that the webhook's address leads to.
"""

import hmac
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from index.errors import NewsError

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# The largest update is a message with its reply, quote and entities: far below this.
_LARGEST_BODY = 1024 * 1024

# Telegram's numbers have 32 bits, a database's 64.
_TOO_LARGE = 2**63

Receive = Callable[[Sequence[dict[str, Any]]], Awaitable[None]]


class WebhookError(NewsError):
    """The webhook's address or port cannot be used."""


class Webhook:
    """Serves the path of ``url`` on a local port while it is open.

    A call is answered 200 only when ``receive`` has returned. One without the secret gets
    403, and nothing tells it why. ``local`` also allows an http address, which Telegram
    never calls but a Bot API server of one's own does.
    """

    def __init__(
        self, url: str, port: int, secret: str | None, receive: Receive, *, local: bool = False
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in (("http", "https") if local else ("https",)) or not parts.hostname:
            raise WebhookError(
                "NEWSBOT_WEBHOOK_URL", f"{url!r} is no https address", "Telegram calls no other"
            )
        self.url = url
        self.secret = secret or secrets.token_urlsafe(32)
        self._port = port
        values = {"receive": receive, "secret": self.secret}
        self._server = HTTPServer(
            Application([(parts.path or "/", _Calls, values)], log_function=_log),
            max_body_size=_LARGEST_BODY,
            xheaders=False,
        )

    def open(self) -> None:
        """Listen. Raises WebhookError when the port is taken."""
        try:
            self._server.listen(self._port)
        except OSError as error:
            raise WebhookError(
                f"port {self._port}",
                f"newsbot cannot listen on it ({error.strerror})",
                "Stop what uses it, or set NEWSBOT_WEBHOOK_PORT to another one",
            ) from error

    async def close(self) -> None:
        """Take no new call; those under way end."""
        self._server.stop()
        await self._server.close_all_connections()


class _Calls(RequestHandler):
    def initialize(self, receive: Receive, secret: str) -> None:
        self._receive = receive
        self._secret = secret

    async def post(self) -> None:
        given = self.request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            self.send_error(403)
            return
        try:
            update = json.loads(self.request.body)
        except ValueError:
            update = None
        number = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(number, int) or not 0 <= number < _TOO_LARGE:
            self.send_error(400)
            return
        try:
            await self._receive([update])
        except NewsError as error:
            # Telegram keeps the update and brings it again.
            log.error("an update could not be stored: %s", error)
            self.send_error(503)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Say nothing but the status."""
        self.finish()


def _log(handler: RequestHandler) -> None:
    if handler.get_status() >= 400:
        log.warning("webhook call refused with %s", handler.get_status())
