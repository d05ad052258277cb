"""The `stopline board` command: what is open now, the new plan offered, and every order's state."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.outcome import reported

EPILOG = """Example: stopline board nodes/alder --zone Europe/Vaduz

It shows what `stopline serve` has found. Ends with 0 if sealed, with 3 if not. The incident may be
left out where only one runs, or where you named one before."""


def board(
    node: Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)],
    incident: Annotated[
        str | None, typer.Argument(help="Id of the incident; the one that runs, if left out.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Zone of its times; that of the plan, if left out.")
    ] = None,
) -> None:
    """Show what is open now and why, the new plan that is offered, and every seal's true state."""
    from stopline.cli import quick
    from stopline.cli.at_desk import roads_of
    from stopline.cli.last_used import last_used
    from stopline.console.site_ids import with_file_ids
    from stopline.console.views.board import the_board
    from stopline.operation.runtime.bootstrap import open_command_handler
    from stopline.operation.runtime.typed import known_incident
    from stopline.operation.situation.commands import zone_named

    # Whoever has the node's folder may look without signing in, so that this way stays open.
    with reported():
        place = zone_named(zone) if zone else None
        desk = open_command_handler(node)
        try:
            book = desk.read()
            name = known_incident(book, incident, last_used(node).incident)
            found = book.incident(name)
            roads = roads_of(desk, node, found)
            shown = with_file_ids(the_board(book, found, desk.node.clock(), place), roads)
        finally:
            desk.node.journal.close()
    raise typer.Exit(quick.print_board(shown.model_dump(mode="json"), node, name))
