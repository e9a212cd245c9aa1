"""What makes two sightings of an article the same article. Pure."""

import hashlib
import unicodedata
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from index.articles import Document, Entry

# Query parameters that say where a reader came from, never which article it is.
_TRACKING = {
    "fbclid",
    "gclid",
    "mc_cid",
    "mc_eid",
    "igshid",
    "ocid",
    "ncid",
    "cmpid",
    "smid",
    "xtor",
}
_TRACKING_PREFIXES = ("utm_", "at_", "pk_", "mtm_")


def article_key(url: str) -> str:
    """A URL as an article's identity: without fragment, tracking, case of the host, ``www.``.

    http and https name the same article; the order of the query's parameters is kept,
    because to some sites it matters.
    """
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = urlencode(
        [
            (name, value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
            if name.lower() not in _TRACKING and not name.lower().startswith(_TRACKING_PREFIXES)
        ]
    )
    return urlunsplit(("https", host + port, parts.path.rstrip("/") or "/", query, ""))


def fingerprint(*fields: str | bytes | None) -> str:
    """The hex SHA-256 of the fields in order, each told apart from its neighbours."""
    digest = hashlib.sha256()
    for field in fields:
        data = (field or "").encode("utf-8", "replace") if not isinstance(field, bytes) else field
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def entry_fingerprint(entry: Entry) -> str:
    """The hash of all that a feed says of an entry."""
    published = entry.published.isoformat() if entry.published else None
    return fingerprint(entry.url, entry.title, published, *entry.authors, entry.html)


def storable(document: Document) -> Document:
    """The document without characters that no database text column keeps faithfully.

    Control characters and lone surrogates are dropped; line ends and tabs stay.
    """
    return replace(
        document,
        title=" ".join(_storable(document.title).split()),
        text=_storable(document.text),
        outlet=_storable(document.outlet).strip() or None if document.outlet else None,
        section=_storable(document.section).strip() or None if document.section else None,
        authors=tuple(name for name in map(_storable, document.authors) if name.strip()),
    )


def _storable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
