"""Where an article's sides differ: a charge and its denial. Pure.

A denial is paired with what it denies only where its words, or whom the charge is against,
say that it is this one; a denial of something else is no other account of it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

from bot.features import words
from bot.noun_phrases import PRONOUN
from bot.saying_verbs import CLAIM_NOUN, MAY_DENY, Stance
from bot.sides import alike, same_side, share_names
from bot.stated import Stated, quoted_words, stated
from index.archive import Row

# Sentences between a charge and a denial that only points at it ("denied this").
_FAR = 4
_NEAR = 2
# Paragraphs around a word of denying in which its charge is looked for.
_AROUND = 5
# Another wording of the same account stands within so many sentences of it.
_NEAR_BY = 10
# A denial in another article belongs to a charge only within so much time.
_APART = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Denial:
    """A charge, or a claim, and its denial; ``shown`` are both in the words to show.

    Those are the sides' own, where the article quotes them near by.
    """

    charge: Stated
    denial: Stated
    shown: tuple[Stated, Stated]


def denials(articles: Sequence[Sequence[Row]]) -> list[Denial]:
    """The charges of the articles with their denials, the surest first.

    ``articles`` are the paragraphs of each, in order. Only what stands around words of
    denying is read closely.
    """
    found: list[tuple[float, Denial]] = []
    denied: list[tuple[int, Stated, Sequence[Stated]]] = []
    for at, rows in enumerate(articles):
        for part in _telling(rows):
            said = stated(part)
            found += _within(said)
            denied += [(at, s, said) for s in said if _is_denial(s) and s.about]
    for at, denial, around in denied:
        for other, rows in enumerate(articles):
            if other != at:
                found += _across(rows, denial, around)
    # A stable order: of pairs as sure as each other the one that was found first.
    found.sort(key=lambda item: -item[0])
    return [pair for _, pair in found]


def _telling(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The parts of an article around its words of denying, each in one piece."""
    near: set[int] = set()
    for at, row in enumerate(rows):
        if MAY_DENY.search(row.text):
            near |= set(range(max(0, at - _AROUND), min(len(rows), at + _AROUND + 1)))
    for _, run in groupby(enumerate(sorted(near)), key=lambda item: item[1] - item[0]):
        yield [rows[at] for _, at in run]


def _within(said: Sequence[Stated]) -> Iterator[tuple[float, Denial]]:
    for at, denial in enumerate(said):
        if not _is_denial(denial) and not _NEGATION.search(denial.said):
            continue
        best: tuple[float, Stated] | None = None
        # The nearest before it first; then what comes after it.
        for charge in (*reversed(said[:at]), *said[at + 1 :]):
            if abs(charge.order - denial.order) > _FAR:
                continue
            sure = _sure(charge, denial, third=_between(said, charge, denial))
            if sure > 0 and (best is None or sure > best[0]):
                best = (sure, charge)
        if best is not None:
            yield best[0], _paired(best[1], _against(best[1], denial), said, said)


def _paired(
    charge: Stated, denial: Stated, around_charge: Sequence[Stated], around: Sequence[Stated]
) -> Denial:
    shown = (
        _best_worded(charge, around_charge, lambda s: _is_like(charge, s)),
        _best_worded(denial, around, lambda s: _is_denial(s) and _denies_it(charge, s)),
    )
    return Denial(charge, denial, shown)


def _between(said: Sequence[Stated], one: Stated, other: Stated) -> bool:
    """Whether a third side has its say between the two."""
    first, last = sorted((one.order, other.order))
    return any(
        first < s.order < last
        and not same_side(s.speaker, one.speaker)
        and not same_side(s.speaker, other.speaker)
        and s.speaker
        for s in said
    )


def _across(
    rows: Sequence[Row], denial: Stated, around: Sequence[Stated]
) -> Iterator[tuple[float, Denial]]:
    """Pairs of a denial with a charge in another article, if that is of about the same time."""
    one, two = rows[0].article.published if rows else None, denial.row.article.published
    if one and two and abs(one - two) > _APART:
        return
    for row in rows:
        text = row.text.casefold()
        if sum(stem[:5] in text for stem in denial.about) < 2:
            continue
        said = stated([row])
        for charge in said:
            if _is_charge(charge) and not _same(charge, denial):
                sure = _sure_of_explicit(charge, denial, set(denial.about), gap=0)
                if sure > 1:
                    yield sure - 1, _paired(charge, denial, said, around)


