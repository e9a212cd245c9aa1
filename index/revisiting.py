"""When a page behind a feed's summary is read again, and whether it still shows its article. Pure.

A newspaper corrects the page; its feed, which only summarises it, stays as it was.
"""

from datetime import datetime, timedelta

from index.keywords import terms

# Most corrections are made on the first day, and hardly one after a week.
_FIRST = timedelta(hours=3)
_LAST = timedelta(days=11)
_TIMES = 3
# A wall for consent or payment and a page that says "not found" have less of it.
_SAME = 0.5


def next_visit(first_seen: datetime, now: datetime) -> datetime | None:
    """3, 9, 27, 81 or 243 hours after an article came, whichever is next; None after that."""
    wait = _FIRST
    while first_seen + wait <= now:
        wait *= _TIMES
    return first_seen + wait if wait <= _LAST else None


def shows_the_same(old: str, new: str) -> bool:
    """Whether a text is another one, edited: half of its different words are still there."""
    words = set(terms(old))
    return len(words & set(terms(new))) >= _SAME * len(words)
