"""The API against its own document: every operation, made-up requests, no server error, and no
status, form or media type that the document does not name."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from stopline.console.app import openapi_document
from stopline.console.openapi import operation_name
from stopline.operation.accounts.projection import People
from stopline.operation.core.actor import Actor
from stopline.operation.core.command import all_commands
from stopline.operation.core.permissions import NODE, PERMISSIONS, may

if TYPE_CHECKING:
    from schemathesis import Case

    from console.served import Served

DOCUMENT = openapi_document()
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance, response_headers_conformance,
]  # fmt: skip
ROLES = ("duty_officer", "administrator", "press_officer", "security_chief", "feed")
OPERATIONS = sorted(
    (path, method)
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if path != "/v1/events"  # it never ends; tests/console/test_events.py follows it
)


def role_for(operation: str, shared: Served) -> str:
    """A role that gets as deep into an operation as one can."""
    book = shared.house.desk.read()
    kinds = {operation_name(name): name for name in all_commands()}
    kinds |= {"give_set_up_code": "operator.reset", "give_token": "token.issue"}
    kind = kinds.get(operation, operation)
    if kind in all_commands():
        return next((r for r in ROLES if may(Actor("x", r), kind, book)), "duty_officer")
    return "administrator" if operation == "people" else "duty_officer"


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda part: part)
def test_every_operation_keeps_to_the_document(
    shared: Served, path: str, method: str, request: pytest.FixtureRequest
) -> None:
    schema = schemathesis.openapi.from_dict(deepcopy(DOCUMENT))  # it writes links into it
    schema.config.base_url = shared.url
    operation = schema[path][method.upper()]
    name = DOCUMENT["paths"][path][method]["operationId"]
    role = role_for(name, shared)
    is_long = request.config.getoption("--long")

    @hypothesis.given(case=both_ways(operation))
    @hypothesis.settings(
        max_examples=200 if is_long else 12, derandomize=not is_long, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck), database=None,
    )  # fmt: skip
    def keeps(case: Case) -> None:
        if name in {"log_out", "change_password"}:
            shared.tokens.pop(role, None)
            sign_in_again(shared, role)
        if "incident" in case.path_parameters and len(str(case.path_parameters)) % 2:
            case.path_parameters["incident"] = "i-1"  # half of them meet an incident
        case.headers.pop("Stopline-Role", None)
        token = shared.token(role)
        case.call_and_validate(
            base_url=shared.url, headers={"authorization": f"Bearer {token}"}, checks=CHECKS
        )

    keeps()


def both_ways(operation: Any) -> Any:
    """Requests as the document has them, and requests that break it."""
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    return hypothesis.strategies.one_of(good, bad)


def sign_in_again(shared: Served, role: str) -> None:
    name = f"p.{role}".replace("_", "-")
    if name in {o.name for o in people(shared)}:
        shared.tokens[role] = shared.house.log_in(name).token


def people(shared: Served) -> list[Any]:
    return list(shared.house.desk.read().projection(People).operators.values())


def test_every_operation_says_what_it_is() -> None:
    silent = []
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            named = [p["description"] for p in operation.get("parameters", [])]
            if not (operation.get("summary") and operation.get("tags") and all(named)):
                silent.append((method, path))
    assert silent == []


def test_every_command_has_its_operation_with_every_field_described() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    operations = {o["operationId"]: o for item in DOCUMENT["paths"].values() for o in item.values()}
    for name, kind in all_commands().items():
        if PERMISSIONS[name] == {NODE}:
            assert operation_name(name) not in operations, name  # nobody can give it here
            continue
        body = operations[operation_name(name)]["requestBody"]["content"]["application/json"][
            "schema"
        ]["$ref"]
        fields = schemas[body.rpartition("/")[2]].get("properties", {})
        assert set(fields) == set(kind.model_fields) - {"incident"}, name
        for field, said in fields.items():
            assert said["description"] == kind.model_fields[field].description


def test_the_kept_document_is_current() -> None:
    kept = Path(__file__).parents[2] / "docs" / "formats" / "openapi.json"
    assert json.loads(kept.read_text("utf-8")) == DOCUMENT, (
        "run python -m stopline.console.reference docs/formats/openapi.json"
    )


def test_generators_find_names_that_they_like_a_server_and_no_reference_to_nowhere() -> None:
    operations = [o for item in DOCUMENT["paths"].values() for o in item.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "a").isalnum() and not name[0].isdigit() for name in names)
    assert DOCUMENT["servers"][0]["url"] == "/"
    text = json.dumps(DOCUMENT)
    referred = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(DOCUMENT["components"]["schemas"])
    assert "HTTPValidationError" not in text
