"""Examples to training batches: what a step gets follows from seed and number alone."""

from random import Random

import pytest

from bot.reader.batches import (
    LONGEST_WINDOW,
    MAX_QUESTION,
    MAX_TITLE,
    Encoded,
    Plan,
    encode,
    window,
)
from bot.reader.data import Example
from bot.reader.network import collate, load_tokenizer


def encoded(number: int, length: int = 30) -> Encoded:
    pieces = tuple(range(1000 * (number + 1), 1000 * (number + 1) + length))
    return Encoded((5, 6, 7), pieces, (3, 4) if number % 2 else None)


def test_pieces_of_an_answer_spell_it() -> None:
    """The pieces marked as the answer are those of its characters, accents and all."""
    context = "Das Café Zoë, she wrote, is in Łódź."
    start = context.index("Łódź")
    example = Example("Where is it? " * 40, context, start, start + 4, ("Łódź",), "nq")
    tokenizer = load_tokenizer()
    (found,) = encode(tokenizer, [example])
    assert found.answer is not None
    first, last = found.answer
    assert tokenizer.decode(list(found.context[first : last + 1])).replace(" ", "") in (
        "łodz",
        "łódź",
    )
    assert len(found.question) == MAX_QUESTION


def test_a_plan_gives_each_step_the_same_batch_again() -> None:
    """Two plans agree on every step, asked in any order; another seed gives others."""
    own = [encoded(i, 40 + 7 * i) for i in range(50)]
    forward, backward = Plan(own, 8, seed=1), Plan(own, 8, seed=1)
    steps = range(2 * forward.steps_per_epoch + 1)
    seen = {step: forward.batch(step) for step in steps}
    assert all(backward.batch(step) == seen[step] for step in reversed(steps))
    other = Plan(own, 8, seed=2)
    assert any(other.batch(step) != seen[step] for step in steps)


def test_a_pass_shows_no_example_twice() -> None:
    """Within one pass, full batches of different examples are given."""
    plan = Plan([encoded(i) for i in range(50)], 8, seed=1)
    items = [item for step in range(plan.steps_per_epoch) for item in plan.batch(step)]
    assert len(items) == len({item.context[0] // 1000 for item in items}) == 48


def test_too_few_examples_for_a_batch_are_refused() -> None:
    """A plan without a single full batch is an error, not an endless loop."""
    with pytest.raises(ValueError, match="less than one batch"):
        Plan([encoded(1)], 2, seed=1)


@pytest.mark.parametrize("answer", [(0, 0), (350, 352), (500, 999), (999, 999), (10, 900)])
def test_targets_point_at_the_answer_in_the_assembled_sequence(answer: tuple[int, int]) -> None:
    """The pieces at a window's target positions are the answer's, as far as they fit."""
    whole = Encoded((1, 2, 3), tuple(range(5000, 6000)), answer)
    for seed in range(30):
        item = window(whole, Random(seed))
        ids = collate([(item.question, (), item.context)]).ids[0].tolist()
        taken = ids[item.first : item.last + 1]
        wanted = list(range(5000 + answer[0], 5001 + answer[1]))
        assert len(item.context) <= LONGEST_WINDOW
        assert (
            taken == wanted[: len(taken)]
            or taken == wanted[-len(taken) :]
            or (len(taken) == len(item.context) and set(taken) <= set(wanted))
        )
        assert len(taken) == min(len(wanted), len(taken)) > 0
        if len(wanted) < 90:
            assert taken == wanted


def test_a_first_sentence_as_title_holds_no_answer() -> None:
    """Some windows have their context's first sentence for a title, and targets move along."""
    whole = Encoded((1, 2, 3), tuple(range(5000, 5100)), (40, 42), opening=30)
    items = [window(whole, Random(seed)) for seed in range(60)]
    headed = [item for item in items if item.title]
    assert 0 < len(headed) < len(items)
    for item in headed:
        assert (item.title, item.context[0]) == (tuple(range(5000, 5000 + MAX_TITLE)), 5030)
        ids = collate([(item.question, item.title, item.context)]).ids[0].tolist()
        assert ids[item.first : item.last + 1] == [5040, 5041, 5042]


def test_a_first_sentence_that_answers_is_no_title() -> None:
    """A title holds no answer: where the first sentence does, it stays in the window."""
    whole = Encoded((1, 2, 3), tuple(range(5000, 5100)), (10, 12), opening=30)
    assert not any(window(whole, Random(seed)).title for seed in range(60))


def test_the_first_sentence_of_a_context_is_known_by_its_pieces() -> None:
    """What is encoded as its opening is the first sentence where a second one follows."""
    first, second = "The harbour of Zadar was shut on Monday. ", "It opens again in May."
    answer = (first + second).index("May")
    texts = [first + second, first, second]
    examples = [Example("When?", t, *(-1, -1), (), "nq") for t in texts]
    examples[0] = Example("When?", texts[0], answer, answer + 3, ("May",), "nq")
    tokenizer = load_tokenizer()
    long, *short = encode(tokenizer, examples)
    assert tokenizer.decode(list(long.context[: long.opening])) == first.lower().strip()
    assert long.answer is not None and long.answer[0] > long.opening
    assert [one.opening for one in short] == [0, 0]


def test_an_unanswerable_window_points_at_the_null_answer() -> None:
    """Without an answer, both targets are position 0, where the null's logits stand."""
    item = window(Encoded((1,), tuple(range(400)), None), Random(1))
    assert (item.first, item.last) == (0, 0)


def test_collate_marks_only_context_pieces_as_places_for_answers() -> None:
    """Special pieces, the question, the title and the padding can never be an answer."""
    batch = collate([((7, 8), (19,), (20, 21, 22)), ((9,), (), (30,))])
    assert batch.ids.tolist() == [
        [101, 7, 8, 102, 19, 20, 21, 22, 102],
        [101, 9, 102, 30, 102, 0, 0, 0, 0],
    ]
    assert batch.context.int().tolist() == [
        [0, 0, 0, 0, 0, 1, 1, 1, 0],
        [0, 0, 0, 1, 0, 0, 0, 0, 0],
    ]
    assert batch.attention.sum(1).tolist() == [9, 5]
    assert batch.segments.tolist()[0] == [0, 0, 0, 0, 1, 1, 1, 1, 1]


def test_collate_marks_the_pieces_that_question_and_context_share() -> None:
    """A piece that stands in both is of its part's other kind, wherever it stands in it."""
    batch = collate([((7, 8), (8,), (20, 8, 21)), ((9,), (), (30,))])
    assert batch.segments.tolist() == [
        [0, 0, 2, 0, 3, 1, 3, 1, 1],
        [0, 0, 0, 1, 1, 0, 0, 0, 0],
    ]


def test_an_answer_somewhere_within_is_no_answer_where_there_is_no_text() -> None:
    """That a sentence answers, without telling where, is kept unless no piece is left of it."""
    said = Example("Who?", "Ann did.", 0, 8, ("Ann did.",), "selqa", within=True)
    empty = Example("Who?", "", 0, 0, ("",), "selqa", within=True)
    whole, nothing = encode(load_tokenizer(), [said, empty])
    assert whole.answer == (0, len(whole.context) - 1)
    assert window(whole, Random(1)).within
    assert (nothing.answer, nothing.within) == (None, False)
