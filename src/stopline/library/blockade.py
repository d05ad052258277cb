"""Blockade: close these exits as early as possible, without a vehicle."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np

from stopline.documents.json_file import write_json
from stopline.errors import FaultList
from stopline.library.exits import checked_exits
from stopline.library.given import A_NETWORK, expect, file_in_folder, is_number
from stopline.library.problems import SNAP_M, sealing_problem
from stopline.network.drive_graph import Vehicle
from stopline.network.read_settings import ReadSettings
from stopline.network.road_network import RoadNetwork
from stopline.planning.blockade import document, solved
from stopline.scenario.blockade import BlockadeCase
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit, SiteList, Source
from stopline.sealing.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from stopline.forces.unit import Unit
    from stopline.planning.blockade import BlockadePlan


@dataclass(frozen=True, slots=True)
class ClosedPlaces:
    """Which unit closes which place, and by when all are closed.

    Attributes:
        units: the unit of each place, by the place's name.
        closed_at_s: when each place is closed, by its name.
        last_closing_s: when the last one is; infinite if not all can be closed.
        reason: why no assignment is earlier.
        plan: all of it, as `sl.verify` checks it.
    """

    units: dict[str, str]
    closed_at_s: dict[str, float]
    last_closing_s: float
    reason: str
    plan: BlockadePlan = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The content of blockade.json."""
        return document(self.plan)

    def save(self, path: Path | str) -> Path:
        """Write blockade.json; `stopline verify` checks it where the network's file is given.

        Raises:
            BadInput: its folder is not there.
        """
        place = file_in_folder(path)
        write_json(place, self.to_dict())
        return place

    def __repr__(self) -> str:
        places = count(len(self.units), "place")
        if math.isinf(self.last_closing_s):
            return f"<blockade: not every place can be closed; {places} with a unit>"
        return f"<blockade: {places}, the last at {self.last_closing_s:.1f} s>"


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
    case = BlockadeCase(
        name="blockade", problem=problem, zone=UTC, places={}, settings=ReadSettings()
    )
    found = solved(case)
    last_s = found.closed[0].closed_s
    by = f"before {last_s:.1f} s" if found.complete else "at any time"
    few = [one.name for one in listed if (str(one.kind), one.index) in found.crowded]
    units_few = f"only {count(found.too_few, 'unit')}" if found.too_few else "no unit"
    reason = (
        f"{by} {units_few} could hold "
        f"{'this place' if len(few) == 1 else f'any of these {len(few)} places'}: {', '.join(few)}"
    )
    held = [one for one in found.closed if one.unit]
    return ClosedPlaces(
        units={one.name: one.unit for one in held},
        closed_at_s={one.name: one.closed_s for one in held},
        last_closing_s=last_s,
        reason=reason,
        plan=found,
    )
