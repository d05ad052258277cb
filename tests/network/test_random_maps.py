"""Random small maps with all oddities at once: none is called sealed while a car could leave."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from network.reference_reader import contradictions, length_m
from stopline.errors import BadInput
from stopline.scenario.loader import load_scenario
from stopline.sealing.planner import make_plan

if TYPE_CHECKING:
    from pathlib import Path

BARRIERS = ["bollard", "block", "gate", "chain", "log", "border_control", "debris", "cattle_grid"]
HIGHWAYS = ["primary", "secondary", "residential", "service", "track", "pedestrian", "minor",
            "abandoned"]  # fmt: skip
OPENED = [
    {"motor_vehicle": "yes"}, {"access": "yes"}, {"access": "yes", "locked": "yes"},
    {"access": "yes", "opening_hours": "06:00-20:00"}, {"emergency": "yes"},
    {"vehicle": "yes", "vehicle:conditional": "no @ (22:00-06:00)"},
]  # fmt: skip
STANDING = [
    {"motor_vehicle": "no"}, {"access": "private"}, {"maxheight": "1.9"}, {"access": "yes"},
]  # fmt: skip
SPEEDS = [
    {}, {}, {"maxspeed": "50"}, {"maxspeed": "30 mph"}, {"maxspeed": "5"},
    {"maxspeed": "60", "maxspeed:conditional": "100 @ (22:00-06:00)"},
    {"maxspeed:lanes": "50|80"}, {"maxspeed": "40", "maxspeed:variable": "yes"},
    {"maxspeed:backward": "90", "maxspeed:forward": "30"}, {"maxspeed:forward": "30"},
    {"maxspeed:hgv": "20"}, {"maxspeed:conditional": "30 @ (22:00-06:00)"},
]  # fmt: skip
SIGNS = [
    {}, {}, {}, {}, {"access": "private"}, {"motor_vehicle": "no"}, {"oneway": "yes"},
    {"oneway": "-1"}, {"tracktype": "grade4"}, {"vehicle:conditional": "no @ (22:00-06:00)"},
    {"access": "no", "motor_vehicle": "yes"}, {"opening_hours": "06:00-20:00"},
    {"motor_vehicle": "yes", "access:conditional": "no @ (22:00-06:00)"},
    {"construction": "yes"}, {"seasonal": "winter"}, {"maxheight": "1.9"}, {"surface": "mud"},
    {"tidal": "yes"}, {"maxspeed": "50,80"}, {"locked": "yes"}, {"temporary:access": "no"},
]  # fmt: skip


def made(  # noqa: C901, PLR0912, PLR0915  (many oddities)
    rng: random.Random,
) -> tuple[str, dict[str, Any]]:
    """A map, and where alarm, exit and units are (node ids)."""
    count = rng.randrange(8, 15)
    negative = rng.random() < 0.2
    ids = [-(n + 1) if negative and rng.random() < 0.5 else n + 1 for n in range(count)]
    places = {
        n: (round(9.5 + rng.random() * 0.05, 6), round(47.1 + rng.random() * 0.04, 6)) for n in ids
    }
    lines: list[str] = []
    out = ids[1]
    alarm = max(ids, key=lambda n: length_m(places[n], places[out]))
    for n, (lon, lat) in places.items():
        tags = ""
        if n not in (alarm, out) and rng.random() < 0.25:
            tags = f'<tag k="barrier" v="{rng.choice(BARRIERS)}"/>'
            if rng.random() < 0.3:
                said = rng.choice(OPENED)
                tags += "".join(f'<tag k="{k}" v="{v}"/>' for k, v in said.items())
        elif n not in (alarm, out) and rng.random() < 0.1:
            told = rng.choice(STANDING)
            tags = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in told.items())
        lines.append(f'<node id="{n}" version="2" lon="{lon}" lat="{lat}">{tags}</node>')
        if rng.random() < 0.1:
            lines.append(f'<node id="{n}" version="1" lon="{lon + 0.3}" lat="{lat}"/>')
    used: set[int] = set()
    ways = [rng.sample(ids, rng.randrange(2, 5)) for _ in range(rng.randrange(6, 14))]
    gate = rng.choice([n for n in ids if n not in (alarm, out)])
    ways += [[alarm, rng.choice([n for n in ids if n != alarm])], [gate, out]]
    if rng.random() < 0.3:  # drawn twice, in part or the other way round
        twice = rng.choice(ways)
        ways.append(twice[: rng.randrange(2, len(twice) + 1)][:: rng.choice((1, -1))])
    for number, refs in enumerate(ways, start=100):
        if rng.random() < 0.1:
            refs.insert(rng.randrange(1, len(refs)), 999)  # a node that is not in the file
        tags = {"highway": rng.choice(HIGHWAYS), **rng.choice(SPEEDS), **rng.choice(SIGNS)}
        if rng.random() < 0.08:
            tags["highway"] = rng.choice(["footway", "construction", "steps"])
        said = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        body = "".join(f'<nd ref="{r}"/>' for r in refs) + said
        gone = rng.random() < 0.05
        mark = rng.choice(['visible="false"', 'action="delete"']) if gone else ""
        cuts = [at for at in range(1, len(refs) - 1) if refs[at] in places]
        if not gone and cuts and rng.random() < 0.15:  # cut at a rim, and joined again
            cut = rng.choice(cuts)
            for part in (refs[: cut + 1], refs[cut:]):
                half = "".join(f'<nd ref="{r}"/>' for r in part) + said
                lines.append(f'<way id="{number}" version="3">{half}</way>')
        else:
            lines.append(f'<way id="{number}" version="3" {mark}>{body}</way>')
        if rng.random() < 0.1:
            old = body.replace('v="primary"', 'v="footway"')
            lines.append(f'<way id="{number}" version="1">{old}</way>')
        if not gone and tags["highway"] in HIGHWAYS:
            used.update(r for r in refs if r in places)
    if rng.random() < 0.3:
        rim = rng.sample(ids, 4)
        body = "".join(f'<nd ref="{r}"/>' for r in [*rim, rim[0]])
        kind = rng.choice(["pedestrian", "footway", "service", "parking"])
        tags = f'<tag k="highway" v="{kind}"/><tag k="area" v="yes"/>'
        if kind == "parking":
            tags = '<tag k="amenity" v="parking"/>'
        lines.append(f'<way id="500" version="1">{body}{tags}</way>')
    if rng.random() < 0.3:
        across = rng.sample([n for n in ids if n not in (alarm, out)], 2)
        body = "".join(f'<nd ref="{r}"/>' for r in across)
        kind = rng.choice(["fence", "jersey_barrier", "kerb"])
        lines.append(f'<way id="501" version="1">{body}<tag k="barrier" v="{kind}"/></way>')
    if rng.random() < 0.5:
        rng.shuffle(lines)
    stands = [rng.choice(sorted(used - {out}) or [alarm]) for _ in range(rng.randrange(1, 4))]
    stands += [gate] if gate in used else []
    given = {"alarm": alarm, "exit": out, "places": places}
    given["units"] = {f"A-{n}": node for n, node in enumerate(stands)}
    return '<osm version="0.6">' + "".join(lines) + "</osm>", given


def planned(folder: Path, seed: int) -> str:
    """Plan a random map: the verdict, or why there is none; contradictions fail."""
    text, given = made(random.Random(seed))
    places = given["places"]
    (folder / "map.osm").write_text(text)
    lon, lat = places[given["alarm"]]
    x, y = places[given["exit"]]
    now = "2026-06-12T21:30:00+02:00"
    content = {
        "network": {"path": "map.osm", "territories": {"from": "none", "default": "A"}},
        "sides": {"A": {"territories": ["A"], "agencies": ["police"]}},
        "now": now,
        "sightings": [{"name": "alarm", "at": now, "lon": lon, "lat": lat}],
        "exits": [{"place": {"name": "out", "lon": x, "lat": y, "radius_m": 20}}],
        "units": [
            {"id": name, "side": "A", "agency": "police", "lon": places[n][0], "lat": places[n][1]}
            for name, n in given["units"].items()
        ],
        "rules": {"margin_s": 1, "setup_s": 1, "time_limit_s": 5},
    }
    (folder / "case.yaml").write_text(yaml.safe_dump(content))
    try:
        problem = load_scenario(folder / "case.yaml").problem
    except BadInput:
        return "refused"
    network = problem.network
    left = sum(one.count for one in network.findings if one.ways)
    assert network.ways_in_file == network.ways_read + left, seed
    plan = make_plan(problem)
    if plan.verdict != "sealed":
        return str(plan.verdict)
    moved = {one.kind for one in problem.doubts} & {"unit_moved", "unit_apart", "sighting_apart"}
    found = contradictions(text, plan, network, given)
    if moved:
        found = [fault for fault in found if "needs" not in fault]
    assert not found, f"seed {seed}: {found}"
    return "sealed"


def test_no_random_map_is_falsely_sealed(tmp_path: Path) -> None:
    verdicts = [planned(tmp_path, seed) for seed in range(40)]
    assert verdicts.count("sealed") >= 4
    assert verdicts.count("impossible") >= 4


@pytest.mark.long
def test_no_map_of_five_thousand_is_falsely_sealed(tmp_path: Path) -> None:
    verdicts = [planned(tmp_path, seed) for seed in range(1000, 6000)]
    assert verdicts.count("sealed") >= 500
