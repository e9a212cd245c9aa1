"""What a question finds as a person asks it: on its day, of what had been published by then."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.answering import as_meant, sought
from bot.limits import limits_of, within
from bot.outlets_asked import Known
from index import Filters, News, Passage


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched for, within what, and the half-life in days if the latest is asked for."""

    topic: str
    filters: Filters
    half_life: float | None


def sought_by(news: News, typed: str, at: datetime) -> Sought:
    """What bot.answering.ask() looks for first when this is typed at that moment.

    Neither the question's parts nor what is found beyond its limits; and nothing newer than
    the question, which an archive of later has.
    """
    known = [Known(outlet.name, outlet.page) for outlet in news.outlets() if outlet.name]
    question, asked = as_meant(news, typed, at, UTC, known)
    topic, half_life = sought(question, asked)
    filters = within(Filters(), limits_of(asked, asked, Filters(), at, UTC))
    until = min(at, filters.until) if filters.until else at
    return Sought(topic, replace(filters, until=until), half_life)


def found_by(news: News, typed: str, at: datetime, count: int) -> tuple[str, list[Passage]]:
    """The topic of a question and its passages; see sought_by()."""
    it = sought_by(news, typed, at)
    return it.topic, news.search(it.topic, count, it.filters, it.half_life)
