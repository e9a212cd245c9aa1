"""The methods that put something into a chat: messages, documents, drafts, chat actions."""

from typing import Any

from tests.botapi.errors import bad_request
from tests.botapi.formatting import MAX_CAPTION
from tests.botapi.keyboards import read_markup
from tests.botapi.model import Chat, Document, Draft, Json, Message
from tests.botapi.parameters import Parameters, check_fields
from tests.botapi.world import ChatAction, World

MAX_UPLOAD = 50 * 1024 * 1024
MAX_DOWNLOAD = 20 * 1024 * 1024
DRAFT_SECONDS = 30.0
CHAT_ACTIONS = frozenset(
    (
        "typing upload_photo record_video upload_video record_voice upload_voice "
        "upload_document choose_sticker find_location record_video_note upload_video_note"
    ).split()
)
_PREVIEW = ("is_disabled", "url", "prefer_small_media", "prefer_large_media", "show_above_text")
_REPLY = (
    "message_id",
    "chat_id",
    "allow_sending_without_reply",
    "quote",
    "quote_parse_mode",
    "quote_entities",
    "quote_position",
    "checklist_task_id",
    "poll_option_id",
)


def send_message(world: World, params: Parameters) -> Json:
    shown = world.formatted(
        params.text("text"),
        params.text("parse_mode"),
        params.decoded("entities", "entities"),
        params,
    )
    return _put(
        world,
        params,
        text=shown.text,
        entities=shown.entities,
        raw=params.text("text"),
        link_preview=link_preview(params),
    ).json()


def send_document(world: World, params: Parameters) -> Json:
    document = _document(world, params)
    shown = world.formatted(
        params.text("caption"),
        params.text("parse_mode"),
        params.decoded("caption_entities", "entities"),
        params,
        limit=MAX_CAPTION,
        caption=True,
    )
    return _put(
        world,
        params,
        text=shown.text,
        entities=shown.entities,
        raw=params.text("caption"),
        document=document,
    ).json()


def send_message_draft(world: World, params: Parameters) -> bool:
    chat = world.writable(world.chat(params))
    if not chat.private:
        raise bad_request("message drafts can be sent only to private chats")
    draft_id = params.integer("draft_id")
    if draft_id == 0:
        raise bad_request("draft identifier must be non-zero")
    thread = world.thread(chat, params.integer("message_thread_id"), None)
    shown = world.formatted(
        params.text("text"),
        params.text("parse_mode"),
        params.decoded("entities", "entities"),
        params,
        # A draft may be empty: the app then shows that the bot is thinking.
        caption=not params.text("text"),
    )
    chat.drafts[thread] = Draft(draft_id, shown.text, shown.entities, world.now())
    world.changed()
    return True


def send_chat_action(world: World, params: Parameters) -> bool:
    action = params.text("action").lower()
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = world.writable(world.chat(params))
    thread = world.thread(chat, params.integer("message_thread_id"), None)
    arrived = world.arrived
    world.actions.append(ChatAction(arrived, chat.id, thread, action))
    world.changed()
    return True


def get_file(world: World, params: Parameters) -> Json:
    document = world.documents.get(params.text("file_id"))
    if document is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(document.content) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": document.file_id,
        "file_unique_id": f"u{document.file_id}",
        "file_size": len(document.content),
        "file_path": file_path(document),
    }


def file_path(document: Document) -> str:
    """Where the file is downloaded from, below ``/file/bot<token>/``."""
    suffix = document.filename.rpartition(".")[2]
    return f"documents/file_{document.file_id}.{suffix}"


def keep_document(world: World, filename: str, mime_type: str, content: bytes) -> Document:
    document = Document(f"BQAC{world.new_id()}", filename, mime_type, content)
    world.documents[document.file_id] = document
    return document


def link_preview(params: Parameters) -> Json | None:
    """The link preview options as they are shown with the message."""
    given = params.decoded("link_preview_options", "link preview options")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise bad_request("object expected as link preview options")
    check_fields(given, _PREVIEW, "LinkPreviewOptions", params.remark)
    return {name: value for name, value in given.items() if value} or None


def _document(world: World, params: Parameters) -> Document:
    given = params.text("document").removeprefix("attach://")
    upload = params.uploads.get(given or "document")
    if upload is None:
        if not given:
            raise bad_request("there is no document in the request")
        document = world.documents.get(given)
        if document is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return document
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > MAX_UPLOAD:
        raise bad_request("file is too big")
    return keep_document(world, upload.filename, upload.mime_type, upload.content)


def _put(world: World, params: Parameters, **fields: Any) -> Message:
    """Check where the message goes and what it answers, then post it."""
    reply = params.decoded("reply_parameters", "reply parameters")
    markup = read_markup(
        params.decoded("reply_markup", "reply keyboard markup"),
        params.remark,
        world.bot.username or "",
    )
    chat = world.writable(world.chat(params))
    reply_to, quote = _replied(world, chat, reply, params)
    thread = world.thread(chat, params.integer("message_thread_id"), reply_to)
    world.may_post(chat)
    message = world.post(
        chat,
        sender=None if chat.type == "channel" else world.bot,
        sender_chat=chat if chat.type == "channel" else None,
        markup=markup,
        reply_to=reply_to,
        quote=quote,
        thread_id=thread,
        silent=params.flag("disable_notification"),
        arrived=world.arrived,
        **fields,
    )
    chat.drafts.pop(thread, None)
    chat.last_bot_here = True
    return message


def _replied(
    world: World, chat: Chat, reply: Any, params: Parameters
) -> tuple[Message | None, str | None]:
    """What the message replies to and quotes, as far as that is there."""
    if reply is None:
        return None, None
    if not isinstance(reply, dict):
        raise bad_request("object expected as reply parameters")
    check_fields(reply, _REPLY, "ReplyParameters", params.remark)
    source: Chat | None = chat
    if reply.get("chat_id"):
        source = world.find_chat(str(reply["chat_id"]))
        if source is None:
            raise bad_request("chat not found")
    replied = source.messages.get(int(reply.get("message_id", 0))) if source else None
    if replied is None or replied.deleted:
        if reply.get("allow_sending_without_reply"):
            return None, None
        raise bad_request("message to be replied not found")
    quote = reply.get("quote")
    if quote and quote not in (replied.text or ""):
        raise bad_request("QUOTE_TEXT_INVALID")
    return replied, quote
