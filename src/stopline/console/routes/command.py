"""One address for each command: what officers and machines ask the desk to do."""

import secrets
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stopline.console.dependencies import Console, asking, console_of
from stopline.console.openapi import SECURITY, answers, body_of
from stopline.console.request_bodies import read_form
from stopline.errors import BadInput, Fault, UnknownName
from stopline.operation.core.actor import Actor
from stopline.operation.core.command import (
    Command,
    IncidentCommand,
    all_commands,
    command_named,
)
from stopline.operation.core.command_handler import CommandEnvelope, CommandReceipt
from stopline.operation.core.permissions import NODE, PERMISSIONS, check_permission

KEY: Final = "idempotency-key"
_LONGEST_KEY: Final = 200
_CREATED, _REPEATED = 201, 200
KEY_PARAMETER: Final = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "description": "yours, one for each command: given again with it, a command happens once; "
    "made and returned if you send none",
    "schema": {"type": "string", "minLength": 1, "maxLength": _LONGEST_KEY,
               "pattern": "^[!-~]+$"},
}  # fmt: skip
ROLE_PARAMETER: Final = {
    "name": "Stopline-Role",
    "in": "header",
    "required": False,
    "description": "role to act in; may be left out by who has one only",
    "schema": {"type": "string", "maxLength": 200, "pattern": "^[ -~]*$"},
}
_INCIDENT_PARAMETER: Final = {
    "name": "incident", "in": "path", "required": True, "description": "id of the incident",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"},
}  # fmt: skip


class CommandDone(BaseModel):
    """A command that became facts, which are on disk."""

    command: str = Field(description="its name")
    entries: list[int] = Field(description="index of each fact in the journal")
    ids: list[str] = Field(description="id of each fact or message, in the same order")
    repeated: bool = Field(description="it had happened before under the same key")


def path_of(kind: type[Command]) -> str:
    """Where a command is given."""
    if issubclass(kind, IncidentCommand):
        return f"/v1/incidents/{{incident}}/commands/{kind.kind}"
    return f"/v1/commands/{kind.kind}"


def command_routes() -> list[Route]:
    """The two addresses at which every command is given: within an incident, and else.

    Looking through a route for each of them would cost more than the command itself.
    """
    return [
        Route("/v1/incidents/{incident}/commands/{kind}", _give, methods=["POST"]),
        Route("/v1/commands/{kind}", _give, methods=["POST"]),
    ]


def described_commands() -> APIRouter:
    """A route for every registered command, for the document; it is not served."""
    router = APIRouter()
    for name, kind in all_commands().items():
        if PERMISSIONS.get(name) == frozenset({NODE}):
            continue  # nobody can give it here: the node does so itself
        within = issubclass(kind, IncidentCommand)
        parameters = [KEY_PARAMETER, ROLE_PARAMETER]
        router.add_api_route(
            path_of(kind),
            _give,
            methods=["POST"],
            operation_id=name,
            summary=(kind.__doc__ or "").strip().splitlines()[0],
            description=" ",
            tags=["commands"],
            status_code=_CREATED,
            response_model=CommandDone,
            responses={
                _REPEATED: {"model": CommandDone, "description": "It had happened before"},
                **answers(404, 408, 409, 413, 415, 422),
            },
            openapi_extra={
                **body_of(kind, ("incident",) if within else ()),
                "parameters": [*([_INCIDENT_PARAMETER] if within else []), *parameters],
                "security": SECURITY,
            },
        )
    return router


async def _give(request: Request) -> Response:
    """Give a command."""
    named = dict(request.path_params)
    kind = command_named(named.pop("kind"))
    if issubclass(kind, IncidentCommand) is not ("incident" in named):
        raise UnknownName(f"{request.url.path}; `{kind.kind}` is given at {path_of(kind)}")
    console = console_of(request)
    check_no_parameters(request)
    actor = await may_give(request, kind.kind)
    most = most_for(console, kind.kind)
    command = await read_form(request, kind, most, extra=named)
    return await carried_out(console, request, command, actor)


def check_no_parameters(request: Request) -> None:
    """See that a command has no parameters in its address: a mistyped one would be passed over.

    Raises:
        BadInput: with each that is there.
    """
    names = [f"parameter {name[:80]}" for name in dict.fromkeys(request.query_params)]
    if names:
        expected = "no parameters at this address; fields of a command are its body"
        raise BadInput(Fault(name, "an unknown parameter", expected) for name in names)


def most_for(console: Console, kind: str) -> int:
    """The longest body of a command, bytes."""
    return console.settings.long_bodies.get(kind, console.settings.body_bytes)


async def may_give(request: Request, kind: str) -> Actor:
    """Who gives a command, before a byte of it is read.

    Raises:
        NotPermitted: the table does not let the role.
    """
    console = console_of(request)
    actor = (await asking(request)).actor()
    now_s = console.wall()
    if console.permitted.get((actor.role, kind), 0.0) <= now_s:
        await console.look(lambda book: check_permission(actor, kind, book))
        console.permitted[actor.role, kind] = now_s + console.settings.remembered_s
    return actor  # the desk looks into the table again when it decides


async def carried_out(
    console: Console, request: Request, command: Command, actor: Actor
) -> Response:
    """Give a command and answer when it is on disk."""
    key = key_of(request)
    done = await console.gathering.do(CommandEnvelope(command, actor, actor.command_id(key)))
    return told(command.kind, done, key)


def told(kind: str, done: CommandReceipt, key: str) -> Response:
    """Say what a command became."""
    shown = CommandDone(
        command=kind, entries=list(done.entries), ids=list(done.ids), repeated=done.repeated
    )
    status = _REPEATED if done.repeated else _CREATED
    return JSONResponse(shown.model_dump(), status, {KEY: key, **location_of(done)})


def location_of(done: CommandReceipt) -> dict[str, str]:
    """The header that says where the first fact of a command is found."""
    return {"location": f"/v1/journal/entries/{done.entries[0]}"} if done.entries else {}


def key_of(request: Request) -> str:
    """The caller's key of a command, or a fresh one.

    Raises:
        BadInput: it will not do.
    """
    key = request.headers.get(KEY)
    if key is None:
        return secrets.token_urlsafe(16)
    if not 0 < len(key) <= _LONGEST_KEY or not all("!" <= sign <= "~" for sign in key):
        expected = f"1 to {_LONGEST_KEY} visible ASCII characters"
        raise BadInput.single("header Idempotency-Key", repr(key[:60]), expected)
    return key