def _same(one: Stated, other: Stated) -> bool:
    return not one.speaker or not other.speaker or same_side(one.speaker, other.speaker)


def _is_denial(said: Stated) -> bool:
    return said.saying.stance is Stance.DENIED


def _is_charge(said: Stated) -> bool:
    # "It never happened" is itself a denial, though no verb says so.
    return not _is_denial(said) and bool(said.speaker) and not _DENIES.search(said.said)


def _sure(charge: Stated, denial: Stated, third: bool) -> float:
    """How sure it is that the one denies what the other says; 0 if it does not."""
    if not _is_charge(charge) or PRONOUN.fullmatch(charge.speaker):
        return 0.0
    if _same(charge, denial) and not _PRONOUN_ONLY.fullmatch(denial.speaker or "-"):
        return 0.0
    gap = denial.order - charge.order
    if gap == 0 and denial.saying.start < charge.saying.said.end:
        # "The paper reported that the minister denied it": one account, told by another.
        return 0.0
    if not _is_denial(denial):
        return _sure_of_contrary(charge, denial, gap)
    # "The minister's claim" only says whose it is.
    about = {w for w in denial.about if w not in words(charge.speaker)}
    if about:
        return _sure_of_explicit(charge, denial, about, gap)
    return 0.0 if third else _sure_of_pointing(charge, denial, gap)


_PRONOUN_ONLY = re.compile(r"he|she|it|they", re.IGNORECASE)


def _sure_of_explicit(charge: Stated, denial: Stated, about: set[str], gap: int) -> float:
    """Of a denial that says what it denies: it has to be what was said, not only of the same."""
    shared = {a for a in about if any(alike(a, b) for b in charge.about)}
    share = len(shared) / len(about)
    if denial.does and not shared & denial.does:
        # Of the same people and places, but not of what was done.
        return 0.0
    accuses = charge.saying.stance in (Stance.ACCUSED, Stance.CLAIMED)
    against = is_against(charge, denial.speaker)
    if abs(gap) <= _FAR and share >= 0.5 and shared - denial.names:
        enough = len(shared) >= 2 or (accuses and against)
        if enough and (gap >= 0 or (accuses and against)):
            return 1.0 + share - abs(gap) / 100
    # "Denied reports of a resumption": it names a charge, in words of its own.
    near = 0 < gap <= _NEAR and accuses and against
    return 0.5 - gap / 100 if near and _NAMES_A_CHARGE.match(denial.said) else 0.0


_NAMES_A_CHARGE = re.compile(rf"\s*(?:[\w’']+\s+){{0,2}}?{CLAIM_NOUN}\s+(?:of|about)\b")


def _sure_of_pointing(charge: Stated, denial: Stated, gap: int) -> float:
    """Of a denial of "it" or "the claim": of what was said last, against whoever denies it."""
    accuses = charge.saying.stance in (Stance.ACCUSED, Stance.CLAIMED)
    if denial.saying.said.start == denial.saying.said.end:
        # "…, which the firm denies"
        return 2.0 if gap == 0 else 0.0
    if gap == 0:
        return 2.0 if accuses else 0.0
    if gap < 0:
        return 0.0
    if is_against(charge, denial.speaker):
        return 0.9 - gap / 100 if gap <= (_FAR if accuses else _NEAR) else 0.0
    if gap > 1:
        return 0.0
    if charge.saying.stance is Stance.ACCUSED:
        # It is for somebody else to deny, but for a voice of his.
        return 0.6 if _VOICE.search(denial.speaker) else 0.0
    claims = accuses or not charge.saying.outer
    return 0.6 if claims and _ONE_CHARGE.search(denial.said) else 0.0


