"""What the other side has said so far, and what follows from it for demands not asked yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.side import Commitment, Demands, Inequality

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class _Row:
    """Of these demands, and of harder ones at the same sites, at most so many."""

    easiest: dict[int, list[tuple[int, float]]]  # site: (strength, by_s)
    most: int

    def covers(self, site: int, strength: int, by_s: float) -> bool:
        """Whether a demand is at least as hard as one of the members."""
        return any(strength >= s and by_s <= b for s, b in self.easiest.get(site, ()))

    def among(self, demands: Demands) -> NDArray[np.int64]:
        """Numbers of the demands that it counts."""
        near = np.flatnonzero(np.isin(demands.site, list(self.easiest)))
        return np.array(
            [
                n
                for n in near.tolist()
                if self.covers(
                    int(demands.site[n]), int(demands.strength[n]), float(demands.by_s[n])
                )
            ],
            dtype=np.int64,
        )


@dataclass(slots=True)
class Known:
    """Everything that one side has answered in a matter.

    A demand is as hard as another at the same site if it asks as much strength as early. What is
    refused stays refused for harder demands, so that a search over margins asks nothing twice.

    Args:
        need: int32[c], strength that closes each site.
    """

    need: NDArray[np.int32]
    never_by_s: NDArray[np.float64] = field(init=False)
    rows: list[_Row] = field(default_factory=list)
    held: dict[tuple[object, ...], list[tuple[NDArray[np.float64], Commitment]]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        levels = int(self.need.max(initial=1))
        self.never_by_s = np.full((levels + 1, self.need.shape[0]), -np.inf)

    def strength_by(self, site: NDArray[np.int32], by_s: NDArray[np.float64]) -> NDArray[np.int32]:
        """Give the strength that nothing said so far rules out, at most what the site needs."""
        result = np.zeros(site.shape[0], dtype=np.int32)
        for level in range(1, self.never_by_s.shape[0]):
            hope = (by_s > self.never_by_s[level, site]) & (level <= self.need[site])
            result[hope] = level
        return result

    def refused(self, candidates: Demands, asked: NDArray[np.int64]) -> Inequality | None:
        """Find an inequality that the demands asked would break."""
        hope = self.strength_by(candidates.site, candidates.by_s)
        if (hope[asked] < candidates.strength[asked]).any():
            return Inequality(members=np.flatnonzero(hope < candidates.strength), most=0)
        wanted = candidates.take(asked)
        for row in self.rows:
            if row.among(wanted).shape[0] > row.most:
                return Inequality(members=row.among(candidates), most=row.most)
        return None

    def learn(self, demands: Demands, inequality: Inequality) -> bool:
        """Remember an inequality; tell whether it says of single demands that none is met."""
        members = demands.take(inequality.members)
        triples = zip(
            members.site.tolist(), members.strength.tolist(), members.by_s.tolist(), strict=True
        )
        if inequality.most == 0:
            before = self.never_by_s.copy()
            for site, strength, by_s in triples:
                above = self.never_by_s[strength:, site]
                np.maximum(above, by_s, out=above)
            return bool((self.never_by_s > before).any())
        easiest: dict[int, list[tuple[int, float]]] = {}
        for site, strength, by_s in triples:
            easiest.setdefault(site, []).append((strength, by_s))
        self.rows.append(_Row(easiest, inequality.most))
        return False

    def commitment(self, wanted: Demands, prefer: str) -> Commitment | None:
        """Find a commitment that answers the same demands, by the same times or looser ones.

        It was the cheapest for times at least as late, so it is the cheapest now as well.
        """
        for by_s, commitment in self.held.get(_key(wanted, prefer), ()):
            if (wanted.by_s <= by_s).all() and (commitment.closed_s <= wanted.by_s).all():
                return commitment
        return None

    def keep(self, wanted: Demands, prefer: str, commitment: Commitment) -> None:
        """Remember a commitment."""
        self.held.setdefault(_key(wanted, prefer), []).append((wanted.by_s.copy(), commitment))


def _key(wanted: Demands, prefer: str) -> tuple[object, ...]:
    return (prefer, tuple(wanted.site.tolist()), tuple(wanted.strength.tolist()))
