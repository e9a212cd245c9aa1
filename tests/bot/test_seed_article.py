"""Questions on one pasted article: the right sentence first, or a refusal."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering import ask
from bot.answers import Answer, Outcome
from index import Filters, News
from index.embedding import Embedder
from tests.shared import shared

# Question, words of the sentence that answers it, its paragraph.
ANSWERABLE = [
    ("who brokered the ceasefire?", "a ceasefire brokered by Russia", 1),
    ("What did Azerbaijan's defence ministry say about the reports?", "“We strongly deny", 9),
    ("When did Azerbaijan impose the blockade of Karabakh?", "in December 2022", 8),
    ("Where did the delegations meet?", "in the town of Yevlakh", 10),
    ("How far is Yevlakh from Khankendi?", "some 100km (60 miles) north", 10),
    ("What do Armenians call the city of Khankendi?", "known as Stepanakert", 6),
    ("What aid would be sent to Nagorno-Karabakh?", "fuel, medical supplies", 12),
    ("What weapons did Armenian forces say Azerbaijan was using?", "a variety of firearms", 5),
    ("Who was seated with the two delegations?", "Russia’s peacekeeping mission", 11),
    ("Which news agency reported the representative's remarks?", "Ria news agency", 13),
]
UNANSWERABLE = ["who won the election?", "how many people died?"]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[News]:
    path = shared("data", "seed", "karabakh_truce.txt")
    opened = News(tmp_path_factory.mktemp("seed"), embedder=embedder)
    asyncio.run(opened.add([str(path)]))
    yield opened
    opened.close()


def answer_to(news: News, question: str) -> Answer:
    return ask(news, question, Filters(), datetime(2024, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("question", "words", "paragraph"), ANSWERABLE)
def test_the_right_sentence_comes_first(
    news: News, question: str, words: str, paragraph: int
) -> None:
    """The first quote holds the answer and names its paragraph."""
    answer = answer_to(news, question)
    assert answer.outcome is not Outcome.NOT_IN_SOURCES
    assert words in answer.claims[0].quote
    assert answer.claims[0].citation.paragraph == paragraph


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_what_the_article_does_not_say_is_refused(news: News, question: str) -> None:
    """A question that the article does not answer is not answered."""
    assert answer_to(news, question).outcome is not Outcome.ANSWERED


def test_every_quote_is_the_stored_slice(news: News, tmp_path: Path) -> None:
    """Every claim of every answer is word for word what the store holds at its citation."""
    shown = 0
    for question, _, _ in ANSWERABLE:
        for claim in answer_to(news, question).claims:
            c = claim.citation
            version = news.archive.version(c.article, c.version)
            assert version is not None
            assert version.sha256 == c.sha256
            assert version.text[c.start : c.end] == claim.quote
            shown += 1
    assert shown >= len(ANSWERABLE)
