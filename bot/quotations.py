"""Where a text quotes: the spans between quotation marks. Pure."""

import re

from index.paragraphs import Span

# Stands for each character of a quotation where only the words around it are looked at.
HIDDEN = "\u0001"

# A single mark opens one only before a word, and inside a word it is an apostrophe.
_QUOTATION = re.compile(
    r"“[^”]*(?:”|$)|«[^»]*(?:»|$)|„[^“]*(?:“|$)|\"[^\"]*(?:\"|$)"
    r"|(?<!\w)‘[^‘’]*(?:(?<=\w)’(?=\w)[^‘’]*)*’(?!\w)"
)


def quotations(text: str) -> tuple[Span, ...]:
    """The quotations of a paragraph, marks included, in order.

    One that is not closed goes on to the end, as one that the next paragraph continues does.
    """
    return tuple(Span(found.start(), found.end()) for found in _QUOTATION.finditer(text))


def inside(text: str, span: Span) -> Span:
    """A quotation without its marks and what stands between them and its words."""
    start, end = span.start, span.end
    while start < end and text[start] in ' \n“”«»„"‘':
        start += 1
    while start < end and text[end - 1] in ' \n“”«»„"’,':
        end -= 1
    return Span(start, end)


def masked(text: str, spans: tuple[Span, ...]) -> str:
    """The text with what is between its quotation marks hidden; as long as before."""
    pieces, at = [], 0
    for span in spans:
        first, last = span.start + 1, max(span.start + 1, span.end - 1)
        if span.end == len(text) and text[span.end - 1] not in '”»“"’':
            last = span.end
        pieces += [text[at:first], HIDDEN * (last - first)]
        at = last
    return "".join((*pieces, text[at:]))
