"""Where an article's sides differ: a charge and its denial. Pure.

A denial is paired with what it denies only where its words, or whom the charge is against,
say that it is this one; a denial of something else is no other account of it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.features import words
from bot.noun_phrases import PRONOUN
from bot.quotations import inside, quotations
from bot.saying_verbs import CLAIM_NOUN, FALSE, Stance
from bot.speakers import Saying, sayings
from index.archive import Row
from index.paragraphs import Span, split_sentences

# Sentences between a charge and a denial that only points at it ("denied this").
_FAR = 4
_NEAR = 2
# A denial in another article belongs to a charge only within so many days.
_DAYS = 3.0
# Quoted words fewer than these are a turn of phrase, not an account.
_LEAST_QUOTED = 4


@dataclass(frozen=True, slots=True)
class Stated:
    """Something said in an article: in which paragraph, sentence ``order`` counted from 0.

    ``sentence`` is its slice of the paragraph; ``about`` the stems of what is said, without
    those that only point at a charge; ``speaker`` who says it, at worst by the clause's own words.
    """

    row: Row
    saying: Saying
    sentence: Span
    order: int
    about: frozenset[str]
    speaker: str

    @property
    def said(self) -> str:
        return self.row.text[self.saying.said.start : self.saying.said.end]

    @property
    def whole(self) -> str:
        return self.row.text[self.sentence.start : self.sentence.end]


@dataclass(frozen=True, slots=True)
class Denial:
    """A charge, or a claim, and its denial."""

    charge: Stated
    denial: Stated


def stated(rows: Sequence[Row]) -> list[Stated]:
    """All that is said in the paragraphs of an article, in order."""
    found: list[Stated] = []
    order = 0
    for row in rows:
        spoken = sayings(row.text)
        for sentence in split_sentences(row.text, 0, len(row.text)):
            for saying in spoken:
                if sentence.start <= saying.start < sentence.end:
                    said = row.text[saying.said.start : saying.said.end]
                    speaker = saying.speaker or saying.subject
                    found.append(
                        Stated(row, saying, sentence, order, _about(saying, said), speaker)
                    )
            order += 1
    return found


_POINTING = set(
    words(
        "claim claims allegation allegations accusation accusations charge charges report reports"
        " rumour rumours rumor rumors suggestion suggestions assertion statement statements"
        " criticism speculation story stories notion idea say says said tell told anyone anything"
        " any ever never wrongdoing responsibility involvement doing do did deny reject dismiss"
        " had has have having was were is are be been being which who will would could can may might"
        " from in on at to for with by about into over and or but if as than s t his her its their"
        " him them themselves itself himself herself own some all one two three more most also"
        " false untrue baseless account version call it its this that he she they there not no"
    )
)


def _about(saying: Saying, said: str) -> frozenset[str]:
    if saying.stance is Stance.DENIED:
        # What is judged of the charge, and what is said besides, is not what is denied.
        said = re.split(
            r"\bas\b|,\s+(?:blam|say|add|insist|call)\w*ing\b|\band (?:blamed|said|says|called)\b"
            r"|[;“\"«:]",
            said,
        )[0]
        said = FALSE.sub(" ", said)
    return frozenset(words(said)) - _POINTING


def denials(articles: Sequence[Sequence[Row]]) -> list[Denial]:
    """The charges of the articles with their denials, the surest first.

    ``articles`` are the paragraphs of each, in order.
    """
    of_article = [stated(rows) for rows in articles]
    found: list[tuple[float, int, Denial]] = []
    for said in of_article:
        found += _within(said)
    for said in of_article:
        for other in of_article:
            if said is not other and said and other:
                found += _across(said, other)
    found.sort(key=lambda item: (-item[0], item[1]))
    return [pair for _, _, pair in found]


def _within(said: Sequence[Stated]) -> Iterable[tuple[float, int, Denial]]:
    for at, denial in enumerate(said):
        if not _is_denial(denial) and not _NEGATION.search(denial.said):
            continue
        best: tuple[float, int, Denial] | None = None
        # The nearest before it first; then what comes after it.
        for charge in (*reversed(said[:at]), *said[at + 1 :]):
            if abs(charge.order - denial.order) > _FAR:
                continue
            third = _between(said, charge, denial)
            sure = _sure(charge, denial, third)
            if sure > 0 and (best is None or sure > best[0]):
                best = (sure, denial.order, Denial(charge, _against(charge, denial)))
        if best is not None:
            yield best


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


def _across(said: Sequence[Stated], other: Sequence[Stated]) -> Iterable[tuple[float, int, Denial]]:
    one, two = said[0].row.article, other[0].row.article
    if one.published and two.published:
        if abs((one.published - two.published).total_seconds()) > _DAYS * 86_400:
            return
    for charge in said:
        for denial in other:
            if _is_denial(denial) and _is_charge(charge) and not _same(charge, denial):
                shared = _shared(charge, denial)
                if shared >= 2 and shared >= 0.6 * len(denial.about):
                    yield (1.0, denial.order, Denial(charge, denial))


def _same(one: Stated, other: Stated) -> bool:
    return not one.speaker or not other.speaker or same_side(one.speaker, other.speaker)


def _is_denial(said: Stated) -> bool:
    return said.saying.stance is Stance.DENIED


def _is_charge(said: Stated) -> bool:
    # "It never happened" is itself a denial, though no verb says so.
    return not _is_denial(said) and bool(said.speaker) and not _NEVER.search(said.said)


def _sure(charge: Stated, denial: Stated, third: bool) -> float:
    """How sure it is that the one denies what the other says; 0 if it does not."""
    if not _is_charge(charge) or PRONOUN.fullmatch(charge.speaker):
        return 0.0
    if _same(charge, denial) and not _PRONOUN_ONLY.fullmatch(denial.speaker or "-"):
        return 0.0
    if _is_denial(denial):
        return _sure_of_denial(charge, denial, third)
    return _sure_of_contrary(charge, denial)


_PRONOUN_ONLY = re.compile(r"he|she|it|they", re.IGNORECASE)


def _sure_of_denial(charge: Stated, denial: Stated, third: bool) -> float:
    gap = denial.order - charge.order
    accuses = charge.saying.stance in (Stance.ACCUSED, Stance.CLAIMED)
    against = is_against(charge, denial.speaker)
    # "The minister's claim" only says whose it is.
    about = {w for w in denial.about if w not in words(charge.speaker)}
    shared = sum(any(alike(a, b) for b in charge.about) for a in about)
    if about:
        share = shared / len(about)
        if abs(gap) <= _FAR and share >= 0.5 and (shared >= 2 or against):
            return 1.0 + share - abs(gap) / 100
        # "Denied reports of a resumption": it names a charge, in words of its own.
        names = re.match(rf"\s*(?:[\w’']+\s+){{0,2}}?{CLAIM_NOUN}\s+(?:of|about)\b", denial.said)
        near = 0 < gap <= _NEAR and accuses and against
        return 0.5 - gap / 100 if names and near else 0.0
    if gap == 0:
        return 2.0 if charge.saying.start < denial.saying.start else 0.0
    if gap < 0 or third:
        return 0.0
    if accuses and _target(charge) and not against:
        # It is for somebody else to deny, but for a voice of his.
        return 0.6 if gap == 1 and _VOICE.search(denial.speaker) else 0.0
    reach = _FAR if accuses and against else _NEAR
    return 0.9 - gap / 100 if gap <= reach else 0.0


_VOICE = re.compile(
    r"\b(?:lawyers?|agent|solicitors?|attorneys?|spokes\w+|representatives?|family|counsel|office"
    r"|manager|director|commander|he|she|they|it)\b",
    re.IGNORECASE,
)
_NEVER = re.compile(r"\bnever (?:happened|took place|did|was|were|said)\b", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:no|not|never|nobody|none|neither|without|\w+n[’']t)\b", re.IGNORECASE)


def _sure_of_contrary(charge: Stated, denial: Stated) -> float:
    """ "Said that no manager had told them" is a denial too, where it says the same but for "no"."""
    if not _NEGATION.search(denial.said) or _NEGATION.search(charge.said):
        return 0.0
    shared, gap = _shared(charge, denial), abs(denial.order - charge.order)
    share = shared / max(1, len(denial.about))
    named = is_against(charge, denial.speaker)
    enough = (shared >= 3 and share >= 0.7) or (named and shared >= 2 and share >= 0.6)
    return 0.8 - gap / 100 if enough and gap <= _NEAR else 0.0


def _shared(charge: Stated, denial: Stated) -> int:
    # Whole stems, and their beginnings: "cutting" and "cuts", "Israel" and "Israeli".
    return sum(any(alike(a, b) for b in charge.about) for a in denial.about)


def alike(one: str, other: str) -> bool:
    """Whether two words are one but for their ending."""
    short = min(len(one), len(other))
    return one == other or (short >= 4 and one[:5] == other[:5] and abs(len(one) - len(other)) <= 3)


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
    return bool(_shared_names(against, speaker))


_TITLES = set(
    "spokesman spokeswoman spokesperson speaker former chief head leader official officials mr mrs"
    " ms dr the and for its his her their of in at new old local some many several other".split()
)


def _name_words(text: str) -> list[str]:
    return [
        w.casefold() for w in re.findall(r"\w+", text) if len(w) > 2 and w.lower() not in _TITLES
    ]


def _shared_names(one: str, other: str) -> bool:
    """Whether two texts name the same, by the beginnings of their words: "Greece", "Greek"."""
    a, b = _name_words(one), _name_words(other)
    return any(
        x == y or (min(len(x), len(y)) >= 4 and x[:4] == y[:4] and abs(len(x) - len(y)) <= 4)
        for x in a
        for y in b
    )


def same_side(one: str, other: str) -> bool:
    """Whether two speakers speak for the same: by their names, or where one has none, by all."""
    names, others = (
        " ".join(re.findall(r"(?<!^)\b[A-Z]\w+|^(?!The|An?\b|Two)[A-Z]\w+", s))
        for s in (one, other)
    )
    if names and others:
        return _shared_names(names, others)
    return _shared_names(one, other)


def _against(charge: Stated, denial: Stated) -> Stated:
    """The denial; where only a pronoun denies, right behind the charge, of whom it accuses."""
    if denial.saying.speaker or not _PRONOUN_ONLY.fullmatch(denial.speaker):
        return denial
    target = _target(charge)
    return Stated(
        denial.row,
        denial.saying,
        denial.sentence,
        denial.order,
        denial.about,
        target or denial.speaker,
    )


def best_worded(chosen: Stated, said: Sequence[Stated], fits: Callable[[Stated], bool]) -> Stated:
    """Of what the same side says to the matter, what the article quotes most of; or the chosen."""
    others = [
        s
        for s in said
        if s.saying.speaker and s.speaker and same_side(s.speaker, chosen.speaker) and fits(s)
    ]
    return max((chosen, *others), key=lambda s: len(quoted_words(s) or ""))


def quoted_words(said: Stated) -> str | None:
    """The speaker's own words, if the sentence quotes enough of them."""
    span = quoted_span(said)
    return None if span is None else said.row.text[span.start : span.end]


