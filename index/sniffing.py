"""What a fetched or read blob is, from its bytes rather than from what is claimed. Pure."""

import json
import re
from enum import StrEnum

from index.markup import decode, read_prolog, wide_encoding

_HEAD = 4096
_FEED_ROOTS = {"rss", "rdf", "feed", "channel"}
_HTML_ROOTS = set(
    "html head body title meta link base style script noscript div p span a b i em strong u"
    " font center br hr img h1 h2 h3 h4 h5 h6 ul ol dl li table tr td form main section article"
    " header footer nav aside figure picture iframe pre blockquote template svg".split()
)
# Elements that begin a whole page; the others may as well stand in Markdown.
_PAGE_ROOTS = {"html", "head", "body", "title", "meta"}
_MAGIC = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"RIFF",
    b"ID3",
    b"BZh",
    b"7z\xbc\xaf",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"SQLite format 3",
    b"\xd0\xcf\x11\xe0",
    b"{\\rtf",
    b"wOFF",
    b"wOF2",
    b"OggS",
    b"\x7fELF",
)
_LATE_FEED = re.compile(r"<\?xml[^>]*\?>\s*<(rss|feed|rdf:RDF|opml)[\s>]", re.IGNORECASE)
_LATE_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]|<body[\s>]", re.IGNORECASE)
_LISTS_ITEMS = re.compile(r"\"items?\"\s*:\s*\[\s*\{")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


class Kind(StrEnum):
    """What a blob is. TEXT is plain text, Markdown, and any markup that is none of the others."""

    FEED = "feed"
    OPML = "opml"
    HTML = "html"
    TEXT = "text"
    BINARY = "binary"
    EMPTY = "empty"


def sniff(data: bytes, content_type: str | None = None) -> Kind:
    """What the bytes are, by the first element they hold.

    ``content_type`` is the HTTP header's value; it only settles what the bytes leave open:
    a fragment of HTML or a text with tags in it. A document whose beginning holds foreign
    output (a PHP warning, say) before an XML declaration is known by what follows that.
    """
    if data.startswith(_MAGIC):
        return Kind.BINARY
    text = decode(data, content_type)
    head = text[:_HEAD]
    if not text.strip("\ufeff\x00 \t\r\n\f\v") and not text.strip().strip("\ufeff\x00"):
        return Kind.EMPTY
    if _is_binary(data, head):
        return Kind.BINARY
    if text.lstrip()[:1] in ("{", "["):
        return Kind.FEED if is_json_feed(text) else Kind.TEXT
    return _markup_kind(text, head, (content_type or "").partition(";")[0].strip().lower())


def _markup_kind(text: str, head: str, declared: str) -> Kind:
    prolog = read_prolog(text)
    root = prolog.root.lower()
    if root in _FEED_ROOTS:
        return Kind.FEED
    if root == "opml":
        return Kind.OPML
    if root in _PAGE_ROOTS or any(d[9:].strip().lower()[:4] == "html" for d in prolog.doctypes):
        return Kind.HTML
    if late := _LATE_FEED.search(head):
        return Kind.OPML if late[1].lower() == "opml" else Kind.FEED
    if _LATE_PAGE.search(head):
        return Kind.HTML
    claimed = declared in ("text/html", "application/xhtml+xml")
    if root in _HTML_ROOTS:
        written = declared in ("text/plain", "text/markdown", "text/x-markdown")
        return Kind.TEXT if written else Kind.HTML
    return Kind.HTML if claimed and "</" in text else Kind.TEXT


def feed_start(text: str) -> int:
    """The offset of an XML declaration behind foreign output, or 0."""
    if read_prolog(text).root.lower() in _FEED_ROOTS | {"opml"}:
        return 0
    late = _LATE_FEED.search(text[:_HEAD])
    return late.start() if late else 0


def is_json_feed(text: str) -> bool:
    """Whether a JSON text is, or was meant to be, a JSON Feed or RSS in JSON."""
    if "jsonfeed.org/version" in text[:_HEAD]:
        return True
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        # Cut short or damaged: to be refused as that, not read as somebody's prose.
        return bool(_LISTS_ITEMS.search(text[:_HEAD]))
    if not isinstance(value, dict):
        return False
    rss = value.get("rss")
    return isinstance(value.get("items"), list) or (isinstance(rss, dict) and "channel" in rss)


def _is_binary(data: bytes, head: str) -> bool:
    zeros = 0 in data[:_HEAD] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if zeros and not wide_encoding(data) and not data.startswith(b"\x00\x00\xfe\xff"):
        return True
    return len(_CONTROLS.findall(head)) > len(head) / 50
