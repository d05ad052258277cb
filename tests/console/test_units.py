"""Units over HTTP: their list, and positions as CSV and as a command."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from console.served import ROOT
from operation.readiness_case import registered
from stopline.console.views.units import WrittenUnits
from stopline.operation.accounts.commands import AdmitMachine
from stopline.operation.core.actor import Actor
from stopline.operation.readiness.commands import RegisterUnits, RetireUnit, SetUnit
from stopline.operation.readiness.projection import Readiness
from stopline.operation.readiness.summary import unit_list

if TYPE_CHECKING:
    import httpx

    from console.served import Served

CSV = {"content-type": "text/csv"}


@pytest.fixture
def feed(served: Served) -> httpx.Client:
    """A dispatch system of the police."""
    house = served.house
    police = Actor("p.duty", "duty_officer", "police")
    house.do(RegisterUnits(units=(registered("P1"), registered("P2"))), police)
    house.do(AdmitMachine(name="dispatch", display="x", roles=("feed",), agency="police"))
    token = house.access.accounts.issue_token(
        "dispatch", "x", ROOT, good_for_s=1e5, command_id="t", now_s=house.now_s
    ).token
    return served.client(authorization=f"Bearer {token}")


def moment(served: Served, ago_s: float = 0.0) -> str:
    return datetime.fromtimestamp(served.house.now_s - ago_s, UTC).isoformat()


def test_csv_is_taken_row_by_row(served: Served, feed: httpx.Client) -> None:
    now = moment(served)
    text = f"unit,lon,lat,time\nP1,9.52,47.14,{now}\nP9,9.5,47.1,{now}\nP1,9.52,47.14,{now}\n"
    told = feed.post("/v1/positions", content=text, headers=CSV).json()
    assert told["taken"] == 1
    assert told["refused"] == [{"row": 2, "unit": "P9", "reason": "unknown unit"}]
    assert told["passed_over"] == {"not newer than its last": 1}
    units = {unit["unit"]: unit for unit in served.client("duty_officer").get("/v1/units").json()}
    assert (units["P1"]["lon"], units["P1"]["fix"]) == (9.52, now.replace("+", ".000+"))
    assert units["P2"]["lon"] is None


def test_the_same_csv_under_the_same_key_happens_once(served: Served, feed: httpx.Client) -> None:
    text = f"unit,lon,lat,time\nP1,9.52,47.14,{moment(served)}\n"
    headers = {**CSV, "idempotency-key": "k"}
    answers = [feed.post("/v1/positions", content=text, headers=headers) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 200]
    assert answers[0].json()["ids"] == answers[1].json()["ids"]


def test_json_is_taken_row_by_row_as_well(served: Served, feed: httpx.Client) -> None:
    now = moment(served)
    rows = [{"unit": name, "lon": 9.52, "lat": 47.14, "time": now} for name in ("P1", "P9")]
    told = feed.post("/v1/positions", json={"rows": rows})
    assert (told.status_code, told.json()["taken"]) == (201, 1)
    assert told.json()["refused"] == [{"row": 2, "unit": "P9", "reason": "unknown unit"}]
    other = feed.post("/v1/positions", content=b"x", headers={"content-type": "text/plain"})
    assert other.json()["detail"] == "found text/plain; expected application/json or text/csv"


def test_the_command_does_the_same(served: Served, feed: httpx.Client) -> None:
    row = {"unit": "P2", "lon": 9.5, "lat": 47.1, "time": moment(served)}
    answer = feed.post("/v1/commands/positions.report", json={"rows": [row]})
    assert answer.status_code == 201
    assert len(answer.json()["entries"]) == 1


def test_a_row_that_cannot_be_read_is_told_by_its_own_field(
    served: Served, feed: httpx.Client
) -> None:
    row = {"unit": "P2", "lon": "9,5", "lat": 47.1, "time": moment(served)[:19]}
    told = feed.post("/v1/commands/positions.report", json={"rows": [row]}).json()
    assert [(one["where"], one["expected"]) for one in told["faults"]] == [
        ("rows.0.lon", "9.5 (longitude, WGS 84 degrees)"),
        ("rows.0.time", "when it was there, ISO 8601 with zone"),
    ]


def test_a_feed_of_no_service_is_told_so(served: Served, feed: httpx.Client) -> None:
    assert feed.get("/v1/me").status_code == 200
    served.house.do(AdmitMachine(name="radio", display="x", roles=("feed",)))
    token = served.house.access.accounts.issue_token(
        "radio", "x", ROOT, good_for_s=1e5, command_id="r", now_s=served.house.now_s
    ).token
    text = f"unit,lon,lat,time\nP1,9.52,47.14,{moment(served)}\n"
    lost = served.client(authorization=f"Bearer {token}")
    said = lost.post("/v1/positions", content=text, headers=CSV).json()["detail"]
    assert "who reports is of no service; expected an administrator to say" in said


def test_each_look_shows_what_is_so_then(served: Served, feed: httpx.Client) -> None:
    def look() -> dict[str, tuple[str, str, float | None]]:
        found = served.client("duty_officer").get("/v1/units").json()
        fresh = json.loads(WrittenUnits().write(unit_list(readiness(), served.house.now_s)))
        assert found == fresh  # what is remembered from the last look never shows
        return {one["unit"]: (one["state"], one["said"], one["lon"]) for one in found}

    def readiness() -> Readiness:
        return served.house.desk.read().projection(Readiness)

    assert look() == {
        "P1": ("on call", "on call, 0 s", None),
        "P2": ("on call", "on call, 0 s", None),
    }
    served.house.now_s += 7.0
    text = f"unit,lon,lat,time\nP1,9.52,47.14,{moment(served)}\n"
    assert feed.post("/v1/positions", content=text, headers=CSV).status_code == 201
    assert look() == {
        "P1": ("on call", "on call, 7 s", 9.52),
        "P2": ("on call", "on call, 7 s", None),
    }
    police = Actor("p.duty", "duty_officer", "police")
    served.house.do(SetUnit(unit="P2", state="off duty"), police)
    assert look()["P2"] == ("off duty", "off duty, 0 s", None)
    served.house.do(RetireUnit(unit="P1", reason="sold"), police)
    assert look().keys() == {"P2"}


def test_faults_of_a_csv_are_named_by_line(feed: httpx.Client) -> None:
    text = "unit,lon,lat,time\nP1,x,47.14,yesterday\n"
    answer = feed.post("/v1/positions", content=text, headers=CSV)
    assert answer.status_code == 422
    assert [fault["where"] for fault in answer.json()["faults"]] == [
        "body line 2: lon", "body line 2: time",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"\xff", b"\0", b"unit,lon\n", b'"'])
def test_what_is_no_csv(feed: httpx.Client, body: bytes) -> None:
    assert feed.post("/v1/positions", content=body, headers=CSV).status_code in {400, 422}


def test_who_may_not_report(served: Served) -> None:
    root = served.client("administrator")
    assert root.post("/v1/positions", content=b"x", headers=CSV).status_code == 403
    assert root.get("/v1/units").status_code == 403
