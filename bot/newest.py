"""Questions for no matter of their own, "what's in the news today?": the newest articles."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bot.answers import Limits
from bot.limits import limits_of, widening, within
from bot.outlets_asked import Known
from bot.questions import understand
from index import Filters, News
from index.articles import Article

# How many are shown.
NEWEST = 10

# What such a question is made of, beside outlets and days. One other word, and it asks for
# something.
_NOTHING = frozenset(
    "what whats which s is are was were has have been be did do does can could will would you i we"
    " the a an in on of at from for with and so to there any anything something all some give show"
    " tell get let me us please read hear about most top main big biggest important latest newest"
    " recent current breaking today world happened happens happening happen going goes"
    " report reported reporting write wrote written say said publish published".split()
)
_NEWS = frozenset(
    "news headline headlines new story stories article articles update updates latest newest"
    " happening happened happens going report reported write wrote say said publish published"
    " up".split()
)


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest articles, newest first, and within which of the question's limits they are."""

    articles: tuple[Article, ...]
    limits: Limits | None


def asks_for_the_newest(topic: str, outlets: Sequence[str] = ()) -> bool:
    """Whether a question, without its limits, asks for nothing but news. Pure.

    One that is limited to outlets need not say that: "what does the BBC report?".
    """
    named = set(re.findall(r"\w+", " ".join(outlets).casefold()))
    words = set(re.findall(r"\w+", topic.casefold())) - named
    return (bool(outlets) or bool(words & _NEWS)) and words <= _NOTHING | _NEWS


def newest_asked(
    news: News,
    question: str,
    filters: Filters,
    now: datetime,
    zone: tzinfo = UTC,
) -> Newest | None:
    """The newest articles, if that is what is asked for, else None. Blocks.

    Within the question's limits, or without them where there is nothing, as for an answer.
    """
    known = [Known(outlet.name, outlet.page) for outlet in news.outlets() if outlet.name]
    asked = understand(question, now, zone, known)
    if not asks_for_the_newest(asked.topic, asked.outlets):
        return None
    limits = limits_of(asked, asked, filters, now, zone)
    for tried in widening(limits):
        articles = news.archive.newest(NEWEST, within(filters, tried))
        if articles:
            return Newest(tuple(articles), tried)
    return Newest((), None)
