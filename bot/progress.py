"""How the telling goes: what is still to match, and what became of the updates."""

from dataclasses import dataclass
from datetime import datetime

from bot.outbox import Outbox, State
from bot.storylines import Storylines
from index import News


@dataclass(frozen=True, slots=True)
class Progress:
    """When sources were read last, changes to match, and updates by what became of them."""

    last_refresh: datetime | None
    to_match: int
    due: int
    sent: int
    uncertain: int
    failed: int

    def __str__(self) -> str:
        """In a line, as the log has it."""
        read = f"{self.last_refresh:%Y-%m-%d %H:%M}" if self.last_refresh else "never"
        return (
            f"last read {read}; {self.to_match} changes to match; updates: {self.due} due,"
            f" {self.sent} sent, {self.uncertain} uncertain, {self.failed} failed"
        )


def read_progress(news: News, storylines: Storylines, outbox: Outbox) -> Progress:
    """How it goes now. Blocks."""
    counts = outbox.counts()
    checked = (source.health.checked for source in news.sources.all())
    return Progress(
        last_refresh=max((moment for moment in checked if moment), default=None),
        to_match=max(0, news.archive.last_change() - (storylines.cursor() or 0)),
        due=counts[State.DUE] + counts[State.LEASED] + counts[State.HELD],
        sent=counts[State.SENT],
        uncertain=counts[State.UNCERTAIN],
        failed=counts[State.FAILED],
    )
