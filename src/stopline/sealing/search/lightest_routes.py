"""Routes that are stopped too little by shares of units at sites: what a linear program lacks.

The linear program over routes gives each unit shares of sites. A route is stopped by the shares of
those who are there in time, and it is lacking in the program where they are less than one. As
waiting never helps, a place that is reached later is worth looking at only with less weight, so
that few labels for each place tell the lightest route to every exit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.compiled import read_only
from stopline.sealing.search.lightest_kernel import lightest_ways
from stopline.sealing.search.pursuit import Drive

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.pursuit import PursuitGraph

_ENOUGH: Final = 1 - 1e-6
# Room for labels, before a search is cut short: it may then miss routes, as whoever asks knows.
_LABELS_A_NODE: Final = 40
_FEWEST_LABELS: Final = 10_000
_MOST_LABELS: Final = 8_000_000


class LightestRoutes:
    """Searches on one pursuit; its arrays are used again.

    Args:
        pursuit: the graph.
        sites: how many there are in the problem.
    """

    def __init__(self, pursuit: PursuitGraph, sites: int) -> None:
        self._pursuit, self._sites = pursuit, sites
        room = min(_FEWEST_LABELS + _LABELS_A_NODE * pursuit.nodes, _MOST_LABELS)
        self._node, self._arc = np.empty(room, np.int32), np.empty(room, np.int32)
        self._at_s, self._weight = np.empty(room), np.empty(room)
        self._before = np.empty(room, np.int64)
        self._lightest, self._last = np.empty(pursuit.nodes), np.empty(pursuit.nodes, np.int64)
        self._ways_out = np.flatnonzero(
            (pursuit.head == pursuit.way_out) & np.isfinite(pursuit.time_s)
        )

    def find(
        self,
        site: NDArray[np.int32],
        from_s: NDArray[np.float64],
        share: NDArray[np.float64],
        most: int,
        horizon_s: float = np.inf,
    ) -> list[Drive]:
        """The lightest route over each way out, lightest first, where it weighs less than one.

        That there is none is certain only where the search was not cut short; a plan is always
        simulated as well.

        Args:
            site: int32[k].
            from_s: float64[k], from when on somebody stops who enters it.
            share: float64[k], how much.
            most: routes that are wanted.
            horizon_s: routes that are out at this time or later do not count.
        """
        pursuit = self._pursuit
        order = np.lexsort((from_s, site))
        site, from_s = site[order], from_s[order]
        first = np.searchsorted(site, np.arange(self._sites + 1)).astype(np.int64)
        total = np.concatenate(([0.0], np.cumsum(share[order])))
        # What is at a site by each time: of all shares so far those of the sites before it.
        there = np.ascontiguousarray(total[1:] - total[first[site]])
        lightest_ways(
            read_only(pursuit.first_out),
            read_only(pursuit.head),
            read_only(pursuit.time_s),
            read_only(pursuit.site),
            read_only(pursuit.start_node),
            read_only(pursuit.start_s),
            first,
            np.ascontiguousarray(from_s),
            there,
            _ENOUGH,
            horizon_s,
            self._lightest,
            self._last,
            self._node,
            self._at_s,
            self._weight,
            self._before,
            self._arc,
        )
        out = np.flatnonzero(
            (pursuit.start_node == pursuit.way_out) & (pursuit.start_s < horizon_s)
        )
        found: list[tuple[float, int, int]] = [(0.0, -1 - start, -1) for start in out.tolist()]
        for arc in self._ways_out.tolist():
            label = int(self._last[pursuit.tail[arc]])
            if label < 0 or self._at_s[label] + pursuit.time_s[arc] >= horizon_s:
                continue
            carried, entered = float(self._weight[label]), int(pursuit.site[arc])
            if entered >= 0:
                begin, end = int(first[entered]), int(first[entered + 1])
                who = np.searchsorted(from_s[begin:end], self._at_s[label], side="right")
                carried += float(there[begin + who - 1]) if who else 0.0
            if carried < _ENOUGH:
                found.append((carried, label, arc))
        found.sort()
        return [self._drive(label, arc) for _, label, arc in found[:most]]

    def _drive(self, label: int, last: int) -> Drive:
        arcs = [last] if last >= 0 else []
        while label >= 0:
            before = int(self._before[label])
            if before >= 0:
                arcs.append(int(self._arc[label]))
            label = before
        return Drive(-1 - label, tuple(reversed(arcs)))
