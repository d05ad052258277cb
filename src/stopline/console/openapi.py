"""The OpenAPI document: what every operation says of its errors, its body and who may ask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from stopline import __version__
from stopline.console.problem_details import KINDS, MEDIA, ProblemShown

if TYPE_CHECKING:
    from fastapi import FastAPI
    from pydantic import BaseModel

REF: Final = "#/components/schemas/{model}"
_EVERYWHERE: Final = (400, 405, 421, 422, 500, 503)
_ABOUT: Final = """What officers, the console and other systems ask of a node.

Sign in with `POST /v1/session` and send the token as `Authorization: Bearer TOKEN`. A command is a
POST; send an `Idempotency-Key` with it, and the same command again after a broken connection
happens once. With several roles, name the one you act in by the header `Stopline-Role`. Errors are
problem details (RFC 9457). `GET /v1/events` tells what happens as it happens.
"""
_SIGNS: Final = re.compile(r"[^A-Za-z0-9_]+")
SECURITY: Final[list[dict[str, list[str]]]] = [{"token": []}, {"cookie": []}]


def answers(*statuses: int, signed_in: bool = True) -> dict[int | str, dict[str, Any]]:
    """Describe the problems that an operation may answer with, beside those of all operations."""
    more = (401, 403) if signed_in else ()
    return {
        status: {
            "description": "; ".join(k.title for k in KINDS.values() if k.status == status),
            "content": {MEDIA: {"schema": {"$ref": REF.format(model="ProblemShown")}}},
        }
        for status in sorted({*_EVERYWHERE, *more, *statuses})
    }


def body_of(form: type[BaseModel], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Describe a JSON body of a form; its schema is added to the document by `document`."""
    name = schema_name(form, without)
    schema = {"$ref": REF.format(model=name)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def schema_name(form: type[BaseModel], without: tuple[str, ...] = ()) -> str:
    """Under which name a form stands in the document."""
    return f"{form.__name__}Body" if without else form.__name__


def document(app: FastAPI, forms: list[tuple[type[BaseModel], tuple[str, ...]]]) -> dict[str, Any]:
    """Make the document; the forms are those of bodies that the routes read themselves."""
    from fastapi.openapi.utils import get_openapi  # noqa: PLC0415  (only when it is asked for)

    made = get_openapi(
        title="Stopline", version=__version__, openapi_version="3.1.0", description=_ABOUT,
        routes=app.routes, license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    made["servers"] = [{"url": "/", "description": "the node that serves this document"}]
    _name_operations(made["paths"])
    parts = made.setdefault("components", {})
    schemas: dict[str, Any] = parts.setdefault("schemas", {})
    every: list[tuple[type[BaseModel], tuple[str, ...]]] = [(ProblemShown, ()), *forms]
    for form, without in every:
        schema = form.model_json_schema(ref_template=REF, mode="validation")
        schemas.update(schema.pop("$defs", {}))
        for name in without:
            schema["properties"].pop(name)
        if "required" in schema:
            schema["required"] = [name for name in schema["required"] if name not in without]
        schemas[schema_name(form, without)] = schema
    _name_our_problems(made["paths"])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    parts["schemas"] = dict(sorted(schemas.items()))
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "__Host-stopline"},
    }
    return made


def _name_operations(paths: dict[str, Any]) -> None:
    """Give operations ids of letters, digits and `_`: generators make functions of them."""
    for operations in paths.values():
        for operation in operations.values():
            operation["operationId"] = operation_name(operation["operationId"])


def operation_name(name: str) -> str:
    """The id of an operation: the command's or the address's name, without dots and hyphens."""
    return _SIGNS.sub("_", name)


def _name_our_problems(paths: dict[str, Any]) -> None:
    """Say for every operation that faults are told as our problems, not in the library's form."""
    ours = answers(422, signed_in=False)[422]
    for operations in paths.values():
        for operation in operations.values():
            said = operation["responses"].get("422")
            if said is not None and "HTTPValidationError" in str(said):
                operation["responses"]["422"] = ours
