"""The limits that a question's words set to its sources: which, and how they are widened. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, tzinfo

from bot.answers import Limits
from bot.questions import Understood
from index import Filters


def limits_of(
    asked: Understood, whole: Understood, filters: Filters, now: datetime, zone: tzinfo
) -> Limits | None:
    """What a part's words or else the whole question's limit, where no filter was given."""
    outlets = () if filters.outlets else asked.outlets or whole.outlets
    dates = asked.dates or whole.dates
    since = until = None
    if dates is not None and not (filters.since or filters.until):
        since, until = (m and m.astimezone(zone) for m in dates.of_publication(now))
    return Limits(outlets, since, until) if outlets or since or until else None


def widening(limits: Limits | None) -> Iterator[Limits | None]:
    """The limits, then without the dates, then without the outlets too."""
    yield limits
    without: tuple[str, ...] = ()
    if limits is not None and (limits.since or limits.until):
        without = ("dates",)
        yield replace(limits, without=without)
    if limits is not None and limits.outlets:
        yield replace(limits, without=(*without, "outlets"))


def within(given: Filters, limits: Limits | None) -> Filters:
    if limits is None:
        return given
    wanted = given
    if "outlets" not in limits.without and limits.outlets:
        wanted = replace(wanted, outlets=limits.outlets)
    if "dates" not in limits.without and (limits.since or limits.until):
        wanted = replace(wanted, since=_beginning(limits.since), until=limits.until)
    return wanted


def _beginning(since: datetime | None) -> datetime | None:
    """In the west a day begins after its midnight in UTC, where articles that have only a
    date are kept; they belong to it.
    """
    if since is None:
        return None
    return (
        min(since, datetime.combine(since.date(), time(), tzinfo=UTC))
        if since.time() == time()
        else since
    )
