"""How good answers are, end to end, on later news questions: with each technique and without.

Weights are fitted on earlier questions, as in calibrate.py, anew for each row; all figures
are of the later quiz questions. What must be refused is in near_misses.py.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.answering import ask
from bot.answers import Answer, Outcome
from bot.calibration import CALIBRATION
from bot.candidates import PASSAGES, candidates, titles
from bot.ranking import ranked
from bot.reader.evaluation import compared
from bot.reader.reading import Reader
from index import Filters, News
from index.archive import Row
from index.embedding import Embedder
from tests.benchmarks import newsqa, retrieval, wikinews
from tests.benchmarks.asking import found_by
from tests.benchmarks.calibrate import FEATURES, Judged, fit, judge, measure
from tests.benchmarks.intervals import interval
from tests.benchmarks.near_misses import Case, own, quiz
from tests.benchmarks.retrieval import Wanted

# The columns of the table of techniques.
SHOWN = (
    "answerable that are answered",
    "answered that show the answer",
    "answered that show it first",
    "refusal precision, all three",
    "refusal recall, all three",
    "AUC, near misses",
    "AUC, swaps",
    "AUC, wrong years",
)
_COVERAGES = tuple(round(0.1 * i, 1) for i in range(1, 11))
_DEPTHS = (1, 3, 5, 10)
_HITS = ("hit@1", "hit@5", "hit@10", "mrr@10")
_RANKED = "ranked as answers are"
_TIMED = 60


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure answering on the news questions; prints tables, returns all figures."""
    console = console or Console()
    embedder, reader = Embedder(), Reader()
    cases = [*quiz(embedder, reader.read), *own(embedder, reader.read)]
    held_out = [c for c in cases if not c.tuning]
    judged = [judge(c, CALIBRATION) for c in held_out]
    news = News(newsqa.build(embedder), embedder=embedder)
    news.bring_up()
    figures: dict[str, Any] = {
        "techniques": techniques(cases, wikinews.cases(embedder, reader.read)),
        "as committed": measure(judged),
        "risk": risk(judged),
        "end to end": {
            "with the reader": end_to_end(news, reader),
            "without it": end_to_end(news, None),
        },
        "reading": {"quiz": reading(news, reader, retrieval.quiz())},
        "cost": cost(news, reader),
    }
    news.close()
    news = News(wikinews.archive(embedder), embedder=embedder)
    news.bring_up()
    figures["reading"]["wikinews"] = reading(news, reader, retrieval.people())
    news.close()
    _print(console, figures)
    return figures


def techniques(cases: Sequence[Case], others: Sequence[Case]) -> dict[str, Any]:
    """A row with every feature, and one without each: fitted early, measured late.

    Fitted on ``others`` too, as far as they are for that.
    """
    rows = {"everything": FEATURES}
    rows |= {f"without {name}": tuple(f for f in FEATURES if f != name) for name in FEATURES}
    tuning = [[c for c in of if c.tuning] for of in (cases, others)]
    held_out = [c for c in cases if not c.tuning]
    return {
        row: measure([judge(c, fitted) for c in held_out])
        for row, features in rows.items()
        for fitted in (fit(tuning, features),)
    }


