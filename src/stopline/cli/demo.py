"""`stopline demo`: play the corridor exercise on two nodes, or draw the examples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stopline.cli.outcome import SEALED, ends_plainly

EPILOG = """Examples:

\b
  stopline demo --headless
  stopline demo --pictures --out /tmp/stopline"""


@ends_plainly
def demo(
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="To ENDEX without pause; fails if anything differs.")
    ] = False,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Plan all example scenarios and draw them, instead.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder to keep what is made; for pictures out/demo.")
    ] = None,
) -> int:
    """Play an exercise on two paired nodes and tell it; at its end both records are compared."""
    if pictures:
        return _pictures(out or Path("out/demo"))
    del headless  # the only way there is
    return _played(out)


def _played(out: Path | None) -> int:
    typer.echo("EXERCISE  Two nodes, a hidden vehicle, and the road west: stopline demo", nl=True)
    import tempfile

    from stopline.cli.exercise import play_to_the_end
    from stopline.exercise.document.shipped import shipped_exercise

    with tempfile.TemporaryDirectory(prefix="stopline-demo-") as name:
        return play_to_the_end(shipped_exercise("corridor"), Path(name), out=out)


def _pictures(out: Path) -> int:
    from stopline.cli.first_run import prepare
    from stopline.cli.plan import print_plan
    from stopline.cli.progress import progress
    from stopline.planning.plan import plan_scenario
    from stopline.scenario.examples import example_scenarios

    drawn: list[Path] = []
    for scenario in example_scenarios():
        folder = out / scenario.parent.name / scenario.stem
        typer.echo(f"\n{scenario.parent.name}/{scenario.stem}")
        with progress() as report:
            prepare(report)
            result = plan_scenario(scenario, folder, progress=report)
        print_plan(result)
        drawn += [path for path in result.files if path.suffix in {".png", ".svg"}]
    typer.echo("\nPictures:")
    for path in drawn:
        typer.echo(f"  {path.absolute()}")
    return SEALED
