"""Telegram as far as one bot sees it: who and what there is, and who may write where."""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.botapi.errors import ApiError, bad_request, forbidden
from tests.botapi.faults import Faults
from tests.botapi.formatting import Formatted, read_text
from tests.botapi.keyboards import check_deep_link
from tests.botapi.model import (
    GENERAL_TOPIC,
    PRESENT,
    CallbackQuery,
    Chat,
    ChatType,
    Document,
    GuestQuery,
    InlineQuery,
    Json,
    Message,
    Status,
    User,
)
from tests.botapi.parameters import Parameters
from tests.botapi.rates import Send
from tests.botapi.updates import UpdateQueue


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was answered; ``status`` is the HTTP status, 0 where the line was cut.

    ``time`` is monotonic, at arrival. ``parameters`` are the arguments as text.
    """

    time: float
    method: str
    parameters: dict[str, str]
    status: int


@dataclass(frozen=True, slots=True)
class ChatAction:
    """``time`` is monotonic, at arrival."""

    time: float
    chat: int
    thread: int | None
    action: str


@dataclass(slots=True)
class Webhook:
    url: str
    secret: str
    max_connections: int
    error: str | None = None
    error_date: int = 0


class World:
    """All state, guarded by ``lock``; whoever changes it calls ``changed()``.

    ``strictness`` collects what the bot did that Telegram lets pass without a word but
    that is a mistake. ``skew`` seconds are added to the wall clock.
    """

    def __init__(
        self, token: str, username: str, *, privacy_mode: bool, callback_seconds: float,
        inline_seconds: float,
    ) -> None:  # fmt: skip
        self.lock = threading.RLock()
        self.condition = threading.Condition(self.lock)
        self.token = token
        self.bot = User(int(token.split(":")[0]), "Newsbot", username, None, is_bot=True)
        self.privacy_mode = privacy_mode
        self.callback_seconds = callback_seconds
        self.inline_seconds = inline_seconds
        self.skew = 0.0
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.chats: dict[int, Chat] = {}
        self.documents: dict[str, Document] = {}
        self.callbacks: dict[str, CallbackQuery] = {}
        self.inline_queries: dict[str, InlineQuery] = {}
        self.guest_queries: dict[str, GuestQuery] = {}
        self.inline_messages: dict[str, Message] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.updates = UpdateQueue(self.now)
        self.webhook: Webhook | None = None
        self.faults = Faults()
        self.strictness: list[str] = []
        self.calls: list[Call] = []
        self.sends: list[Send] = []
        self.actions: list[ChatAction] = []
        self.ids = itertools.count(1)
        # When the call in hand arrived, monotonic; set under the lock before it is carried out.
        self.arrived = 0.0
        self.on_update: Callable[[], None] = lambda: None
        self._waiters: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def now(self) -> float:
        """Wall clock in Unix seconds, skewed."""
        return time.time() + self.skew

    def new_id(self) -> str:
        """An id for queries and files: long, and of no visible order, like Telegram's."""
        return str(4_000_000_000_000_000_000 + next(self.ids) * 7_919_000_000_007)

    def changed(self) -> None:
        """Wake everything that waits for the state to change."""
        self.condition.notify_all()
        for event, loop in list(self._waiters.items()):
            loop.call_soon_threadsafe(event.set)

    async def wait(self, holds: Callable[[], Any], timeout: float) -> Any:
        """The first true value of ``holds``; TimeoutError."""
        event = asyncio.Event()
        with self.lock:
            self._waiters[event] = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                while True:
                    event.clear()
                    with self.lock:
                        if found := holds():
                            return found
                    await event.wait()
        finally:
            with self.lock:
                del self._waiters[event]

    def tell(self, kind: str, content: Json, key: int) -> int | None:
        """Queue an update for the bot."""
        id = self.updates.add(kind, content, key)
        self.on_update()
        self.changed()
        return id

    # Looking things up

    def find_chat(self, given: str) -> Chat | None:
        if given.startswith("@"):
            name = given[1:].lower()
            return next(
                (
                    chat
                    for chat in self.chats.values()
                    if not chat.private and (chat.username or "").lower() == name
                ),
                None,
            )
        try:
            return self.chats.get(int(given))
        except ValueError:
            return None

    def chat(self, params: Parameters) -> Chat:
        """The chat a call is about; 400 where the bot does not know it."""
        given = params.text("chat_id")
        if not given:
            raise bad_request("chat_id is empty")
        chat = self.find_chat(given)
        if chat is not None:
            return chat
        if given.isdigit() and int(given) in self.users:
            raise forbidden("bot can't initiate conversation with a user")
        raise bad_request("chat not found")

    def writable(self, chat: Chat) -> Chat:
        """The chat, if the bot may write there; else the ApiError that says why not."""
        if chat.user is not None:
            if chat.user.deactivated:
                raise forbidden("user is deactivated")
            if chat.members.get(self.bot.id) is Status.KICKED:
                raise forbidden("bot was blocked by the user")
            return chat
        if chat.migrated_to is not None:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": chat.migrated_to.id},
            )
        status = chat.members.get(self.bot.id, Status.LEFT)
        if status is Status.KICKED:
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        if status is Status.LEFT:
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        return chat

    def may_post(self, chat: Chat) -> None:
        """400 where the bot is a member without the right to send text."""
        if chat.type is ChatType.CHANNEL and not self.is_admin(chat):
            raise bad_request("need administrator rights in the channel chat")
        if not chat.bot_may_write:
            raise bad_request("not enough rights to send text messages to the chat")

    def thread(self, chat: Chat, wanted: int, reply_to: Message | None) -> int | None:
        """The topic that a message goes to; 400 if it is not there or closed."""
        if wanted:
            if not chat.is_forum or wanted not in chat.topics or wanted == GENERAL_TOPIC:
                raise bad_request("message thread not found")
        elif chat.is_forum and reply_to is not None and reply_to.chat is chat:
            wanted = reply_to.thread_id or 0
        if chat.is_forum and not self.is_admin(chat):
            topic = chat.topics.get(wanted or GENERAL_TOPIC)
            if topic is not None and topic.closed:
                raise bad_request("TOPIC_CLOSED")
        return wanted or None

    def message(self, chat: Chat, id: int, what: str) -> Message:
        """A message that is still there; 400 "``what`` not found"."""
        message = chat.messages.get(id)
        if message is None or message.deleted:
            raise bad_request(f"{what} not found")
        return message

    def is_admin(self, chat: Chat) -> bool:
        return chat.members.get(self.bot.id) in (Status.ADMINISTRATOR, Status.CREATOR)

    def is_present(self, chat: Chat) -> bool:
        return chat.members.get(self.bot.id) in PRESENT

    # Reading what is sent

    def user_json(self, id: int) -> Json | None:
        user = self.users.get(id)
        return user.json() if user is not None else None

    def formatted(
        self, raw: str, parse_mode: str, entities: object, params: Parameters, **limits: Any
    ) -> Formatted:
        """Text with entities as it will be shown; remarks on what gets lost."""
        shown = read_text(raw, parse_mode, entities, self.user_json, **limits)
        for loss in shown.lost:
            params.remark(f"entities: {loss}")
        for entity in shown.entities:
            if entity["type"] == "text_link":
                check_deep_link(entity["url"], params.remark, self.bot.username or "")
        return shown

    def post(self, chat: Chat, **fields: Any) -> Message:
        """Put a message into a chat, with the chat's next id."""
        message = Message(chat, chat.next_message_id, int(self.now()), **fields)
        chat.messages[message.id] = message
        chat.next_message_id += 1
        self.changed()
        return message
