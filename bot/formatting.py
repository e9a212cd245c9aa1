"""Styled text within Telegram's limits. Pure; knows nothing of answers.

A message is made of blocks, a block of runs. Blocks are packed into as few messages as
the limits allow and are only cut where one alone is too long, between words and never
inside a surrogate pair or a tag.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape

# Telegram counts UTF-16 units of the text that remains when the markup is parsed away.
LONGEST_TEXT = 4096
LONGEST_RAW = 32_768
MOST_ENTITIES = 100
# Longer links are refused by some clients.
LONGEST_LINK = 2000


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one style. Runs of one ``quote`` next to each other are one quotation."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str | None = None
    quote: bool = False


Block = tuple[Run, ...]


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Text as a message may hold it: no lone surrogates, no control characters but line ends."""
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "".join(c for c in text if c == "\n" or (c.isprintable() or c in _INVISIBLE))


# Not printable by Python's reckoning, yet part of how scripts and emoji are written.
_INVISIBLE = frozenset(
    "\u00a0\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069\u00ad\ufe0f\u202f\u2009"
)


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning and an ellipsis, in at most ``longest`` UTF-16 units."""
    if units(text) <= longest:
        return text
    return f"{_prefix(text, longest - 1).rstrip()}…"


def _prefix(text: str, longest: int) -> str:
    """The longest beginning of at most so many units."""
    used = 0
    for i, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > longest:
            return text[:i]
    return text


def plain_text(blocks: Iterable[Block]) -> str:
    """What a person reads of the blocks, without styles."""
    return "\n\n".join("".join(run.text for run in block) for block in blocks)


def to_html(blocks: Sequence[Block]) -> str:
    """The blocks as Telegram HTML, an empty line between two of them."""
    return "\n\n".join(_block_html(block) for block in blocks)


def _block_html(block: Block) -> str:
    html, quoting = [], False
    for run in block:
        if run.quote != quoting:
            html.append("<blockquote expandable>" if run.quote else "</blockquote>")
            quoting = run.quote
        html.append(_run_html(run))
    return "".join(html) + ("</blockquote>" if quoting else "")


def _run_html(run: Run) -> str:
    html = escape(run.text, quote=False)
    if run.bold:
        html = f"<b>{html}</b>"
    if run.italic:
        html = f"<i>{html}</i>"
    if run.link:
        html = f'<a href="{escape(run.link)}">{html}</a>'
    return html


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
    styles = sum(run.bold + run.italic + bool(run.link) for run in block)
    return styles + sum(run.quote for run in block)


def _fitting(block: Block) -> Iterator[Block]:
    """The block, or if it is too long for one message, its pieces."""
    rest = [run for run in block if run.text]
    while rest:
        piece: list[Run] = []
        while rest and _fits([(*piece, rest[0])]):
            piece.append(rest.pop(0))
        if rest:
            head, tail = _cut(rest[0], piece)
            if head is not None:
                piece.append(head)
                rest[0] = tail
        if piece:
            yield tuple(piece)


def _cut(run: Run, before: Sequence[Run]) -> tuple[Run | None, Run]:
    """As much of a run as still fits after ``before``, and the rest; cut between words."""
    low, high = 0, len(run.text)
    while low < high:
        middle = (low + high + 1) // 2
        if _fits([(*before, replace(run, text=run.text[:middle]))]):
            low = middle
        else:
            high = middle - 1
    space = run.text.rfind(" ", 0, low)
    at = space + 1 if space > low // 2 else low
    if not at and before:
        return None, run
    # A single character always fits: the limits are larger than any markup of one.
    at = max(at, 1)
    return replace(run, text=run.text[:at]), replace(run, text=run.text[at:])
