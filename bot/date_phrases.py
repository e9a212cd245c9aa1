"""The phrases of a text that name a time, each as local times without a zone. Pure.

By rules of our own rather than a library: what matters is less to resolve a phrase than to
leave alone what is none ("the 2022 World Cup", "Theresa May", "in three days").
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

_MONTH_NAMES = (
    "january february march april may june july august september october november december"
).split()
_MONTHS = {name[:3]: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_WEEKDAYS = {name: n for n, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_COUNTS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"a": 1, "an": 1, "couple": 2, "few": 3}

# May and March are also a word and a verb, so they need their capital or a preposition.
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[6-9]|20)\d\d"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_COUNT = r"(?:\d{1,4}|a couple of|a few|few|an?|" + "|".join(list(_COUNTS)[1:13]) + ")"
_UNIT = r"(?:minute|hour|day|week|month|year|decade)s?"

# The first alternative that fits at a place is taken.
_SPAN = re.compile(
    rf"""
    \b(?:
      (?P<iso>\d{{4}}-\d\d-\d\d)
    | (?P<numeric>\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}})
    | (?P<from_day>{_DAY})\s*(?:-|–|and|to|until)\s*(?P<to_day>{_DAY})\s+(?:of\s+)?
      (?P<days_month>{_MONTH})(?:,?\s+(?P<days_year>{_YEAR}))?
    | (?P<dm_day>{_DAY})\s+(?:of\s+)?(?P<dm_month>{_MONTH})(?:,?\s+(?P<dm_year>{_YEAR}))?
    | (?P<md_month>{_MONTH})\s+(?:the\s+)?(?P<md_day>{_DAY})(?!\d|[:.]\d|\s*(?:a\.?m|p\.?m))\b
      (?:,?\s+(?P<md_year>{_YEAR}))?
    | (?P<month>{_MONTH})(?:\s+(?:of\s+)?(?P<month_year>{_YEAR}))?
    | (?P<season>spring|summer|autumn|fall|winter)(?:\s+of)?\s+(?P<season_year>{_YEAR})
    | (?P<last_season>last|this|past)\s+(?P<named_season>spring|summer|autumn|fall|winter)
    | (?P<decade>(?:1[6-9]|20)\d0)['’]?s
    | (?P<year>{_YEAR})(?![-–]\w|[.,]?\d|%)
    | (?P<before_yesterday>(?:the\s+)?day\s+before\s+yesterday)
    | (?P<day_name>yesterday|today|tomorrow)(?:\s+(?P<day_part>morning|afternoon|evening|night))?
    | (?P<tonight>tonight|last\s+night)
    | this\s+(?P<part>morning|afternoon|evening)
    | (?:in\s+|over\s+|for\s+|during\s+|within\s+)?the\s+(?:last|past|previous)\s+
      (?:(?P<rolling>{_COUNT})\s+)?(?P<rolling_unit>{_UNIT})
    | (?P<ago>{_COUNT})\s+(?P<ago_unit>{_UNIT})\s+ago
    | (?:(?P<past_n>past|last)\s+(?P<past_count>{_COUNT})\s+(?P<past_unit>{_UNIT}))
    | (?P<which>this|last|past|next|coming)\s+(?P<period>week|month|year)
    | (?:(?P<weekend_of>this|last|past|next|the)\s+)?(?P<weekend>weekend)
    | (?P<weekday>{_WEEKDAY})(?:\s+(?:morning|afternoon|evening|night))?
    | the\s+(?P<nth>{_DAY}(?<=[a-z]))
    )\b['’]?s?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE = re.compile(
    r"(?<![\w’'])(?P<word>since|after|before|until|till|up\s+to|prior\s+to|earlier\s+than|by|every|each|"
    r"black|good|bloody|super|from|between|last|this|next|of|in|on|during|for|around|"
    r"class\s+of|generation|agenda|area|route|world\s+cup|olympics|\(|"
    r"early|late|mid|all)[\s-]+(?:the\s+)?(?:end\s+of\s+|start\s+of\s+|beginning\s+of\s+|year\s+)?$",
    re.IGNORECASE,
)
BETWEEN = re.compile(r"\s*(?:and|to|until|till|through|-|–)\s*(?:the\s+)?$", re.IGNORECASE)
# What follows a date that is part of a name.
_NAME_GOES_ON = re.compile(
    r"\s+(?:attacks?|hearings?|committee|panel|riots?|insurrection|movement|commission|"
    r"memorial|massacre|revolution|agreement|times|mirror|mail|express)\b",
    re.IGNORECASE,
)
# "The last week of the campaign" is no time before the question.
_THE_LAST = re.compile(r"\bthe\s+(?:last|past)\s+[\w\s]{2,20}$", re.IGNORECASE)
_OF_A_THING = re.compile(
    r"\s+(?:of|before)\s+(?:the|a|an|his|her|its|their|this|that)\b", re.IGNORECASE
)
_NEEDS_PREPOSITION = set(
    "since after before until till between from in of during early late mid".split()
)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """Local times without zone, and where they stand."""

    since: datetime
    until: datetime | None
    start: int
    end: int
    relative: bool = False
    # A month or a weekday is of the past unless the question looks ahead: so many days or
    # months to step by when a range or "last" says otherwise.
    step: str = ""


