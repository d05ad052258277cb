"""Small random sealing problems, each from one seed; and tools to take a failing one apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.forces.unit import Unit
from stopline.network.builder import RawRoads, build_network
from stopline.network.drive_graph import Vehicle
from stopline.network.road_network import NO_TERRITORY, ROAD_CLASSES
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit, Rules, SealingProblem, SiteList, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.random import Generator

    from stopline.network.road_network import RoadNetwork

TERRITORIES = ("Northland", "Southland")
SIDES = ("north", "south")
LONG_AGO_S = 310.0  # some units begin before the vehicle, none before "now"
Roads = list[tuple[int, int]]


def random_problem(seed: int) -> SealingProblem:
    """Make a problem that a brute force can solve; sealed and impossible are about as frequent."""
    rng = np.random.default_rng([seed, 20240607])
    turns = rng.random() < 0.2
    network = _network(rng, turn_bans=turns)
    vehicle = _vehicle(rng, obeys_turn_bans=turns)
    sources = _sources(rng, network)
    return SealingProblem(
        network=network,
        vehicle=vehicle,
        sources=sources,
        exits=_exits(rng, network, sources),
        sites=_sites(rng, network, may_be_junctions=not turns),
        rules=Rules(
            margin_s=float(rng.choice([0.0, rng.uniform(0, 30)])),
            enough_margin_s=float(rng.uniform(40, 200)),
            objective=("units",),
            units_obey_one_way=bool(rng.random() < 0.7),
            units_cross_borders=bool(rng.random() < 0.25),
        ),
        **_forces(rng, network),
    )


def _network(rng: Generator, *, turn_bans: bool) -> RoadNetwork:
    n = int(rng.integers(5, 15))
    x, y = rng.random(n), rng.random(n)
    roads = _corridor(rng, n) if rng.random() < 0.3 else _web(rng, x, y)
    roads += _oddities(rng, roads, n)
    tail, head = np.array(roads).T
    s = len(roads)
    turned = rng.random(s) < 0.5
    tail, head = np.where(turned, head, tail), np.where(turned, tail, head)
    split = rng.uniform(0.3, 0.7) if rng.random() < 0.6 else 2.0
    territory = np.where(y < split, 0, 1)
    territory[rng.random(n) < 0.1] = NO_TERRITORY
    bans = _turn_bans(rng, tail, head) if turn_bans else []
    direction = rng.choice(3, size=s, p=(0.7, 0.15, 0.15))
    return build_network(
        RawRoads(
            junction_lon=9 + x / 10,
            junction_lat=47 + y / 10,
            section_tail=tail,
            section_head=head,
            section_length_m=rng.uniform(100, 1500, s),
            section_speed_mps=rng.uniform(8, 30, s),
            section_class=rng.integers(len(ROAD_CLASSES), size=s),
            section_direction=direction,
            junction_territory=territory,
            turn_from=[a for a, _, _ in bans],
            turn_via=[v for _, v, _ in bans],
            turn_to=[b for _, _, b in bans],
            territories=TERRITORIES,
            source="random",
        )
    )


def _web(rng: Generator, x: np.ndarray, y: np.ndarray) -> Roads:
    """Join each junction with an earlier one near it, but seldom none; then add some more."""
    roads: Roads = []
    for junction in range(1, len(x)):
        near = np.argsort((x[:junction] - x[junction]) ** 2 + (y[:junction] - y[junction]) ** 2)
        if rng.random() < 0.95:
            roads.append((junction, int(near[min(len(near) - 1, int(rng.geometric(0.6)) - 1)])))
    for _ in range(int(rng.integers(0, len(x) // 2 + 4))):
        a, b = rng.choice(len(x), 2, replace=False)
        roads.append((int(a), int(b)))
    return roads or [(0, 1)]


def _corridor(rng: Generator, n: int) -> Roads:
    """A ladder: where the far end is late, and roads lead back to it."""
    roads = [(j, j + 1) for j in range(n - 1)]
    roads += [(j, j + 2) for j in range(n - 2) if rng.random() < 0.5]
    return roads


def _oddities(rng: Generator, roads: Roads, n: int) -> Roads:
    """Some second roads between the same junctions, and loops."""
    odd: Roads = [roads[int(rng.integers(len(roads)))] for _ in range(int(rng.integers(0, 3)))]
    if rng.random() < 0.2:
        junction = int(rng.integers(n))
        odd.append((junction, junction))
    return odd


def _turn_bans(rng: Generator, tail: np.ndarray, head: np.ndarray) -> list[tuple[int, int, int]]:
    turns = [
        (a, via, b)
        for a in range(len(tail))
        for via in {int(tail[a]), int(head[a])}
        for b in np.flatnonzero((tail == via) | (head == via)).tolist()
    ]
    return [turn for turn in turns if rng.random() < 0.25]


def _vehicle(rng: Generator, *, obeys_turn_bans: bool) -> Vehicle:
    by_class = {name: float(rng.uniform(5, 40)) for name in ROAD_CLASSES if rng.random() < 0.2}
    low, high = rng.random(2) < 0.2
    return Vehicle(
        speed_factor=float(rng.uniform(0.7, 1.6)),
        obeys_one_way=bool(rng.random() < 0.35),
        obeys_turn_bans=obeys_turn_bans,
        min_speed_mps=float(rng.uniform(5, 12)) if low else 0.0,
        max_speed_mps=float(rng.uniform(20, 30)) if high else float("inf"),
        class_speed_mps=by_class if rng.random() < 0.2 else None,
    )


def _sources(rng: Generator, network: RoadNetwork) -> tuple[Source, ...]:
    """One to three, near each other or anywhere."""
    starts = int(rng.choice((1, 2, 3), p=(0.6, 0.25, 0.15)))
    near = _distances(network, [int(rng.integers(network.junctions))])
    sources = []
    for number in range(starts):
        time_s = float(LONG_AGO_S + rng.uniform(-60, 40))
        junction = int(rng.choice(np.flatnonzero(near <= 1 + 9 * (rng.random() < 0.3))))
        around = np.flatnonzero(
            (network.section_tail == junction) | (network.section_head == junction)
        )
        if rng.random() < 0.5 or not around.size:
            sources.append(Source(name=f"source {number}", time_s=time_s, junction=junction))
            continue
        fraction = float(rng.choice((0.0, 1.0, *rng.random(6))))
        section = int(rng.choice(around))
        sources.append(
            Source(name=f"source {number}", time_s=time_s, section=section, fraction=fraction)
        )
    return tuple(sources)


def _exits(rng: Generator, network: RoadNetwork, sources: tuple[Source, ...]) -> tuple[Exit, ...]:
    """One to five, mostly far away, none of them where a source is."""
    tail, head = network.section_tail, network.section_head
    starts = [int(s.junction if s.section is None else tail[s.section]) for s in sources]
    far = _distances(network, starts)
    taken: set[tuple[SiteKind, int]] = set()
    for _ in range(int(rng.choice((1, 2, 3, 4, 7), p=(0.3, 0.3, 0.2, 0.1, 0.1)))):
        least = int(rng.choice((0, 2, 3, 4)))
        kind = SiteKind.SECTION if rng.random() < 0.5 else SiteKind.JUNCTION
        there = far if kind is SiteKind.JUNCTION else np.minimum(far[tail], far[head])
        least = min(least, int(there.max()))
        taken.add((kind, int(rng.choice(np.flatnonzero(there >= least)))))
    for source in sources:
        taken.discard((SiteKind.JUNCTION, -1 if source.junction is None else source.junction))
        taken.discard((SiteKind.SECTION, -1 if source.section is None else source.section))
    if not taken:
        allowed = [j for j in range(network.junctions) if j not in {s.junction for s in sources}]
        taken.add((SiteKind.JUNCTION, int(rng.choice(allowed))))
    return tuple(
        Exit(name=f"exit {n}", kind=k, index=i, weight=float(rng.choice((1.0, 1.5, 2.25, 4.0))))
        for n, (k, i) in enumerate(sorted(taken))
    )


def _distances(network: RoadNetwork, starts: list[int]) -> np.ndarray:
    """Number of sections to drive to each junction, 99 where no road leads."""
    far = np.full(network.junctions, 99)
    far[starts] = 0
    for _ in range(network.junctions):
        for a, b in zip(network.section_tail, network.section_head, strict=True):
            far[a], far[b] = min(far[a], far[b] + 1), min(far[b], far[a] + 1)
    return far


def _sites(rng: Generator, network: RoadNetwork, *, may_be_junctions: bool) -> SiteList:
    kind = rng.integers(4) if may_be_junctions else rng.integers(2)
    sections = np.arange(network.sections)
    junctions = np.arange(network.junctions)
    if kind == 1:
        sections = sections[rng.random(network.sections) < 0.6]
    if kind == 2:
        sections = sections[:0]
    if kind == 3:
        sections = sections[rng.random(network.sections) < 0.5]
        junctions = junctions[rng.random(network.junctions) < 0.5]
    if kind < 2:
        junctions = junctions[:0]
    index = np.concatenate((sections, junctions)).astype(np.int32)
    is_junction = np.arange(len(index)) >= len(sections)
    order = rng.permutation(len(index)) if kind == 3 else np.arange(len(index))
    c = len(index)
    return SiteList(
        is_junction=is_junction[order],
        index=index[order],
        need=rng.choice((1, 2, 3), size=c, p=((0.7, 0.2, 0.1), (1, 0, 0))[rng.integers(2)]).astype(
            np.int32
        ),
        setup_s=rng.uniform(0, 25, c) if rng.random() < 0.7 else np.zeros(c),
        disturbance=rng.uniform(0, 10, c),
    )


def _forces(rng: Generator, network: RoadNetwork) -> dict[str, tuple]:
    units, places = [], []
    first = rng.choice((-300.0, -180.0, -80.0, 0.0), p=(0.15, 0.3, 0.35, 0.2))
    strong = rng.random() < 0.5
    for number in range(int(rng.choice(7, p=(0.02, 0.04, 0.07, 0.12, 0.2, 0.25, 0.3)))):
        side = int(rng.integers(2))
        both = rng.random() < 0.35
        section, fraction = int(rng.integers(network.sections)), float(rng.random())
        line = network.geometry(section)
        lon, lat = line[0] + fraction * (line[-1] - line[0])
        units.append(
            Unit(
                id=f"{SIDES[side]} {number}",
                side=SIDES[side],
                agency="police",
                lon=float(lon),
                lat=float(lat),
                ready_s=float(LONG_AGO_S + first + rng.uniform(0, 250)),
                speed_factor=float(rng.choice((0.6, 1.2, 3.0)) * rng.uniform(0.8, 1.2)),
                strength=int(rng.choice((1, 2, 3), p=(0.5, 0.3, 0.2))) if strong else 1,
                may_act_in=frozenset(TERRITORIES if both else (TERRITORIES[side],)),
            )
        )
        places.append((section, fraction))
    return {"units": tuple(units), "unit_places": tuple(places)}


# Tools to take a failing problem apart.


def without_units(problem: SealingProblem, dropped: Sequence[int]) -> SealingProblem:
    assert problem.unit_places is not None
    kept = [number for number in range(len(problem.units)) if number not in dropped]
    return replace(
        problem,
        units=tuple(problem.units[number] for number in kept),
        unit_places=tuple(problem.unit_places[number] for number in kept),
    )


def with_sites(problem: SealingProblem, kept: Sequence[int]) -> SealingProblem:
    sites = problem.sites
    at = np.array(kept, dtype=np.int64)
    return replace(
        problem,
        sites=SiteList(
            is_junction=sites.is_junction[at],
            index=sites.index[at],
            need=sites.need[at],
            setup_s=sites.setup_s[at],
            disturbance=sites.disturbance[at],
        ),
    )


def with_roads(network: RoadNetwork, **changes: object) -> RoadNetwork:
    """Build the network anew with other section arrays; junctions keep their numbers."""
    given = {
        "junction_lon": network.junction_lon,
        "junction_lat": network.junction_lat,
        "junction_territory": network.junction_territory,
        "section_tail": network.section_tail,
        "section_head": network.section_head,
        "section_length_m": network.section_length_m,
        "section_speed_mps": network.section_speed_mps,
        "section_class": network.section_class,
        "section_direction": network.section_direction,
        "turn_from": network.turn_from,
        "turn_via": network.turn_via,
        "turn_to": network.turn_to,
        "territories": network.territories,
        "source": network.source,
    }
    return build_network(RawRoads(**{**given, **changes}), reorder=False)


def without_section(problem: SealingProblem, section: int) -> SealingProblem | None:
    """Remove a section, and what stands on it; None if a unit or the only source does."""
    network = problem.network
    assert problem.unit_places is not None
    if any(place == section for place, _ in problem.unit_places):
        return None
    keep = np.arange(network.sections) != section
    number = np.cumsum(keep) - 1
    sites = problem.sites
    here = ~sites.is_junction & (sites.index == section)
    smaller = with_sites(problem, np.flatnonzero(~here).tolist())
    moved = np.where(
        smaller.sites.is_junction,
        smaller.sites.index,
        number[np.minimum(smaller.sites.index, network.sections - 1)],
    )
    bans = (network.turn_from != section) & (network.turn_to != section)
    parts = ("tail", "head", "length_m", "speed_mps", "class", "direction")
    per_section = {f"section_{p}": getattr(network, f"section_{p}")[keep] for p in parts}
    sources = tuple(
        s if s.section is None else replace(s, section=int(number[s.section]))
        for s in problem.sources
        if s.section != section
    )
    exits = tuple(
        e if e.kind is SiteKind.JUNCTION else replace(e, index=int(number[e.index]))
        for e in problem.exits
        if e.kind is SiteKind.JUNCTION or e.index != section
    )
    if not sources or not exits or not keep.any():
        return None
    return replace(
        smaller,
        network=with_roads(
            network,
            **per_section,
            turn_from=number[network.turn_from[bans]],
            turn_via=network.turn_via[bans],
            turn_to=number[network.turn_to[bans]],
        ),
        sources=sources,
        exits=exits,
        sites=replace(smaller.sites, index=moved.astype(np.int32)),
        unit_places=tuple((int(number[place]), at) for place, at in problem.unit_places),
    )


def reduced(problem: SealingProblem, fails: Callable[[SealingProblem], bool]) -> SealingProblem:
    """Leave out whatever can be left out while the problem still fails."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _simpler(problem):
            if fails(candidate):
                problem, smaller = candidate, True
                break
    return problem


