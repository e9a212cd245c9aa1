"""Delivery of updates to the bot's URL, as the official server does it."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from tests.botapi.parameters import as_arguments
from tests.botapi.updates import KEPT_SECONDS, Update
from tests.botapi.world import Webhook, World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
REPLY_SECONDS = 60.0
MAX_RETRY_AFTER = 3600.0
MAX_DELAY = 60.0
_NOT_IN_REPLIES = ("setwebhook", "deletewebhook", "close", "logout")


class Deliveries:
    """The updates of one chat or user go one after the other, others side by side.

    The first failure is tried again at once, then after ``first_delay`` doubled each time
    up to a minute; Retry-After is honoured up to an hour. An update waits until it is
    taken with 2xx or is a day old. ``execute`` carries out a method in a reply's body.
    """

    def __init__(
        self,
        world: World,
        webhook: Webhook,
        execute: Callable[[str, dict[str, str]], Any],
        first_delay: float,
    ) -> None:
        self.world = world
        self.webhook = webhook
        self.execute = execute
        self.first_delay = first_delay
        self.busy: dict[int, asyncio.Task[None]] = {}
        self.room = asyncio.Semaphore(webhook.max_connections)
        self.client = SimpleAsyncHTTPClient(
            force_instance=True, max_clients=webhook.max_connections
        )

    def wake(self) -> None:
        """Start on what is waiting; call on the loop whenever the queue grows."""
        with self.world.lock:
            keys = {update.key for update in self.world.updates.waiting.values()}
        for key in keys - self.busy.keys():
            task = asyncio.create_task(self._deliver_all(key))
            self.busy[key] = task
            task.add_done_callback(partial(self._finished, key))

    def close(self) -> None:
        for task in self.busy.values():
            task.cancel()
        self.client.close()

    def _finished(self, key: int, task: asyncio.Task[None]) -> None:
        self.busy.pop(key, None)
        if not task.cancelled():
            task.result()
            # Something may have come in after the task's last look.
            self.wake()

    def _next(self, key: int) -> Update | None:
        with self.world.lock:
            self.world.updates.expire()
            waiting = self.world.updates.waiting.values()
            return next((update for update in waiting if update.key == key), None)

    async def _deliver_all(self, key: int) -> None:
        while (update := self._next(key)) is not None:
            delay, failures = self.first_delay, 0
            while True:
                async with self.room:
                    response = await self._post(update)
                if response is not None and 200 <= response.code <= 299:
                    with self.world.lock:
                        self.world.updates.forget(update.id)
                        self.world.changed()
                    self._carry_out(response)
                    break
                pause = self._failed(response)
                if pause == 0 and failures > 0:
                    delay = min(MAX_DELAY, delay * 2)
                    pause = delay
                if self.world.now() + pause > update.created + KEPT_SECONDS:
                    with self.world.lock:
                        self.world.updates.forget(update.id)
                    break
                failures += 1
                await asyncio.sleep(pause)

    async def _post(self, update: Update) -> HTTPResponse | None:
        headers = {"Content-Type": "application/json"}
        if self.webhook.secret:
            headers[SECRET_HEADER] = self.webhook.secret
        request = HTTPRequest(
            self.webhook.url,
            method="POST",
            headers=headers,
            body=json.dumps(update.json()),
            request_timeout=REPLY_SECONDS,
            connect_timeout=REPLY_SECONDS,
            follow_redirects=False,
        )
        try:
            return await self.client.fetch(request, raise_error=False)
        except OSError:
            return None

    def _failed(self, response: HTTPResponse | None) -> float:
        """Note the failure; the pause that the bot asked for, in seconds."""
        retry_after = 0.0
        # Tornado reports what happened on its own side of the line as 599.
        if response is None or response.code == 599:
            error = str(response.error) if response else "Connection refused"
        else:
            error = f"Wrong response from the webhook: {response.code} {response.reason}"
            asked = response.headers.get("Retry-After", "")
            retry_after = min(MAX_RETRY_AFTER, float(asked)) if asked.isdigit() else 0.0
        with self.world.lock:
            self.webhook.error = error
            self.webhook.error_date = int(self.world.now())
            self.world.changed()
        return retry_after

    def _carry_out(self, response: HTTPResponse) -> None:
        try:
            given = json.loads(response.body or b"null")
        except ValueError:
            return
        if not isinstance(given, dict) or not isinstance(given.get("method"), str):
            return
        name = given.pop("method")
        if name.lower() not in _NOT_IN_REPLIES and not name.lower().startswith("get"):
            self.execute(name, as_arguments(given))
