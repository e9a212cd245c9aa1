"""Text to paragraphs and sentences, as slices. Pure.

Every piece is a ``text[start:end]`` of the text itself, so that what is shown can be held
against what is stored.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

# About 200 word pieces, so that a paragraph and its title fit the model's 256.
LONGEST_WORDS = 150


@dataclass(frozen=True, slots=True)
class Span:
    """A slice ``text[start:end]``."""

    start: int
    end: int


_BREAK = re.compile(r"\n[ \t]*\n\s*")
_WORD = re.compile(r"\S+")

# After these, written with a capital, a full stop does not end a sentence when a name follows.
_TITLES = set(
    "mr mrs ms dr prof gen col lt sgt capt cmdr adm maj rev fr hon sen rep gov pres st mt ft sec"
    " amb supt insp det cpl pvt messrs dept univ".split()
)
# After these it does not when a number follows ("No. 7", "Jan. 5").
_BEFORE_NUMBERS = set(
    "no nos art fig vol sec pp est jan feb mar apr jun jul aug sep sept oct nov dec"
    " mon tue wed thu fri sat sun".split()
)
_NEVER_LAST = set("vs cf approx op".split())
# After these it ends one only when what follows looks like a sentence's beginning.
_ABBREVIATIONS = set(
    "inc ltd co corp bros jr sr etc a.m p.m u.s u.k u.n e.u d.c i.e e.g al".split()
)
_CLOSING = "\"'”’»)]}"
_OPENING = "\"'“‘«([{—–-•¿¡"
_TERMINATOR = re.compile(
    rf"[.!?…]+[{re.escape(_CLOSING)}]*(?=\s|$)|[。！？؟।]+[{re.escape(_CLOSING)}」』]*"
)
# Words that begin a sentence far more often than they continue "the U.S." or "Acme Inc."
_STARTERS = set(
    "the a an in on at it he she they we i but and this that these those his her their its"
    " there when while after before as for from with however meanwhile".split()
)


def split_paragraphs(text: str) -> tuple[Span, ...]:
    """The paragraphs of a text, which are parted by empty lines, in order.

    One of more than LONGEST_WORDS words is cut at the ends of sentences, and a sentence
    that is longer still between words.
    """
    spans: list[Span] = []
    start = 0
    for match in [*_BREAK.finditer(text), None]:
        whole = _stripped(text, start, match.start() if match else len(text))
        if whole is not None:
            spans += _cut(text, whole)
        start = match.end() if match else len(text)
    return tuple(spans)


def _cut(text: str, span: Span) -> list[Span]:
    if _words(text, span) <= LONGEST_WORDS:
        return [span]
    pieces: list[Span] = []
    for sentence in split_sentences(text, span.start, span.end):
        for part in _cut_sentence(text, sentence):
            joined = Span(pieces[-1].start, part.end) if pieces else part
            if pieces and _words(text, joined) <= LONGEST_WORDS:
                pieces[-1] = joined
            else:
                pieces.append(part)
    return pieces


def _cut_sentence(text: str, span: Span) -> list[Span]:
    words = [(m.start(), m.end()) for m in _WORD.finditer(text, span.start, span.end)]
    return [
        Span(words[i][0], words[min(i + LONGEST_WORDS, len(words)) - 1][1])
        for i in range(0, len(words), LONGEST_WORDS)
    ]


def split_sentences(text: str, start: int, end: int) -> tuple[Span, ...]:
    """The sentences of ``text[start:end]``, with offsets into ``text``, in order."""
    cuts = [start]
    for match in _TERMINATOR.finditer(text, start, end):
        if match.end() < end and _ends_sentence(text, match, end):
            cuts.append(match.end())
    cuts.append(end)
    spans = (_stripped(text, a, b) for a, b in pairwise(cuts))
    return tuple(span for span in spans if span is not None)


def is_question(sentence: str) -> bool:
    """Whether a sentence asks, by its mark: "?", with or without quotation marks after it."""
    return sentence.rstrip(_CLOSING)[-1:] in ("?", "？", "؟")


def only_asks(text: str) -> bool:
    """Whether a paragraph says nothing but questions, as a quiz or a heading does."""
    spans = split_sentences(text, 0, len(text)) if is_question(text.rstrip()) else ()
    return bool(spans) and all(is_question(text[span.start : span.end]) for span in spans)


def _ends_sentence(text: str, match: re.Match[str], end: int) -> bool:
    mark = match.group()
    if mark[0] in "。！？؟।":
        return True
    following = text[match.end() : min(end, match.end() + 40)].lstrip()
    bare = following.lstrip(_OPENING)
    if bare[:1].islower():
        # '"Really?" he asked.' and '... and so on' go on.
        return False
    if mark[0] != ".":
        return True
    before = re.search(r"[\w.&’']*$", text[max(0, match.start() - 20) : match.start()])
    written = before.group().strip("'’") if before else ""
    word = written.lower()
    if len(mark.rstrip(_CLOSING)) > 1:
        return True
    if mark == ".":
        if word in _NEVER_LAST or (word in _BEFORE_NUMBERS and bare[:1].isdigit()):
            return False
        if word in _TITLES and written[:1].isupper() and bare[:1].isupper():
            return False
    if (
        re.fullmatch(r"[a-z]", word)
        or re.fullmatch(r"([a-z]\.)+[a-z]", word)
        or (word in _ABBREVIATIONS)
    ):
        first = re.match(r"[\w’']+", bare)
        return first is not None and first.group().lower() in _STARTERS
    return True


def _words(text: str, span: Span) -> int:
    return sum(1 for _ in _WORD.finditer(text, span.start, span.end))


def _stripped(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None
