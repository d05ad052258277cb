"""The `stopline sign-in` and `stopline sign-out` commands: who sits at this terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import reported

if TYPE_CHECKING:
    from stopline.operation.accounts.sign_in import Access, SignedIn

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
    import time

    from stopline.cli.terminal_session import at_node, keep_token, password_from
    from stopline.operation.core.context import iso

    with reported(), at_node(node) as (_, door):
        came = _let_in(door, name, password_from(password_file), time.time())
        keep_token(node, came.token)
    who = f"{came.operator.display} ({', '.join(came.operator.roles)})"
    typer.echo(f"signed in: {who}; until {iso(came.ends_s)} at the latest")


def sign_out(node: Node) -> None:
    """End your session at a node."""
    import time

    from stopline.cli.terminal_session import at_node, token_file, token_for

    with reported(), at_node(node) as (_, door):
        door.log_out(token_for(node), time.time())
        token_file(node).unlink(missing_ok=True)
    typer.echo("signed out")


def _let_in(door: Access, name: str, password: str, now_s: float) -> SignedIn:
    """Sign in; ask for a one-time code if one is needed."""
    from stopline.cli.terminal_session import HERE
    from stopline.operation.accounts.errors import CodeWanted

    try:
        return door.log_in(name, password, None, source=HERE, now_s=now_s)
    except CodeWanted:
        code = typer.prompt("One-time code", err=True)
        return door.log_in(name, password, code, source=HERE, now_s=now_s)
