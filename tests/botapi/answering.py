"""The methods that answer queries: pressed buttons, inline questions, guest mentions."""

from typing import Any

from tests.botapi.errors import QUERY_TOO_OLD, bad_request
from tests.botapi.keyboards import START_PAYLOAD, read_markup
from tests.botapi.model import Json
from tests.botapi.parameters import Parameters, check_fields
from tests.botapi.world import World

MAX_ANSWER = 200
MAX_RESULTS = 50
_ARTICLE = (
    "type",
    "id",
    "title",
    "input_message_content",
    "reply_markup",
    "url",
    "description",
    "thumbnail_url",
    "thumbnail_width",
    "thumbnail_height",
)
_TEXT_CONTENT = ("message_text", "parse_mode", "entities", "link_preview_options")


def answer_callback_query(world: World, params: Parameters) -> bool:
    text = params.text("text")
    if len(text.encode("utf-16-le")) // 2 > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query = world.callbacks.get(params.text("callback_query_id"))
    if query is None or query.answer is not None:
        raise bad_request(QUERY_TOO_OLD)
    if world.now() - query.asked > world.callback_seconds:
        raise bad_request(QUERY_TOO_OLD)
    query.answer = {
        "text": text,
        "show_alert": params.flag("show_alert"),
        "url": params.text("url"),
        "cache_time": params.integer("cache_time"),
    }
    world.changed()
    return True


def answer_inline_query(world: World, params: Parameters) -> bool:
    results = params.decoded("results", "inline query results")
    if not isinstance(results, list):
        raise bad_request("expected an Array of inline query results")
    if len(results) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    read = [read_result(world, result, params) for result in results]
    ids = [result["id"] for result in read]
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    if len(params.text("next_offset").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = params.decoded("button", "inline query results button")
    if button is not None:
        _check_button(button, params)
    query = world.inline_queries.get(params.text("inline_query_id"))
    if query is None or query.results is not None:
        raise bad_request(QUERY_TOO_OLD)
    if world.now() - query.asked > world.inline_seconds:
        raise bad_request(QUERY_TOO_OLD)
    query.results = read
    query.next_offset = params.text("next_offset")
    query.answer = {
        "cache_time": params.integer("cache_time", 300),
        "is_personal": params.flag("is_personal"),
        "button": button,
    }
    world.changed()
    return True


def answer_guest_query(world: World, params: Parameters) -> Json:
    result = read_result(world, params.decoded("result", "inline query result"), params)
    query = world.guest_queries.get(params.text("guest_query_id"))
    if query is None or query.answer is not None:
        raise bad_request(QUERY_TOO_OLD)
    if world.now() - query.asked > world.inline_seconds:
        raise bad_request(QUERY_TOO_OLD)
    inline_id = f"guest{world.new_id()}"
    query.answer = world.post(
        query.message.chat,
        sender=world.bot,
        reply_to=query.message,
        text=result["message"].text,
        entities=result["message"].entities,
        raw=result["raw"],
        markup=result["reply_markup"],
        inline_id=inline_id,
        arrived=world.arrived,
    )
    world.inline_messages[inline_id] = query.answer
    return {"inline_message_id": inline_id}


def read_result(world: World, given: Any, params: Parameters) -> Json:
    """An article with its text parsed under ``message``, raw under ``raw``.

    Other kinds of results are not built here and remarked on.
    """

    def wrong(reason: str) -> Exception:
        return bad_request(f"can't parse inline query result: {reason}")

    if not isinstance(given, dict):
        raise wrong("expected an Object")
    if not 1 <= len(str(given.get("id", "")).encode()) <= 64:
        raise bad_request("RESULT_ID_INVALID")
    if given.get("type") != "article":
        params.remark(f"inline result of a type not built here: {given.get('type')}")
        raise wrong("unallowed result type")
    check_fields(given, _ARTICLE, "InlineQueryResultArticle", params.remark)
    if not given.get("title"):
        raise wrong('Can\'t find field "title"')
    content = given.get("input_message_content")
    if not isinstance(content, dict) or "message_text" not in content:
        raise wrong("message_text must be non-empty")
    check_fields(content, _TEXT_CONTENT, "InputTextMessageContent", params.remark)
    message = world.formatted(
        content["message_text"],
        content.get("parse_mode") or "",
        content.get("entities"),
        params,
    )
    markup = read_markup(given.get("reply_markup"), params.remark, world.bot.username or "")
    return {
        **given,
        "message": message,
        "raw": content["message_text"],
        "reply_markup": markup,
        "link_preview": content.get("link_preview_options"),
    }


def _check_button(button: Any, params: Parameters) -> None:
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request("can't parse inline query results button")
    check_fields(
        button, ("text", "web_app", "start_parameter"), "InlineQueryResultsButton", params.remark
    )
    if "web_app" not in button and not START_PAYLOAD.fullmatch(button.get("start_parameter", "")):
        raise bad_request("START_PARAM_INVALID")
