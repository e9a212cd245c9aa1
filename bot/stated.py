"""What is said in an article, with who says it and what it is about. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.features import words
from bot.noun_phrases import verbs
from bot.quotations import inside, quotations
from bot.saying_verbs import FALSE, Stance
from bot.speakers import Saying, sayings
from index.archive import Row
from index.paragraphs import Span, split_sentences

# Quoted words fewer than these are a turn of phrase, not an account.
_LEAST_QUOTED = 4
_BESIDES = re.compile(
    r"\bas\b|,\s+(?:blam|say|add|insist|call)\w*ing\b|\band (?:blamed|said|says|called)\b|[;“\"«:]"
)
# Words that only point at a claim, or carry no matter of their own.
_POINTING = set(
    words(
        "claim claims allegation allegations accusation accusations charge charges report reports"
        " rumour rumours rumor rumors suggestion suggestions assertion statement statements"
        " criticism speculation story stories notion idea say says said tell told anyone anything"
        " any ever never wrongdoing responsibility involvement doing do did deny reject dismiss"
        " false untrue baseless account version call it its this that he she they there not no"
        " had has have having was were is are be been being which who will would could can may"
        " might from in on at to for with by about into over and or but if as than s t his her"
        " their him them themselves itself himself herself own some all one two three more most"
        " also"
    )
)


@dataclass(frozen=True, slots=True)
class Stated:
    """Something said in an article, in its ``order``-th sentence, counted from 0.

    ``sentence`` is its slice of the paragraph; ``about`` the stems of what is said, without
    those that only point at a charge, ``names`` and ``does`` those of names and of verbs among
    them; ``speaker`` who says it, at worst by the clause's own words.
    """

    row: Row
    saying: Saying
    sentence: Span
    order: int
    about: frozenset[str]
    names: frozenset[str]
    does: frozenset[str]
    speaker: str

    @property
    def said(self) -> str:
        return self.row.text[self.saying.said.start : self.saying.said.end]

    @property
    def whole(self) -> str:
        return self.row.text[self.sentence.start : self.sentence.end]


def stated(rows: Sequence[Row]) -> list[Stated]:
    """All that is said in the paragraphs of an article, in order."""
    found: list[Stated] = []
    order = 0
    for row in rows:
        spoken = sayings(row.text)
        for sentence in split_sentences(row.text, 0, len(row.text)):
            for saying in spoken:
                if sentence.start <= saying.start < sentence.end:
                    found.append(_stated(row, saying, sentence, order))
            order += 1
    return found


def _stated(row: Row, saying: Saying, sentence: Span, order: int) -> Stated:
    said = row.text[saying.said.start : saying.said.end]
    names = frozenset(words(" ".join(re.findall(r"(?<=\w )[A-Z]\w+", said))))
    if saying.stance is Stance.DENIED:
        # What is judged of the charge, and what is said besides, is not what is denied.
        said = FALSE.sub(" ", _BESIDES.split(said)[0])
    about = frozenset(words(said)) - _POINTING
    does = about & frozenset(words(" ".join(verbs(f"- {said}"))))
    return Stated(
        row, saying, sentence, order, about, names, does, saying.speaker or saying.subject
    )


def quoted_words(said: Stated) -> str | None:
    """The speaker's own words, if the sentence quotes enough of them."""
    span = quoted_span(said)
    return None if span is None else said.row.text[span.start : span.end]


def quoted_span(said: Stated) -> Span | None:
    """Where the speaker's own words stand in the paragraph, without quotation marks."""
    saying = said.saying
    start, end = min(saying.start, saying.said.start), max(saying.end, saying.said.end)
    spans = [
        inside(said.row.text, q)
        for q in quotations(said.row.text)
        if start <= q.start and q.end <= end + 1
    ]
    long = [s for s in spans if len(said.row.text[s.start : s.end].split()) >= _LEAST_QUOTED]
    return max(long, key=lambda s: s.end - s.start) if long else None
