"""The `stopline units` commands: who is there, who was called, who has not answered, who is where.

Exit codes: 0 all is well; 2 an input could not be read, or the desk refused with its reason.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.at_desk import (
    Agency,
    Person,
    RoleName,
    actor_of,
    desk_of,
    give,
)
from stopline.cli.outcome import reported
from stopline.cli.plain_table import show_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.operation.desk.book import Book
    from stopline.operation.desk.command import Command
    from stopline.operation.desk.desk import Done
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
    from stopline.operation.readiness.area import Readiness
    from stopline.operation.readiness.summary import readiness_summary, unit_list

    now_s = time.time()
    with reported(), desk_of(node) as desk:
        book = desk.read()
        known = book.area(Readiness)
        lines = [
            line for line in unit_list(known, now_s) if agency in {"", line.unit.registered.agency}
        ]
        numbers = [one for one in readiness_summary(known, now_s) if agency in {"", one.agency}]
        reminders = list(_reminders(book))
    if as_json:
        typer.echo(json.dumps([_plain(line) for line in lines], ensure_ascii=False, indent=1))
        return
    for one in numbers:
        typer.echo(f"{one.agency}: {one.words()}", err=True)
    for text in reminders:
        typer.echo(text, err=True)
    show_table(COLUMNS, [_cells(line, now_s) for line in lines])


@app.command()
def register(
    node: Node,
    units: Annotated[Path, typer.Argument(help="units.csv or .geojson.", show_default=False)],
    person: Person,
    role: RoleName,
    agency: Agency = "",
    *,
    side: Annotated[str, typer.Option(help="The side as the file names it.")] = "",
    off_duty: Annotated[bool, typer.Option(help="New units are off duty, not on call.")] = False,
) -> None:
    """Register the units of your service in a file; those of other services are left to them."""
    from stopline.operation.readiness.commands import RegisterUnits
    from stopline.operation.readiness.from_file import registered_from

    with reported(), desk_of(node) as desk:
        actor = actor_of(desk.read(), person, role, agency)
        own, others = registered_from(units, side or desk.read().side, actor.agency or "")
        command = RegisterUnits(units=own, state="off duty" if off_duty else "on call")
        done = give(desk, command, actor)
    changed = "registered" if done.entries else "registered already, nothing changed"
    left = f"; {others} units of other services were left to them" if others else ""
    typer.echo(f"{len(own)} units of {actor.agency} {changed}{left}")


@app.command("set")
def set_(
    node: Node,
    unit: UnitId,
    state: Annotated[str, typer.Argument(help="For example 'under way'.", show_default=False)],
    person: Person,
    role: RoleName,
    agency: Agency = "",
    reason: Reason = "",
) -> None:
    """Say what a unit of your service is doing."""
    from stopline.operation.readiness.commands import SetUnit

    told = {"unit": unit, "state": state, "reason": reason}
    _give(node, SetUnit, told, (person, role, agency))
    typer.echo(f"{unit} is {state}")


@app.command()
def release(
    node: Node,
    person: Person,
    role: RoleName,
    units: Annotated[
        list[str] | None, typer.Argument(help="Ids; none for all of your service.")
    ] = None,
    agency: Agency = "",
    reason: Reason = "",
) -> None:
    """Release units of your service: they are no longer called."""
    from stopline.operation.readiness.commands import ReleaseUnits

    _give(node, ReleaseUnits, {"units": units or (), "reason": reason}, (person, role, agency))
    typer.echo(f"released: {', '.join(units or ()) or 'all that were called and have no order'}")


@app.command()
def retire(
    node: Node, unit: UnitId, person: Person, role: RoleName, reason: Reason, agency: Agency = ""
) -> None:
    """Take a unit of your service out of the list; it exists no more."""
    from stopline.operation.readiness.commands import RetireUnit

    _give(node, RetireUnit, {"unit": unit, "reason": reason}, (person, role, agency))
    typer.echo(f"{unit} is no longer in the list")


@app.command()
def alert(
    node: Node,
    incident: Incident,
    person: Person,
    role: RoleName,
    agencies: Annotated[
        list[str] | None, typer.Argument(help="Services; none for those the protocol names.")
    ] = None,
    agency: Agency = "",
    *,
    off_duty: Annotated[bool, typer.Option(help="Call those off duty, too.")] = False,
    within: Annotated[float, typer.Option(help="Minutes in which each must answer.")] = 5.0,
) -> None:
    """Call whole services at the alert level in force; each unit must acknowledge."""
    from stopline.operation.readiness.alerting import AlertAgencies
    from stopline.operation.readiness.area import Readiness

    told = {
        "incident": incident, "agencies": agencies or (), "off_duty": off_duty,
        "answer_within_s": 60.0 * within,
    }  # fmt: skip
    done = _give(node, AlertAgencies, told, (person, role, agency))
    with reported(), desk_of(node) as desk:
        known = desk.read().area(Readiness)
        for each in (known.alerts[fact] for fact in done.ids):
            called = sum(one.alert == each.id for one in known.units.values())
            asked = f"; the protocol asks: {each.demand}" if each.demand else ""
            typer.echo(f"{each.agency}: {called} units called at {each.level or 'no level'}{asked}")


@app.command()
def acknowledge(
    node: Node,
    incident: Incident,
    unit: UnitId,
    person: Person,
    role: RoleName,
    agency: Agency = "",
) -> None:
    """Acknowledge the alert that called a unit, as the unit or as its service."""
    from stopline.operation.readiness.alerting import AcknowledgeAlert

    _give(node, AcknowledgeAlert, {"incident": incident, "unit": unit}, (person, role, agency))
    typer.echo(f"{unit} has acknowledged")


@app.command()
def positions(
    node: Node,
    file: Annotated[Path, typer.Argument(help="positions.csv, or - for stdin.", allow_dash=True)],
    person: Person,
    role: RoleName = "feed",
    agency: Agency = "",
) -> None:
    """Report where units are; what cannot be taken is named row by row."""
    from stopline.link.ids import new_id
    from stopline.operation.readiness.positions import report_positions
    from stopline.operation.readiness.positions_csv import read_positions_csv

    with reported():
        rows = read_positions_csv(_text_of(file), "stdin" if str(file) == "-" else str(file))
        with desk_of(node) as desk:
            actor, now_s = actor_of(desk.read(), person, role, agency), time.time()
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


def _give(
    node: Path, kind: type[Command], told: Mapping[str, object], who: tuple[str, str, str]
) -> Done:
    from pydantic import ValidationError

    from stopline.errors import BadInput, Fault

    with reported(), desk_of(node) as desk:
        try:
            command = kind.model_validate(told)
        except ValidationError as error:
            raise BadInput(
                Fault(
                    ".".join(map(str, one["loc"])),
                    repr(one["input"])[:60],
                    one["msg"].removeprefix("Input should be "),
                )
                for one in error.errors()
            ) from None
        return give(desk, command, actor_of(desk.read(), *who))


def _reminders(book: Book) -> Iterable[str]:
    """What should have been called and was not, by incident."""
    from stopline.operation.readiness.area import Readiness
    from stopline.operation.readiness.summary import not_alerted

    for one in book.incidents.values():
        names = [] if one.is_over else not_alerted(book.area(Readiness), one)
        if names:
            yield f"{one.id}: level {one.state.level}, and nobody has alerted {', '.join(names)}"


def _cells(line: UnitLine, now_s: float) -> tuple[str, ...]:
    from stopline.operation.clock_text import span

    what, fix = line.unit.registered, line.fix
    lon, lat = (what.lon, what.lat) if fix is None else (fix.lon, fix.lat)
    seen = "base" if fix is None else f"{span(max(0.0, now_s - fix.at_s))} ago"
    named = f"{what.id} {what.name}" if what.name and what.name != what.id else what.id
    return (
        named, what.agency, line.said, str(what.strength), line.road, f"{lon:.5f}", f"{lat:.5f}",
        seen,
    )  # fmt: skip


def _plain(line: UnitLine) -> dict[str, object]:
    from stopline.operation.desk.situation import iso

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
