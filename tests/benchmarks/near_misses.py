"""Questions that the news answers, and the like that it does not, with their sentences.

Each question that some article answers is asked four times, on its day: as it is; with every
article that holds its answer taken away (a near miss: the topic is there, the answer is not);
with a name in it swapped for one of another question; and of a year long before.
"""

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.candidates import PASSAGES, Read, Sentence, candidates
from index import News, Passage
from index.embedding import Embedder
from index.sample import read_sample
from tests.benchmarks import newsqa
from tests.benchmarks.asking import found_by
from tests.benchmarks.newsqa import QuizQuestion

# So deep that ten passages are left when those that hold the answer are taken away.
_DEEP = 200

# What the sample news does not say, though it speaks of the like.
OWN = (
    "Who won the general election in Britain?",
    "How many people died in the flood in Libya?",
    "What did the central bank do with interest rates?",
    "Who was elected president of Argentina?",
    "When will the Artemis crew land on the Moon?",
    "Who won the Nobel Prize in Literature?",
    "Who won the men's World Cup final?",
    "How strong was the earthquake in Morocco?",
    "Which company launched the Starship rocket?",
    "Where will the next Olympic Games be held?",
)

_NAMES = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")


@dataclass(frozen=True, slots=True)
class Case:
    """A question as it was asked: its candidate sentences and which of them are right.

    ``text`` is its topic, which is what is looked for. ``short_right`` says of which of them
    the reader's span is the answer's words. ``kind`` is "answerable", "near miss", "swapped",
    "wrong year", "unmatched" (no article is known to answer it; some may), "untold" (none does,
    by our reading) or "own". ``group`` is the question that it was made from.
    """

    kind: str
    group: str
    tuning: bool
    text: str
    sentences: tuple[Sentence, ...]
    right: tuple[bool, ...]
    short_right: tuple[bool, ...] = ()


def quiz(embedder: Embedder, read: Read | None) -> list[Case]:
    """Every question of the news questions, in its forms; builds the archive if need be."""
    news = News(newsqa.build(embedder), embedder=embedder)
    news.bring_up()
    names = {key: name for name, key in newsqa.keys().items()}
    said = {
        name: newsqa.normalised(f"{document.title}\n{document.text}")
        for name, document in newsqa.documents().items()
    }
    questions = newsqa.questions()
    cases = []
    for question in questions:
        relevant = question.gold | question.weak
        topic, passages = found_by(news, question.text, question.asked, _DEEP)
        kind = "answerable" if relevant else "unmatched"
        cases.append(_case(kind, news, names, question, topic, passages, read))
        if not relevant:
            continue
        answer = newsqa.normalised(question.answer)
        near = [
            p
            for p in passages
            if (name := names[p.article.key]) not in question.gold and answer not in said[name]
        ]
        if len(near) >= PASSAGES:
            cases.append(_case("near miss", news, names, question, topic, near, read))
        others = {
            "swapped": swapped(question, questions),
            "wrong year": long_before(question, len(cases)),
        }
        for kind, text in others.items():
            if text is not None:
                topic, found = found_by(news, text, question.asked, PASSAGES)
                cases.append(_case(kind, news, names, question, topic, found, read))
    news.close()
    return cases


def _case(
    kind: str,
    news: News,
    names: Mapping[str, str],
    question: QuizQuestion,
    topic: str,
    passages: Sequence[Passage],
    read: Read | None,
) -> Case:
    found = passages[:PASSAGES]
    sentences = tuple(candidates(topic, found, news.rarities, news.texts, read)) if found else ()
    relevant = question.gold | question.weak
    right = tuple(
        kind == "answerable"
        and names[s.passage.article.key] in relevant
        and newsqa.holds(s.text, question.answer)
        for s in sentences
    )
    # In whatever article it stands: that some are known to answer does not mean the others don't.
    short_right = tuple(
        kind == "answerable" and s.short is not None and newsqa.same(s.short, question.answer)
        for s in sentences
    )
    return Case(kind, question.id, question.tuning, topic, sentences, right, short_right)


def swapped(question: QuizQuestion, questions: Sequence[QuizQuestion]) -> str | None:
    """The question with its longest name replaced by the nearest later question's, if it has one.

    Both questions come from the same part, so that nothing of one is learnt on the other.
    """
    names = _NAMES.findall(question.text)
    if not names:
        return None
    place = questions.index(question)
    for other in (*questions[place + 1 :], *questions[:place]):
        others = [n for n in _NAMES.findall(other.text) if n not in question.text]
        if others and other.tuning == question.tuning and other.gold.isdisjoint(question.gold):
            return question.text.replace(max(names, key=len), max(others, key=len))
    return None


def long_before(question: QuizQuestion, number: int) -> str | None:
    """The question asked of 4 to 10 years before its day, if it names no figure itself."""
    if re.search(r"\d", question.text):
        return None
    return f"{question.text.rstrip(' ?')} in {question.day.year - 4 - number % 7}?"


def own(embedder: Embedder, read: Read | None) -> list[Case]:
    """Our own questions on the sample news, which does not answer them."""
    with tempfile.TemporaryDirectory(prefix="newsbot-calibrate-") as folder:
        news = News(Path(folder), embedder=embedder)
        read_sample(news)
        cases = []
        for text in OWN:
            passages = news.search(text, PASSAGES)
            found = tuple(candidates(text, passages, news.rarities, news.texts, read))
            cases.append(Case("own", text, False, text, found, *[(False,) * len(found)] * 2))
        news.close()
    return cases
