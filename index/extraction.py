"""HTML to article text and what the page says of it (trafilatura). Pure."""

import logging
import re
import unicodedata
from datetime import UTC, datetime, timedelta

import lxml.html
from lxml import etree

from index.articles import Document
from index.errors import UnreadableError

# Deeper trees are no article's; some of lxml's and trafilatura's steps recurse.
_DEEPEST = 400
_REMEDY = "Add the article's own address, or save its text in a file and add that"
_SPACES = re.compile(r"\s+")
# What they log as errors is raised here as one that says what to do.
for _name in ("trafilatura", "htmldate"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def extract_page(
    html: bytes, *, url: str | None = None, content_type: str | None = None
) -> Document:
    """The article on a page. Raises UnreadableError with one reason if there is none."""
    import trafilatura
    from trafilatura.settings import set_date_params

    subject = url or "page"
    tree = _tree(html, subject)
    found = trafilatura.bare_extraction(
        tree,
        url=url,
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        # The extensive search makes 1 January of a footer's "© 2024".
        date_extraction_params=set_date_params(extensive=False),
    )
    text = _paragraphs(found.text.split("\n")) if found is not None and found.text else ""
    if found is None or len(text.split()) < 8:
        raise UnreadableError(subject, "no article was found on this page", _REMEDY)
    title = _line(found.title)
    return Document(
        title=title or text.split("\n")[0][:120],
        text=_without_headline(text, title) if title else text,
        url=found.url or url,
        outlet=_line(found.sitename) or None,
        section=_line((found.categories or [""])[0]) or None,
        authors=tuple(name for name in map(_line, (found.author or "").split(";")) if name),
        published=_published(found.date),
        language=found.language or tree.get("lang") or None,
    )


def extract_fragment(html: str) -> str:
    """The text of a feed entry's HTML: its blocks as paragraphs, one empty line between."""
    if not html.strip():
        return ""
    try:
        root = lxml.html.fragment_fromstring(html, create_parent="div")
    except (etree.ParserError, ValueError):
        return _line(html)
    # Their tails are text: "One<!-- more --> two".
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    for element in root.iter("script", "style", "noscript", "template", "figcaption"):
        element.text = None
        for child in list(element):
            element.remove(child)
    lines: list[str] = [""]
    _walk(root, lines)
    return _paragraphs(lines)


_BLOCKS = frozenset(
    "p div section article header footer aside main nav h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table"
    " tr blockquote pre figure figcaption hr form address details summary".split()
)


def _walk(root: lxml.html.HtmlElement, lines: list[str]) -> None:
    """Collect the text under an element, a new line where a block begins or ends."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        block = element.tag in _BLOCKS
        if event == "start":
            if block or element.tag == "br":
                lines.append("")
            if isinstance(element.tag, str):
                lines[-1] += element.text or ""
        else:
            if block:
                lines.append("")
            if element is not root:
                lines[-1] += element.tail or ""


def _tree(html: bytes, subject: str) -> lxml.html.HtmlElement:
    from trafilatura.utils import load_html

    tree = load_html(html)
    if tree is None:
        raise UnreadableError(subject, "this page is empty or not HTML", _REMEDY)
    depth, deepest = 0, 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise UnreadableError(
            subject, f"its markup is nested {deepest} levels deep, no article's is", _REMEDY
        )
    return tree


def _paragraphs(lines: list[str]) -> str:
    return "\n\n".join(line for line in map(_line, lines) if line)


def _line(text: str | None) -> str:
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text or "")).strip()


def _without_headline(text: str, title: str) -> str:
    first, _, rest = text.partition("\n\n")
    same = re.sub(r"\W+", "", first).casefold() == re.sub(r"\W+", "", title).casefold()
    return rest if same and rest else text


def _published(date: str | None) -> datetime | None:
    """A date as trafilatura gives it, midnight UTC; None if it cannot be right."""
    if not date:
        return None
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    soon = datetime.now(UTC) + timedelta(days=1)
    return moment.astimezone(UTC) if datetime(1971, 1, 1, tzinfo=UTC) < moment < soon else None
