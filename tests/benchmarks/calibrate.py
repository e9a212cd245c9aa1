"""The weights and thresholds of answering, fitted on earlier news questions, held to later ones.

What is asked, and what must be refused, is in near_misses.py and, as people type it, in
wikinews.py; of both the earlier half is fitted on. ``--write`` keeps what was fitted in
bot/calibration.json, with what it was fitted on and the figures that it gave.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

from bot.answering import decide
from bot.answers import Coverage, Outcome
from bot.calibration import CALIBRATION, FILE, Calibration
from bot.features import Features
from bot.ranking import lead, ranked
from bot.reader.reading import Reader
from index.embedding import DEFAULT_MODEL, Embedder
from tests.benchmarks import newsqa, wikinews
from tests.benchmarks.near_misses import Case, own, quiz

# Of the fit half's answerable questions so many are answered, of each set at the least.
ANSWERED_SHARE = 0.7
# What is right less often than this is not worth showing as the closest.
LEAST_LIKELY = 0.05
# A short answer is shown where it is right with this probability at the least, by the fit half
# with each question as often answered by the news as not: so that of all shown .70 are right.
SHORT_LIKELY = 0.6
# A lead of more tells no more.
_MOST_AHEAD = 6.0
_RESAMPLES = 2000
_FOLDS = 10

_UNCOVERED = Coverage(0, None, None, ())
_THEN = datetime(2022, 9, 1, tzinfo=UTC)
FEATURES = tuple(Features.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a case: the first sentence's probability and lead, and what was shown."""

    case: Case
    probability: float
    lead: float
    outcome: Outcome
    first_right: bool
    any_right: bool
    short: bool
    short_right: bool

    @property
    def answered(self) -> bool:
        return self.outcome is Outcome.ANSWERED


def run(*, write: bool = False, console: Console | None = None) -> dict[str, Any]:
    """Fit, choose and measure; prints a table, returns all figures."""
    console = console or Console()
    embedder, reader = Embedder(), Reader()
    sets = {
        "quiz": [*quiz(embedder, reader.read), *own(embedder, reader.read)],
        "wikinews": wikinews.cases(embedder, reader.read),
    }
    fitted = fit([[c for c in cases if c.tuning] for cases in sets.values()])
    figures: dict[str, Any] = {
        "fitted": _stored(fitted),
        "data": _data(sets),
        "sets": {name: _measured(cases, fitted) for name, cases in sets.items()},
    }
    _print(console, figures)
    if write:
        held_out = {name: columns["held out"] for name, columns in figures["sets"].items()}
        kept = {**_stored(fitted), "data": figures["data"], "figures": held_out}
        FILE.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
        console.print(f"Written to bot/{FILE.name}")
    return figures


def _measured(cases: Sequence[Case], fitted: Calibration) -> dict[str, Any]:
    tuning = [c for c in cases if c.tuning]
    held_out = [c for c in cases if not c.tuning]
    return {
        "tuning": measure([judge(c, fitted) for c in tuning]),
        "held out": measure([judge(c, fitted) for c in held_out]),
        "held out, as committed": measure([judge(c, CALIBRATION) for c in held_out]),
    }


def fit(sets: Sequence[Sequence[Case]], features: Sequence[str] = FEATURES) -> Calibration:
    """Weights and thresholds from these cases and features; the same at every run.

    The thresholds are chosen on probabilities by weights fitted without the question at hand:
    of what they were fitted on, weights are always a little too sure. Questions without a
    match teach nothing.
    """
    kept = [[c for c in cases if c.kind != "unmatched" and c.sentences] for cases in sets]
    taught = [c for cases in kept for c in cases]
    unseen = dict(_unseen(taught, features))
    reached = [
        [judge(c, unseen[id(c)]).probability for c in cases if c.kind == "answerable"]
        for cases in kept
    ]
    answered = min(float(np.quantile(own, 1 - ANSWERED_SHARE)) for own in reached if own)
    answered = math.floor(1000 * answered) / 1000
    chosen = replace(_weights(taught, features), answered=answered, closest=LEAST_LIKELY)
    shorts = [judge(c, replace(unseen[id(c)], answered=answered, short=-math.inf)) for c in taught]
    return replace(chosen, short=_far_enough(shorts))


def _unseen(taught: Sequence[Case], features: Sequence[str]) -> Iterator[tuple[int, Calibration]]:
    """Of each case its id() and weights by nine tenths of the questions, not by its own."""
    fold = {group: i % _FOLDS for i, group in enumerate(dict.fromkeys(c.group for c in taught))}
    for number in range(_FOLDS):
        by = _weights([c for c in taught if fold[c.group] != number], features)
        yield from ((id(c), by) for c in taught if fold[c.group] == number)


