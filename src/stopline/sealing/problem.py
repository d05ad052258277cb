"""The sealing problem as given: network, vehicle, sources, exits, sites, units, rules.

Times are seconds after "now"; a sighting five minutes ago has time -300.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.place_names import crossing_road, junction_id, section_id
from stopline.network.road_network import NO_TERRITORY, ROAD_CLASSES, RoadNetwork
from stopline.sealing.plan import Site, SiteKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from numpy.typing import NDArray

    from stopline.forces.unit import Unit
    from stopline.network.drive_graph import Vehicle
    from stopline.network.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the vehicle can be, and the earliest time it can be there.

    Either `junction` is given, or `section` with the fraction of its length from its tail.
    """

    name: str
    time_s: float
    junction: int | None = None
    section: int | None = None
    fraction: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """Where the vehicle must not get.

    It is reached by arriving at a junction, or by driving a section to its other end. A seal on
    that junction or section itself stops the vehicle.
    """

    name: str
    kind: SiteKind
    index: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteList:
    """The sites that may be sealed, as arrays; c sites.

    Attributes:
        is_junction: bool[c].
        index: int32[c], section or junction number.
        need: int32[c], strength that closes it, >= 1.
        setup_s: float64[c], time a unit needs on the spot.
        disturbance: float64[c], cost of closing it (traffic), >= 0.
        names: names of prepared checkpoints, by position in the list.
    """

    is_junction: NDArray[np.bool_]
    index: NDArray[np.int32]
    need: NDArray[np.int32]
    setup_s: NDArray[np.float64]
    disturbance: NDArray[np.float64]
    names: Mapping[int, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of sites."""
        return int(self.index.shape[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for every seal, and what "best" means.

    Attributes:
        margin_s: a seal must be closed this long before the vehicle can arrive.
        enough_margin_s: margin beyond this is worth nothing more.
        objective: lexicographic order after sealing: of `margin`, `last_closing`, `units`,
            `strength`, `disturbance`.
        time_limit_s: computing time; the best plan so far with its bound is given then.
        partial: what to do where complete sealing is impossible: `cover` or `delay` (and, above
            the planner, `intercept` or `randomise`).
        keep_gain: when re-planning, an order under way is changed only if that saves at least
            this many units.
        units_obey_one_way: whether units keep to one-way signs.
        units_cross_borders: whether units may drive through territory where they may not act.
        units_obey_access_signs: whether units keep out of roads that a sign closes.
        units_open_gates: whether units have keys to gates that are not known to be open.
        units_use_fords: whether units drive through fords.
        units_use_ferries: whether units use car ferries that the network has.
        local_time: wall clock of the incident, ISO 8601 without a zone, for signs with hours.
    """

    margin_s: float = 60.0
    enough_margin_s: float = 300.0
    objective: tuple[str, ...] = ("margin", "units", "disturbance")
    time_limit_s: float = 30.0
    partial: str = "cover"
    keep_gain: float = 1.0
    units_obey_one_way: bool = True
    units_cross_borders: bool = False
    units_obey_access_signs: bool = True
    units_open_gates: bool = False
    units_use_fords: bool = False
    units_use_ferries: bool = False
    local_time: str = ""


UNIT_RULES: Final = (
    "units_obey_one_way",
    "units_cross_borders",
    "units_obey_access_signs",
    "units_open_gates",
    "units_use_fords",
    "units_use_ferries",
    "local_time",
)
"""The rules that decide where units drive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingProblem:
    """All that a plan depends on.

    Attributes:
        network: the roads.
        vehicle: how the vehicle drives.
        sources: where it can be; several mean that it is at one of them, nobody knows which.
        exits: where it must not get.
        sites: what may be sealed.
        units: who may hold sites.
        unit_places: section of each unit and how far along it from its tail; None to take the
            nearest section to its position.
        rules: what holds for every seal, and what "best" means.
        now_utc_s: the moment all times count from.
        zone: the zone in which sentences write clock times.
        doubts: what of the positions of sightings, exits and units is guessed or doubtful.
    """

    network: RoadNetwork
    vehicle: Vehicle
    sources: tuple[Source, ...]
    exits: tuple[Exit, ...]
    sites: SiteList
    units: tuple[Unit, ...]
    unit_places: tuple[tuple[int, float], ...] | None = None
    rules: Rules = field(default_factory=Rules)
    now_utc_s: float = 0.0
    zone: tzinfo = UTC
    doubts: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        counts = (
            f"{len(self.sources)} sources, {len(self.exits)} exits, {self.sites.count} sites, "
            f"{len(self.units)} units"
        )
        return f"<sealing problem: {self.network!r}, {counts}>"

    def site(self, number: int) -> Site:
        """Describe a site for people."""
        network, index = self.network, int(self.sites.index[number])
        if self.sites.is_junction[number]:
            return self._junction_site(number, index)
        line, own = network.geometry(index), section_id(network, index)
        lon, lat = line[(len(line) - 1) // 2 : len(line) // 2 + 1].mean(axis=0)
        return Site(
            kind=SiteKind.SECTION,
            index=index,
            name=self.sites.names.get(number) or network.name_of(index) or own,
            road_class=network.class_of(index),
            territories=self._names_of(network.section_tail[index], network.section_head[index]),
            need=int(self.sites.need[number]),
            lon=float(lon),
            lat=float(lat),
            meets="" if network.name_of(index) else crossing_road(network, index),
            file_id=own,
        )

    def _junction_site(self, number: int, index: int) -> Site:
        network = self.network
        first, last = int(network.first_out[index]), int(network.first_out[index + 1])
        around = network.arc_section[first:last]
        widest = int(network.section_class[around].min()) if around.size else 0
        return Site(
            kind=SiteKind.JUNCTION,
            index=index,
            name=self.sites.names.get(number) or junction_id(network, index),
            road_class=ROAD_CLASSES[widest],
            territories=self._names_of(index),
            need=int(self.sites.need[number]),
            lon=float(network.junction_lon[index]),
            lat=float(network.junction_lat[index]),
            meets=" and ".join(
                dict.fromkeys(name for s in around[:8].tolist() if (name := network.name_of(s)))
            ),
            file_id=junction_id(network, index),
        )

    def _names_of(self, *junctions: int) -> tuple[str, ...]:
        network = self.network
        found = dict.fromkeys(int(network.junction_territory[j]) for j in junctions)
        return tuple(network.territories[t] for t in found if t != NO_TERRITORY)


def all_sections(
    network: RoadNetwork,
    *,
    need: Mapping[str, int] | None = None,
    setup_s: Mapping[str, float] | float = 60.0,
) -> SiteList:
    """Every section as a site; need and set-up time by road class, 1 and 60 s where not given."""
    needs = np.ones(len(ROAD_CLASSES), dtype=np.int32)
    for name, value in (need or {}).items():
        needs[ROAD_CLASSES.index(name)] = value
    setups = np.full(len(ROAD_CLASSES), setup_s if isinstance(setup_s, int | float) else 60.0)
    if not isinstance(setup_s, int | float):
        for name, seconds in setup_s.items():
            setups[ROAD_CLASSES.index(name)] = seconds
    # A wide road that is closed disturbs more people than a narrow one.
    disturbance = np.linspace(10.0, 1.0, len(ROAD_CLASSES))
    return SiteList(
        is_junction=np.zeros(network.sections, dtype=bool),
        index=np.arange(network.sections, dtype=np.int32),
        need=needs[network.section_class],
        setup_s=setups[network.section_class],
        disturbance=disturbance[network.section_class],
    )
