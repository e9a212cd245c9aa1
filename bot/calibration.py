"""The weights and thresholds by which newsbot decides, with the figures that they gave."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic regression over features.Features, and its thresholds.

    A best sentence at or above ``answered`` answers the question; at or above
    ``closest`` it is shown as the closest that was found; below, nothing is shown. Where
    an answer's best sentence leads by ``short`` (see bot.ranking.lead), the reader's span in it
    is the short answer. ``data`` says what they were fitted on, ``figures`` what they gave on
    questions held out.
    """

    intercept: float
    weights: Mapping[str, float]
    answered: float
    closest: float
    short: float = inf
    data: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)


def read_calibration(path: Path = FILE) -> Calibration:
    """The calibration in a JSON file, written by ``python -m tests.benchmarks calibrate``."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    return Calibration(
        intercept=stored["intercept"],
        weights=stored["weights"],
        answered=stored["thresholds"]["answered"],
        closest=stored["thresholds"]["closest"],
        short=stored["thresholds"]["short"],
        data=stored.get("data", {}),
        figures=stored.get("figures", {}),
    )


CALIBRATION = read_calibration()
