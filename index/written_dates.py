"""Dates as people write them: "3 March 2024", "Published: Mar. 3, 2024 at 9:15 p.m. EST". Pure."""

import re
from datetime import UTC, datetime, timedelta

MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAY_FORMS = (
    rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{MONTH}),? (?P<y1>\d{{4}})"
    rf"|(?P<m2>{MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}})"
    r"|(?P<y3>\d{4})[-/.](?P<m3>\d{2})[-/.](?P<d3>\d{2})"
)
_DATE = re.compile(rf"(?<!\w)(?:{_DAY_FORMS})", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::\d{2})?\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*\(?(?P<zone>[+-]\d{2}:?\d{2}|[a-z]{3,4}\b)?",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    rf"^(?:(?:first )?(?:published|posted|updated|last (?:updated|modified)|date|modified)"
    rf"(?: on| at)?:?\s+)?(?:\w{{3,9}}day,? )?(?:{_DAY_FORMS})"
    r"(?:,?\s*(?:T|at |[-–|·•]\s*)?\s*\d{1,2}[:.]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*"
    r"\(?(?:Z|[A-Z]{2,4}|[+-]\d{2}:?\d{2})?\)?)?\.?$",
    re.IGNORECASE,
)
# Hours from UTC of the names that stand in datelines; any other is taken as UTC.
_ZONES = {
    "edt": -4,
    "est": -5,
    "cdt": -5,
    "cst": -6,
    "mdt": -6,
    "mst": -7,
    "pdt": -7,
    "pst": -8,
    "bst": 1,
    "cet": 1,
    "cest": 2,
    "eet": 2,
    "eest": 3,
    "msk": 3,
}


def is_date_line(line: str) -> bool:
    """Whether a line holds a date, with or without a time of day, and nothing else."""
    return _DATE_LINE.match(line.strip()) is not None


def holds_date(text: str) -> bool:
    """Whether a whole date, with its year, stands anywhere in a text."""
    return _DATE.search(text) is not None


def moment_in(text: str) -> datetime | None:
    """The first whole date in a text, with the time of day behind it, in UTC."""
    match = _DATE.search(text)
    if match is None:
        return None
    groups = match.groupdict()
    year, month, day = next(
        (groups[f"y{i}"], groups[f"m{i}"], groups[f"d{i}"]) for i in "123" if groups[f"y{i}"]
    )
    number = int(month) if month.isdigit() else _month_number(month)
    try:
        moment = datetime(int(year), number, int(day), tzinfo=UTC)
        return moment + _time_of_day(text[match.end() :])
    except (ValueError, OverflowError):
        return None


def _time_of_day(text: str) -> timedelta:
    """How long after the date's midnight in UTC the first time in a text is; zero without one."""
    clock = _CLOCK.search(text)
    if clock is None:
        return timedelta()
    hour, minute = int(clock["hour"]), int(clock["minute"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"].lower().startswith("p") else 0)
    if hour > 23 or minute > 59:
        return timedelta()
    return timedelta(hours=hour, minutes=minute) - _offset(clock["zone"] or "")


def _offset(zone: str) -> timedelta:
    if zone[:1] not in ("+", "-"):
        return timedelta(hours=_ZONES.get(zone.lower(), 0))
    digits = zone[1:].replace(":", "")
    east = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return east if zone[0] == "+" else -east


def _month_number(name: str) -> int:
    names = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    return names.index(name[:3].lower()) + 1


def stated_moment(text: str) -> datetime | None:
    """A date in a field of its own, in ISO 8601 or written out, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return moment_in(text)
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None


def sane(moment: datetime | None) -> datetime | None:
    """A date that can be: after 1970's first days and not beyond tomorrow."""
    if moment is None or not datetime(1971, 1, 1, tzinfo=UTC) < moment:
        return None
    return moment if moment < datetime.now(UTC) + timedelta(days=1) else None
