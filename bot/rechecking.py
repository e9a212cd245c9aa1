"""Articles that change to the answers that quoted them, to the outbox.

What is queued is written in one transaction with the cursor that says how far the changes
of the news were looked at: a kill leaves all of a batch or nothing.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.answers import Outcome
from bot.chats import Given
from bot.checking import Checked, check
from bot.citations import Citations
from bot.resuming import goes_on_after
from bot.storylines import CHECKING, Matched, Storylines
from bot.subscriptions import Kind, Manner, Subscriptions
from bot.timing import due
from bot.updates import Planned, Update
from index import News

# Changes of one transaction.
BATCH = 200


class Rechecker:
    """Finds the answers that no longer stand. Blocks; belongs in one worker thread at a time."""

    def __init__(
        self,
        news: News,
        citations: Citations,
        storylines: Storylines,
        subscriptions: Subscriptions,
        clock: Callable[[], datetime],
    ) -> None:
        self._news = news
        self._citations = citations
        self._storylines = storylines
        self._subscriptions = subscriptions
        self._clock = clock
        self._newest = 0
        self._resumed = False

    def round(self) -> int:
        """Look at the changes of the news that were there a round ago; how many.

        Not at those that came since: an answer that was being worked out from the older text
        is stored only by the next round.
        """
        settled, self._newest = self._newest, self._news.archive.last_change()
        looked_at = 0
        while step := self._step(settled):
            looked_at += step
        return looked_at

    def _step(self, settled: int) -> int:
        now, seen = self._clock(), self._storylines.cursor(CHECKING)
        archive = self._news.archive
        after = seen
        if seen is not None and not self._resumed:
            after = goes_on_after(archive, self._storylines, CHECKING)
        if after is None or after > self._newest:
            # Nobody is told of what changed before this was turned on, nor of all that is in
            # an archive that was restored from an older copy.
            stored = archive.stored() if seen is None else None
            nothing = Matched(self._newest, (), (), (), (), stored)
            self._storylines.commit(nothing, seen, now, CHECKING)
            return 0
        changes = [c for c in archive.changes_after(after, BATCH) if c[0] <= settled]
        if not changes:
            self._resumed = self._resumed or after == seen
            return 0
        changed = {article for _, article in changes}
        kept = [self._news.archive.article(article) for article in sorted(changed)]
        given = self._citations.shown(changed, {a.key for a in kept if a is not None})
        planned = [p for g in given for p in corrections_of(g, check(self._news, g.answer))]
        manners = self._subscriptions.manners(sorted({p.chat for p in planned}))
        timed = [(p, _due(manners.get(p.chat, Manner()), now), True) for p in planned]
        matched = Matched(changes[-1][0], (), timed, (), (), archive.stored(changed))
        self._resumed = self._storylines.commit(matched, seen, now, CHECKING) is not None
        return len(changes)


def corrections_of(given: Given, checked: Sequence[Checked]) -> Iterator[Planned]:
    """What a chat is to be told of an answer that it got: each quote that no longer stands.

    Once for what the article says now: an article that changes every hour, and each time
    elsewhere, is not told every hour. Of what was only the closest nothing is told. Pure.
    """
    if given.answer.outcome is not Outcome.ANSWERED:
        return
    for c in checked:
        if c.stands:
            continue
        said = (c.claim.quote, c.standing.value, c.now.quote if c.now else "")
        digest = hashlib.sha256("\n".join(said).encode()).hexdigest()[:24]
        yield Planned(
            chat=given.chat,
            thread=given.thread,
            subscription=0,
            change=f"check:{given.id}:{digest}",
            # A number of its own beside the stories, so that nothing else is told as its sequel.
            update=Update(
                kind=Kind.QUESTION,
                because=given.question,
                story=-given.id,
                title=c.claim.article.title,
                claims=(),
                checked=c,
                answered=given.shown_message,
            ),
        )


def _due(manner: Manner, now: datetime) -> datetime:
    return due(now, manner.schedule, manner.quiet, ZoneInfo(manner.time_zone))
