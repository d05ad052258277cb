"""How the planner talks to a side: what can you hold, and by when?

A side answers a question by a commitment or by an inequality, never with positions. The same
interface serves a side in this process and one on the other node of a link.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.plan import Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """Things a side may be asked: hold a site, with a strength, by a time; d demands.

    Attributes:
        site: int32[d], numbers of sites.
        strength: int32[d], strength asked of this side.
        by_s: float64[d], latest closing time, infinite for any time.
    """

    site: NDArray[np.int32]
    strength: NDArray[np.int32]
    by_s: NDArray[np.float64]

    @property
    def count(self) -> int:
        """Number of demands."""
        return int(self.site.shape[0])

    def plus(self, more: Demands) -> Demands:
        """These demands, then more."""
        return Demands(
            site=np.concatenate((self.site, more.site)),
            strength=np.concatenate((self.strength, more.strength)),
            by_s=np.concatenate((self.by_s, more.by_s)),
        )

    def take(self, which: NDArray[np.int64]) -> Demands:
        """Some of the demands."""
        return Demands(site=self.site[which], strength=self.strength[which], by_s=self.by_s[which])


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A side's yes: it holds all the demands it was asked.

    Attributes:
        closed_s: float64[k], closing time for each demand asked, in the order asked.
        units: int64[k], number of units it takes for each.
        strength: int64[k], their summed strength.
        holders: which units, for each demand; empty if the side keeps that to itself.
        source: id of the commitment, for a side that is asked over a link.
    """

    closed_s: NDArray[np.float64]
    units: NDArray[np.int64]
    strength: NDArray[np.int64]
    holders: tuple[tuple[Holder, ...], ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inequality:
    """A side's no, with its reason: of these demands it can meet at most so many.

    Attributes:
        members: int64[t], numbers of demands in the question's list of candidates.
        most: how many of them can be met together.
        source: id of the answer that said so, for a side that is asked over a link.
    """

    members: NDArray[np.int64]
    most: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """Of some sites, each due by its time or earlier, a side holds at most so many.

    Attributes:
        latest_s: float64[s], by site; minus infinity for those that it does not speak of.
        most: how many.
    """

    latest_s: NDArray[np.float64]
    most: int


class MoreIsKnown(Exception):  # noqa: N818  (no fault: the search begins again, knowing more)
    """A side said of sites that it cannot hold them at all: choose again without them."""


class AnsweringSide(Protocol):
    """A sovereign party that can hold sites with its own units."""

    @property
    def name(self) -> str:
        """Name of the side."""
        ...

    @property
    def units(self) -> int:
        """Number of its units, or a larger number if it keeps that to itself."""
        ...

    @property
    def most_strength(self) -> int:
        """Strength of its strongest unit; it bounds how few units can hold a site."""
        ...

    @property
    def strength(self) -> NDArray[np.int32]:
        """Strength of each unit; of a side that hides them, one stands for all; int32[u]."""
        ...

    @property
    def hides_units(self) -> bool:
        """Whether how many units it has is not known."""
        ...

    def limits(self, site: NDArray[np.int32]) -> list[Limit]:
        """What a side that hides its units has said of several sites together."""
        ...

    def ready_s(
        self, site: NDArray[np.int32], latest_s: float = np.inf, until: float = np.inf
    ) -> NDArray[np.float64]:
        """When each of its units holds sites, as far as is known; float64[u, s].

        Whoever can, but is not ready by `latest_s`, is given as ready then.

        Raises:
            TimeoutError: it took longer than `until`, by `time.perf_counter()`.
        """
        ...

    def able(self, site: int, by_s: float) -> list[tuple[str, int]]:
        """Who could hold a site by a time, with strengths, for a proof.

        A side that keeps its units to itself names itself, with their summed strength.
        """
        ...

    def strength_by(self, site: NDArray[np.int32], by_s: NDArray[np.float64]) -> NDArray[np.int32]:
        """Strength it could bring to each site alone by its time, at most what the site needs."""
        ...

    def hold(
        self, candidates: Demands, asked: NDArray[np.int64], *, prefer: str
    ) -> Commitment | Inequality:
        """Answer whether it can hold all the demands `asked` together.

        Args:
            candidates: all demands that may be asked in this matter.
            asked: int64[k], numbers of those asked now, one per site at most.
            prefer: `units` or `strength`, what to use least of.

        Raises:
            MoreIsKnown: a side that is asked over a link has ruled out more than what was asked;
                what `strength_by` says has changed, and the graph can be contracted anew.
        """
        ...
