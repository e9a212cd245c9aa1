"""How the bot gets its updates: getUpdates and the webhook methods, with their conflicts."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.botapi.errors import (
    OTHER_POLLER,
    WEBHOOK_ACTIVE,
    WEBHOOK_SET,
    ApiError,
    bad_request,
)
from tests.botapi.model import Json
from tests.botapi.parameters import Parameters
from tests.botapi.updates import UPDATE_TYPES
from tests.botapi.webhook import Deliveries
from tests.botapi.world import Webhook, World

MAX_POLL_SECONDS = 50
CONFLICT_PAUSE = 3.0
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_PORTS = (443, 80, 88, 8443)


class Intake:
    """Answers on the server's loop only.

    With ``repoll_guard`` a poll that repeats the last offset is slowed as the official
    server does: it waits 3 s at least, and within half a second gets one update only.
    """

    def __init__(
        self,
        world: World,
        execute: Callable[[str, dict[str, str]], Any],
        *,
        repoll_guard: bool,
        local_mode: bool,
        webhook_delay: float,
    ) -> None:
        self.world = world
        self.execute = execute
        self.repoll_guard = repoll_guard
        self.local_mode = local_mode
        self.webhook_delay = webhook_delay
        self.poll: asyncio.Future[str] | None = None
        self.deliveries: Deliveries | None = None
        self.last_offset: int | None = None
        self.last_poll = 0.0
        self.last_conflict = 0.0

    def wake(self) -> None:
        """Something was queued."""
        if self.poll is not None and not self.poll.done():
            self.poll.set_result("updates")
        if self.deliveries is not None:
            self.deliveries.wake()

    def close(self) -> None:
        if self.poll is not None and not self.poll.done():
            self.poll.set_result("closed")
        if self.deliveries is not None:
            self.deliveries.close()

    async def get_updates(self, params: Parameters) -> list[Json]:
        if self.world.webhook is not None:
            raise await self._conflict(WEBHOOK_ACTIVE)
        offset = params.integer("offset")
        limit = params.integer("limit", 100)
        if not 1 <= limit <= 100:
            params.remark(f"getUpdates limit {limit} is not within 1..100")
        limit = min(max(limit, 1), 100)
        timeout = min(max(params.integer("timeout"), 0), MAX_POLL_SECONDS)
        self._allow(params)
        now = time.monotonic()
        if self.repoll_guard and offset == self.last_offset:
            if now < self.last_poll + 3.0:
                timeout = max(timeout, 3)
            if now < self.last_poll + 0.5:
                limit = 1
        self.last_offset, self.last_poll = offset, now
        found = self._take(offset, limit)
        if found or timeout == 0:
            return found
        self._end_poll("other poller")
        poll = self.poll = asyncio.get_running_loop().create_future()
        with self.world.lock:
            self.world.changed()
        try:
            async with asyncio.timeout(timeout):
                reason = await poll
        except TimeoutError:
            return []
        finally:
            if self.poll is poll:
                self.poll = None
        if reason == "other poller":
            raise await self._conflict(OTHER_POLLER)
        if reason == "webhook":
            raise await self._conflict(WEBHOOK_SET)
        if reason == "closed":
            raise ApiError(500, "Internal Server Error: restart")
        # A negative offset has already dropped what it was to drop.
        return self._take(max(offset, 0), limit)

    async def set_webhook(self, params: Parameters) -> bool:
        url = params.text("url")
        if not url:
            return await self.delete_webhook(params)
        parts = urlsplit(url if "://" in url else f"https://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise bad_request("invalid webhook URL specified")
        secret = params.text("secret_token")
        if len(secret) > 256:
            raise bad_request("secret token is too long")
        if not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        if not self.local_mode:
            if parts.scheme != "https":
                raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
            if (parts.port or 443) not in _PORTS:
                raise bad_request(
                    "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
                )
        connections = params.integer("max_connections", 40)
        if not 1 <= connections <= 100:
            params.remark(f"max_connections {connections} is not within 1..100")
        for name in ("ip_address", "certificate"):
            params.text(name)
        self._end_poll("webhook")
        self._stop_deliveries()
        if params.flag("drop_pending_updates"):
            self._drop_pending()
        self._allow(params)
        webhook = Webhook(url, secret, min(max(connections, 1), 100))
        self.deliveries = Deliveries(self.world, webhook, self.execute, self.webhook_delay)
        with self.world.lock:
            self.world.webhook = webhook
            self.world.changed()
        self.deliveries.wake()
        return True

    async def delete_webhook(self, params: Parameters) -> bool:
        self._stop_deliveries()
        with self.world.lock:
            self.world.webhook = None
            self.world.changed()
        if params.flag("drop_pending_updates"):
            self._drop_pending()
        return True

    async def get_webhook_info(self, params: Parameters) -> Json:
        with self.world.lock:
            webhook = self.world.webhook
            self.world.updates.expire()
            info: Json = {
                "url": webhook.url if webhook else "",
                "has_custom_certificate": False,
                "pending_update_count": len(self.world.updates.waiting),
                "allowed_updates": sorted(self.world.updates.allowed),
            }
            if webhook is not None:
                info["max_connections"] = webhook.max_connections
                info["ip_address"] = "127.0.0.1"
                if webhook.error is not None:
                    info["last_error_date"] = webhook.error_date
                    info["last_error_message"] = webhook.error
        return info

    def _take(self, offset: int, limit: int) -> list[Json]:
        with self.world.lock:
            found = [update.json() for update in self.world.updates.get(offset, limit)]
            self.world.changed()
        return found

    def _allow(self, params: Parameters) -> None:
        types = params.decoded("allowed_updates", "allowed updates")
        if types is None:
            return
        if not isinstance(types, list):
            params.remark("allowed_updates is not a list")
            return
        for unknown in set(types) - set(UPDATE_TYPES):
            params.remark(f"allowed_updates names an unknown type {unknown!r}")
        with self.world.lock:
            self.world.updates.allow([t for t in types if t in UPDATE_TYPES])

    def _drop_pending(self) -> None:
        with self.world.lock:
            self.world.updates.waiting.clear()

    def _end_poll(self, reason: str) -> None:
        if self.poll is not None and not self.poll.done():
            self.poll.set_result(reason)

    def _stop_deliveries(self) -> None:
        if self.deliveries is not None:
            self.deliveries.close()
            self.deliveries = None

    async def _conflict(self, description: str) -> ApiError:
        """409; one that follows another within 3 s is held back for 3 s."""
        now = time.monotonic()
        if self.last_conflict and now < self.last_conflict + CONFLICT_PAUSE:
            await asyncio.sleep(CONFLICT_PAUSE)
        else:
            self.last_conflict = now
        return ApiError(409, description)
