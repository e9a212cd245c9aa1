"""Questions on one pasted article: the right sentence first, or a refusal."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.answering import ask
from bot.answers import Answer, Outcome
from bot.reader.reading import Reader
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
    ("How were the talks described?", "“constructive and positive”", 13),
    ("Why have observers been unable to reach Karabakh?", "an effective blockade", 8),
]
DISPUTED = ["did Azerbaijan break the ceasefire?", "Has Azerbaijan violated the ceasefire?"]
UNANSWERABLE = [
    "who won the election?",
    "how many people died?",
    "Who is the president of Azerbaijan?",
    "What did the United Nations say about the ceasefire?",
    "How much did the aid cost?",
    "When did the war in Ukraine begin?",
]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[News]:
    path = shared("data", "seed", "karabakh_truce.txt")
    opened = News(tmp_path_factory.mktemp("seed"), embedder=embedder)
    asyncio.run(opened.add([str(path)]))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def answer_to(news: News, question: str, reader: Reader) -> Answer:
    return ask(news, question, Filters(), datetime(2024, 1, 1, tzinfo=UTC), reader.read)


@pytest.mark.parametrize(("question", "words", "paragraph"), ANSWERABLE)
def test_the_right_sentence_comes_first(
    news: News, reader: Reader, question: str, words: str, paragraph: int
) -> None:
    """The first quote holds the answer and names its paragraph."""
    answer = answer_to(news, question, reader)
    assert answer.outcome is not Outcome.NOT_IN_SOURCES
    assert words in answer.claims[0].quote
    assert answer.claims[0].citation.paragraph == paragraph


def test_the_short_answer_is_russia(news: News, reader: Reader) -> None:
    """Who brokered the ceasefire is said in a word, which nobody disputes."""
    answer = answer_to(news, "who brokered the ceasefire?", reader)
    assert (answer.short, answer.short_speaker) == ("Russia", None)


@pytest.mark.parametrize("question", DISPUTED)
def test_a_disputed_charge_is_shown_with_its_denial(
    news: News, reader: Reader, question: str
) -> None:
    """To whether a charge is true the answer is both accounts with their speakers, not "yes"."""
    answer = answer_to(news, question, reader)
    assert answer.outcome is Outcome.ANSWERED
    assert answer.short is None
    [dispute] = answer.accounts
    accuser, denier = dispute.accounts
    assert "Armenian forces" in accuser.speaker
    assert accuser.claim.citation.paragraph in (1, 5)
    assert "Azerbaijan’s defence ministry" in denier.speaker
    assert "We strongly deny this disseminated information" in denier.claim.quote
    assert denier.claim.citation.paragraph == 9


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_what_the_article_does_not_say_is_refused(
    news: News, reader: Reader, question: str
) -> None:
    """A question that the article does not answer is not answered."""
    assert answer_to(news, question, reader).outcome is not Outcome.ANSWERED


def test_every_quote_is_the_stored_slice(news: News, reader: Reader) -> None:
    """Every claim of every answer is word for word what the store holds at its citation."""
    shown = 0
    for question in [q for q, *_ in ANSWERABLE] + DISPUTED:
        for claim in answer_to(news, question, reader).cites:
            c = claim.citation
            version = news.archive.version(c.article, c.version)
            assert version is not None
            assert version.sha256 == c.sha256
            assert version.text[c.start : c.end] == claim.quote
            shown += 1
    assert shown >= len(ANSWERABLE)
