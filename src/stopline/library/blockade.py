"""Blockade: close these exits as early as possible, without a vehicle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.errors import FaultList
from stopline.library.exits import checked_exits
from stopline.library.given import A_NETWORK, expect, is_number
from stopline.library.problems import SNAP_M, sealing_problem
from stopline.network.drive_graph import Vehicle
from stopline.network.road_network import RoadNetwork
from stopline.sealing.blockade import earliest_blockade
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit, SiteList, Source
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stopline.forces.unit import Unit


@dataclass(frozen=True, slots=True)
class ClosedPlaces:
    """Which unit closes which place, and by when all are closed.

    Attributes:
        units: the unit of each place, by the place's name.
        closed_at_s: when each place is closed, by its name.
        last_closing_s: when the last one is; infinite if not all can be closed.
        reason: why no assignment is earlier.
    """

    units: dict[str, str]
    closed_at_s: dict[str, float]
    last_closing_s: float
    reason: str

    def __repr__(self) -> str:
        return f"<blockade: {len(self.units)} places, the last at {self.last_closing_s:.1f} s>"


def blockade(
    network: RoadNetwork,
    places: Sequence[Exit],
    units: Iterable[Unit],
    *,
    setup_s: float = 60.0,
    snap_m: float = SNAP_M,
) -> ClosedPlaces:
    """Close places with one unit each, the last as early as possible, and say why not earlier.

    Args:
        network: the roads.
        places: sections or junctions, as exits with a name.
        units: who may close them.
        setup_s: time that closing takes on the spot.
        snap_m: how far from a road a unit may be.

    Raises:
        BadInput: with all faults.
    """
    expect(network, RoadNetwork, "network", A_NETWORK)
    faults = FaultList()
    listed = checked_exits(network, places, "places", faults)
    if not listed and not faults:
        faults.add("places", "none", "at least one, for example from sl.exits_from(...)")
    is_number(setup_s, "setup_s", faults, least=0.0)
    names = [one.name for one in listed]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.add("places", f"{name} twice", "each name once")
    faults.raise_if_any()
    sites = SiteList(
        is_junction=np.array([one.kind is SiteKind.JUNCTION for one in listed], dtype=bool),
        index=np.array([one.index for one in listed], dtype=np.int32),
        need=np.ones(len(listed), dtype=np.int32),
        setup_s=np.full(len(listed), setup_s),
        disturbance=np.ones(len(listed)),
    )
    problem = sealing_problem(
        network, sources=[Source(name="none", time_s=0.0, junction=0)], exits=listed, units=units,
        vehicle=Vehicle(), sites=sites, setup_s=setup_s, snap_m=snap_m,
    )  # fmt: skip
    sides = [side for _, side in sorted(prepare(problem).readiness.items())]
    ready = [side.every_ready_s() for side in sides]
    ids = [unit.id for side in sides for unit in side.placed.units]
    ready_s = np.concatenate(ready) if ready else np.empty((0, len(listed)))
    found = earliest_blockade(ready_s)
    held = {names[site]: unit for unit, site in enumerate(found.site_of.tolist()) if site >= 0}
    by = f"before {found.last_closing_s:.1f} s" if found.complete else "at any time"
    reason = (
        f"{by} only {found.too_few} units could hold any of these {len(found.crowded)} places: "
        + ", ".join(names[site] for site in found.crowded)
    )
    return ClosedPlaces(
        units={name: ids[unit] for name, unit in held.items()},
        closed_at_s={name: float(ready_s[unit, names.index(name)]) for name, unit in held.items()},
        last_closing_s=found.last_closing_s,
        reason=reason,
    )
