"""The methods about the bot itself and about chats: commands, descriptions, members."""

import re
from typing import Any

from tests.botapi.errors import bad_request
from tests.botapi.model import Chat, ChatType, Json, Status, User
from tests.botapi.parameters import Parameters, check_fields
from tests.botapi.world import World

MAX_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")
_TEXT_LIMITS = {"name": 64, "description": 512, "short_description": 120}
_SCOPE_FIELDS = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


def get_me(world: World, params: Parameters) -> Json:
    return world.bot.json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": True,
        "supports_guest_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


def set_my_commands(world: World, params: Parameters) -> bool:
    commands = params.decoded("commands", "commands")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        check_fields(command, ("command", "description"), "BotCommand", params.remark)
        if not _COMMAND.fullmatch(command.get("command", "").lstrip("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    names = [command["command"] for command in commands]
    if len(set(names)) < len(names):
        params.remark("a command is listed twice")
    world.commands[_scope(world, params), _language(params)] = commands
    world.changed()
    return True


def get_my_commands(world: World, params: Parameters) -> list[Json]:
    return world.commands.get((_scope(world, params), _language(params)), [])


def delete_my_commands(world: World, params: Parameters) -> bool:
    world.commands.pop((_scope(world, params), _language(params)), None)
    return True


def commands_shown(world: World, chat: Chat, user: User) -> list[Json]:
    """The command menu that a user sees in a chat: the narrowest scope that is set."""
    admin = chat.members.get(user.id) in (Status.ADMINISTRATOR, Status.CREATOR)
    scopes = [f"chat_member {chat.id} {user.id}"] if not chat.private else []
    if admin:
        scopes.append(f"chat_administrators {chat.id}")
    scopes.append(f"chat {chat.id}")
    if admin:
        scopes.append("all_chat_administrators")
    scopes += ["all_private_chats" if chat.private else "all_group_chats", "default"]
    for scope in scopes:
        for language in (user.language_code or "", ""):
            if found := world.commands.get((scope, language)):
                return found
    return []


def set_my_text(field: str) -> Any:
    """The method that sets the bot's name, description or short description."""

    def method(world: World, params: Parameters) -> bool:
        text = params.text(field)
        if len(text) > _TEXT_LIMITS[field]:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        world.texts[field, _language(params)] = text
        return True

    return method


def get_my_text(field: str) -> Any:
    """The method that tells the bot's name, description or short description."""

    def method(world: World, params: Parameters) -> Json:
        default = world.bot.first_name if field == "name" else ""
        text = world.texts.get((field, _language(params))) or world.texts.get((field, ""))
        return {field: text or default}

    return method


def get_chat(world: World, params: Parameters) -> Json:
    chat = _readable(world, params)
    shown = chat.json() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    linked = chat.discussion or next(
        (other for other in world.chats.values() if other.discussion is chat), None
    )
    if linked is not None:
        shown["linked_chat_id"] = linked.id
    return shown


def get_chat_member(world: World, params: Parameters) -> Json:
    chat = _readable(world, params)
    user = world.users.get(params.integer("user_id"))
    if user is None:
        raise bad_request("invalid user_id specified")
    if user.id not in chat.members and user is not chat.user:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return member_json(user, chat.members.get(user.id, Status.MEMBER))


def get_chat_administrators(world: World, params: Parameters) -> list[Json]:
    chat = _readable(world, params)
    bots_too = params.flag("return_bots")
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    admins = [
        (world.users[id], status)
        for id, status in chat.members.items()
        if status in (Status.CREATOR, Status.ADMINISTRATOR)
    ]
    return [
        member_json(user, status)
        for user, status in admins
        if bots_too or not user.is_bot or user is world.bot
    ]


def get_chat_member_count(world: World, params: Parameters) -> int:
    chat = _readable(world, params)
    left = (Status.LEFT, Status.KICKED)
    return sum(1 for status in chat.members.values() if status not in left)


def leave_chat(world: World, params: Parameters) -> bool:
    chat = world.writable(world.chat(params))
    if chat.private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.members[world.bot.id] = Status.LEFT
    world.changed()
    return True


def member_json(user: User, status: Status) -> Json:
    """A ChatMember object."""
    shown: Json = {"user": user.json(), "status": status.value}
    if status is Status.KICKED:
        shown["until_date"] = 0
    elif status is Status.CREATOR:
        shown["is_anonymous"] = False
    elif status is Status.ADMINISTRATOR:
        rights = (
            "can_be_edited is_anonymous can_manage_chat can_delete_messages "
            "can_manage_video_chats can_restrict_members can_promote_members "
            "can_change_info can_invite_users can_post_stories can_edit_stories "
            "can_delete_stories can_post_messages can_edit_messages can_pin_messages "
            "can_manage_topics"
        ).split()
        granted = ("can_manage_chat", "can_delete_messages", "can_post_messages")
        shown |= {right: right in granted for right in rights}
    return shown


def _readable(world: World, params: Parameters) -> Chat:
    chat = world.chat(params)
    if chat.type in (ChatType.SUPERGROUP, ChatType.CHANNEL):
        return world.writable(chat)
    return chat


def _language(params: Parameters) -> str:
    language = params.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("LANGUAGE_CODE_INVALID")
    return language


def _scope(world: World, params: Parameters) -> str:
    scope = params.decoded("scope", "BotCommandScope")
    if scope is None:
        return "default"
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind not in _SCOPE_FIELDS:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    check_fields(scope, ("type", *_SCOPE_FIELDS[kind]), "BotCommandScope", params.remark)
    key = [kind]
    if "chat_id" in _SCOPE_FIELDS[kind]:
        chat = world.find_chat(str(scope.get("chat_id", "")))
        if chat is None:
            raise bad_request("chat not found")
        key.append(str(chat.id))
    if "user_id" in _SCOPE_FIELDS[kind]:
        key.append(str(scope.get("user_id")))
    return " ".join(key)
