"""Which messages Telegram lets a bot see."""

from tests.botapi.formatting import utf16_slice
from tests.botapi.model import Message
from tests.botapi.world import World


def reaches_bot(world: World, message: Message) -> bool:
    """Whether the bot is told of a message.

    In a group with privacy mode on: service messages, commands meant for it, replies to
    what it wrote or to a command meant for it, and messages via it. A mention alone does
    NOT reach it. An administrator, and a bot with privacy mode off, see everything.
    """
    chat = message.chat
    if not world.is_present(chat):
        return False
    if message.sender is not None and message.sender.is_bot and message.via_bot is None:
        return False
    if chat.private or chat.type == "channel":
        return True
    if message.service is not None or message.automatic_forward:
        return True
    if not world.privacy_mode or world.is_admin(chat):
        return True
    if message.via_bot is world.bot or commands_bot(world, message):
        return True
    replied = message.reply_to
    return replied is not None and (
        replied.sender is world.bot or replied.via_bot is world.bot or commands_bot(world, replied)
    )


def commands_bot(world: World, message: Message) -> bool:
    """Whether a message starts with a command for this bot.

    One without a name is for the bot that spoke last in the group.
    """
    for entity in message.entities:
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            command = utf16_slice(message.text or "", 0, entity["length"])
            _, _, name = command.partition("@")
            if name:
                return name.lower() == (world.bot.username or "").lower()
            return message.chat.last_bot_here
    return False
