"""The `stopline board` command: what is open now, the new plan offered, and every order's state."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import OPEN, SEALED, reported

if TYPE_CHECKING:
    from datetime import tzinfo

    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import Book
    from stopline.rendering.page.model import Line

EPILOG = """Example: stopline board nodes/alder i-1 --zone Europe/Vaduz

It shows what `stopline node serve` has found. Ends with 0 if sealed, with 3 if not."""
_COLOURS = {"bad": typer.colors.RED, "good": typer.colors.GREEN}


def board(
    node: Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)],
    incident: Annotated[str, typer.Argument(help="Id of the incident.", show_default=False)],
    zone: Annotated[str, typer.Option(help="Zone of its times.")] = "UTC",
) -> None:
    """Show what is open now and why, the new plan that is offered, and every seal's true state."""
    from stopline.operation.runtime.bootstrap import open_desk
    from stopline.operation.situation.commands import zone_named

    with reported():
        place = zone_named(zone)
        desk = open_desk(node)
        try:
            book = desk.read()
            leaks = _show(book, book.incident(incident), desk.node.clock(), place, node)
        finally:
            desk.node.journal.close()
    raise typer.Exit(OPEN if leaks else SEALED)


def _show(book: Book, incident: Incident, now_s: float, zone: tzinfo, node: Path) -> bool:
    from stopline.operation.core.node_alarms import node_alarms
    from stopline.operation.plan import board_lines
    from stopline.operation.plan.verdict_projection import Verdicts
    from stopline.operation.runtime.failures import DutyTroubles
    from stopline.rendering.time_text import Clock

    lines = board_lines.verdict_lines(incident, now_s, zone)
    for line in lines:
        _print(line)
    found = incident.area(Verdicts)
    if lines and found.now is not None:
        at = Clock(now_s, zone).exact(found.since_s - now_s)
        source = "the last confirmed sighting" if found.now.sighting else "the plan's sightings"
        typer.echo(f"So since {at}, counted from {source}.")
    for line in board_lines.offer_lines(incident, now_s, zone):
        _print(line)
    if found.offer is not None and found.offer.plan:
        command = f"plan.adopt incident={incident.id} offer={found.offer.offer}"
        typer.echo(f"take it: stopline do {node} {command}, then orders.issue")
    for line in board_lines.tell_lines(incident, now_s):
        _print(line)
    for alarm in node_alarms(book, now_s):
        typer.secho(f"{alarm.lead} {alarm.text}", fg=typer.colors.RED, bold=True)
    if incident.is_offered:
        typer.secho(
            f"OFFERED by {incident.opened_by}, taken by nobody here; incident.open takes it"
        )
    for duty, error in book.area(DutyTroubles).failing.items():
        typer.secho(f"THE NODE'S DUTY FAILS: {duty}: {error}", fg=typer.colors.RED)
    _tables(incident, now_s, zone)
    return bool(lines) and not any(line.tone == "good" for line in lines)


def _print(line: Line) -> None:
    text = f"{line.lead} {line.text}".strip()
    loud = line.lead.isupper() or line.lead.endswith(":")
    typer.secho(text if loud else f"  {text}", fg=_COLOURS.get(line.tone), bold=line.tone == "bad")


def _tables(incident: Incident, now_s: float, zone: tzinfo) -> None:
    from stopline.cli.plain_table import show_table
    from stopline.operation.core.context import seconds
    from stopline.operation.orders.board import board as rows_of
    from stopline.operation.orders.peer_seals import TheirSeals
    from stopline.operation.orders.projection import Orders
    from stopline.rendering.time_text import Clock, span

    clock = Clock(now_s, zone)
    rows = [
        (
            row.state.upper() if row.state in {"late", "open"} else row.state,
            row.order.issued.road, row.order.issued.unit, row.order.issued.agency,
            clock.exact(row.order.deadline_s - now_s),
            "" if row.state in {"closed", "open", "reopened"} else span(row.left_s),
            clock.exact(row.order.since_s - now_s), row.order.reason,
        )
        for row in rows_of(incident.area(Orders), now_s)
    ]  # fmt: skip
    columns = ("state", "road", "unit", "agency", "deadline", "left", "since", "reported")
    show_table(columns, rows, title="Our orders")
    theirs = incident.area(TheirSeals).last.values()
    told = [(one.state, one.road, clock.exact(seconds(one.since) - now_s)) for one in theirs]
    if told:
        show_table(("state", "road", "since"), told, title="The other side's seals, as it says")
