"""`stopline network`: look at a road network."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.outcome import SEALED, ends_plainly
from stopline.cli.progress import progress
from stopline.cli.said import say_wrapped

EPILOG = """Examples:

\b
  stopline network info liechtenstein.osm.pbf
  stopline network info corridor --json"""

app = typer.Typer(help="Look at a road network.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Look at a road network."""


@app.command(epilog=EPILOG)
@ends_plainly
def info(
    file: Annotated[
        Path, typer.Argument(help="OSM (.pbf, .osm, .osm.gz, .osm.bz2), GraphML or GMNS.")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> int:
    """Say what is in a road network: junctions, sections, classes, territories, crossings."""
    from stopline.scenario.network_info import network_info

    with progress() as report:
        found = network_info(file, progress=report)
    if as_json:
        import json

        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        say_wrapped("\n".join(found.lines()), indent=14)
    return SEALED
