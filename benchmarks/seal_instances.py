"""The sealing problems of the benchmark, made from real networks with a seed.

What they have in common: the vehicle is the worst case (1.3 times the limit, one-way signs
ignored), units drive at 1.2 times the limit and keep to one-way signs, every section may be a site
and needs one unit, the required margin is 30 s, and the fewest units are wanted.

Corridor, Europe and NE: a seal takes 120 s to set up; units are free after 10 to 30 minutes, 5 to
15 minutes, and within a minute. The vehicle is seen as it starts.

Porto and Liechtenstein, at street level: units are free within a minute, and a seal takes 30 s on
small roads, 60 s on primary and secondary roads, 120 s on motorways and trunk roads. The alarm is
given `lead_s` seconds before the vehicle can start (a silent alarm in a bank): by seed 0, 120, 180,
240, 300 s, again and again, so that the seeds hold problems that are impossible, close, and easy.
With 240 s and more, a few seals around the start are mostly enough: those are easy problems.
With a lead of 0, the first road out is always faster than any unit; those problems are kept, as
this is what most calls look like. Sightings change with the seed too: Porto's centre, Maia, Valongo
(each ring of 12 km lies inside the file but for some hundred metres of Valongo's); Vaduz, Schaan,
Balzers. In Liechtenstein half of the units stand at border roads.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from data import read_topology

from stopline.forces.unit import Unit
from stopline.network.cache import open_network
from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.network.geodesy import distance_m
from stopline.network.read_settings import ReadSettings
from stopline.network.road_network import ROAD_CLASSES
from stopline.network.search import ArrivalSearch, path_arcs
from stopline.network.snapping import nearest_junction
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit, Rules, SealingProblem, Source, all_sections

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork

DATA = Path(os.environ.get("STOPLINE_DATA", "../shared/data"))
SETUP_S = 120.0
STREET_SETUP_S = dict.fromkeys(ROAD_CLASSES, 30.0) | {
    "motorway": 120.0,
    "trunk": 120.0,
    **dict.fromkeys(("motorway_link", "trunk_link", "primary_link", "secondary_link"), 60.0),
    "primary": 60.0,
    "secondary": 60.0,
}
LEADS_S = (0.0, 120.0, 180.0, 240.0, 300.0)
TOWNS = {
    "Porto": (-8.611, 41.150),
    "Maia": (-8.620, 41.235),
    "Valongo": (-8.498, 41.189),
}
VILLAGES = {
    "Vaduz": (9.5215, 47.139),
    "Schaan": (9.5087, 47.165),
    "Balzers": (9.5025, 47.066),
}


def corridor(units: int, seed: int) -> SealingProblem:
    """Moscow's ring, out of Russia and Belarus together."""
    network = open_network(DATA / "corridor", ReadSettings(length_unit="km"))
    homes = [network.territory_index(name) for name in ("Russia", "Belarus")]
    inside = np.isin(network.junction_territory, homes)
    exits = _boundary(network, inside)
    start = nearest_junction(network, 37.62, 55.75)
    return _problem(network, start, exits, inside, units, seed, ready_s=(600, 1800))


def porto(units: int, seed: int, radius_m: float) -> SealingProblem:
    """A town at or near Porto, out of a ring around it."""
    network = open_network(DATA / "porto" / "porto.osm.pbf")
    centre = list(TOWNS.values())[seed % len(TOWNS)]
    return _after_alarm(_ring(network, centre, radius_m, units, seed, ready_s=(0, 60)), seed)


def liechtenstein(units: int, seed: int) -> SealingProblem:
    """A village, over every border of Liechtenstein."""
    network = open_network(DATA / "liechtenstein" / "liechtenstein.osm.pbf")
    inside = network.junction_territory == network.territory_index("LI")
    exits = _boundary(network, inside)
    start = nearest_junction(network, *list(VILLAGES.values())[seed % len(VILLAGES)])
    made = _problem(network, start, exits, inside, units, seed, ready_s=(0, 60), near=exits)
    return _after_alarm(made, seed)


def europe(units: int, seed: int) -> SealingProblem:
    """Frankfurt, out of a circle of 500 km."""
    network = open_network(DATA / "europe-highways", ReadSettings(length_unit="km"))
    return _ring(network, (8.68, 50.11), 500_000.0, units, seed, ready_s=(300, 900))


