"""`stopline demo`: play the corridor exercise on two nodes, or draw the examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import SEALED, ends_plainly
from stopline.cli.said import say_wrapped

if TYPE_CHECKING:
    from stopline.planning.plan import PlanResult

_FIRST = ("liechtenstein", "sealed")  # folder and name of the scene that all begins with
_NAME, _COMES_TO = 32, 25  # columns of the closing table, of 80 in all

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
    """Show a country sealed, then play the corridor, headless without a speed."""
    import tempfile

    from stopline.cli.exercise import play_live, play_to_the_end
    from stopline.exercise.document.shipped import shipped_exercise

    say_wrapped("First a country is sealed; then two nodes meet a vehicle nobody has scripted.")
    first = _scene(_scenes()[0], Path("out/demo"), "A country, sealed")
    typer.echo("")
    say_wrapped("EXERCISE  Two nodes, a hidden vehicle, and the road west")
    document = shipped_exercise("corridor")
    with tempfile.TemporaryDirectory(prefix="stopline-demo-") as name:
        if speed is None:
            code = play_to_the_end(document, Path(name), out=out)
        else:
            code = play_live(document, Path(name), speed=speed, out=out, guided=True)
    typer.echo("")
    _closing([first])
    return code


def _scenes() -> tuple[Path, ...]:
    """All example scenarios, the sealed country first and what is beside it next."""
    from stopline.scenario.examples import example_scenarios

    return tuple(
        sorted(
            example_scenarios(),
            key=lambda one: (
                (one.parent.name, one.stem) != _FIRST, one.parent.name != _FIRST[0],
                one.parent.name, one.stem != "sealed", one.stem,
            ),
        )
    )  # fmt: skip


def _pictures(out: Path) -> int:
    scenes = _scenes()
    made = [
        _scene(scenario, out, f"{number} of {len(scenes)}")
        for number, scenario in enumerate(scenes, start=1)
    ]
    typer.echo("")
    _closing(made)
    return SEALED


def _scene(scenario: Path, out: Path, lead: str) -> PlanResult:
    """Plan and draw one scenario, and tell it in one sentence."""
    from stopline.cli.first_run import prepare
    from stopline.cli.progress import progress
    from stopline.planning.plan import plan_scenario

    with progress() as report:
        prepare(report)
        result = plan_scenario(
            scenario, out / scenario.parent.name / scenario.stem, progress=report
        )
    say_wrapped(f"{lead}  {result.scenario.name}. {result.plan.sentence}", indent=2)
    return result


def _closing(made: list[PlanResult]) -> None:
    """A table of all verdicts in 80 columns, and which picture to open first."""
    typer.echo(f"{'scene':<{_NAME}}  {'verdict':<10}  {'units':>5}  {'comes to':<{_COMES_TO}}")
    for one in made:
        plan = one.plan
        typer.echo(
            f"{one.scenario.name[:_NAME]:<{_NAME}}  {plan.verdict:<10}  {plan.units_used:>5}  "
            f"{_comes_to(one)[:_COMES_TO]:<{_COMES_TO}}".rstrip()
        )
    picture = next(
        (path for path in made[0].files if path.suffix == ".png"), made[0].files[0]
    )  # fmt: skip
    typer.echo("")
    typer.echo("Open this picture first:")
    typer.echo(f"  {picture}")
    if len(made) > 1:
        typer.echo(f"The others lie beside it, under {made[0].files[0].parents[2]}")


def _comes_to(one: PlanResult) -> str:
    """The tightest margin, or when the vehicle can be out first."""
    from stopline.rendering.time_text import Clock, span

    plan = one.plan
    if not plan.open_routes:
        return f"{span(plan.margin_s)} to spare"
    first = min(route.arrival_s for route in plan.open_routes)
    return f"open from {Clock(plan.now_utc_s, one.scenario.zone).minute(first)}"
