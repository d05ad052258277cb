"""The `stopline do` command: give any command of the desk in your own name, typed as words."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import reported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

EPILOG = """A field is FIELD=VALUE; a time may be `now` or from now, `+24h` or `-90s`; a field of a
field has a dot, said.name=alert; @FILE takes what stands in a file; several things are JSON,
sightings='["ID", "ID"]', and one is just ID.

\b
  stopline do nodes/alder                          what you may do
  stopline do nodes/alder alarm.raise              which fields it has
  stopline do nodes/alder alarm.raise incident=i-1 what="Shots in a hall" \\
      place=Vaduz happened=-2m vehicle="white van"

Prints the id of each fact or message. The same command under the same --key happens once."""


def do(
    node: Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)],
    command: Annotated[
        str | None, typer.Argument(help="The command; without one, those you may give.")
    ] = None,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD=VALUE]...", help="Its fields.")
    ] = None,
    role: Annotated[
        str | None, typer.Option(help="The role you act in, if you have several.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Name of this command, for a repetition.")] = None,
) -> None:
    """Give a command at a node, as whoever is signed in; or list and explain commands."""
    import secrets

    from stopline.cli.at_desk import acting
    from stopline.operation.core.command import command_named
    from stopline.operation.core.command_parser import command_from_words

    if command is None:
        _list(node)
        return
    with reported():
        kind = command_named(command)
    if not words:
        _explain(kind)
        return
    with acting(node, role) as (desk, actor):
        now_s = desk.node.clock()
        given = command_from_words(kind, words, now_s)
        command_id = actor.command_id(key or secrets.token_urlsafe())
        done = desk.do(given, actor, command_id=command_id, now_s=now_s)
    for fact_id in done.ids:
        typer.echo(fact_id)
    if done.repeated:
        typer.echo("it had happened before; nothing was recorded again", err=True)


def _list(node: Path) -> None:
    """Say which commands whoever is signed in may give, in which of their roles."""
    import time

    from stopline.cli.plain_table import show_table
    from stopline.cli.terminal_session import at_node, token_for
    from stopline.operation.core.command import all_commands
    from stopline.operation.core.permissions import may

    rows = []
    with reported(), at_node(node) as (desk, door):
        operator = door.by_token(token_for(node), time.time())
        book = desk.read()
        for name, kind in all_commands().items():
            roles = [role for role in operator.roles if may(operator.actor(role), name, book)]
            if roles:
                rows.append((name, ", ".join(roles), _first_line(kind)))
    show_table(("command", "as", "does"), rows, title=f"{operator.display} may")


def _explain(kind: type[BaseModel]) -> None:
    """Say which fields a command has."""
    from stopline.cli.plain_table import show_table

    typer.echo(_first_line(kind))
    show_table(("field", "needed", "meaning"), _fields(kind))


def _fields(kind: type[BaseModel], before: str = "") -> Iterable[tuple[str, str, str]]:
    for name, field in kind.model_fields.items():
        needed = "yes" if field.is_required() else ""
        yield f"{before}{name}", needed, field.description or ""
        inner = field.annotation
        if isinstance(inner, type) and hasattr(inner, "model_fields"):
            yield from _fields(inner, f"{before}{name}.")


def _first_line(kind: type[BaseModel]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]