def _is_of_a_thing(text: str, match: re.Match[str]) -> bool:
    said = _THE_LAST.search(text, 0, match.end())
    return said is not None and _OF_A_THING.match(text, match.end()) is not None


def word_before(text: str, start: int) -> tuple[str, int]:
    """The preposition or the like before a phrase, "" for none, and where it begins."""
    found = _BEFORE.search(text[:start])
    return (" ".join(found["word"].lower().split()), found.start()) if found else ("", start)


DAY = timedelta(days=1)


def spans(text: str, now: datetime, *, ahead: bool) -> Iterator[Span]:
    """Every phrase that names a time, asked at this local time.

    A month or a weekday is the last that came or, ``ahead``, the next. Never raises.
    """
    for match in _SPAN.finditer(text):
        if _NAME_GOES_ON.match(text, match.end()) or _is_of_a_thing(text, match):
            continue
        word, _ = word_before(text, match.start())
        the = bool(re.search(r"\bthe\s+$", text[: match.start()], re.I))
        try:
            span = _resolved(match, word, the, text, now, ahead)
        except (OverflowError, ValueError):
            continue
        named = re.search(r"\bfourth\s+of\s+$", text[: match.start()], re.I)
        if span is not None and not named and word not in ("by", "every", "each"):
            since, until, relative, step = span
            yield Span(since, until, match.start(), match.end(), relative, step)


_Resolved = tuple[datetime, datetime | None, bool, str]


def _resolved(
    m: re.Match[str], word: str, the: bool, text: str, now: datetime, ahead: bool
) -> _Resolved | None:
    """A match as local times; None where it is part of something else."""
    today = datetime.combine(now.date(), time())
    g = m.groupdict()
    if g["iso"]:
        return _one_day(datetime.fromisoformat(g["iso"]))
    if g["numeric"]:
        day, month, year = map(int, re.split(r"[./]", g["numeric"]))
        return _one_day(datetime(year, month, day))
    if g["days_month"]:
        since = _day_of(g["from_day"], g["days_month"], g["days_year"], today, ahead)
        until = _day_of(g["to_day"], g["days_month"], g["days_year"], today, ahead)
        if since > until and not g["days_year"]:
            since = since.replace(year=until.year)
        return (since, until + DAY, False, "") if since <= until else None
    for kind in ("dm", "md"):
        if g[f"{kind}_month"]:
            return _one_day(
                _day_of(g[f"{kind}_day"], g[f"{kind}_month"], g[f"{kind}_year"], today, ahead)
            )
    if g["month"]:
        return _month(m, word, text, today, ahead)
    if g["season_year"]:
        return *_season(g["season"], int(g["season_year"])), False, ""
    if g["named_season"]:
        return *_last_season(g["named_season"], g["last_season"].lower(), today), True, ""
    if g["decade"]:
        first = int(g["decade"])
        return datetime(first, 1, 1), datetime(first + 10, 1, 1), False, ""
    if g["year"]:
        possessive = m[0][-1] in "sS"
        ranged = bool(BETWEEN.search(text[: m.start()]))
        if (the and not possessive) or not (ranged or word in _NEEDS_PREPOSITION):
            return None
        year = int(g["year"])
        return datetime(year, 1, 1), datetime(year + 1, 1, 1), False, ""
    if g["weekday"]:
        return _weekday(m, word, text, today, ahead)
    if g["nth"]:
        if word not in ("on", "since", "until", "after", "before"):
            return None
        return _one_day(_latest_nth(int(g["nth"][:-2]), today))
    return _relative(g, now, today, word, ahead)


