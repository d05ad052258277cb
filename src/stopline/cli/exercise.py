"""`stopline exercise`: check a document, play it on two nodes, and take a hand in a running one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stopline.cli.outcome import SEALED, ends_plainly

app = typer.Typer(
    name="exercise",
    help="Exercises with a hidden truth on two live nodes: check, run, take a hand.",
    no_args_is_help=True,
)
Document = Annotated[Path, typer.Argument(help="The exercise, YAML.", show_default=False)]
Network = Annotated[
    Path | None, typer.Option(help="Road network, where the document asks you to bring it.")
]


@app.command()
@ends_plainly
def check(document: Document, *, network: Network = None) -> int:
    """Find every fault of an exercise, its protocol and its scenario, each with its line."""
    import tempfile

    from stopline.cli.first_run import prepare
    from stopline.cli.progress import progress
    from stopline.exercise.document.load import load_exercise

    with tempfile.TemporaryDirectory(prefix="stopline-") as work, progress() as report:
        prepare(report)
        loaded = load_exercise(document, network=network, work=Path(work), progress=report)
    given = loaded.exercise
    on_call = sum(one.when.on_call for one in given.msel)
    expected = sum(one.expect is not None for one in given.msel)
    typer.echo(
        f"{document.name}: {given.title}; {len(given.objectives)} objectives, "
        f"{len(given.msel)} injects ({on_call} on call, {expected} with an expected action), "
        f"{len(loaded.scenario.problem.units)} units; sound"
    )
    return SEALED


@app.command()
@ends_plainly
def run(
    document: Document,
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="Both nodes in this process, as fast as it goes.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of all chance, in place of the document's.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Empty folder for nodes, truth and records, to keep them.")
    ] = None,
    network: Network = None,
) -> int:
    """Play an exercise from STARTEX to ENDEX; verify both records and compare what was shared."""
    import tempfile

    from stopline.errors import BadInput

    if not headless:
        raise BadInput.single("stopline exercise run", "no --headless", "--headless")
    with tempfile.TemporaryDirectory(prefix="stopline-exercise-") as name:
        return play_to_the_end(document, Path(name), out=out, seed=seed, network=network)


def play_to_the_end(
    document: Path,
    work: Path,
    *,
    out: Path | None = None,
    seed: int | None = None,
    network: Path | None = None,
) -> int:
    """Play headless, tell it, and say what came out.

    Raises:
        BadInput: with all faults; a record does not verify, or the two disagree.
    """
    from stopline.cli.first_run import prepare
    from stopline.cli.progress import progress
    from stopline.errors import BadInput
    from stopline.exercise.document.load import load_exercise
    from stopline.exercise.engine.play import play_headless
    from stopline.exercise.narration import Narration

    if out is not None and out.exists() and any(out.iterdir()):
        raise BadInput.single("--out", str(out), "an empty folder, or none yet")
    with progress() as report:
        prepare(report)
        loaded = load_exercise(document, network=network, work=work, progress=report)
    narration = Narration(loaded, typer.echo)
    outcome, _ = play_headless(loaded, out or work / "exercise", seed=seed, listener=narration)
    narration.outcome(outcome)
    if out is not None:
        typer.echo(f"Nodes, truth.jsonl and both records: {out}")
    return SEALED
