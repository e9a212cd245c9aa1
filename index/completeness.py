"""Whether a feed's entry is the article or only a summary of it. Pure.

A feed does not say. ``content:encoded``, Atom's ``content`` and JSON Feed's ``content_html``
are meant for the article and ``description`` and ``summary`` for a summary, but each is
used for the other. So the text itself is judged, by signs that hold in any language where
they can, and where an entry leaves it open its feed's other entries decide: one feed is
written by one program, which either cuts or does not.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from lxml import etree

# Words from which a text in several paragraphs, and in one, is taken for an article.
_SEVERAL_WORDS = 150
_ONE_WORDS = 400
# The same where the feed calls it content.
_CONTENT_SEVERAL_WORDS = 60
_CONTENT_ONE_WORDS = 120
_CONTENT_WORDS = 40
# Longer texts may end on dots, or on a "read more" that points to another article.
_DOTS_WORDS = 300
_READ_MORE_WORDS = 400

_BLOCK = re.compile(
    r"(?=</?(?:p|div|br|li|ul|ol|dl|dd|dt|h[1-6]|blockquote|pre|section|article|header|footer"
    r"|figure|figcaption|table|tr|hr)\b)",
    re.IGNORECASE,
)
_MARK = "\u2029"
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")

# What WordPress puts under every entry, in the languages of its larger translations.
_FOOTER = re.compile(
    r"appeared first on|erschien zuerst auf|est apparu en premier sur|se publicó primero en"
    r"|apareció primero en|apareceu primeiro em|proviene da|verscheen eerst op|first appeared on"
    r"|появились сначала на|pojawił się poczatkowo na|dök först upp på|dukkede først op på",
    re.IGNORECASE,
)
_CUT = re.compile(r"[\[(【]\s*(?:…|\.{2,}|&hellip;|\+?\d+ chars)\s*[\])】]?[\s»›→>]*$")
_DOTS = re.compile(r"(?:…|\.\.\.)[\s»›→>\"”’)]*$")
_CONTINUE = re.compile(
    r"(?:continue reading|keep reading|read the (?:rest|full|whole|entire|original)|read full"
    r"|full (?:story|article)|weiterlesen|den ganzen artikel|lire la suite"
    r"|seguir leyendo|sigue leyendo"
    r"|continua a leggere|leggi tutto|continue lendo|continuar (?:lendo|leyendo)|lees verder"
    r"|devamını oku|читать (?:далее|дальше|полностью)|czytaj (?:dalej|więcej)|číst dál"
    r"|čítať ďalej|続きを読む|阅读全文|阅读更多|继续阅读|繼續閱讀|계속 읽기)[^.!?。]{0,120}$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:read more|learn more|more\s*[»›→>]|\(more[….\s]*\)|mehr lesen|en savoir plus|lire plus"
    r"|leer más|leia mais|lees meer|läs mer|les mer|læs mere|подробнее|mehr erfahren"
    r"|click here (?:to|for) \w+)[^.!?。:]{0,80}$",
    re.IGNORECASE,
)
_ENDS_WHOLE = re.compile("[.!?:;)\\]\"'”’»›。！？」』】\u0964…]$")


class _Verdict(Enum):
    WHOLE = "whole"
    SUMMARY = "summary"
    OPEN = "open"
    OPEN_CONTENT = "open, but called content"


@dataclass(frozen=True, slots=True)
class Claim:
    """What an entry offers: the text the feed calls content and the one it calls summary.

    Both are HTML, possibly empty. ``title`` is the entry's own, "" where it has none;
    ``linked`` says whether there is a page that would tell more.
    """

    content: str
    summary: str
    title: str
    linked: bool


def are_complete(claims: Sequence[Claim]) -> tuple[bool, ...]:
    """For each entry of one feed, whether it carries the article itself.

    In this order, for the longer of its two texts:

    1. Without a page of its own there is nothing more to read: whole.
    2. Without words, or with an end that says it was cut ("[…]", "Continue reading", dots
       after a short text): a summary. A footer that a blog program adds is not the end.
    3. Without a title, or where the title is just its beginning, it is a note: whole.
    4. Called content: whole if it has several paragraphs and 60 words, or 120 words, or
       clearly more than the summary beside it. A shorter one stays open.
    5. Called summary: whole if it has three paragraphs or more and 150 words, or 400 words.
       In one or two paragraphs and not ended like a sentence: a summary. Else open.

    What stays open goes with the majority of what is certain in the same feed. Failing
    that, content of 40 words that ends like a sentence is whole, and anything else is a
    summary: reading a page in vain costs a request, missing an article costs the article.
    """
    verdicts = [_judge(claim) for claim in claims]
    whole = sum(verdict[0] is _Verdict.WHOLE for verdict in verdicts)
    cut = sum(verdict[0] is _Verdict.SUMMARY for verdict in verdicts)
    return tuple(
        verdict is _Verdict.WHOLE
        or (verdict in (_Verdict.OPEN, _Verdict.OPEN_CONTENT) and whole > max(cut, 1))
        or (verdict is _Verdict.OPEN_CONTENT and cut <= whole and likely)
        for verdict, likely in verdicts
    )


def _judge(claim: Claim) -> tuple[_Verdict, bool]:
    """The verdict, and for open content whether it is likely whole on its own."""
    if not claim.linked:
        return _Verdict.WHOLE, True
    content = paragraphs(claim.content)
    summary = content if claim.summary == claim.content else paragraphs(claim.summary)
    in_content, in_summary = word_count(content), word_count(summary)
    is_content = in_content > 0 and in_content >= in_summary
    text: Sequence[str]
    text, words = (content, in_content) if is_content else (summary, in_summary)
    text = _without_footer(text)
    if not words or not text or _is_cut(text, words):
        return _Verdict.SUMMARY, False
    if _is_note(claim.title, " ".join(text)):
        return _Verdict.WHOLE, True
    real = sum(word_count([paragraph]) >= 8 for paragraph in text)
    ended = bool(_ENDS_WHOLE.search(text[-1]))
    if is_content:
        longer = in_summary and in_content > 1.3 * in_summary + 10
        if (
            words >= _CONTENT_ONE_WORDS
            or (words >= _CONTENT_SEVERAL_WORDS and real > 1)
            or (words >= _CONTENT_WORDS and longer)
        ):
            return _Verdict.WHOLE, True
        return _Verdict.OPEN_CONTENT, words >= _CONTENT_WORDS and ended
    if words >= _ONE_WORDS or (words >= _SEVERAL_WORDS and real >= 3):
        return _Verdict.WHOLE, True
    if real <= 2 and not ended:
        return _Verdict.SUMMARY, False
    return _Verdict.OPEN, False


def _is_cut(text: Sequence[str], words: int) -> bool:
    end = text[-1][-240:]
    return bool(
        _CUT.search(end)
        or _CONTINUE.search(end)
        or (words < _DOTS_WORDS and _DOTS.search(end))
        or (words < _READ_MORE_WORDS and _MORE.search(end))
    )


def _is_note(title: str, text: str) -> bool:
    start = title.rstrip("….").strip()
    return not start or (len(start) >= 20 and text.startswith(start))


def _without_footer(text: Sequence[str]) -> Sequence[str]:
    kept = list(text)
    while kept and len(kept[-1]) < 400 and _FOOTER.search(kept[-1]):
        kept.pop()
    return kept


def word_count(text: Sequence[str]) -> int:
    """Words of the paragraphs; where a script sets no spaces, two characters are a word."""
    return sum(
        len(paragraph.split())
        + (0 if paragraph.isascii() else len(_EAST_ASIAN.findall(paragraph)) // 2)
        for paragraph in text
    )


def paragraphs(markup: str) -> list[str]:
    """The readable paragraphs of an HTML fragment, in one line each, none empty."""
    if "<" not in markup:
        text = html.unescape(markup)
    else:
        parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        data = _BLOCK.sub(_MARK, markup).encode("utf-8", "replace")
        try:
            root = etree.fromstring(b"<div>" + data, parser)
        except etree.XMLSyntaxError:
            return []
        if root is None:
            return []
        etree.strip_elements(root, "script", "style", "noscript", "template", with_tail=False)
        text = "".join(root.itertext())
    return [line for part in text.split(_MARK) if (line := " ".join(part.split()))]
