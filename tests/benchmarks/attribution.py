"""Who says what, who disagrees, which numbers differ: precision and recall on labelled texts.

The texts are of our own writing. Those held out were written before the rules, and no
rule was changed for one of them.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.accounts import denials
from bot.hedges import hedged
from bot.number_accounts import Difference, counted, differences
from bot.speakers import saying_of
from index.archive import Row
from index.articles import Article, Paragraph
from index.paragraphs import split_sentences

PARTS = ("tuning", "held out")
_FOLDER = Path(__file__).parent
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Told:
    """One label, and what the rules made of it: right, said at all, there to be said."""

    example: str
    right: bool
    said: bool
    there: bool
    made: str = ""


def labels(part: str) -> dict[str, Any]:
    """The labelled texts of a part."""
    name = f"attribution_{part.replace(' ', '_')}.json"
    stored: dict[str, Any] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return stored


def run() -> dict[str, Any]:
    """Print the table; its figures."""
    table = Table(title="Who says what, on texts of our own writing", box=None, pad_edge=False)
    for heading in ("", "part", "texts", "are", "found", "wrong", "precision", "recall"):
        table.add_column(
            heading, justify="left" if heading in ("", "part") else "right", no_wrap=True
        )
    figures: dict[str, Any] = {}
    for part in PARTS:
        read = labels(part)
        for name, judge in JUDGES.items():
            told = judge(read)
            figures[f"{name}, {part}"] = _row(table, name, part, told)
    Console().print(table)
    return figures


def _row(table: Table, name: str, part: str, told: Sequence[Told]) -> dict[str, Any]:
    said, there = sum(t.said for t in told), sum(t.there for t in told)
    right = sum(t.right and t.said for t in told)
    table.add_row(
        name,
        part,
        str(len(told)),
        str(there),
        str(right),
        str(said - right),
        _share(right, said),
        _share(right, there),
    )
    return {
        "texts": len(told),
        "with one": there,
        "found": right,
        "wrongly": said - right,
        "precision": [right / max(1, said), *interval(right, said)],
        "recall": [right / max(1, there), *interval(right, there)],
    }


def _share(part: int, whole: int) -> str:
    low, high = interval(part, whole)
    return f"{part / max(1, whole):.2f} [{low:.2f}–{high:.2f}]"


def interval(right: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson, "Probable inference", 1927)."""
    if not of:
        return 0.0, 1.0
    share, square = right / of, _Z**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of**2)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def _same(name: str, others: Iterable[str]) -> bool:
    return _bare(name) in {_bare(other) for other in others}


def _bare(name: str) -> str:
    return name.casefold().removeprefix("the ").strip()


def speakers(read: dict[str, Any]) -> list[Told]:
    """Who says a sentence of a paragraph."""
    told = []
    for label in read["speakers"]:
        made = _saying(label)
        speaker = made.speaker if made else None
        told.append(
            Told(
                label["text"],
                right=speaker is not None and _same(speaker, label["speaker"] or ()),
                said=speaker is not None,
                there=label["speaker"] is not None,
                made=str(speaker),
            )
        )
    return told


def stances(read: dict[str, Any]) -> list[Told]:
    """How whoever says it stands to it."""
    told = []
    for label in read["speakers"]:
        made = _saying(label)
        stance = made.stance.value if made else None
        right = stance is not None and stance == label["stance"]
        told.append(
            Told(label["text"], right, stance is not None, label["stance"] is not None, str(stance))
        )
    return told


def _saying(label: dict[str, Any]) -> Any:
    text = label["text"]
    sentence = split_sentences(text, 0, len(text))[label["of"] - 1]
    return saying_of(text, sentence.start, sentence.end)


def rows(articles: Sequence[dict[str, Any]]) -> list[list[Row]]:
    """The paragraphs of labelled articles, as the archive would give them."""
    made = []
    for number, article in enumerate(articles, start=1):
        published = None
        if "day" in article:
            published = datetime(2024, 5, article["day"], article.get("hour", 6), tzinfo=UTC)
        outlet = article.get("outlet")
        seen = published or datetime(2024, 5, 1, tzinfo=UTC)
        of = Article(
            number, str(number), None, "", outlet, None, (), published, "en", seen, version=1
        )
        start, of_article = 0, []
        for paragraph, text in enumerate(article["text"], start=1):
            place = Paragraph(0, number, 1, paragraph, start, start + len(text))
            of_article.append(Row(place, of, "", text))
            start += len(text) + 2
        made.append(of_article)
    return made


def disputes(read: dict[str, Any]) -> list[Told]:
    """A charge and its denial: right when both speakers are."""
    told = []
    for label in read["disputes"]:
        found = denials(rows(label["articles"]))
        sides = (found[0].charge.speaker, found[0].denial.speaker) if found else ()
        right = bool(found and label["dispute"]) and all(
            _same(side, wanted.split("|"))
            for side, wanted in zip(sides, label["dispute"], strict=True)
        )
        texts = " / ".join(text for article in label["articles"] for text in article["text"])
        told.append(Told(texts, right, bool(found), label["dispute"] is not None, str(sides)))
    return told


def numbers(read: dict[str, Any]) -> list[Told]:
    """Numbers of one thing that differ: right when the kind and both numbers are."""
    told = []
    for label in read["numbers"]:
        read_rows = [row for article in rows(label["articles"]) for row in article]
        every = counted(read_rows)
        found = differences(every, every)
        made = (found[0].kind.value, *_values(found[0])) if found else ()
        wanted = (label["kind"], *label["values"])
        if label["kind"] == "difference":
            made, wanted = (
                (made[:1] + tuple(sorted(made[1:]))),
                (wanted[:1] + tuple(sorted(wanted[1:]))),
            )
        texts = " / ".join(text for article in label["articles"] for text in article["text"])
        there = label["kind"] is not None
        told.append(Told(texts, there and made == wanted, bool(found), there, str(made)))
    return told


def _values(difference: Difference) -> tuple[float, float]:
    return difference.first.quantity.value, difference.second.quantity.value


def hedges(read: dict[str, Any]) -> list[Told]:
    """Which sentences are no facts."""
    return [
        Told(text, is_one and hedged(text), hedged(text), is_one) for text, is_one in read["hedges"]
    ]


JUDGES = {
    "disputes": disputes,
    "numbers": numbers,
    "speakers": speakers,
    "stances": stances,
    "hedges": hedges,
}
