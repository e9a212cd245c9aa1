"""Chats as a phone would show them: entities to a page, the page to a PNG by a browser."""

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

from tests.botapi import utf16_slice
from tests.botapi.formatting import Entity

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

_TAGS = {"bold": "b", "italic": "i", "text_link": "u", "url": "u", "bot_command": "u"}

# Folded quotations show three lines, as in Telegram's own apps.
_PAGE = """<!doctype html><meta charset=utf-8><style>
body {{ margin: 0; padding: 10px; width: {width}px; background: {back};
  font: 16px/21px "Noto Sans", "DejaVu Sans", "Noto Color Emoji", sans-serif; color: {ink} }}
.bubble {{ background: {bubble}; border-radius: 12px; padding: 7px 10px; margin: 6px 0 3px;
  width: fit-content; max-width: 92%; white-space: pre-wrap; overflow-wrap: anywhere }}
.line {{ unicode-bidi: plaintext; min-height: 21px }}
.asked {{ background: {asked}; margin-left: auto }}
u {{ color: {link}; text-decoration: none }}
blockquote {{ margin: 0; padding: 3px 22px 3px 9px; border-left: 3px solid {link};
  background: {quote}; border-radius: 5px; position: relative }}
.folded {{ max-height: 63px; overflow: hidden }}
.folded::after {{ content: "⌄"; position: absolute; right: 6px; bottom: 2px; color: {link} }}
.row {{ display: flex; gap: 4px; max-width: 92%; margin: 3px 0 }}
.row span {{ flex: 1; text-align: center; background: {button}; border-radius: 8px;
  padding: 6px 4px; font-size: 14px }}
</style>{chat}"""
_LIGHT = {
    "back": "#cfdcc5",
    "ink": "#000",
    "bubble": "#fff",
    "asked": "#e1fec6",
    "link": "#2a7ab0",
    "quote": "#e9f2f8",
    "button": "#0003",
}
_DARK = {
    "back": "#0e1621",
    "ink": "#f2f2f2",
    "bubble": "#182533",
    "asked": "#2b5278",
    "link": "#6ab3f3",
    "quote": "#22384c",
    "button": "#ffffff1f",
}


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message as it is shown: text with entities, and rows of button labels."""

    text: str
    entities: Sequence[Entity] = ()
    rows: Sequence[Sequence[str]] = ()
    asked: bool = False


def browser() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def draw(chat: Iterable[Bubble], png: Path, *, width: int = 380, dark: bool = False) -> None:
    """Write a chat as a picture of ``width`` CSS pixels, twice as large as those."""
    bubbles = list(chat)
    page = png.with_suffix(".html")
    colours = _DARK if dark else _LIGHT
    page.write_text(_PAGE.format(width=width, chat="".join(map(_bubble, bubbles)), **colours))
    lines = sum(len(line) // 36 + 1 for b in bubbles for line in b.text.split("\n"))
    height = 21 * lines + sum(40 + 40 * len(b.rows) + 10 * len(b.entities) for b in bubbles)
    subprocess.run(
        [
            str(browser()),
            *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            "--force-device-scale-factor=2",
            f"--window-size={max(width + 20, 500)},{min(height, 4000)}",
            f"--screenshot={png}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )


def _bubble(bubble: Bubble) -> str:
    body = _styled(bubble.text, bubble.entities)
    rows = "".join(
        f"<div class=row>{''.join(f'<span>{escape(label)}</span>' for label in row)}</div>"
        for row in bubble.rows
    )
    return f"<div class='bubble {'asked' if bubble.asked else ''}'>{body}</div>{rows}"


def _styled(text: str, entities: Sequence[Entity]) -> str:
    """Quotations as blocks of their own, everything else in lines with their own direction."""
    html, at = [], 0
    for quotation in (e for e in entities if e["type"].endswith("blockquote")):
        start, end = quotation["offset"], quotation["offset"] + quotation["length"]
        between = _lines(text, entities, at, start)
        # The line ends next to a quotation only end it, or the line before it.
        html += between[1 if at else 0 : -1]
        length = len(utf16_slice(text, start, end - start))
        folded = quotation["type"].startswith("expandable") and length > 3 * 36
        inner = "".join(_lines(text, entities, start, end))
        html.append(f"<blockquote class='{'folded' if folded else ''}'>{inner}</blockquote>")
        at = end
    rest = _lines(text, entities, at, len(text.encode("utf-16-le")) // 2)
    return "".join(html + rest[1 if at else 0 :])


def _lines(text: str, entities: Sequence[Entity], start: int, end: int) -> list[str]:
    """The part of the text between two UTF-16 offsets, a block for each line."""
    html = []
    for line in utf16_slice(text, start, end - start).split("\n"):
        html.append(f"<div class=line>{_runs(line, start, entities)}</div>")
        start += len(line.encode("utf-16-le")) // 2 + 1
    return html


def _runs(line: str, start: int, entities: Sequence[Entity]) -> str:
    units = len(line.encode("utf-16-le")) // 2
    inline = [e for e in entities if e["type"] in _TAGS]
    cuts = {start, start + units}
    for entity in inline:
        for at in (entity["offset"], entity["offset"] + entity["length"]):
            if start < at < start + units:
                cuts.add(at)
    html = []
    for low, high in pairwise(sorted(cuts)):
        piece = escape(utf16_slice(line, low - start, high - low))
        for entity in inline:
            if entity["offset"] <= low and high <= entity["offset"] + entity["length"]:
                tag = _TAGS[entity["type"]]
                piece = f"<{tag}>{piece}</{tag}>"
        html.append(piece)
    return "".join(html)
