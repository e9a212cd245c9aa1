"""What is kept of an article to tell its copies and its story. Pure.

A sketch holds hashes of word sequences, of names and of headline words, not the text, so
that a window of thousands of articles stays in memory.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from index.articles import Article

Hashes = NDArray[np.uint64]
Vector = NDArray[np.float32]

# Words in a shingle. Five in a row are seldom shared by chance, and a replaced word
# spoils only five of them (Broder, "On the resemblance and containment of documents", 1997).
SHINGLE_WORDS = 5
# A news lead: what the article is about stands in its first words.
LEAD_WORDS = 60

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_POSSESSIVE = re.compile(r"[’']s\b")
# A capital letter where no sentence begins, or a number of more than one digit.
_NAME = re.compile(r"(?<=[a-z,;0-9] )[^\W\d_a-z][\w’'-]+|\d[\d.,]*\d")
_CAPITAL = re.compile(r"[^\W\d_]")
_ENDINGS = ("ies", "ing", "ed", "es", "s")
_STOP = set(
    "the a an of to in on at for and or but with by from as is are was were be been being it"
    " its this that these those he she they we you i his her their our your not no will would"
    " can could may might has have had do does did does says say said after before over under"
    " about into up down out off than then there here who whom which what when where why how"
    " all any more most new news first one two three also just amid against between during"
    " while today week opinion analysis photo photos video things know need year years day"
    " days time people told according monday tuesday wednesday thursday friday saturday sunday"
    " january february march april june july august september october november december".split()
)
# Headlines of articles that put several stories side by side.
_ROUND_UP = re.compile(
    r"\bthings (you |we )?(need |want )?to know\b|\b(\d+|five|ten) things\b|\bnews from around\b"
    r"|\bnews round-?up\b|\b(morning|daily|evening) briefing\b|\bnews quiz\b|\bquiz of the week\b"
    r"|\b(week|day|month) in (photos|pictures|review)\b|\bphotos (this|of the) (day|week|month)\b"
    r"|\b(mon|tues|wednes|thurs|fri|satur|sun)day's news\b|\bnews in brief\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Words by their hashes, ascending, and how much each is spoken of: 1 + log(count)."""

    hashes: Hashes
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """An article, as far as its copies and its story are concerned.

    ``moment`` is when it was published or, where that is missing or lies ahead of it, when
    it was first seen. ``shingles`` are of the whole text, ``lead`` of its first words, both
    ascending. ``vector`` is the unit mean of its paragraphs' vectors, shape (dim,), zeros
    if it has none. ``names`` are the names and numbers of the whole text, ``terms`` the
    words that matter in title and lead, ``headline`` those of the title alone.
    ``round_up`` marks one that puts several stories side by side.
    """

    article: int
    key: str
    outlet: str | None
    moment: datetime
    shingles: Hashes
    lead: Hashes
    vector: Vector
    names: Terms
    terms: Terms
    headline: Hashes
    round_up: bool


def sketch(article: Article, text: str, vectors: NDArray[np.float32]) -> Sketch:
    """The sketch of an article's newest text; ``vectors`` are its paragraphs', (n, dim)."""
    words = [word.casefold() for word in _WORD.findall(text)]
    lead = " ".join(text.split()[:LEAD_WORDS])
    moment = article.first_seen
    if article.published is not None:
        moment = min(moment, article.published)
    return Sketch(
        article=article.id,
        key=article.key,
        outlet=article.outlet,
        moment=moment,
        shingles=_shingles(words),
        lead=_shingles(words[:LEAD_WORDS]),
        vector=_mean(vectors),
        names=_terms(_stem(_POSSESSIVE.sub("", name)) for name in _NAME.findall(text)),
        terms=_terms([*salient(article.title), *salient(lead)]),
        headline=_terms(salient(article.title)).hashes,
        round_up=bool(_ROUND_UP.search(article.title.replace("’", "'"))),
    )


def salient(text: str) -> list[str]:
    """The words of a text that may tell it from others, in a rough common form."""
    words = _WORD.findall(_POSSESSIVE.sub("", text))
    return [_stem(w) for w in words if len(w) > 1 and w.casefold() not in _STOP]


def _stem(word: str) -> str:
    # Rough on purpose: both sides are cut alike, and names must not be cut to pieces.
    word = word.casefold()
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _hash(text: str) -> int:
    # Not hash(), which differs between processes: a placing must not.
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _shingles(words: list[str]) -> Hashes:
    size = min(SHINGLE_WORDS, len(words))
    if not size:
        return np.empty(0, dtype=np.uint64)
    hashes = {_hash(" ".join(words[i : i + size])) for i in range(len(words) - size + 1)}
    return np.array(sorted(hashes), dtype=np.uint64)


def _terms(words: Iterable[str]) -> Terms:
    counted = sorted((_hash(word), count) for word, count in Counter(words).items())
    return Terms(
        np.array([h for h, _ in counted], dtype=np.uint64),
        np.array([1 + math.log(count) for _, count in counted]),
    )


def _mean(vectors: NDArray[np.float32]) -> Vector:
    if not len(vectors):
        return np.zeros(vectors.shape[-1], dtype=np.float32)
    mean = np.asarray(vectors.mean(axis=0), dtype=np.float32)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length, dtype=np.float32) if length else mean
