"""What the other side has said so far, and what follows from it for demands not asked yet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.plan import Refusal
from stopline.sealing.side import Commitment, Demands, Inequality, Limit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class _Row:
    """Of these demands, and of harder ones at the same sites, at most so many."""

    easiest: dict[int, list[tuple[int, float]]]  # site: (strength, by_s)
    most: int
    source: str

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


@dataclass(frozen=True, slots=True)
class _Kept:
    """A commitment with what it answers."""

    wanted: Demands
    prefer: str
    answer: Commitment

    def rows_for(self, wanted: Demands, prefer: str) -> NDArray[np.int64] | None:
        """Rows that hold other demands at the least cost there can be; None if they do not."""
        if prefer != self.prefer or wanted.count > self.wanted.count:
            return None
        row_of = {site: row for row, site in enumerate(self.wanted.site.tolist())}
        found = [row_of.get(site, -1) for site in wanted.site.tolist()]
        if -1 in found:
            return None
        rows = np.array(found, dtype=np.int64)
        answer, asked = self.answer, self.wanted
        if (answer.closed_s[rows] > wanted.by_s).any():
            return None
        if (answer.strength[rows] < wanted.strength).any():
            return None
        same = wanted.count == asked.count and (wanted.strength == asked.strength[rows]).all()
        if same and (wanted.by_s <= asked.by_s[rows]).all():
            return rows
        if prefer == "strength":
            least = (answer.strength[rows] == wanted.strength).all()
        else:
            least = (answer.units[rows] == 1).all()
        return rows if least else None


@dataclass(slots=True)
class PeerAnswers:
    """Everything that one side has answered in a matter.

    A demand is as hard as another at the same site if it asks as much strength as early. What is
    refused stays refused for harder demands, so that a search over margins asks nothing twice.

    Args:
        need: int32[c], strength that closes each site.
    """

    need: NDArray[np.int32]
    never_by_s: NDArray[np.float64] = field(init=False)
    never_source: list[str] = field(default_factory=list)
    _never_in: NDArray[np.int32] = field(init=False)
    rows: list[_Row] = field(default_factory=list)
    held: list[_Kept] = field(default_factory=list)

    def __post_init__(self) -> None:
        levels = int(self.need.max(initial=1))
        self.never_by_s = np.full((levels + 1, self.need.shape[0]), -np.inf)
        self._never_in = np.full(self.never_by_s.shape, -1, dtype=np.int32)

    def strength_by(self, site: NDArray[np.int32], by_s: NDArray[np.float64]) -> NDArray[np.int32]:
        """Give the strength that nothing said so far rules out, at most what the site needs."""
        result = np.zeros(site.shape[0], dtype=np.int32)
        for level in range(1, self.never_by_s.shape[0]):
            hope = (by_s > self.never_by_s[level, site]) & (level <= self.need[site])
            result[hope] = level
        return result

    def limits(self, site: NDArray[np.int32]) -> list[Limit]:
        """What was said of several sites together, as one unit at each holds it alone."""
        place = {number: at for at, number in enumerate(site.tolist())}
        found = []
        for row in self.rows:
            latest_s = np.full(site.shape[0], -np.inf)
            for number, members in row.easiest.items():
                if number in place:
                    due = [by_s for strength, by_s in members if strength <= self.need[number]]
                    latest_s[place[number]] = max(due, default=-np.inf)
            found.append(Limit(latest_s, row.most))
        return found

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
            later = self.never_by_s > before
            self._never_in[later] = len(self.never_source)
            self.never_source.append(inequality.source)
            return bool(later.any())
        easiest: dict[int, list[tuple[int, float]]] = {}
        for site, strength, by_s in triples:
            easiest.setdefault(site, []).append((strength, by_s))
        self.rows.append(_Row(easiest, inequality.most, inequality.source))
        return False

    def commitment(self, wanted: Demands, prefer: str) -> Commitment | None:
        """Find a commitment that answers the same demands, or more at as little cost.

        One to the same sites by times at least as late was the cheapest for those, so it is the
        cheapest now as well. A part of a larger one is, where it takes the least there can be: one
        unit for each site, or exactly the strength asked.
        """
        for kept in self.held:
            rows = kept.rows_for(wanted, prefer)
            if rows is not None:
                answer = kept.answer
                return replace(
                    answer,
                    closed_s=answer.closed_s[rows],
                    units=answer.units[rows],
                    strength=answer.strength[rows],
                )
        return None

    def keep(self, wanted: Demands, prefer: str, commitment: Commitment) -> None:
        """Remember a commitment."""
        self.held.append(_Kept(wanted, prefer, commitment))

    def refusals(self, sites: frozenset[int]) -> tuple[Refusal, ...]:
        """Everything refused about some sites, as a proof names it."""
        never: dict[str, list[tuple[int, int, float]]] = {}
        for site in sorted(sites):
            for level in range(1, self.never_by_s.shape[0]):
                if self._never_in[level, site] < 0:
                    continue
                member = (site, level, float(self.never_by_s[level, site]))
                source = self.never_source[self._never_in[level, site]]
                if level == 1 or self.never_by_s[level - 1, site] < member[2]:
                    never.setdefault(source, []).append(member)
        found = [Refusal(answer=s, most=0, members=tuple(m)) for s, m in never.items()]
        for row in self.rows:
            members = tuple(
                (site, strength, by_s)
                for site in sorted(sites & row.easiest.keys())
                for strength, by_s in row.easiest[site]
            )
            if len({site for site, _, _ in members}) > row.most:
                found.append(Refusal(answer=row.source, most=row.most, members=members))
        return tuple(found)
