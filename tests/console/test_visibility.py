"""What a role may not read at one address it does not see at another: one table for all of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from console.served import INCIDENT, Served
from operation.accounts.house import DOCUMENT
from stopline.console.event_feed import EventView
from stopline.console.views.event import event_of
from stopline.journal.base import Entry
from stopline.journal.kinds import all_kinds
from stopline.operation.core.read_permissions import READS, ROW_OF_KINDS, row_of, rows_for, rows_of
from stopline.operation.core.rooms import load_rooms

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
