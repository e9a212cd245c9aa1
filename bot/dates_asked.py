"""The time that a question names: a span in the asker's time zone, and what it is of. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from bot.date_phrases import BETWEEN, WEEK, Span, spans, word_before

_AHEAD = re.compile(
    r"\b(?:will|going to|shall|upcoming|scheduled|planned|to be held|set to|about to|"
    r"expected to)\b",
    re.IGNORECASE,
)
# Which texts are asked for, rather than what happened.
_OF_PUBLICATION = re.compile(
    r"(?<!sky )(?<!bbc )(?<!fox )(?<!ap )(?<!fake )(?<!good )(?<!bad )\bnews\b(?! corp)|"
    r"\b(?:headlines?|articles?|stories|reports|coverage (?:of|from|in|on))\b|"
    r"^(?:what|anything|something|everything)\b[^?]{0,40}\b(?:reported|published)\b|"
    r"\b(?:newspapers?|papers|media|press|journalists)\b.*\breport",
    re.IGNORECASE,
)
_BOUNDS = {
    "since": (True, False),
    "after": (True, True),
    "before": (False, False),
    "prior to": (False, False),
    "earlier than": (False, False),
    "until": (False, True),
    "till": (False, True),
    "up to": (False, True),
}
# An event of the last two months is looked for in what was published since; older ones
# are also told of by whoever looks back, and before they happened.
_RECENT = timedelta(days=62)
# In the earlier half of a news question set, all 27 answers to what happened "this week" were
# published at most so many days before the question, 6 of them before its Monday.
_THIS_WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class DatesAsked:
    """A span of time in a question: from ``since`` to before ``until``, aware UTC; None is open.

    ``published`` when it is about when something was published, as in "news of last week";
    otherwise about when it happened. ``start`` and ``end`` are where it stands in the
    question, with its preposition; ``relative`` when it is said from the day of asking, and
    ``ahead`` when the question is about what is to come.
    """

    since: datetime | None
    until: datetime | None
    published: bool
    start: int
    end: int
    relative: bool
    ahead: bool = False

    def of_publication(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """From when to when an article must have been published to answer; None is open.

        Of what happened lately, only the beginning is sure: reports come later. Of what
        happened long ago or will, nothing is.
        """
        if self.published:
            return self.since, self.until
        if self.since is None or self.ahead or not now - _RECENT <= self.since <= now:
            return None, None
        if self.until is not None and now < self.until and self.until - self.since > _THIS_WEEK:
            # On a Tuesday, what happened "this week" may have been on Saturday.
            return min(self.since, now - _THIS_WEEK), None
        return self.since, None


def dates_asked(
    text: str, now: datetime, zone: tzinfo, *, by_outlet: bool = False
) -> DatesAsked | None:
    """The span of time that a question names, or None; of several that are no range the first.

    ``by_outlet`` says that the question asks what an outlet reports, which makes it a span
    of publication. Never raises for any text.
    """
    try:
        found = _bounded(text, now.astimezone(zone).replace(tzinfo=None))
        if found is None:
            return None
        since, until, start, end, relative = found
        published = by_outlet or bool(_OF_PUBLICATION.search(text))
        return DatesAsked(
            _utc(since, zone),
            _utc(until, zone),
            published,
            start,
            end,
            relative,
            bool(_AHEAD.search(text)),
        )
    except (OverflowError, ValueError):
        # A day or year that no calendar has.
        return None


def _utc(moment: datetime | None, zone: tzinfo) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=zone).astimezone(UTC)


_Bounded = tuple[datetime | None, datetime | None, int, int, bool]


def _bounded(text: str, now: datetime) -> _Bounded | None:
    """What the first span and the word before it make: a range, an open one, or the span."""
    found = list(spans(text, now, ahead=bool(_AHEAD.search(text))))
    for place, span in enumerate(found):
        word, begin = word_before(text, span.start)
        possessive = text[span.start : span.end].lower().endswith(("'s", "’s"))
        start = span.start if possessive else begin
        if word in ("between", "from") and place + 1 < len(found):
            after = found[place + 1]
            if BETWEEN.fullmatch(text[span.end : after.start]):
                return _range(span, after, start)
        if word == "from" and re.match(r"\s+on(?:wards?)?\b", text[span.end :]):
            return span.since, None, start, span.end, span.relative
        if word in _BOUNDS:
            lower, behind = _BOUNDS[word]
            edge = span.until if behind else span.since
            pair = (edge, None) if lower else (None, edge)
            return *pair, start, span.end, span.relative
        return span.since, span.until, start, span.end, span.relative
    return None


def _range(first: Span, last: Span, start: int) -> _Bounded:
    since, until = first.since, last.until
    if first.step == "month" and until is not None and since.year != (until.year):
        # "between March and May 2023": the year is said once.
        since = since.replace(year=last.since.year)
    if until is not None and until <= since:
        since = since.replace(year=since.year - 1) if first.step == "month" else since - WEEK
    return since, until, start, last.end, first.relative or last.relative
