"""`stopline claim`: could it have entered X by T?"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.first_run import prepare
from stopline.cli.moments import moment_of
from stopline.cli.outcome import OPEN, SEALED, ends_plainly
from stopline.cli.progress import progress
from stopline.cli.said import say_files

EPILOG = """Examples:

\b
  stopline claim out/case/plan.json --into Ukraine --by 2026-06-13T06:00:00+03:00 --out claim
  stopline claim plan.json --into "Russia to Ukraine" --could --closings closings.csv
  stopline claim plan.json --into "link 5471" --could-not

X is a territory, an exit of the plan (or a border, as in "LI to CH"), `section N`, `junction N`, or
LON,LAT,RADIUS_M. The plan gives the roads, the vehicle and where it was seen, and its seals, unless
--closings says what was really closed. Ends with 0 if it could not have entered, 3 if it could."""


@ends_plainly
def claim(
    plan: Annotated[Path, typer.Argument(help="plan.json of a plan.")],
    *,
    into: Annotated[str, typer.Option(help="X: territory, exit, link or way or node ID, circle.")],
    by: Annotated[
        str | None, typer.Option(help="T, ISO 8601 with zone; a day after the plan if left out.")
    ] = None,
    could: Annotated[
        bool | None,
        typer.Option("--could/--could-not", help="What was claimed; left out: only asked."),
    ] = None,
    closings: Annotated[
        Path | None, typer.Option(help="CSV of what was really closed (docs/formats/claim.md).")
    ] = None,
    network: Annotated[
        Path | None, typer.Option(help="The road network, if it lies elsewhere now.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for claim.html, claim.pdf, claim.png, claim.json.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print claim.json on stdout.")] = False,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Draw no map, neither alone nor on the page.")
    ] = False,
) -> int:
    """Test a claim: could the vehicle have entered X by T? With the way, or the proof of none."""
    from stopline.planning import claim as claiming

    moment = None if by is None else moment_of("--by", by)
    with progress() as report:
        prepare(report)
        found = claiming.answer(
            plan, into, moment, says_could=could, closings=closings, network_at=network,
            out_dir=out, pictures=not no_pictures,
        )  # fmt: skip
    if as_json:
        import json

        typer.echo(json.dumps(found.document(), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        from stopline.planning.claim_page import claim_paper

        page = claim_paper(found, None)
        typer.echo(page.headline)
        for block in page.blocks[:2]:
            for line in block.lines:
                typer.echo(f"{line.lead}  {line.text}" if line.lead else line.text, err=True)
        say_files(found.files)
        if found.files:
            typer.echo(
                f"To check it with separate code: stopline verify {out}/claim.json", err=True
            )
    return OPEN if found.answer.could else SEALED
