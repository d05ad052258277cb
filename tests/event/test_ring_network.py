"""The ring on road networks: within T seconds, random escapes, junctions as sites, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.event.ring import bound_of, fewest_cameras, solve_ring
from stopline.event.ring_network import SitePrices, arrivals_from, directions, ring_network
from stopline.network.builder import RawRoads, build_network
from stopline.network.drive_graph import Vehicle, section_times

if TYPE_CHECKING:
    from stopline.event.ring_network import RingNetwork
    from stopline.network.road_network import RoadNetwork

WORST = Vehicle(speed_factor=1.3)


def grid(seed: int, side: int = 9) -> RoadNetwork:
    """Streets in a square with gaps, loops, double streets and one-way signs."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    tail = np.concatenate((number[:, :-1].ravel(), number[:-1].ravel()))
    head = np.concatenate((number[:, 1:].ravel(), number[1:].ravel()))
    kept = rng.random(tail.size) > 0.12
    extra = rng.integers(0, side * side, (2, 6))
    tail = np.concatenate((tail[kept], extra[0]))
    head = np.concatenate((head[kept], extra[1]))
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    return build_network(
        RawRoads(
            junction_lon=9.0 + x.ravel() * 0.002,
            junction_lat=47.0 + y.ravel() * 0.0015,
            section_tail=tail,
            section_head=head,
            section_length_m=rng.uniform(60, 400, tail.size),
            section_direction=rng.choice([0, 0, 0, 1, 2], tail.size),
        ),
        reorder=False,
    )


def prices_of(network: RoadNetwork, seed: int = 0) -> SitePrices:
    rng = np.random.default_rng(seed)
    return SitePrices(
        price=rng.integers(1, 6, network.sections).astype(np.int64),
        most=np.where(rng.random(network.sections) < 0.1, 0, 1).astype(np.int64),
    )


def cost(made: RingNetwork) -> float:
    ring = solve_ring(made.problem)
    return ring.cost if ring.exists else np.inf


def test_a_longer_time_never_costs_more() -> None:
    rings = 0
    for seed in range(60):
        network = grid(seed)
        venue = np.array([40, 41], dtype=np.int32)
        last = np.inf
        for within_s in (8.0, 15.0, 25.0, 40.0, 60.0):
            made = ring_network(
                network, WORST, venue, prices_of(network, seed), layers=1 + seed % 3,
                within_s=within_s,
            )  # fmt: skip
            now = cost(made)
            assert now <= last, (seed, within_s)
            last = now
        rings += bool(np.isfinite(last))
    assert rings > 40


def test_random_escapes_from_the_venue_all_meet_a_camera_within_the_time() -> None:
    met = 0
    for seed in range(45):
        network = grid(seed)
        venue = np.array([40], dtype=np.int32)
        within_s = 30.0
        prices = prices_of(network, seed)
        made = ring_network(network, WORST, venue, prices, layers=1, within_s=within_s)
        ring = solve_ring(made.problem)
        if not ring.exists:
            continue
        spots = [
            (int(made.section[e]), float(made.begin[e] + made.end[e]) / 2)
            for e in np.flatnonzero(ring.cameras)
        ]
        arrival_s = arrivals_from(network, WORST, venue)
        rng = np.random.default_rng(seed)
        for _ in range(40):
            met += escape(network, spots, arrival_s, within_s, rng)
    assert met >= 1000  # each escape that got so far met a camera: `escape` asserts it


def escape(network, spots, arrival_s, within_s, rng) -> int:  # noqa: ANN001
    """Drive at random, never slower than can be, until a point is T seconds off or 400 s pass."""
    time_s = section_times(network, WORST)
    node, clock, seen_s = 40, 0.0, []
    while clock < 400:
        arcs = np.arange(network.first_out[node], network.first_out[node + 1])
        if not arcs.size:
            return 0
        arc = int(rng.choice(arcs))
        section, forward = int(network.arc_section[arc]), bool(network.arc_forward[arc])
        there, whole_s = int(network.arc_head[arc]), float(time_s[section])
        seen_s += [
            clock + (part if forward else 1 - part) * whole_s for at, part in spots if at == section
        ]
        # The first point of this drive that is farther than T from the venue by any way.
        for step in np.linspace(0, 1, 21):
            off = min(arrival_s[node] + step * whole_s, arrival_s[there] + (1 - step) * whole_s)
            if off > within_s + 1e-6:
                assert any(when <= clock + step * whole_s for when in seen_s)
                return 1
        clock += whole_s
        node = there
    return 0