def north_east(units: int, seed: int, network: RoadNetwork | None = None) -> SealingProblem:
    """The north-eastern US, topology with seeded lengths: out of a circle of travel time."""
    network = network or read_topology(DATA / "large" / "NE.gr.xz", seed=1)
    rng = np.random.default_rng(seed)
    start = int(rng.integers(network.junctions // 3, 2 * network.junctions // 3))
    inside, exits = _half_of_reached(network, start)
    return _problem(network, start, exits, inside, units, seed, ready_s=(0, 60))


def nested(network: RoadNetwork, start: int, units: int, seed: int) -> SealingProblem:
    """The same forces among the 10,000 junctions nearest to a start, out of half a network."""
    near = arrivals(network, start)
    close = near <= np.partition(near, 4_999)[4_999]
    _, exits = _half_of_reached(network, start)
    made = _problem(network, start, exits, close, units, seed, ready_s=(0, 60))
    return replace(made, sources=(replace(made.sources[0], time_s=300.0),))


def second_sighting(problem: SealingProblem) -> SealingProblem:
    """The vehicle is seen again, a quarter of its earliest way to an exit later."""
    network, source = problem.network, problem.sources[0]
    if source.junction is None:  # pragma: no cover
        raise TypeError
    graph = drive_graph(network, problem.vehicle)
    search = ArrivalSearch(graph.first_out, graph.head, graph.time_s)
    found = search.run([source.junction], [source.time_s])
    sections = np.array([place.index for place in problem.exits])
    ends = np.concatenate((network.section_tail[sections], network.section_head[sections]))
    nearest = int(ends[np.argmin(found.arrival_s[ends])])
    way = path_arcs(found.via, graph.tail, nearest)
    if not way:
        return problem
    seen = int(graph.head[way[len(way) // 4]])
    again = Source(name="seen again", time_s=float(found.arrival_s[seen]), junction=seen)
    return replace(problem, sources=(again,))


def arrivals(network: RoadNetwork, start: int) -> NDArray[np.float64]:
    """Seconds from a start to every junction, with nothing in the way."""
    graph = drive_graph(network, Vehicle())
    return ArrivalSearch(graph.first_out, graph.head, graph.time_s).run([start], [0.0]).arrival_s


def _half_of_reached(
    network: RoadNetwork, start: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    arrival_s = arrivals(network, start)
    reached = np.isfinite(arrival_s)
    inside = reached & (arrival_s < np.quantile(arrival_s[reached], 0.5))
    return inside, _boundary(network, inside)


def _after_alarm(problem: SealingProblem, seed: int) -> SealingProblem:
    """The vehicle starts some minutes after the alarm; seals are set up by road class."""
    return replace(
        problem,
        sources=(replace(problem.sources[0], time_s=LEADS_S[seed % len(LEADS_S)]),),
        sites=all_sections(problem.network, setup_s=STREET_SETUP_S),
    )


def _ring(
    network: RoadNetwork,
    centre: tuple[float, float],
    radius_m: float,
    units: int,
    seed: int,
    ready_s: tuple[float, float],
) -> SealingProblem:
    away_m = distance_m(*centre, network.junction_lon, network.junction_lat)
    exits = _boundary(network, away_m <= radius_m)
    start = nearest_junction(network, *centre)
    return _problem(network, start, exits, away_m <= radius_m, units, seed, ready_s=ready_s)


def _boundary(network: RoadNetwork, inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Sections of which one end is inside."""
    return np.flatnonzero(inside[network.section_tail] != inside[network.section_head])


def _problem(
    network: RoadNetwork,
    start: int,
    exits: NDArray[np.int64],
    inside: NDArray[np.bool_],
    units: int,
    seed: int,
    ready_s: tuple[float, float],
    near: NDArray[np.int64] | None = None,
) -> SealingProblem:
    """Units on random sections inside, half of them at `near` sections if given."""
    rng = np.random.default_rng(seed)
    home = np.flatnonzero(inside[network.section_tail] & inside[network.section_head])
    places = rng.choice(home, units)
    if near is not None:
        half = units // 2
        places[:half] = np.resize(near, half)
    everywhere = frozenset(network.territories)
    names = network.territories
    made = []
    for number, section in enumerate(places.tolist()):
        where = int(network.junction_territory[network.section_tail[section]])
        side = names[where] if where >= 0 else "AB"[number % 2]
        acts = frozenset([names[where]]) if where >= 0 and near is None else everywhere
        made.append(
            Unit(
                id=f"u{number}",
                side=side,
                agency="police",
                lon=0.0,
                lat=0.0,
                ready_s=float(rng.uniform(*ready_s)),
                speed_factor=1.2,
                may_act_in=acts,
            )
        )
    return SealingProblem(
        network=network,
        vehicle=Vehicle(),
        sources=(Source(name="seen", time_s=0.0, junction=start),),
        exits=tuple(
            Exit(name=f"x{number}", kind=SiteKind.SECTION, index=int(section))
            for number, section in enumerate(exits)
        ),
        sites=all_sections(network, setup_s=SETUP_S),
        units=tuple(made),
        unit_places=tuple((int(section), 0.5) for section in places),
        rules=Rules(margin_s=30.0, objective=("units",), time_limit_s=60.0),
    )