def _one_day(day: datetime, *, relative: bool = False, step: str = "") -> _Resolved:
    return day, day + DAY, relative, step


def _month_number(name: str) -> int:
    return _MONTHS[name.lower()[:3]]


def _day_of(day: str, month: str, year: str | None, today: datetime, ahead: bool) -> datetime:
    """The day, of this year if it has come, of the last one if not; the other way ahead."""
    number, at = int(re.sub(r"\D", "", day)), _month_number(month)
    if year:
        return datetime(int(year), at, number)
    found = datetime(today.year, at, number)
    if ahead:
        return found if found >= today else found.replace(year=today.year + 1)
    return found if found <= today else found.replace(year=today.year - 1)


def _month(
    m: re.Match[str], word: str, text: str, today: datetime, ahead: bool
) -> _Resolved | None:
    number = _month_number(m["month"])
    if m["month_year"]:
        return *_months(int(m["month_year"]), number), False, ""
    ranged = bool(BETWEEN.search(text[: m.start()]))
    if word not in _NEEDS_PREPOSITION | {"last", "this", "next"} and not ranged:
        # "September's vote" says when, "Theresa May's" does not.
        return None
    is_word = m["month"].lower() in ("may", "march", "mar") and not m["month"][0].isupper()
    if is_word and (
        word in ("of", "from") or re.match(r"\s+(?:of|on|to|in|for)\b", text[m.end() :])
    ):
        return None
    year = today.year
    if word == "last":
        year -= number >= today.month
    elif ahead or word == "next":
        year += number < today.month or (word == "next" and number == today.month)
    elif word != "this":
        year -= number > today.month
    return *_months(year, number), False, "month"


def _months(year: int, month: int, count: int = 1) -> tuple[datetime, datetime]:
    return datetime(year, month, 1), _later(datetime(year, month, 1), count)


