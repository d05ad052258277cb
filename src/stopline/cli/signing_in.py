"""The `stopline sign-in` and `stopline sign-out` commands: who sits at this terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import BAD_INPUT, reported

if TYPE_CHECKING:
    from stopline.cli.node_client import RunningNode

    Began = tuple[str, str, list[str], str]  # token, who, roles, until when
    from stopline.operation.accounts.sign_in import SignedIn, SignIn

EPILOG = """Example:

\b
  stopline sign-in nodes/alder eva.nova
  stopline do nodes/alder incident.open incident=i-1 title="Concert hall" ...
  stopline sign-out nodes/alder"""

Node = Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)]


def sign_in(
    node: Node,
    name: Annotated[str, typer.Argument(help="Your name at the node.", show_default=False)],
    password_file: Annotated[
        Path | None,
        typer.Option(help="File with the password, - for standard input; else it is asked for."),
    ] = None,
) -> None:
    """Sign in at a node on this machine; what you do there then bears your name."""
    from stopline.cli.last_used import sits_down
    from stopline.cli.node_client import NotRunning, Told, running
    from stopline.cli.terminal_session import keep_token, password_from

    with reported():
        password = password_from(password_file)
    there, told = running(node), None
    if there is not None:
        try:
            told = _at_running(there, name, password)
        except NotRunning:
            pass
        except Told as error:
            for line in error.lines:
                typer.echo(line, err=True)
            raise typer.Exit(BAD_INPUT) from None
    token, who, roles, ends = told or _here(node, name, password)
    keep_token(node, token)
    sits_down(node, name)
    typer.echo(f"signed in: {who} ({', '.join(roles)}); until {ends} at the latest")


def _at_running(there: RunningNode, name: str, password: str) -> Began:
    """Sign in at the node that runs; ask for a one-time code if one is needed."""
    from stopline.cli.node_client import Told

    given = {"name": name, "password": password}
    try:
        begun = there.post("/v1/session", "", given)
    except Told as told:
        if told.kind != "code-wanted":
            raise
        code = typer.prompt("One-time code", err=True)
        begun = there.post("/v1/session", "", {**given, "code": code})
    return begun["token"], begun["display"], begun["roles"], begun["ends"]


def _here(node: Path, name: str, password: str) -> Began:
    """Sign in at the node's own journal."""
    import time

    from stopline.cli.terminal_session import at_node
    from stopline.operation.core.context import iso

    with reported(), at_node(node) as (_, door):
        came = _let_in(door, name, password, time.time())
    who = came.operator
    return came.token, who.display, list(who.roles), iso(came.ends_s)


def sign_out(node: Node) -> None:
    """End your session at a node."""
    import time

    from stopline.cli.node_client import NotRunning, Told, running
    from stopline.cli.terminal_session import at_node, token_file, token_for

    with reported():
        token = token_for(node)
    there = running(node)
    ended = False
    if there is not None:
        try:
            there.delete("/v1/session", token)
            ended = True
        except NotRunning:
            pass
        except Told as told:
            typer.echo(told.detail, err=True)
            raise typer.Exit(BAD_INPUT) from None
    if not ended:
        with reported(), at_node(node) as (_, door):
            door.log_out(token, time.time())
    token_file(node).unlink(missing_ok=True)
    typer.echo("signed out")


def _let_in(door: SignIn, name: str, password: str, now_s: float) -> SignedIn:
    """Sign in; ask for a one-time code if one is needed."""
    from stopline.cli.terminal_session import HERE
    from stopline.operation.accounts.errors import CodeWanted

    try:
        return door.log_in(name, password, None, source=HERE, now_s=now_s)
    except CodeWanted:
        code = typer.prompt("One-time code", err=True)
        return door.log_in(name, password, code, source=HERE, now_s=now_s)
