"""What happens to groups and channels: made, joined, left, upgraded, split into topics."""

from collections.abc import Iterable
from typing import Any

from tests.botapi.formatting import show
from tests.botapi.model import (
    GENERAL_TOPIC,
    Chat,
    ChatType,
    Message,
    Status,
    Topic,
    User,
)
from tests.botapi.people import locked
from tests.botapi.privacy import reaches_bot
from tests.botapi.queries import Queries


class Groups(Queries):
    """Actions in groups and channels, beside those of single people."""

    @locked
    def add_group(
        self,
        title: str,
        people: Iterable[User] = (),
        *,
        forum: bool = False,
        basic: bool = False,
        bot: Status | None = Status.MEMBER,
        username: str | None = None,
    ) -> Chat:
        """A supergroup, or a basic group; the first of ``people`` owns it.

        ``bot`` is the bot's standing, None where it was never there; it is told nothing.
        """
        kind = ChatType.GROUP if basic else ChatType.SUPERGROUP
        chat = self._add_chat(kind, title, people, bot, username)
        chat.is_forum = forum
        if forum:
            chat.topics[GENERAL_TOPIC] = Topic(GENERAL_TOPIC, "General")
            chat.next_message_id = GENERAL_TOPIC + 1
        return chat

    @locked
    def add_channel(
        self,
        title: str,
        owner: User,
        *,
        bot: Status | None = Status.ADMINISTRATOR,
        username: str | None = None,
        discussion: Chat | None = None,
    ) -> Chat:
        """A channel; its posts appear in the ``discussion`` group too."""
        chat = self._add_chat(ChatType.CHANNEL, title, [owner], bot, username)
        chat.discussion = discussion
        return chat

    @locked
    def join(self, chat: Chat, user: User, status: Status = Status.MEMBER) -> None:
        """A person comes into a group, without a word of it to the bot."""
        chat.members[user.id] = status

    @locked
    def add_to_group(self, chat: Chat, by: User, *, admin: bool = False) -> None:
        """Someone adds the bot: it gets my_chat_member and the service message."""
        status = Status.ADMINISTRATOR if admin else Status.MEMBER
        self._stand(chat, by, status)
        if chat.type is not ChatType.CHANNEL:
            added = [self.world.bot.json()]
            self._service(chat, by, new_chat_members=added, new_chat_member=added[0])

    @locked
    def kick_bot(self, chat: Chat, by: User) -> None:
        self._stand(chat, by, Status.KICKED)

    @locked
    def promote_bot(self, chat: Chat, by: User, *, admin: bool = True) -> None:
        """Make the bot an administrator, or take that back."""
        self._stand(chat, by, Status.ADMINISTRATOR if admin else Status.MEMBER)

    @locked
    def silence_bot(self, chat: Chat, *, silent: bool = True) -> None:
        """Take from the bot the right to send text, or give it back."""
        chat.bot_may_write = not silent

    @locked
    def migrate(self, group: Chat) -> Chat:
        """A basic group becomes a supergroup, which is returned; the old id stays refused."""
        if group.type is not ChatType.GROUP:
            raise ValueError("only basic groups are upgraded")
        title = group.title or ""
        new = self._add_chat(ChatType.SUPERGROUP, title, (), None, None)
        new.members = dict(group.members)
        owner = next(self.world.users[id] for id in group.members)
        # The service messages come while the old group can still be read.
        self._service(group, owner, migrate_to_chat_id=new.id)
        group.migrated_to = new
        self._service(new, self.world.bot, migrate_from_chat_id=group.id)
        return new

    @locked
    def create_topic(self, chat: Chat, by: User, name: str) -> int:
        """A new forum topic; returns its message_thread_id."""
        if not chat.is_forum:
            raise ValueError("not a forum")
        id = chat.next_message_id
        chat.topics[id] = Topic(id, name)
        created = {"name": name, "icon_color": 7322096}
        message = self._service(chat, by, thread=id, forum_topic_created=created)
        chat.topics[id].created = message
        return id

    @locked
    def close_topic(self, chat: Chat, thread: int, by: User) -> None:
        chat.topics[thread].closed = True
        self._service(chat, by, thread=thread, forum_topic_closed={})

    @locked
    def reopen_topic(self, chat: Chat, thread: int, by: User) -> None:
        chat.topics[thread].closed = False
        self._service(chat, by, thread=thread, forum_topic_reopened={})

    @locked
    def delete_topic(self, chat: Chat, thread: int) -> None:
        """The topic and its messages go; bots are not told."""
        del chat.topics[thread]
        for message in chat.messages.values():
            if message.thread_id == thread:
                message.deleted = True
        self.world.changed()

    @locked
    def other_bot_says(self, chat: Chat, text: str, username: str = "other_bot") -> Message:
        """Another bot speaks: ours is not told, and bare commands now go to that one."""
        other = next((u for u in self.world.users.values() if u.username == username), None)
        if other is None:
            other = User(20_000_000 + next(self.world.ids), "Other", username, None, True)
            self.world.users[other.id] = other
        chat.last_bot_here = False
        shown = show(text, [])
        return self.world.post(chat, sender=other, text=shown.text, entities=shown.entities)

    @locked
    def channel_posts(self, channel: Chat, text: str) -> Message:
        """A post; where there is a discussion group it is forwarded there by Telegram."""
        shown = show(text, [])
        post = self.world.post(
            channel, sender_chat=channel, text=shown.text, entities=shown.entities
        )
        if reaches_bot(self.world, post):
            post.update_id = self.world.tell("channel_post", post.json(), channel.id)
        if channel.discussion is not None:
            group = channel.discussion
            copy = self.world.post(
                group,
                sender=User(777000, "Telegram"),
                sender_chat=channel,
                text=shown.text,
                entities=shown.entities,
                automatic_forward=True,
            )
            if reaches_bot(self.world, copy):
                copy.update_id = self.world.tell("message", copy.json(), group.id)
        return post

    def _add_chat(
        self,
        kind: ChatType,
        title: str,
        people: Iterable[User],
        bot: Status | None,
        username: str | None,
    ) -> Chat:
        number = next(self.world.ids)
        id = -(5_000_000 + number) if kind is ChatType.GROUP else -(1_001_000_000_000 + number)
        chat = Chat(id, kind, title=title, username=username)
        for user in people:
            chat.members[user.id] = Status.MEMBER if chat.members else Status.CREATOR
        if bot is not None:
            chat.members[self.world.bot.id] = bot
        self.world.chats[chat.id] = chat
        return chat

    def _service(
        self, chat: Chat, by: User, *, thread: int | None = None, **content: Any
    ) -> Message:
        message = self.world.post(chat, sender=by, service=content)
        message.thread_id = thread if thread != GENERAL_TOPIC else None
        if self.world.is_present(chat):
            message.update_id = self.world.tell("message", message.json(), chat.id)
        return message
