"""Three plans on the border of the toy network, right by hand: sealed, leaking and impossible.

The vehicle leaves W5 at 0 s at the speed limit and reaches W4 at 200 s, W2 at 260 s (by Westring),
M at 450 s. Its ways out are the New Bridge (11), the Old Bridge (31) and the forest track (45).
A trunk road needs a strength of 2; setting up takes 60 s, the margin asked for is 30 s.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from stopline.forces.unit import Unit
from stopline.network.drive_graph import Vehicle
from stopline.sealing.plan import (
    Holder,
    Plan,
    ProofStep,
    Route,
    Seal,
    SiteKind,
    Verdict,
)
from stopline.sealing.plan_file.file import plan_to_dict
from stopline.sealing.plan_file.schema import PlanFile
from stopline.sealing.plan_file.writing import iso
from stopline.sealing.problem import Exit, Rules, SealingProblem, Source, all_sections
from stopline.testing.toy_network import junction_named, section_numbered, toy_network

NOW_UTC_S = datetime(2026, 6, 12, 19, 30, tzinfo=UTC).timestamp()
NETWORK = toy_network()
EXITS = {11: "New Bridge", 31: "Old Bridge", 45: "Track"}
ARRIVAL_S = {11: 260.0, 31: 200.0, 45: 450.0}


def section(number: int) -> int:
    """The section that the drawing of the toy network gives that number."""
    return section_numbered(NETWORK, number)


def junction(name: str) -> int:
    """The junction that the drawing calls so."""
    return junction_named(NETWORK, name)


def unit(name: str, side: str, on: int, fraction: float, ready_s: float = 0.0) -> Unit:
    """A police unit on a straight section, some of the way along."""
    (lon0, lat0), (lon1, lat1) = NETWORK.geometry(section(on))[[0, -1]]
    return Unit(
        id=name,
        side=side,
        agency="police",
        lon=float(lon0 + fraction * (lon1 - lon0)),
        lat=float(lat0 + fraction * (lat1 - lat0)),
        ready_s=ready_s,
        may_act_in=frozenset({side}),
    )


UNITS = {
    "A1": unit("A1", "West", 11, 0.25),  # stands on the New Bridge
    "A2": unit("A2", "West", 10, 0.5, ready_s=50.0),  # 30 s to W2
    "B": unit("B", "East", 43, 0.2),  # 20 s to E3
    "C": unit("C", "East", 34, 0.1),  # 11.3 s to E5
    "D": unit("D", "East", 23, 0.5),  # 56.7 s to E1 or E4
}
DRIVE_S = {"A1": 0.0, "A2": 30.0, "B": 20.0, "C": 11.4}  # C by a little more than it takes


def problem(units: str = "A1 A2 B C D") -> SealingProblem:
    """The problem for those units."""
    return SealingProblem(
        network=NETWORK,
        vehicle=Vehicle(speed_factor=1.0),
        sources=(Source(name="Valley", time_s=0.0, junction=junction("W5")),),
        exits=tuple(
            Exit(name=name, kind=SiteKind.SECTION, index=section(number))
            for number, name in EXITS.items()
        ),
        sites=all_sections(NETWORK, need={"trunk": 2}),
        units=tuple(UNITS[name] for name in units.split()),
        rules=Rules(margin_s=30.0),
        now_utc_s=NOW_UTC_S,
    )


def route(
    junctions: str, sections: tuple[int, ...], enter_s: tuple[float, ...], end_s: float
) -> Route:
    """A route from the source, with numbers and names of the drawing."""
    return Route(
        junctions=tuple(junction(name) for name in junctions.split()),
        sections=tuple(section(number) for number in sections),
        enter_s=enter_s,
        arrival_s=end_s,
        source="Valley",
        exit=EXITS[sections[-1]],
    )


ROUTES = {
    11: route("W5 W3 W1 W2 E1", (40, 20, 10, 11), (0.0, 100.0, 200.0, 260.0), 320.0),
    31: route("W5 W3 W4 E3", (40, 30, 31), (0.0, 100.0, 200.0), 300.0),
    45: route("W5 W3 W4 W7 M", (40, 30, 42, 44, 45), (0.0, 100.0, 200.0, 300.0, 450.0), 600.0),
}


def seal(made_for: SealingProblem, number: int, *holders: str) -> Seal:
    """The seal on that section by those units."""
    ready_s = {name: UNITS[name].ready_s + DRIVE_S[name] + 60.0 for name in holders}
    closed_at_s = max(ready_s.values())
    return Seal(
        site=made_for.site(section(number)),
        holders=tuple(
            Holder(
                unit=name,
                side=UNITS[name].side,
                agency="police",
                ready_s=ready_s[name],
                order_by_s=ARRIVAL_S[number] - 30.0 - DRIVE_S[name] - 60.0,
                drive_s=DRIVE_S[name],
                setup_s=60.0,
            )
            for name in holders
        ),
        closed_at_s=closed_at_s,
        unhindered_s=ARRIVAL_S[number],
        arrival_s=ARRIVAL_S[number],
        margin_s=ARRIVAL_S[number] - closed_at_s,
        witness=ROUTES[number],
    )


def content(verdict: str) -> dict[str, Any]:
    """The content of the plan file with that verdict."""
    made_for = problem("B D" if verdict == "impossible" else "A1 A2 B C D")
    sealed = {
        "sealed": {11: "A1 A2", 31: "B", 45: "C"},
        "leaking": {11: "A1 A2", 31: "B"},
        "impossible": {31: "B"},
    }[verdict]
    seals = tuple(seal(made_for, number, *names.split()) for number, names in sealed.items())
    left = [number for number in EXITS if number not in sealed]
    plan = Plan(
        verdict=Verdict(verdict),
        proven=True,
        sentence=f"{verdict}.",
        now_utc_s=NOW_UTC_S,
        required_margin_s=30.0,
        seals=seals,
        units_used=sum(len(one.holders) for one in seals),
        lower_bound=0,
        margin_s=min(one.margin_s for one in seals),
        objective=("units",),
        open_routes=tuple(ROUTES[number] for number in left),
        sealed_exits=tuple(EXITS[number] for number in sealed),
        open_exits=tuple(EXITS[number] for number in left),
    )
    document = plan_to_dict(plan, made_for)
    if verdict == "impossible":
        document = _with_proof(plan, made_for)
    return document


def _with_proof(plan: Plan, made_for: SealingProblem) -> dict[str, Any]:
    sites = (made_for.site(section(31)), made_for.site(section(45)))
    stoppable = {11: (), 31: (("B", 0),), 45: (("B", 1), ("D", 1))}
    proof = tuple(
        ProofStep(route=ROUTES[number], stoppable_by=stoppable[number], reason="")
        for number in EXITS
    )
    return plan_to_dict(replace(plan, proof=proof, proof_sites=sites), made_for)


def set_time(part: dict[str, Any], key: str, seconds: float) -> None:
    """Alter an instant as a careful forger does: both of its forms."""
    part[f"{key}_s"] = seconds
    part[key] = iso(NOW_UTC_S + seconds)


def unit_in(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The unit of that name in the content of a plan file."""
    found: dict[str, Any] = next(one for one in document["units"] if one["id"] == name)
    return found


def place_unit(document: dict[str, Any], name: str, at: str) -> None:
    """Move a unit to a junction of the drawing."""
    one = unit_in(document, name)
    one["lon"] = float(NETWORK.junction_lon[junction(at)])
    one["lat"] = float(NETWORK.junction_lat[junction(at)])


def form(document: dict[str, Any]) -> PlanFile:
    """Read the content of a plan file as far as its form goes, contradictions and all."""
    return PlanFile.model_validate_json(json.dumps(document))
