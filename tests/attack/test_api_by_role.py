"""The API as each role, step by step: what one answer gives, the next request uses.

Schemathesis walks by the links that it finds in the document: no server error, no undocumented
status, form or header. `--long` walks ten minutes as each role; STOPLINE_WALK_S sets other seconds.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import schemathesis
import yaml
from hypothesis.stateful import run_state_machine_as_test

from console.conftest import built, house, served
from console.served import DOCUMENT as PROTOCOL
from console.served import INCIDENT, Served
from console.test_openapi import CHECKS
from stopline.console.app import openapi_document
from stopline.operation.accounts.errors import LoginRefused, TooManyTries
from stopline.operation.accounts.projection import People

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.core.transport import Response

__all__ = ["built", "house", "served"]
ROLES = [*yaml.safe_load(PROTOCOL.read_text("utf-8"))["roles"], "administrator", "feed", "unit",
         "camera"]  # fmt: skip
DOCUMENT = openapi_document()
DOCUMENT["paths"].pop("/v1/events")  # it never ends; tests/console/test_events.py follows it


def walk(served: Served, role: str) -> type[Any]:
    """A machine that walks the API in a role, and signs in again where a walk ended that."""
    schema = schemathesis.openapi.from_dict(deepcopy(DOCUMENT))  # it writes links into it
    schema.config.base_url = served.url
    machine: Any = schema.as_state_machine()

    class Walk(machine):  # type: ignore[misc]
        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            if "incident" in case.path_parameters and len(str(case.path_parameters)) % 2:
                case.path_parameters["incident"] = INCIDENT  # half of them meet an incident
            case.headers.pop("Stopline-Role", None)
            return {"headers": {"authorization": f"Bearer {served.token(role)}"}, "timeout": 60}

        def validate_response(self, response: Response, case: Case, **_: Any) -> None:
            if response.status_code == 401:
                sign_in_again(served, role)
            case.validate_response(response, checks=CHECKS)

    return Walk


def sign_in_again(served: Served, role: str) -> None:
    """Sign in anew, as another person where the walk shut this one out."""
    served.tokens.pop(role, None)
    name = f"p.{role}".replace("_", "-")
    people = served.house.desk.read().projection(People).operators
    known = name in people and people[name].kind == "person"
    with suppress(LoginRefused, TooManyTries):
        if known:
            served.tokens[role] = served.house.log_in(name).token
    if role not in served.tokens:
        fresh = f"{name}.{len(people)}"
        if role in {"feed", "unit", "camera"}:
            served.tokens[role] = served.house.machine(fresh, role)
        else:
            served.house.admit(fresh, role)
            served.tokens[role] = served.house.log_in(fresh).token


def walk_for(served: Served, role: str, seconds: float, examples: int, steps: int) -> int:
    served.token(role)
    served.open_incident()
    until_s, count = time.monotonic() + seconds, 0
    while True:
        settings = hypothesis.settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
            derandomize=seconds == 0, suppress_health_check=list(hypothesis.HealthCheck),
            phases=[hypothesis.Phase.generate], print_blob=False,
        )  # fmt: skip
        run_state_machine_as_test(walk(served, role), settings=settings)
        count += 1
        if time.monotonic() >= until_s:
            return count


@pytest.mark.parametrize("role", ["administrator", "duty_officer"])
def test_a_short_walk(served: Served, role: str) -> None:
    walk_for(served, role, 0.0, examples=2, steps=8)


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_ten_minutes_as_each_role(served: Served, role: str) -> None:
    seconds = float(os.environ.get("STOPLINE_WALK_S", "600"))
    walk_for(served, role, seconds, examples=20, steps=30)
