"""Times stand in the zone of the region, in winter as in summer, wherever nobody names another."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from stopline.operation.runtime.region_file import keep_region, zone_of_region
from stopline.scenario.loader import load_scenario

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "zone"),
    [("liechtenstein/sealed", "Europe/Vaduz"), ("corridor/sealed", "Europe/Moscow")],
)
def test_a_node_tells_times_in_the_zone_of_its_region(tmp_path: Path, name: str, zone: str) -> None:
    assert str(zone_of_region(tmp_path)) == "UTC"
    case = EXAMPLES / f"{name}.yaml"
    keep_region(tmp_path, [case], [])
    assert zone_of_region(tmp_path) == load_scenario(case).zone == ZoneInfo(zone)


def test_every_example_names_a_zone_and_not_only_an_offset() -> None:
    for path in [*EXAMPLES.glob("liechtenstein/*.yaml"), *EXAMPLES.glob("corridor/*.yaml")]:
        assert "\nzone: Europe/" in path.read_text("utf-8"), path
