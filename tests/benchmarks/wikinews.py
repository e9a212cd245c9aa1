"""Questions of our own about Wikinews articles, as people type them, and what they do not say.

Written by reading the articles, without the product: a fact that one of them tells, or what
a reader would expect of them and none tells. Those about the earlier half of the articles
are for tuning, the others for reporting. The labels hold where the answer stands, no text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.answering import ask
from bot.answers import Answer, Claim, Outcome
from bot.candidates import PASSAGES, Read, Sentence, candidates
from bot.reader.evaluation import compared
from bot.reader.reading import Reader
from index import Filters, News
from index.embedding import Embedder
from index.identity import article_key
from tests.benchmarks import archives, newsqa
from tests.benchmarks.asking import found_by
from tests.benchmarks.intervals import interval
from tests.benchmarks.labelled_stories import content_hash, wikinews
from tests.benchmarks.near_misses import Case

LABELS = Path(__file__).with_name("wikinews_questions.json")
_ORIGIN = "https://en.wikinews.org"
# So deep that ten passages are left when an article is taken away.
_DEEP = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the accepted answers, and where its article says so.

    ``start`` and ``end`` are characters of the article's text; ``answers`` is empty and they
    are 0 where no article answers it, and ``article`` is then the one that comes nearest.
    Where only the sentence counts (see who_said.py), it has a place and no answers.
    """

    text: str
    answers: tuple[str, ...]
    article: str
    start: int
    end: int
    tuning: bool

    @property
    def answerable(self) -> bool:
        return bool(self.answers)


@cache
def questions() -> tuple[Asked, ...]:
    """All questions whose article is still as it was read."""
    return read_questions(LABELS)


def read_questions(labels: Path) -> tuple[Asked, ...]:
    """The questions of a file of labels, but those whose article is not as it was read."""
    hashes = {name: content_hash(document) for name, document in wikinews().items()}
    return tuple(
        Asked(
            text=entry["question"],
            answers=tuple(entry.get("answers", ())),
            article=entry["article"],
            start=entry["start"],
            end=entry["end"],
            tuning=entry["tuning"],
        )
        for entry in json.loads(labels.read_text(encoding="utf-8"))
        if hashes.get(entry["article"]) == entry["read"]
    )


def archive(embedder: Embedder) -> Path:
    """The archive of all the articles, built at the first time; its folder."""
    folder = archives.benchmark_folder() / "wikinews"
    return archives.build(folder, _ORIGIN, wikinews(), embedder)


def moment(question: Asked) -> datetime:
    """When it is asked: at noon of the day after its article."""
    published = wikinews()[question.article].published
    assert published is not None
    return published + timedelta(days=1, hours=12)


def key(question: Asked) -> str:
    """The key of its article in the archive."""
    return article_key(wikinews()[question.article].url or "")


def says(question: Asked, claim: Claim) -> bool:
    """Whether a quote answers: it is from the labelled place, or it says so in that article."""
    place = (claim.citation.start, claim.citation.end)
    return _says(question, claim.article.key, *place, claim.quote)


def _says(question: Asked, article: str, start: int, end: int, text: str) -> bool:
    if article != key(question):
        return False
    labelled = start < question.end and end > question.start
    return labelled or any(newsqa.holds(text, answer) for answer in question.answers)


def cases(embedder: Embedder, read: Read | None) -> list[Case]:
    """Every question, asked on its day, and if its article answers it, with that taken away.

    Kinds are "answerable", "untold" and "near miss".
    """
    news = News(archive(embedder), embedder=embedder)
    news.bring_up()
    found: list[Case] = []
    for question in questions():
        topic, passages = found_by(news, question.text, moment(question), _DEEP)
        own = key(question)
        kinds = {"answerable" if question.answerable else "untold": passages[:PASSAGES]}
        if question.answerable:
            kinds["near miss"] = [p for p in passages if p.article.key != own][:PASSAGES]
        for kind, near in kinds.items():
            sentences = tuple(candidates(topic, near, news.rarities, news.texts, read))
            right = tuple(kind == "answerable" and _answers(question, s) for s in sentences)
            short = tuple(
                kind == "answerable"
                and s.short is not None
                and any(newsqa.same(s.short, answer) for answer in question.answers)
                for s in sentences
            )
            group = f"wikinews: {question.text}"
            found.append(Case(kind, group, question.tuning, topic, sentences, right, short))
    news.close()
    return found


