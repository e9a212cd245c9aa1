"""A pasted article in plain text or Markdown, read as a person would read it. Pure.

What stands above the body (furniture, section, headline, standfirst, byline, date) and
below it (signature, furniture) is told from the prose by its shape: short lines without
a sentence's end are not prose. When in doubt a line stays in the body.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from charset_normalizer import from_bytes

from index.articles import Document
from index.errors import UnreadableError

_ENDS_SENTENCE = re.compile(r"[.!?…。！？؟।:;][\"'”’»)\]]*$")
_OUTLETS = (
    "Reuters|AP|AFP|BBC|CNN|UPI|DPA|EFE|ANSA|Xinhua|TASS|Kyodo|PTI|ANI|IANS|Bloomberg|Al Jazeera"
    "|Associated Press|Agence France-Presse"
)
_NAME = r"[A-Z][\w’'.-]*(?: (?:(?:de|van|von|der|den|la|le|al|bin|da|di) )*[A-Z][\w’'.-]*){1,3}"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAY_FORMS = (
    rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{_MONTH}),? (?P<y1>\d{{4}})"
    rf"|(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}})"
    r"|(?P<y3>\d{4})[-/.](?P<m3>\d{2})[-/.](?P<d3>\d{2})"
)
_DATE = re.compile(_DAY_FORMS)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?::\d{2})?\s*([ap]\.?m\.?)?", re.IGNORECASE)
_DATE_LINE = re.compile(
    rf"^(?:(?:first )?(?:published|posted|updated|last (?:updated|modified)|date|modified)"
    rf"(?: on| at)?:?\s+)?(?:\w{{3,9}}day,? )?(?:{_DAY_FORMS})"
    r"(?:,?\s*(?:T|at |[-–|·•]\s*)?\s*\d{1,2}[:.]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*"
    r"\(?(?:Z|[A-Z]{2,4}|[+-]\d{2}:?\d{2})?\)?)?\.?$",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    rf"^(?i:by|from|words by|written by|reporting by)[: ]\s*"
    rf"(?P<names>{_NAME}(?:(?:, | and | & ){_NAME})*)"
    r"(?P<rest>(?:,| in | for |\s*[|·•–-]).*)?$"
)
_BARE_BYLINE = re.compile(rf"^(?P<names>{_NAME}), (?P<outlet>{_OUTLETS})$")
_DATELINE = re.compile(
    r"^(?P<place>[A-Z][A-Z .'’/-]+(?:, [A-Z][\w. ]+)?)"
    rf"(?:,? (?P<date>{_MONTH} \d{{1,2}}(?:,? \d{{4}})?|\d{{1,2}} {_MONTH}(?: \d{{4}})?))?"
    rf"(?:\s*\((?P<outlet>{_OUTLETS}|[A-Z][\w .&’'-]{{1,30}})\))?\s*(?:—|–|--|-)\s+(?=\S)"
)
_PLACELESS_DATELINE = re.compile(rf"^\((?P<outlet>{_OUTLETS})\)\s*(?:—|–|--|-)?\s+(?=[A-Z“\"])")
_SIGNATURE = re.compile(
    rf"(?:^|(?<=[.!?”\"’)])\s+)(?:(?:—|–|--|-)\s?(?P<dashed>[A-Z][\w .&’'/-]{{1,40}})"
    rf"|\((?P<bracketed>{_OUTLETS})\)"
    r"|(?i:source|courtesy|credit|via)\s*:\s*(?P<named>[A-Z][\w .&’'/-]{1,40}))\s*$"
)
_FURNITURE = re.compile(
    r"^(?:[▲▼↑↓→←»«•·|*=_\-–—\s]*)$|^(?:skip to (?:main )?content|menu|home|search|sign (?:in|up)"
    r"|log ?in|subscribe|newsletters?|advertisement|sponsored|show (?:more|less)|read more"
    r"|load more|see more|more (?:on|from|stories)\b.*|back to (?:the )?top(?: button)?|top"
    r"|share(?: (?:this|on)\b.*)?"
    r"|tweet|facebook|twitter|whatsapp|email|print|copy link|comments?(?: \(\d+\))?|leave a comment"
    r"|related(?: (?:articles|stories|topics|news|content|posts))?:?|recommended(?: for you)?"
    r"|most (?:read|popular|viewed)|trending(?: now)?|you may (?:also )?like|read (?:also|next):?.*"
    r"|also read:?.*|follow us\b.*|sign up\b.*|subscribe (?:to|now)\b.*|listen|save|"
    r"(?:image|photo|picture) (?:source|credit|caption)\b.*|getty images|tags?:.*|topics?:.*"
    r"|published in .*|filed under.*|all rights reserved\.?|terms (?:of use|and conditions)"
    r"|privacy policy|contact us|about us|©.*|\(c\) ?\d{4}.*|copyright\b.*|next|previous"
    r"|(?:click|tap) here\b.*|loading\.*|close"
    r"|\d+ (?:comments?|shares?|likes?|min(?:ute)?s? read))$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Head:
    """What is learned above the body."""

    section: str | None = None
    title: str | None = None
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    url: str | None = None
    language: str | None = None
    kept: list[str] = field(default_factory=list)


def decode(data: bytes, *, name: str, charset: str | None = None) -> str:
    """Bytes as text: the charset that is told, UTF-8, UTF-16 with its mark, or what is likeliest.

    Raises UnreadableError for nothing, for binary data, and for what no encoding fits.
    """
    if not data.strip():
        raise UnreadableError(name, "it is empty")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\x00" in data[:4096]:
        raise UnreadableError(name, "it is not text", "newsbot reads plain text, Markdown and HTML")
    for encoding in ("utf-8-sig", charset):
        if encoding is None:
            continue
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    best = from_bytes(data[:200_000]).best()
    if best is None:
        raise UnreadableError(
            name, "its encoding cannot be told", "Save it as UTF-8 and add it again"
        )
    return data.decode(best.encoding, "replace")


def read_text(text: str, *, name: str) -> Document:
    """The article in a pasted text; ``name`` is the file's name, for messages.

    Raises UnreadableError when nothing in it can be quoted.
    """
    head = _Head()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _front_matter(text, head)
    paragraphs = _paragraphs(_without_markdown(text, head))
    body = _without_tail(paragraphs, head)
    body = _without_head(body, head)
    body = [_without_dateline(p, head) if i == 0 else p for i, p in enumerate(body)]
    if not any(len(p.split()) >= 4 for p in body):
        raise UnreadableError(
            name, "it is too short to quote from", "Paste the whole article, with its headline"
        )
    return Document(
        title=head.title or _first_words(body[0]),
        text="\n\n".join(body),
        url=head.url,
        outlet=head.outlet,
        section=head.section,
        authors=head.authors,
        published=_sane(head.published),
        language=head.language,
    )


# Paragraphs


def _paragraphs(text: str) -> list[str]:
    """Blocks parted by empty lines; without any, each line is one. Hard wraps are undone."""
    lines = [" ".join(line.split()) for line in text.strip().split("\n")]
    if any(not line for line in lines):
        blocks = [
            block.split("\n") for block in re.split(r"\n{2,}", "\n".join(lines)) if block.strip()
        ]
    else:
        blocks = [[line] for line in lines] if not _is_wrapped(lines) else [lines]
    paragraphs: list[str] = []
    for block in blocks:
        paragraphs += [" ".join(block)] if _is_wrapped(block) else block
    return [p for p in paragraphs if p]


def _is_wrapped(lines: list[str]) -> bool:
    """Whether the lines are one paragraph, broken where the window ended.

    Each line but the last is then about as long as the longest, and few end a sentence.
    """
    if len(lines) < 2 or any(re.match(r"([-*•–]|\d+[.)]) ", line) for line in lines):
        return False
    longest = max(map(len, lines))
    full = [line for line in lines[:-1] if len(line) >= longest * 0.7]
    ended = [line for line in lines[:-1] if _ENDS_SENTENCE.search(line)]
    return 40 <= longest <= 100 and len(full) == len(lines) - 1 and len(ended) < len(lines) * 0.7


def _first_words(paragraph: str) -> str:
    words = paragraph.split()
    return " ".join(words[:12]) + ("…" if len(words) > 12 else "")


# The end


def _without_tail(paragraphs: list[str], head: _Head) -> list[str]:
    """The paragraphs without the furniture and the signature at their end."""
    body = list(paragraphs)
    while len(body) > 1 and (_is_furniture(body[-1]) or _sign(body, head)):
        if _is_furniture(body[-1]):
            body.pop()
    # A box of links after the article: short lines behind a line of furniture.
    for i in range(len(body) - 1, max(len(body) - 12, len(body) // 2), -1):
        if _is_furniture(body[i]) and not any(_is_prose(p) for p in body[i:]):
            body = body[:i]
            _sign(body, head)
            break
    return [p for i, p in enumerate(body) if not (i and _is_furniture(p))]


def _sign(body: list[str], head: _Head) -> bool:
    match = _SIGNATURE.search(body[-1])
    if match is None:
        return False
    name = match["dashed"] or match["bracketed"] or match["named"]
    alone = match.start() == 0
    known = re.fullmatch(_OUTLETS, name) or match["named"] or match["bracketed"]
    if (
        not known
        and not (name.isupper() and len(name) <= 12)
        and not (alone and len(name.split()) <= 4)
    ):
        return False
    head.outlet = head.outlet or name.strip(" .")
    body[-1] = body[-1][: match.start()].rstrip()
    if not body[-1]:
        body.pop()
    return True


def _is_furniture(line: str) -> bool:
    return len(line) <= 80 and _FURNITURE.match(line.strip()) is not None


def _is_prose(line: str) -> bool:
    return len(line.split()) >= 6 and _ENDS_SENTENCE.search(line) is not None


# The beginning


def _without_head(paragraphs: list[str], head: _Head) -> list[str]:
    """The body: what stands above it goes into ``head``."""
    above: list[str] = []
    body = list(paragraphs)
    while body and len(body) > 1 and len(above) < 12 and not _begins_body(body[0], above):
        above.append(body.pop(0))
    titles: list[str] = []
    for line in above:
        if not (_is_furniture(line) or _byline(line, head) or _date(line, head)):
            titles.append(line)
    if head.title is not None:
        titles = [t for t in titles if _letters(t) != _letters(head.title)]
        if titles and head.section is None and len(titles[0].split()) <= 3:
            head.section = titles.pop(0)
        return titles + body
    if len(titles) > 1 and len(titles[0].split()) <= 3 < len(titles[1].split()):
        head.section = head.section or titles.pop(0)
    if titles:
        head.title = titles.pop(0)
    if titles and head.outlet is None and len(titles[-1].split()) <= 3 and len(titles) == 1:
        outlet = titles[0]
        if re.fullmatch(r"[A-Z][\w .&’'-]{1,30}", outlet):
            head.outlet = outlet
            titles.pop()
    return titles + body


def _begins_body(line: str, above: list[str]) -> bool:
    if _is_furniture(line) or _BYLINE.match(line) or _DATE_LINE.match(line):
        return False
    if _BARE_BYLINE.match(line):
        return False
    if _DATELINE.match(line) and len(line.split()) > 8:
        return True
    words = len(line.split())
    if above and _is_prose(line) and words >= 8:
        return True
    return words > 25


def _byline(line: str, head: _Head) -> bool:
    match = _BYLINE.match(line)
    if match is not None:
        head.authors = head.authors or tuple(re.split(r", | and | & ", match["names"]))
        rest = (match["rest"] or "").strip(" ,|·•–-")
        found = re.search(rf"\b({_OUTLETS})\b", rest)
        if found or (rest and not rest.lower().startswith("in ") and not _DATE.search(rest)):
            head.outlet = head.outlet or (found[1] if found else re.sub(r"^for ", "", rest))
        if rest:
            _date(rest, head)
        return True
    bare = _BARE_BYLINE.match(line)
    if bare is not None:
        head.authors = head.authors or (bare["names"],)
        head.outlet = head.outlet or bare["outlet"]
        return True
    return False


def _date(line: str, head: _Head) -> bool:
    if not _DATE_LINE.match(line.strip()):
        return False
    if head.published is None or not re.match(r"(?i)(last )?(updated|modified)", line):
        head.published = _moment(line) or head.published
    return True


def _without_dateline(paragraph: str, head: _Head) -> str:
    """The first paragraph without "LONDON, March 3 (Reuters) —"; the rest stays verbatim."""
    match = _DATELINE.match(paragraph) or _PLACELESS_DATELINE.match(paragraph)
    if match is None:
        return paragraph
    found = match.groupdict()
    head.outlet = head.outlet or found.get("outlet")
    if found.get("date") and head.published is None:
        head.published = _moment(found["date"])
    return paragraph[match.end() :]


def _moment(text: str) -> datetime | None:
    """The first whole date in a text, with the time of day behind it, in UTC."""
    match = _DATE.search(text)
    if match is None:
        return None
    groups = match.groupdict()
    year, month, day = next(
        (groups[f"y{i}"], groups[f"m{i}"], groups[f"d{i}"]) for i in "123" if groups[f"y{i}"]
    )
    number = int(month) if month.isdigit() else _month_number(month)
    try:
        moment = datetime(int(year), number, int(day), tzinfo=UTC)
    except ValueError:
        return None
    clock = _CLOCK.search(text, match.end())
    if clock is not None:
        hour, minute = int(clock[1]), int(clock[2])
        if clock[3]:
            hour = hour % 12 + (12 if clock[3].lower().startswith("p") else 0)
        if hour < 24 and minute < 60:
            moment += timedelta(hours=hour, minutes=minute)
    return moment


def _month_number(name: str) -> int:
    names = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    return names.index(name[:3].lower()) + 1


def _sane(moment: datetime | None) -> datetime | None:
    """A date that can be: after 1970's first days and not beyond tomorrow."""
    if moment is None or not datetime(1971, 1, 1, tzinfo=UTC) < moment:
        return None
    return moment if moment < datetime.now(UTC) + timedelta(days=1) else None


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


