"""Every message of the shipped protocol: who may send it, when, with what; and nobody else.

What is expected is read from the document as plain YAML, apart from the code that enforces it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import yaml

from operation.liaison_case import DOCUMENT, INCIDENT, Case, actor
from stopline.link.disclosure import DISCLOSED, disclose
from stopline.link.errors import NotDisclosable
from stopline.link.messages import all_message_kinds
from stopline.link.procedure_message import CONTENT, ProcedureSaid
from stopline.operation.core.command_handler import CommandEnvelope
from stopline.operation.core.commands import SendMessage
from stopline.operation.core.errors import Refused
from stopline.operation.core.protocol_rules import AgreedRules

PLAIN: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text("utf-8"))
FILLED: dict[str, object] = {
    "what_happened": "shots",
    "vehicle": "white van",
    "contact_persons": "N. Novak, telephone 1",
    "sightings": [
        {"sighting": "s", "lon": 9.5, "lat": 47.1, "radius_m": 10,
         "seen": "2026-11-25T10:00:00+00:00", "heading_deg": None, "towards": None, "grade": "B2",
         "confirmed": True}
    ],
    "belief": {"at": "2026-11-25T10:00:00+00:00", "destinations": {"border": 0.5}},
    "suspicions": "sealed",
    "wanted_sections": [
        {"site": "section 1", "road": "A 3", "lon": 9.5, "lat": 47.1,
         "by": "2026-11-25T10:00:00+00:00", "strength": 1}
    ],
    "commitments": [{"site": "section 1", "closed_by": None}],
    "seal_status": [
        {"site": "section 1", "road": "A 3", "state": "closed",
         "since": "2026-11-25T10:00:00+00:00"}
    ],
    "draft_statement_text": "We say.",
    "detention": "at the bridge",
}  # fmt: skip


def deputies(role: str) -> set[str]:
    found = {role}
    for deputy in PLAIN["roles"][role].get("deputies", []):
        found |= deputies(deputy)
    return found


def expected(name: str, phase: str, role: str, *, leads: bool) -> bool:
    message = PLAIN["messages"][name]
    if message.get("side", "each") not in {"each", "lead" if leads else "assist"}:
        return False
    if phase not in message.get("phases", list(PLAIN["phases"])):
        return False
    for item in message.get("carries", []):
        shown = PLAIN["disclosures"][item]
        if phase not in shown["phases"]:
            return False
        if "to" in shown and message["expected_by"] not in shown["to"]:
            return False
    return role in deputies(message["sent_by"])


def allowed(case: Case, end: int, phase: str, role: str, content: dict[str, object]) -> bool:
    """Whether the desk would let somebody say it in a phase, with no task open; nothing is kept."""
    desk, incident = case.both.desks[end], case.incident(end)
    kept = incident.state
    incident.state = replace(kept, phase=phase, lead="alder", tasks={})
    said = ProcedureSaid.model_validate({"protocol": "", **content})
    wish = CommandEnvelope(SendMessage(incident=INCIDENT, said=said), actor(role), "c")
    try:
        desk._decide(wish, case.both.now_s)
    except Refused:
        return False
    finally:
        incident.state = kept
    return True


def test_each_message_is_sent_by_whom_the_document_names_in_its_phase_and_nobody_else(
    case: Case,
) -> None:
    case.liaison()
    seen = {
        (name, phase, role, end): allowed(case, end, phase, role, {"name": name})
        for name, phase, role, end in product(
            PLAIN["messages"], PLAIN["phases"], PLAIN["roles"], (0, 1)
        )
    }
    wanted = {
        (name, phase, role, end): expected(name, phase, role, leads=end == 0)
        for name, phase, role, end in seen
    }
    assert {key for key in seen if seen[key] != wanted[key]} == set()
    said = {name for (name, *_), yes in seen.items() if yes}
    assert said == set(PLAIN["messages"]), "a message that nobody can ever send"


def test_each_message_holds_only_what_the_document_lets_it_carry(case: Case) -> None:
    case.liaison()
    assert set(FILLED) == set(CONTENT)
    wrong = []
    for name, message in PLAIN["messages"].items():
        phase, end = next(
            (phase, end)
            for phase, end in product(PLAIN["phases"], (0, 1))
            if expected(name, phase, message["sent_by"], leads=end == 0)
        )
        for field, value in FILLED.items():
            may = allowed(case, end, phase, message["sent_by"], {"name": name, field: value})
            if field == "suspicions":  # leaves by `intelligence.share` alone; tested there
                assert not may
            elif may != (field in message.get("carries", [])):
                wrong.append((name, field, may))
    assert wrong == []


@pytest.mark.parametrize("kind", [kind.name for kind in all_message_kinds()])
def test_each_kind_leaves_with_its_fields_and_no_other(case: Case, kind: str) -> None:
    rules = AgreedRules(case.both.desks[0].catch_up())
    fields: dict[str, object] = dict.fromkeys(DISCLOSED[kind], 1)
    assert disclose(kind, fields, rules=rules, phase="SEAL") == fields
    for extra in ("unit", "unit_position", "source", "strength_left"):
        with pytest.raises(NotDisclosable, match=extra):
            disclose(kind, {**fields, extra: 1}, rules=rules, phase="SEAL")
