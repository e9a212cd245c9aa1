"""Markdown reduced to the words of an article, and the front matter above it. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

from index.written_dates import stated_moment


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the block between two lines of ``---`` says of the article below it."""

    title: str | None = None
    outlet: str | None = None
    section: str | None = None
    url: str | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None


_FRONT_MATTER = re.compile(r"\ufeff?---\n(.*?)\n---(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"^# +(\S.*)$|^(\S.*)\n={3,} *$", re.MULTILINE)
_LOWER_HEADING = re.compile(r"^#{1,6} +(\S.*)$", re.MULTILINE)
_UNDERLINED_HEADING = re.compile(r"^(\S.*)\n={3,} *$", re.MULTILINE)
# A bracket within brackets ends the search, so that a page of "[" takes no quadratic time.
_TARGET = r"\((?:[^()\n]|\([^()\n]*\))*\)"
_INLINE = (
    (re.compile(rf"!\[[^\[\]]*\]{_TARGET}"), ""),
    (re.compile(rf"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]{_TARGET}"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]+?)(?<=\S)_(?![\w_])"), r"\1"),
    (re.compile(r"^(```|~~~).*$", re.MULTILINE), ""),
    (re.compile(r"^> ?", re.MULTILINE), ""),
    (re.compile(r"^([-*_] ?){3,}$", re.MULTILINE), ""),
)


def read_front_matter(text: str) -> tuple[FrontMatter, str]:
    """What the front matter states, and the text below it; nothing where there is none."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        return FrontMatter(), text
    fields: dict[str, str] = {}
    for line in match[1].split("\n"):
        key, colon, value = line.partition(":")
        if colon:
            fields[key.strip().lower()] = value.strip().strip("\"'")

    def first(*keys: str) -> str | None:
        return next(filter(None, map(fields.get, keys)), None)

    names = (first("author", "authors") or "").strip("[]").split(",")
    stated = FrontMatter(
        title=first("title"),
        outlet=first("outlet", "source", "publisher"),
        section=first("section", "category"),
        url=first("url", "link"),
        language=first("language", "lang"),
        authors=tuple(name.strip(" \"'") for name in names if name.strip(" \"'")),
        published=stated_moment(first("date", "published") or ""),
    )
    return stated, text[match.end() :]


def part_at_heading(text: str) -> tuple[str, str, str] | None:
    """What stands above the first heading of the first rank, its words, and what is below."""
    match = _HEADING.search(text)
    if match is None:
        return None
    words = without_markup(_unclosed(match[1] or match[2]))
    return text[: match.start()], words, text[match.end() :]


def without_markup(text: str) -> str:
    """The words that Markdown marks up; headings get lines of their own."""
    text = _UNDERLINED_HEADING.sub(r"\n\1\n", text)
    text = _LOWER_HEADING.sub(lambda match: f"\n{_unclosed(match[1])}\n", text)
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return text


def _unclosed(heading: str) -> str:
    """A heading's words without the number signs that may close it; "C#" keeps its own."""
    heading = heading.rstrip()
    opened = heading.rstrip("#")
    return opened.rstrip() if not opened or opened.endswith(" ") else heading
