"""What is missing to seal, as a duty officer needs it: what would help, too late where, how much.

All times are clock times: "within minus three minutes" helps nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.place_names import crossing_road, is_file_id, road_text
from stopline.sealing.wording import clock_time, count, duration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.plan import Certificate, Route
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.search.impossibility import Proof
    from stopline.sealing.search.sealer import Sealer

_LATEST_S: Final = 4 * 3600.0  # who comes later than this is of no use against a chase
_EXACT_S: Final = 1e-3
_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class _Passed:
    """The sites on a route that nobody stops.

    Attributes:
        site: int32[p], numbers of the sites.
        at_s: float64[p], when the vehicle can be there, seconds after now.
        by_s: float64[p], when each must be closed, the margin before that.
    """

    site: NDArray[np.int32]
    at_s: NDArray[np.float64]
    by_s: NDArray[np.float64]


def what_is_missing(
    sealer: Sealer, problem: SealingProblem, proof: Proof, shown: Certificate | None = None
) -> str:
    """Say what would be needed to seal, as far as proof or certificate tell; empty without."""
    if shown is not None:
        there = len(problem.units)
        if shown.units:
            return f"at least {count(shown.units, 'unit')}, {there} are there"
        return "units that are ready sooner: wherever these go, the vehicle gets past them"
    if not proof.steps:
        return ""
    for step, drive in zip(proof.steps, proof.drives, strict=True):
        if not step.stoppable_by:
            met = sealer.chase.sites_met(drive)
            at_s = np.array(list(met.values()), dtype=np.float64)
            site = np.array(list(met), dtype=np.int32)
            passed = _Passed(site, at_s, at_s - problem.rules.margin_s)
            return _Way(sealer, problem, step.route, passed).words()
    units = {unit for step in proof.steps for unit, _ in step.stoppable_by}
    return (
        f"more units in time: {count(len(proof.steps), 'route')} compete for "
        f"{count(len(units), 'unit')} of {len(problem.units)}"
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """A way out that no unit stops."""

    sealer: Sealer
    problem: SealingProblem
    route: Route
    passed: _Passed

    def words(self) -> str:
        if self.route.arrival_s <= 0:
            at = self._at(self.route.arrival_s)
            return (
                f"a confirmed sighting later than {at}, or exits farther out. Now it is too late "
                f"for {self.route.exit}: the vehicle can have been there since {at}, and no order "
                "changes that"
            )
        return f"{self._help()}. Now {self._too_late()}"

    def _too_late(self) -> str:
        if not self.passed.site.size:
            return (
                f"no road that may be closed lies on the way to {self.route.exit}, where the "
                f"vehicle can be from {self._at(self.route.arrival_s)}"
            )
        late_s = self._least_late()
        if late_s is None:
            return f"no unit gets to any road on the way to {self.route.exit}"
        row, who = self._first(late_s)
        name, by_s = self._name(row), float(self.passed.by_s[row])
        seconds = float(np.ceil(late_s - _EXACT_S))
        late = duration(seconds) if seconds else "less than a second"
        road = self.problem.site(int(self.passed.site[row])).name
        way = "" if self.route.exit.startswith(road) else f" on the way to {self.route.exit}"
        return (
            f"it is too late for {name}{way}, by {late}: "
            f"the vehicle {self._can_be_there(row)}, so {name} {_must(by_s)} be closed by "
            f"{self._at(by_s)}, and the first who can close it, {who}, "
            f"{_has(who)} it closed at {self._at(np.ceil(by_s + late_s - _EXACT_S))}"
        )

    def _help(self) -> str:
        """Who would still come in time: a unit that stands there now, at the last such place."""
        problem, passed = self.problem, self.passed
        in_time = passed.by_s - problem.sites.setup_s[passed.site]
        if not passed.site.size or in_time.max() < 0:
            return "roads farther out that may be closed, or a later confirmed sighting"
        row = int(np.argmax(in_time))
        need = int(problem.sites.need[passed.site[row]])
        strength = "a unit" if need == 1 else f"units of strength {need}"
        sooner = "" if need == 1 else " together"
        return (
            f"{strength} that can close {self._name(row)}{sooner} by {self._at(passed.by_s[row])}"
        )

    def _least_late(self) -> float | None:
        """By how many seconds all are late at the best of the sites; None if nobody ever comes."""
        early, late = 0.0, _LATEST_S
        if not self._closable(late).any():
            return None
        while late - early > _EXACT_S:
            middle = (early + late) / 2
            early, late = (early, middle) if self._closable(middle).any() else (middle, late)
        return late

    def _closable(self, late_s: float) -> NDArray[np.bool_]:
        """Which sites could be closed so many seconds after they must be."""
        site, by_s = self.passed.site, self.passed.by_s + late_s
        strength = sum(
            (side.strength_by(site, by_s).astype(np.int64) for side in self.sealer.sides),
            np.zeros(site.shape[0], dtype=np.int64),
        )
        return strength >= self.sealer.need[site]

    def _first(self, late_s: float) -> tuple[int, str]:
        """The site that is missed by least, and who would close it."""
        row = int(np.flatnonzero(self._closable(late_s))[0])
        by_s = float(self.passed.by_s[row]) + late_s
        site = int(self.passed.site[row])
        names = [who for side in self.sealer.sides for who, _ in side.able(site, by_s)]
        more = len(names) - _FEW
        named = ", ".join(names) if len(names) <= 1 else " and ".join(names[:_FEW])
        return row, f"{named} and {more} more" if more > 0 else named

    def _can_be_there(self, row: int) -> str:
        at_s = float(self.passed.at_s[row])
        return f"can {'have been' if at_s <= 0 else 'be'} there {self._from(at_s)}"

    def _from(self, after_s: float) -> str:
        return f"{'since' if after_s <= 0 else 'from'} {self._at(after_s)}"

    def _name(self, row: int) -> str:
        """The road with one that it meets, or the exit it leads to: names alone stand twice."""
        site = self.problem.site(int(self.passed.site[row]))
        if is_file_id(site.name):
            return road_text(site.name, site.road_class, site.meets) if site.meets else site.name
        meets = crossing_road(self.problem.network, site.index) if site.kind == "section" else ""
        if not meets and self.route.exit.startswith(site.name):
            return self.route.exit
        return f"{site.name} at {meets}" if meets else site.name

    def _at(self, after_s: float) -> str:
        return clock_time(self.problem.now_utc_s, float(after_s), self.problem.zone)


def _must(by_s: float) -> str:
    return "had to" if by_s < 0 else "must"


def _has(who: str) -> str:
    return "have" if " and " in who else "has"