def _answers(question: Asked, sentence: Sentence) -> bool:
    start = sentence.passage.paragraph.start
    place = (start + sentence.start, start + sentence.end)
    return _says(question, sentence.passage.article.key, *place, sentence.text)


def run(console: Console | None = None) -> dict[str, Any]:
    """Ask all of them of the whole product, with each technique and without.

    Prints a table and returns the figures.
    """
    console = console or Console()
    embedder, reader = Embedder(), Reader()
    news = News(archive(embedder), embedder=embedder)
    news.bring_up()

    def asked(read: Read | None, *, tuning: bool = False) -> list[tuple[Asked, Answer]]:
        return [
            (q, ask(news, q.text, Filters(), moment(q), read))
            for q in questions()
            if q.tuning == tuning
        ]

    found = {
        "tuning": asked(reader.read, tuning=True),
        "held out": asked(reader.read),
        "without headlines": asked(lambda question, texts, _: reader.read(question, texts)),
        "without the reader": asked(None),
    }
    verbatim = [
        newsqa.is_verbatim(news, claim)
        for answers in found.values()
        for _, answer in answers
        for claim in answer.claims
    ]
    news.close()
    figures: dict[str, Any] = {column: measure(answers) for column, answers in found.items()}
    table = Table("", *figures, title="Wikinews, questions of our own", title_justify="left")
    for name in figures["tuning"]:
        table.add_row(name, *(cell(figures[column][name]) for column in figures))
    console.print(table)
    figures["quotes"], figures["quotes that are verbatim"] = len(verbatim), sum(verbatim)
    console.print(f"{sum(verbatim)} of {len(verbatim)} quotes verbatim")
    return figures


def measure(found: Sequence[tuple[Asked, Answer]]) -> dict[str, Any]:
    """Shares with 95 % intervals, and how many there were."""
    answered = [(q, a) for q, a in found if a.outcome is Outcome.ANSWERED]
    right = [(q, a) for q, a in answered if q.answerable]
    refused = [q for q, a in found if a.outcome is not Outcome.ANSWERED]
    short = [(q, a.short) for q, a in right if a.short]
    scores = [compared(said, q.answers) for q, said in short]
    return {
        "answerable": sum(q.answerable for q, _ in found),
        "not": sum(not q.answerable for q, _ in found),
        "answerable that are answered": interval(
            [a.outcome is Outcome.ANSWERED for q, a in found if q.answerable]
        ),
        "answerable that are shown something": interval(
            [a.outcome is not Outcome.NOT_IN_SOURCES for q, a in found if q.answerable]
        ),
        "answerable that are shown the answer": interval(
            [any(says(q, c) for c in a.claims) for q, a in found if q.answerable]
        ),
        "answered that show the answer": interval(
            [any(says(q, c) for c in a.claims) for q, a in right]
        ),
        "answered that show it first": interval(
            [any(says(q, c) for c in a.claims[:1]) for q, a in right]
        ),
        "answered that have a short answer": interval([a.short is not None for _, a in right]),
        "short answer EM": interval([exact for exact, _ in scores]),
        "short answer F1": interval([f1 for _, f1 in scores]),
        "refusal precision": interval([not q.answerable for q in refused]),
        "refusal recall": interval(
            [a.outcome is not Outcome.ANSWERED for q, a in found if not q.answerable]
        ),
        "unanswerable with a short answer": interval(
            [a.short is not None for q, a in found if not q.answerable]
        ),
    }


def cell(value: Any) -> str:
    """A figure as the table shows it."""
    if isinstance(value, Mapping):
        return f"{value['value']:.2f} [{value['low']:.2f}–{value['high']:.2f}]"
    return str(value)
