"""No command takes swapped or far-off coordinates quietly, with a region known or without."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import BaseModel

from operation.liaison_case import INCIDENT
from operation.readiness_case import DUTY, FEED, enrol, registered, row
from stopline.network.point_snapper import PointSnapper
from stopline.operation.core.command import all_commands
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.placing import Placed
from stopline.operation.readiness.commands import RegisterUnits
from stopline.operation.readiness.positions import ReportPositions, report_positions
from stopline.operation.sightings.commands import NoteSighting
from stopline.testing.border_plans import NETWORK

if TYPE_CHECKING:
    from operation.liaison_case import Case

LON, LAT = 9.53, 47.15


class OneRegion:
    """A node's region, with its roads where the tests' units are."""

    def __init__(self) -> None:
        self.network = NETWORK
        self.problem = self
        self.places: dict[str, tuple[float, float]] = {}
        self.exits: tuple[()] = ()

    def of(self, _plan: object) -> Any:
        return self

    def points(self, _region: object) -> PointSnapper:
        return PointSnapper(self.network)


def centre() -> tuple[float, float]:
    lon, lat = NETWORK.junction_lon, NETWORK.junction_lat
    return float(lon[0]), float(lat[0])


def noted(**at: Any) -> NoteSighting:
    return NoteSighting.model_validate({"incident": INCIDENT, "source": "patrol", **at})


def test_a_node_without_a_region_asks_back_what_lies_far_from_all_that_it_knows(
    case: Case,
) -> None:
    case.alarm()
    enrol(case)
    for lon, lat, said in (
        (LAT, LON, "(lon and lat look swapped)"),
        (LON, -LAT, "expected a place near them, or a node served with --scenario"),
        (-LON - 90.0, LAT, "km from the units and sightings known here"),
    ):
        with pytest.raises(NotNow) as refused:
            case.do(0, noted(lon=lon, lat=lat), DUTY)
        assert said in str(refused.value)
    case.do(0, noted(lon=LON, lat=LAT), DUTY)


def test_units_of_a_file_are_held_against_each_other_and_against_those_known(case: Case) -> None:
    pair = (registered("P1"), registered("P2", lon=LAT, lat=LON), registered("P3"))
    with pytest.raises(NotPermitted, match=r"P2: lon=47.15 lat=9.53 .*swapped"):
        case.do(0, RegisterUnits(units=pair), DUTY)
    enrol(case)
    with pytest.raises(NotPermitted, match=r"P9: lon=-70 .* km from the units"):
        case.do(0, RegisterUnits(units=(registered("P9", lon=-70.0),)), DUTY)


def test_a_fix_far_away_is_refused_row_by_row(case: Case) -> None:
    enrol(case)
    now = case.both.now_s
    rows = (row("P1", now), row("P2", now, lon=LAT, lat=LON))
    outcome = report_positions(case.both.desks[0], rows, FEED, command_id="c", now_s=now)
    assert outcome.taken == 1
    (one,) = outcome.refused
    assert str(one) == (
        "row 2 (P2): far from the region; expected a place of the region; are lon and lat swapped?"
    )
    with pytest.raises(NotNow, match="swapped"):
        case.do(0, ReportPositions(rows=(row("P3", now, lon=LAT, lat=LON),)), FEED)


def fields_of(form: type[BaseModel]) -> set[str]:
    """All names of fields, of inner forms too."""
    found = set(form.model_fields)
    for field in form.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= fields_of(part)
    return found


def test_every_command_with_a_position_is_among_those_tried_here() -> None:
    # A question for seals has places of the plan's own sites, and no position that anybody types.
    asked = {"message.send", "request.ask"}
    placed = {name for name, form in all_commands().items() if "lon" in fields_of(form)} - asked
    assert placed == {
        "sighting.note", "hit.report", "silence.report", "intelligence.use", "units.register",
        "positions.report",
    }  # fmt: skip


def prepared_like(case: Case, name: str, **at: Any) -> str:
    """What a command says of its place before it is decided; empty if it can be meant."""
    now = case.at(0)
    given: dict[str, dict[str, Any]] = {
        "sighting.note": {},
        "hit.report": {"camera": "A", "hit": "h", "seen": now, "hit_class": "certain",
                       "confidence": 1.0},
        "silence.report": {"camera": "A", "watched_from": case.at(-60), "until": now,
                           "detection": 0.9},
        "intelligence.use": {"report": "r", "at": now, "radius_m": 100.0, "probability": 0.5},
    }  # fmt: skip
    command = all_commands()[name].model_validate({"incident": INCIDENT} | given[name] | at)
    desk = case.both.desks[0]
    ground: Any = SimpleNamespace(regions=desk.regions, look=lambda ask: ask(desk.read()))
    placed = command.prepare(ground)
    return placed.refusal if isinstance(placed, Placed) else ""


@pytest.mark.parametrize(
    "name", ["sighting.note", "hit.report", "silence.report", "intelligence.use"]
)
def test_swapped_far_and_in_the_ocean_is_refused_by_each(case: Case, name: str) -> None:
    case.alarm()
    lon, lat = centre()
    case.both.desks[0].regions = OneRegion()
    assert "look swapped" in prepared_like(case, name, lon=lat, lat=lon)
    assert "km from the nearest road; expected a place" in prepared_like(
        case, name, lon=lon + 1.0, lat=lat
    )
    assert "km from the nearest road" in prepared_like(case, name, lon=-30.0, lat=30.0)
    assert not prepared_like(case, name, lon=lon, lat=lat)
    if name != "intelligence.use":
        assert "not on the map of the region" in prepared_like(case, name, section=999_999)


def test_with_a_region_its_roads_decide(case: Case) -> None:
    case.alarm()
    lon, lat = centre()
    case.both.desks[0].regions = OneRegion()
    with pytest.raises(NotNow, match=r"swapped\); expected a place within 300 m of a road, or"):
        case.do(0, noted(lon=lat, lat=lon), DUTY)
    with pytest.raises(NotPermitted, match=r"P1: .*swapped\); expected a place within 10 km"):
        case.do(0, RegisterUnits(units=(registered("P1", lon=lat, lat=lon),)), DUTY)
    near = registered("P1", lon=lon, lat=lat)
    case.do(0, RegisterUnits(units=(near,)), DUTY)
    now = case.both.now_s
    with pytest.raises(NotNow, match="far from the region"):
        case.do(0, ReportPositions(rows=(row("P1", now, lon=lat, lat=lon),)), FEED)
    with pytest.raises(NotNow, match=r"row 1 \(P1\): no place on earth"):
        case.do(0, ReportPositions(rows=(row("P1", now, lon=209.5, lat=lat),)), FEED)
    case.do(0, ReportPositions(rows=(row("P1", now, lon=lon, lat=lat),)), FEED)
