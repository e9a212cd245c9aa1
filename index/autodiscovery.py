"""The feeds that a page names in its head. Pure.

Rules: https://www.rssboard.org/rss-autodiscovery and HTML's ``link`` element.
"""

import re

from lxml import etree

from index.entries import clean_title, web_url
from index.markup import decode, without_illegal
from index.opml import Outline, without_feed_scheme

_TYPES = {
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/x.atom+xml",
    "application/x-atom+xml",
    "application/rss",
    "text/rss+xml",
}
# Types that sites use for feeds and for much else.
_LOOSE_TYPES = {"application/json", "application/xml", "text/xml"}
_FEEDISH = re.compile(r"\b(?:feed|rss|atom|rdf)\b|feed\.|\.rss|\.atom", re.IGNORECASE)
_NOT_FEEDS = re.compile(r"wp-json|oembed|opensearch|sitemap", re.IGNORECASE)
_COMMENTS = re.compile(
    r"comment|kommentar|comentari|commenti|reacties|komentar|комментари|コメント|评论|respuestas",
    re.IGNORECASE,
)


def discover_feeds(html: bytes, *, url: str) -> tuple[Outline, ...]:
    """The feeds that an HTML page links to as its alternates; () if it names none.

    ``url`` is the page's. In the page's order, except that feeds of comments come last;
    each URL once; relative links are resolved against ``base``, else ``url``.
    """
    data = without_illegal(decode(html)).encode("utf-8")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return ()
    if root is None:
        return ()
    base = next((web_url(e.get("href"), url) for e in root.iter("base") if e.get("href")), None)
    found: dict[str, tuple[bool, Outline]] = {}
    for element in root.iter("link"):
        title = clean_title(element.get("title") or "", plain=True)
        address = web_url(without_feed_scheme(element.get("href") or ""), base or url)
        if address is None or not _is_feed(element, address, title):
            continue
        address = address.partition("#")[0]
        of_comments = bool(_COMMENTS.search(title) or _COMMENTS.search(address))
        found.setdefault(address, (of_comments, Outline(address, title or None)))
    return tuple(outline for _, outline in sorted(found.values(), key=lambda pair: pair[0]))


def _is_feed(element: etree._Element, address: str, title: str) -> bool:
    relations = (element.get("rel") or "").lower().split()
    kind = (element.get("type") or "").partition(";")[0].strip().lower()
    if "stylesheet" in relations or _NOT_FEEDS.search(address):
        return False
    if kind in _TYPES:
        return "alternate" in relations or "feed" in relations
    if kind in _LOOSE_TYPES and "alternate" in relations:
        return bool(_FEEDISH.search(address) or _FEEDISH.search(title))
    return "feed" in relations and not kind
