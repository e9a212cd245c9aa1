"""A kill at any boundary between an article and a subscriber loses nothing."""

from pathlib import Path

from tests.benchmarks.telling import one_run


def test_a_kill_loses_no_update_and_doubles_at_most_what_it_fell_on(tmp_path: Path) -> None:
    """After kills at seeded boundaries everyone has everything; doubled is only what was sent
    and not yet recorded."""
    runs = [one_run(tmp_path, seed) for seed in (0, 2, 3)]
    assert sum(len(run.kills) for run in runs) >= 3
    for run in runs:
        assert run.lost == 0, run
        assert len(run.caught) == len(run.kills)
        assert run.doubled <= sum(run.caught), run
