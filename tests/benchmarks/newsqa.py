"""Questions about the news with the articles that answer them, in a real archive.

RealTimeQA's quiz questions of June to August 2022 (Kasai et al., "RealTime QA: What's the
Answer Right Now?", 2023) and about 2,000 articles of CNN, USA Today and The Week. The
archive is built once, outside the repository, and taken up where it was left.
"""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from bot.answers import Claim
from index import News
from index.articles import Document
from index.embedding import Embedder
from index.identity import article_key
from index.search import Progress, no_progress
from tests.benchmarks import archives
from tests.shared import FOLDER as SHARED

DATA = SHARED / "data" / "news_qa"
# Questions before this day are for tuning, the others for reporting. It lies between two
# weeks' quizzes, so that no story is asked about on both sides.
CUT = date(2022, 7, 28)

_ORIGIN = "https://realtimeqa.github.io"
_OUTLETS = {"cnn.com": "CNN", "usatoday.com": "USA Today", "theweek.com": "The Week"}
# What the pages' own titles carry behind the headline.
_TITLE_END = re.compile(r"\s*([|–-]\s*(CNN|USA ?TODAY|The Week)\b.*|\s\.\.\.)$", re.IGNORECASE)


def article_files(folder: Path, count: int, first: int = 0, step: int = 1) -> None:
    """Write every ``step``-th of the first ``count`` longer articles, from ``first``, as files."""
    with gzip.open(DATA / "articles.jsonl.gz", "rt") as lines:
        rows = [row for row in map(json.loads, lines) if len(row["text"].split()) > 50][:count]
    for number, row in enumerate(rows[first::step]):
        title = " ".join((row["title"] or "Untitled").split())
        day = (row["publish_date"] or "").replace("/", "-")
        outlet = row["id"].split("/")[0]
        front = f"---\ntitle: {title}\noutlet: {outlet}\ndate: {day}\n---\n"
        (folder / f"{number}.md").write_text(front + row["text"], encoding="utf-8")


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """A question, its answer, and the ids of the articles that give it.

    ``gold`` articles are where the question comes from; ``weak`` ones hold the answer's
    words, which may be by chance.
    """

    id: str
    day: date
    text: str
    answer: str
    gold: frozenset[str]
    weak: frozenset[str]

    @property
    def asked(self) -> datetime:
        """When it is asked, at noon of its day: "this week" is the week of then."""
        return datetime.combine(self.day, time(12), UTC)

    @property
    def tuning(self) -> bool:
        """Whether it may be tuned on; otherwise it is only reported on."""
        return self.day < CUT


def questions() -> list[QuizQuestion]:
    """All questions, in the data's order."""
    return [
        QuizQuestion(
            id=line["id"],
            day=_day(line["date"]).date(),
            text=" ".join(line["question"].replace("\u200b", "").split()),
            answer=line["answer"],
            gold=frozenset(line["gold_articles"]),
            weak=frozenset(line["weak_articles"]),
        )
        for line in _lines(DATA / "questions.jsonl.gz")
    ]


@cache
def documents() -> dict[str, Document]:
    """The articles by their ids in the data, as a page's extraction would give them."""
    return {
        line["id"]: Document(
            title=_TITLE_END.sub("", line["title"]),
            text=line["text"],
            url=line["url"],
            outlet=_OUTLETS.get(line["id"].split("/")[0]),
            authors=tuple(line["authors"]),
            published=_day(line["publish_date"]),
        )
        for line in _lines(DATA / "articles.jsonl.gz")
    }


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _day(written: str) -> datetime:
    return datetime.strptime(written, "%Y/%m/%d").replace(tzinfo=UTC)


def keys() -> dict[str, str]:
    """Article ids in the data to their keys in the archive."""
    return {name: article_key(document.url or "") for name, document in documents().items()}


def build(embedder: Embedder, report: Progress = no_progress) -> Path:
    """Bring the archive up to all articles; its folder, which News can be opened on.

    Embeds about 99,000 paragraphs the first time (half an hour on one slow processor);
    a stopped build goes on from its last batch. Articles that questions need come first.
    """
    needed = {name for question in questions() for name in question.gold | question.weak}
    order = sorted(documents(), key=lambda name: (name not in needed, name))
    ordered = {name: documents()[name] for name in order}
    return archives.build(
        archives.benchmark_folder() / "news_qa", _ORIGIN, ordered, embedder, report
    )


def archive_of(names: list[str], folder: Path) -> Path:
    """An archive of just these articles; its folder."""
    return archives.build(folder, _ORIGIN, {name: documents()[name] for name in names}, Embedder())


_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
}
_ARTICLES = {"a", "an", "the"}


def normalised(text: str) -> str:
    """Words in lower case with a space around each, small numbers in digits, without articles.

    One text holds another if it does so in this form.
    """
    words = re.findall(r"\$?\d+(?:[.,]\d+)*%?|\w+", text.casefold().replace("’", "'"))
    return " " + "".join(f"{_NUMBERS.get(w, w)} " for w in words if w not in _ARTICLES)


# What a short answer may say beside the answer: "Palm Beach" before "Florida".
_BESIDE = 4


def is_verbatim(news: News, claim: Claim) -> bool:
    """Whether a claim's quote is, to the letter, what the store has at its place."""
    citation = claim.citation
    version = news.archive.version(citation.article, citation.version)
    return version is not None and version.text[citation.start : citation.end] == claim.quote


def holds(text: str, answer: str) -> bool:
    """Whether the text says the answer, as far as its words tell."""
    wanted = normalised(answer)
    return bool(wanted.strip()) and wanted in normalised(text)


def same(said: str, answer: str) -> bool:
    """Whether a few words are an answer: they hold it, and little else, or two thirds of their
    words are in common (F1).
    """
    one, other = normalised(said).split(), normalised(answer).split()
    if holds(said, answer) and len(one) <= len(other) + _BESIDE:
        return True
    common = len(set(one) & set(other))
    return bool(common) and 2 * common / (len(set(one)) + len(set(other))) >= 2 / 3
