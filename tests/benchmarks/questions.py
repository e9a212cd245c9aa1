"""How well questions are understood: exact readings of labelled questions and follow-ups.

The tuning part may be improved on; the held-out part was written before the parser and is
only reported. A reading is exact when every facet is right.
"""

from math import sqrt
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.labelled_questions import (
    FACETS,
    dialogues,
    follows_right,
    questions,
    right,
)

PARTS = ("tuning", "held_out")


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure both; prints two tables, returns all figures."""
    console = console or Console()
    read = {part: [right(label) for label in questions(part)] for part in PARTS}
    followed = {part: [follows_right(dialogue) for dialogue in dialogues(part)] for part in PARTS}
    figures: dict[str, Any] = {
        "questions": {
            part: {
                "set-exact": interval([all(r.values()) for r in found]),
                **{facet: interval([r[facet] for r in found]) for facet in FACETS},
            }
            for part, found in read.items()
        },
        "follow-ups": {part: {"right": interval(found)} for part, found in followed.items()},
    }
    for title, measured in figures.items():
        table = Table(title=f"How {title} are read", title_justify="left")
        table.add_column("")
        for part in PARTS:
            count = len(read[part] if title == "questions" else followed[part])
            table.add_column(f"{part.replace('_', ' ')} ({count})", justify="right")
        for name in measured[PARTS[0]]:
            cells = (measured[part][name] for part in PARTS)
            table.add_row(
                name, *(f"{c['value']:.3f} [{c['low']:.2f}–{c['high']:.2f}]" for c in cells)
            )
        console.print(table)
    return figures


def interval(values: list[bool]) -> dict[str, float]:
    """A share with its 95 % interval (Wilson's score interval)."""
    n, z = len(values), 1.96
    share = sum(values) / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return {"value": share, "low": centre - half, "high": centre + half}
