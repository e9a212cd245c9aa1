"""Whatever kills newsbot, and whenever: each question that Telegram handed over is answered."""

from pathlib import Path

from tests.benchmarks.intake import killed


def test_no_question_is_lost_and_none_doubled_without_a_reason(tmp_path: Path) -> None:
    """Across kills at random moments all are answered, in each chat in order; twice only what
    was sent and not on record when a kill fell. The whole measure is in the benchmarks.
    """
    done = killed(tmp_path, questions=20, kills=4, seed=3)
    print(f"{done.doubled} doubled, {done.between} were sent and not on record at a kill")
    assert done.killed_in_hand >= 1
    assert done.answered == done.questions == 20
    assert done.excess == 0
    assert done.out_of_order == 0
