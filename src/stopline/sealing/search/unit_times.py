"""When each unit can close each site of a pursuit: the units of all sides in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.search.pursuit import NO_SITE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.search.pursuit import PursuitGraph
    from stopline.sealing.side import AnsweringSide, Limit

MOST_TIMES: Final = 60_000_000  # entries of a table; more than this takes too much memory


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTimes:
    """Times of u units at s sites of a pursuit.

    Attributes:
        ready_s: float64[s, u], when a unit closes a site; infinite where it never can.
        site: int32[s], number of each site in the problem.
        row: int32[a], the row of each arc's site, or -1.
        need: int64[s], strength that closes each site.
        strength: int64[u].
        side: int32[u], number of the side of each unit.
        number: int32[u], number of each unit within its side.
        until_s: later times are given as this one.
        boundless: number of each unit that stands for all those of a side that hides its units.
        limits: number of such a unit, and what its side has said of several sites together.
    """

    ready_s: NDArray[np.float64]
    site: NDArray[np.int32]
    row: NDArray[np.int32]
    need: NDArray[np.int64]
    strength: NDArray[np.int64]
    side: NDArray[np.int32]
    number: NDArray[np.int32]
    until_s: float = np.inf
    boundless: tuple[int, ...] = ()
    limits: tuple[tuple[int, Limit], ...] = ()

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.strength.shape[0])

    @property
    def prices(self) -> int:
        """Number of units and limits, each of which has a price."""
        return self.units + len(self.limits)

    @property
    def teams(self) -> bool:
        """Whether some unit alone is too weak for some site."""
        return bool(self.need.max(initial=1) > self.strength.min(initial=1 << 30))


def unit_times(
    pursuit: PursuitGraph,
    sides: Sequence[AnsweringSide],
    need: NDArray[np.int32],
    until_s: float = np.inf,
    until: float = np.inf,
) -> UnitTimes | None:
    """Make the table; None where it is too large.

    Args:
        pursuit: the graph of the vehicle.
        sides: whose units.
        need: int32[c], strength that closes each site.
        until_s: who can hold a site, but is not ready by then, is given as ready then.
        until: `time.perf_counter()` at which to stop; there is no table then.
    """
    site = np.unique(pursuit.site[(pursuit.site != NO_SITE) & np.isfinite(pursuit.time_s)])
    strengths = [side.strength for side in sides]
    units = sum(one.shape[0] for one in strengths)
    if site.shape[0] * units > MOST_TIMES:
        return None
    row_of_site = np.full(need.shape[0] + 1, -1, dtype=np.int32)
    row_of_site[site] = np.arange(site.shape[0], dtype=np.int32)
    try:
        blocks = [side.ready_s(site, until_s, until) for side in sides]
    except TimeoutError:
        return None
    counts = [one.shape[0] for one in strengths]
    first = np.concatenate(([0], np.cumsum(counts))).astype(int).tolist()
    hiding = [(first[s], side) for s, side in enumerate(sides) if side.hides_units]
    return UnitTimes(
        ready_s=np.ascontiguousarray(np.concatenate([*blocks, np.empty((0, site.shape[0]))]).T),
        site=site.astype(np.int32),
        row=row_of_site[pursuit.site],
        need=need[site].astype(np.int64),
        strength=np.concatenate([*strengths, np.empty(0)]).astype(np.int64),
        side=np.repeat(np.arange(len(sides)), counts).astype(np.int32),
        number=np.concatenate([np.arange(c) for c in [*counts, 0]]).astype(np.int32),
        until_s=until_s,
        boundless=tuple(unit for unit, _ in hiding),
        limits=tuple((unit, limit) for unit, side in hiding for limit in side.limits(site)),
    )
