"""The `stopline units` commands: who is there, who was called, who has not answered, who is where.

The list is read by whoever has the node's folder; all else is done by whoever is signed in. Exit
codes: 0 all is well; 2 an input could not be read; 3 the desk refused, with its reason.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.at_desk import RoleName, acting, give
from stopline.cli.outcome import reported
from stopline.cli.plain_table import show_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.operation.core.state import NodeState
    from stopline.operation.readiness.summary import UnitLine

app = typer.Typer(
    name="units",
    help="Units of this side: list, register, set, alert, acknowledge, release, positions.",
    no_args_is_help=True,
)
Node = Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)]
UnitId = Annotated[str, typer.Argument(help="Id of the unit.", show_default=False)]
Incident = Annotated[str, typer.Argument(help="Id of the incident.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; needed when a unit drops out.")]
COLUMNS = ("unit", "service", "is", "strength", "order", "lon", "lat", "seen")


@app.command("list")
def list_(
    node: Node,
    *,
    agency: Annotated[str, typer.Option(help="Only units of this service.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
) -> None:
    """List every unit, those on top that should have answered an alert and have not."""
    from stopline.operation.readiness.projection import Readiness
    from stopline.operation.readiness.summary import readiness_summary, unit_list
    from stopline.operation.runtime.bootstrap import open_command_handler

    with reported():
        desk = open_command_handler(node)
        now_s = desk.node.clock()
        try:
            book = desk.read()
            known = book.projection(Readiness)
            lines = unit_list(known, now_s)
            numbers = readiness_summary(known, now_s)
            reminders = list(_reminders(book))
        finally:
            desk.node.journal.close()
    lines = [each for each in lines if agency in {"", each.unit.registered.agency}]
    if as_json:
        typer.echo(json.dumps([_plain(line) for line in lines], ensure_ascii=False, indent=1))
        return
    for one in (each for each in numbers if agency in {"", each.agency}):
        typer.echo(f"{one.agency}: {one.words()}", err=True)
    for text in reminders:
        typer.echo(text, err=True)
    show_table(COLUMNS, [_cells(line, now_s) for line in lines])


@app.command()
def register(
    node: Node,
    units: Annotated[Path, typer.Argument(help="units.csv or .geojson.", show_default=False)],
    role: RoleName = None,
    *,
    side: Annotated[str, typer.Option(help="The side as the file names it.")] = "",
    off_duty: Annotated[bool, typer.Option(help="New units are off duty, not on call.")] = False,
) -> None:
    """Register the units of your service in a file; those of other services are left to them."""
    from stopline.operation.readiness.commands import RegisterUnits
    from stopline.operation.readiness.from_file import registered_from

    with acting(node, role) as (desk, actor):
        own, others = registered_from(units, side or desk.read().side, actor.agency or "")
        state = "off duty" if off_duty else "on call"
        done = give(desk, actor, RegisterUnits, {"units": own, "state": state})
    changed = "registered" if done.entries else "registered already, nothing changed"
    left = f"; {others} units of other services were left to them" if others else ""
    typer.echo(f"{len(own)} units of {actor.agency} {changed}{left}")


@app.command("set")
def set_(
    node: Node,
    unit: UnitId,
    state: Annotated[str, typer.Argument(help="For example 'under way'.", show_default=False)],
    role: RoleName = None,
    reason: Reason = "",
) -> None:
    """Say what a unit of your service is doing."""
    from stopline.operation.readiness.commands import SetUnit

    with acting(node, role) as (desk, actor):
        give(desk, actor, SetUnit, {"unit": unit, "state": state, "reason": reason})
    typer.echo(f"{unit} is {state}")


@app.command()
def release(
    node: Node,
    units: Annotated[
        list[str] | None, typer.Argument(help="Ids; none for all of your service.")
    ] = None,
    role: RoleName = None,
    reason: Reason = "",
) -> None:
    """Release units of your service: they are no longer called."""
    from stopline.operation.readiness.commands import ReleaseUnits

    with acting(node, role) as (desk, actor):
        give(desk, actor, ReleaseUnits, {"units": units or (), "reason": reason})
    typer.echo(f"released: {', '.join(units or ()) or 'all that were called and have no order'}")


@app.command()
def retire(node: Node, unit: UnitId, reason: Reason, role: RoleName = None) -> None:
    """Take a unit of your service out of the list; it exists no more."""
    from stopline.operation.readiness.commands import RetireUnit

    with acting(node, role) as (desk, actor):
        give(desk, actor, RetireUnit, {"unit": unit, "reason": reason})
    typer.echo(f"{unit} is no longer in the list")


@app.command()
def alert(
    node: Node,
    incident: Incident,
    agencies: Annotated[
        list[str] | None, typer.Argument(help="Services; none for those the protocol names.")
    ] = None,
    role: RoleName = None,
    *,
    off_duty: Annotated[bool, typer.Option(help="Call those off duty, too.")] = False,
    within: Annotated[float, typer.Option(help="Minutes in which each must answer.")] = 5.0,
) -> None:
    """Call whole services at the alert level in force; each unit must acknowledge."""
    from stopline.operation.readiness.alerting import AlertAgencies
    from stopline.operation.readiness.projection import Readiness

    told = {
        "incident": incident, "agencies": agencies or (), "off_duty": off_duty,
        "answer_within_s": 60.0 * within,
    }  # fmt: skip
    with acting(node, role) as (desk, actor):
        done = give(desk, actor, AlertAgencies, told)
        known = desk.read().projection(Readiness)
        for each in (known.alerts[fact] for fact in done.ids):
            called = sum(one.alert == each.id for one in known.units.values())
            asked = f"; the protocol asks: {each.demand}" if each.demand else ""
            typer.echo(f"{each.agency}: {called} units called at {each.level or 'no level'}{asked}")


@app.command()
def acknowledge(node: Node, incident: Incident, unit: UnitId, role: RoleName = None) -> None:
    """Acknowledge the alert that called a unit, as the unit or as its service."""
    from stopline.operation.readiness.alerting import AcknowledgeAlert

    with acting(node, role) as (desk, actor):
        give(desk, actor, AcknowledgeAlert, {"incident": incident, "unit": unit})
    typer.echo(f"{unit} has acknowledged")


@app.command()
def positions(
    node: Node,
    file: Annotated[Path, typer.Argument(help="positions.csv, or - for stdin.", allow_dash=True)],
    role: RoleName = None,
) -> None:
    """Report where units are; what cannot be taken is named row by row."""
    from stopline.link.ids import new_id
    from stopline.operation.readiness.positions import report_positions
    from stopline.operation.readiness.positions_csv import read_positions_csv

    with acting(node, role) as (desk, actor):
        rows = read_positions_csv(_text_of(file), "stdin" if str(file) == "-" else str(file))
        now_s = desk.node.clock()
        made = report_positions(desk, rows, actor, command_id=new_id(now_s), now_s=now_s)
    for one in made.refused:
        typer.echo(str(one), err=True)
    passed = "".join(f", {count} {why}" for why, count in made.passed_over.items())
    typer.echo(f"{made.taken} positions taken, {len(made.refused)} refused{passed}")


def _text_of(file: Path) -> str:
    from stopline.errors import BadInput

    raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"{file} byte {error.start + 1}"
        raise BadInput.single(where, "text that is not UTF-8", "text in UTF-8") from None


def _reminders(book: NodeState) -> Iterable[str]:
    """What should have been called and was not, by incident."""
    from stopline.operation.readiness.projection import Readiness
    from stopline.operation.readiness.summary import not_alerted

    for one in book.incidents.values():
        names = [] if one.is_over else not_alerted(book.projection(Readiness), one)
        if names:
            yield f"{one.id}: level {one.state.level}, and nobody has alerted {', '.join(names)}"


def _cells(line: UnitLine, now_s: float) -> tuple[str, ...]:
    from stopline.rendering.time_text import span

    what, fix = line.unit.registered, line.fix
    lon, lat = (what.lon, what.lat) if fix is None else (fix.lon, fix.lat)
    seen = "base" if fix is None else f"{span(max(0.0, now_s - fix.at_s))} ago"
    named = f"{what.id} {what.name}" if what.name and what.name != what.id else what.id
    return (
        named, what.agency, line.said, str(what.strength), line.road, f"{lon:.5f}", f"{lat:.5f}",
        seen,
    )  # fmt: skip


def _plain(line: UnitLine) -> dict[str, object]:
    from stopline.operation.core.context import iso

    one, fix = line.unit, line.fix
    return {
        **one.registered.model_dump(mode="json"),
        "state": one.state,
        "since": iso(one.since_s),
        "reason": one.reason,
        "answered": None if one.answered_s is None else iso(one.answered_s),
        "answer_by": None if one.answer_by_s is None else iso(one.answer_by_s),
        "overdue": line.overdue,
        "order": line.road or None,
        "position": None
        if fix is None
        else {"lon": fix.lon, "lat": fix.lat, "time": iso(fix.at_s)},
    }
