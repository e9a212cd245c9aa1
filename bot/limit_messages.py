"""What a question limited its answer to, as a person reads it. Pure."""

from collections.abc import Sequence
from datetime import timedelta

from bot.answers import Limits
from bot.bylines import day, name
from bot.catalogue import ENGLISH, Catalogue


def limited(limits: Limits, words: Catalogue = ENGLISH) -> str:
    """Within which limits of the question it was answered, or that nothing was within them."""
    outlets, days = _either(limits.outlets, words), _days(limits, words)
    match (limits.without, bool(outlets), bool(days)):
        case ((), True, True):
            text = words.only_outlets_and_days
        case ((), _, _):
            text = words.only_outlets if outlets else words.only_days
        case (("dates",), _, _):
            text = words.nothing_outlets_then if outlets else words.nothing_days
        case _:
            text = words.nothing_outlets_ever if days else words.nothing_outlets
    return text.format(outlets=outlets, days=days)


def _either(outlets: Sequence[str], words: Catalogue) -> str:
    *first, last = [name(outlet) for outlet in outlets] or [""]
    return words.either.format(first=", ".join(first), last=last) if first else last


def _days(limits: Limits, words: Catalogue) -> str:
    """The time that a question is limited to, in whole days; "" for no limit."""
    since, until = limits.since, limits.until
    if since is None and until is None:
        return ""
    if until is None:
        return words.since_day.format(day=day(since, words))
    if since is None:
        return words.before_day.format(day=day(until, words))
    last = until - timedelta(microseconds=1)
    if since.date() == last.date():
        return words.on_day.format(day=day(since, words))
    return words.from_day_to_day.format(first=day(since, words), last=day(last, words))
