"""Commands as a person types them at a terminal: words in, what was meant and done out."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stopline.console.dependencies import asking, console_of
from stopline.console.openapi import SECURITY, answers, body_of
from stopline.console.request_bodies import read_form
from stopline.console.routes.command import KEY, KEY_PARAMETER, key_of, location_of
from stopline.console.routes.incident import READ, Who
from stopline.operation.core.command import IncidentCommand, all_commands
from stopline.operation.core.command_handler import CommandEnvelope
from stopline.operation.core.permissions import may
from stopline.operation.core.short_ids import short
from stopline.operation.core.state import NodeState
from stopline.operation.runtime.typed import (
    Typed,
    fields_of,
    first_line,
    known_command,
    said_of,
    understood,
)

_CREATED, _REPEATED = 201, 200
_WORDS: Final = 200
Word = Annotated[str, StringConstraints(max_length=20_000)]
Name = Annotated[str, StringConstraints(max_length=200)]
typed = APIRouter(tags=["terminal"])


class TypedCommand(BaseModel):
    """A command as it was typed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: Name = Field(description="name of the command")
    words: Annotated[list[Word], Field(max_length=_WORDS)] = Field(
        default=[], description="FIELD=VALUE each; `@NAME` as a value is the text of a file"
    )
    files: dict[str, str] = Field(default={}, description="text of those files, by name")
    role: Name | None = Field(default=None, description="role to act in; null: the one that fits")
    last_role: Name = Field(default="", description="the role acted in last, if several would fit")
    last_incident: Name = Field(default="", description="the incident meant if none is named")


class TypedDone(BaseModel):
    """A typed command that became facts, which are on disk."""

    command: str = Field(description="its name")
    role: str = Field(description="the role that was acted in")
    incident: str | None = Field(description="the incident that was meant; null for none")
    entries: list[int] = Field(description="index of each fact in the journal")
    ids: list[str] = Field(description="id of each fact or message, in the same order")
    short: list[str] = Field(description="enough of each id to name it")
    said: list[str] = Field(description="what each is, in words")
    repeated: bool = Field(description="it had happened before under the same key")


class CommandShown(BaseModel):
    """A command that one may give."""

    command: str = Field(description="its name")
    roles: list[str] = Field(description="roles in which one may")
    does: str = Field(description="what it does")


class FieldShown(BaseModel):
    """A field of a command."""

    name: str = Field(description="its name; a field of a field has a dot")
    needed: bool = Field(description="it cannot be left out")
    meaning: str = Field(description="what it holds")


class CommandFields(BaseModel):
    """A command with its fields."""

    command: str = Field(description="its name")
    does: str = Field(description="what it does")
    fields: list[FieldShown] = Field(description="its fields")


@typed.post(
    "/v1/typed", operation_id="typed", status_code=_CREATED, response_model=TypedDone,
    responses={
        _REPEATED: {"model": TypedDone, "description": "It had happened before"},
        **answers(404, 408, 409, 413, 415, 422),
    },
    openapi_extra={**body_of(TypedCommand), "parameters": [KEY_PARAMETER], "security": SECURITY},
)  # fmt: skip
async def give(request: Request) -> Response:
    """Give a command as it is typed at a terminal; role and incident are inferred if only one fits.

    Programs give a command at its own address, where every field has its form.
    """
    console = console_of(request)
    asker = await asking(request)
    most = max(console.settings.long_bodies.values(), default=console.settings.body_bytes)
    given = await read_form(request, TypedCommand, most)
    told = Typed(
        command=given.command, words=tuple(given.words), files=given.files,
        role=given.role if given.role is not None else asker.role,
        last_role=given.last_role, last_incident=given.last_incident,
    )  # fmt: skip
    desk = console.desk
    command, actor = await asyncio.to_thread(
        understood, desk, asker.operator, told, console.clock()
    )
    key = key_of(request)
    done = await console.gathering.do(CommandEnvelope(command, actor, actor.command_id(key)))
    shown = TypedDone(
        command=command.kind, role=actor.role,
        incident=command.incident if isinstance(command, IncidentCommand) else None,
        entries=list(done.entries), ids=list(done.ids),
        short=[short(one, done.ids) for one in done.ids],
        said=await asyncio.to_thread(said_of, desk, done), repeated=done.repeated,
    )  # fmt: skip
    status = _REPEATED if done.repeated else _CREATED
    return JSONResponse(shown.model_dump(), status, {KEY: key, **location_of(done)})


@typed.get("/v1/commands", operation_id="commands", responses=answers(), openapi_extra=READ)
async def commands(request: Request, asker: Who) -> list[CommandShown]:
    """The commands that I may give, in which of my roles."""
    actors = [asker.operator.actor(role) for role in asker.roles()]

    def listed(book: NodeState, _: float) -> list[CommandShown]:
        found = []
        for name, kind in all_commands().items():
            roles = [one.role for one in actors if may(one, name, book)]
            if roles:
                found.append(CommandShown(command=name, roles=roles, does=first_line(kind)))
        return found

    console = console_of(request)
    return await console.look(lambda book: listed(book, console.clock()))


@typed.get(
    "/v1/commands/{kind}", operation_id="command_fields", responses=answers(422),
    openapi_extra=READ,
)  # fmt: skip
async def fields(
    request: Request, asker: Who, kind: Annotated[str, Path(description="name of a command")]
) -> CommandFields:
    """What a command does, and which fields it has."""
    del request, asker
    found = known_command(kind)
    return CommandFields(
        command=found.kind, does=first_line(found),
        fields=[
            FieldShown(name=name, needed=needed, meaning=meaning)
            for name, needed, meaning in fields_of(found)
        ],
    )  # fmt: skip
