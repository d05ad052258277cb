"""`stopline atlas`: from where could today's forces not seal?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stopline.cli.first_run import prepare
from stopline.cli.outcome import SEALED, ends_plainly
from stopline.cli.progress import progress

EPILOG = """Examples:

\b
  stopline atlas examples/liechtenstein/sealed.yaml
  stopline atlas event.yaml --out atlas --jobs 2
  stopline atlas event.yaml --limit 600 --origin-limit 30
  stopline atlas event.yaml --cluster tcp://10.0.0.5:8786

A run that was stopped goes on from the answers in its folder. Ends with 0, or 2 on bad input."""


@ends_plainly
def atlas(
    region: Annotated[
        Path, typer.Argument(help="Event or scenario file (docs/formats/event.md, scenario.md).")
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the files. [default: out/NAME-atlas; none with --json]"),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes to use.")] = 1,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask cluster, in place of processes.")
    ] = None,
    limit: Annotated[
        float, typer.Option(min=0.0, help="Seconds of computing for each set of forces.")
    ] = 180.0,
    origin_limit: Annotated[
        float, typer.Option(min=0.01, help="Seconds of computing for one place.")
    ] = 15.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print atlas.json on stdout.")] = False,
    no_helps: Annotated[
        bool, typer.Option("--no-helps", help="Do not ask what would help most.")
    ] = False,
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="Draw no map.")] = False,
) -> int:
    """Map every place from which a vehicle could not be sealed in by the forces of each hour."""
    from stopline.planning import atlas as use_case
    from stopline.planning import atlas_files

    folder = out if out is not None or as_json else Path("out") / f"{region.stem}-atlas"
    with progress() as report:
        prepare(report)
        result = use_case.make_region_atlas(
            region,
            folder,
            jobs=jobs,
            cluster=cluster,
            origin_limit_s=origin_limit,
            time_limit_s=limit,
            helps=not no_helps,
            pictures=not no_pictures,
            progress=report,
        )
    if as_json:
        import json

        document = atlas_files.atlas_document(result)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
        return SEALED
    from stopline.cli.said import say_files

    typer.echo(atlas_files.atlas_tsv(result).rstrip("\n"))
    for line in atlas_files.summary(result):
        typer.echo(line, err=True)
    say_files(result.files)
    return SEALED
