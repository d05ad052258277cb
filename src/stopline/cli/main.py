"""The entry point of the `stopline` command; each command lives in its own file."""

from __future__ import annotations

from typing import Annotated

import typer

from stopline import __version__

app = typer.Typer(
    name="stopline",
    help="Find and stop one fleeing vehicle: which roads to seal, by whom, by when.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  (typer calls it with the flag)
    if wanted:
        typer.echo(f"stopline {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Find and stop one fleeing vehicle: which roads to seal, by whom, by when."""


def main() -> None:
    """Run the command line."""
    app()