_ONE_CHARGE = re.compile(
    r"^\s*(?:the|this|that|his|her|its|their|[\w’']+[’']s) "
    r"(?:claims?|allegations?|accusation|charge|assertion|statement|report)\b"
)
_VOICE = re.compile(
    r"\b(?:lawyers?|agent|solicitors?|attorneys?|spokes\w+|representatives?|family|counsel|office"
    r"|manager|director|commander|he|she|they|it)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\bnever (?:happened|took place|did|was|were|said)\b"
    r"|\b(?:den(?:y|ies|ied|ying)|reject(?:s|ed)?|dismiss(?:es|ed)?|refut(?:es|ed)?|unfounded|untrue|baseless)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(r"\b(?:no|not|never|nobody|none|neither|without|\w+n[’']t)\b", re.IGNORECASE)


def _sure_of_contrary(charge: Stated, denial: Stated, gap: int) -> float:
    """Of "it does not charge fees" against "it charges fees": a denial without its verb.

    Only of whom something is said against; else most who say "not" deny nothing.
    """
    if not _NEGATION.search(denial.said) or _NEGATION.search(charge.said):
        return 0.0
    accuses = charge.saying.stance in (Stance.ACCUSED, Stance.CLAIMED)
    if not accuses or not is_against(charge, denial.speaker) or not 0 < gap <= _NEAR:
        return 0.0
    shared = _shared(charge, denial)
    return 0.8 - gap / 100 if shared >= 2 and shared >= 0.6 * len(denial.about) else 0.0


def _shared(charge: Stated, denial: Stated) -> int:
    # Whole stems, and their beginnings: "cutting" and "cuts", "Israel" and "Israeli".
    return sum(any(alike(a, b) for b in charge.about) for a in denial.about)


_TARGET = re.compile(r"\s*(.{2,90}?)\s+(?:of|for|on)\b")


def _target(charge: Stated) -> str:
    """Whom an accusation is against, in its own words; "" where it does not say."""
    found = _TARGET.match(charge.said) if charge.saying.stance is Stance.ACCUSED else None
    if found:
        return found.group(1)
    # "The firm has been accused by": who is accused stands before the verb.
    before = charge.row.text[charge.sentence.start : charge.saying.said.start]
    passive = re.match(r"(.{2,90}?)\s+(?:has|have|had|was|were|is|are)\b.*\bby\b", before)
    return passive.group(1) if passive and charge.saying.stance is Stance.ACCUSED else ""


def is_against(charge: Stated, speaker: str) -> bool:
    """Whether a charge is against, or at least speaks of, whoever denies it."""
    against = _target(charge) or charge.said
    if _PRONOUN_ONLY.fullmatch(speaker):
        return bool(_target(charge))
    return bool(share_names(against, speaker))


def _against(charge: Stated, denial: Stated) -> Stated:
    """The denial; where only a pronoun denies, right behind the charge, of whom it accuses."""
    if denial.saying.speaker or not _PRONOUN_ONLY.fullmatch(denial.speaker):
        return denial
    return replace(denial, speaker=_target(charge) or denial.speaker)


def _best_worded(chosen: Stated, said: Sequence[Stated], fits: Callable[[Stated], bool]) -> Stated:
    """Of what the same side says near by, what the article quotes most of; or the chosen."""
    others = [
        s
        for s in said
        if s.row.article == chosen.row.article
        and abs(s.order - chosen.order) <= _NEAR_BY
        and s.saying.speaker
        and same_side(s.speaker, chosen.speaker)
        and fits(s)
    ]
    return max((chosen, *others), key=lambda s: len(quoted_words(s) or ""))


def _is_like(charge: Stated, other: Stated) -> bool:
    """Whether something said is of the same charge: besides names it shares what is charged."""
    shared = {a for a in other.about if any(alike(a, b) for b in charge.about)}
    free = not _is_denial(other) and not _NEGATION.search(other.said)
    return free and len(shared) >= 2 and bool(shared - charge.names - other.names)


def _denies_it(charge: Stated, other: Stated) -> bool:
    points = not other.about or _POINTS.search(other.said)
    return bool(points) or _shared(charge, other) > 1


_POINTS = re.compile(rf"^\s*(?:[\w’']+\s+){{0,2}}?{CLAIM_NOUN}\b|[“\"]")
