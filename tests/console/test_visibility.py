"""What a role may not read at one address it does not see at another: one table for all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from console.served import INCIDENT, ROOT, Served
from operation.accounts.house import DOCUMENT
from stopline.console.app import openapi_document
from stopline.console.event_feed import EventView
from stopline.console.views.event import event_of
from stopline.journal.base import Entry
from stopline.journal.kinds import all_kinds
from stopline.operation.core.actor import Actor
from stopline.operation.core.command import command_named
from stopline.operation.core.read_permissions import READS, ROW_OF_KINDS, row_of, rows_for, rows_of
from stopline.operation.core.rooms import load_rooms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROLES = list(yaml.safe_load(DOCUMENT.read_text("utf-8"))["roles"])
load_rooms()
KINDS = [kind for kind in all_kinds() if "future" not in kind.name]
CONTENT = {
    "sightings": [{"x": 1}], "belief": {"at": "x"}, "suspicions": "x", "seal_status": [{"x": 1}],
    "draft_statement_text": "x",
}  # fmt: skip


def entry(kind: str, body: dict[str, Any]) -> Entry:
    return Entry(
        index=0, fact_id="x", time_s=1.0, author="a", role="b", incident=INCIDENT, kind=kind,
        schema=1, body=body, leaf=b"", personal=False,
    )  # fmt: skip


def test_every_kind_of_fact_has_a_row_of_its_own() -> None:
    unnamed = [k.name for k in KINDS if not any(k.name.startswith(w) for w in ROW_OF_KINDS)]
    assert unnamed == []
    assert {row_of(k.name) for k in KINDS} <= set(READS)


@pytest.mark.parametrize("role", [*ROLES, "administrator", "unit", "feed", "nobody"])
def test_events_show_each_kind_to_those_of_its_rows_and_to_nobody_else(
    shared: Served, role: str
) -> None:
    book = shared.house.desk.catch_up()
    allowed = rows_for([role], book)
    view = EventView(allowed)
    for kind in KINDS:
        one = entry(kind.name, {"envelope": '{"kind":"text.sent","body":{"text":"x"}}'})
        assert view.shows(event_of(one)) == (rows_of(one) <= allowed), kind.name
        assert row_of(kind.name) in rows_of(one) or kind.name == "message.refused"
    for name, content in CONTENT.items():
        body = json.dumps({"kind": "procedure.said", "body": {"name": "x", name: content}})
        one = entry("message.received", {"envelope": body})
        needed = {
            "sightings": "sightings", "belief": "sightings", "suspicions": "intelligence",
            "seal_status": "board", "draft_statement_text": "statements",
        }[name]  # fmt: skip
        assert view.shows(event_of(one)) == ({"matters", needed} <= allowed), name


CANARIES = {"sightings": ["canary-bridge", "canary-source", "9.51237", "47.11239"]}


@pytest.fixture(scope="module")
def full(built: tuple[Path, float], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A node whose record holds a sighting with its source."""
    from operation.accounts.house import House  # noqa: PLC0415

    folder, now_s = built
    house = House.copied(folder, tmp_path_factory.mktemp("full") / "node", now_s)
    made = Served.of(house)
    made.open_incident()
    duty = Actor("p.duty-officer", "duty_officer", "police")

    def give(name: str, **fields: Any) -> None:
        kind = command_named(name)
        house.do(kind.model_validate({"incident": INCIDENT, **fields}), duty)

    give("alarm.raise", what="shots", place="hall", happened="2026-11-18T10:00:00Z", vehicle="van")
    give("message.send", said={"protocol": "", "name": "alert", "what_happened": "shots"})
    give(
        "sighting.note", lon=9.51237, lat=47.11239, place="canary-bridge", grade="B2",
        seen="2026-11-18T10:05:00Z", source="canary-source", confirmed=True, towards="the border",
    )  # fmt: skip
    yield made
    made.close()


def gets() -> list[str]:
    """Every address of the API that only shows something."""
    return [
        path.replace("{incident}", INCIDENT)
        for path, methods in openapi_document()["paths"].items()
        if "get" in methods and "{" not in path.replace("{incident}", "") and path != "/v1/events"
    ]


@pytest.mark.parametrize("role", ["press_officer", "duty_officer"])
def test_no_address_shows_what_the_table_keeps(full: Served, role: str) -> None:
    client = full.client(role)
    shown = ""
    for path in gets():
        shown += client.get(path).text
    size = full.house.desk.node.journal.size
    for index in range(size):
        shown += client.get(f"/v1/journal/entries/{index}").text
    with client.stream("GET", "/v1/events", params={"after": -1}) as response:
        for line in response.iter_lines():
            shown += line
            if line == "event: heartbeat":
                break
    may = role == "duty_officer"
    for canary in CANARIES["sightings"]:
        assert (canary in shown) == may, canary
    assert ROOT.role == "administrator"
