"""When an update is told: at once, hourly, at times of day, and never in quiet hours. Pure.

Times of day are those of a clock on the wall in an IANA time zone. Where the clocks go
forward over one, it comes by as much later; where they go back, it counts the first time
only: one digest a day, always.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
# More digests a day than this are "hourly".
_MOST_TIMES = 12


@dataclass(frozen=True, slots=True)
class Schedule:
    """``hourly``, or at these times of day; neither is at once."""

    hourly: bool = False
    times: tuple[time, ...] = ()

    def __str__(self) -> str:
        """As it is stored and shown, and as read_schedule() reads it."""
        if self.times:
            return ", ".join(f"{t:%H:%M}" for t in self.times)
        return "hourly" if self.hourly else "now"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of each day in which nothing is sent; they may go over midnight."""

    begin: time
    end: time

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    def holds(self, moment: time) -> bool:
        """Whether this time of day is in the quiet hours."""
        if self.begin <= self.end:
            return self.begin <= moment < self.end
        return moment >= self.begin or moment < self.end


AT_ONCE = Schedule()


def read_schedule(text: str) -> Schedule | None:
    """ "now", "hourly", or times as in "8:00, 18:30"; None for anything else."""
    said = text.strip().casefold()
    if said in ("now", "at once", ""):
        return AT_ONCE
    if said == "hourly":
        return Schedule(hourly=True)
    times = []
    for part in re.split(r"[,;\s]+", said):
        found = _TIME.fullmatch(part)
        if found is None:
            return None
        times.append(time(int(found[1]), int(found[2])))
    unique = tuple(sorted(set(times)))
    return Schedule(times=unique) if len(unique) <= _MOST_TIMES else None


def read_quiet(text: str) -> Quiet | None:
    """Hours as in "22:00-7:00"; None for anything else, and for a whole day."""
    ends = re.split(r"\s*(?:-|–|to)\s*", text.strip().casefold())
    found = [_TIME.fullmatch(end) for end in ends]
    if len(found) != 2 or found[0] is None or found[1] is None:
        return None
    begin, end = (time(int(f[1]), int(f[2])) for f in found if f is not None)
    return Quiet(begin, end) if begin != end else None


def due(now: datetime, schedule: Schedule, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """When an update that is made ``now`` is to be told, in UTC; ``now`` for at once."""
    moment = now
    if schedule.hourly:
        moment = _next_hour(now, zone)
    elif schedule.times:
        moment = _next_of(now, schedule.times, zone)
    return _after_quiet(moment, quiet, zone)


def overtaken(moment: datetime, now: datetime, quiet: Quiet | None, zone: ZoneInfo) -> bool:
    """Whether quiet hours have begun since what was due at ``moment`` should have been told.

    What is due in quiet hours itself was asked for in them.
    """
    if quiet is None or quiet.holds(moment.astimezone(zone).time()):
        return False
    return quiet.holds(now.astimezone(zone).time())


def _next_hour(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    # In UTC, so that an hour that a clock repeats or leaves out is one hour like the others.
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return now.astimezone(UTC) - past + timedelta(hours=1)


def _next_of(now: datetime, times: tuple[time, ...], zone: ZoneInfo) -> datetime:
    today = now.astimezone(zone).date()
    # The day before too: a time that the clocks went over may have moved past midnight.
    days = (today + timedelta(days=d) for d in (-1, 0, 1, 2))
    moments = (datetime.combine(day, t, zone).astimezone(UTC) for day in days for t in times)
    return min(moment for moment in moments if moment > now)


def _after_quiet(moment: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    if quiet is None or not quiet.holds(local.time()):
        return moment.astimezone(UTC)
    return _next_of(moment, (quiet.end,), zone)
