"""Copies and stories: how many are found, and how many are merged wrongly.

Every article is placed day by day, as it would have come in; a labelled pair counts as one
story if both ended in the same. Pairs for copies are placed by two. Rules are fitted on the
pairs of every other fortnight (see fit()) and reported on the rest.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from bot.likeness import RULES, Comparison, Rules
from bot.sketches import Sketch
from bot.stories import Placed, Recent, place, window
from index.embedding import Embedder
from tests.benchmarks.edited import COPIES, NO_COPIES
from tests.benchmarks.labelled_stories import Corpus, Pair, by_day, corpus

_JOINS = (0.55, 0.6, 0.625, 0.65, 0.675, 0.7, 0.75)
# None is so small that one member alone lets an article in.
_SHARES = (0.34, 0.5, 1.0)
_STRENGTH = 0.1


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure with the rules as they are; prints a table, returns all figures."""
    console = console or Console()
    read = corpus(Embedder(threads=1))
    started = time.perf_counter()
    placed = placed_all(read, RULES)
    took = time.perf_counter() - started
    table = Table("what", "pairs", "are", "found", "wrongly", "precision", "recall", "aim")
    figures: dict[str, Any] = {"left out": read.missing, "place_s_per_1000": took / len(placed)}
    figures["place_s_per_1000"] *= 1000
    for name, tuning in (("held out", False), ("tuning", True)):
        pairs = [p for p in read.pairs if p.tuning == tuning and p.kind != "no copy"]
        truth = [p.kind in ("same story", "copy") for p in pairs]
        told = [_story(placed, read, p) for p in pairs]
        _row(table, figures, f"stories, {name}", truth, told, "0.90 / 0.75")
        every = [p for p in (*read.pairs, *read.edits) if p.tuning == tuning]
        truth = [p.kind == "copy" or p.kind in COPIES for p in every]
        told = [_copy(read, p) for p in every]
        _row(table, figures, f"copies, {name}", truth, told, "0.97 / 0.85")
        for kind, right, count in _by_kind(every, told):
            figures[f"copies, {name}: {kind}"] = {"right": right, "pairs": count}
        real = [k for k, p in enumerate(every) if p in read.pairs]
        _row(
            table,
            figures,
            f"copies, {name}, unedited pairs",
            [truth[k] for k in real],
            [told[k] for k in real],
            "",
        )
    groups = Counter(p.group for p in placed.values())
    figures["copy groups in the archive"] = sum(n > 1 for n in groups.values())
    sizes = Counter(p.story for p in placed.values())
    figures["stories"], figures["largest story"] = len(sizes), max(sizes.values())
    console.print(table)
    for name, value in figures.items():
        if not isinstance(value, dict) or "right" in value:
            console.print(f"{name}: {value}", highlight=False)
    return figures


def placed_all(read: Corpus, rules: Rules) -> dict[int, Placed]:
    """The places of all unedited articles, as they came in day by day."""
    edits = {pair.second for pair in read.edits}
    recent, placed = Recent(), {}
    for batch in by_day(s for name, s in read.sketches.items() if name not in edits):
        recent = recent.since(window(min(s.moment for s in batch), rules))
        places, recent = place(batch, recent, rules)
        placed.update({p.article: p for p in places})
    return placed


def _story(placed: dict[int, Placed], read: Corpus, pair: Pair) -> bool:
    first, second = read.sketches[pair.first], read.sketches[pair.second]
    return placed[first.article].story == placed[second.article].story


def _copy(read: Corpus, pair: Pair, rules: Rules = RULES) -> bool:
    both = [read.sketches[pair.first], read.sketches[pair.second]]
    places, _ = place(both, Recent(), rules)
    return len({p.group for p in places}) == 1


def _by_kind(pairs: Sequence[Pair], told: Sequence[bool]) -> Iterable[tuple[str, int, int]]:
    for kind in ("copy", "same story", "different", "no copy", *COPIES, *NO_COPIES):
        of = [t for p, t in zip(pairs, told, strict=True) if p.kind == kind]
        yield kind, sum(t == (kind == "copy" or kind in COPIES) for t in of), len(of)


def _row(
    table: Table,
    figures: dict[str, Any],
    name: str,
    truth: Sequence[bool],
    told: Sequence[bool],
    aim: str,
) -> None:
    both = sum(a and b for a, b in zip(truth, told, strict=True))
    precision, recall = both / max(1, sum(told)), both / max(1, sum(truth))
    wrong = sum(told) - both
    table.add_row(
        name,
        str(len(truth)),
        str(sum(truth)),
        str(both),
        str(wrong),
        f"{precision:.3f}",
        f"{recall:.3f}",
        aim,
    )
    figures[name] = {
        "pairs": len(truth),
        "are": sum(truth),
        "found": both,
        "wrongly": wrong,
        "precision": precision,
        "recall": recall,
    }


def fit(read: Corpus) -> Rules:
    """Rules of stories from the tuning pairs alone: the weights, then when to join.

    Of the choices, the one of the highest F0.5: a wrong merge hides news, a missed one
    only repeats it.
    """
    pairs = [p for p in read.pairs if p.tuning and p.kind != "no copy"]
    truth = np.array([p.kind in ("same story", "copy") for p in pairs])
    sketches: list[Sketch] = list(read.sketches.values())
    at = {name: i for i, name in enumerate(read.sketches)}
    compare = Comparison(sketches, RULES)
    rows = []
    for pair in pairs:
        i, j = at[pair.first], at[pair.second]
        days = abs((sketches[i].moment - sketches[j].moment).total_seconds()) / 86_400
        rows.append(compare.features(i, j, float(sketches[i].vector @ sketches[j].vector), days))
    features = np.stack(rows)
    plain = np.array(
        [not (read.sketches[p.first].round_up or read.sketches[p.second].round_up) for p in pairs]
    )
    spread = features[plain].std(axis=0)
    model = LogisticRegression(C=_STRENGTH).fit(features[plain] / spread, truth[plain])
    names = ("w_cosine", "w_names", "w_headline", "w_days", "w_outlet")
    weights = dict(zip(names, (model.coef_[0] / spread).round(2).tolist(), strict=True))
    weights["w_constant"] = round(float(model.intercept_[0]), 2)
    best, rules = 0.0, RULES
    for join in _JOINS:
        for share in _SHARES:
            tried = replace(RULES, **weights, join=join, share=share)
            placed = placed_all(read, tried)
            told = np.array([_story(placed, read, p) for p in pairs])
            # F0.5 in terms of counts: 1.25 tp / (1.25 tp + 0.25 fn + fp).
            score = 1.25 * (told & truth).sum() / (told.sum() + 0.25 * truth.sum())
            if score > best:
                best, rules = float(score), tried
    return rules
