"""Numbers that differ for the same thing: a newer one, or two sides' own. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.answers import Disagreement
from bot.quantities import Quantity, differ, may_count, quantities, same_thing
from bot.sides import same_side
from bot.speakers import sayings
from index.archive import Row
from index.articles import Article
from index.paragraphs import Span, split_sentences

# Outlets that write of one thing at about the same time do so within this.
_SAME_TIME = timedelta(hours=36)
# Paragraphs between two who differ within an article.
_NEAR = 3
_LATEST_UPDATE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of things in a sentence of an article, and who gives it, if it tells."""

    row: Row
    sentence: Span
    quantity: Quantity
    speaker: str | None

    @property
    def whole(self) -> str:
        return self.row.text[self.sentence.start : self.sentence.end]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two numbers of one thing; the first is the newer one, or the one found first."""

    kind: Disagreement
    first: Counted
    second: Counted


def counted(
    rows: Iterable[Row], things: Collection[tuple[str, str]] | None = None
) -> list[Counted]:
    """Every number of things, or of these things, in the paragraphs."""
    found = []
    for row in rows:
        if not may_count(row.text):
            continue
        spoken = None
        for sentence in split_sentences(row.text, 0, len(row.text)):
            numbers = list(quantities(row.text[sentence.start : sentence.end]))
            numbers = [n for n in numbers if things is None or n.thing in things]
            if not numbers:
                continue
            spoken = sayings(row.text) if spoken is None else spoken
            by = next((s for s in spoken if sentence.start <= s.start < sentence.end), None)
            speaker = by.speaker if by else None
            found += [Counted(row, sentence, number, speaker) for number in numbers]
    return found


def differences(of: Sequence[Counted], among: Sequence[Counted]) -> list[Difference]:
    """Where a number of the one differs from one of the others, the same thing being counted."""
    return [
        difference
        for one in of
        for other in among
        if (difference := _difference(one, other)) is not None
    ]


def _difference(one: Counted, other: Counted) -> Difference | None:
    if one.row is other.row and one.sentence == other.sentence:
        return None
    if not differ(one.quantity, other.quantity):
        return None
    if not same_thing(one.quantity, one.whole, other.quantity, other.whole):
        return None
    if one.row.article.id == other.row.article.id:
        # Within an article only two who speak near by differ; else one number is of another part.
        near = abs(one.row.paragraph.number - other.row.paragraph.number) <= _NEAR
        two = one.speaker and other.speaker and not same_side(one.speaker, other.speaker)
        apart = near and two
        return Difference(Disagreement.DIFFERENCE, one, other) if apart else None
    return _between(one, other)


def _between(one: Counted, other: Counted) -> Difference | None:
    first, second = one.row.article, other.row.article
    if first.published is None or second.published is None:
        return None
    between = abs(first.published - second.published)
    if _same_voice(one, other) and between:
        newer, older = (one, other) if first.published > second.published else (other, one)
        soon = between <= _LATEST_UPDATE
        return Difference(Disagreement.UPDATE, newer, older) if soon else None
    near = between <= _SAME_TIME and not _same_outlet(first, second)
    return Difference(Disagreement.DIFFERENCE, one, other) if near else None


def _same_voice(one: Counted, other: Counted) -> bool:
    """Whether the same gives both numbers: one speaker, or one outlet in whatever words."""
    if one.speaker and other.speaker and same_side(one.speaker, other.speaker):
        return True
    return _same_outlet(one.row.article, other.row.article)


def _same_outlet(one: Article, other: Article) -> bool:
    return one.outlet is not None and one.outlet == other.outlet
