"""Text and entities as a person's Telegram app would show them, by TDLib's own code.

``parseTextEntities`` reads HTML and MarkdownV2. What TDLib does to every message before it
is sent (control characters, forbidden nesting, overlapping styles) is only reachable
without a login through ``parseMarkdown``; characters that this would read as Markdown are
hidden from it behind private-use characters of the same width.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import tdjson

from tests.botapi.errors import bad_request

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_RAW_BYTES = 1 << 15
MAX_ENTITIES = 100

Entity = dict[str, Any]
UserLookup = Callable[[int], dict[str, Any] | None]

_MARKDOWN = "*_~|`["
_HTML_LINK = re.compile(r"<a\s", re.IGNORECASE)
_PLAIN_TYPES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "blockquote": "BlockQuote",
    "expandable_blockquote": "ExpandableBlockQuote",
}
_FOUND_TYPES = {
    "Mention": "mention",
    "Hashtag": "hashtag",
    "Cashtag": "cashtag",
    "BotCommand": "bot_command",
    "Url": "url",
    "EmailAddress": "email",
    "PhoneNumber": "phone_number",
}
_SHOWN_TYPES = {td: api for api, td in _PLAIN_TYPES.items()} | _FOUND_TYPES


@dataclass(frozen=True, slots=True)
class Formatted:
    """Plain text and its entities (Bot API objects, offsets in UTF-16 units).

    ``lost`` says in words what Telegram silently dropped of what was asked for.
    """

    text: str
    entities: tuple[Entity, ...] = ()
    lost: tuple[str, ...] = ()


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of the text that an entity covers."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def execute(request: Mapping[str, Any]) -> dict[str, Any]:
    """Run a synchronous TDLib request; 400 with TDLib's own words if it refuses."""
    answer = tdjson.td_execute(json.dumps(request).encode())
    assert answer is not None
    result: dict[str, Any] = json.loads(answer)
    if result["@type"] == "error":
        raise bad_request(result["message"])
    return result


execute({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})


def read_text(
    raw: str,
    parse_mode: str,
    entities: object,
    users: UserLookup,
    *,
    limit: int = MAX_TEXT,
    caption: bool = False,
) -> Formatted:
    """The text of a message as the API was given it, as it will be shown.

    ``limit`` is in UTF-16 units after parsing. Raises ApiError 400: empty text, text too
    long, markup that does not parse, entities that do not fit.
    """
    if not raw and not caption:
        raise bad_request("message text is empty")
    if len(raw.encode()) > MAX_RAW_BYTES:
        raise bad_request("text is too long")
    mode = parse_mode.lower()
    dead = 0
    if raw and mode and mode != "none":
        modes: dict[str, dict[str, Any]] = {
            "html": {"@type": "textParseModeHTML"},
            "markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
            "markdown": {"@type": "textParseModeMarkdown", "version": 1},
        }
        if mode not in modes:
            raise bad_request("unsupported parse_mode")
        parsed = execute({"@type": "parseTextEntities", "text": raw, "parse_mode": modes[mode]})
        text, wanted = parsed["text"], parsed["entities"]
        if mode == "html":
            dead = len(_HTML_LINK.findall(raw)) - sum(map(_is_link, wanted))
    else:
        text, wanted = raw, _given_entities(entities)
    shown = show(text, wanted, users)
    if not shown.text and not caption:
        raise bad_request("text must be non-empty")
    if utf16_length(shown.text) > limit:
        raise bad_request("message caption is too long" if caption else "message is too long")
    if dead > 0:
        return replace(shown, lost=(*shown.lost, f"{dead} links dropped: no proper URL or label"))
    return shown


def show(text: str, wanted: list[Entity], users: UserLookup = lambda _: None) -> Formatted:
    """Clean, trim and cap text with TDLib entities, and find links, mentions and commands."""
    text, fixed = _fix(text, wanted)
    text, fixed = _trim(text, fixed)
    lost = _lost(wanted, fixed)
    entities = [shown for e in fixed if (shown := _to_api(e, users))]
    if len(entities) > MAX_ENTITIES:
        lost = (*lost, f"{len(entities)} entities, of which the first {MAX_ENTITIES} are kept")
    found = [shown for e in _find(text) if (shown := _to_api(e, users))]
    links = [e for e in entities if e["type"] in ("text_link", "text_mention", "code", "pre")]
    entities += [e for e in found if not any(_overlap(e, other) for other in links)]
    entities.sort(key=lambda e: (e["offset"], -e["length"]))
    return Formatted(text, tuple(entities[:MAX_ENTITIES]), lost)


