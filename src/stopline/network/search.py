"""A search object: the buffers of earliest-arrival searches on one graph, reused over an incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.search_kernel import arrival

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_MOST_BUCKETS: Final = 1 << 16
_NO_SITES: Final = np.empty(0, dtype=np.int32)
_NO_BARRIERS: Final = np.empty(0, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What a search found; views that the next search on the same object overwrites.

    Attributes:
        arrival_s: float64[n], infinite where not reached.
        via: int32[n], arc over which each node is reached earliest; -1 at a start.
        origin: int32[n], number of the start it is reached from (undefined where not reached).
        reached: int32[r], the nodes reached.
    """

    arrival_s: NDArray[np.float64]
    via: NDArray[np.int32]
    origin: NDArray[np.int32]
    reached: NDArray[np.int32]


class ArrivalSearch:
    """Earliest arrivals on a graph given as arrays, optionally past sites that close.

    Args:
        first_out: int32[n + 1], arcs sorted by tail.
        head: int32[a].
        time_s: float64[a], >= 0, infinite where closed for good.
        site: int32[a], site that is entered with the arc, -1 for none.
    """

    def __init__(
        self,
        first_out: NDArray[np.int32],
        head: NDArray[np.int32],
        time_s: NDArray[np.float64],
        site: NDArray[np.int32] = _NO_SITES,
    ) -> None:
        n = first_out.shape[0] - 1
        self._graph = (first_out, head, time_s, site)
        self._width_s, buckets = _bucket_sizes(time_s)
        self._first = np.full(buckets, -1, dtype=np.int32)
        self._following = np.empty(n, dtype=np.int32)
        self._preceding = np.empty(n, dtype=np.int32)
        self._bucket_of = np.full(n, -1, dtype=np.int64)
        self._touched = np.empty(n, dtype=np.int32)
        self._arrival_s = np.full(n, np.inf)
        self._via = np.full(n, -1, dtype=np.int32)
        self._origin = np.empty(n, dtype=np.int32)
        self._count = 0

    def run(
        self,
        start_node: ArrayLike,
        start_s: ArrayLike,
        *,
        shut_s: NDArray[np.float64] = _NO_BARRIERS,
        horizon_s: float = np.inf,
        time_s: NDArray[np.float64] | None = None,
    ) -> Arrivals:
        """Search from the starts.

        Args:
            start_node: int32[k].
            start_s: float64[k], time at each start; any sign.
            shut_s: float64[c], from which time on each site may not be entered; empty for none.
            horizon_s: later arrivals are left out.
            time_s: float64[a], in place of the usual times: the same, or infinite.
        """
        self._restore()
        nodes = np.ascontiguousarray(start_node, dtype=np.int32)
        times = np.ascontiguousarray(start_s, dtype=np.float64)
        first_out, head, own_time_s, site = self._graph
        self._count = int(
            arrival(
                first_out,
                head,
                own_time_s if time_s is None else time_s,
                site,
                shut_s,
                nodes,
                times,
                horizon_s,
                self._width_s,
                self._first,
                self._following,
                self._preceding,
                self._bucket_of,
                self._touched,
                self._arrival_s,
                self._via,
                self._origin,
            )
        )
        return Arrivals(self._arrival_s, self._via, self._origin, self._touched[: self._count])

    def _restore(self) -> None:
        touched = self._touched[: self._count]
        if self._count > self._touched.shape[0] // 2:
            self._arrival_s[:] = np.inf
            self._via[:] = -1
        else:
            self._arrival_s[touched] = np.inf
            self._via[touched] = -1


def _bucket_sizes(time_s: NDArray[np.float64]) -> tuple[float, int]:
    """Width of a bucket in seconds, and a power of two of buckets that spans the longest arc."""
    finite = time_s[np.isfinite(time_s) & (time_s > 0)]
    if finite.size == 0:
        return 1.0, 2
    longest = float(finite.max())
    sample = finite[:: max(1, finite.size // 4096)]
    width = max(float(np.median(sample)) / 2, longest / (_MOST_BUCKETS - 2))
    return width, 1 << int(np.ceil(np.log2(longest / width + 2)))


def path_arcs(via: NDArray[np.int32], tail: NDArray[np.int32], node: int) -> list[int]:
    """Arcs of the earliest path to a node, from its start."""
    arcs: list[int] = []
    arc = int(via[node])
    while arc >= 0:
        arcs.append(arc)
        arc = int(via[tail[arc]])
    return arcs[::-1]