def _weights(taught: Sequence[Case], features: Sequence[str]) -> Calibration:
    """The weights from these cases, with no threshold yet.

    First which sentence is right, over all sentences: this ranks them. Then, of the best
    sentence of each case, whether it is right (Platt scaling): this keeps the ranking and
    makes the probability that of the answer.
    """
    logistic = LogisticRegression(max_iter=1000)
    logistic.fit(
        np.concatenate([_matrix(c, features) for c in taught]),
        np.concatenate([c.right for c in taught]),
    )
    logits = [logistic.decision_function(_matrix(c, features)) for c in taught]
    best = [int(values.argmax()) for values in logits]
    platt = LogisticRegression(max_iter=1000).fit(
        [[values[i]] for values, i in zip(logits, best, strict=True)],
        [c.right[i] for c, i in zip(taught, best, strict=True)],
    )
    scale, shift = float(platt.coef_[0][0]), float(platt.intercept_[0])
    weights = {
        name: round(float(weight) * scale, 3)
        for name, weight in zip(features, logistic.coef_[0], strict=True)
    }
    intercept = round(float(logistic.intercept_[0]) * scale + shift, 3)
    return Calibration(intercept, weights, answered=0.0, closest=0.0)


def _far_enough(judged: Sequence[Judged]) -> float:
    """The lead from which on a short answer is likely enough right.

    By Platt scaling, which a couple of dozen cases do not throw about as they do a share.
    """
    shown = [j for j in judged if j.short]
    if len({j.short_right for j in shown}) < 2:
        return math.inf
    platt = LogisticRegression(max_iter=1000).fit(
        [[min(j.lead, _MOST_AHEAD)] for j in shown],
        [j.short_right for j in shown],
        sample_weight=_evenly(judged)[np.array([j.short for j in judged])],
    )
    steepness, shift = float(platt.coef_[0][0]), float(platt.intercept_[0])
    if steepness <= 0:
        return math.inf
    needed = (math.log(SHORT_LIKELY / (1 - SHORT_LIKELY)) - shift) / steepness
    return math.ceil(1000 * needed) / 1000


def _evenly(judged: Sequence[Judged]) -> NDArray[np.float64]:
    """What each counts for where all that is made of a question counts as much as it does."""
    asked = Counter(j.case.group for j in judged if j.case.kind == "answerable")
    made = Counter(j.case.group for j in judged if j.case.kind != "answerable")

    def weight(case: Case) -> float:
        if case.kind == "answerable" or not asked[case.group]:
            return 1.0
        return asked[case.group] / made[case.group]

    return np.array([weight(j.case) for j in judged])


def _matrix(case: Case, features: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[getattr(s.features, f) for f in features] for s in case.sentences])


def judge(case: Case, calibration: Calibration) -> Judged:
    """Decide a case as the product does."""
    answer = decide(case.text, case.sentences, _UNCOVERED, _THEN, calibration)
    right = {
        (s.passage.article.id, s.passage.paragraph.start + s.start)
        for s, is_right in zip(case.sentences, case.right, strict=True)
        if is_right
    }
    shown = [(c.article.id, c.citation.start) in right for c in answer.claims]
    scored = ranked(case.sentences, calibration)
    probability, first = scored[0] if scored else (0.0, None)
    short = answer.short is not None
    return Judged(
        case,
        probability,
        lead(scored),
        answer.outcome,
        any(shown[:1]),
        any(shown),
        short,
        short and case.short_right[case.sentences.index(first)],
    )


