"""Whether answers have become worse: a small part of the answers benchmark against a baseline.

Some of the later news questions are asked of a small archive of just their articles, and as
many whose articles are not in it. A figure that falls below the 95 % interval of the committed
baseline fails. ``--write`` keeps this run's figures as the new baseline.
"""

import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.answering import ask
from bot.answers import Answer, Outcome
from bot.reader.reading import Reader
from index import Filters, News
from tests.benchmarks import newsqa

BASELINE = Path(__file__).with_name("regressions.json")
# Of each kind so many questions: together two minutes on two cores.
_QUESTIONS = 32

_QUOTES = "quotes that are verbatim"

Counts = dict[str, tuple[int, int]]


def run(*, write: bool = False, console: Console | None = None) -> dict[str, Any]:
    """Ask, compare with the baseline; ends the process with 1 where a figure fell."""
    console = console or Console()
    counts = measure()
    if write:
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    fell = compare(counts, json.loads(BASELINE.read_text(encoding="utf-8")), console)
    if fell:
        console.print(f"Worse than the baseline beyond chance: {', '.join(fell)}")
        sys.exit(1)
    return {name: {"of": total, "right": right} for name, (right, total) in counts.items()}


def measure() -> Counts:
    """How many of how many questions went well, by figure."""
    with_gold = [q for q in newsqa.questions() if q.gold and not q.tuning]
    here, elsewhere = with_gold[:_QUESTIONS], with_gold[-_QUESTIONS:]
    names = {name for q in here for name in q.gold}
    elsewhere = [q for q in elsewhere if not names & (q.gold | q.weak)]
    read = Reader().read
    with tempfile.TemporaryDirectory(prefix="newsbot-regressions-") as folder:
        news = News(newsqa.archive_of(sorted(names), Path(folder)))
        news.bring_up()
        found = [(q, ask(news, q.text, Filters(), q.asked, read)) for q in here]
        absent = [ask(news, q.text, Filters(), q.asked, read) for q in elsewhere]
        answers = [a for _, a in found] + absent
        verbatim = [newsqa.is_verbatim(news, c) for a in answers for c in a.claims]
        news.close()
    answered = [(q, a) for q, a in found if a.outcome is Outcome.ANSWERED]
    short = [(q, a.short) for q, a in answered if a.short]
    return {
        "answered": (len(answered), len(found)),
        "answered that show the answer": (sum(_shows(q, a) for q, a in answered), len(answered)),
        "short answers that are right": (
            sum(newsqa.same(said, q.answer) for q, said in short),
            len(short),
        ),
        "refused of what is not there": (
            sum(a.outcome is not Outcome.ANSWERED for a in absent),
            len(absent),
        ),
        _QUOTES: (sum(verbatim), len(verbatim)),
    }


def _shows(question: newsqa.QuizQuestion, answer: Answer) -> bool:
    return any(newsqa.holds(claim.quote, question.answer) for claim in answer.claims)


def compare(counts: Counts, baseline: Counts, console: Console) -> list[str]:
    """The figures that fell below the baseline's interval; prints all."""
    table = Table("", "now", "baseline", "at least", title="Answers", title_justify="left")
    fell = []
    for name, (right, total) in counts.items():
        # A quote is verbatim or it is a fault, whatever the interval.
        least = 1.0 if name == _QUOTES else lowest(*baseline[name])
        share = right / total if total else 0.0
        if share < least:
            fell.append(name)
        before = "{} of {}".format(*baseline[name])
        table.add_row(name, f"{right} of {total}", before, f"{least:.2f}")
    console.print(table)
    return fell


def lowest(right: int, total: int) -> float:
    """The lower end of Wilson's 95 % interval of a share."""
    z = 1.96
    share = right / total
    middle = share + z * z / (2 * total)
    wide = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (middle - wide) / (1 + z * z / total)