def quoted_span(said: Stated) -> Span | None:
    """Where the speaker's own words stand in the paragraph, without quotation marks."""
    spans = [
        inside(said.row.text, q)
        for q in quotations(said.row.text)
        if said.sentence.start <= q.start and q.end <= said.sentence.end + 1
    ]
    long = [s for s in spans if len(said.row.text[s.start : s.end].split()) >= _LEAST_QUOTED]
    return max(long, key=lambda s: s.end - s.start) if long else None


def in_best_words(pair: Denial, said: Sequence[Stated]) -> Denial:
    """The pair, each side in the words of which the article quotes most."""
    charge = best_worded(
        pair.charge,
        said,
        lambda s: (
            not _is_denial(s)
            and not _NEGATION.search(s.said)
            and sum(any(alike(a, b) for b in pair.charge.about) for a in s.about) >= 2
        ),
    )
    denial = best_worded(
        pair.denial,
        said,
        lambda s: (
            _is_denial(s)
            and s.row.article == pair.denial.row.article
            and (not s.about or _POINTS.search(s.said) is not None or _shared(pair.charge, s) > 1)
        ),
    )
    return Denial(charge, denial)


_POINTS = re.compile(rf"^\s*(?:[\w’']+\s+){{0,2}}?{CLAIM_NOUN}\b|[“\"]")