def measure(judged: Sequence[Judged]) -> dict[str, Any]:
    """All figures with 95 % intervals, by a bootstrap over questions with all made from them."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(one.case.group, []).append(one)
    members = list(groups.values())
    draws = np.random.default_rng(0).integers(0, len(members), (_RESAMPLES, len(members)))
    resampled = [[j for g in draw for j in members[g]] for draw in draws]
    return {
        name: _interval(judged, resampled, statistic) for name, statistic in _STATISTICS.items()
    }


def _interval(
    judged: Sequence[Judged],
    resampled: Sequence[Sequence[Judged]],
    statistic: Callable[[Sequence[Judged]], float | None],
) -> dict[str, float] | None:
    value = statistic(judged)
    if value is None:
        return None
    values = [v for r in resampled if (v := statistic(r)) is not None]
    low, high = np.percentile(values, [2.5, 97.5])
    return {"value": round(value, 3), "low": round(float(low), 3), "high": round(float(high), 3)}


def _share(of: Callable[[Judged], bool], among: Callable[[Judged], bool]) -> Any:
    def statistic(judged: Sequence[Judged]) -> float | None:
        chosen = [of(j) for j in judged if among(j)]
        return sum(chosen) / len(chosen) if chosen else None

    return statistic


def _auc(kind: str) -> Any:
    def statistic(judged: Sequence[Judged]) -> float | None:
        chosen = [j for j in judged if j.case.kind in ("answerable", kind)]
        truth = [j.case.kind == "answerable" for j in chosen]
        if len(set(truth)) < 2:
            return None
        return float(roc_auc_score(truth, [j.probability for j in chosen]))

    return statistic


def _short_evenly(judged: Sequence[Judged]) -> float | None:
    weights = _evenly(judged) * [j.short for j in judged]
    rights = [j.short_right for j in judged]
    return float(np.average(rights, weights=weights)) if weights.any() else None


def _is(*kinds: str) -> Callable[[Judged], bool]:
    return lambda j: j.case.kind in kinds


def _refused(*kinds: str) -> Callable[[Judged], bool]:
    return lambda j: j.case.kind in kinds and not j.answered


def _answered_answerable(j: Judged) -> bool:
    return j.case.kind == "answerable" and j.answered


_MADE = ("near miss", "swapped", "wrong year")
_STATISTICS: Mapping[str, Any] = {
    "answerable that are answered": _share(lambda j: j.answered, _is("answerable")),
    "answerable that are shown something": _share(
        lambda j: j.outcome is not Outcome.NOT_IN_SOURCES, _is("answerable")
    ),
    "answered that show the answer": _share(lambda j: j.any_right, _answered_answerable),
    "answered that show it first": _share(lambda j: j.first_right, _answered_answerable),
    "answered that have a short answer": _share(lambda j: j.short, lambda j: j.answered),
    "short answers that are right": _share(lambda j: j.short_right, lambda j: j.short),
    "short answers that are right, evenly asked": _short_evenly,
    "refusal precision, near misses": _share(_is("near miss"), _refused("answerable", "near miss")),
    "refusal recall, near misses": _share(lambda j: not j.answered, _is("near miss")),
    "refusal recall, swaps": _share(lambda j: not j.answered, _is("swapped")),
    "refusal recall, wrong years": _share(lambda j: not j.answered, _is("wrong year")),
    "refusal precision, all three": _share(_is(*_MADE), _refused("answerable", *_MADE)),
    "refusal recall, all three": _share(lambda j: not j.answered, _is(*_MADE)),
    "refused of those without a match": _share(lambda j: not j.answered, _is("unmatched")),
    "refused of what none tells": _share(lambda j: not j.answered, _is("untold")),
    "refusal precision, untold": _share(_is("untold"), _refused("answerable", "untold")),
    "refused of our own on the sample news": _share(lambda j: not j.answered, _is("own")),
    "AUC, near misses": _auc("near miss"),
    "AUC, untold": _auc("untold"),
    "AUC, swaps": _auc("swapped"),
    "AUC, wrong years": _auc("wrong year"),
}


def _stored(calibration: Calibration) -> dict[str, Any]:
    fields = asdict(calibration)
    return {
        "intercept": fields["intercept"],
        "weights": fields["weights"],
        "thresholds": {name: fields[name] for name in ("answered", "closest", "short")},
    }


def _data(sets: Mapping[str, Sequence[Case]]) -> dict[str, Any]:
    def counts(cases: Sequence[Case], *, tuning: bool) -> dict[str, int]:
        kinds = [c.kind for c in cases if c.tuning == tuning]
        return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}

    days = sorted(q.day for q in newsqa.questions())
    return {
        "quiz": {
            "questions": "RealTimeQA news quizzes",
            "first day": days[0].isoformat(),
            "fitted before": newsqa.CUT.isoformat(),
            "last day": days[-1].isoformat(),
            "fitted on": counts(sets["quiz"], tuning=True),
            "held out": counts(sets["quiz"], tuning=False),
        },
        "wikinews": {
            "questions": "questions of our own about Wikinews, 2019 fitted on, 2020 held out",
            "fitted on": counts(sets["wikinews"], tuning=True),
            "held out": counts(sets["wikinews"], tuning=False),
        },
        "model": DEFAULT_MODEL,
        "chosen": {"share answered": ANSWERED_SHARE, "least likely": LEAST_LIKELY},
    }


def _print(console: Console, figures: Mapping[str, Any]) -> None:
    for title, measured in figures["sets"].items():
        table = Table("", *measured, title=f"Answering, {title}", title_justify="left")
        for name in _STATISTICS:
            found = [columns[name] for columns in measured.values()]
            if any(found):
                table.add_row(name, *map(_cell, found))
        console.print(table)
    console.print(f"Fitted: {figures['fitted']}\nOn: {figures['data']}", highlight=False)


def _cell(measured: Mapping[str, float] | None) -> str:
    if not measured:
        return ""
    return f"{measured['value']:.2f} [{measured['low']:.2f}–{measured['high']:.2f}]"
