"""Rates and means with their intervals, and paired differences: 95 % throughout.

A rate has the interval of Wilson (1927), also where all or none were stopped. A mean and a paired
difference have that of Student's t; the pairs are the same driver, the same chance, two plans.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence

_Z: Final = 1.959963984540054
_LEVEL: Final = 0.975
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with the interval in which it lies with 95 %; count is of what it was made from."""

    value: float
    low: float
    high: float
    count: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low > 0.0 or self.high < 0.0


def rate(hits: Sequence[bool]) -> Estimate:
    """The share of what is true."""
    n = len(hits)
    if not n:
        return Estimate(math.nan, 0.0, 1.0, 0)
    p = sum(hits) / n
    middle = (p + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    half = _Z / (1 + _Z * _Z / n) * math.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
    return Estimate(p, max(0.0, middle - half), min(1.0, middle + half), n)


def mean(values: Sequence[float]) -> Estimate:
    """The mean."""
    found = np.asarray(values, dtype=np.float64)
    n = int(found.size)
    if not n:
        return Estimate(math.nan, -math.inf, math.inf, 0)
    middle = float(found.mean())
    if n < _PAIR:
        return Estimate(middle, -math.inf, math.inf, n)
    half = float(stats.t.ppf(_LEVEL, n - 1)) * float(found.std(ddof=1)) / math.sqrt(n)
    return Estimate(middle, middle - half, middle + half, n)


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """By how much ours is more than theirs, pair by pair."""
    return mean([one - other for one, other in zip(ours, theirs, strict=True)])