# Markdown


def _front_matter(text: str, head: _Head) -> str:
    match = re.match(r"\ufeff?---\n(.*?)\n---\n", text, re.DOTALL)
    if match is None:
        return text
    fields = {}
    for line in match[1].split("\n"):
        key, colon, value = line.partition(":")
        if colon:
            fields[key.strip().lower()] = value.strip().strip("\"'")
    head.title = fields.get("title") or None
    head.outlet = fields.get("outlet") or fields.get("source") or fields.get("publisher") or None
    head.section = fields.get("section") or fields.get("category") or None
    head.url = fields.get("url") or fields.get("link") or None
    head.language = fields.get("language") or fields.get("lang") or None
    names = fields.get("author") or fields.get("authors") or ""
    head.authors = tuple(n.strip(" \"'") for n in names.strip("[]").split(",") if n.strip(" \"'"))
    head.published = _stated(fields.get("date") or fields.get("published") or "")
    return text[match.end() :]


def _stated(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _moment(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


_MARKDOWN = (
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), ""),
    (re.compile(r"\[([^\]]+)\]\((?:[^()]|\([^)]*\))*\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]+?)(?<=\S)_(?![\w_])"), r"\1"),
    (re.compile(r"^(```|~~~).*$", re.MULTILINE), ""),
    (re.compile(r"^> ?", re.MULTILINE), ""),
    (re.compile(r"^([-*_] ?){3,}$", re.MULTILINE), ""),
)


def _without_markdown(text: str, head: _Head) -> str:
    """The text with its markup reduced to the words; its first heading is the headline."""
    heading = re.search(r"^# +(.+?) *#*$", text, re.MULTILINE)
    if heading is not None and not _is_prose(text[: heading.start()].strip()):
        head.title = head.title or _plain(heading[1])
        text = text[: heading.start()] + text[heading.end() :]
    text = re.sub(r"^#{1,6} +(.+?) *#*$", r"\n\1\n", text, flags=re.MULTILINE)
    return _plain(text)


def _plain(text: str) -> str:
    for pattern, replacement in _MARKDOWN:
        text = pattern.sub(replacement, text)
    return text
