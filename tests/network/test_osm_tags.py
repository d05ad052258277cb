"""Each tag rule on a real (small) file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stopline.network.access import Access
from stopline.network.readers.maxspeed import parse_maxspeed
from stopline.network.road_network import ROAD_CLASSES, Direction, SectionFlag

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("name", ROAD_CLASSES)
def test_drivable_classes(read_tags: Callable[..., Any], name: str) -> None:
    network = read_tags({"highway": name})
    assert network.class_of(0) == name


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "footway"},
        {"highway": "construction"},
        {"highway": "steps", "motor_vehicle": "yes"},
        {"highway": "proposed"},
        {"highway": "cycleway", "bicycle": "yes"},
        {"route": "ferry"},
        {"building": "yes"},
    ],
)
def test_left_out(read_tags: Callable[..., Any], tags: dict[str, str]) -> None:
    assert read_tags(tags) is None


def test_road_is_unclassified_and_special_access_wins(read_tags: Callable[..., Any]) -> None:
    assert read_tags({"highway": "road"}).class_of(0) == "unclassified"
    assert read_tags({"highway": "primary", "access": "no", "motorcar": "yes"}) is not None
    shut = read_tags({"highway": "primary", "access": "yes", "motorcar": "no"})
    assert shut.section_access[0] == Access.FORBIDDEN | Access.UNIT_SIGN
    no_forbidden = {"access": "yes", "motorcar": "no", "highway": "primary"}
    assert read_tags(no_forbidden, include_forbidden=False) is None
    assert read_tags({"highway": "primary", "access": "destination"}) is not None


def test_settings_open_and_close(read_tags: Callable[..., Any]) -> None:
    assert read_tags({"highway": "service"}, include_service=False) is None
    assert read_tags({"highway": "track"}, include_tracks=False) is None
    assert read_tags({"highway": "track", "access": "private"}, include_private=False) is None
    assert read_tags({"highway": "track", "access": "no"}, include_forbidden=False) is None
    assert read_tags({"highway": "path"}, include_paths=True).class_of(0) == "track"
    ferry = read_tags({"route": "ferry"}, include_ferries=True)
    assert ferry.section_flags[0] & SectionFlag.FERRY


@pytest.mark.parametrize(
    ("tags", "one_way", "turned"),
    [
        ({}, False, False),
        ({"oneway": "yes"}, True, False),
        ({"oneway": "1"}, True, False),
        ({"oneway": "true"}, True, False),
        ({"oneway": "-1"}, True, True),
        ({"oneway": "reverse"}, True, True),
        ({"oneway": "no"}, False, False),
        ({"oneway": "reversible"}, False, False),
        ({"highway": "motorway"}, True, False),
        ({"highway": "motorway", "oneway": "no"}, False, False),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "circular"}, True, False),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, False, False),
        ({"oneway": "no", "oneway:motorcar": "yes"}, True, False),
        ({"oneway": "yes", "oneway:bicycle": "no"}, True, False),
    ],
)
def test_one_way(
    read_tags: Callable[..., Any],
    tags: dict[str, str],
    one_way: bool,  # noqa: FBT001
    turned: bool,  # noqa: FBT001
) -> None:
    network = read_tags({"highway": "primary", **tags})
    section = int(np.flatnonzero(network.section_id == 1)[0])
    assert network.section_direction[section] == (Direction.FORWARD if one_way else Direction.BOTH)
    assert network.junction_id[network.section_tail[section]] == (2 if turned else 1)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50),
        ("50 km/h", 50),
        ("30 mph", 48.28032),
        ("10 knots", 18.52),
        ("walk", 7),
        ("none", 150),
        ("DE:urban", 50),
        ("AT:rural", 100),
        ("CH:motorway", 120),
        ("DE:motorway", 150),
        ("DE:zone:30", 30),
        ("BE:zone30", 30),
        ("50;80", 80),
        ("7,5", 7.5),
        ("0", None),
        ("-5", None),
        ("signals", None),
        ("99999999999", None),
        ("XX:nonsense", None),
        ("", None),
        (None, None),
    ],
)
def test_maxspeed(text: str | None, kmh: float | None) -> None:
    speed = parse_maxspeed(text, no_limit_mps=150 / 3.6)
    assert speed == (None if kmh is None else pytest.approx(kmh / 3.6))


def test_speed_by_direction_and_default(read_tags: Callable[..., Any]) -> None:
    def kmh(tags: dict[str, str], **settings: object) -> float:
        return read_tags({"highway": "primary", **tags}, **settings).section_speed_mps[0] * 3.6

    assert kmh({}) == pytest.approx(80)
    assert kmh({}, class_speed_kmh={"primary": 66.0}) == pytest.approx(66)
    assert kmh({"maxspeed:forward": "40", "maxspeed:backward": "60"}) == pytest.approx(60)
    # Who ignores the one-way sign drives at the limit of the other direction.
    one_way = {"oneway": "yes", "maxspeed:forward": "40", "maxspeed:backward": "60"}
    assert kmh(one_way) == pytest.approx(60)
    assert kmh({"maxspeed:type": "AT:urban"}) == pytest.approx(50)


def test_flags_and_names(read_tags: Callable[..., Any]) -> None:
    tags = {"highway": "primary", "bridge": "yes", "tunnel": "no", "ref": "B 1"}
    network = read_tags(tags)
    assert network.section_flags[0] == SectionFlag.BRIDGE
    assert network.name_of(0) == "B 1"
    assert read_tags({**tags, "name": "Rheinbrücke <&"}).name_of(0) == "Rheinbrücke <&"
