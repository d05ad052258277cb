"""What the main screen reads: picture, thread, front, belief, region; a unit's own order."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from shapely.geometry import shape
from tests.browser.case import Stage, joint_incident

from operation.orders.sealing_case import SCENARIO
from stopline.console.views import picture_plan
from stopline.network.place_names import section_id
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "i-2026-11-18"
FILE_ID = re.compile(r"way \d+(/\d+)?|node \d+")
OPEN: list[httpx.Client] = []


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage.make(tmp_path_factory.mktemp("picture"))
    made.tell("sealing")
    made.both.run(3.0)
    yield made
    for client in OPEN:
        client.close()
    OPEN.clear()
    made.close()


class Asker:
    """Somebody who is signed in."""

    def __init__(self, stage: Stage, name: str, end: int = 0) -> None:
        self.client = httpx.Client(
            base_url=stage.servers[end].url, trust_env=False, timeout=30,
            headers={"authorization": f"Bearer {stage.token(end, name)}"},
        )  # fmt: skip
        OPEN.append(self.client)

    def get(self, path: str, status: int = 200, **query: str) -> Any:
        answer = self.client.get(path, params=query)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def officer(stage: Stage) -> Asker:
    return Asker(stage, "duty-officer")


def test_the_picture_says_what_the_board_and_the_verdict_say(officer: Asker) -> None:
    found = officer.get(f"/v1/incidents/{NAME}/picture")
    assert found["live"]
    assert (found["us"]["tab"], found["them"]["name"], found["them"]["tab"]) == (
        "AL",
        "Birch",
        "BI",
    )
    verdict = found["verdict"]
    assert verdict["verdict"] == "sealed"
    region = officer.get("/v1/region", incident=NAME)
    assert verdict["exits"] == len(region["exits"]) > 10
    seals = found["seals"]
    assert sorted(one["number"] for one in seals) == list(range(1, len(seals) + 1))
    assert {one["theirs"] for one in seals} == {True, False}
    # Of the other side's seals no unit is ever named.
    assert all(not one["units"] and not one["orders"] for one in seals if one["theirs"])
    ours = [one for one in seals if not one["theirs"]]
    assert {one["state"] for one in ours} == {"ordered", "closed"}
    assert all(one["lon"] and one["near"] for one in ours)
    margins = [_margin(one) for one in seals if one["arrival"] and one["closes"]]
    assert margins == sorted(margins)
    assert found["sightings"][0]["confirmed"]
    assert {one["unit"] for one in found["units"] if one["site"]} == {
        unit for one in ours for unit in one["units"]
    }


def _margin(seal: dict[str, str]) -> float:
    at = [datetime.fromisoformat(seal[key]) for key in ("arrival", "closes")]
    return (at[0] - at[1]).total_seconds()


def test_a_plan_that_closes_nothing_is_none_to_be_adopted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = stage.both.desks[0].catch_up()
    empty = SimpleNamespace(
        form=SimpleNamespace(seals=()), sentence="it seals off 0 of 23 exits", note="confirmed"
    )
    monkeypatch.setattr(picture_plan, "_proposed", lambda *_: empty)
    found = picture_plan.offer_of(book.incident(NAME), stage.both.now_s, (), None)
    assert found is not None
    assert (found.offer, found.sentence) == ("", "it seals off 0 of 23 exits")


def test_a_past_moment_shows_nothing_that_came_later(stage: Stage, officer: Asker) -> None:
    whole = officer.get("/v1/journal/entries", first="0", count="500")["entries"]
    adopted = next(one for one in whole if one["kind"] == "plan.adopted")
    before = datetime.fromisoformat(adopted["time"]).timestamp() - 0.5
    at = datetime.fromtimestamp(before, UTC).isoformat()
    found = officer.get(f"/v1/incidents/{NAME}/picture", at=at)
    assert not found["live"]
    assert found["entries"] <= adopted["index"]
    assert found["plan"] is None
    assert found["seals"] == []
    assert found["incident"]["phase"] == "AGREE"
    assert found["alarm"]["place"] == "Vaduz"
    # What orders waited for then is said; after SEAL began nothing is missing.
    assert "SEAL" in found["leave"]["phases"]
    assert officer.get(f"/v1/incidents/{NAME}/picture")["leave"] is None
    early = datetime.fromtimestamp(stage.both.now_s - 86_400, UTC).isoformat()
    assert officer.get(f"/v1/incidents/{NAME}/picture", 404, at=early)["type"].endswith("unknown")
    assert officer.get(f"/v1/incidents/{NAME}/picture", 422, at="yesterday")["faults"]


def test_who_may_not_look_gets_null_and_not_less(stage: Stage) -> None:
    press = Asker(stage, "press-officer")
    found = press.get(f"/v1/incidents/{NAME}/picture")
    assert found["verdict"] is found["plan"] is found["sightings"] is found["units"] is None
    assert found["seals"] == found["ways"] == []
    assert found["belief"] is found["offer"] is found["leave"] is None
    assert found["incident"]["phase"]
    press.get(f"/v1/incidents/{NAME}/front", 403)
    press.get(f"/v1/incidents/{NAME}/belief", 403)
    Asker(stage, "root").get(f"/v1/incidents/{NAME}/picture", 403)
    for path in (f"/v1/incidents/{NAME}/picture", "/v1/region", "/v1/me/orders"):
        assert httpx.get(stage.servers[0].url + path, trust_env=False).status_code == 401


def test_the_front_is_cut_by_what_is_closed(officer: Asker) -> None:
    region = officer.get("/v1/region", incident=NAME)
    front = officer.get(f"/v1/incidents/{NAME}/front")
    assert front["digest"] == region["digest"]
    assert len(front["sections"]) == len(front["after_s"]) < region["sections"]
    seals = officer.get(f"/v1/incidents/{NAME}/picture")["seals"]
    assert all(FILE_ID.fullmatch(one["site"]) for one in seals), seals
    closed = {one["site"] for one in seals if one["state"] == "closed"}
    assert closed
    network = load_scenario(SCENARIO).problem.network
    assert front["digest"] == network.digest
    assert not closed & {section_id(network, one) for one in front["sections"]}


def test_every_site_that_the_api_tells_is_an_id_of_the_maps_file(officer: Asker) -> None:
    base = f"/v1/incidents/{NAME}"
    orders = officer.get(f"{base}/orders", limit="3")
    board, seals = officer.get(f"{base}/board"), officer.get(f"{base}/seals")["items"]
    picture, asked = officer.get(f"{base}/picture"), officer.get(f"{base}/matters")
    points = officer.get(f"{base}/orders.geojson")["features"]
    told = [*orders["items"], *board["orders"], *board["seals"], *seals, *picture["seals"]]
    told += [one["properties"] for one in points]
    sites = {one["site"] for one in told} | {one["site"] for one in picture["units"]} - {""}
    sites |= {site for one in asked["requests"] for site in one["sites"]}
    assert len(sites) > 10
    assert [one for one in sites if not FILE_ID.fullmatch(one)] == []
    assert {one["site"] for one in board["orders"]} <= {one["site"] for one in picture["seals"]}
    first = orders["items"][0]
    assert officer.get(f"{base}/orders/{first['order']}")["site"] == first["site"]
    assert officer.get(f"{base}/orders/{first['unit']}")["unit"] == first["unit"]
    page = officer.get(f"{base}/seals", limit="2")
    assert page["next"].split("/", 1)[1] == page["items"][-1]["site"]
    beyond = officer.get(f"{base}/seals", limit="2", cursor=page["next"])
    assert page["items"] + beyond["items"] == seals[:4]


def test_the_belief_is_told_by_section_in_bands(stage: Stage, officer: Asker) -> None:
    for _ in range(40):
        if officer.get(f"/v1/incidents/{NAME}/picture")["belief"] is not None:
            break
        stage.both.run(1.0)
    found = officer.get(f"/v1/incidents/{NAME}/belief")
    bands = [set(found[key]) for key in ("half", "ninety", "ninety_nine")]
    assert bands[0]
    assert all(not a & b for a, b in itertools.combinations(bands, 2))


def test_the_region_has_borders_places_and_exits(officer: Asker) -> None:
    found = officer.get("/v1/region")
    assert {one["properties"]["name"] for one in found["borders"]} >= {"LI", "CH"}
    # The straight ends of neighbours, where the map was cut out, are no border: no line is far off.
    west, south, east, north = found["bounds"]
    lines = [one["geometry"] for one in found["borders"] if one["properties"]["line"]]
    assert lines
    for line in lines:
        lon_min, lat_min, lon_max, lat_max = shape(line).bounds
        assert west - 0.02 < lon_min < lon_max < east + 0.02
        assert south - 0.02 < lat_min < lat_max < north + 0.02
    assert found["own"] == ["LI"]
    assert "Vaduz" in {one["name"] for one in found["places"]}
    assert len({one["name"] for one in found["exits"]}) == len(found["exits"]) > 10
    assert "OpenStreetMap" in found["attribution"]


def test_roads_and_places_are_found_by_a_part_of_their_name(officer: Asker) -> None:
    found = officer.get("/v1/region/search", q="landstr")
    names = [one["name"] for one in found]
    assert names[0] == "Landstrasse"
    assert all("landstr" in name.casefold() for name in names)
    places = [one["near"] for one in found if one["name"] == "Landstrasse"]
    assert len(set(places)) == len(places) > 2
    assert officer.get("/v1/region/search", q="VADUZ")[0]["section"] is None
    assert officer.get("/v1/region/search", q="no such road") == []


def test_a_tile_may_be_kept_for_good_and_the_data_not(officer: Asker) -> None:
    digest = officer.get("/v1/region")["digest"]
    tile = officer.client.get(f"/v1/tiles/{digest}/9/269/179")
    assert tile.status_code == 200
    assert "immutable" in tile.headers["cache-control"]
    assert officer.client.get("/v1/region").headers["cache-control"] == "no-store"
    assert officer.client.get(f"/v1/tiles/{digest}/9/512/0").status_code == 404
    assert officer.client.get(f"/v1/tiles/{digest[:-1]}0/9/269/179").status_code in {200, 404}
    assert officer.client.get("/v1/tiles/abc/9/269/179").status_code == 404


def test_a_unit_sees_its_own_order_and_nothing_else(stage: Stage) -> None:
    order = stage.story.orders(0).orders[stage.orders(0)[0]].issued
    name = stage.unit_account(0, order.unit, order.agency)
    unit = Asker(stage, name)
    found = unit.get("/v1/me/orders")
    assert found["unit"] == order.unit
    (mine,) = found["orders"]
    assert (mine["order"], mine["road"], mine["state"]) == (order.order, order.road, "acknowledged")
    assert mine["next"] == ["under way", "in position", "closed", "refused"]
    assert mine["number"] == 1
    assert mine["near"]
    assert unit.get("/v1/region")["digest"]
    me = unit.get("/v1/me")
    assert sorted(me["reads"]) == ["map", "own orders"]
    for path in ("board", "picture", "sightings", "situation", "thread", "front"):
        unit.get(f"/v1/incidents/{NAME}/{path}", 403)
    for path in ("/v1/incidents", "/v1/units", "/v1/node", "/v1/journal/entries"):
        unit.get(path, 403)
    Asker(stage, "duty-officer").get("/v1/me/orders", 403)


def test_the_thread_holds_messages_and_calls(officer: Asker) -> None:
    found = officer.get(f"/v1/incidents/{NAME}/thread")
    assert {one["kind"] for one in found["lines"]} == {"message", "call"}
    assert [one["at"] for one in found["lines"]] == sorted(one["at"] for one in found["lines"])
    assert {one["received"] for one in found["lines"]} == {True, False}
    assert any(one["asks"] for one in found["messages"])
    now = {one["name"]: one["now"] for one in found["messages"]}
    # Alder leads: it alerts, and does not say that it has understood; nor what AGREE is for.
    assert (now["alert"], now["alert_understood"], now["sealing_refused"]) == (True, False, False)
    assert joint_incident().NAME == NAME


def test_the_page_has_a_policy_of_its_own(stage: Stage, tmp_path: Path) -> None:
    del tmp_path
    answer = httpx.get(stage.servers[0].url, trust_env=False)
    policy = answer.headers["content-security-policy"]
    assert answer.status_code in {200, 503}  # 503: the page is not built here, and says so
    if answer.status_code == 200:
        assert "unsafe" not in policy
        assert "blob:" not in policy
        assert "data:" not in policy
        assert "geolocation=(self)" in answer.headers["permissions-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert httpx.get(stage.servers[0].url + "/assets/no.js", trust_env=False).status_code == 404
    for name in ("..%2fsettings.py", "%2e%2e", ".hidden", "a"):
        assert httpx.get(f"{stage.servers[0].url}/assets/{name}", trust_env=False).status_code in {
            404, 422,
        }  # fmt: skip
