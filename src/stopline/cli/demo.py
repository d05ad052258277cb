"""`stopline demo`: play the corridor exercise on two nodes, or draw the examples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stopline.cli.outcome import SEALED, ends_plainly

EPILOG = """Examples:

\b
  stopline demo                the corridor on two nodes that you can open in a browser
  stopline demo --headless     the same at once, and what it came to
  stopline demo --pictures --out /tmp/stopline"""


@ends_plainly
def demo(
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="To ENDEX without pause; fails if anything differs.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=1, max=60, help="Exercise seconds in a second.")
    ] = 30.0,
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
    return _played(out, None if headless else speed)


def _played(out: Path | None, speed: float | None) -> int:
    """Play the corridor, headless without a speed."""
    typer.echo("EXERCISE  Two nodes, a hidden vehicle, and the road west")
    import tempfile

    from stopline.cli.exercise import play_live, play_to_the_end
    from stopline.exercise.document.shipped import shipped_exercise

    document = shipped_exercise("corridor")
    with tempfile.TemporaryDirectory(prefix="stopline-demo-") as name:
        if speed is None:
            return play_to_the_end(document, Path(name), out=out)
        return play_live(document, Path(name), speed=speed, out=out)


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
