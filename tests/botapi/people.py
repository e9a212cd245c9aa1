"""What people do in their Telegram apps: write, edit, press, ask, block."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from tests.botapi.formatting import MAX_CAPTION, MAX_TEXT, Entity, Formatted, read_text, show
from tests.botapi.keyboards import START_PAYLOAD
from tests.botapi.model import (
    GENERAL_TOPIC,
    PRESENT,
    Chat,
    ChatType,
    Message,
    Status,
    User,
)
from tests.botapi.privacy import reaches_bot
from tests.botapi.profile import member_json
from tests.botapi.sending import keep_document
from tests.botapi.world import World


class HasWorld(Protocol):
    world: World


S = TypeVar("S", bound=HasWorld)
P = ParamSpec("P")
R = TypeVar("R")


def locked(
    method: Callable[Concatenate[S, P], R],
) -> Callable[Concatenate[S, P], R]:
    """Run under the world's lock: these may be called from any thread."""

    @wraps(method)
    def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.world.lock:
            return method(self, *args, **kwargs)

    return run


class People:
    """Actions of people. Each raises ValueError for what a Telegram app would not let one do."""

    world: World

    @locked
    def add_user(
        self, first_name: str, username: str | None = None, language_code: str = "en"
    ) -> User:
        """Someone on Telegram who has nothing to do with the bot yet."""
        user = User(10_000_000 + next(self.world.ids), first_name, username, language_code)
        self.world.users[user.id] = user
        return user

    @locked
    def private_chat(self, user: User) -> Chat:
        """The user's chat with the bot, opened if there was none; the bot is told nothing."""
        if user.id not in self.world.chats:
            self.world.chats[user.id] = Chat(
                user.id,
                ChatType.PRIVATE,
                user=user,
                members={self.world.bot.id: Status.MEMBER, user.id: Status.MEMBER},
            )
        return self.world.chats[user.id]

    @locked
    def user_starts(self, user: User, payload: str = "") -> Message:
        """The user follows ``t.me/bot?start=payload`` and presses Start."""
        if payload and not START_PAYLOAD.fullmatch(payload):
            raise ValueError(f"Telegram opens no link with the start payload {payload!r}")
        chat = self.private_chat(user)
        if chat.members[self.world.bot.id] is Status.KICKED:
            self.user_unblocks(user)
        return self.user_says(chat, user, f"/start {payload}".rstrip())

    @locked
    def user_says(
        self,
        chat: Chat,
        user: User,
        text: str,
        *,
        reply_to: Message | None = None,
        thread: int | None = None,
        entities: Sequence[Entity] | None = None,
    ) -> Message:
        """The user writes ``text``; commands, mentions and links in it are found as apps do.

        ``entities`` are Bot API objects for what cannot be found, e.g. a text mention.
        """
        self._check_present(chat, user)
        if entities is None:
            shown = show(text, [])
        else:
            shown = read_text(text, "", list(entities), self.world.user_json)
        if not shown.text:
            raise ValueError("nobody can send an empty message")
        if len(shown.text.encode("utf-16-le")) // 2 > MAX_TEXT:
            raise ValueError(f"an app splits texts over {MAX_TEXT} UTF-16 units")
        return self._say(chat, user, shown, reply_to, thread)

    @locked
    def user_sends_document(
        self,
        chat: Chat,
        user: User,
        filename: str,
        content: bytes,
        *,
        mime_type: str = "application/octet-stream",
        caption: str = "",
        thread: int | None = None,
    ) -> Message:
        self._check_present(chat, user)
        shown = show(caption, [])
        if len(shown.text.encode("utf-16-le")) // 2 > MAX_CAPTION:
            raise ValueError(f"captions hold {MAX_CAPTION} UTF-16 units")
        document = keep_document(self.world, filename, mime_type, content)
        return self._say(chat, user, shown, None, thread, document=document)

    @locked
    def user_edits(self, message: Message, text: str) -> None:
        """The user changes a message of their own."""
        if message.sender is None or message.sender.is_bot or message.deleted:
            raise ValueError("people edit their own messages only")
        shown = show(text, [])
        message.earlier.append(message.text or "")
        message.text, message.entities = shown.text, shown.entities
        message.edit_date = int(self.world.now())
        if reaches_bot(self.world, message):
            self.world.tell("edited_message", message.json(), message.chat.id)

    @locked
    def user_deletes(self, message: Message) -> None:
        """The message goes, for all; bots are not told."""
        message.deleted = True
        self.world.changed()

    @locked
    def user_blocks(self, user: User) -> None:
        self._stand(self.private_chat(user), user, Status.KICKED)

    @locked
    def user_unblocks(self, user: User) -> None:
        self._stand(self.private_chat(user), user, Status.MEMBER)

    @locked
    def user_deactivates(self, user: User) -> None:
        """The account is deleted; bots are not told."""
        user.deactivated = True
        self.world.changed()

    def _stand(self, chat: Chat, by: User, status: Status) -> None:
        """Change the bot's standing in a chat and tell it."""
        bot = self.world.bot
        old = chat.members.get(bot.id, Status.LEFT)
        if old is status:
            return
        chat.members[bot.id] = status
        self.world.tell(
            "my_chat_member",
            {
                "chat": chat.json(),
                "from": by.json(),
                "date": int(self.world.now()),
                "old_chat_member": member_json(bot, old),
                "new_chat_member": member_json(bot, status),
            },
            chat.id,
        )

    def _check_present(self, chat: Chat, user: User) -> None:
        if chat.migrated_to is not None:
            raise ValueError("the group has become a supergroup")
        if chat.members.get(user.id) not in PRESENT:
            raise ValueError(f"{user.first_name} is not in that chat")
        if chat.private and not self.world.is_present(chat):
            raise ValueError("one does not write to a blocked bot")

    def _say(
        self,
        chat: Chat,
        user: User,
        shown: Formatted,
        reply_to: Message | None,
        thread: int | None,
        **fields: object,
    ) -> Message:
        if thread is None and reply_to is not None:
            thread = reply_to.thread_id
        if thread == GENERAL_TOPIC:
            thread = None
        topic = chat.topics.get(thread or GENERAL_TOPIC) if chat.is_forum else None
        if thread is not None and topic is None:
            raise ValueError(f"no topic {thread}")
        if topic is not None and topic.closed:
            raise ValueError(f"topic {topic.name!r} is closed")
        message = self.world.post(
            chat,
            sender=user,
            text=shown.text,
            entities=shown.entities,
            reply_to=reply_to,
            thread_id=thread,
            **fields,
        )
        if reaches_bot(self.world, message):
            message.update_id = self.world.tell("message", message.json(), chat.id)
        return message
