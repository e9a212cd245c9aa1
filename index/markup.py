"""Bytes of unknown origin to text, and untrusted XML to XML that is safe to parse. Pure.

XML is made safe by cutting it off before its root element: without a document type
declaration no entity can be declared, so none can expand or reach outside. What a
declaration may have been there for, the names of single characters, is put in place first.
"""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from html.entities import html5

from index.errors import UnreadableError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']?([\w.:-]+)|<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# What publishers mean by these names is the larger set, as browsers have it.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Python codecs that are no character set of any document.
_NOT_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"}

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ILLEGAL_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));"
)

_NAME = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_IN_DOCTYPE = re.compile(r"<!--|[\"'\[\]>]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ENTITY = re.compile(
    r"<!ENTITY\s+(?:"
    r"%\s+[\w:.-]+\s+PUBLIC\s+[\"']-//(?:W3C|Netscape)[^\"'<>]*[\"']\s+[\"'][^\"'<>]*[\"']"
    r"|(?P<name>[\w:.-]+)\s+(?:\"(?P<double>[^\"<]*)\"|'(?P<single>[^'<]*)')"
    r")\s*>",
)
_REFERENCE = re.compile(r"&([A-Za-z][\w:.-]*);")
_CHARACTER = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);")
_PREDEFINED = {"amp", "lt", "gt", "quot", "apos"}
_LONGEST_VALUE = 64
_MOST_EXPANSION = 1 << 20


def decode(data: bytes, content_type: str | None = None) -> str:
    """The text of a document, without a byte order mark. Never fails.

    Evidence in the bytes goes before what is declared, because declarations are wrong more
    often: a byte order mark, then UTF-16 or UTF-32 by its zero bytes, then UTF-8 if the
    bytes are such (or nearly, as when a few are broken), then the charset in
    ``content_type``, then the one in the document, and at last Windows-1252.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := wide_encoding(data):
        return data.decode(wide, "replace").removeprefix("\ufeff")
    if not data.isascii() or not (b"\x1b" in data or b"~{" in data):
        text = data.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        if not broken or sum(character > "\x7f" for character in text) > 4 * broken:
            return text.removeprefix("\ufeff")
    for encoding in _declared(data, content_type):
        try:
            return data.decode(encoding)
        except UnicodeError:
            continue
    return data.decode("cp1252", "replace")


def wide_encoding(data: bytes) -> str | None:
    """Which UTF-16 or UTF-32 the zero bytes of a text without a mark speak for, if any."""
    head = data[:256]
    head = head[: len(head) // 4 * 4]
    if not head or 0 not in head:
        return None
    quarter = len(head) / 4
    zeros = [head[place::4].count(0) / quarter for place in range(4)]
    for encoding, places in (
        ("utf-32-le", (1, 1, 1, 0)),
        ("utf-32-be", (0, 1, 1, 1)),
        ("utf-16-le", (0, 1, 0, 1)),
        ("utf-16-be", (1, 0, 1, 0)),
    ):
        wanted = (0.5 if encoding.startswith("utf-16") else 0.9) if quarter > 1 else 1
        if all(
            zero >= wanted if place else zero <= 0.05
            for zero, place in zip(zeros, places, strict=True)
        ):
            return encoding
    return None


def _declared(data: bytes, content_type: str | None) -> list[str]:
    inside = _DECLARED.search(data[:2048])
    outside = _CHARSET.search(content_type or "")
    names = [outside[1]] if outside else []
    if inside:
        names.append((inside[1] or inside[2]).decode("latin-1"))
    found = []
    for name in names:
        try:
            known = codecs.lookup(name).name
        except LookupError:
            continue
        if known not in _NOT_CHARSETS and codecs.lookup(name)._is_text_encoding:
            found.append(_MEANT.get(known, known))
    # A server that was never set up says Latin-1 of everything.
    return sorted(found, key=lambda encoding: encoding == "cp1252")


def without_illegal(text: str) -> str:
    """The text without characters that XML forbids, and without lone surrogates."""
    return _ILLEGAL.sub("", text)


@dataclass(frozen=True, slots=True)
class Prolog:
    """What stands before a document's root element.

    ``root`` is the element's local name as written and ``start`` the offset of its ``<``;
    ``root`` is empty, and ``start`` where reading stopped, if text or the end comes first.
    """

    root: str
    start: int
    doctypes: tuple[str, ...] = ()


def read_prolog(text: str) -> Prolog:
    """Read up to the root element, past white space, comments, instructions and doctypes."""
    doctypes: list[str] = []
    at = 0
    while True:
        at = _skip_space(text, at)
        if text.startswith("<!--", at):
            end = text.find("-->", at)
            step = 3
        elif text.startswith("<?", at):
            end = text.find("?>", at)
            step = 2
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            end = _doctype_end(text, at)
            step = 1
            doctypes.append(text[at : end if end >= 0 else len(text)])
        elif text.startswith(("<!", "</"), at):
            end = text.find(">", at)
            step = 1
        else:
            match = _NAME.match(text, at)
            return Prolog(match[2] if match else "", at, tuple(doctypes))
        if end < 0:
            return Prolog("", at, tuple(doctypes))
        at = end + step


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or text[at] in "\ufeff\x00"):
        at += 1
    return at


def _doctype_end(text: str, start: int) -> int:
    """Where the declaration's closing ``>`` stands, or -1."""
    at, subset = start + 9, False
    while match := _IN_DOCTYPE.search(text, at):
        token, at = match[0], match.end()
        if token == "<!--":
            at = text.find("-->", at) + 3
            if at < 3:
                return -1
        elif token in "\"'":
            end = text.find(token, at)
            # Before the subset a quoted name holds no tag: this quote was never closed.
            if end >= 0 and (subset or "<" not in text[at:end]):
                at = end + 1
        elif token == "[":
            subset = True
        elif token == "]":
            subset = False
        elif not subset:
            return match.start()
    return -1


