"""Weighted, timed routes of the vehicle: what the belief samples and interdiction stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Routes on a vehicle's `DriveGraph`, one behind the other; r routes, n steps.

    Attributes:
        first: int64[r + 1], the steps of route i are `first[i]:first[i + 1]`.
        arc: int32[n], arcs of the graph in the order driven.
        enter_s: float64[n], time at which each arc is entered, seconds after "now".
        end_s: float64[r], time at which the last arc is left.
        weight: float64[r], probability of each route; sums to 1.
        exit: int32[r], number of the exit it leads to, -1 if it leads to none.
    """

    first: NDArray[np.int64]
    arc: NDArray[np.int32]
    enter_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    weight: NDArray[np.float64]
    exit: NDArray[np.int32]

    def __post_init__(self) -> None:
        count, steps = self.end_s.shape[0], self.arc.shape[0]
        shapes = (self.first.shape[0] - 1, self.weight.shape[0], self.exit.shape[0])
        if any(shape != count for shape in shapes) or self.enter_s.shape[0] != steps:
            raise BadInput.single("routes", f"arrays of {shapes} and {count}", "one length")
        if count and (int(self.first[0]) != 0 or int(self.first[-1]) != steps):
            raise BadInput.single("routes.first", str(self.first[[0, -1]]), f"0 to {steps}")
        if count and not np.isclose(self.weight.sum(), 1.0):
            raise BadInput.single("routes.weight", str(self.weight.sum()), "a sum of 1")

    @property
    def count(self) -> int:
        """Number of routes."""
        return int(self.end_s.shape[0])
