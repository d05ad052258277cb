"""`stopline demo`: run every example and say where the pictures lie."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stopline.cli.first_run import prepare
from stopline.cli.outcome import SEALED, ends_plainly
from stopline.cli.progress import progress

EPILOG = """Examples:

\b
  stopline demo
  stopline demo --out /tmp/stopline"""


@ends_plainly
def demo(
    *,
    out: Annotated[Path, typer.Option(help="Folder for plans and pictures.")] = Path("out/demo"),
) -> int:
    """Run all example scenarios: each is planned, and its table and pictures are written."""
    from stopline.cli.plan import print_plan
    from stopline.planning.plan import plan_scenario
    from stopline.scenario.examples import example_scenarios

    pictures: list[Path] = []
    for scenario in example_scenarios():
        folder = out / scenario.parent.name / scenario.stem
        typer.echo(f"\n{scenario.parent.name}/{scenario.stem}")
        with progress() as report:
            prepare(report)
            result = plan_scenario(scenario, folder, progress=report)
        print_plan(result)
        pictures += [path for path in result.files if path.suffix in {".png", ".svg"}]
    typer.echo("\nPictures:")
    for path in pictures:
        typer.echo(f"  {path.absolute()}")
    return SEALED
