"""The front: where the vehicle can be after so many minutes if no road is closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.drive_graph import DriveGraph, drive_graph
from stopline.network.geodesy import distance_m
from stopline.network.place_names import junction_id
from stopline.network.search import ArrivalSearch
from stopline.sealing.plan import SiteKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.problem import SealingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Earliest arrivals of the vehicle, in seconds after now; n junctions, s sections.

    Attributes:
        arrival_s: float64[n], infinite where it never gets.
        forward_s: float64[s], time to drive each section from tail to head; infinite if it may not.
        backward_s: float64[s], the same from head to tail.
        starts: section, metres from its tail and time, of each source that lies on a section.
    """

    arrival_s: NDArray[np.float64]
    forward_s: NDArray[np.float64]
    backward_s: NDArray[np.float64]
    starts: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontStep:
    """Where the vehicle can be at one moment.

    Attributes:
        minutes: minutes after now.
        junctions: number of junctions it can have reached.
        sections: number of sections it can have entered.
        road_km: length of road it can be on, in kilometres.
        farthest_km: distance as the crow flies from the nearest source to the farthest junction.
        farthest: road and territory at that junction.
        farthest_junction: its number; None where the vehicle is not yet under way.
        exits: number of exits it can have reached.
    """

    minutes: float
    junctions: int
    sections: int
    road_km: float
    farthest_km: float
    farthest: str
    farthest_junction: int | None
    exits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The answer to "where can it be by then?".

    Attributes:
        steps: one for each moment asked for, in order.
        exits: name, kind, number and earliest arrival in seconds after now of each exit that can
            be reached, earliest first.
        search: the arrivals behind it.
    """

    steps: tuple[FrontStep, ...]
    exits: tuple[tuple[str, str, int, float], ...]
    search: Search


def search_front(problem: SealingProblem) -> Search:
    """Search the earliest arrival of the vehicle everywhere, no road closed."""
    network = problem.network
    graph = drive_graph(network, problem.vehicle)
    forward_s, backward_s = _section_times(graph)
    nodes: list[int] = []
    times: list[float] = []
    starts: list[tuple[int, float, float]] = []
    for source in problem.sources:
        if source.junction is not None:
            nodes.append(int(graph.nodes_of(source.junction)[0]))
            times.append(source.time_s)
        elif source.section is not None:
            i, part = source.section, source.fraction
            starts.append((i, part * float(network.section_length_m[i]), source.time_s))
            ends = (
                (int(network.section_head[i]), (1 - part) * forward_s[i]),
                (int(network.section_tail[i]), part * backward_s[i]),
            )
            for junction, drive_s in ends:
                if np.isfinite(drive_s):
                    nodes.append(_node_entered(graph, i, junction))
                    times.append(source.time_s + float(drive_s))
    found = ArrivalSearch(graph.first_out, graph.head, graph.time_s).run(nodes, times)
    arrival_s = np.full(network.junctions, np.inf)
    np.minimum.at(arrival_s, graph.junction, found.arrival_s)
    return Search(
        arrival_s=arrival_s,
        forward_s=forward_s,
        backward_s=backward_s,
        starts=tuple(starts),
    )


def _node_entered(graph: DriveGraph, section: int, junction: int) -> int:
    """The node in which a vehicle stands that has come over a section to a junction."""
    nodes = graph.nodes_of(junction)
    if nodes.shape[0] > 1:
        over = np.flatnonzero(graph.section == section)
        for arc in over:
            if graph.junction[graph.head[arc]] == junction:
                return int(graph.head[arc])
    return int(nodes[0])


def _section_times(graph: DriveGraph) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Driving time of each section in both directions."""
    sections = graph.network.sections
    forward_s, backward_s = np.full(sections, np.inf), np.full(sections, np.inf)
    ahead = graph.forward
    np.minimum.at(forward_s, graph.section[ahead], graph.time_s[ahead])
    np.minimum.at(backward_s, graph.section[~ahead], graph.time_s[~ahead])
    return forward_s, backward_s


def exit_arrivals(search: Search, problem: SealingProblem) -> NDArray[np.float64]:
    """Earliest time at which each exit is reached, float64[x], infinite for never."""
    network = problem.network
    tail_s = search.arrival_s[network.section_tail]
    head_s = search.arrival_s[network.section_head]
    driven_s = np.minimum(tail_s + search.forward_s, head_s + search.backward_s)
    return np.array(
        [
            search.arrival_s[one.index] if one.kind == SiteKind.JUNCTION else driven_s[one.index]
            for one in problem.exits
        ]
    )


