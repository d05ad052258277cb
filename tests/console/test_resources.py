"""The API as an integrator expects it: resources with ids, pages, places, no silent mistakes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request

from console.served import INCIDENT, Served, lines_of
from operation.readiness_case import registered
from stopline.console.routes.account import source_of
from stopline.console.routes.resource import page_of
from stopline.console.security_middleware import Shield
from stopline.console.settings import ConsoleSettings
from stopline.console.views.board import SealShown
from stopline.errors import UnknownName
from stopline.operation.core.actor import Actor
from stopline.operation.readiness.commands import RegisterUnits

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


def test_the_entrance_names_the_document(shared: Served) -> None:
    nobody = shared.client()
    said = nobody.get("/v1")
    assert said.status_code == 200
    assert said.json()["document"] == "/v1/openapi.json"
    assert nobody.get(said.json()["document"]).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/incidents", f"/v1/incidents/{INCIDENT}/board", f"/v1/incidents/{INCIDENT}/orders"]
)
def test_a_parameter_that_is_not_there_is_refused(shared: Served, path: str) -> None:
    said = shared.client("duty_officer").get(path, params={"limmit": "5", "x": "1"})
    assert said.status_code == 422
    assert [one["where"] for one in said.json()["faults"]] == ["parameter limmit", "parameter x"]


@pytest.mark.parametrize(
    ("limit", "expected"), [("x", "a whole number"), ("0", "at least 1"), ("1.5", "a whole number")]
)
def test_what_a_parameter_should_be_is_said_in_words(
    shared: Served, limit: str, expected: str
) -> None:
    path = f"/v1/incidents/{INCIDENT}/orders"
    said = shared.client("duty_officer").get(path, params={"limit": limit})
    assert said.json()["faults"] == [
        {"where": "query limit", "seen": f"'{limit}'", "expected": expected}
    ]


def test_where_a_stream_goes_on_is_told_in_words(shared: Served) -> None:
    client = shared.client("duty_officer")
    said = client.get("/v1/events", headers={"Last-Event-ID": "abc"})
    assert said.status_code == 422
    assert said.json()["faults"] == [
        {
            "where": "header last-event-id", "seen": "'abc'",
            "expected": "id of the last event that was seen, a whole number such as 41",
        }
    ]  # fmt: skip
    said = client.get("/v1/incidents/a%20b/board")
    assert said.json()["faults"][0]["expected"] == "id of the incident"


def test_the_document_is_sent_once_to_who_keeps_it(shared: Served) -> None:
    nobody = shared.client()
    first = nobody.get("/v1/openapi.json")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = nobody.get("/v1/openapi.json", headers={"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b""), given
        assert again.headers["etag"] == tag
    other = nobody.get("/v1/openapi.json", headers={"If-None-Match": '"other"'})
    assert other.json() == first.json()


def test_a_name_that_nothing_answers_to_gets_the_near_one(shared: Served) -> None:
    client = shared.client("duty_officer")
    base = f"/v1/incidents/{INCIDENT}"
    for path, said in (
        (f"{base}x/board", f"no incident {INCIDENT}x; is {INCIDENT} meant?"),
        (f"{base}/orders/LP-Schan", "there is no order LP-Schan; there is none at all"),
        ("/v1/incident", "/v1/openapi.json has every address"),
    ):
        found = client.get(path)
        assert found.status_code == 404
        assert said in found.json()["detail"], path
    typed = client.post(f"{base}/commands/sighting.nte", json={})
    assert typed.status_code == 404
    assert "no command sighting.nte; is sighting.note meant?" in typed.json()["detail"]


def test_a_command_has_no_parameters_in_its_address(shared: Served) -> None:
    path = f"/v1/incidents/{INCIDENT}/commands/report.take"
    body = {"about": "search", "text": "nothing"}
    client = shared.client("duty_officer")
    assert client.post(path, json=body, params={"about": "x"}).status_code == 422
    done = client.post(path, json=body)
    assert done.status_code == 201
    place = done.headers["location"]
    assert client.get(place).json()["id"] == done.json()["ids"][0]


def test_units_one_by_one_and_on_the_map(served: Served) -> None:
    police = Actor("x", "second_officer", "police")
    served.house.do(RegisterUnits(units=(registered("P1"), registered("P2"))), police)
    client = served.client("duty_officer")
    assert client.get("/v1/units/P1").json()["unit"] == "P1"
    unknown = client.get("/v1/units/P9")
    assert unknown.status_code == 404
    assert "no unit P9; there is P1, P2" in unknown.json()["detail"]
    shown = client.get("/v1/units.geojson")
    assert shown.headers["content-type"] == "application/geo+json"
    assert [one["id"] for one in shown.json()["features"]] == ["P1", "P2"]


def test_lists_come_in_pages(shared: Served) -> None:
    client = shared.client("duty_officer")
    for name in ("plans", "orders", "seals"):
        said = client.get(f"/v1/incidents/{INCIDENT}/{name}", params={"limit": 2})
        assert said.json() == {"items": [], "next": None}, name
    assert client.get(f"/v1/incidents/{INCIDENT}/plans/abc").status_code == 404
    assert client.get(f"/v1/incidents/{INCIDENT}/orders", params={"limit": 0}).status_code == 422


def test_a_page_begins_behind_its_cursor() -> None:
    items = [SealShown(site=f"section {n}", road="A", state="closed", since="") for n in range(5)]
    ids = [one.site for one in items]
    seen, cursor = [], ""
    while True:
        page = page_of(items, ids, 2, cursor)
        seen += [one.site for one in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert seen == ids
    with pytest.raises(UnknownName, match="cursor"):
        page_of(items, ids, 2, "section 9")


def test_who_saw_more_than_the_journal_has_is_told_to_start_again(shared: Served) -> None:
    client = shared.client("duty_officer")
    size = shared.house.desk.read().size
    with client.stream("GET", "/v1/events", headers={"Last-Event-ID": str(size + 50)}) as stream:
        name, _, data = next(lines_of(stream))
    assert name == "start-again"
    assert f'"after": {size - 1}' in data


def test_behind_a_proxy_pages_are_taken_to_come_by_https() -> None:

    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del receive, send
        seen.append(scope["scheme"])

    async def nothing(*_: object) -> None:
        return

    for proxied in (False, True):
        shield = Shield(app, ConsoleSettings(proxied=proxied))
        scope = {
            "type": "http", "scheme": "http", "path": "/v1", "headers": [(b"host", b"localhost")],
        }  # fmt: skip
        asyncio.run(shield(scope, nothing, nothing))  # type: ignore[arg-type]
    assert seen == ["http", "https"]


@pytest.mark.parametrize(
    ("forwarded", "source"),
    [
        ([b"203.0.113.9"], "203.0.113.9"),
        ([b"10.1.1.1, 203.0.113.9"], "203.0.113.9"),  # what stands before, the caller wrote
        ([b"10.1.1.1", b"2001:db8::1"], "2001:db8::1"),
        ([b"10.1.1.1, somebody"], "192.0.2.1"),
        ([], "192.0.2.1"),
    ],
)
def test_behind_a_proxy_a_source_is_who_called_the_proxy(
    forwarded: list[bytes], source: str
) -> None:
    seen: list[str] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(source_of(Request(scope)))

    async def nothing(*_: object) -> None:
        return

    headers = [(b"host", b"localhost"), *((b"x-forwarded-for", one) for one in forwarded)]
    for proxied in (True, False):
        scope = {
            "type": "http", "scheme": "http", "path": "/v1", "headers": headers,
            "client": ("192.0.2.1", 5),
        }  # fmt: skip
        asyncio.run(Shield(app, ConsoleSettings(proxied=proxied))(scope, nothing, nothing))  # type: ignore[arg-type]
    assert seen == [source, "192.0.2.1"]
