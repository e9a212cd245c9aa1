"""A pasted article in plain text or Markdown, read as a person would read it. Pure.

What stands above the body (furniture, section, headline, standfirst, byline, date) and
below it (signature, furniture) is told from the prose by its shape: short lines without
a sentence's end are not prose. When in doubt a line stays in the body.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from charset_normalizer import from_bytes

from index.articles import Document
from index.errors import UnreadableError
from index.markdown import part_at_heading, read_front_matter, without_markup
from index.written_dates import MONTH, holds_date, is_date_line, moment_in, sane

_ENDS_SENTENCE = re.compile(r"[.!?…。！？؟।:;][\"'”’»)\]]*$")
_OUTLETS = (
    "Reuters|AP|AFP|BBC|CNN|UPI|DPA|EFE|ANSA|Xinhua|TASS|Kyodo|PTI|ANI|IANS|Bloomberg|Al Jazeera"
    "|Associated Press|Agence France-Presse"
)
_NAME = r"[A-Z][\w’'.-]*(?: (?:(?:de|van|von|der|den|la|le|al|bin|da|di) )*[A-Z][\w’'.-]*){1,3}"
_BYLINE = re.compile(
    rf"^(?i:by|from|words by|written by|reporting by)[: ]\s*"
    rf"(?P<names>{_NAME}(?:(?:, | and | & ){_NAME})*)"
    r"(?P<rest>(?:,| in | for |\s*[|·•–-]).*)?$"
)
_BARE_BYLINE = re.compile(rf"^(?P<names>{_NAME}), (?P<outlet>{_OUTLETS})$")
_DATELINE = re.compile(
    r"^(?P<place>[A-Z][A-Z .'’/-]+(?:, [A-Z][\w. ]+)?)"
    rf"(?:,? (?P<date>{MONTH} \d{{1,2}}(?:,? \d{{4}})?|\d{{1,2}} {MONTH}(?: \d{{4}})?))?"
    rf"(?:\s*\((?P<outlet>{_OUTLETS}|[A-Z][\w .&’'-]{{1,30}})\))?\s*(?:—|–|--|-)\s+(?=[^a-z\s])"
)
_PLACELESS_DATELINE = re.compile(rf"^\((?P<outlet>{_OUTLETS})\)\s*(?:—|–|--|-)?\s+(?=[A-Z“\"])")
_SIGNATURE = re.compile(
    rf"(?:^|(?<=[.!?”\"’)])\s+)(?:(?:—|–|--|-)\s?(?P<dashed>[A-Z][\w .&’'/-]{{1,40}})"
    rf"|\((?P<bracketed>{_OUTLETS})\)"
    r"|(?i:source|courtesy|credit|via)\s*:\s*(?P<named>[A-Z][\w .&’'/-]{1,40}))\s*$"
)
# Lines that are of the page and not of the article, whatever stands around them.
_FURNITURE = re.compile(
    r"^(?:[▲▼↑↓→←»«•·|*=_\-–—\s]*)$|^(?:skip to (?:main )?content|menu|home|search|sign (?:in|up)"
    r"|log ?in|subscribe|newsletters?|advertisement|sponsored|show (?:more|less)|read more"
    r"|load more|see more|back to (?:the )?top(?: button)?|top|share(?: (?:this|on))?"
    r"|tweet|facebook|twitter|whatsapp|email|print|copy link|comments?(?: \(\d+\))?|leave a comment"
    r"|related(?: (?:articles|stories|topics|news|content|posts))?:?|recommended(?: for you)?"
    r"|most (?:read|popular|viewed)|trending(?: now)?|you may (?:also )?like|listen|save"
    r"|(?:read (?:also|next|more)|also read|see also|tags?|topics?|filed under):.*"
    r"|(?:sign up|subscribe)\b.*\b(?:newsletter|e-?mails?|alerts?|podcast|inbox)\b.*"
    r"|follow us\b.*\b(?:twitter|facebook|instagram|x|youtube|telegram|whatsapp|linkedin)\b.*"
    r"|getty images|(?:image|photo|picture) (?:source|credit|caption)\b.*|all rights reserved\.?"
    r"|terms (?:of use|and conditions)|privacy policy|contact us|about us|next|previous|close"
    r"|©.*|(?:copyright|\(c\)):? ?(?:©|\(c\))? ?\d{4}.*|loading\.*"
    r"|\d+ (?:comments?|shares?|likes?|min(?:ute)?s? read))$",
    re.IGNORECASE,
)
# Words that begin buttons and links, but sentences as well.
_FURNITURE_BEGINS = re.compile(
    r"(?:share (?:this|on)|more (?:on|from|stories)|read (?:also|next)|also read|follow us|sign up"
    r"|subscribe (?:to|now)|published in|filed under|copyright|(?:click|tap) here)\b",
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
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    stated, text = read_front_matter(text)
    head = _Head(
        section=stated.section,
        title=stated.title,
        outlet=stated.outlet,
        authors=stated.authors,
        published=stated.published,
        url=stated.url,
        language=stated.language,
    )
    parted = part_at_heading(text)
    if parted is not None and not _is_prose(parted[0].strip()):
        above, heading, below = parted
        head.title = head.title or heading
        text = above + below
    paragraphs = _paragraphs(without_markup(text))
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
        published=sane(head.published),
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
    if len(line) > 80:
        return False
    if _FURNITURE.match(line.strip()):
        return True
    return _FURNITURE_BEGINS.match(line) is not None and not _is_prose(line)


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
    if _is_furniture(line) or _BYLINE.match(line) or is_date_line(line):
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
        if found or (rest and not rest.lower().startswith("in ") and not holds_date(rest)):
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
    if not is_date_line(line):
        return False
    if head.published is None or not re.match(r"(?i)(last )?(updated|modified)", line):
        head.published = moment_in(line) or head.published
    return True


def _without_dateline(paragraph: str, head: _Head) -> str:
    """The first paragraph without "LONDON, March 3 (Reuters) —"; the rest stays verbatim."""
    match = _DATELINE.match(paragraph) or _PLACELESS_DATELINE.match(paragraph)
    if match is None:
        return paragraph
    found = match.groupdict()
    head.outlet = head.outlet or found.get("outlet")
    if found.get("date") and head.published is None:
        head.published = moment_in(found["date"])
    return paragraph[match.end() :]


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
