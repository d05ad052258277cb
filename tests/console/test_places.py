"""A road is named with where on it: two roads of one name are told apart, aloud as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.cli.quick import print_rows
from stopline.console.region import RegionRoads
from stopline.console.site_ids import with_file_ids
from stopline.console.tiles.network_tiles import NetworkTiles
from stopline.console.views.board import SealShown
from stopline.network.place_names import section_id
from stopline.scenario.place_text import NamedPlace
from stopline.testing.toy_network import toy_network

if TYPE_CHECKING:
    import pytest

NETWORK = toy_network()


def roads(*places: NamedPlace) -> RegionRoads:
    found = RegionRoads(NETWORK, None, NetworkTiles(NETWORK))
    found.places = places
    return found


def test_a_seal_says_where_on_its_road_it_is() -> None:
    lon, lat = map(float, NETWORK.geometry(3)[0])
    town = NamedPlace("Town", lon, lat + 0.1)
    seal = SealShown(site="section 3", road="Mill Road", state="late", since="")
    shown = with_file_ids(seal, roads(town))
    assert shown.site == section_id(NETWORK, 3)
    assert shown.where == "at Westring, 13 km south of Town"
    # What the name says already is not said twice, and without places the crossing road is left.
    named = seal.model_copy(update={"road": "Mill Road, at Westring"})
    assert with_file_ids(named, roads(town)).where == "13 km south of Town"
    assert with_file_ids(seal, roads()).where == "at Westring"
    assert with_file_ids(seal, None).where == ""


def test_long_names_of_roads_wrap_in_their_own_column(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    road = "Rheinstrasse, at Zollstrasse, 3 km south of Schaan"
    columns = ("order", "state", "road", "unit", "agency", "deadline", "reported")
    print_rows(columns, [("3f2a", "LATE", road, "BAZG-Sevelen", "border", "21:40:05", "")])
    said = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 90 for line in said), said
    assert all(word in " ".join(said) for word in road.split())
    assert "BAZG-Sevelen" in said[1]
