"""Exits that can be reached past what is really closed, against an enumeration of states."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sealing.claim.claim_cases import brute_force, random_case
from stopline.network.drive_graph import drive_graph
from stopline.sealing.claim.answer import ClaimSearch, Target, answer_claim
from stopline.sealing.claim.open_exits import open_exits, target_of_exits
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit

TINY = 1e-6


def exits_for(seed: int, junctions: int, sections: int, source: int | None) -> list[Exit]:
    """One to four exits under two or three names, at junctions and on sections."""
    rng = np.random.default_rng(seed + 77)
    away = [v for v in range(junctions) if v != source]
    found = []
    for number in range(int(rng.integers(1, 5))):
        name = "ABC"[number % 3]
        if rng.random() < 0.5:
            found.append(Exit(name=name, kind=SiteKind.JUNCTION, index=int(rng.choice(away))))
        else:
            index = int(rng.integers(sections))
            found.append(Exit(name=name, kind=SiteKind.SECTION, index=index))
    return found


@given(seed=st.integers(0, 10**9))
def test_the_earliest_way_out_is_that_of_an_enumeration(seed: int) -> None:
    network, vehicle, sources, _, closings, by_s = random_case(seed)
    exits = exits_for(seed, network.junctions, network.sections, sources[0].junction)
    found = open_exits(network, vehicle, sources, exits, closings)
    names = dict.fromkeys(one.name for one in exits)
    targets = [target_of_exits(exits, name) for name in names]
    anywhere = Target(
        name="any",
        junctions=frozenset[int]().union(*(one.junctions for one in targets)),
        sections=frozenset[int]().union(*(one.sections for one in targets)),
    )
    oracle_s = brute_force(network, vehicle, sources, anywhere, closings, by_s)
    assert bool(found) == math.isfinite(oracle_s)
    if found:
        assert abs(found[0].earliest_s - oracle_s) < TINY
    # Nothing is searched beyond an exit: no exit is reached earlier than if it were.
    for one in found:
        target = target_of_exits(exits, one.name)
        alone = answer_claim(network, vehicle, sources, target, closings, 1e9)
        assert one.earliest_s >= alone.earliest_s - TINY
    assert [one.earliest_s for one in found] == sorted(one.earliest_s for one in found)


@given(seed=st.integers(0, 10**9))
def test_each_way_is_a_drive_that_meets_no_closed_place(seed: int) -> None:
    network, vehicle, sources, _, closings, _ = random_case(seed)
    exits = exits_for(seed, network.junctions, network.sections, sources[0].junction)
    graph = drive_graph(network, vehicle)

    def is_shut(kind: str, index: int, at_s: float) -> bool:
        return any(
            c.kind == kind and c.index == index and c.from_s <= at_s < c.until_s for c in closings
        )

    for one in open_exits(network, vehicle, sources, exits, closings):
        target = target_of_exits(exits, one.name)
        for number, drive in enumerate(one.route):
            arcs = (graph.section == drive.section) & (graph.head == drive.to)
            assert arcs.any()
            assert drive.leave_s - drive.enter_s >= float(graph.time_s[arcs].min()) - TINY
            assert not is_shut("section", drive.section, drive.enter_s)
            if number:
                assert drive.enter_s >= one.route[number - 1].leave_s - TINY
        if one.route:
            last = one.route[-1]
            assert last.to in target.junctions or last.section in target.sections
            assert abs(last.leave_s - one.earliest_s) < TINY or last.to in target.junctions


def test_a_junction_behind_an_exit_road_is_searched_by_its_other_road() -> None:
    """Reached first through exit A, then by a free road: from there on to exit B."""
    from stopline.testing.toy_plan import toy_network  # noqa: PLC0415

    network = toy_network(3, 2)
    graph_vehicle = random_case(1)[1]
    graph = drive_graph(network, graph_vehicle)
    search = ClaimSearch(graph, Target(name="A", sections=frozenset({0})), [])
    source = random_case(1)[2][0].__class__(name="s", time_s=0.0, junction=0)
    arrival, _ = search.forward([source])
    assert len(arrival) == network.junctions
