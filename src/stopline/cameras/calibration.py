"""What a score means: which class of hit, and how probable it is that it is the one.

The thresholds and the curve are data (`data/calibration.yaml`), chosen on generated passages of one
seed and scored on another.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import yaml

HitClass = Literal["certain", "possible"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds and the curve.

    Attributes:
        certain: least score of a certain hit.
        possible: least score of a possible one.
        scores: ascending.
        probabilities: that it is the wanted vehicle, at each of `scores`.
        seed: of the passages that it was made with.
    """

    certain: float
    possible: float
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    seed: int

    def hit_class(self, score: float) -> HitClass | None:
        """The class of a passage; None for nothing."""
        if score >= self.certain:
            return "certain"
        return "possible" if score >= self.possible else None

    def confidence(self, score: float) -> float:
        """Probability that it is the one, between two points of the curve in proportion."""
        place = bisect_right(self.scores, score)
        if place == 0:
            return self.probabilities[0]
        if place == len(self.scores):
            return self.probabilities[-1]
        low, high = self.scores[place - 1], self.scores[place]
        share = (score - low) / (high - low)
        before, behind = self.probabilities[place - 1], self.probabilities[place]
        return before + share * (behind - before)


@cache
def calibration() -> Calibration:
    """Read the calibration of the package."""
    text = resources.files(__package__).joinpath("data/calibration.yaml").read_text("utf-8")
    data = yaml.safe_load(text)
    curve = sorted((float(score), float(p)) for score, p in data["curve"])
    return Calibration(
        float(data["certain"]), float(data["possible"]), tuple(s for s, _ in curve),
        tuple(p for _, p in curve), int(data["seed"]),
    )  # fmt: skip
