"""What a feed's format says of an item to an Entry: titles, names, dates, links, ids. Pure."""

import hashlib
import html
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from index.articles import Entry
from index.completeness import Claim, are_complete, paragraphs
from index.markup import without_illegal

_LONGEST_TITLE = 500
_DERIVED_TITLE = 80
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Elements found in titles. Of any other tag the title is about that tag.
_PAIRED = re.compile(
    r"<(a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|div|em|font|h[1-6]|i|ins|kbd|mark|p|q|s"
    r"|samp|small|span|strike|strong|sub|sup|tt|u|var)(?:\s[^<>]*)?>([^<>]*)</\1\s*>",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"<(?:br|wbr|img|hr)\b[^<>]*>", re.IGNORECASE)
# References that nobody means literally, so that one left over was escaped twice.
_TWICE = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|quot|apos|nbsp|[lr][sd]quo|hellip|[nm]dash);"
)
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff]")
_ESCAPED_BLOCK = re.compile(
    r"&lt;(p|div|br|ul|ol|h\d|blockquote)\b(?:[^&]|&(?![lg]t;))*&gt;", re.IGNORECASE
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_BLOCK_TAG = re.compile(r"<(?:p|br|div|li|h\d|blockquote|pre|td|section|article)\b", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{2,8})*)$")


@dataclass(frozen=True, slots=True)
class Item:
    """An item as its format gives it, before any of it is trusted.

    ``content`` and ``summary`` are HTML; ``links`` come in order of preference and may be
    relative; ``dates`` likewise, published before updated; ``plain_title`` says that the
    format rules out markup in the title.
    """

    id: str = ""
    links: tuple[str, ...] = ()
    title: str = ""
    plain_title: bool = False
    content: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    dates: tuple[datetime | None, ...] = ()
    language: str | None = None


def entries_of(items: Iterable[Item], base: str, now: datetime) -> tuple[Entry, ...]:
    """The items as entries, in their order, each id once.

    ``base`` is what relative links are resolved against. Where one id is on items that
    differ in both title and link, the feed's ids are no ids, and the link takes their place.
    Of true doubles the later one is kept, then the longer.
    """
    found: list[Entry] = []
    claims: list[Claim] = []
    for item in items:
        entry, title = _entry(item, base, now)
        found.append(entry)
        claims.append(Claim(item.content, item.summary, title, entry.url is not None))
    judged = [
        replace(entry, complete=complete)
        for entry, complete in zip(found, are_complete(claims), strict=True)
    ]
    return _each_once(_with_true_ids(judged))


def _entry(item: Item, base: str, now: datetime) -> tuple[Entry, str]:
    body = max(_readable(item.content), _readable(item.summary), key=len)
    url = next(filter(None, (web_url(link, base) for link in item.links)), None)
    own_title = clean_title(item.title, plain=item.plain_title)
    published = next(filter(None, (sane_date(date, now) for date in item.dates)), None)
    title = own_title or first_words(body) or url or clean_title(item.id, plain=True)
    stated = " ".join(without_illegal(item.id).split())
    # Titles are the one thing an item without id and link has; dates tell apart its reruns.
    seed = f"{title}\n{published.isoformat() if published else ''}"
    hashed = f"sha256:{hashlib.sha256(seed.encode('utf-8')).hexdigest()}"
    entry = Entry(
        id=stated or url or hashed,
        url=url,
        title=title or hashed,
        authors=author_names(item.authors),
        published=published,
        language=language_tag(item.language),
        html=body,
    )
    return entry, own_title


def _with_true_ids(entries: Sequence[Entry]) -> list[Entry]:
    urls: dict[str, set[str | None]] = defaultdict(set)
    titles: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        urls[entry.id].add(entry.url)
        titles[entry.id].add(entry.title)
    return [
        replace(entry, id=entry.url)
        if entry.url and len(urls[entry.id]) > 1 and len(titles[entry.id]) > 1
        else entry
        for entry in entries
    ]


