"""The methods that change or remove what was sent, and reactions."""

from telegram.constants import ReactionEmoji

from tests.botapi.errors import NOT_MODIFIED, bad_request
from tests.botapi.formatting import MAX_CAPTION
from tests.botapi.keyboards import Markup, read_markup
from tests.botapi.model import Chat, Json, Message
from tests.botapi.parameters import Parameters
from tests.botapi.sending import link_preview
from tests.botapi.world import World

DELETABLE_SECONDS = 48 * 3600
_EMOJI = frozenset(emoji.value for emoji in ReactionEmoji)


def edit_message_text(world: World, params: Parameters) -> Json | bool:
    shown = world.formatted(
        params.text("text"),
        params.text("parse_mode"),
        params.decoded("entities", "entities"),
        params,
    )
    preview = link_preview(params)
    markup = _inline_markup(world, params)
    message = _editable(world, params)
    if message.text is None or message.document is not None:
        raise bad_request("there is no text in the message to edit")
    now = (shown.text, shown.entities, markup, preview)
    if now == (message.text, message.entities, message.markup, message.link_preview):
        raise bad_request(NOT_MODIFIED)
    message.earlier.append(message.text)
    message.text, message.entities, message.markup, message.link_preview = now
    message.raw = params.text("text")
    return _edited(world, message)


def edit_message_caption(world: World, params: Parameters) -> Json | bool:
    shown = world.formatted(
        params.text("caption"),
        params.text("parse_mode"),
        params.decoded("caption_entities", "entities"),
        params,
        limit=MAX_CAPTION,
        caption=True,
    )
    markup = _inline_markup(world, params)
    message = _editable(world, params)
    if message.document is None:
        raise bad_request("there is no caption in the message to edit")
    now = (shown.text, shown.entities, markup)
    if now == (message.text, message.entities, message.markup):
        raise bad_request(NOT_MODIFIED)
    message.earlier.append(message.text or "")
    message.text, message.entities, message.markup = now
    message.raw = params.text("caption")
    return _edited(world, message)


def edit_message_reply_markup(world: World, params: Parameters) -> Json | bool:
    markup = _inline_markup(world, params)
    message = _editable(world, params)
    if markup == message.markup:
        raise bad_request(NOT_MODIFIED)
    message.markup = markup
    return _edited(world, message)


def delete_message(world: World, params: Parameters) -> bool:
    if not params.text("chat_id"):
        raise bad_request("chat identifier is not specified")
    if not params.integer("message_id"):
        raise bad_request("message identifier is not specified")
    chat = world.writable(world.chat(params))
    message = world.message(chat, params.integer("message_id"), "message to delete")
    _check_deletable(world, chat, message)
    message.deleted = True
    world.changed()
    return True


def delete_messages(world: World, params: Parameters) -> bool:
    """Those that are not there are passed over, as Telegram does."""
    ids = params.decoded("message_ids", "message identifiers")
    if not isinstance(ids, list) or not ids:
        raise bad_request("message identifiers are not specified")
    if len(ids) > 100:
        raise bad_request("too many message identifiers specified")
    chat = world.writable(world.chat(params))
    found = [m for id in ids if (m := chat.messages.get(int(id))) and not m.deleted]
    for message in found:
        _check_deletable(world, chat, message)
    for message in found:
        message.deleted = True
    world.changed()
    return True


def set_message_reaction(world: World, params: Parameters) -> bool:
    reactions = params.decoded("reaction", "reaction") or []
    chat = world.writable(world.chat(params))
    message = world.message(chat, params.integer("message_id"), "message to react")
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    for reaction in reactions:
        if reaction.get("type") != "emoji" or reaction.get("emoji") not in _EMOJI:
            raise bad_request("REACTION_INVALID")
    params.flag("is_big")
    message.reactions = reactions
    world.changed()
    return True


def _check_deletable(world: World, chat: Chat, message: Message) -> None:
    own = message.sender is world.bot or message.sender_chat is chat
    if not own and not chat.private and not world.is_admin(chat):
        raise bad_request("message can't be deleted")
    admin = not chat.private and world.is_admin(chat)
    if not admin and world.now() - message.date >= DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")


def _inline_markup(world: World, params: Parameters) -> Markup | None:
    given = params.decoded("reply_markup", "reply keyboard markup")
    markup = read_markup(given, params.remark, world.bot.username or "")
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def _editable(world: World, params: Parameters) -> Message:
    """The bot's message that a call names by chat and id, or by its inline id."""
    if not params.text("chat_id") and not params.integer("message_id"):
        inline_id = params.text("inline_message_id")
        if not inline_id:
            raise bad_request("message identifier is not specified")
        if inline_id not in world.inline_messages:
            raise bad_request("MESSAGE_ID_INVALID")
        return world.inline_messages[inline_id]
    chat = world.writable(world.chat(params))
    message = world.message(chat, params.integer("message_id"), "message to edit")
    own = message.sender is world.bot or (chat.type == "channel" and world.is_admin(chat))
    if not own or message.service is not None:
        raise bad_request("message can't be edited")
    return message


def _edited(world: World, message: Message) -> Json | bool:
    message.edit_date = int(world.now())
    world.changed()
    # The server does not say in which chat an inline message lives.
    return True if message.inline_id else message.json()
