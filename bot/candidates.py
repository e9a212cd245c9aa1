"""Passages to candidates: every sentence with what is measured of it, and what the reader found.

Pure but for the callables that it is given: word rarities, whole articles and the reader.
"""

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from bot.corrections import corrections
from bot.features import UNREAD, Features, asked, share, words
from bot.nations import also_called
from bot.reader.reading import NO_READING, Reading
from bot.verbs import all_forms
from index import Article, Passage
from index.keywords import terms
from index.paragraphs import is_question, split_sentences

# How many passages are looked at for sentences.
PASSAGES = 10
# What a span of the reader may have around the answer itself.
_AROUND = " \t\n,;:.\"'”’“‘"

# Of an article so many characters are looked at for names; few are longer.
_ARTICLE = 50_000

Rarities = Callable[[Sequence[str]], Sequence[float]]
Texts = Callable[[Collection[int]], Mapping[int, str]]
# A question, texts and their titles to a reading of each text.
Read = Callable[[str, Sequence[str], Sequence[str]], Sequence[Reading]]

# Words that ask but name nothing; the index already ignores the commonest English words.
_ASKING = set(
    terms(
        "who whom whose what which when where why how many much long often old far big large"
        " did does do doing done has have had was were been being can could would should will"
        " shall may might must about tell me say says said happen happened happens latest news"
        " please give show know any anything there some according"
        # As they are typed in a hurry.
        " whats whos wheres whens hows thats theres didnt doesnt dont isnt wasnt arent werent"
        " hasnt havent hadnt wont cant couldnt wouldnt shouldnt"
    )
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A candidate: a slice ``text[start:end]`` of a passage's text, with its features.

    ``span`` is the slice of the passage's text in it that the reader found.
    """

    passage: Passage
    start: int
    end: int
    features: Features
    span: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]

    @property
    def short(self) -> str | None:
        """The words in it that the reader takes for the answer, if it read it."""
        if self.span is None:
            return None
        start, end = self.span
        said = self.passage.text[start:end].strip(_AROUND)
        # A quotation that begins in it is shown to its end.
        closed = f"{said}”"
        return closed if "“" in said and closed in self.text else said or None


def candidates(
    question: str,
    passages: Sequence[Passage],
    rarities: Rarities,
    wholes: Texts,
    read: Read | None = None,
) -> list[Sentence]:
    """Every sentence of the passages with its features, in the passages' order.

    ``wholes`` gives the whole texts of articles by their ids. A sentence that itself asks
    answers nothing and is left out; so is what an article says of its own correction, which
    repeats what was wrong.
    """
    sought = asked(question, _rarities_of(asked_terms(question), rarities))
    texts = [passage.text for passage in passages]
    arounds = [set(words(f"{p.article.title}\n{p.text}")) for p in passages]
    names = _names(sought.names, passages, arounds, wholes)
    readings = read(question, texts, titles(passages)) if read else [NO_READING] * len(texts)
    found = []
    for passage, around, reading in zip(passages, arounds, readings, strict=True):
        notes, context = corrections(passage.text), share(sought.rarities, around)
        for span in split_sentences(passage.text, 0, len(passage.text)):
            text = passage.text[span.start : span.end]
            noted = any(note.start <= span.start < note.end for note in notes)
            if noted or is_question(text):
                continue
            features = Features(
                context=context,
                place=1 / passage.paragraph.number,
                reading=reading.sureness_of(span.start, span.end) if read else UNREAD,
                names=names.get(passage.article.id, 1.0),
            )
            answer = _span_in(reading, span.start, span.end)
            found.append(Sentence(passage, span.start, span.end, features, answer))
    return found


def titles(passages: Sequence[Passage]) -> list[str]:
    """What the reader gets above each passage: the headline, as a sentence."""
    return [f"{passage.article.title}." for passage in passages]


def _names(
    names: Mapping[str, float],
    passages: Sequence[Passage],
    arounds: Sequence[set[str]],
    wholes: Texts,
) -> dict[int, float]:
    """The share of the names that each article holds; whole texts are read only where need be."""
    if not names:
        return {}
    said: dict[int, set[str]] = {}
    for passage, around in zip(passages, arounds, strict=True):
        said.setdefault(passage.article.id, set()).update(around)
    shares = {article: share(names, found) for article, found in said.items()}
    lacking = {p.article.id: p.article for p in passages if shares[p.article.id] < 1}
    texts = wholes(lacking) if lacking else {}
    for article in lacking.values():
        shares[article.id] = share(names, _about(article, texts.get(article.id, "")))
    return shares


@lru_cache(maxsize=128)
def _about(article: Article, text: str) -> Set[str]:
    """The words() of an article with what its page says beside its text.

    Kept for the articles read last: questions come in crowds, about the same stories.
    """
    day = f"{article.published:%Y %B %A}" if article.published else ""
    whole = f"{article.title}\n{article.outlet or ''}\n{day}\n{text[:_ARTICLE]}"
    said = set(words(whole))
    return said | also_called(whole, said)


def _span_in(reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    """The part of the reader's span in a sentence, if it begins there."""
    if not start <= reading.text_start < end:
        return None
    stop = min(reading.text_end, end)
    return (reading.text_start, stop) if stop > reading.text_start else None


def _rarities_of(named: Sequence[str], rarities: Rarities) -> dict[str, float]:
    """The rarity of each word; of a verb that of its commonest form.

    The index knows "won" but not that it is "win", which may be nowhere and is not rare.
    """
    forms = {word: all_forms(word) for word in named}
    flat = [form for of_word in forms.values() for form in of_word]
    known = dict(zip(flat, rarities(flat), strict=True)) if flat else {}
    return {word: min(known[form] for form in of_word) for word, of_word in forms.items()}


def asked_terms(question: str) -> list[str]:
    """The stemmed words of a question that name something, each once, in order."""
    return [w for w in dict.fromkeys(words(question)) if w not in _ASKING]