def _fix(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    spare = (chr(c) for c in range(0xE000, 0xF8FF) if chr(c) not in text)
    hidden = {mark: next(spare) for mark in _MARKDOWN if mark in text}
    for mark, stand_in in hidden.items():
        text = text.replace(mark, stand_in)
    fixed = execute(
        {
            "@type": "parseMarkdown",
            "text": {"@type": "formattedText", "text": text, "entities": entities},
        }
    )
    text = fixed["text"]
    for mark, stand_in in hidden.items():
        text = text.replace(stand_in, mark)
    return text, fixed["entities"]


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """White space goes at the end, and at the start as far as no entity begins there."""
    text = text.rstrip(" \n")
    end = utf16_length(text)
    start = min((e["offset"] for e in entities), default=end)
    shift = min(len(text) - len(text.lstrip(" \n")), start)
    kept = []
    for entity in entities:
        length = min(entity["length"], end - entity["offset"])
        if length > 0:
            kept.append({**entity, "offset": entity["offset"] - shift, "length": length})
    return text[shift:], kept


def _lost(wanted: Iterable[Entity], fixed: Iterable[Entity]) -> tuple[str, ...]:
    """Which quotations, code blocks and links did not survive TDLib's fixing."""
    had: dict[str, int] = {}
    for entity in wanted:
        if entity["length"] > 0:
            kind = entity["type"]["@type"].removeprefix("textEntityType")
            had[kind] = had.get(kind, 0) + 1
    for entity in fixed:
        kind = entity["type"]["@type"].removeprefix("textEntityType")
        had[kind] = had.get(kind, 0) - 1
    kinds = ("BlockQuote", "ExpandableBlockQuote", "Pre", "PreCode", "Code", "TextUrl")
    return tuple(f"{had[k]} {k} dropped (nested?)" for k in kinds if had.get(k, 0) > 0)


def _find(text: str) -> list[Entity]:
    found: list[Entity] = execute({"@type": "getTextEntities", "text": text})["entities"]
    return found


def _overlap(one: Entity, other: Entity) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"]
        and other["offset"] < one["offset"] + one["length"]
    )


def _to_api(entity: Entity, users: UserLookup) -> Entity | None:
    kind = entity["type"]["@type"].removeprefix("textEntityType")
    details: Entity
    match kind:
        case "TextUrl":
            details = {"type": "text_link", "url": entity["type"]["url"]}
        case "PreCode":
            details = {"type": "pre", "language": entity["type"]["language"]}
        case "CustomEmoji":
            details = {
                "type": "custom_emoji",
                "custom_emoji_id": str(entity["type"]["custom_emoji_id"]),
            }
        case "MentionName":
            user = users(entity["type"]["user_id"])
            if user is None:
                return None
            details = {"type": "text_mention", "user": user}
        case "DateTime":
            details = {"type": "date_time", "unix_time": entity["type"]["unix_time"]}
            if style := _date_format(entity["type"].get("formatting_type")):
                details["date_time_format"] = style
        case _ if kind in _SHOWN_TYPES:
            details = {"type": _SHOWN_TYPES[kind]}
        case _:
            return None
    return {"offset": entity["offset"], "length": entity["length"], **details}


def _date_format(style: Mapping[str, Any] | None) -> str:
    if style is None:
        return ""
    if style["@type"] == "dateTimeFormattingTypeRelative":
        return "r"
    letters = "w" if style.get("show_day_of_week") else ""
    for part, short in (("date_precision", "d"), ("time_precision", "t")):
        precision = style.get(part, {}).get("@type", "").removeprefix("dateTimePartPrecision")
        letters += {"Short": short, "Long": short.upper()}.get(precision, "")
    return letters


def _date_style(letters: str) -> dict[str, Any]:
    if letters == "r":
        return {"@type": "dateTimeFormattingTypeRelative"}
    style: dict[str, Any] = {
        "@type": "dateTimeFormattingTypeAbsolute",
        "show_day_of_week": "w" in letters,
    }
    for part, short in (("date_precision", "d"), ("time_precision", "t")):
        size = "Long" if short.upper() in letters else "Short" if short in letters else "None"
        style[part] = {"@type": f"dateTimePartPrecision{size}"}
    return style


def _is_link(entity: Entity) -> bool:
    return entity["type"]["@type"] in ("textEntityTypeTextUrl", "textEntityTypeMentionName")


def _given_entities(entities: object) -> list[Entity]:
    if not isinstance(entities, list):
        return []
    return [e for given in entities if (e := _from_api(given))]


def _from_api(given: Any) -> Entity | None:
    def wrong(reason: str) -> Exception:
        return bad_request(f"can't parse MessageEntity: {reason}")

    if not isinstance(given, dict):
        raise wrong("expected an Object")
    for field in ("offset", "length"):
        if not isinstance(given.get(field), int):
            raise wrong(f'Can\'t find field "{field}"')
    kind = given.get("type")
    details: Entity
    match kind:
        case "text_link":
            details = {"@type": "textEntityTypeTextUrl", "url": given["url"]}
        case "text_mention":
            details = {"@type": "textEntityTypeMentionName", "user_id": given["user"]["id"]}
        case "custom_emoji":
            details = {
                "@type": "textEntityTypeCustomEmoji",
                "custom_emoji_id": given["custom_emoji_id"],
            }
        case "pre" if given.get("language"):
            details = {"@type": "textEntityTypePreCode", "language": given["language"]}
        case "date_time":
            details = {"@type": "textEntityTypeDateTime", "unix_time": given["unix_time"]}
            if letters := given.get("date_time_format"):
                details["formatting_type"] = _date_style(letters)
        case str() if kind in _PLAIN_TYPES:
            details = {"@type": f"textEntityType{_PLAIN_TYPES[kind]}"}
        case str() if kind in _FOUND_TYPES.values():
            return None
        case _:
            raise wrong("Unsupported type specified")
    return {
        "@type": "textEntity",
        "offset": given["offset"],
        "length": given["length"],
        "type": details,
    }
