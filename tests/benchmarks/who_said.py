"""What somebody said of a matter of which others speak too: does ranking by speaker pay?

Questions of our own about Wikinews articles, written by reading them, without the product;
those about the earlier half of the articles are for tuning, the others for reporting. The
labels hold where the words stand, no text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.answering import decide
from bot.answers import Answer, Coverage
from bot.candidates import PASSAGES, asked_terms, candidates
from bot.outlets_asked import Known
from bot.questions import understand
from bot.reader.reading import Reader
from index import News
from index.embedding import Embedder
from tests.benchmarks import wikinews
from tests.benchmarks.intervals import interval

LABELS = Path(__file__).with_name("who_said.json")

_UNCOVERED = Coverage(0, None, None, ())


@dataclass(frozen=True, slots=True)
class Shown:
    """A question's answers with sentences ranked by who says them, and without."""

    question: wikinews.Asked
    speaker: str | None
    ranked: Answer
    unranked: Answer


def run(console: Console | None = None) -> dict[str, Any]:
    """Answer all questions both ways; prints a table and returns the figures."""
    console = console or Console()
    shown = answered(Embedder(), Reader())
    figures = {
        "tuning": measure([s for s in shown if s.question.tuning]),
        "held out": measure([s for s in shown if not s.question.tuning]),
    }
    table = Table("", *figures, title="Who said what", title_justify="left")
    for name in figures["tuning"]:
        table.add_row(name, *(wikinews.cell(figures[column][name]) for column in figures))
    console.print(table)
    return figures


def answered(embedder: Embedder, reader: Reader) -> list[Shown]:
    """The product's search, reading and decision for each question."""
    news = News(wikinews.archive(embedder), embedder=embedder)
    news.bring_up()
    known = [Known(outlet.name, outlet.page) for outlet in news.outlets() if outlet.name]
    shown = []
    for question in wikinews.read_questions(LABELS):
        now = wikinews.moment(question)
        asked = understand(question.text, now, UTC, known)
        topic = asked.topic if asked_terms(asked.topic) else question.text
        passages = news.search(topic, PASSAGES)
        sentences = candidates(topic, passages, news.rarities, news.texts, reader.read)
        ranked, unranked = (
            decide(question.text, sentences, _UNCOVERED, now, speaker=speaker)
            for speaker in (asked.speaker, None)
        )
        shown.append(Shown(question, asked.speaker, ranked, unranked))
    news.close()
    return shown


def measure(shown: Sequence[Shown]) -> dict[str, Any]:
    """Shares with 95 % intervals, and how many there were."""

    def right(claims: int, *, ranked: bool) -> dict[str, float]:
        return interval(
            [
                any(
                    wikinews.says(s.question, claim)
                    for claim in (s.ranked if ranked else s.unranked).claims[:claims]
                )
                for s in shown
            ]
        )

    return {
        "questions": len(shown),
        "whose speaker is read from the question": interval([s.speaker is not None for s in shown]),
        "right first, ranked by speaker": right(1, ranked=True),
        "right first, not ranked by speaker": right(1, ranked=False),
        "right among those shown, ranked": right(3, ranked=True),
        "right among those shown, not ranked": right(3, ranked=False),
    }
