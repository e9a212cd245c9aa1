"""A strict Bot API server on loopback, over real sockets."""

import asyncio
import threading
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Any, Self

from tornado.netutil import bind_sockets

from tests.botapi import rates
from tests.botapi.faults import Fault
from tests.botapi.groups import Groups
from tests.botapi.intake import Intake
from tests.botapi.model import Chat, Json, Message, User
from tests.botapi.people import locked
from tests.botapi.profile import commands_shown
from tests.botapi.rates import Audit, Kind
from tests.botapi.sending import DRAFT_SECONDS, MAX_UPLOAD
from tests.botapi.transport import Listener, Transport
from tests.botapi.world import Call, World

TOKEN = "4242424242:AAH-loopback-only-not-a-real-token"


class BotApiServer(Groups):
    """``async with BotApiServer() as server`` serves on the running loop, ``with`` in a thread.

    Its methods may be called from any thread, before it serves and after. What people do
    is in ``People``, ``Queries`` and ``Groups``. Each returned Message changes as the bot edits it.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "news_test_bot",
        privacy_mode: bool = True,
        callback_seconds: float = 15.0,
        inline_seconds: float = 10.0,
        repoll_guard: bool = True,
        local_mode: bool = True,
        webhook_delay: float = 1.0,
    ) -> None:
        self.world = World(
            token,
            username,
            privacy_mode=privacy_mode,
            callback_seconds=callback_seconds,
            inline_seconds=inline_seconds,
        )
        self.intake = Intake(
            self.world,
            lambda name, values: self._transport.execute_reply(name, values),
            repoll_guard=repoll_guard,
            local_mode=local_mode,
            webhook_delay=webhook_delay,
        )
        self.port = 0
        self._transport = Transport(self.world, self.intake)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None
        self._stopped = asyncio.Event()
        self.world.on_update = self._on_update

    # Where it is

    @property
    def token(self) -> str:
        return self.world.token

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def base_url(self) -> str:
        """For ``Application.builder().base_url(...)``."""
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def base_file_url(self) -> str:
        """For ``Application.builder().base_file_url(...)``."""
        return f"http://127.0.0.1:{self.port}/file/bot"

    # What happened

    @locked
    def sent(self, chat: Chat | None = None, after: Message | None = None) -> list[Message]:
        """The bot's messages that are still there, oldest first; those after a message."""
        chats = [chat] if chat is not None else list(self.world.chats.values())
        return [
            message
            for place in chats
            for message in place.messages.values()
            if (message.sender is self.bot or (message.sender_chat is place and message.arrived))
            and message.service is None
            and not message.deleted
            and (after is None or message.id > after.id)
        ]

    @locked
    def calls(self, method: str | None = None) -> list[Call]:
        """The calls answered so far, of one method or all."""
        return [call for call in self.world.calls if method in (None, call.method)]

    @property
    def polling(self) -> bool:
        """Whether a long poll is open now."""
        return self.intake.poll is not None

    @property
    def strictness(self) -> list[str]:
        """What the bot did that Telegram passes over but that is a mistake; to be empty."""
        return self.world.strictness

    @locked
    def audit(self, kinds: Collection[Kind] = rates.COUNTED, *, slack: float = 0.0) -> Audit:
        return rates.audit(self.world.sends, kinds, slack=slack)

    @locked
    def draft(self, chat: Chat, thread: int | None = None) -> str | None:
        """The text being streamed into a private chat, while it shows."""
        draft = chat.drafts.get(thread)
        if draft is None or self.world.now() - draft.shown > DRAFT_SECONDS:
            return None
        return draft.text

    @locked
    def commands_shown(self, chat: Chat, user: User) -> list[Json]:
        """The command menu that a user sees in a chat."""
        return commands_shown(self.world, chat, user)

    @locked
    def pending(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self.world.updates.waiting)

    async def wait_for(self, holds: Callable[[], Any], timeout: float = 10.0) -> Any:
        """The first true value of ``holds``, asked at each change; TimeoutError."""
        return await self.world.wait(holds, timeout)

    def wait(self, holds: Callable[[], Any], timeout: float = 10.0) -> Any:
        """``wait_for`` for tests without a loop, while the server runs in a thread."""
        with self.world.condition:
            found = self.world.condition.wait_for(holds, timeout)
        if not found:
            raise TimeoutError
        return found

    # What goes wrong

    @locked
    def inject(self, fault: Fault) -> Fault:
        """Script a fault; returns it, so that its ``hits`` can be read."""
        self.world.faults.scripted.append(fault)
        return fault

    @locked
    def clear_faults(self) -> None:
        """Forget scripted faults and lift the penalties."""
        self.world.faults.scripted.clear()
        self.world.faults.penalties.clear()

    @locked
    def advance(self, seconds: float) -> None:
        """Move the wall clock on: message ages, expiry of queries and updates."""
        self.world.skew += seconds
        self.world.changed()

    def network_gone(self, seconds: float) -> None:
        """Close the port and all connections now; the same port opens again after that."""
        self._on_loop(lambda: self._leave(seconds))

    # Running

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._listen()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.intake.close()
        if self._listener is not None:
            self._listener.stop()
            self._listener.cut_all()
            await self._listener.close_all_connections()
        await self._transport.close()
        self._loop = None
        self._raise_failure(error)

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._thread is not None
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()
        self._raise_failure(error)

    def _raise_failure(self, error: BaseException | None) -> None:
        """What went wrong in the server itself must not pass for the bot's behaviour."""
        if self._transport.failures and error is None:
            raise self._transport.failures[0]

    def _run(self, ready: threading.Event) -> None:
        async def serve() -> None:
            self._stopped = asyncio.Event()
            async with self:
                ready.set()
                await self._stopped.wait()

        asyncio.run(serve())

    def _listen(self) -> None:
        sockets = bind_sockets(self.port, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        self._listener = Listener(self._transport.handle, max_body_size=MAX_UPLOAD + (1 << 20))
        self._listener.add_sockets(sockets)

    def _leave(self, seconds: float) -> None:
        assert self._listener is not None and self._loop is not None
        self._listener.stop()
        self._listener.cut_all()
        self._loop.call_later(seconds, self._return)

    def _return(self) -> None:
        if self._loop is not None:
            self._listen()

    def _on_loop(self, act: Callable[[], None]) -> None:
        """Run on the server's loop and come back when it is done."""
        assert self._loop is not None, "the server is not running"
        if self._thread is None or threading.current_thread() is self._thread:
            act()
            return
        done = threading.Event()

        def run() -> None:
            act()
            done.set()

        self._loop.call_soon_threadsafe(run)
        done.wait()

    def _on_update(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.intake.wake)
