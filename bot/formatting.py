"""Styled text within Telegram's limits. Pure; knows nothing of answers.

A message is made of blocks, a block of runs. Blocks are packed into as few messages as
the limits allow and are only cut where one alone is too long: between words, and never
inside a link or a bold word, or what a reader sees as one character.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

from bot.characters import clean, is_boundary, is_visible, is_word_end, isolates, units

# Telegram counts UTF-16 units of the text that remains when the markup is parsed away.
LONGEST_TEXT = 4096
LONGEST_RAW = 32_768
MOST_ENTITIES = 100
# Longer links are refused by some clients.
LONGEST_LINK = 2000
# Longer quotations can be expanded: until then three lines of them are seen. Of a shorter one
# that would hide the end and the number of its source for nothing.
_LONGEST_OPEN = 500

# Telegram makes addresses, names, tags and commands in a text entities of their own, which
# count, and the last of too many are dropped. Each of them has at least one of these.
_FOUND = re.compile(r"[@#$/:.]+\w[\w/?=&%~+.-]*")


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one style. Runs of one ``quote`` next to each other are one quotation.

    ``theirs`` are words not our own: they are kept from changing the direction of ours.
    """

    text: str
    bold: bool = False
    italic: bool = False
    link: str | None = None
    quote: bool = False
    theirs: bool = False


Block = tuple[Run, ...]


def plain_text(blocks: Iterable[Block]) -> str:
    """What a person reads of the blocks, without styles."""
    return "\n\n".join("".join(run.text for run in _directed(block)) for block in blocks)


def to_html(blocks: Sequence[Block]) -> str:
    """The blocks as Telegram HTML, an empty line between two of them."""
    return "\n\n".join(_block_html(block) for block in blocks)


def _block_html(block: Block) -> str:
    html = []
    for quote, group in groupby(_directed(block), key=lambda run: run.quote):
        runs = list(group)
        text = "".join(map(_run_html, runs))
        if quote:
            is_long = sum(units(run.text) for run in runs) > _LONGEST_OPEN
            text = f"<blockquote{' expandable' if is_long else ''}>{text}</blockquote>"
        html.append(text)
    return "".join(html)


def _run_html(run: Run) -> str:
    html = escape(run.text, quote=False)
    if run.bold:
        html = f"<b>{html}</b>"
    if run.italic:
        html = f"<i>{html}</i>"
    if run.link:
        html = f'<a href="{escape(run.link)}">{html}</a>'
    return html


def _directed(block: Block) -> Iterator[Run]:
    """The runs, with what keeps the direction of others' words to themselves."""
    for theirs, group in groupby(block, key=lambda run: run.theirs):
        runs = list(group)
        marks = isolates("".join(run.text for run in runs)) if theirs else []
        start = 0
        for i, run in enumerate(runs, start=1):
            end = start + len(run.text)
            inside = [m for m in marks if start <= m[0] < end or (i == len(runs) and m[0] == end)]
            text = run.text
            for at, mark in reversed(inside):
                text = text[: at - start] + mark + text[at - start :]
            yield replace(run, text=text) if inside else run
            start = end


def packed(blocks: Iterable[Block]) -> list[list[Block]]:
    """The blocks in order, in as few messages as the limits allow."""
    messages: list[list[Block]] = []
    for block in blocks:
        for piece in _fitting(tuple(replace(run, text=clean(run.text)) for run in block)):
            if messages and _fits([*messages[-1], piece]):
                messages[-1].append(piece)
            else:
                messages.append([piece])
    return messages


def _fits(blocks: Sequence[Block]) -> bool:
    return (
        units(plain_text(blocks)) <= LONGEST_TEXT
        and sum(map(_entities, blocks)) <= MOST_ENTITIES
        and len(to_html(blocks).encode()) <= LONGEST_RAW
    )


def _entities(block: Block) -> int:
    """How many entities a block can come to, at most."""
    styles = sum(run.bold + run.italic + bool(run.link) for run in block)
    quotations = sum(1 for quote, _ in groupby(block, key=lambda run: run.quote) if quote)
    open_text = "".join("\n" if run.link else run.text for run in block)
    return styles + quotations + sum(1 for _ in _FOUND.finditer(open_text))


def _fitting(block: Block) -> Iterator[Block]:
    """The block, or if it is too long for one message, its pieces."""
    rest = _trimmed(block)
    while rest:
        text = "".join(run.text for run in rest)
        at = _longest_beginning(rest, text)
        if at < len(text):
            at = _place_to_cut(text, at, _whole(rest))
        piece = _trimmed(_slice(rest, 0, at))
        if any(is_visible(run.text) for run in piece):
            yield piece
        rest = _trimmed(_slice(rest, at, len(text)))


def _trimmed(block: Block) -> Block:
    """The block without white space around it, which Telegram would drop."""
    text = "".join(run.text for run in block)
    start = len(text) - len(text.lstrip(" \n"))
    return _slice(block, start, max(start, len(text.rstrip(" \n"))))


def _slice(block: Block, start: int, end: int) -> Block:
    """The part of the block between two places in its text; no run of it is empty."""
    part, at = [], 0
    for run in block:
        text = run.text[max(start - at, 0) : max(end - at, 0)]
        if text:
            part.append(replace(run, text=text))
        at += len(run.text)
    return tuple(part)


def _longest_beginning(block: Block, text: str) -> int:
    """How many of the block's characters one message can hold."""
    low, high = 1, min(len(text), LONGEST_TEXT)
    while low < high:
        middle = (low + high + 1) // 2
        if _fits([_slice(block, 0, middle)]):
            low = middle
        else:
            high = middle - 1
    return low


def _whole(block: Block) -> list[tuple[int, int]]:
    """Where links and the like stand that need not be cut."""
    spans, at = [], 0
    for run in block:
        if (run.link or run.bold or run.italic) and units(run.text) <= LONGEST_TEXT:
            spans.append((at, at + len(run.text)))
        at += len(run.text)
    return spans


def _place_to_cut(text: str, longest: int, whole: Sequence[tuple[int, int]]) -> int:
    """Where to cut: 1 to ``longest``, if possible behind a word and outside ``whole``."""
    near = range(longest, longest // 2, -1)
    open_places = [at for at in near if not any(start < at < end for start, end in whole)]
    for allowed in (is_word_end, is_boundary):
        for at in open_places:
            if allowed(text, at):
                return at
    starts = [start for start, end in whole if 0 < start < longest < end]
    return next(iter(starts), next((at for at in near if is_boundary(text, at)), longest))
