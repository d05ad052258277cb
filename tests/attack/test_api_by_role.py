"""The API as each role, step by step: what one answer gives, the next request uses.

Schemathesis walks by the links that it finds in the document, and asks between two walks every
operation with made-up requests, as a role that is refused nearly everything finds no links: no
server error, no undocumented status, form or header. `--long` takes ten minutes for each role;
STOPLINE_WALK_S sets other seconds.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import schemathesis
import yaml
from hypothesis.stateful import run_state_machine_as_test

from console.conftest import built, house, served
from console.served import DOCUMENT as PROTOCOL
from console.served import INCIDENT, Served
from console.test_openapi import CHECKS, OPERATIONS, both_ways
from stopline.console.app import openapi_document
from stopline.operation.accounts.errors import LoginRefused, TooManyTries
from stopline.operation.accounts.projection import People

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemathesis import Case
    from schemathesis.core.transport import Response

__all__ = ["built", "house", "served"]
ROLES = [*yaml.safe_load(PROTOCOL.read_text("utf-8"))["roles"], "administrator", "feed", "unit",
         "camera"]  # fmt: skip
DOCUMENT = deepcopy(openapi_document())  # one path is taken out below
DOCUMENT["paths"].pop("/v1/events")  # it never ends; tests/console/test_events.py follows it


@dataclass
class Tally:
    """What a role's ten minutes came to: requests, and the operations and statuses among them."""

    requests: int = 0
    operations: set[tuple[str, str]] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)

    def note(self, case: Case, response: Response) -> None:
        self.requests += 1
        self.operations.add((case.path, case.method))
        self.statuses[response.status_code] += 1

    def __str__(self) -> str:
        statuses = ", ".join(f"{n} of {status}" for status, n in sorted(self.statuses.items()))
        return f"{self.requests} requests, {len(self.operations)} operations; {statuses}"


def walk(served: Served, role: str, tally: Tally) -> type[Any]:
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
            tally.note(case, response)
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


def ask_all(served: Served, role: str, tally: Tally, until_s: float, examples: int = 4) -> None:
    """Every operation of the document in a role, with a few made-up requests each."""
    schema = schemathesis.openapi.from_dict(deepcopy(DOCUMENT))
    schema.config.base_url = served.url
    for path, method in OPERATIONS:
        if time.monotonic() >= until_s:
            return

        @hypothesis.given(case=both_ways(schema[path][method.upper()]))
        @settings(examples)
        def keeps(case: Case) -> None:
            if "incident" in case.path_parameters and len(str(case.path_parameters)) % 2:
                case.path_parameters["incident"] = INCIDENT
            case.headers.pop("Stopline-Role", None)
            bearer = {"authorization": f"Bearer {served.token(role)}"}
            response = case.call(base_url=served.url, headers=bearer, timeout=60)
            tally.note(case, response)
            if response.status_code == 401:
                sign_in_again(served, role)
            case.validate_response(response, checks=CHECKS)

        keeps()


def settings(examples: int, **more: Any) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate], **more,
    )  # fmt: skip


def walk_for(served: Served, role: str, seconds: float, examples: int, steps: int) -> Tally:
    """Walk by links for at least so many seconds; where there are any, ask all in between."""
    served.token(role)
    served.open_incident()
    until_s, tally = time.monotonic() + seconds, Tally()
    while True:
        chosen = settings(examples, stateful_step_count=steps, derandomize=seconds == 0)
        run_state_machine_as_test(walk(served, role, tally), settings=chosen)
        if time.monotonic() >= until_s:
            return tally
        ask_all(served, role, tally, until_s)


@pytest.mark.parametrize("role", ["administrator", "duty_officer"])
def test_a_short_walk(served: Served, role: str) -> None:
    assert walk_for(served, role, 0.0, examples=2, steps=8).requests > 0


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_ten_minutes_as_each_role(
    served: Served, role: str, record_property: Callable[[str, object], None]
) -> None:
    seconds = float(os.environ.get("STOPLINE_WALK_S", "600"))
    tally = walk_for(served, role, seconds, examples=20, steps=30)
    record_property("walk", f"{role}: {tally}")
    print(f"{role}: {tally}")  # noqa: T201 -- shown with pytest -rP
    assert len(tally.operations) > len(OPERATIONS) / 2
