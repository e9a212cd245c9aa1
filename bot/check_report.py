"""Answers given, checked one after the other, and what of that the command line shows."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.chats import Given
from bot.check_messages import check_blocks
from bot.checking import Checked, Standing, check
from bot.citations import Citations
from index import News
from index.search import Progress

# From the least to the worst that can become of an answer.
_WORST = tuple(Standing)
_COUNTED = {
    Standing.STANDS: "still stand",
    Standing.CHANGED: "changed",
    Standing.GONE: "no longer in the article",
    Standing.REMOVED: "removed",
    Standing.UNREADABLE: "cannot be checked",
}


@dataclass(frozen=True, slots=True)
class Result:
    """An answer given, and what became of each of its claims."""

    given: Given
    checked: tuple[Checked, ...]

    @property
    def standing(self) -> Standing | None:
        """The worst of its claims; None if it has none."""
        return max((c.standing for c in self.checked), key=_WORST.index, default=None)


def check_all(
    news: News, answers: Citations, since: datetime | None, progress: Progress
) -> Iterator[Result]:
    """Check the answers given since then, oldest first. Blocks."""
    count = answers.count(since)
    for done, given in enumerate(answers.since(since), start=1):
        yield Result(given, check(news, given.answer))
        progress("answers", done, count)


def show_result(console: Console, result: Result) -> None:
    """An answer's number and question, and what became of each quote."""
    given = result.given
    heading, *blocks = check_blocks(given.question, given.given, result.checked)
    title = Text(f"{given.id}  {''.join(run.text for run in heading)}", style="bold")
    console.print(title, highlight=False)
    for block in blocks:
        line = Text("".join(run.text for run in block))
        console.print(Padding(line, (0, 0, 0, 3)), highlight=False)
    console.print()


def show_tally(console: Console, standings: Iterable[Standing | None]) -> None:
    """How many answers still stand, in a line."""
    counted = Counter(standings)
    parts = [f"{counted[s]:,} {name}" for s, name in _COUNTED.items() if counted[s]]
    if counted[None]:
        parts.append(f"{counted[None]:,} quoted nothing")
    total = "1 answer" if counted.total() == 1 else f"{counted.total():,} answers"
    console.print(f"{total} checked{': ' if parts else ''}{', '.join(parts)}.", highlight=False)
