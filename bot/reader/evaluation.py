"""How well the reader reads: ``python -m bot.reader.evaluation DEV [--weights FILE]``.

``python -m bot.reader.evaluation TRAIN --pairs bot/reader/pairs_held_out.jsonl.gz``: pairs
about contexts whose own questions were trained on, but not these.

Exact match and F1 as SQuAD 2.0 counts them (Rajpurkar et al. 2018): the best of the
accepted answers after dropping case, punctuation and articles; where there is no
answer, 1 for declining and 0 otherwise. The AUC is that of the margin at telling
answerable from unanswerable questions. Intervals are 95%, by bootstrap.
"""

import argparse
import json
import os
import re
import string
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.reader.data import Example, read
from bot.reader.pairs import read_pairs
from bot.reader.reading import WEIGHTS, Reading
from index.errors import NewsError

if TYPE_CHECKING:
    from bot.reader.network import Network

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_RESAMPLES = 1000
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One example's scores, 0..1; ``margin`` is the reading's.

    ``em`` and ``f1`` are those of the span, whether or not it would be shown; both are 0
    where there is no answer.
    """

    source: str
    answerable: bool
    em: float
    f1: float
    margin: float


@dataclass(frozen=True, slots=True)
class Row:
    """Scores of a group of examples at a threshold; shares in 0..1.

    ``em`` and ``f1`` count declining, with ``low`` to ``high`` F1's interval; ``span_em``
    and ``span_f1`` are of answerable examples read without declining; ``answered`` and
    ``declined`` the shares of answerable and unanswerable ones rightly so treated.
    """

    name: str
    answerable: int
    unanswerable: int
    em: float
    f1: float
    low: float
    high: float
    span_em: float
    span_f1: float
    answered: float
    declined: float
    auc: float
    auc_low: float
    auc_high: float


def normalized(answer: str) -> list[str]:
    """The words that count of an answer."""
    return _ARTICLES.sub(" ", answer.lower().translate(_PUNCTUATION)).split()


def compared(given: str, answers: Sequence[str]) -> tuple[float, float]:
    """Exact match and F1 of a given answer against the best of the accepted ones."""
    words = normalized(given)
    exact = max(float(words == normalized(answer)) for answer in answers)
    return exact, max(_f1(words, normalized(answer)) for answer in answers)


def _f1(given: list[str], wanted: list[str]) -> float:
    if not given or not wanted:
        return float(given == wanted)
    same = (Counter(given) & Counter(wanted)).total()
    return 2 * same / (len(given) + len(wanted))


def outcome(example: Example, reading: Reading) -> Outcome:
    """How a reading compares with what was wanted."""
    em = f1 = 0.0
    if example.answerable:
        span = example.context[reading.text_start : reading.text_end]
        em, f1 = compared(span, example.answers)
    return Outcome(example.source, example.answerable, em, f1, reading.margin)


def auc(margins: Values, answerable: NDArray[np.bool_]) -> float:
    """The chance that an answerable example scores above an unanswerable one; ties half.

    NaN where one of the two kinds is missing.
    """
    yes, no = margins[answerable], np.sort(margins[~answerable])
    if not len(yes) or not len(no):
        return float("nan")
    below, up_to = np.searchsorted(no, yes, "left"), np.searchsorted(no, yes, "right")
    return float(np.mean(below + up_to) / (2 * len(no)))


def row(name: str, outcomes: Sequence[Outcome], threshold: float) -> Row:
    """The scores of a group of outcomes."""
    yes = np.array([o.answerable for o in outcomes])
    margins = np.array([o.margin for o in outcomes])
    shown = margins > threshold
    span_em, span_f1 = (np.array([getattr(o, n) for o in outcomes]) for n in ("em", "f1"))
    right = np.where(yes, 0.0, 1.0)
    em, f1 = np.where(shown, span_em, right), np.where(shown, span_f1, right)
    low, high = _interval(len(outcomes), lambda own: float(f1[own].mean()))
    auc_low, auc_high = _interval(len(outcomes), lambda own: auc(margins[own], yes[own]))
    return Row(
        name, int(yes.sum()), int((~yes).sum()), _mean(em), _mean(f1), low, high,
        _mean(span_em[yes]), _mean(span_f1[yes]), _mean(shown[yes]), _mean(~shown[~yes]),
        auc(margins, yes), auc_low, auc_high,
    )  # fmt: skip


def _mean(values: Values | NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _interval(size: int, statistic: Callable[[NDArray[np.int64]], float]) -> tuple[float, float]:
    random = np.random.default_rng(0)
    values = [statistic(random.integers(0, size, size)) for _ in range(_RESAMPLES)]
    if np.isnan(values).all():
        return float("nan"), float("nan")
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def best_threshold(outcomes: Sequence[Outcome]) -> float:
    """The margin to decline at or below for the best mean F1, as SQuAD 2.0's script picks it.

    Chosen on the data it is reported on: an upper bound of what a threshold can do.
    """
    ranked = sorted(outcomes, key=lambda o: -o.margin)
    gains = np.cumsum([0.0] + [o.f1 if o.answerable else -1.0 for o in ranked])
    shown = int(np.argmax(gains))
    return ranked[shown].margin if shown < len(ranked) else float("-inf")


def sample(examples: Sequence[Example], number: int, seed: int) -> list[Example]:
    """A seeded sample, or all if there are no more."""
    return Random(seed).sample(list(examples), min(number, len(examples)))


def evaluate(network: "Network", examples: Sequence[Example]) -> list[Outcome]:
    """Reads every example; outcomes in their order."""
    from bot.reader.inference import Model
    from bot.reader.network import load_tokenizer

    model = Model(network.cpu(), load_tokenizer(), passes=os.cpu_count() or 1)
    readings = model.read([(example.question, "", example.context) for example in examples])
    return [outcome(*pair) for pair in zip(examples, readings, strict=True)]


def rows(outcomes: Sequence[Outcome], threshold: float) -> list[Row]:
    """A row for everything, then one for each source, the largest first."""
    sizes = Counter(o.source for o in outcomes)
    groups = [row("all", outcomes, threshold)]
    for source, _ in sizes.most_common():
        groups.append(row(source, [o for o in outcomes if o.source == source], threshold))
    return groups


def table(outcomes: Sequence[Outcome], threshold: float = 0.0) -> str:
    """The rows as a Markdown table, in percent."""
    lines = [
        "| source | answerable | not | EM | F1 | 95% | span EM | span F1 "
        "| answered | declined | AUC | 95% |",
        "|---|" + "---:|" * 11,
    ]
    for r in rows(outcomes, threshold):
        aucs = "| – | – |"
        if r.unanswerable and r.answerable:
            aucs = f"| {r.auc:.3f} | {r.auc_low:.3f}–{r.auc_high:.3f} |"
        shares = (r.span_em, r.span_f1, r.answered, r.declined)
        cells = " | ".join("–" if np.isnan(s) else f"{100 * s:.1f}" for s in shares)
        lines.append(
            f"| {r.name} | {r.answerable} | {r.unanswerable} | {100 * r.em:.1f} "
            f"| {100 * r.f1:.1f} | {100 * r.low:.1f}–{100 * r.high:.1f} | {cells} {aucs}"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 if all went well."""
    parser = argparse.ArgumentParser(prog="python -m bot.reader.evaluation", description=__doc__)
    parser.add_argument("dev", type=Path, help="a file like reader/dev.jsonl.gz")
    parser.add_argument("--pairs", type=Path, help="pairs about the file's contexts, in its stead")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--sample", type=int, default=0, help="so many examples; 0 for all")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the rows there too")
    given = parser.parse_args(arguments)

    import torch

    from bot.reader.network import load_weights

    torch.set_num_threads(given.threads)
    try:
        examples = read(given.dev)
        if given.pairs:
            examples = read_pairs(given.pairs, [example.context for example in examples])
        if given.sample:
            examples = sample(examples, given.sample, given.seed)
        outcomes = evaluate(load_weights(given.weights), examples)
    except NewsError as error:
        print(error, file=sys.stderr)
        return 1
    best = best_threshold(outcomes)
    print(table(outcomes))
    print(f"\nAt the threshold that is best for these very examples, {best:.2f}:\n")
    print(table(outcomes, best).splitlines()[2])
    if given.json:
        kept = {
            "table": table(outcomes),
            "rows": [asdict(r) for r in rows(outcomes, 0.0)],
            "best_threshold": best,
            "best": asdict(row("all", outcomes, best)),
        }
        given.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
