"""Alterations of right plans, each with what the checker must say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stopline.sealing.plan_file.writing import iso
from stopline.testing.border_plans import (
    NOW_UTC_S,
    junction,
    place_unit,
    problem,
    section,
    set_time,
    unit_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Alteration = Callable[[dict[str, Any]], object]


def site_on(number: int) -> dict[str, Any]:
    """What a careful forger writes for another section."""
    site = problem().site(section(number))
    return {
        "number": section(number),
        "kind": "section",
        "index": section(number),
        "original_id": number,
        "name": site.name,
        "road_class": site.road_class,
        "territories": list(site.territories),
        "need": site.need,
        "setup_s": 60.0,
        "lon": site.lon,
        "lat": site.lat,
    }


def without_seal(document: dict[str, Any], number: int) -> None:
    gone = document["seals"].pop(number)
    document["units_used"] -= len(gone["holders"])
    document["margin_s"] = min(seal["margin_s"] for seal in document["seals"])


def with_margin(seal: dict[str, Any], closed_at_s: float) -> None:
    set_time(seal, "closed_at", closed_at_s)
    seal["margin_s"] = seal["arrival_s"] - closed_at_s


def ready(holder: dict[str, Any], seconds: float) -> None:
    set_time(holder, "ready", seconds)


def swap_units(document: dict[str, Any]) -> None:
    first, second = document["seals"][1]["holders"][0], document["seals"][2]["holders"][0]
    first["unit"], second["unit"] = second["unit"], first["unit"]


def all_earlier(document: dict[str, Any], seal: int, seconds: float) -> None:
    """Move a unit's arrival and all that follows from it, consistently."""
    one = document["seals"][seal]
    holder = one["holders"][-1]
    ready(holder, holder["ready_s"] - seconds)
    holder["drive_s"] -= seconds
    set_time(holder, "order_by", holder["order_by_s"] + seconds)
    with_margin(one, one["closed_at_s"] - seconds)


