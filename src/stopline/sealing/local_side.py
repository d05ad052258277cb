"""A side in this process: answers from its own units' readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.plan import Holder
from stopline.sealing.search.assignment import AssignmentTask, Shortage, assign
from stopline.sealing.side import Commitment, Demands, Inequality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stopline.forces.readiness import UnitReadiness
    from stopline.sealing.side import Limit


class LocalSide:
    """A side whose units are known here.

    Args:
        name: of the side.
        readiness: when its units can hold sites.
        locked: units that keep the site they are ordered to: unit number to site number.
    """

    def __init__(
        self, name: str, readiness: UnitReadiness, locked: Mapping[int, int] | None = None
    ) -> None:
        self._name = name
        self._readiness = readiness
        self._locked = dict(locked or {})
        self._enough = int(readiness.sites.need.max(initial=1))
        self._labels = readiness.labels(self._enough, without=self._locked)
        self._near: dict[int, tuple[float, int, list[tuple[float, int]]]] = {}

    @property
    def name(self) -> str:
        """Name of the side."""
        return self._name

    @property
    def units(self) -> int:
        """Number of units it has."""
        return len(self._readiness)

    @property
    def most_strength(self) -> int:
        """Strength of its strongest unit."""
        return int(self._readiness.strength.max(initial=1))

    @property
    def hides_units(self) -> bool:
        """Whether how many units it has is not known."""
        return False

    def limits(self, site: NDArray[np.int32]) -> list[Limit]:  # noqa: ARG002
        """Nothing beyond what its units can."""
        return []

    def strength_by(self, site: NDArray[np.int32], by_s: NDArray[np.float64]) -> NDArray[np.int32]:
        """Strength it could bring to each site alone by its time, at most what the site needs."""
        result = self._readiness.strength_by(self._labels, site, by_s, self._locked)
        self._count_locked(site, by_s, result, frozenset())
        return result

    def hold(
        self, candidates: Demands, asked: NDArray[np.int64], *, prefer: str
    ) -> Commitment | Inequality:
        """Answer whether it can hold all the demands `asked` together; see `Side.hold`."""
        wanted = candidates.take(asked)
        enough = int(wanted.strength.sum()) + self.most_strength
        tasks = [
            AssignmentTask(
                need, by_s, self._ordered_first(site, need, self._ready(site, by_s, enough))
            )
            for site, need, by_s in zip(
                wanted.site.tolist(), wanted.strength.tolist(), wanted.by_s.tolist(), strict=True
            )
        ]
        found = assign(tasks, self._readiness.strength, prefer=prefer)
        if isinstance(found, Shortage):
            return self._inequality(candidates, asked, found)
        return self._commitment(wanted, tasks, found)

    def _ordered_first(self, site: int, need: int, ready: dict[int, float]) -> dict[int, float]:
        """Only the units that are ordered to a site already, where they are enough.

        They can hold nothing else, so this takes nothing from another site, and no order is
        withdrawn for a unit that would do the same.
        """
        ordered = {unit: when for unit, when in ready.items() if self._locked.get(unit) == site}
        enough = sum(int(self._readiness.strength[unit]) for unit in ordered) >= need
        return ordered if enough else ready

    def able(self, site: int, by_s: float) -> list[tuple[str, int]]:
        """Ids and strengths of all its units that could hold a site by a time."""
        units = self._readiness.placed.units
        everyone = int(self._readiness.strength.sum())
        return [
            (units[number].id, units[number].strength)
            for number in sorted(self._ready(site, by_s, everyone))
        ]

    @property
    def strength(self) -> NDArray[np.int32]:
        """Strength of each of its units."""
        return self._readiness.strength

    def ready_s(
        self, site: NDArray[np.int32], latest_s: float = np.inf, until: float = np.inf
    ) -> NDArray[np.float64]:
        """When each of its units holds each of some sites, float64[u, s]; infinite for never.

        Whoever can, but is not ready by `latest_s`, is given as ready then.

        Raises:
            TimeoutError: it took longer than `until`, by `time.perf_counter()`.
        """
        result = self._readiness.every_ready_s(site, latest_s, until)
        for unit, kept in self._locked.items():
            result[unit, site != kept] = np.inf
        return result

    def ready_at(self, site: int) -> NDArray[np.float64]:
        """When each of its units holds a site, however late, float64[u]; infinite for never."""
        result = np.full(self.units, np.inf)
        for unit, when in self._ready(site, np.inf, 1 << 30).items():
            result[unit] = when
        return result

    def _ready(self, site: int, by_s: float, enough: int) -> dict[int, float]:
        """Closing time by unit, for the units that may be used for a site by a time."""
        known = self._near.get(site)
        if known is None or known[0] < by_s or known[1] < enough:
            known = (by_s, enough, self._readiness.near(site, by_s, enough + self._locked_strength))
            self._near[site] = known
        return {
            unit: when
            for when, unit in known[2]
            if when <= by_s and self._locked.get(unit, site) == site
        }

    @property
    def _locked_strength(self) -> int:
        return int(sum(self._readiness.strength[u] for u in self._locked))

    def commit(
        self, site: NDArray[np.int32], by_s: NDArray[np.float64], teams: list[tuple[int, ...]]
    ) -> Commitment:
        """Hold sites with given units, by number."""
        need = self._readiness.sites.need[site]
        tasks = [
            AssignmentTask(int(need[row]), float(by_s[row]), self._times_of(int(site[row]), team))
            for row, team in enumerate(teams)
        ]
        wanted = Demands(site=site, strength=need, by_s=by_s)
        return self._commitment(wanted, tasks, teams)

    def _times_of(self, site: int, team: tuple[int, ...]) -> dict[int, float]:
        ready_s = {unit: when for when, unit in self._readiness.near(site, np.inf, 1 << 30)}
        # Who cannot get there never holds it: a table of times may have taken that for late.
        return {unit: ready_s.get(unit, np.inf) for unit in team}

    def _commitment(
        self, wanted: Demands, tasks: list[AssignmentTask], found: list[tuple[int, ...]]
    ) -> Commitment:
        holders = tuple(
            tuple(self._holder(unit, site, task) for unit in units)
            for site, task, units in zip(wanted.site.tolist(), tasks, found, strict=True)
        )
        strength = self._readiness.strength
        return Commitment(
            closed_s=np.array([max(h.ready_s for h in held) for held in holders]),
            units=np.array([len(units) for units in found], dtype=np.int64),
            strength=np.array(
                [sum(int(strength[u]) for u in units) for units in found], dtype=np.int64
            ),
            holders=holders,
        )

    def _holder(self, unit: int, site: int, task: AssignmentTask) -> Holder:
        readiness = self._readiness
        described = readiness.placed.units[unit]
        setup_s = readiness.setup_s(unit, site)
        ready_s = task.ready_s[unit]
        return Holder(
            unit=described.id,
            side=described.side,
            agency=described.agency,
            ready_s=ready_s,
            order_by_s=task.by_s - ready_s,
            drive_s=max(0.0, ready_s - setup_s - float(readiness.free_s[unit])),
            setup_s=setup_s,
        )

    def _inequality(
        self, candidates: Demands, asked: NDArray[np.int64], shortage: Shortage
    ) -> Inequality:
        """Enlarge a shortage to all candidates that need one of the same units."""
        core = asked[list(shortage.tasks)]
        if len(shortage.units) < core.shape[0]:
            labels = self._readiness.labels(
                self._enough,
                without=shortage.units | self._locked.keys(),
                latest_s=float(candidates.by_s.max(initial=-np.inf)),
            )
            rest = self._readiness.strength_by(
                labels, candidates.site, candidates.by_s, shortage.units | self._locked.keys()
            )
            self._count_locked(candidates.site, candidates.by_s, rest, shortage.units)
            members = np.flatnonzero(rest < candidates.strength)
            return Inequality(members=np.union1d(members, core), most=len(shortage.units))
        # Whatever is asked of the same site, as strong or stronger and as early, is as hard.
        as_hard = [
            np.flatnonzero(
                (candidates.site == candidates.site[number])
                & (candidates.by_s <= candidates.by_s[number])
                & (candidates.strength >= candidates.strength[number])
            )
            for number in core.tolist()
        ]
        return Inequality(members=np.unique(np.concatenate(as_hard)), most=core.shape[0] - 1)

    def _count_locked(
        self,
        site: NDArray[np.int32],
        by_s: NDArray[np.float64],
        result: NDArray[np.int32],
        without: frozenset[int],
    ) -> None:
        """Correct `result` at the sites that units are locked to."""
        readiness = self._readiness
        special = set(self._locked.values())
        if not special:
            return
        for row in np.flatnonzero(np.isin(site, list(special))).tolist():
            number = int(site[row])
            need = int(readiness.sites.need[number])
            ready = self._ready(number, float(by_s[row]), need + len(without) * self.most_strength)
            total = sum(int(readiness.strength[u]) for u in ready if u not in without)
            result[row] = min(need, total)
