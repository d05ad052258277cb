"""`stopline track`: where the vehicle probably is, and where it is heading."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.first_run import prepare
from stopline.cli.moments import moment_of
from stopline.cli.outcome import SEALED, ends_plainly
from stopline.cli.progress import progress
from stopline.cli.said import say_files

EPILOG = """Examples:

\b
  stopline track case.yaml
  stopline track case.yaml --out belief
  stopline track case.yaml --as-of 2026-06-12T20:40:00+03:00
  stopline track case.yaml --json

All sightings of the scenario count: witnesses, camera hits, watchers that saw nothing, hearsay,
retractions. `stopline reach` says where it can be at all; this says where it is likely."""


@ends_plainly
def track(
    scenario: Annotated[Path, typer.Argument(help="Scenario file (docs/formats/scenario.md).")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for belief.json, belief.geojson and pictures.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="What was believed at this time (ISO 8601 with zone), not now."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of all chance; else the scenario's.")] = None,
    particles: Annotated[
        int | None, typer.Option(min=100, help="Number of samples; else the scenario's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print belief.json on stdout.")] = False,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Draw no belief.png and belief.svg.")
    ] = False,
) -> int:
    """Show where the vehicle probably is and where it is heading, by all sightings."""
    from stopline.cli.plain_table import show_table
    from stopline.planning import track as tracking
    from stopline.planning import track_files

    moment = None if as_of is None else moment_of("--as-of", as_of).timestamp()
    with progress() as report:
        prepare(report)
        found = tracking.track_scenario(
            scenario,
            out,
            as_of_s=moment,
            seed=seed,
            particles=particles,
            pictures=not no_pictures,
            progress=report,
        )
    if as_json:
        import json

        document = track_files.belief_document(found)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
        return SEALED
    title = f"{found.scenario.name}: where it is heading"
    show_table(track_files.COLUMNS, track_files.belief_rows(found), title=title)
    for line in track_files.belief_sentences(found):
        typer.echo(line, err=True)
    typer.echo(f"Seed {found.seed}, {found.particles.count} samples.", err=True)
    say_files(found.files)
    return SEALED