def _later(moment: datetime, months: int) -> datetime:
    """The same day some months later or, below 0, earlier; the last one where it is missing."""
    at = moment.year * 12 + moment.month - 1 + months
    year, month = at // 12, at % 12 + 1
    last = (datetime(year + month // 12, month % 12 + 1, 1) - DAY).day
    return moment.replace(year=year, month=month, day=min(moment.day, last))


def _season(name: str, year: int) -> tuple[datetime, datetime]:
    return _months(year, _SEASONS[name.lower()], 3)


def _last_season(name: str, which: str, today: datetime) -> tuple[datetime, datetime]:
    """This season, or the last that is over."""
    since, until = _season(name, today.year)
    if which == "this":
        return (
            (since, until)
            if since <= today or name.lower() != "winter"
            else _season(name, today.year - 1)
        )
    return (since, until) if until <= today else _season(name, today.year - 1)


def _weekday(
    m: re.Match[str], word: str, text: str, today: datetime, ahead: bool
) -> _Resolved | None:
    possessive = m[0].lower().endswith(("'s", "’s"))
    if m[0].lower().endswith("days"):
        return None
    last_word = re.search(r"([\w’']+)\s+$", text[: m.start()])
    at_end = re.match(r"\s*(?:[?.!,;]|$)", text[m.end() :])
    ranged = bool(BETWEEN.search(text[: m.start()]))
    if word in ("black", "good", "bloody", "super", "of"):
        return None
    plain = at_end is not None and last_word is not None and last_word[1].islower()
    if not (word or possessive or ranged or plain):
        return None
    back = (today.weekday() - _WEEKDAYS[m["weekday"].lower()[:3]]) % 7
    if word == "next" or (ahead and word != "last"):
        return _one_day(today + timedelta(days=(-back) % 7 or 7), relative=True)
    if word == "last" and back == 0:
        back = 7
    return _one_day(today - timedelta(days=back), relative=True, step="day")


def _latest_nth(day: int, today: datetime) -> datetime:
    first = today.replace(day=1)
    while True:
        try:
            found = first.replace(day=day)
            if found <= today:
                return found
        except ValueError:
            pass
        first = _later(first, -1)


_PARTS = {"morning": (0, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 30)}


def _relative(
    g: dict[str, str | None], now: datetime, today: datetime, word: str, ahead: bool
) -> _Resolved | None:
    if g["before_yesterday"]:
        return _one_day(today - 2 * DAY, relative=True)
    if g["day_name"]:
        away = {"yesterday": -1, "today": 0, "tomorrow": 1}[g["day_name"].lower()]
        day = today + away * DAY
        return _part(day, g["day_part"]) if g["day_part"] else _one_day(day, relative=True)
    if g["tonight"]:
        if g["tonight"].lower() == "tonight":
            return _part(today, "evening")
        return _part(today - DAY, "night")
    if g["part"]:
        return _part(today, g["part"])
    for count, unit in (("rolling", "rolling_unit"), ("past_count", "past_unit")):
        if g[unit]:
            return _back(g[count] or "one", str(g[unit]), now, today), None, True, ""
    if g["ago_unit"]:
        return _ago(str(g["ago"]), str(g["ago_unit"]), now, today)
    if g["period"]:
        return _period(str(g["which"]).lower(), g["period"].lower(), today)
    if g["weekend"]:
        if not g["weekend_of"] and word not in ("on", "over", "at"):
            return None
        saturday = today - timedelta(days=(today.weekday() - 5) % 7)
        if ahead and today.weekday() < 5:
            saturday += WEEK
        if g["weekend_of"] and g["weekend_of"].lower() == "next":
            saturday += WEEK
        elif g["weekend_of"] and g["weekend_of"].lower() in ("last", "past"):
            saturday -= WEEK if today.weekday() >= 5 else timedelta()
        return saturday, saturday + 2 * DAY, True, ""
    return None


def _part(day: datetime, name: str) -> _Resolved:
    begin, end = _PARTS[name.lower()]
    return day + timedelta(hours=begin), day + timedelta(hours=end), True, ""


def _number(words: str) -> int:
    last = words.lower().replace("a couple of", "couple").replace("a few", "few")
    return int(last) if last.isdigit() else _COUNTS[last]


def _back(count: str, unit: str, now: datetime, today: datetime) -> datetime:
    """So long before now: by the hour, or at the beginning of that day."""
    n = _number(count)
    match unit.lower().rstrip("s"):
        case "minute":
            return now - timedelta(minutes=n)
        case "hour":
            return now - timedelta(hours=n)
        case "day":
            return today - n * DAY
        case "week":
            return today - n * WEEK
        case "month":
            return _later(today, -n)
        case years:
            return _later(today, -12 * n * (10 if years == "decade" else 1))


def _ago(count: str, unit: str, now: datetime, today: datetime) -> _Resolved:
    """The minute, hour, day, week, month or year that lies so far back."""
    unit = unit.lower().rstrip("s")
    at = _back(count, unit, now, today)
    match unit:
        case "week":
            since = at - timedelta(days=at.weekday())
            return since, since + WEEK, True, ""
        case "month":
            return *_months(at.year, at.month), True, ""
        case "year" | "decade":
            return datetime(at.year, 1, 1), datetime(at.year + 1, 1, 1), True, ""
        case "day":
            return _one_day(at, relative=True)
        case _:
            return at, now, True, ""


def _period(which: str, period: str, today: datetime) -> _Resolved:
    if which == "past":
        return _back("one", period, today, today), None, True, ""
    step = {"this": 0, "last": -1}.get(which, 1)
    match period:
        case "week":
            since = today - timedelta(days=today.weekday()) + step * WEEK
            return since, since + WEEK, True, ""
        case "month":
            since = _later(today.replace(day=1), step)
            return since, _later(since, 1), True, ""
        case _:
            since = datetime(today.year + step, 1, 1)
            return since, datetime(since.year + 1, 1, 1), True, ""
