"""An event file becomes a plan that the separate checker confirms, and refuses once altered."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from event.cases import write_event
from stopline.cameras.camera import read_cameras
from stopline.errors import BadInput
from stopline.event.plan_checker import _Roads, check_event
from stopline.event.plan_schema import EventFile, RingPart, schema_text
from stopline.planning.event import make_event_plan, plan_event
from stopline.planning.event_input import PlannedEvent, load_event
from stopline.planning.event_reference import HOW, with_tables
from stopline.planning.verify import verify
from stopline.scenario.loader import load_scenario

ROOT = Path(__file__).parents[2]
HALL = ROOT / "examples" / "events" / "vaduz-hall.yaml"
UNIT = {"id": "U1", "side": "A", "agency": "police", "lon": 9.001, "lat": 47.001}


def made(folder: Path, **changes: Any) -> tuple[EventFile, PlannedEvent]:
    event = load_event(write_event(folder, **changes))
    return make_event_plan(event), event


def without_site(plan: EventFile, number: int) -> EventFile:
    """The plan without one camera of its first ring."""
    ring = plan.rings[0]
    kept = tuple(site for site in ring.sites if site.number != number)
    cost = sum(site.price for site in kept)
    altered = ring.model_copy(update={"sites": kept, "cost": cost})
    return plan.model_copy(update={"rings": (altered, *plan.rings[1:])})


def test_a_ring_of_two_stands_any_single_failure(tmp_path: Path) -> None:
    plan, event = made(tmp_path)
    ring = plan.rings[0]
    assert ring.exists
    assert ring.cost == 16  # 4 streets lead out, 12 streets on from those
    assert check_event(plan, event.network).holds
    for site in ring.sites:
        one_less = without_site(plan, site.number)
        weaker = ring_with(one_less, layers=1)
        assert least_seen(weaker, event) == 1
        refused = check_event(one_less, event.network)
        assert not refused.holds
        assert "leaves a route" in refused.sentence


def ring_with(plan: EventFile, layers: int) -> EventFile:
    ring = plan.rings[0].model_copy(update={"layers": layers})
    return plan.model_copy(update={"rings": (ring, *plan.rings[1:])})


def least_seen(plan: EventFile, event: PlannedEvent) -> int:
    """What the checker counts on the least-seen route of the first ring."""
    ring: RingPart = plan.rings[0].model_copy(update={"layers": 64})
    return _Roads(event.network, plan.vehicle, ring).least_seen(ring)[0]


def test_every_pair_of_failures_of_a_ring_of_three_leaves_no_route_unseen(tmp_path: Path) -> None:
    plan, event = made(tmp_path, cameras={"layers": 3, "table_s": []})
    ring = plan.rings[0]
    assert least_seen(plan, event) == 3
    for one, two in itertools.combinations(ring.sites, 2):
        kept = tuple(s for s in ring.sites if s.number not in (one.number, two.number))
        assert least_seen(
            plan.model_copy(update={"rings": (ring.model_copy(update={"sites": kept}),)}), event
        ) >= 1  # fmt: skip


def test_a_moved_camera_a_wrong_price_and_a_bent_proof_are_refused(tmp_path: Path) -> None:
    plan, event = made(tmp_path)
    ring = plan.rings[0]
    site = ring.sites[0]
    taken = {one.index for one in ring.sites}
    free = next(s for s in range(event.network.sections) if s not in taken)
    altered = {
        "leaves a route": {"sites": (site.model_copy(update={"index": free}), *ring.sites[1:])},
        "costs": {"sites": (site.model_copy(update={"price": 0}), *ring.sites[1:])},
        "does not lead out": {
            "routes": (ring.routes[0].model_copy(
                update={"sections": ring.routes[0].sections[:-1],
                        "forward": ring.routes[0].forward[:-1]}), *ring.routes[1:])
        },
        "a cheaper ring is not excluded": {"routes": ring.routes[1:]},
        "does not begin at the venue": {"starts": ring.starts[1:] or (0,)},
    }  # fmt: skip
    for words, update in altered.items():
        bent = plan.model_copy(update={"rings": (ring.model_copy(update=update),)})
        assert words in check_event(bent, event.network).sentence


def test_within_seconds_inward_junctions_and_existing_cameras_are_confirmed(tmp_path: Path) -> None:
    variants: list[dict[str, Any]] = [
        {"layers": 1, "within_s": 12.0, "table_s": [3, 6, 12, 24]},
        {"layers": 2, "directions": "both", "junction_cost": 1, "site_cost": 3},
        {"layers": 1, "existing": [{"section": 24}, {"section": 25, "fraction": 0.2}]},
        {"layers": 2, "most_per_site": 2, "classes": ["primary"], "exclude": [3]},
        {"layers": 1, "prices": [{"road": "Row 3", "cost": 9}, {"section": 40}]},
    ]
    keeps_signs = {"obeys_one_way": True, "max_speed_kmh": 90, "obeys_access_signs": True}
    for cameras in variants:
        for vehicle in ({}, keeps_signs):
            plan, event = made(tmp_path, cameras=cameras, vehicle=vehicle)
            check = check_event(plan, event.network)
            assert check.holds, (cameras, check.sentence)
            costs = [row.cost for row in plan.by_time if row.cost is not None]
            assert costs == sorted(costs, reverse=True)


def test_a_ring_that_cannot_be_shows_the_way_with_fewest_sites(tmp_path: Path) -> None:
    plan, event = made(tmp_path, cameras={"layers": 9})
    ring = plan.rings[0]
    assert not ring.exists
    assert ring.gap is not None
    assert f"at most {ring.gap_most} cameras can stand" in ring.sentence
    assert check_event(plan, event.network).holds
    more = ring.model_copy(update={"layers": 1})
    assert not check_event(plan.model_copy(update={"rings": (more,)}), event.network).holds


def test_masts_and_probabilities_are_chosen_and_told(tmp_path: Path) -> None:
    kind = {"name": "cheap", "cost": 1, "pixels": 4000, "detection": 0.8, "shutter_ms": 0.4,
            "frames_per_s": 50}  # fmt: skip
    plan, _ = made(
        tmp_path, cameras={"layers": 1, "types": [kind], "probability": 0.95, "site_cost": 0}
    )
    masts = plan.masts
    assert masts is not None
    assert masts.exists
    assert masts.proven
    assert masts.weakest_value >= 0.95
    assert masts.cost == 16  # 0.8 once is not enough, twice is 0.96
    one = {"name": "tower", "cost": 2, "sections": list(range(84))}
    plan, _ = made(tmp_path, cameras={"layers": 1, "masts": [one], "site_cost": 1})
    assert plan.masts is not None
    assert plan.masts.cost == 2


@pytest.mark.parametrize(
    ("given", "pixels", "told"),
    [
        ({}, 231, "measured to need by day"),
        ({"class": "identify"}, 250, "IEC 62676-4, class identify"),
        ({"pixels_per_m": 300}, 300, "as the event file says"),
    ],
)
def test_pixels_come_from_the_reader_a_class_or_the_file(
    tmp_path: Path, given: dict[str, Any], pixels: int, told: str
) -> None:
    kind = {"name": "A", "cost": 1, "pixels": 1920, "frames_per_s": 50, "shutter_ms": 0.2}
    path = write_event(tmp_path, cameras={"layers": 1, "types": [kind], **given})
    notes = " ".join(make_event_plan(load_event(path)).notes)
    assert f"counted by {pixels} pixels" in notes
    assert told in notes


def test_forces_are_added_up_and_an_altered_sum_is_refused(tmp_path: Path) -> None:
    plan, event = made(tmp_path)
    assert plan.forces is not None
    police = plan.forces.hours[0].services[0]
    assert (police.needed, police.rostered, police.missing) == (4, 3, 1)
    text = json.loads(plan.model_dump_json(by_alias=True))
    text["forces"]["hours"][0]["services"][0]["needed"] = 9
    text["forces"]["hours"][0]["services"][0]["items"][0]["row"] = "nobody"
    bent = EventFile.model_validate_json(json.dumps(text))
    found = check_event(bent, event.network)
    assert "9 needed" in found.sentence
    assert "nobody is no row" in found.sentence


def test_a_venue_on_a_road_without_a_junction_says_where_routes_begin(tmp_path: Path) -> None:
    corners = [[9.0062, 47.0041], [9.0068, 47.0041], [9.0068, 47.0043], [9.0062, 47.0043]]
    plan, event = made(tmp_path, venue={"name": "Yard", "polygon": corners})
    assert event.venue.junctions.size == 2
    (note,) = [note for note in plan.notes if "outside Yard" in note]
    assert note.startswith("2 places where routes begin lie outside Yard, up to")
    assert check_event(plan, event.network).holds


def test_every_output_is_written_and_the_file_is_confirmed(tmp_path: Path) -> None:
    path = write_event(tmp_path, units=[UNIT])
    result = plan_event(path, tmp_path / "out")
    names = {one.name for one in result.files}
    assert names == {
        "event.json", "event.geojson", "event.png", "event.svg", "event.pdf", "event.html",
        "cameras.csv", "cameras.tsv", "cameras.yaml", "barriers.tsv", "posts.tsv", "forces.tsv",
        "night.yaml",
    }  # fmt: skip
    assert verify(tmp_path / "out" / "event.json").holds
    night = load_scenario(tmp_path / "out" / "night.yaml")
    assert len(night.problem.units) == 1
    with (tmp_path / "out" / "cameras.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(site.count for site in result.plan.rings[0].sites)
    listed = yaml.safe_load((tmp_path / "out" / "cameras.yaml").read_text())["cameras"]
    assert [row["name"] for row in listed] == [row["name"] for row in rows]
    filled = [{**row, "source": "gate.mp4", "legal_basis": "Order 12"} for row in listed]
    (tmp_path / "cameras.yaml").write_text(yaml.safe_dump({"cameras": filled}))
    cameras = read_cameras(tmp_path / "cameras.yaml")
    assert [camera.name for camera in cameras] == [row["name"] for row in rows]
    page = (tmp_path / "out" / "event.html").read_text()
    assert "EXAMPLE" in page
    assert (tmp_path / "out" / "event.pdf").read_bytes().startswith(b"%PDF")


def faults(folder: Path, **changes: Any) -> str:
    with pytest.raises(BadInput) as raised:
        load_event(write_event(folder, **changes))
    return str(raised.value)


def test_costs_layers_and_crowds_that_are_no_whole_numbers_are_told_at_once(
    tmp_path: Path,
) -> None:
    text = faults(
        tmp_path,
        cameras={"layers": 0, "site_cost": -1, "prices": [{"section": 1, "cost": 2.5}]},
        barriers={"cost": -4},
        phases=[{"name": "Fair", "from": "2026-06-12T18:00:00+02:00",
                 "until": "2026-06-12T17:00:00+02:00", "crowd": -5}],
    )  # fmt: skip
    for part in ("cameras.layers", "cameras.site_cost", "cameras.prices[0].cost", "barriers.cost",
                 "crowd", "a whole number >= 0"):  # fmt: skip
        assert part in text
    assert " line " in text


def test_a_venue_off_the_roads_a_lost_camera_and_a_rule_without_source_are_told_at_once(
    tmp_path: Path,
) -> None:
    write_event(tmp_path)
    rules = yaml.safe_load((tmp_path / "rules.yaml").read_text())
    del rules["rows"][0]["source"]
    rules["rows"][1]["post"] = "gate"
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
    text = faults(
        tmp_path,
        venue={"name": "Far", "circle": {"lon": 12.0, "lat": 47.0, "radius_m": 50}},
        cameras={"existing": [{"lon": 9.5, "lat": 47.5}, {"section": 999}], "exclude": ["No Road"]},
        shifts=[{"unit": "P1", "people": 3, "from": "2026-06-12T17:00:00+02:00",
                 "until": "2026-06-12T19:00:00+02:00"}],
    )  # fmt: skip
    for part in ("venue", "an area without road", "on no section", "section 999", "No Road",
                 "rules.yaml", "source", "of no known service"):  # fmt: skip
        assert part in text, text


def test_a_venue_that_touches_an_exit_or_lies_in_two_parts_is_refused(tmp_path: Path) -> None:
    circle = {"lon": 9.006, "lat": 47.0042, "radius_m": 350}
    inside = [{"place": {"name": "X", "lon": 9.006, "lat": 47.0042, "radius_m": 30}}]
    text = faults(tmp_path, venue={"name": "All", "circle": circle}, radius_m=None, exits=inside)
    assert "touches the exit" in text or "at or beyond this exit" in text
    assert "inside the venue" in faults(tmp_path, radius_m=50)
    assert "radius_m: found a circle that no road crosses" in faults(tmp_path, radius_m=90_000)
    far = second_town(tmp_path)
    assert "parts of the network that no road joins" in faults(
        tmp_path, venue={"name": "Two", "circle": far}, radius_m=800
    )


def second_town(folder: Path) -> dict[str, float]:
    """Add a second town that no road joins to the first; a circle that reaches both."""
    net = folder / "net"
    nodes, links = (net / "node.csv").read_text(), (net / "link.csv").read_text()
    for number in range(60):
        nodes += f"{1000 + number},{9.02 + number * 0.0005},47.004\n"
        if number:
            links += f"{1000 + number},{999 + number},{1000 + number},false,60,50,residential,Far\n"
    (net / "node.csv").write_text(nodes)
    (net / "link.csv").write_text(links)
    return {"lon": 9.013, "lat": 47.004, "radius_m": 700.0}


def test_a_roster_with_gaps_and_overlaps_is_refused(tmp_path: Path) -> None:
    shift = {"unit": "P1", "service": "police", "people": 3}
    text = faults(
        tmp_path,
        shifts=[
            {**shift, "from": "2026-06-12T17:00:00+02:00", "until": "2026-06-12T19:00:00+02:00"},
            {**shift, "from": "2026-06-12T18:30:00+02:00", "until": "2026-06-12T19:30:00+02:00"},
        ],
    )
    assert "P1 on two shifts for 30 min" in text
    assert "nobody of police for 30 min" in text


def test_the_hall_in_vaduz_is_planned_and_confirmed() -> None:
    event = load_event(HALL)
    plan = make_event_plan(event)
    assert plan.rings[0].cost == plan.rings[1].cost == 55
    assert sum(site.existing for site in plan.rings[0].sites) == 1
    assert check_event(plan, event.network).holds
    ring = plan.rings[0]
    for site in ring.sites:  # every single failure of a ring of two
        one_less = without_site(plan, site.number)
        assert least_seen(one_less, event) == 1
        assert not check_event(one_less, event.network).holds
    assert all(phase.ring.exists for phase in plan.barriers)
    assert np.isfinite([site.lon for site in ring.sites]).all()


@pytest.mark.parametrize("name", ["event.md", "event-plan.md"])
def test_the_pages_list_every_field(name: str) -> None:
    page = (ROOT / "docs" / "formats" / name).read_text(encoding="utf-8")
    assert with_tables(page) == page, HOW


def test_the_published_schema_is_that_of_the_code() -> None:
    assert (ROOT / "docs" / "formats" / "event.schema.json").read_text("utf-8") == schema_text(), (
        HOW
    )