def make_front(problem: SealingProblem, minutes: Sequence[float]) -> Front:
    """Say where the vehicle can be after each of some minutes after now."""
    search = search_front(problem)
    at_s = exit_arrivals(search, problem)
    reached = [int(i) for i in np.argsort(at_s, kind="stable") if np.isfinite(at_s[i])]
    crow_m = _crow_distance_m(problem)
    return Front(
        steps=tuple(_step(problem, search, at_s, crow_m, step) for step in minutes),
        exits=tuple(
            (
                problem.exits[i].name,
                str(problem.exits[i].kind),
                problem.exits[i].index,
                float(at_s[i]),
            )
            for i in reached
        ),
        search=search,
    )


def _step(
    problem: SealingProblem,
    search: Search,
    exit_s: NDArray[np.float64],
    crow_m: NDArray[np.float64],
    minutes: float,
) -> FrontStep:
    network, by_s = problem.network, minutes * 60.0
    covered = covered_part(network, search, by_s)
    reached = np.flatnonzero(search.arrival_s <= by_s)
    far, farthest_km, farthest = None, 0.0, "not yet under way"
    if reached.size:
        far = int(reached[np.argmax(np.nan_to_num(crow_m[reached]))])
        farthest_km, farthest = float(crow_m[far]) / 1000, junction_label(network, far)
    return FrontStep(
        minutes=minutes,
        junctions=int(reached.size),
        sections=int(np.count_nonzero(covered)),
        road_km=float((covered * network.section_length_m).sum()) / 1000,
        farthest_km=farthest_km,
        farthest=farthest,
        farthest_junction=far,
        exits=int(np.count_nonzero(exit_s <= by_s)),
    )


def covered_part(network: RoadNetwork, search: Search, by_s: float) -> NDArray[np.float64]:
    """Part of each section on which the vehicle can be by a moment, float64[s], 0 to 1."""
    parts: list[NDArray[np.float64]] = []
    for ends, time_s in (
        (network.section_tail, search.forward_s),
        (network.section_head, search.backward_s),
    ):
        left_s = np.maximum(by_s - search.arrival_s[ends], 0.0)
        parts.append(np.clip(left_s / time_s, 0.0, 1.0))
    covered: NDArray[np.float64] = np.minimum(parts[0] + parts[1], 1.0)
    # A source in the middle of a section spreads from there; its reach and that of the ends
    # overlap only once an end was reached and the vehicle has turned, which the maximum allows for.
    for section, offset_m, start_s in search.starts:
        length_m = float(network.section_length_m[section])
        if by_s >= start_s:
            left, right = (
                (by_s - start_s) / float(drive_s[section]) if drive_s[section] < np.inf else 0.0
                for drive_s in (search.backward_s, search.forward_s)
            )
            spread = min(left, offset_m / length_m) + min(right, 1 - offset_m / length_m)
            covered[section] = max(float(covered[section]), spread)
    return covered


def _crow_distance_m(problem: SealingProblem) -> NDArray[np.float64]:
    """Distance of each junction from the nearest source, float64[n]; 0 without coordinates."""
    network = problem.network
    nearest = np.full(network.junctions, np.inf)
    near = {
        source.junction
        if source.junction is not None
        else int(network.section_tail[source.section])
        for source in problem.sources
        if source.junction is not None or source.section is not None
    }
    for junction in near:
        lon, lat = network.junction_lon[junction], network.junction_lat[junction]
        away = distance_m(network.junction_lon, network.junction_lat, lon, lat)
        nearest = np.fmin(nearest, away)
    return np.where(np.isfinite(nearest), nearest, 0.0)


def junction_label(network: RoadNetwork, junction: int) -> str:
    """Name of a junction for people: its widest road that has a name, and its territory."""
    first, last = int(network.first_out[junction]), int(network.first_out[junction + 1])
    around = sorted(
        network.arc_section[first:last].tolist(), key=lambda s: network.section_class[s]
    )
    names = [network.name_of(section) for section in around if network.name_of(section)]
    territory = int(network.junction_territory[junction])
    place = f", {network.territories[territory]}" if territory >= 0 else ""
    return f"{names[0] if names else junction_id(network, junction)}{place}"