def _simpler(  # noqa: C901, PLR0912  (a list of single changes)
    problem: SealingProblem,
) -> Iterator[SealingProblem]:
    for number in range(len(problem.units)):
        yield without_units(problem, [number])
    if len(problem.exits) > 1:
        for gone in problem.exits:
            yield replace(problem, exits=tuple(e for e in problem.exits if e is not gone))
    if len(problem.sources) > 1:
        for lost in problem.sources:
            yield replace(problem, sources=tuple(s for s in problem.sources if s is not lost))
    for section in range(problem.network.sections):
        cut = without_section(problem, section)
        if cut is not None:
            yield cut
    for site in range(problem.sites.count):
        yield with_sites(problem, [s for s in range(problem.sites.count) if s != site])
    network = problem.network
    for ban in range(len(network.turn_via)):
        kept = np.arange(len(network.turn_via)) != ban
        yield replace(
            problem,
            network=with_roads(
                network,
                turn_from=network.turn_from[kept],
                turn_via=network.turn_via[kept],
                turn_to=network.turn_to[kept],
            ),
        )
    if network.section_direction.any():
        yield replace(
            problem,
            network=with_roads(network, section_direction=np.zeros(network.sections, np.uint8)),
        )
    if (problem.sites.need > 1).any():
        yield replace(problem, sites=replace(problem.sites, need=np.ones_like(problem.sites.need)))
    if problem.sites.setup_s.any():
        yield replace(
            problem, sites=replace(problem.sites, setup_s=np.zeros_like(problem.sites.setup_s))
        )
    if problem.rules.margin_s:
        yield replace(problem, rules=replace(problem.rules, margin_s=0.0))