def test_ways_in_cost_the_same_as_ways_out_unless_signs_are_kept() -> None:
    differ = 0
    for seed in range(40):
        network = grid(seed)
        edge = [v for v in range(81) if v % 9 in (0, 8) or v // 9 in (0, 8)]
        venue = np.array([40], dtype=np.int32)
        for vehicle in (WORST, Vehicle(obeys_one_way=True)):
            out, back = (
                cost(
                    ring_network(
                        network,
                        vehicle,
                        venue,
                        prices_of(network),
                        layers=2,
                        exit_junctions=edge,
                        inward=inward,
                    )
                )
                for inward in (False, True)
            )
            if vehicle is WORST:
                assert out == back
            else:
                differ += out != back
    assert differ


def test_a_camera_at_a_junction_serves_all_its_roads_and_the_proof_still_meets_the_cost() -> None:
    used = 0
    for seed in range(80):
        network = grid(seed)
        edge = [v for v in range(81) if v % 9 in (0, 8) or v // 9 in (0, 8)]
        plain = prices_of(network, seed)
        rng = np.random.default_rng(seed)
        junction = np.arange(81, dtype=np.int32)[rng.random(81) < 0.7]
        prices = SitePrices(
            price=plain.price, most=plain.most, junction=junction,
            junction_price=rng.integers(1, 7, junction.size).astype(np.int64),
            junction_existing=np.zeros(junction.size, dtype=np.int64),
        )  # fmt: skip
        layers = 1 + seed % 3
        args = {"layers": layers, "exit_junctions": edge}
        venue = np.array([40, 31], dtype=np.int32)
        made = ring_network(network, WORST, venue, prices, **args)
        ring = solve_ring(made.problem)
        assert cost(made) <= cost(ring_network(network, WORST, venue, plain, **args))
        if not ring.exists:
            continue
        assert bound_of(made.problem, ring.routes) == ring.cost
        both = ring.cameras.copy()
        for section in np.unique(made.section[(ring.cameras > 0) & (made.section >= 0)]):
            mine = made.section == section
            assert (ring.cameras[mine] > 0).sum() == 1  # paid for in one direction only
            both[mine] = ring.cameras[mine].max()
        assert fewest_cameras(made.problem, both, layers)[1] is None
        used += int((ring.cameras[made.junction >= 0] > 0).sum())
    assert used > 20


def test_an_exit_section_counts_its_own_camera_from_either_end() -> None:
    network = build_network(
        RawRoads(
            junction_lon=[0.0, 1.0, 1.0], junction_lat=[0.0, 0.0, 1.0],
            section_tail=[0, 0, 1], section_head=[1, 2, 2], section_length_m=[100, 100, 100],
        ),
        reorder=False,
    )  # fmt: skip
    prices = SitePrices(
        price=np.array([3, 3, 4], dtype=np.int64), most=np.array([1, 1, 1], dtype=np.int64)
    )
    made = ring_network(
        network, WORST, np.array([0], dtype=np.int32), prices, layers=1, exit_sections=[2]
    )
    ring = solve_ring(made.problem)
    assert ring.cost == 4
    assert made.section[ring.cameras > 0].tolist() == [2]


def test_an_existing_camera_beyond_the_cut_does_not_count() -> None:
    network = build_network(
        RawRoads(
            junction_lon=[0.0, 1.0], junction_lat=[0.0, 0.0], section_tail=[0], section_head=[1],
            section_length_m=[1000.0], section_speed_mps=10.0,
        ),
        reorder=False,
    )  # fmt: skip
    venue, vehicle = np.array([0], dtype=np.int32), Vehicle(speed_factor=1.0)
    costs = []
    for part in (0.2, 0.8):
        prices = SitePrices(
            price=np.array([9], dtype=np.int64), most=np.array([1], dtype=np.int64),
            existing_section=np.array([0], dtype=np.int32), existing_part=np.array([part]),
        )  # fmt: skip
        costs.append(cost(ring_network(network, vehicle, venue, prices, layers=1, within_s=50.0)))
    assert costs == [0, 9]


def test_directions_follow_signs_only_for_who_keeps_them() -> None:
    network = grid(3)
    assert directions(network, WORST)[0].all()
    forward, backward = directions(network, Vehicle(obeys_one_way=True))
    assert (forward | backward).all()
    assert not forward.all()
