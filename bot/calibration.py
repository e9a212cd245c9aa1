"""The weights and thresholds by which newsbot decides, with the figures that they gave."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, log
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("calibration.json")


# Surer than this, or less sure, makes no difference.
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class SpanWeights:
    """A logistic regression over two log-odds: the sentence's, and the reader's of its span."""

    intercept: float = 0.0
    sentence: float = 1.0
    reading: float = 0.0

    def probability(self, sentence: float, reading: float) -> float:
        """How likely the span is the answer's words, from both probabilities."""
        odds = self.sentence * log_odds(sentence) + self.reading * log_odds(reading)
        return 1 / (1 + exp(-self.intercept - odds))


def log_odds(probability: float) -> float:
    """The logarithm of a probability's odds, finite at 0 and 1 too."""
    bounded = min(max(probability, _LEAST), 1 - _LEAST)
    return log(bounded / (1 - bounded))


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic regression over features.Features, and its thresholds.

    A best sentence at or above ``answered`` answers the question; at or above
    ``closest`` it is shown as the closest that was found; below, nothing is shown. The
    reader's span in it is the short answer where its own probability, by ``span``, is at or
    above ``short``. ``data`` says what they were fitted on, ``figures`` what they gave on
    questions held out.
    """

    intercept: float
    weights: Mapping[str, float]
    answered: float
    closest: float
    short: float = 2.0
    span: SpanWeights = SpanWeights()
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
        span=SpanWeights(**stored["span"]),
        data=stored.get("data", {}),
        figures=stored.get("figures", {}),
    )


CALIBRATION = read_calibration()
