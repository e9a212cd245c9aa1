"""Users, chats, messages and questions: the values behind the server's answers."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.botapi.formatting import Entity
from tests.botapi.keyboards import Button, Markup, buttons

Json = dict[str, Any]


class ChatType(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    """Someone's standing in a chat; a user who blocks the bot makes it KICKED."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    LEFT = "left"
    KICKED = "kicked"


PRESENT = (Status.CREATOR, Status.ADMINISTRATOR, Status.MEMBER)


@dataclass(slots=True, eq=False)
class User:
    """``deactivated`` is a deleted account."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = "en"
    is_bot: bool = False
    deactivated: bool = False

    def json(self) -> Json:
        shown: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.username:
            shown["username"] = self.username
        if self.language_code and not self.is_bot:
            shown["language_code"] = self.language_code
        return shown


@dataclass(slots=True, eq=False)
class Topic:
    """A forum topic; its id is that of the service message that made it."""

    id: int
    name: str
    closed: bool = False
    created: "Message | None" = None


GENERAL_TOPIC = 1


@dataclass(slots=True)
class Draft:
    """A message being streamed; ``shown`` is when, by the server's clock."""

    id: int
    text: str
    entities: tuple[Entity, ...]
    shown: float


@dataclass(slots=True, eq=False)
class Chat:
    """``last_bot_here`` says whether our bot was the last bot to speak in this group."""

    id: int
    type: ChatType
    title: str | None = None
    username: str | None = None
    user: User | None = None
    is_forum: bool = False
    members: dict[int, Status] = field(default_factory=dict)
    messages: dict[int, "Message"] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    drafts: dict[int | None, Draft] = field(default_factory=dict)
    discussion: "Chat | None" = None
    migrated_to: "Chat | None" = None
    last_bot_here: bool = True
    bot_may_write: bool = True
    next_message_id: int = 1

    @property
    def private(self) -> bool:
        return self.type is ChatType.PRIVATE

    def json(self) -> Json:
        shown: Json = {"id": self.id, "type": self.type.value}
        if self.user is not None:
            shown["first_name"] = self.user.first_name
            if self.user.username:
                shown["username"] = self.user.username
            return shown
        shown["title"] = self.title
        if self.username:
            shown["username"] = self.username
        if self.is_forum:
            shown["is_forum"] = True
        return shown


@dataclass(slots=True)
class Document:
    file_id: str
    filename: str
    mime_type: str
    content: bytes

    def json(self) -> Json:
        return {
            "file_id": self.file_id,
            "file_unique_id": f"u{self.file_id}",
            "file_name": self.filename,
            "mime_type": self.mime_type,
            "file_size": len(self.content),
        }


@dataclass(slots=True, eq=False)
class Message:
    """A message; ``text`` is the caption where there is a ``document``.

    ``raw`` is the text as it was sent, before parsing. ``earlier`` holds the texts before
    each edit. ``arrived`` is the monotonic time of the call that sent it. ``update_id`` is
    None where the bot was not told of it.
    """

    chat: Chat
    id: int
    date: int
    sender: User | None = None
    sender_chat: Chat | None = None
    text: str | None = None
    entities: tuple[Entity, ...] = ()
    markup: Markup | None = None
    link_preview: Json | None = None
    reply_to: "Message | None" = None
    quote: str | None = None
    thread_id: int | None = None
    document: Document | None = None
    via_bot: User | None = None
    service: Json | None = None
    inline_id: str | None = None
    guest_query: str | None = None
    automatic_forward: bool = False
    silent: bool = False
    raw: str = ""
    edit_date: int | None = None
    deleted: bool = False
    earlier: list[str] = field(default_factory=list)
    reactions: list[Json] = field(default_factory=list)
    arrived: float = 0.0
    update_id: int | None = None

    @property
    def buttons(self) -> tuple[Button, ...]:
        return buttons(self.markup)

    def button(self, text: str) -> Button:
        """The button with that text; ValueError names those there are."""
        for button in self.buttons:
            if button.text == text:
                return button
        raise ValueError(f"no button {text!r} among {[b.text for b in self.buttons]}")

    def json(self, *, nested: bool = False) -> Json:
        """The Message object; a nested one does not repeat what it replies to."""
        shown: Json = {"message_id": self.id, "date": self.date, "chat": self.chat.json()}
        if self.sender is not None:
            shown["from"] = self.sender.json()
        if self.sender_chat is not None:
            shown["sender_chat"] = self.sender_chat.json()
        if self.thread_id is not None:
            shown |= {"message_thread_id": self.thread_id, "is_topic_message": True}
        if not nested and (replied := self._shown_reply()) is not None:
            shown["reply_to_message"] = replied.json(nested=True)
        if self.quote is not None:
            shown["quote"] = {"text": self.quote, "position": 0}
        if self.document is not None:
            shown["document"] = self.document.json()
        if self.text:
            shown["caption" if self.document else "text"] = self.text
        if self.entities:
            shown["caption_entities" if self.document else "entities"] = list(self.entities)
        if self.link_preview is not None:
            shown["link_preview_options"] = self.link_preview
        if self.markup is not None and "inline_keyboard" in self.markup:
            shown["reply_markup"] = self.markup
        if self.edit_date is not None:
            shown["edit_date"] = self.edit_date
        if self.via_bot is not None:
            shown["via_bot"] = self.via_bot.json()
        if self.guest_query is not None:
            shown["guest_query_id"] = self.guest_query
        if self.automatic_forward:
            shown["is_automatic_forward"] = True
        return shown | (self.service or {})

    def _shown_reply(self) -> "Message | None":
        """In a topic, a message that replies to nothing shows the topic's first message."""
        if self.reply_to is not None:
            return None if self.reply_to.deleted else self.reply_to
        topic = self.chat.topics.get(self.thread_id) if self.thread_id else None
        return topic.created if topic is not None else None


@dataclass(slots=True, eq=False)
class CallbackQuery:
    """A pressed button; ``answer`` is None until the bot answers."""

    id: str
    user: User
    message: Message
    data: str
    asked: float
    answer: Json | None = None


@dataclass(slots=True, eq=False)
class InlineQuery:
    """A question typed after the bot's name; ``results`` is None until it is answered.

    Each result has its parsed message under ``"message"`` (a Formatted).
    """

    id: str
    user: User
    query: str
    offset: str
    asked: float
    results: list[Json] | None = None
    next_offset: str = ""
    answer: Json | None = None


@dataclass(slots=True, eq=False)
class GuestQuery:
    """A mention of the bot in a chat it is not in; ``answer`` is the message inserted."""

    id: str
    message: Message
    asked: float
    answer: Message | None = None
