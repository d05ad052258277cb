"""Pictures render without a warning and say what matters in words that can be searched."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path  # noqa: TC003

import numpy as np
import pytest

from stopline.errors import BadInput, Unsupported
from stopline.forces.side import Side
from stopline.rendering.label_placement import overlap, place_labels
from stopline.rendering.plan_map import draw_front, draw_plan
from stopline.rendering.roads import bands_up_to
from stopline.rendering.style import Look
from stopline.rendering.viewport import fit_view
from stopline.scenario.place_text import NamedPlace
from stopline.sealing.plan import Verdict
from stopline.sealing.plan_reach import plan_reach
from stopline.sealing.reach import make_front
from stopline.testing.toy_plan import toy_network, toy_plan, toy_problem

PROBLEM = toy_problem()
LOOK = Look(
    sides=(
        Side(id="W", name="Westland", territories=("Westland",)),
        Side(id="E", name="Eastland", territories=("Eastland",)),
    ),
    places=(NamedPlace("Oldtown", 9.53, 47.115), NamedPlace("Far away", 0.0, 0.0)),
    zone=timezone(timedelta(hours=2)),
    title="Toy night",
)


def words(path: Path) -> str:
    tree = ET.parse(path)  # noqa: S314  (our own file)
    return "\n".join(e.text or "" for e in tree.iter() if e.tag.endswith("}text"))


def test_the_map_draws_the_ring_of_seals_that_hold_one(tmp_path: Path) -> None:
    plan, svg = toy_plan(PROBLEM), tmp_path / "plan.svg"
    draw_plan(plan, PROBLEM, svg, look=LOOK)
    assert 'id="ring"' not in svg.read_text(encoding="utf-8")
    first = plan.seals[0]
    ring = tuple(
        replace(
            first, why="part of the ring within 3 km", site=replace(first.site, lon=lon, lat=lat)
        )
        for lon, lat in ((9.5, 47.1), (9.55, 47.1), (9.52, 47.13))
    )
    draw_plan(replace(plan, seals=ring), PROBLEM, svg, look=LOOK)
    assert 'id="ring"' in svg.read_text(encoding="utf-8")


def test_a_sealed_plan_says_all_in_words(tmp_path: Path) -> None:
    png, svg = tmp_path / "plan.png", tmp_path / "plan.svg"
    draw_plan(toy_plan(PROBLEM), PROBLEM, [png, svg], look=LOOK)
    assert png.read_bytes().startswith(b"\x89PNG")
    assert int.from_bytes(png.read_bytes()[16:20], "big") == 1600
    said = words(svg)
    for text in (
        "SEALED",
        "now 21:30:00",
        "© OpenStreetMap contributors, ODbL",
        "Landstrasse",
        "E-2",
        "21:32:30",
        "margin +2 min",
        "closed 21:34:00",
        "1 km",
        "seal held by Westland",
        "Oldtown",
        "Arena",
        "toy.osm abababab",
    ):
        assert text in said, text
    assert "Far away" not in said


@pytest.mark.parametrize("verdict", [Verdict.LEAKING, Verdict.IMPOSSIBLE])
def test_an_open_route_is_named(tmp_path: Path, verdict: Verdict) -> None:
    svg = tmp_path / "plan.svg"
    draw_plan(toy_plan(PROBLEM, verdict), PROBLEM, svg)
    said = words(svg)
    assert verdict.upper() in said
    assert "OPEN to North gate" in said
    assert "What is missing" in said
    assert ("Why it cannot be sealed" in said) == (verdict == Verdict.IMPOSSIBLE)


def test_equal_plans_make_equal_pictures(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg", "a.png", "b.png"):
        draw_plan(toy_plan(PROBLEM), PROBLEM, tmp_path / name, look=LOOK)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_names_from_outside_cannot_break_the_picture(tmp_path: Path) -> None:
    network = replace(
        PROBLEM.network, names=("", "$x^{2$", "</text>&<b>", "\u4e2d\u6587 \U0001f693")
    )
    problem = replace(PROBLEM, network=network)
    draw_plan(toy_plan(problem), problem, tmp_path / "plan.svg")
    assert "$x^{2$" in words(tmp_path / "plan.svg")


def test_many_seals_and_none(tmp_path: Path) -> None:
    problem = toy_problem(units=30)
    draw_plan(toy_plan(problem), problem, tmp_path / "many.svg")
    assert "W-29" in words(tmp_path / "many.svg")
    draw_plan(replace(toy_plan(PROBLEM), seals=()), PROBLEM, tmp_path / "none.png")


def test_the_front_alone(tmp_path: Path) -> None:
    front = make_front(PROBLEM, (1, 2, 3))
    draw_front(PROBLEM, front, [tmp_path / "front.svg", tmp_path / "front.png"], look=LOOK)
    said = words(tmp_path / "front.svg")
    assert "REACH" in said
    assert "+3 min" in said
    assert "North gate" in said


def test_what_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    nowhere = np.full(toy_network().junctions, np.nan)
    network = replace(toy_network(), junction_lon=nowhere, junction_lat=nowhere)
    with pytest.raises(Unsupported, match="without coordinates"):
        draw_plan(toy_plan(PROBLEM), replace(PROBLEM, network=network), tmp_path / "a.png")
    with pytest.raises(BadInput, match=r"\.png or \.svg"):
        draw_plan(toy_plan(PROBLEM), PROBLEM, tmp_path / "plan.gif")
    assert not list(tmp_path.iterdir())


def test_a_seal_holds_back_the_front_in_the_picture() -> None:
    plan, network = toy_plan(PROBLEM), PROBLEM.network
    around = PROBLEM.sources[0].junction
    assert around is not None
    arcs = slice(int(network.first_out[around]), int(network.first_out[around + 1]))
    sections = network.arc_section[arcs].tolist()
    numbers = [int(s) for s in sections]
    seals = tuple(
        replace(plan.seals[0], site=PROBLEM.site(number), closed_at_s=-1000.0) for number in numbers
    )
    reach = plan_reach(PROBLEM, replace(plan, seals=seals))
    assert np.isfinite(reach).sum() == 1
    assert np.isfinite(plan_reach(PROBLEM)).all()


@pytest.mark.parametrize("seed", range(8))
def test_labels_of_25_seals_do_not_overlap(seed: int) -> None:
    rng = np.random.default_rng(seed)
    anchors = rng.uniform((60, 60), (900, 880), (25, 2))
    sizes = rng.uniform((90, 34), (190, 40), (25, 2))
    boxes = place_labels(anchors, sizes, (972.0, 950.0))
    shared = overlap(boxes, boxes)
    np.fill_diagonal(shared, 0)
    assert shared.max() == 0
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= (972, 950)).all()
    assert np.allclose(boxes[:, 2:] - boxes[:, :2], sizes)


def test_labels_of_30_seals_in_one_town_do_not_overlap() -> None:
    rng = np.random.default_rng(1)
    anchors = rng.normal((480, 470), 40, (30, 2))
    sizes = np.tile((26.0, 24.0), (30, 1))
    boxes = place_labels(anchors, sizes, (972.0, 950.0))
    shared = overlap(boxes, boxes)
    np.fill_diagonal(shared, 0)
    assert shared.max() == 0


def test_the_view_holds_all_points_and_keeps_the_aspect() -> None:
    points = np.array([[9.5, 47.0], [9.6, 47.3], [9.55, 47.1], [np.nan, 1.0]])
    view = fit_view(points, 972, 950)
    inside = view.contains(view.xy(points[:, 0], points[:, 1]))
    assert inside.tolist() == [True, True, True, False]
    east, north = view.xy(view.lon + 0.01, view.lat)[0], view.xy(view.lon, view.lat + 0.01)[1]
    assert east / north == pytest.approx(np.cos(np.radians(view.lat)))
    assert view.scale_bar_m(200) in (5000.0, 2000.0)


@pytest.mark.parametrize(("latest_s", "step_s"), [(300, 60), (1500, 300), (14_000, 3600), (1, 60)])
def test_bands_are_round(latest_s: float, step_s: float) -> None:
    ends = bands_up_to(latest_s).ends_s
    assert ends[0] == step_s
    assert ends[-1] >= latest_s
    assert len(ends) <= 6
