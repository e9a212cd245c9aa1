"""Telegram's HTML on a terminal: styles, quotations behind a bar, links that can be pressed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

_STYLES = {"b": Style(bold=True), "i": Style(italic=True)}
_MARGIN = Segment("  ")
_BAR = Segment("▌ ", Style(color="cyan"))


@dataclass(frozen=True, slots=True)
class Part:
    """Text that is a quotation as a whole, or not at all.

    ``links`` are its addresses, each with where in the text it begins.
    """

    text: Text
    is_quotation: bool = False
    links: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Indented:
    """A text with the same in front of each of its lines, and no white space behind."""

    text: Text
    front: tuple[Segment, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        used = sum(segment.cell_length for segment in self.front)
        width = max(options.max_width - used, 1)
        for line in self.text.wrap(console, width):
            line.rstrip()
            yield from self.front if line.plain or _BAR in self.front else ()
            yield from line.render(console)
            yield Segment.line()


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts = [Part(Text())]
        self._open: list[Style] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        link = dict(attrs).get("href")
        if tag == "blockquote":
            self.parts.append(Part(Text(), is_quotation=True))
        elif link:
            self._open.append(Style(link=link, underline=True))
            part = self.parts[-1]
            part.links.append((len(part.text), link))
        else:
            self._open.append(_STYLES.get(tag, Style()))

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self.parts.append(Part(Text()))
        elif self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        style = Style.combine(self._open) if self._open else Style()
        self.parts[-1].text.append(data, style)


def read_html(html: str) -> list[Part]:
    """The parts of a message. Together their texts are all of its text."""
    parser = _Html()
    parser.feed(html)
    parser.close()
    return [part for part in parser.parts if part.text.plain]


def readable(parts: Sequence[Part], *, addresses: bool) -> RenderableType:
    """The parts one below the other; ``addresses`` writes each link's below its line."""
    return Group(
        *(
            piece
            for part in parts
            for piece in _pieces(
                _with_addresses(part) if addresses else part.text, part.is_quotation
            )
        )
    )


def _with_addresses(part: Part) -> Text:
    text, plain = part.text, part.text.plain
    for start, link in reversed(part.links):
        end = plain.find("\n\n", start)
        end = len(plain.rstrip("\n")) if end < 0 else end
        text = Text.assemble(text[:end], "\n", (link, "dim"), text[end:])
    return text


def _pieces(text: Text, is_quotation: bool) -> Iterable[RenderableType]:
    """A text with the empty lines around it; the line end before and behind it is our own."""
    plain = text.plain
    start = len(plain) - len(plain.lstrip("\n"))
    end = max(start, len(plain.rstrip("\n")))
    yield from [Text("")] * (start - 1)
    if start < end:
        yield _Indented(text[start:end], (_MARGIN, _BAR) if is_quotation else (_MARGIN,))
    yield from [Text("")] * (len(plain) - end - 1)
