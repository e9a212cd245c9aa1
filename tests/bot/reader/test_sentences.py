"""What the benchmark of newswire sentences counts, on rankings whose figures are known."""

import pytest

from tests.benchmarks.sentences import average_precision, reciprocal_rank, written


@pytest.mark.parametrize(
    ("scores", "precision", "rank"),
    [
        ([0.9, 0.8, 0.1, 0.0], 1.0, 1.0),
        ([0.8, 0.1, 0.9, 0.0], (1 / 2 + 2 / 3) / 2, 1 / 2),
        ([0.0, 0.1, 0.8, 0.9], (1 / 3 + 2 / 4) / 2, 1 / 3),
        ([0.5, 0.5, 0.5, 0.5], 1.0, 1.0),
    ],
)
def test_a_ranking_counts_by_the_places_of_what_is_right(
    scores: list[float], precision: float, rank: float
) -> None:
    """The first two sentences answer; ties stay in the data's order."""
    answers = [True, True, False, False]
    assert average_precision(scores, answers) == pytest.approx(precision)
    assert reciprocal_rank(scores, answers) == pytest.approx(rank)


def test_a_treebanks_tokens_become_print() -> None:
    """Marks close up to their words, brackets and quotation marks are what they were."""
    tokens = "`` It is n't Lee 's bridge , '' he said -LRB- in 1999 -RRB- for $ 5 ."
    assert written(tokens) == "\" It isn't Lee's bridge, \" he said (in 1999) for $5."
