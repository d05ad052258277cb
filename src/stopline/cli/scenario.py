"""`stopline scenario`: begin a scenario from three facts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stopline.cli.outcome import BAD_INPUT, SEALED, ends_plainly

EPILOG = """Examples:

\b
  stopline scenario new --network R.osm.pbf --place Vaduz --units units.csv
  stopline scenario new --network city.graphml --place 9.52,47.14 --units u.csv --out night.yaml"""

app = typer.Typer(help="Begin a scenario.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Begin a scenario."""


@app.command(epilog=EPILOG)
@ends_plainly
def new(
    *,
    network: Annotated[Path, typer.Option(help="The map: OSM, GraphML, or a GMNS folder.")],
    place: Annotated[
        str, typer.Option(help="Where it was seen: LON,LAT, a town's or road's name, or `node ID`.")
    ],
    units: Annotated[Path, typer.Option(help="CSV or GeoJSON of units.")],
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("scenario.yaml"),
    as_spelt: Annotated[
        list[str] | None,
        typer.Option(help="A side or service that is right though it looks like another."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> int:
    """Write a commented scenario that plans at once."""
    from datetime import datetime

    from stopline.errors import BadInput
    from stopline.scenario.loader import load_scenario
    from stopline.scenario.starter import starter_text
    from stopline.sealing.plan_file.file import write_whole
    from stopline.sealing.wording import count

    if out.exists() and not force:
        raise BadInput.single(str(out), "a file that is there", "another name, or --force")
    now = datetime.now().astimezone().replace(microsecond=0)
    text = starter_text(network, place, units, at=out, now=now, as_spelt=as_spelt or ())
    write_whole(out, text)
    try:
        loaded = load_scenario(out)
    except BadInput as error:
        told = count(len(error.faults), "fault")
        typer.echo(f"{out} is written, with {told} that only you can mend:", err=True)
        for fault in error.faults:
            typer.echo(str(fault), err=True)
        return BAD_INPUT
    problem = loaded.problem
    found = f"{count(len(problem.units), 'unit')}, {count(len(problem.exits), 'exit')}"
    typer.echo(f"{out}: {found}. Next: stopline plan {out}")
    return SEALED
