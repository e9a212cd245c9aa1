"""The scores: as SQuAD 2.0 counts them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reader.data import Example
from bot.reader.evaluation import (
    Outcome,
    auc,
    best_threshold,
    compared,
    outcome,
    row,
    sample,
    table,
)
from bot.reader.reading import Reading, Window


@pytest.mark.parametrize(
    ("given_answer", "answers", "em", "f1"),
    [
        ("The Russia!", ["russia"], 1, 1),
        ("in Moscow", ["Moscow", "in the city"], 0, 2 / 3),
        ("Paris", ["London"], 0, 0),
        ("cat cat", ["cat"], 0, 2 / 3),
        ("the", ["a"], 1, 1),
        ("the", ["cat"], 0, 0),
    ],
)
def test_answers_are_compared_as_squad_does(
    given_answer: str, answers: list[str], em: float, f1: float
) -> None:
    """Case, punctuation and articles do not count, and the best accepted answer does."""
    assert compared(given_answer, answers) == (em, pytest.approx(f1))


def test_an_unanswerable_example_scores_by_declining_alone() -> None:
    """Declining is wholly right where there is no answer, and showing anything wholly wrong."""
    nothing = Example("who?", "Nobody is named.", -1, -1, (), "squad2")
    sure, unsure = (Reading(0, 6, (Window((0,), (1,), (1,), null),)) for null in (1, 3))
    shown, declined = outcome(nothing, sure), outcome(nothing, unsure)
    assert row("x", [shown], 0).f1 == 0
    assert row("x", [declined], 0).f1 == row("x", [declined], 0).em == 1


def test_an_answerable_example_that_is_declined_scores_nothing() -> None:
    """A right span that is not shown counts for the span's scores and not for the whole's."""
    asked = Example("who?", "Ann won.", 0, 3, ("Ann",), "squad")
    reading = Reading(0, 3, (Window((0,), (1,), (1,), 3),))
    found = row("x", [outcome(asked, reading)], 0)
    assert (found.f1, found.span_f1, found.answered) == (0, 1, 0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=1, max_size=40))
def test_auc_is_the_chance_of_the_right_order(pairs: list[tuple[int, bool]]) -> None:
    """The area agrees with counting all pairs, ties as half, and is NaN with one kind only."""
    yes = [m for m, answerable in pairs if answerable]
    no = [m for m, answerable in pairs if not answerable]
    found = auc(np.array([float(m) for m, _ in pairs]), np.array([a for _, a in pairs]))
    if not yes or not no:
        assert math.isnan(found)
    else:
        won = sum((y > n) + 0.5 * (y == n) for y in yes for n in no)
        assert found == pytest.approx(won / (len(yes) * len(no)))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.floats(0, 1), st.integers(-5, 5)),
        min_size=1,
        max_size=30,
        unique_by=lambda t: t[2],
    )
)
def test_no_threshold_beats_the_best_one(drawn: list[tuple[bool, float, int]]) -> None:
    """Among all thresholds that treat the examples differently, none has a higher F1."""
    outcomes = [Outcome("s", yes, 0, f1 if yes else 0, margin) for yes, f1, margin in drawn]

    def score(threshold: float) -> float:
        own = [(o.f1 if o.margin > threshold else 0) if o.answerable else o.margin <= threshold
               for o in outcomes]  # fmt: skip
        return sum(own)

    tried = [score(o.margin - 0.5) for o in outcomes] + [score(10)]
    assert score(best_threshold(outcomes)) == pytest.approx(max(tried))


def test_the_table_has_a_row_for_all_and_for_each_source() -> None:
    """Sources come by size, after the row of all, and AUC only where both kinds are."""
    outcomes = [Outcome("b", True, 1, 1, 2.0)] * 3 + [
        Outcome("a", True, 0, 0.5, 1.0),
        Outcome("a", False, 0, 0, -1.0),
    ]
    lines = table(outcomes).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["all", "b", "a"]
    assert "1.000" in lines[4]
    assert "nan" not in "\n".join(lines)


def test_a_sample_is_seeded_and_never_more_than_there_is() -> None:
    """The same seed takes the same examples, each at most once."""
    examples = [Example("q", str(i), -1, -1, (), "s") for i in range(20)]
    assert sample(examples, 5, 1) == sample(examples, 5, 1)
    assert len({e.context for e in sample(examples, 50, 1)}) == 20
