"""`stopline people sessions` and `stopline people token`: what is open, and how it is shut."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from stopline.cli.outcome import reported
from stopline.cli.people_door import By, Folder, at_machine, do, minute, valid
from stopline.cli.terminal_session import at_node

tokens = typer.Typer(help="Tokens of machines: issue, list, revoke.", no_args_is_help=True)
sessions = typer.Typer(help="Sessions that go on: list, end.", no_args_is_help=True)
_DAY_S = 86_400


@tokens.command()
def issue(
    folder: Folder,
    machine: Annotated[str, typer.Argument(help="Name of the machine.", show_default=False)],
    label: Annotated[str, typer.Option(help="What it is for.")] = "issued at the machine",
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="Good for so many days.")] = 365,
    by: By = "",
) -> None:
    """Issue a machine a token; it is printed this once."""
    from stopline.link.ids import new_id

    now_s = time.time()
    with reported(), valid(), at_node(folder) as (_, access):
        made = access.accounts.issue_token(
            machine, label, at_machine(by), good_for_s=days * _DAY_S, command_id=new_id(now_s),
            now_s=now_s,
        )  # fmt: skip
    typer.echo(made.token)
    typer.echo(f"token {made.id} of {machine}, good until {minute(made.ends_s)}", err=True)


@tokens.command("list")
def list_tokens(folder: Folder) -> None:
    """List the tokens: the ids, not the tokens."""
    from stopline.cli.plain_table import show_table
    from stopline.operation.accounts.projection import People

    with reported(), at_node(folder) as (desk, _):
        known, now_s = list(desk.read().projection(People).tokens.values()), time.time()
    rows = []
    for each in known:
        state = "revoked" if each.revoked else "good" if now_s < each.ends_s else "run out"
        rows.append((each.id, each.machine, state, minute(each.ends_s), each.label))
    show_table(("token", "machine", "state", "until", "label"), rows)


@tokens.command()
def revoke(
    folder: Folder,
    token: Annotated[str, typer.Argument(help="Id of the token.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why; it stands in the journal.")],
    by: By = "",
) -> None:
    """Take a token back at once."""
    from stopline.operation.accounts.commands import RevokeToken

    with reported(), valid(), at_node(folder) as (desk, _):
        do(desk, RevokeToken(token=token, reason=reason), by)
    typer.echo(f"token {token} opens nothing any more", err=True)


@sessions.command("list")
def list_sessions(folder: Folder) -> None:
    """List who is signed in, since when, from where."""
    from stopline.cli.plain_table import show_table
    from stopline.operation.accounts.projection import People

    with reported(), at_node(folder) as (desk, access):
        access.sweep(time.time())
        known = list(desk.read().projection(People).sessions.values())
    rows = [(s.id, s.operator, minute(s.begun_s), minute(s.ends_s), s.source, s.by) for s in known]
    show_table(("session", "operator", "since", "until", "source", "by"), rows)


@sessions.command()
def end(
    folder: Folder,
    session: Annotated[str, typer.Argument(help="Id of the session.", show_default=False)],
    by: By = "",
) -> None:
    """End a session at once."""
    from stopline.operation.accounts.commands import EndSession

    with reported(), valid(), at_node(folder) as (desk, _):
        do(desk, EndSession(session=session), by)
    typer.echo(f"session {session} ended", err=True)
