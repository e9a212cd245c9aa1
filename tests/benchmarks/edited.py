"""Copies as newsrooms make them of wire stories, and texts that only look like copies."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from index.articles import Document

_OUTLETS = ("The Harbour Gazette", "Northern Post", "Evening Courier", "Channel 9 News")
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")
_NAMES = (
    "Abelson Brandt Castellan Dorrance Eskildsen Farrow Galbraith Hallam Ivers Jessop Kestrel"
    " Lindqvist Marchetti Norrby Oakes Pemberton Quillon Rasmus Selwyn Tarrant Ulverston"
    " Vasquez Wetherby Yarrow Zeller Ashgrove Belmar Corvey Dunmore Eastleigh Fairholt"
).split()
_OWN_WORDS = (
    "Officials here have followed the matter closely.",
    "Readers in the region have written to this newspaper about it.",
    "More is expected later in the day, and this page will say so.",
)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text."""
    return [p for p in re.split(r"\n\s*\n", text.strip()) if p.strip()]


def edited(document: Document, edit: str, seed: int, other: Document | None = None) -> Document:
    """What ``edit`` makes of an article, always the same for the same seed.

    It runs under another outlet up to two days later; where it is a copy, under another
    headline every other time. ``other`` is an article that some edits take text from.
    """
    rng = random.Random(f"{edit} {seed} {document.url}")
    own, title = paragraphs(document.text), document.title
    if edit == "template":
        title, *parts = _template([title, *own], rng)
    elif edit in NO_COPIES:
        assert other is not None, f"{edit} needs another article"
        title = other.title
        parts = (_background if edit == "background" else _quoting)(
            own, rng, paragraphs(other.text)
        )
    else:
        parts = COPIES[edit](own, rng)
        if rng.random() < 0.5:
            title = " ".join(own[0].split()[2:12])
    published = document.published
    if published is not None:
        published += timedelta(hours=rng.randrange(48))
    return replace(
        document,
        title=title,
        text="\n\n".join(parts),
        outlet=rng.choice(_OUTLETS),
        published=published,
        url=f"https://copies.invalid/{edit}/{seed}",
    )


def _truncated(parts: list[str], rng: random.Random) -> list[str]:
    return parts[: max(3, round(len(parts) * rng.uniform(0.35, 0.7)))]


def _moved(parts: list[str], rng: random.Random) -> list[str]:
    """Two paragraphs dropped, two swapped, none of them the first."""
    kept = list(parts)
    for _i in range(2):
        if len(kept) > 4:
            kept.pop(rng.randrange(1, len(kept)))
    i, j = (rng.randrange(1, len(kept)) for _i in range(2))
    kept[i], kept[j] = kept[j], kept[i]
    return kept


def _reworded(parts: list[str], rng: random.Random) -> list[str]:
    """One plain word in 25 replaced or left out."""
    plain = [w for p in parts for w in p.split() if w.isalpha() and w.islower() and len(w) > 3]

    def word(text: str) -> str:
        if not (text.isalpha() and text.islower()) or rng.random() > 0.06:
            return text
        return rng.choice([*plain[:50], ""])

    return [" ".join(filter(None, map(word, p.split()))) for p in parts]


def _signed(parts: list[str], rng: random.Random) -> list[str]:
    """A byline and a dateline in front, own sentences behind, straight quotation marks."""
    name = " ".join(rng.sample(_NAMES, 2))
    straight = [p.translate(str.maketrans("“”‘’", "\"\"''")) for p in parts]
    return [
        f"By {name}, staff writer",
        f"{name.split()[0].upper()} - {straight[0]}",
        *straight[1:],
        *rng.sample(_OWN_WORDS, 2),
    ]


def _all(parts: list[str], rng: random.Random) -> list[str]:
    return _signed(_reworded(_moved(_truncated(parts, rng), rng), rng), rng)


def _template(parts: list[str], rng: random.Random) -> list[str]:
    """Another event in the same words: every name and number is another one."""
    names: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        return names.setdefault(match.group(), rng.choice(_NAMES))

    def number(match: re.Match[str]) -> str:
        return str(rng.randrange(10 ** len(match.group())))

    return [_NUMBER.sub(number, _NAME.sub(name, p)) for p in parts]


def _background(parts: list[str], rng: random.Random, other: list[str]) -> list[str]:
    """A follow-up: news of its own, then much of the first article's background."""
    taken = parts[-max(2, round(len(parts) * rng.uniform(0.3, 0.6))) :]
    return other[: max(3, len(taken) // 2)] + taken


def _quoting(parts: list[str], rng: random.Random, other: list[str]) -> list[str]:
    """Another article that takes two paragraphs over."""
    first = rng.randrange(max(1, len(parts) - 2))
    return [*other[:4], *parts[first : first + 2], *other[4:12]]


COPIES: dict[str, Callable[[list[str], random.Random], list[str]]] = {
    "truncated": _truncated,
    "moved": _moved,
    "reworded": _reworded,
    "signed": _signed,
    "all": _all,
}
# What only looks like a copy.
NO_COPIES = ("template", "background", "quoting")
