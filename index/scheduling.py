"""When a source is due again. Pure: times in, times out."""

from dataclasses import replace
from datetime import datetime, timedelta

from index.articles import Health

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=1)


def after_success(
    health: Health, now: datetime, interval: timedelta, max_age: timedelta | None
) -> Health:
    """A source that answered: due after ``interval``, or later if it asks for that.

    ``max_age`` is how long the source says its answer holds; it is obeyed up to a day,
    and never makes a source due sooner than ``interval``.
    """
    wait = min(max(interval, max_age or interval, SHORTEST), max(LONGEST, interval))
    return Health(due=now + wait, checked=now, succeeded=now)


def after_failure(
    health: Health,
    now: datetime,
    interval: timedelta,
    error: str,
    retry_after: timedelta | None = None,
) -> Health:
    """A source that failed: the wait doubles with each failure in a row, up to a day.

    A longer ``retry_after`` that the source asks for is obeyed.
    """
    failures = health.failures + 1
    # The exponent is bounded so that a source that failed for years stays computable.
    wait = min(max(interval, SHORTEST) * 2 ** min(failures - 1, 20), LONGEST)
    return replace(
        health,
        due=now + max(wait, retry_after or wait),
        checked=now,
        failures=failures,
        error=error,
    )


def is_due(health: Health, now: datetime) -> bool:
    """Whether a source should be read now."""
    return health.due is None or health.due <= now