def risk(judged: Sequence[Judged]) -> dict[str, float]:
    """At each share of answerable questions and near misses that is answered, the share wrong.

    The surest are answered first; an answer is right where what is shown holds it.
    """
    asked = [j for j in judged if j.case.kind in ("answerable", "near miss")]
    asked.sort(key=lambda j: -j.probability)
    wrong = np.cumsum([not j.any_right for j in asked])
    counts = [max(1, round(share * len(asked))) for share in _COVERAGES]
    return {
        f"{share:.1f}": round(float(wrong[count - 1] / count), 3)
        for share, count in zip(_COVERAGES, counts, strict=True)
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that was asked of the whole product."""

    question: newsqa.QuizQuestion
    answer: Answer

    @property
    def answered(self) -> bool:
        return self.answer.outcome is Outcome.ANSWERED

    def holds(self) -> bool:
        return any(newsqa.holds(c.quote, self.question.answer) for c in self.answer.claims)


def end_to_end(news: News, reader: Reader | None) -> dict[str, Any]:
    """The later questions whose articles are known, asked as a person would."""
    read = reader.read if reader else None
    chosen = [q for q in newsqa.questions() if q.gold and not q.tuning]
    asked = [_Asked(q, ask(news, q.text, Filters(), q.asked, read)) for q in chosen]
    answered = [a for a in asked if a.answered]
    short = [compared(s, [a.question.answer]) for a in answered if (s := a.answer.short)]
    quotes = [newsqa.is_verbatim(news, claim) for a in asked for claim in a.answer.claims]
    return {
        "questions": len(asked),
        "answered": interval([a.answered for a in asked]),
        "answered that show the answer": interval([a.holds() for a in answered]),
        "short answers": len(short),
        "short answer EM": interval([exact for exact, _ in short]),
        "short answer F1": interval([f1 for _, f1 in short]),
        "outcomes": dict(Counter(a.answer.outcome.value for a in asked)),
        "quotes": len(quotes),
        "quotes that are verbatim": sum(quotes),
    }


def reading(news: News, reader: Reader, questions: Sequence[Wanted]) -> dict[str, Any]:
    """Ranking passages by fusion alone, by what the reader makes of the first ones, and by their
    likeliest sentence, as answers do.

    Shares of the later questions that some passage answers, one that holds the answer in an
    article that is known to give it, and the median time of reading.
    """
    ranks: dict[str, list[float]] = {row: [] for row in (*map(str, (0, *_DEPTHS)), _RANKED)}
    times: dict[str, list[float]] = {row: [] for row in ranks}
    for question in questions:
        if question.tuning or not _is_answered(news, question):
            continue
        topic, passages = found_by(news, question.text, question.asked, PASSAGES)
        right = {
            p.paragraph.id
            for p in passages
            if p.article.key in question.gold | question.weak
            and question.holds(Row(p.paragraph, p.article, p.version_sha256, p.text))
        }
        ranks["0"].append(_first([p.paragraph.id for p in passages], right))
        for depth in _DEPTHS:
            began = perf_counter()
            first = passages[:depth]
            read = reader.read(topic, [p.text for p in first], titles(first))
            times[str(depth)].append(perf_counter() - began)
            order = sorted(range(len(read)), key=lambda i: -read[i].margin)
            ids = [p.paragraph.id for p in (*(first[i] for i in order), *passages[depth:])]
            ranks[str(depth)].append(_first(ids, right))
        found = candidates(topic, passages, news.rarities, news.texts, reader.read)
        best = [s.passage.paragraph.id for _, s in ranked(found, CALIBRATION)]
        ranks[_RANKED].append(_first(list(dict.fromkeys(best)), right))
    return {
        row: {
            "hit@1": interval([r <= 1 for r in own]),
            "hit@5": interval([r <= 5 for r in own]),
            "hit@10": interval([r <= PASSAGES for r in own]),
            "mrr@10": interval([1 / r for r in own]),
            "milliseconds": median(times[row]) * 1000 if times[row] else 0.0,
        }
        for row, own in ranks.items()
    }


def _is_answered(news: News, question: Wanted) -> bool:
    articles = filter(None, map(news.archive.by_key, question.gold | question.weak))
    return any(
        question.holds(row)
        for article in articles
        for row in news.archive.rows(articles_in=[article.id])
    )


def _first(ids: Sequence[int], right: Collection[int]) -> float:
    return next((n for n, i in enumerate(ids, start=1) if i in right), math.inf)


def cost(news: News, reader: Reader) -> dict[str, float]:
    """A full answer against its bare parts on the same questions, medians in milliseconds.

    The parts are one query encode, one search of both indexes with its filters and rows, and
    the reader's forward passes over the passages that were found.
    """
    parts: dict[str, list[float]] = {"full": [], "encode": [], "search": [], "read": []}

    def timed(part: str, act: Callable[[], Any]) -> Any:
        began = perf_counter()
        result = act()
        parts[part].append(perf_counter() - began)
        return result

    for question in [q for q in newsqa.questions() if not q.tuning][:_TIMED]:
        text, now = question.text, question.asked
        timed("full", lambda q=text, at=now: ask(news, q, Filters(), at, reader.read))
        timed("encode", lambda q=text: news.embedder.encode([q]))
        passages = timed("search", lambda q=text: news.search(q, PASSAGES))
        texts, above = [p.text for p in passages], titles(passages)
        timed("read", lambda q=text, own=texts, title=above: reader.read(q, own, title))
    found = {part: median(times) * 1000 for part, times in parts.items()}
    # The search encodes the question itself.
    floor = found["search"] + found["read"]
    return {
        **found,
        "floor": floor,
        "ratio": found["full"] / floor,
        "paragraphs": news.archive.counts()[1],
    }


def _print(console: Console, figures: Mapping[str, Any]) -> None:
    table = Table("", *SHOWN, title="Answering, held out", title_justify="left")
    for row, measured in {**figures["techniques"], "as committed": figures["as committed"]}.items():
        table.add_row(row, *(_cell(measured[name]) for name in SHOWN))
    console.print(table)
    console.print("Share answered, share of those wrong (answerable and near misses, half each):")
    console.print(figures["risk"], highlight=False)
    first, second = figures["end to end"].values()
    table = Table("", *figures["end to end"], title="End to end, held out", title_justify="left")
    for name, value in first.items():
        table.add_row(name, _cell(value), _cell(second[name]))
    console.print(table)
    for name, rows in figures["reading"].items():
        table = Table("passages read", *_HITS, "ms", title=f"Reading, {name}", title_justify="left")
        for depth, measured in rows.items():
            mark = " (in use)" if depth == str(PASSAGES) else ""
            cells = [_cell(measured[name]) for name in _HITS]
            table.add_row(depth + mark, *cells, f"{measured['milliseconds']:.0f}")
        console.print(table)
    console.print("A full answer against its bare parts, medians in ms:")
    console.print({name: round(value, 2) for name, value in figures["cost"].items()})


def _cell(value: Any) -> str:
    if isinstance(value, Mapping) and "low" in value:
        return f"{value['value']:.2f} [{value['low']:.2f}–{value['high']:.2f}]"
    return "" if value is None else str(value)