def described(problem: SealingProblem) -> str:
    """Write a problem so that a person can follow it."""
    network = problem.network
    lines = [f"vehicle: {problem.vehicle}", f"rules: {problem.rules}"]
    lines += [f"source: {source}" for source in problem.sources]
    lines += [f"exit: {e.name!r} {e.kind} {e.index} weight {e.weight}" for e in problem.exits]
    for j in range(network.junctions):
        of = network.junction_territory[j]
        lines.append(f"junction {j}: {network.territories[of] if of >= 0 else 'no territory'}")
    lines += [
        f"section {i}: {network.section_tail[i]} -> {network.section_head[i]}, "
        f"{network.section_length_m[i]:.3f} m, {network.section_speed_mps[i]:.3f} m/s, "
        f"{network.class_of(i)}, direction {network.section_direction[i]}"
        for i in range(network.sections)
    ]
    turns = zip(network.turn_from, network.turn_via, network.turn_to, strict=True)
    lines += [f"no turn from section {a} over junction {v} into section {b}" for a, v, b in turns]
    sites = problem.sites
    lines += [
        f"site {c}: {'junction' if sites.is_junction[c] else 'section'} {sites.index[c]}, "
        f"need {sites.need[c]}, set-up {sites.setup_s[c]:.3f} s, "
        f"disturbance {sites.disturbance[c]:.3f}"
        for c in range(sites.count)
    ]
    for unit, place in zip(problem.units, problem.unit_places or (), strict=True):
        lines.append(
            f"unit {unit.id!r}: on section {place[0]} at {place[1]:.3f}, ready {unit.ready_s:.3f} "
            f"s, factor {unit.speed_factor:.3f}, strength {unit.strength}, may act in "
            f"{sorted(unit.may_act_in)}"
        )
    return "\n".join(lines)
