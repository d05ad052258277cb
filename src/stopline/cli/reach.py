"""`stopline reach`: where the vehicle can be by then."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.first_run import prepare
from stopline.cli.outcome import SEALED, ends_plainly
from stopline.cli.progress import progress
from stopline.cli.said import say_files

EPILOG = """Examples:

\b
  stopline reach case.yaml
  stopline reach case.yaml --minutes 2,4,6,8 --out front
  stopline reach case.yaml --json

Minutes count from the scenario's "now", not from the sighting."""


@ends_plainly
def reach(
    scenario: Annotated[Path, typer.Argument(help="Scenario file (docs/formats/scenario.md).")],
    *,
    minutes: Annotated[
        str, typer.Option(help="Minutes after now, with commas between.")
    ] = "0,5,10,15,20,30",
    out: Annotated[
        Path | None, typer.Option(help="Folder for front.json, front.geojson and pictures.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print front.json on stdout.")] = False,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Draw no front.png and front.svg.")
    ] = False,
) -> int:
    """Show the front: where the vehicle can be after so many minutes if no road is closed."""
    from stopline.cli.rule_options import minutes_of

    moments = minutes_of(minutes)
    from stopline.cli.plain_table import show_table
    from stopline.planning import plan as planning
    from stopline.planning import reach_files as front_files

    with progress() as report:
        prepare(report)
        result = planning.reach(scenario, moments, out, pictures=not no_pictures, progress=report)
    if as_json:
        import json

        document = front_files.front_document(result.front, result.scenario)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
        return SEALED
    if sys.stdout.isatty():
        columns: tuple[str, ...] = front_files.SHORT_COLUMNS
        rows = front_files.short_rows(result.front, result.scenario)
    else:
        columns = front_files.COLUMNS
        rows = front_files.front_rows(result.front, result.scenario)
    show_table(columns, rows, title=f"{result.scenario.name}: the front")
    first = front_files.first_exits(result.front, result.scenario)
    for line in first:
        typer.echo(line, err=True)
    say_files(result.files)
    return SEALED
