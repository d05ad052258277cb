"""Act at the desk of a node as whoever is signed in; a refusal is said and has its exit code."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from stopline.console.region import RegionRoads
    from stopline.operation.accounts.operator import Operator
    from stopline.operation.core.actor import Actor
    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandHandler, CommandReceipt
    from stopline.operation.core.incident import Incident

REFUSED = 3
RoleName = Annotated[str | None, typer.Option("--role", help="Your role, if you have several.")]


@contextmanager
def acting(node: Path, role: str | None) -> Iterator[tuple[CommandHandler, Actor]]:
    """Open a node's desk for whoever is signed in, in the role named, or else used last."""
    from stopline.cli.last_used import last_used

    with acting_as(node) as (desk, operator):
        last = last_used(node).role
        used = last if role is None and last in operator.roles else role
        yield desk, operator.actor(used)


@contextmanager
def acting_as(node: Path) -> Iterator[tuple[CommandHandler, Operator]]:
    """Open a node's desk for whoever is signed in; a refusal is said."""
    from stopline.cli.terminal_session import at_node, token_for
    from stopline.operation.core.errors import Refused

    with reported(), at_node(node) as (desk, door):
        try:
            yield desk, door.by_token(token_for(node), time.time())
        except Refused as error:
            typer.echo(f"refused: {error}", err=True)
            raise typer.Exit(REFUSED) from None


def roads_of(desk: CommandHandler, node: Path, incident: Incident) -> RegionRoads | None:
    """The roads that an incident goes by, as the node was told of them; None where it was not."""
    from stopline.console.region import Region
    from stopline.operation.runtime.region_file import regions_of

    regions = regions_of(node)
    return Region(desk, regions).of(regions.plan_of(incident))


def give(
    desk: CommandHandler, actor: Actor, kind: type[Command], fields: Mapping[str, object]
) -> CommandReceipt:
    """Give a command now, under a new id.

    Raises:
        BadInput: with all faults of its fields.
        Refused: with the reason; nothing was recorded.
    """
    from pydantic import ValidationError

    from stopline.documents.validation import faults_of
    from stopline.errors import BadInput, Fault
    from stopline.link.ids import new_id

    try:
        command = kind.model_validate(fields)
    except ValidationError as error:
        raise BadInput(Fault(*one) for one in faults_of(error, kind, dict(fields))) from None
    now_s = desk.node.clock()
    return desk.do(command, actor, command_id=new_id(now_s), now_s=now_s)
