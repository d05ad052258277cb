"""A small border country with a plan made by hand, to test what reads, writes and draws plans."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.forces.unit import Unit
from stopline.network.builder import RawRoads, build_network
from stopline.network.drive_graph import Vehicle
from stopline.network.road_network import ROAD_CLASSES
from stopline.sealing.plan import (
    Holder,
    Plan,
    ProofStep,
    Route,
    Seal,
    SiteKind,
    Verdict,
)
from stopline.sealing.problem import Exit, SealingProblem, Source, all_sections

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork

NOW_UTC_S = 1_781_292_600.0  # 2026-06-12T19:30:00Z


def toy_network(columns: int = 8, rows: int = 6) -> RoadNetwork:
    """Make a grid of roads 700 m apart; the western half is Westland, the eastern Eastland."""
    number = np.arange(columns * rows).reshape(rows, columns)
    across = np.column_stack((number[:, :-1].ravel(), number[:, 1:].ravel()))
    along = np.column_stack((number[:-1].ravel(), number[1:].ravel()))
    ends = np.concatenate((across, along))
    x, y = np.tile(np.arange(columns), rows), np.repeat(np.arange(rows), columns)
    classes = np.full(ends.shape[0], ROAD_CLASSES.index("tertiary"))
    classes[(y[ends] == rows // 2).all(axis=1)] = ROAD_CLASSES.index("trunk")
    classes[: columns - 1] = ROAD_CLASSES.index("motorway")
    return build_network(
        RawRoads(
            junction_lon=9.50 + x * 0.0092 + np.sin(y) * 0.001,
            junction_lat=47.10 + y * 0.0063 + np.cos(x) * 0.0007,
            section_tail=ends[:, 0],
            section_head=ends[:, 1],
            section_length_m=np.full(ends.shape[0], 700.0),
            section_class=classes,
            section_name=np.arange(ends.shape[0]) % 4,
            section_id=1000 + np.arange(ends.shape[0]),
            junction_territory=(x >= columns // 2).astype(np.int16),
            names=("", "Landstrasse", "Rheinweg", "Churer Strasse"),
            territories=("Westland", "Eastland"),
            attribution="© OpenStreetMap contributors, ODbL",
            source="toy.osm",
            digest="ab" * 32,
        ),
        reorder=False,
    )


def toy_problem(units: int = 6, *, network: RoadNetwork | None = None) -> SealingProblem:
    """Make a problem on the toy network: one source in the middle, exits at the corners."""
    roads = toy_network() if network is None else network
    middle = roads.junctions // 2 - 4
    sides = ("W", "E")
    posts = np.linspace(1, roads.junctions - 2, units).astype(int)
    return SealingProblem(
        network=roads,
        vehicle=Vehicle(),
        sources=(Source(name="Arena", time_s=-60.0, junction=middle),),
        exits=(
            Exit(name="North gate", kind=SiteKind.JUNCTION, index=roads.junctions - 1),
            Exit(name="South gate", kind=SiteKind.SECTION, index=0, weight=2.0),
        ),
        sites=all_sections(roads, need={"motorway": 2}, setup_s={"motorway": 120.0}),
        units=tuple(
            Unit(
                id=f"{sides[i % 2]}-{i + 1}",
                side=sides[i % 2],
                agency="police",
                lon=float(roads.junction_lon[post]),
                lat=float(roads.junction_lat[post]),
                ready_s=30.0 * i,
                may_act_in=frozenset({"Westland" if i % 2 == 0 else "Eastland"}),
            )
            for i, post in enumerate(posts)
        ),
        now_utc_s=NOW_UTC_S,
    )


def toy_plan(problem: SealingProblem, verdict: Verdict = Verdict.SEALED) -> Plan:
    """Make a plan in which each unit holds one section; the times are made up."""
    network = problem.network
    step = max(network.sections // max(len(problem.units), 1), 1)
    seals = tuple(
        Seal(
            site=problem.site(i * step),
            holders=(
                Holder(
                    unit=unit.id,
                    side=unit.side,
                    agency=unit.agency,
                    ready_s=unit.ready_s + 240.0 + 10 * i,
                    order_by_s=150.0 + i,
                    drive_s=180.0 + 10 * i,
                    setup_s=60.0,
                ),
            ),
            closed_at_s=unit.ready_s + 240.0 + 10 * i,
            unhindered_s=unit.ready_s + 300.0 + 20 * i,
            arrival_s=math.inf if i == 1 else unit.ready_s + 360.0 + 20 * i,
            margin_s=math.inf if i == 1 else 120.0 + 10 * i,
            why="Without it the vehicle reaches North gate.",
            witness=toy_route(network) if i == 0 else None,
        )
        for i, unit in enumerate(problem.units)
    )
    whole = verdict == Verdict.SEALED
    plan = Plan(
        verdict=verdict,
        proven=verdict != Verdict.LEAKING,
        sentence=f"{verdict.capitalize()}: {len(seals)} seals by {len(seals)} units.",
        now_utc_s=problem.now_utc_s,
        required_margin_s=problem.rules.margin_s,
        seals=seals,
        units_used=len(seals),
        lower_bound=len(seals),
        margin_s=120.0,
        objective=problem.rules.objective,
        choice="seal" if whole else "cover",
        sealed_exits=("North gate", "South gate") if whole else ("South gate",),
        open_exits=() if whole else ("North gate",),
        seconds={"where": 0.01, "who": 0.002},
        lineage={"scenario": "toy.yaml", "units": len(problem.units)},
    )
    if whole:
        return plan
    route = toy_route(network)
    missing = "One more unit within 4 minutes of Landstrasse."
    if verdict == Verdict.LEAKING:
        return replace(plan, open_routes=(route,), missing=missing)
    steps = (
        ProofStep(route=route, stoppable_by=(), reason="No unit reaches it in time."),
        ProofStep(route=route, stoppable_by=((problem.units[0].id, 0),), reason="Only one can."),
    )
    sites = (problem.site(route.sections[0]),)
    return replace(plan, open_routes=(route,), missing=missing, proof=steps, proof_sites=sites)


def toy_route(network: RoadNetwork) -> Route:
    """Drive from the source along one row of the grid and then north to the last junction."""
    here, last = network.junctions // 2 - 4, network.junctions - 1
    junctions, sections = [here], []
    while here != last:
        first, end = int(network.first_out[here]), int(network.first_out[here + 1])
        arc = first + int(np.argmax(network.arc_head[first:end]))
        sections.append(int(network.arc_section[arc]))
        here = int(network.arc_head[arc])
        junctions.append(here)
    return Route(
        junctions=tuple(junctions),
        sections=tuple(sections),
        enter_s=tuple(40.0 * i - 60.0 for i in range(len(sections))),
        arrival_s=40.0 * len(sections) - 60.0,
        source="Arena",
        exit="North gate",
    )
