"""What people ask of the bot other than in words: buttons, inline and guest mode, reactions."""

from tests.botapi.formatting import show
from tests.botapi.model import CallbackQuery, Chat, GuestQuery, InlineQuery, Json, Message, User
from tests.botapi.people import People, locked
from tests.botapi.privacy import reaches_bot

MAX_INLINE_QUERY = 256


class Queries(People):
    """Actions whose answer is not, or not only, a message in the chat."""

    @locked
    def user_presses(
        self, message: Message, button: str, user: User | None = None
    ) -> CallbackQuery:
        """Press the inline button with that text or callback data.

        ``user`` may be left out in a private chat.
        """
        if message.deleted:
            raise ValueError("the message is gone")
        found = [b for b in message.buttons if button in (b.text, b.data)]
        if not found:
            raise ValueError(f"no button {button!r} among {[b.text for b in message.buttons]}")
        if found[0].data is None:
            raise ValueError(f"button {button!r} does not call back: {found[0]}")
        return self.forge_callback(message, user or message.chat.user, found[0].data)

    @locked
    def forge_callback(self, message: Message, user: User | None, data: str) -> CallbackQuery:
        """A modified app presses a button that need not exist: any data, any user."""
        if user is None:
            raise ValueError("say which user presses")
        query = CallbackQuery(self.world.new_id(), user, message, data, self.world.now())
        self.world.callbacks[query.id] = query
        told: Json = {
            "id": query.id,
            "from": user.json(),
            "chat_instance": str(message.chat.id * 7_919),
            "data": data,
        }
        if message.inline_id is not None:
            told["inline_message_id"] = message.inline_id
        else:
            told["message"] = message.json()
        self.world.tell("callback_query", told, user.id)
        return query

    @locked
    def user_asks_inline(self, user: User, query: str, offset: str = "") -> InlineQuery:
        """The user types the bot's name and ``query`` in some chat."""
        if len(query) > MAX_INLINE_QUERY:
            raise ValueError(f"inline queries hold {MAX_INLINE_QUERY} characters")
        asked = InlineQuery(self.world.new_id(), user, query, offset, self.world.now())
        self.world.inline_queries[asked.id] = asked
        self.world.tell(
            "inline_query",
            {"id": asked.id, "from": user.json(), "query": query, "offset": offset,
             "chat_type": "sender"},
            user.id,
        )  # fmt: skip
        return asked

    @locked
    def user_chooses(self, query: InlineQuery, result_id: str, chat: Chat) -> Message:
        """The user inserts a result into a chat; the bot learns of the choice."""
        result = next((r for r in query.results or () if r["id"] == result_id), None)
        if result is None:
            raise ValueError(f"no result {result_id!r}")
        message = self.world.post(
            chat,
            sender=query.user,
            via_bot=self.world.bot,
            text=result["message"].text,
            entities=result["message"].entities,
            raw=result["raw"],
            markup=result["reply_markup"],
            link_preview=result["link_preview"],
        )
        chosen: Json = {
            "result_id": result_id,
            "from": query.user.json(),
            "query": query.query,
        }
        if message.markup is not None:
            # Only a message with buttons can be edited later, so only it gets an id.
            message.inline_id = f"inline{self.world.new_id()}"
            self.world.inline_messages[message.inline_id] = message
            chosen["inline_message_id"] = message.inline_id
        self.world.tell("chosen_inline_result", chosen, query.user.id)
        if reaches_bot(self.world, message):
            message.update_id = self.world.tell("message", message.json(), chat.id)
        return message

    @locked
    def user_summons(self, chat: Chat, user: User, text: str) -> GuestQuery:
        """The user mentions the bot in a chat that it is not in (guest mode)."""
        if self.world.is_present(chat):
            raise ValueError("the bot is in that chat; mention it with user_says")
        shown = show(text, [])
        message = self.world.post(chat, sender=user, text=shown.text, entities=shown.entities)
        message.guest_query = self.world.new_id()
        query = GuestQuery(message.guest_query, message, self.world.now())
        self.world.guest_queries[query.id] = query
        message.update_id = self.world.tell("guest_message", message.json(), chat.id)
        return query

    @locked
    def user_reacts(self, message: Message, user: User, emoji: str | None) -> None:
        """The user sets or takes back a reaction; the bot must be an admin to be told."""
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        old, message.reactions = message.reactions, new
        if message.chat.private or self.world.is_admin(message.chat):
            told = {
                "chat": message.chat.json(),
                "message_id": message.id,
                "user": user.json(),
                "date": int(self.world.now()),
                "old_reaction": old,
                "new_reaction": new,
            }
            self.world.tell("message_reaction", told, message.chat.id)
