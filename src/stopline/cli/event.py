"""`stopline event`: the security plan of a mass event."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.first_run import prepare
from stopline.cli.outcome import OPEN, SEALED, ends_plainly
from stopline.cli.progress import progress

if TYPE_CHECKING:
    from stopline.planning.event import EventResult

EPILOG = """Examples:

\b
  stopline event plan examples/events/vaduz-hall.yaml
  stopline event plan event.yaml --out plans/hall
  stopline event plan event.yaml --json | jq .sentence
  stopline verify plans/hall/event.json

Ends with 0 if every ring that was asked for exists, 3 if one does not, 2 on bad input."""

app = typer.Typer(
    name="event",
    help="The security plan of a mass event: cameras, barriers, posts, forces.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _root() -> None:
    """Plan the security of a mass event."""


@app.command(short_help="Cameras, barriers, posts and forces, with the proof.", epilog=EPILOG)
@ends_plainly
def plan(
    event: Annotated[Path, typer.Argument(help="Event file (docs/formats/event.md).")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the files. [default: out/NAME; none with --json]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print event.json on stdout.")] = False,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Draw no map and make no pages.")
    ] = False,
) -> int:
    """Plan cameras on every way out, barriers, posts and forces of an event; prove the cameras."""
    from stopline.planning.event import plan_event

    folder = out if out is not None or as_json else Path("out") / event.stem
    with progress() as report:
        prepare(report)
        result = plan_event(event, folder, pictures=not no_pictures, progress=report)
    if as_json:
        import json

        document = result.plan.model_dump(mode="json", by_alias=True)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        _print(result)
    return SEALED if result.complete else OPEN


def _print(result: EventResult) -> None:
    """Print the sites, and in sentences what is proven; the table alone goes into a pipe."""
    from stopline.cli.plain_table import show_table
    from stopline.cli.said import say_files

    plan = result.plan
    rows = [
        (
            ring.direction, str(site.number), site.name, site.road_class, f"{site.lat:.5f}",
            f"{site.lon:.5f}", str(site.count * site.side_by_side),
            "there" if site.existing else (site.type or "new"), str(site.price),
        )
        for ring in plan.rings
        for site in ring.sites
    ]  # fmt: skip
    columns = ("ring", "no", "site", "class", "lat", "lon", "cameras", "kind", "cost")
    show_table(columns, rows, title=f"{plan.name}: camera sites")
    for ring in plan.rings:
        typer.echo(f"{ring.direction}: {ring.sentence}", err=True)
    for row in plan.by_time:
        what = f"cost {row.cost} at {row.sites} places" if row.cost is not None else row.why
        typer.echo(f"within {row.within_s:g} s: {what}", err=True)
    for phase in plan.barriers:
        typer.echo(f"{phase.phase}: {phase.ring.sentence}", err=True)
    if plan.masts is not None:
        typer.echo(plan.masts.sentence, err=True)
    if plan.forces is not None:
        for line in _missing(result):
            typer.echo(line, err=True)
    for note in plan.notes:
        typer.echo(note, err=True)
    say_files(result.files)
    for path in result.files:
        if path.name == "event.json":
            typer.echo(f"To check it with separate code: stopline verify {path}", err=True)


def _missing(result: EventResult) -> list[str]:
    """The hour in which most people of each service are missing."""
    forces = result.plan.forces
    if forces is None:
        return []
    worst: dict[str, tuple[int, str]] = {}
    for hour in forces.hours:
        for one in hour.services:
            if one.missing > worst.get(one.service, (0, ""))[0]:
                worst[one.service] = (one.missing, hour.start)
    named = " (an example table)" if forces.example else ""
    if not worst:
        return [f"Forces: nobody is missing by {forces.table}{named}."]
    return [
        f"Forces by {forces.table}{named}: {count} of {service} missing from {start}."
        for service, (count, start) in worst.items()
    ]
