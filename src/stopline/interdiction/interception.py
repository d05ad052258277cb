"""Which sites to hold so that the most probability is stopped, and how near that is to the best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.interdiction.incidence import Incidence, Meetings
    from stopline.interdiction.means import Means

_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Interception:
    """A plan against sampled routes; u units, r routes.

    Attributes:
        site_of: int32[u], the site that each unit holds, -1 for none.
        stopped: bool[r], the routes that it stops.
        value: probability of those.
        bound: no plan stops more than this.
        guarantee: the method alone assures at least this part of the best; 1 for a proven
            optimum, 0 where nothing is assured beyond the bound.
    """

    site_of: NDArray[np.int32]
    stopped: NDArray[np.bool_]
    value: float
    bound: float
    guarantee: float

    @property
    def gap(self) -> float:
        """How much more the best plan could stop, as a part of the bound."""
        return max(0.0, self.bound - self.value) / self.bound if self.bound > 0 else 0.0

    @property
    def proven(self) -> bool:
        """Whether no plan stops more."""
        return self.bound - self.value <= _CLOSE * max(1.0, self.bound)


def interception(
    held: NDArray[np.int32],
    made: Incidence,
    met: Meetings,
    weight: NDArray[np.float64],
    means: Means,
    *,
    bound: float,
    guarantee: float = 0.0,
) -> Interception:
    """Name the units of a plan by type (int32[t, s]) and count afresh what it stops."""
    site_of = np.full(means.units, -1, dtype=np.int32)
    for kind, units in enumerate(made.units):
        sites = np.repeat(made.sites, held[kind])
        site_of[units[: sites.shape[0]]] = sites
    stopped = met.stopped(means.shut_s(site_of))
    value = float(weight[stopped].sum())
    return Interception(site_of, stopped, value, max(value, bound), guarantee)
