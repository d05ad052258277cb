"""The `stopline do` command: give any command of the desk in your own name, typed as words.

Where the node runs, it is asked (`stopline.cli.quick`). Else the journal is opened here, and the
same is done.
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.outcome import reported
from stopline.cli.quick import print_done, print_rows

EPILOG = """A field is FIELD=VALUE; a time may be `now` or from now, `+24h` or `-90s`; a field of a
field has a dot, said.name=alert; @FILE takes what stands in a file; several things are JSON,
sightings='["ID", "ID"]', and one is just ID. An id may be given by how it begins or ends.

\b
  stopline do nodes/alder                           what you may do
  stopline do nodes/alder plan.adopt --help-fields  which fields a command has
  stopline do nodes/alder sighting.note place=Vaduz
  stopline do nodes/alder plan.adopt issue=true

The incident and your role may be left out where only one fits, or where you named one before.
Prints each fact or message: at a terminal the end of its id and what it is, into a file or another
program its whole id, with the words on stderr. The same command under one --key happens once."""


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
    sign: Annotated[
        Path | None, typer.Option(help="Sign it with your own key (`stopline officer key`).")
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="File with the passphrase of that key; `-` for stdin.")
    ] = None,
    *,
    explain: Annotated[
        bool, typer.Option("--help-fields", help="Say which fields the command has.")
    ] = False,
) -> None:
    """Give a command at a node, as whoever is signed in; or list and explain commands."""
    from stopline.cli import quick
    from stopline.cli.node_client import NotRunning, Told, running

    given = words or []
    there = None if sign is not None else running(node)  # the key stays where it is
    if there is not None:
        try:
            with reported():
                code = quick.do(there, command, given, role, key, explain=explain)
        except NotRunning:
            pass
        except Told as told:
            raise typer.Exit(quick.ended(told)) from None
        else:
            raise typer.Exit(code)
    if command is None:
        _list(node)
    elif explain:
        _explain(command)
    else:
        _here(node, command, given, role, key, sign, passphrase_file)


def _here(
    node: Path,
    command: str,
    words: list[str],
    role: str | None,
    key: str | None,
    sign: Path | None = None,
    passphrase_file: Path | None = None,
) -> None:
    """Give a command in this process, on the node's own journal."""
    import secrets

    import stopline.operation.runtime.bootstrap  # noqa: F401  (registers every command)
    from stopline.cli.at_desk import acting_as
    from stopline.cli.last_used import last_used, remember
    from stopline.cli.node_client import text_of_files
    from stopline.operation.core.command import IncidentCommand
    from stopline.operation.core.short_ids import short
    from stopline.operation.runtime.typed import (
        Typed,
        fields_of,
        known_command,
        said_of,
        understood,
    )

    with reported():
        kind = known_command(command)
    if not words and any(needed for _, needed, _ in fields_of(kind)):
        _explain(command)
        return
    last = last_used(node)
    typed = Typed(
        command=command, words=tuple(words), files=text_of_files(words), role=role,
        last_role=last.role, last_incident=last.incident,
    )  # fmt: skip
    with acting_as(node) as (desk, operator):
        now_s = desk.node.clock()
        given, actor = understood(desk, operator, typed, now_s)
        if sign is not None:
            from stopline.cli.officer import signed

            given = signed(given, actor, desk.read().side, sign, passphrase_file, now_s)
        command_id = actor.command_id(key or secrets.token_urlsafe())
        done = desk.do(given, actor, command_id=command_id, now_s=now_s)
        incident = given.incident if isinstance(given, IncidentCommand) else None
        said = said_of(desk, done)
    remember(node, role=role, incident=incident)
    shown = [short(one, done.ids) for one in done.ids]
    print_done(done.ids, shown, said, repeated=done.repeated)


def _list(node: Path) -> None:
    """Say which commands whoever is signed in may give, in which of their roles."""
    import time

    from stopline.cli.terminal_session import at_node, token_for
    from stopline.operation.core.command import all_commands
    from stopline.operation.core.permissions import may
    from stopline.operation.runtime.typed import first_line

    rows = []
    with reported(), at_node(node) as (desk, door):
        operator = door.by_token(token_for(node), time.time())
        book = desk.read()
        for name, kind in all_commands().items():
            roles = [role for role in operator.roles if may(operator.actor(role), name, book)]
            if roles:
                rows.append((name, ", ".join(roles), first_line(kind)))
    print_rows(("command", "as", "does"), rows, title=f"{operator.display} may")


def _explain(command: str) -> None:
    """Say which fields a command has."""
    import stopline.operation.runtime.bootstrap  # noqa: F401  (registers every command)
    from stopline.operation.runtime.typed import fields_of, first_line, known_command

    with reported():
        kind = known_command(command)
    typer.echo(first_line(kind))
    fields = [(name, "yes" if needed else "", said) for name, needed, said in fields_of(kind)]
    print_rows(("field", "needed", "meaning"), fields)