SEALED: dict[str, tuple[Alteration, str]] = {
    "closed earlier": (
        lambda d: with_margin(d["seals"][0], 61.0),
        r"New Bridge \(section 1\) is closed when unit A2 is there, at 140.0 s, not at 61.0 s",
    ),
    "everything of a unit earlier": (
        lambda d: all_earlier(d, 0, 20.0),
        r"Unit A2 drives at least 30.0 s to New Bridge .* not 10.0 s",
    ),
    "another section, only its number": (
        lambda d: d["seals"][1]["site"].update(index=section(43)),
        r"Old Bridge \(section 15\) has the id 43 in the network's file, not 31",
    ),
    "another section, all of it": (
        lambda d: d["seals"][1].update(site=site_on(43)),
        r"exit Old Bridge is called sealed, but it can be reached at 300.0 s",
    ),
    "a junction for a section": (
        lambda d: d["seals"][1]["site"].update(kind="junction"),
        r"Old Bridge \(junction \d+\) has the id",
    ),
    "a seal less": (
        lambda d: without_seal(d, 1),
        r"exit Old Bridge is called sealed, but it can be reached at 300.0 s",
    ),
    "a unit twice": (
        lambda d: d["seals"][2]["holders"][0].update(unit="B", side="East"),
        r"seals\[2\].holders\[0\].unit: found B, also at seals\[1\]",
    ),
    "a unit that is not there": (
        lambda d: d["seals"][2]["holders"][0].update(unit="Z"),
        r"seals\[2\].holders\[0\].unit: found Z",
    ),
    "two units changed about": (swap_units, r"Unit C drives at least 111.3 s to Old Bridge"),
    "a unit without permission": (
        lambda d: unit_in(d, "B").update(may_act_in=["Nowhere"]),
        r"Unit B may act in Nowhere, not at Old Bridge",
    ),
    "permission for the wrong side": (
        lambda d: unit_in(d, "C").update(may_act_in=["West"]),
        r"Unit C cannot drive to link 45 \(section 17\)",
    ),
    "a greater need": (
        lambda d: d["seals"][0]["site"].update(need=3),
        r"New Bridge \(section 1\) needs a strength of 3, its units have 2",
    ),
    "a holder less": (
        lambda d: (d["seals"][0]["holders"].pop(), d.update(units_used=3)),
        r"New Bridge \(section 1\) needs a strength of 2, its units have 1",
    ),
    "a unit elsewhere": (
        lambda d: place_unit(d, "A2", "W5"),
        r"Unit A2 cannot hold New Bridge \(section 1\) before 3[67]0.0 s, but the plan says 140.0",
    ),
    "a unit over the border": (
        lambda d: place_unit(d, "A2", "E2"),
        r"Unit A2 cannot drive to New Bridge",
    ),
    "a unit free later": (
        lambda d: set_time(unit_in(d, "B"), "ready", 100.0),
        r"Unit B cannot hold Old Bridge \(section \d+\) before 180.0 s, but the plan says 80.0 s",
    ),
    "a slower unit": (
        lambda d: unit_in(d, "A2").update(speed_factor=0.5),
        r"Unit A2 drives at least 60.0 s to New Bridge \(section 1\), not 30.0 s",
    ),
    "a later ready than closed": (
        lambda d: ready(d["seals"][1]["holders"][0], 150.0),
        r"Old Bridge .* is closed when unit B is there, at 150.0 s, not at 80.0 s",
    ),
    "an earlier ready": (
        lambda d: ready(d["seals"][1]["holders"][0], 70.0),
        r"Unit B cannot hold Old Bridge \(section \d+\) before 80.0 s, but the plan says 70.0 s",
    ),
    "a shorter drive": (
        lambda d: d["seals"][1]["holders"][0].update(drive_s=2.0),
        r"Unit B drives at least 20.0 s to Old Bridge \(section \d+\), not 2.0 s",
    ),
    "no set-up": (
        lambda d: d["seals"][1]["holders"][0].update(setup_s=0.0),
        r"Setting up at Old Bridge .* takes 60 s, but 0 s is counted for unit B",
    ),
    "another side": (
        lambda d: d["seals"][1]["holders"][0].update(side="West"),
        r"Unit B at Old Bridge .* belongs to East police, not to West police",
    ),
    "another agency": (
        lambda d: d["seals"][1]["holders"][0].update(agency="customs"),
        r"Unit B at Old Bridge .* belongs to East police, not to East customs",
    ),
    "a wrong margin": (
        lambda d: d["seals"][1].update(margin_s=200.0),
        r"The margin at Old Bridge \(section \d+\) is 120.000 s, not 200.000 s",
    ),
    "a wrong margin of the plan": (
        lambda d: d.update(margin_s=500.0),
        r"The smallest margin of the plan is 120.000 s, not 500.000 s",
    ),
    "a later arrival": (
        lambda d: (set_time(d["seals"][1], "arrival", 290.0), d["seals"][1].update(margin_s=210.0)),
        r"The vehicle's arrival at Old Bridge \(section \d+\) is 200.000 s, not 290.000 s",
    ),
    "no arrival": (
        lambda d: d["seals"][1].update(arrival_s=None, arrival=None, margin_s=None),
        r"The vehicle's arrival at Old Bridge \(section \d+\) is 200.000 s, not never",
    ),
    "a wrong unhindered arrival": (
        lambda d: set_time(d["seals"][1], "unhindered", 500.0),
        r"The unhindered arrival at Old Bridge \(section \d+\) is 200.000 s, not 500.000 s",
    ),
    "a later order": (
        lambda d: set_time(d["seals"][1]["holders"][0], "order_by", 150.0),
        r"Unit B must be ordered to Old Bridge \(section \d+\) by 90.0 s, not by 150.000 s",
    ),
    "any order": (
        lambda d: d["seals"][1]["holders"][0].update(order_by=None, order_by_s=None),
        r"Unit B must be ordered to Old Bridge \(section \d+\) by 90.0 s, not by never",
    ),
    "a faster vehicle": (
        lambda d: d["vehicle"].update(speed_factor=3.0),
        r"exit Old Bridge is called sealed, but it can be reached at 100.0 s",
    ),
    "a slower vehicle": (
        lambda d: d["vehicle"].update(speed_factor=0.9),
        r"arrival at Old Bridge \(section \d+\) is 222.222 s, not 200.000 s",
    ),
    "a road class driven faster": (
        lambda d: d["vehicle"].update(class_speed_mps={"track": 50.0}),
        r"The route that only the seal on link 45 \(section 17\) .* is no such drive",
    ),
    "a road class that is none": (
        lambda d: d["vehicle"].update(class_speed_mps={"alley": 50.0}),
        r"There is no road class 'alley'",
    ),
    "seen earlier": (
        lambda d: set_time(d["sources"][0], "time", -150.0),
        r"exit Old Bridge is called sealed, but it can be reached at 150.0 s",
    ),
    "seen elsewhere": (
        lambda d: d["sources"][0].update(junction=junction("E3")),
        r"exit Old Bridge is called sealed, but it can be reached at 100.0 s",
    ),
    "an exit more": (
        lambda d: d["exits"].append(
            {"name": "Farm", "kind": "junction", "index": junction("W6"), "weight": 1.0}
        ),
        r"The exit Farm is called neither sealed nor open",
    ),
    "an exit more, called sealed": (
        lambda d: (
            d["exits"].append(
                {"name": "Farm", "kind": "junction", "index": junction("W6"), "weight": 1.0}
            ),
            d["sealed_exits"].append("Farm"),
        ),
        r"The exit Farm is called sealed, but it can be reached at 213.3 s",
    ),
    "an exit that is none": (
        lambda d: d["sealed_exits"].append("Moon"),
        r"There is no exit 'Moon'",
    ),
    "a greater margin in the rules": (
        lambda d: d["rules"].update(margin_s=150.0),
        r"The rules ask for a margin of 150 s, but required_margin_s is 30 s",
    ),
    "a greater margin everywhere": (
        lambda d: (d["rules"].update(margin_s=150.0), d.update(required_margin_s=150.0)),
        r"The margin at Old Bridge \(section \d+\) is 120.0 s, less than the 150 s asked for",
    ),
    "fewer units": (
        lambda d: d.update(units_used=3),
        r"The seals take 4 units, but units_used is 3",
    ),
    "a bound above the plan": (
        lambda d: d.update(lower_bound=9),
        r"fewer than 9 units, but this one uses 4",
    ),
    "a seal twice": (
        lambda d: d["seals"].append(
            {**d["seals"][1], "holders": [{**d["seals"][1]["holders"][0], "unit": "D"}]}
        ),
        r"Old Bridge \(section \d+\) is sealed twice",
    ),
    "a wrong id": (
        lambda d: d["seals"][1]["site"].update(original_id=11),
        r"Old Bridge \(section \d+\) has the id 31 in the network's file, not 11",
    ),
    "another class of road": (
        lambda d: d["seals"][1]["site"].update(road_class="track"),
        r"Old Bridge \(section \d+\) is a secondary road, not track",
    ),
    "another territory": (
        lambda d: d["seals"][1]["site"].update(territories=["East"]),
        r"Old Bridge \(section \d+\) lies in East and West, not in East",
    ),
    "another position": (
        lambda d: d["seals"][1]["site"].update(lon=9.1),
        r"Old Bridge \(section \d+\) is not at the position given, 9.1",
    ),
    "a number that no site has": (
        lambda d: d["seals"][1]["site"].update(number=99),
        r"Old Bridge \(section \d+\) has the number 99, but there are 21 sites",
    ),
    "a section beyond the network": (
        lambda d: d["seals"][1]["site"].update(index=21),
        r"seals\[1\].site.index: found 21; expected less than 21",
    ),
    "a clock that disagrees": (
        lambda d: d["seals"][1].update(closed_at=iso(NOW_UTC_S)),
        r"seals\[1\].closed_at: found 2026-06-12T19:30:00\+00:00",
    ),
    "a wrong witness": (
        lambda d: d["seals"][1].update(witness=d["seals"][2]["witness"]),
        r"The route that only the seal on Old Bridge \(section \d+\) stops is not stopped by it",
    ),
    "another digest": (
        lambda d: d["network"].update(digest="1" * 64),
        r"The plan was made on another network: the digest 111",
    ),
    "another size": (
        lambda d: d["network"].update(sections=22),
        r"The plan was made on another network: sections 22; this one: 21",
    ),
    "called leaking": (
        lambda d: d.update(verdict="leaking"),
        r"The plan says leaking, but its seals keep every exit from being reached",
    ),
    "called impossible": (
        lambda d: d.update(verdict="impossible"),
        r"The proof has no routes",
    ),
}