def _each_once(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    kept: dict[str, Entry] = {}
    for entry in entries:
        other = kept.get(entry.id)
        if other is None or _rank(entry) > _rank(other):
            kept[entry.id] = entry
    return tuple(kept.values())


def _rank(entry: Entry) -> tuple[datetime, int, str, str]:
    return (entry.published or _EARLIEST, len(entry.html), entry.html, entry.title)


def clean_title(title: str, *, plain: bool = False) -> str:
    """A title as plain text in one line; "" if nothing is left.

    Markup goes where it is markup (``<i>Titanic</i>``) and stays where it is what the
    title is about (``Using the <video> tag``); references are resolved, also if they were
    escaped twice. ``plain`` titles hold no markup, only what was escaped twice.
    """
    text = title[: 20 * _LONGEST_TITLE]
    if not plain:
        text = html.unescape(_without_tags(text))
    previous = None
    while previous != text:
        previous = text
        text = _UNSEEN.sub("", without_illegal(text))
        text = _TWICE.sub(lambda match: html.unescape(match[0]), text)
    if not plain:
        text = _without_tags(text)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_TITLE else _shortened(text, _LONGEST_TITLE)


def _without_tags(text: str) -> str:
    text = _EMPTY.sub(" ", text)
    for _ in range(8):
        text, count = _PAIRED.subn(r"\2", text)
        if not count:
            break
    return text


def first_words(body: str) -> str:
    """The beginning of a body as a title: its first sentence if short, else about 80 characters."""
    text = next(iter(paragraphs(body[:20_000])), "")
    sentence = re.match(r".{15,80}?[.!?。！？](?=\s|$)", text)
    if sentence and len(text) > _DERIVED_TITLE:
        text = sentence[0]
    return clean_title(_shortened(text, _DERIVED_TITLE), plain=True)


def _shortened(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    head = text[:length]
    cut = head.rfind(" ")
    return head[: cut if cut > length // 2 else length].rstrip(" ,;:–—-") + "…"


def _readable(body: str) -> str:
    """A body as HTML that has its paragraphs, whatever way they were written."""
    body = without_illegal(body).strip()
    if _ESCAPED_BLOCK.search(body) and not _TAG.search(body):
        body = html.unescape(body)
    if body and _EMPTY_LINE.search(body) and not _BLOCK_TAG.search(body):
        return "".join(f"<p>{part.strip()}</p>" for part in _EMPTY_LINE.split(body) if part.strip())
    return body


def holds_blocks(text: str) -> bool:
    """Whether a text is HTML by its block elements, whatever it is declared to be."""
    return bool(_BLOCK_TAG.search(text) and "</" in text)


def text_as_html(text: str) -> str:
    """Plain text as HTML, a paragraph for each run of lines without an empty one."""
    parts = _EMPTY_LINE.split(text.replace("\r\n", "\n"))
    return "".join(
        f"<p>{html.escape(part.strip(), quote=False)}</p>" for part in parts if part.strip()
    )


def author_names(authors: Iterable[str]) -> tuple[str, ...]:
    """People's names, each once; mail addresses are left out.

    Several in one field are told apart by ``;``, and by commas and "and" where each part
    still looks like a full name.
    """
    names: dict[str, None] = {}
    for author in authors:
        text = _ADDRESS.sub("", clean_title(author))
        text = re.sub(r"\(\s*\)|<\s*>|mailto:", "", text)
        for part in text.split(";"):
            for name in _people(re.sub(r"^by\s+", "", part.strip(" ,()<>"), flags=re.IGNORECASE)):
                if any(character.isalnum() for character in name):
                    names.setdefault(name)
    return tuple(names)


def _people(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r",\s+and\s+|,\s+|\s+and\s+|\s+&\s+", text)]
    if len(parts) > 1 and all(2 <= len(part.split()) <= 4 for part in parts):
        return parts
    return [text.strip()]


def language_tag(language: str | None) -> str | None:
    """A language as a BCP 47 tag in its usual case ("en", "pt-BR"); None if it is none."""
    match = _LANGUAGE.match((language or "").strip())
    if not match:
        return None
    rest = [
        part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower()
        for part in re.split("[-_]", match[2])[1:]
    ]
    return "-".join([match[1].lower(), *rest])


def sane_date(date: datetime | None, now: datetime) -> datetime | None:
    """The date in UTC; None for what a clock or a program invents.

    That is a day around the Unix epoch's zero, before 1900, or a day after ``now``.
    A time without a zone is taken as UTC.
    """
    if date is None:
        return None
    try:
        date = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
    day = timedelta(days=1)
    if date < _EARLIEST or date > now + day or abs(date - _EPOCH) <= day:
        return None
    return date


def web_url(link: str, base: str) -> str | None:
    """The link as an absolute http(s) URL; None if it cannot be one.

    Spaces inside are escaped, scheme and host in lower case; the fragment stays, because
    some feeds tell their entries apart by nothing else.
    """
    link = "".join(without_illegal(link).strip().splitlines())
    try:
        url = urljoin(base, link) if link else ""
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or any(c.isspace() for c in host):
        return None
    usual = {"http": 80, "https": 443}[parts.scheme]
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, usual) else f"{host}:{port}"
    user = parts.netloc.rpartition("@")[0]
    if user:
        netloc = f"{user}@{netloc}"
    return parts._replace(netloc=netloc, path=parts.path or "/").geturl().replace(" ", "%20")
