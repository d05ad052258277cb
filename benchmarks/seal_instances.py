"""The sealing problems of the benchmark, made from real networks with a seed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from data import read_topology

from stopline.forces.unit import Unit
from stopline.network.cache import open_network
from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.network.great_circle import distance_m
from stopline.network.read_settings import ReadSettings
from stopline.network.search import ArrivalSearch
from stopline.network.snapping import nearest_junction
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit, Rules, SealingProblem, Source, all_sections

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork

DATA = Path(os.environ.get("STOPLINE_DATA", "../shared/data"))
SETUP_S = 120.0


def corridor(units: int, seed: int) -> SealingProblem:
    """Moscow's ring, out of Russia and Belarus together."""
    network = open_network(DATA / "corridor", ReadSettings(length_unit="km"))
    homes = [network.territory_index(name) for name in ("Russia", "Belarus")]
    inside = np.isin(network.junction_territory, homes)
    exits = _boundary(network, inside)
    start = nearest_junction(network, 37.62, 55.75)
    return _problem(network, start, exits, inside, units, seed, ready_s=(600, 1800))


def porto(units: int, seed: int, radius_m: float) -> SealingProblem:
    """The centre of Porto, out of a ring around it."""
    network = open_network(DATA / "porto" / "porto.osm.pbf")
    return _ring(network, (-8.611, 41.150), radius_m, units, seed, ready_s=(0, 60))


def liechtenstein(units: int, seed: int) -> SealingProblem:
    """Vaduz, over every border of Liechtenstein, seen two minutes late."""
    network = open_network(DATA / "liechtenstein" / "liechtenstein.osm.pbf")
    inside = network.junction_territory == network.territory_index("LI")
    exits = _boundary(network, inside)
    start = nearest_junction(network, 9.5215, 47.139)
    return _problem(network, start, exits, inside, units, seed, ready_s=(0, 60), near=exits)


def europe(units: int, seed: int) -> SealingProblem:
    """Frankfurt, out of a circle of 500 km."""
    network = open_network(DATA / "europe-highways", ReadSettings(length_unit="km"))
    return _ring(network, (8.68, 50.11), 500_000.0, units, seed, ready_s=(300, 900))


def north_east(units: int, seed: int) -> SealingProblem:
    """The north-eastern US, topology with seeded lengths: out of a circle of travel time."""
    network = read_topology(DATA / "large" / "NE.gr.xz", seed=1)
    rng = np.random.default_rng(seed)
    start = int(rng.integers(network.junctions // 3, 2 * network.junctions // 3))
    graph = drive_graph(network, Vehicle())
    search = ArrivalSearch(graph.first_out, graph.head, graph.time_s)
    arrival_s = search.run([start], [0.0]).arrival_s
    inside = arrival_s < np.quantile(arrival_s[np.isfinite(arrival_s)], 0.5)
    exits = _boundary(network, inside & np.isfinite(arrival_s))
    return _problem(network, start, exits, inside, units, seed, ready_s=(0, 60))


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