def safe_xml(text: str, subject: str) -> str:
    """XML from its root element on, in which every named character is spelt as a number.

    Raises UnreadableError where the document declares entities that could grow, nest or
    reach outside. A document type that only names a DTD, or only names characters and
    short constants, passes: nothing of it is loaded.
    """
    prolog = read_prolog(text)
    values = _entities(prolog.doctypes, subject)
    text = without_illegal(text[prolog.start :])
    if sum(text.count(f"&{name};") * len(value) for name, value in values.items()) > (
        _MOST_EXPANSION
    ):
        raise _refused(subject)

    def spelt(match: re.Match[str]) -> str:
        name = match[1]
        if name in values:
            return values[name]
        if name in _PREDEFINED or f"{name};" not in html5:
            return match[0]
        return "".join(f"&#{ord(character)};" for character in html5[f"{name};"])

    return _outside_cdata(
        text, lambda part: _ILLEGAL_REFERENCE.sub("", _REFERENCE.sub(spelt, part))
    )


def _entities(doctypes: tuple[str, ...], subject: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for doctype in doctypes:
        plain = _COMMENT.sub("", doctype)
        declarations = list(_ENTITY.finditer(plain))
        if len(declarations) != plain.upper().count("<!ENTITY"):
            raise _refused(subject)
        for declaration in declarations:
            name = declaration["name"]
            if name is None:
                continue
            value = declaration["double"] or declaration["single"] or ""
            if len(value) > _LONGEST_VALUE or "&" in _CHARACTER.sub("", value):
                raise _refused(subject)
            values.setdefault(name, value)
    return values


def _refused(subject: str) -> UnreadableError:
    return UnreadableError(
        subject,
        "it declares entities that could expand or reach outside, which newsbot refuses",
        "Ask its publisher for a version without entity declarations",
    )


def _outside_cdata(text: str, change: Callable[[str], str]) -> str:
    first, *rest = text.split("<![CDATA[")
    parts = [change(first)]
    for part in rest:
        inside, end, after = part.partition("]]>")
        parts += ["<![CDATA[", inside, end, change(after)]
    return "".join(parts)
