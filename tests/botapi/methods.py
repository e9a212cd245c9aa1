"""Every method: who carries it out, which parameters it knows, how it counts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.botapi import answering, editing, profile, sending
from tests.botapi.parameters import Parameters
from tests.botapi.rates import Kind
from tests.botapi.world import World

Handler = Callable[[World, Parameters], Any]


@dataclass(frozen=True, slots=True)
class Method:
    """``handler`` is None for those that the server itself answers."""

    name: str
    handler: Handler | None
    parameters: frozenset[str]
    kind: Kind | None = None


def _method(
    name: str, handler: Handler | None, parameters: str, kind: Kind | None = None
) -> Method:
    return Method(name, handler, frozenset(parameters.split()), kind)


_SEND = (
    "business_connection_id chat_id message_thread_id direct_messages_topic_id "
    "disable_notification protect_content allow_paid_broadcast message_effect_id "
    "suggested_post_parameters reply_parameters reply_markup parse_mode "
)
_EDIT = "business_connection_id chat_id message_id inline_message_id parse_mode reply_markup "

METHODS = {
    method.name.lower(): method
    for method in (
        _method("getUpdates", None, "offset limit timeout allowed_updates"),
        _method(
            "setWebhook",
            None,
            "url certificate ip_address max_connections allowed_updates "
            "drop_pending_updates secret_token",
        ),
        _method("deleteWebhook", None, "drop_pending_updates"),
        _method("getWebhookInfo", None, ""),
        _method("getMe", profile.get_me, ""),
        _method(
            "sendMessage",
            sending.send_message,
            _SEND + "text entities link_preview_options",
            Kind.MESSAGE,
        ),
        _method(
            "sendDocument",
            sending.send_document,
            _SEND + "document thumbnail caption caption_entities disable_content_type_detection",
            Kind.MESSAGE,
        ),
        _method(
            "sendMessageDraft",
            sending.send_message_draft,
            "chat_id message_thread_id draft_id text parse_mode entities",
            Kind.DRAFT,
        ),
        _method(
            "sendChatAction",
            sending.send_chat_action,
            "business_connection_id chat_id message_thread_id action",
            Kind.ACTION,
        ),
        _method(
            "editMessageText",
            editing.edit_message_text,
            _EDIT + "text entities link_preview_options",
            Kind.EDIT,
        ),
        _method(
            "editMessageCaption",
            editing.edit_message_caption,
            _EDIT + "caption caption_entities show_caption_above_media",
            Kind.EDIT,
        ),
        _method(
            "editMessageReplyMarkup",
            editing.edit_message_reply_markup,
            "business_connection_id chat_id message_id inline_message_id reply_markup",
            Kind.EDIT,
        ),
        _method("deleteMessage", editing.delete_message, "chat_id message_id", Kind.DELETE),
        _method("deleteMessages", editing.delete_messages, "chat_id message_ids", Kind.DELETE),
        _method(
            "setMessageReaction",
            editing.set_message_reaction,
            "chat_id message_id reaction is_big",
            Kind.REACTION,
        ),
        _method(
            "answerCallbackQuery",
            answering.answer_callback_query,
            "callback_query_id text show_alert url cache_time",
        ),
        _method(
            "answerInlineQuery",
            answering.answer_inline_query,
            "inline_query_id results cache_time is_personal next_offset button",
        ),
        _method("answerGuestQuery", answering.answer_guest_query, "guest_query_id result"),
        _method("getFile", sending.get_file, "file_id"),
        _method("setMyCommands", profile.set_my_commands, "commands scope language_code"),
        _method("getMyCommands", profile.get_my_commands, "scope language_code"),
        _method("deleteMyCommands", profile.delete_my_commands, "scope language_code"),
        _method("setMyName", profile.set_my_text("name"), "name language_code"),
        _method("getMyName", profile.get_my_text("name"), "language_code"),
        _method(
            "setMyDescription",
            profile.set_my_text("description"),
            "description language_code",
        ),
        _method("getMyDescription", profile.get_my_text("description"), "language_code"),
        _method(
            "setMyShortDescription",
            profile.set_my_text("short_description"),
            "short_description language_code",
        ),
        _method(
            "getMyShortDescription",
            profile.get_my_text("short_description"),
            "language_code",
        ),
        _method("getChat", profile.get_chat, "chat_id"),
        _method("getChatMember", profile.get_chat_member, "chat_id user_id"),
        _method("getChatAdministrators", profile.get_chat_administrators, "chat_id return_bots"),
        _method("getChatMemberCount", profile.get_chat_member_count, "chat_id"),
        _method("leaveChat", profile.leave_chat, "chat_id"),
    )
}
