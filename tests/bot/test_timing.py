"""When updates are told: times of day, quiet hours, and both changes of the clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.timing import AT_ONCE, Quiet, Schedule, due, read_quiet, read_schedule

VIENNA, NEW_YORK, LORD_HOWE = map(
    ZoneInfo, ("Europe/Vienna", "America/New_York", "Australia/Lord_Howe")
)
# The days on which the clocks change, forward and back, in 2026.
CHANGES = [
    (VIENNA, datetime(2026, 3, 29, tzinfo=UTC)),
    (VIENNA, datetime(2026, 10, 25, tzinfo=UTC)),
    (NEW_YORK, datetime(2026, 3, 8, tzinfo=UTC)),
    (NEW_YORK, datetime(2026, 11, 1, tzinfo=UTC)),
    # By half an hour, and in the other half of the year.
    (LORD_HOWE, datetime(2026, 10, 3, tzinfo=UTC)),
    (LORD_HOWE, datetime(2026, 4, 4, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "day"), CHANGES, ids=str)
@pytest.mark.parametrize("at", [time(0, 0), time(1, 30), time(2, 15), time(2, 30), time(3, 0)])
def test_one_digest_a_day_when_the_clocks_change(zone: ZoneInfo, day: datetime, at: time) -> None:
    """Going from digest to digest over the change, each local day has exactly one."""
    moment, days = day - timedelta(days=3), []
    for _ in range(6):
        moment = due(moment, Schedule(times=(at,)), None, zone)
        days.append(moment.astimezone(zone).date())
    assert days == [days[0] + timedelta(days=i) for i in range(6)]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.lists(st.times().map(lambda t: t.replace(second=0, microsecond=0, fold=0)), max_size=4),
    st.booleans(),
    st.tuples(st.times(), st.times()).filter(lambda t: t[0] != t[1]),
    st.sampled_from([VIENNA, NEW_YORK, LORD_HOWE]),
)
def test_never_early_never_in_quiet_hours_never_two_days_late(
    now: datetime, times: list[time], hourly: bool, hours: tuple[time, time], zone: ZoneInfo
) -> None:
    """Whatever the schedule, what is due comes after it was made, outside quiet hours, soon."""
    quiet = Quiet(*(t.replace(second=0, microsecond=0) for t in hours))
    if quiet.begin == quiet.end:
        return
    moment = due(now, Schedule(hourly and not times, tuple(times)), quiet, zone)
    assert now <= moment <= now + timedelta(days=2, hours=1)
    local = moment.astimezone(zone)
    # Where the clocks go over the end of the quiet hours it comes later, and where they go
    # back it comes at its first time, when it may be about to be quiet once more.
    if not local.fold and local.replace(fold=1).utcoffset() == local.utcoffset():
        assert not quiet.holds(local.time()) or _was_changed(local)


def _was_changed(local: datetime) -> bool:
    """Whether the clocks change within a few hours of this time."""
    near = [(local + timedelta(hours=h)).astimezone(UTC) for h in (-4, 4)]
    return len({m.astimezone(local.tzinfo).utcoffset() for m in near}) > 1


def test_quiet_hours_go_over_midnight() -> None:
    """What comes at 23:00 or at 6:00 waits until 7:00; what comes at 12:00 goes at once."""
    quiet = read_quiet("22:00-7:00")
    for hour, expected in ((23, (2, 7)), (6, (1, 7)), (12, (1, 12))):
        now = datetime(2026, 6, 1, hour, tzinfo=VIENNA)
        moment = due(now, AT_ONCE, quiet, VIENNA).astimezone(VIENNA)
        assert (moment.day, moment.hour) == expected


def test_hourly_comes_at_the_full_hour_of_the_wall() -> None:
    """Also in a zone that is half an hour off."""
    zone = ZoneInfo("Asia/Kolkata")
    moment = due(datetime(2026, 6, 1, 9, 40, tzinfo=zone), Schedule(hourly=True), None, zone)
    assert moment.astimezone(zone).time() == time(10, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "now"),
        ("Hourly", "hourly"),
        ("8:00", "08:00"),
        ("18.30, 8:00 8:00", "08:00, 18:30"),
        ("25:00", None),
        ("sometimes", None),
        (" ".join(f"{h}:00" for h in range(13)), None),
    ],
)
def test_schedules_are_read_as_they_are_written(text: str, expected: str | None) -> None:
    """What people write for a schedule becomes one, or is refused; what is shown reads back."""
    schedule = read_schedule(text)
    assert (str(schedule) if schedule else None) == expected
    if schedule is not None:
        assert read_schedule(str(schedule)) == schedule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00-7:00", "22:00-07:00"),
        ("22.00 – 07.00", "22:00-07:00"),
        ("22:00 to 7:00", "22:00-07:00"),
        ("7:00-7:00", None),
        ("22:00", None),
        ("22-7", None),
    ],
)
def test_quiet_hours_are_read_as_they_are_written(text: str, expected: str | None) -> None:
    """What people write for quiet hours becomes them, or is refused."""
    quiet = read_quiet(text)
    assert (str(quiet) if quiet else None) == expected
