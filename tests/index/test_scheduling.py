"""When sources are due."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from index.articles import Health
from index.revisiting import next_visit
from index.scheduling import LONGEST, after_failure, after_success, is_due

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def test_a_source_that_was_never_read_is_due() -> None:
    """A source without a due time is due."""
    assert is_due(Health(), NOW)


def test_success_waits_the_interval() -> None:
    """After a success a source is due after the interval, not before."""
    health = after_success(Health(), NOW, HALF_HOUR, None)
    assert not is_due(health, NOW + timedelta(minutes=29))
    assert is_due(health, NOW + HALF_HOUR)


def test_max_age_is_obeyed_when_longer() -> None:
    """A source that says its answer holds for two hours is left alone for two hours."""
    assert after_success(Health(), NOW, HALF_HOUR, timedelta(hours=2)).due == NOW + timedelta(
        hours=2
    )
    assert after_success(Health(), NOW, HALF_HOUR, timedelta(seconds=1)).due == NOW + HALF_HOUR


def test_max_age_of_a_year_is_bounded() -> None:
    """No source talks its way out of being read once a day."""
    assert after_success(Health(), NOW, HALF_HOUR, timedelta(days=365)).due == NOW + LONGEST


def test_failures_double_the_wait_and_one_success_recovers() -> None:
    """The wait doubles with each failure in a row and is the interval again after a success."""
    health, waits = Health(), []
    for _ in range(8):
        health = after_failure(health, NOW, HALF_HOUR, "timed out")
        assert health.due is not None
        waits.append(health.due - NOW)
    assert waits[:4] == [HALF_HOUR, HALF_HOUR * 2, HALF_HOUR * 4, HALF_HOUR * 8]
    assert waits[-1] == LONGEST
    assert health.failures == 8
    recovered = after_success(health, NOW, HALF_HOUR, None)
    assert (recovered.failures, recovered.error, recovered.due) == (0, None, NOW + HALF_HOUR)


def test_a_longer_retry_after_is_obeyed() -> None:
    """Retry-After wins when it asks for more than the back-off."""
    asked = timedelta(hours=5)
    assert after_failure(Health(), NOW, HALF_HOUR, "429", asked).due == NOW + asked


@given(st.integers(0, 10_000))
def test_any_number_of_failures_stays_computable(failures: int) -> None:
    """The back-off never exceeds a day, however often a source failed."""
    health = after_failure(Health(failures=failures), NOW, HALF_HOUR, "x")
    assert health.due is not None and health.due <= NOW + LONGEST


@given(st.integers(0, 10**8))
def test_a_page_is_read_again_ever_less_often_and_then_no_more(seconds: int) -> None:
    """The next visit lies ahead, no further than three times the age, and ends after 11 days."""
    now = NOW + timedelta(seconds=seconds)
    visit = next_visit(NOW, now)
    if visit is None:
        assert now - NOW >= timedelta(hours=243)
    else:
        assert now < visit <= max(NOW + timedelta(hours=3), NOW + 3 * (now - NOW))


def test_a_page_is_read_again_five_times() -> None:
    """3, 9, 27, 81 and 243 hours after it came."""
    hours, moment = [], NOW
    while (visit := next_visit(NOW, moment)) is not None:
        moment = visit
        hours.append((visit - NOW) / timedelta(hours=1))
    assert hours == [3, 9, 27, 81, 243]
