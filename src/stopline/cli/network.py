"""`stopline network`: look at a road network."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.outcome import SEALED, ends_plainly
from stopline.cli.progress import progress

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
    import json

    from stopline.cli.plain_table import show_table
    from stopline.operation.network_info import network_info

    with progress() as report:
        facts = network_info(file, progress=report)
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=1, allow_nan=False))
        return SEALED
    rows = [(name, value) for name, value in _rows("", facts)]
    show_table(("what", "value"), rows, title=str(file))
    return SEALED


def _rows(prefix: str, value: object) -> list[tuple[str, str]]:
    """Flatten nested facts into lines `a.b  value`."""
    if isinstance(value, dict):
        inner = [_rows(f"{prefix}.{key}" if prefix else str(key), value[key]) for key in value]
        return [row for rows in inner for row in rows]
    if isinstance(value, list | tuple):
        return [(prefix, ", ".join(str(part) for part in value))]
    return [(prefix, f"{value:.1f}" if isinstance(value, float) else str(value))]
