"""Reply markup: what the server accepts, refuses, and what is improper in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.botapi.errors import bad_request
from tests.botapi.parameters import check_fields

MAX_ROW = 8
MAX_BUTTONS = 100
MAX_CALLBACK_DATA = 64
MAX_COPY_TEXT = 256
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")

_ACTIONS = (
    "url",
    "callback_data",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "web_app",
    "login_url",
    "callback_game",
    "pay",
)
_MARKUPS = {
    "inline_keyboard": ("inline_keyboard",),
    "keyboard": (
        "keyboard",
        "is_persistent",
        "resize_keyboard",
        "one_time_keyboard",
        "input_field_placeholder",
        "selective",
    ),
    "remove_keyboard": ("remove_keyboard", "selective"),
    "force_reply": ("force_reply", "input_field_placeholder", "selective"),
}
Markup = dict[str, Any]
Remark = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button as a person sees it; one of the fields after ``text`` is set."""

    text: str
    data: str | None = None
    url: str | None = None
    copy_text: str | None = None
    other: str | None = None


def buttons(markup: Markup | None) -> tuple[Button, ...]:
    """The inline buttons, row by row."""
    return tuple(
        Button(
            button["text"],
            button.get("callback_data"),
            button.get("url"),
            (button.get("copy_text") or {}).get("text"),
            next((a for a in _ACTIONS if a in button and a.startswith(("switch", "web"))), None),
        )
        for row in (markup or {}).get("inline_keyboard", ())
        for button in row
    )


def read_markup(given: Any, remark: Remark, bot_username: str) -> Markup | None:
    """The reply markup to keep; None for none or an empty keyboard.

    Raises ApiError 400, e.g. BUTTON_DATA_INVALID for callback data over 64 bytes.
    """
    if given is None:
        return None
    if not isinstance(given, dict):
        raise bad_request("object expected as reply markup")
    kind = next((name for name in _MARKUPS if given.get(name)), None)
    if kind is None:
        if "inline_keyboard" not in given and "keyboard" not in given:
            remark(f"reply markup of no kind: {given}")
        return None
    check_fields(given, _MARKUPS[kind], kind, remark)
    if kind in ("remove_keyboard", "force_reply"):
        return given
    rows = given[kind]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{kind}" must be an Array of Arrays')
    # Telegram drops empty rows without a word.
    rows = [row for row in rows if row]
    if not rows:
        return None
    if sum(map(len, rows)) > MAX_BUTTONS or max(map(len, rows)) > MAX_ROW:
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            if kind == "inline_keyboard":
                _check_inline(button, remark, bot_username)
            elif not (button.get("text") if isinstance(button, dict) else button):
                raise bad_request("keyboard button text must be non-empty")
    return {**given, kind: rows}


def _check_inline(button: Any, remark: Remark, bot_username: str) -> None:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton expected")
    check_fields(
        button,
        ("text", "style", "icon_custom_emoji_id", *_ACTIONS),
        "InlineKeyboardButton",
        remark,
    )
    if not isinstance(button.get("text"), str):
        raise bad_request(
            "can't parse inline keyboard button: InlineKeyboardButton: Can't find field \"text\""
        )
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = [action for action in _ACTIONS if action in button]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        remark(f"button {button['text']!r} has {' and '.join(actions)}")
    if "callback_data" in button:
        size = len(str(button["callback_data"]).encode())
        if not 1 <= size <= MAX_CALLBACK_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    if "copy_text" in button:
        text = (button["copy_text"] or {}).get("text", "")
        if not 1 <= len(text) <= MAX_COPY_TEXT:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    if "url" in button:
        check_url(button["url"], remark, bot_username)


def check_url(url: str, remark: Remark, bot_username: str) -> None:
    """400 for a URL that a button cannot have; a remark for a deep link that cannot work."""
    parts = urlsplit(url if "://" in url or url.startswith("tg:") else f"http://{url}")
    if parts.scheme not in ("http", "https", "tg", "ton", "tonsite"):
        raise bad_request(
            f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol"
        )
    if parts.scheme in ("http", "https") and "." not in (parts.hostname or ""):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if re.search(r"\s", url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    check_deep_link(url, remark, bot_username)


def check_deep_link(url: str, remark: Remark, bot_username: str) -> None:
    """Remark on a link to the bot whose payload Telegram would not hand over."""
    parts = urlsplit(url)
    if parts.hostname not in ("t.me", "telegram.me"):
        return
    if parts.path.strip("/").lower() != bot_username.lower():
        return
    for name in ("start", "startgroup"):
        for payload in parse_qs(parts.query, keep_blank_values=True).get(name, ()):
            if payload and not START_PAYLOAD.fullmatch(payload):
                remark(f"deep link with an impossible payload: {url}")
