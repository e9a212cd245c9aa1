"""Lists of feeds: OPML in and out. Pure. Format: http://opml.org/spec2.opml"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from index.entries import clean_title, web_url
from index.errors import UnreadableError
from index.markup import decode, safe_xml, without_illegal
from index.sniffing import Kind, feed_start, sniff


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed as a list or a page names it; ``url`` is absolute."""

    url: str
    title: str | None = None


def parse_opml(data: bytes, *, url: str) -> tuple[Outline, ...]:
    """The feeds that an OPML file lists, at any depth, in its order, each URL once.

    ``url`` is where the file is from, for relative links and messages. A title is the
    outline's ``title``, else its ``text``. Raises UnreadableError for what is no OPML,
    lists no feeds, or declares entities that could expand.
    """
    kind = sniff(data)
    if kind is not Kind.OPML:
        reason = "the file is empty" if kind is Kind.EMPTY else f"this is no OPML file but {kind}"
        raise UnreadableError(url, reason, "Export the list of feeds as OPML once more")
    text = decode(data)
    xml = safe_xml(text[feed_start(text) :], url).encode("utf-8")
    parser = etree.XMLParser(
        recover=True, no_network=True, resolve_entities=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(url, f"its XML is damaged: {error}", "Export it once more") from error
    found: dict[str, Outline] = {}
    for element in () if root is None else root.iter("{*}outline", "outline"):
        named = {name.lower(): value for name, value in element.attrib.items()}
        link = without_feed_scheme(named.get("xmlurl", ""))
        address = web_url(link, url) if link else None
        if address is None or address in found:
            continue
        text = named.get("text", "")
        title = named.get("title") or ("" if text == link else text)
        found[address] = Outline(address, clean_title(title, plain=True) or None)
    if not found:
        raise UnreadableError(url, "this OPML file lists no feeds", "Choose another file")
    return tuple(found.values())


def without_feed_scheme(link: str) -> str:
    """A link that some programs write as ``feed:`` to have it opened by a reader, as http."""
    link = link.strip()
    lower = link.lower()
    if lower.startswith(("feed:http:", "feed:https:")):
        return link[5:]
    return "http" + link[4:] if lower.startswith("feed://") else link


def write_opml(outlines: Iterable[Outline], *, title: str, created: datetime) -> bytes:
    """An OPML 2.0 document that lists the feeds, as UTF-8. ``created`` must be aware."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = without_illegal(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(created)
    body = etree.SubElement(root, "body")
    for outline in outlines:
        link = without_illegal(outline.url)
        attributes = {"text": link, "type": "rss", "xmlUrl": link}
        if outline.title:
            name = without_illegal(outline.title)
            attributes |= {"text": name, "title": name}
        etree.SubElement(body, "outline", attributes)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written
