"""What is offered to insert: each result is one whole message with all its sources."""

from bot.answers import Answer, Outcome
from bot.handlers.inline import alternatives, whole
from bot.messages import answer_messages
from tests.bot import written


def an_answer(*lengths: int) -> Answer:
    """An answer with claims of so many characters, each from an article of its own."""
    return written.answer(
        *(
            written.claim("word " * (length // 5), written.article(number, f"Title {number}"))
            for number, length in enumerate(lengths, start=1)
        )
    )


def test_the_answer_comes_first_and_then_each_claim() -> None:
    """Of an answer with two claims there are three results; of one with one claim only that."""
    both = an_answer(100, 200)
    assert [len(a.claims) for a in whole(alternatives(both))] == [2, 1, 1]
    assert whole(alternatives(an_answer(100))) == [an_answer(100)]


def test_what_does_not_fit_into_one_message_is_not_offered() -> None:
    """A result that would lose its sources is left out; those that keep them stay."""
    large = an_answer(3000, 3000)
    assert len(answer_messages(large, 0)) > 1
    offered = whole(alternatives(large))
    assert [len(a.claims) for a in offered] == [1, 1]
    for answer in offered:
        [message] = answer_messages(answer, 0)
        assert answer.claims[0].article.title in message.text
    assert whole(alternatives(an_answer(9000))) == []


def test_without_an_answer_there_is_nothing_to_insert() -> None:
    """What is not in the sources is no result."""
    assert alternatives(written.answer(outcome=Outcome.NOT_IN_SOURCES)) == []
