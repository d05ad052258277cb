"""`stopline exercise`: check a document, play it on two nodes, and take a hand in a running one."""

from __future__ import annotations

import math
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import INTERRUPTED, SEALED, ends_plainly
from stopline.cli.said import say_wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.engine.play import ExerciseOutcome
    from stopline.exercise.live.play import LivePlay
    from stopline.exercise.narration import Narration
    from stopline.exercise.statistics.intervals import Estimate

app = typer.Typer(
    name="exercise",
    help="Exercises with a hidden truth on two live nodes: check, run, take a hand.",
    no_args_is_help=True,
)
_SHARES = ("vehicle", "expected")  # numbers that are shares
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
    speed: Annotated[
        float, typer.Option(min=1, max=60, help="Exercise seconds in a second, live.")
    ] = 20.0,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of all chance, in place of the document's.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Empty folder for nodes, truth and records, to keep them.")
    ] = None,
    repeat: Annotated[
        int, typer.Option(min=1, help="Headless: so many exercises, from the seed on; a table.")
    ] = 1,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes for --repeat.")] = 1,
    against: Annotated[
        list[str] | None,
        typer.Option(
            help="With --repeat, the same exercises with another way to plan, and the paired "
            "differences: 'each side alone', 'nearest exits', 'greedy, shortest routes', 'random'."
        ),
    ] = None,
    network: Network = None,
) -> int:
    """Play an exercise from STARTEX to ENDEX; verify both records and compare what was shared."""
    import tempfile

    from stopline.errors import BadInput

    if against and repeat <= 1:
        raise BadInput.single("--against", ", ".join(against), "--repeat with a number above 1")
    if repeat > 1:
        if not headless or out is not None:
            raise BadInput.single("--repeat", str(repeat), "--headless, and no --out")
        return _repeated(document, (repeat, jobs), seed, network, against or [])
    with tempfile.TemporaryDirectory(prefix="stopline-exercise-") as name:
        play = play_to_the_end if headless else partial(play_live, speed=speed)
        return play(document, Path(name), out=out, seed=seed, network=network)


def _repeated(
    document: Path,
    times: tuple[int, int],
    seed: int | None,
    network: Path | None,
    against: list[str],
) -> int:
    from typing import cast, get_args

    from stopline.errors import BadInput
    from stopline.exercise.document.reader import read_exercise
    from stopline.exercise.engine.world import Strategy
    from stopline.exercise.statistics.whole import repeat_exercise

    known, (count, jobs) = get_args(Strategy), times
    for way in against:
        if way not in known[1:]:
            raise BadInput.single("--against", way, f"one of: {'; '.join(known[1:])}")
    first = read_exercise(document).exercise.seed if seed is None else seed
    seeds = list(range(first, first + count))
    table = repeat_exercise(
        document, seeds, jobs=jobs, network=network,
        against=tuple(cast("Strategy", way) for way in against),
        progress=lambda run: typer.echo(
            f"{run.strategy}, seed {run.seed}: {'stopped' if run.stopped else 'OUT'}, "
            f"{run.messages} messages, {run.missed} deadlines missed; both records verify and agree"
        ),
    )  # fmt: skip
    typer.echo(f"\nEXERCISE {document.stem}, {count} times, seeds {first} to {seeds[-1]}:")
    for what, found in table.estimates.items():
        typer.echo(f"  {what}: {_interval(found, share=what.startswith(_SHARES))}")
    for way, gains in table.gains.items():
        typer.echo(f"The joint plan less {way}, pair by pair:")
        for what, found in gains.items():
            shown = _interval(found, share=what.startswith(_SHARES), sign=True)
            typer.echo(f"  {what}: {shown}")
    return SEALED


@app.command()
@ends_plainly
def pursuits(
    document: Document,
    *,
    count: Annotated[int, typer.Option(min=1, max=1_000_000, help="Drivers.")] = 1000,
    driver: Annotated[
        str | None, typer.Option(help="Kind of driver, in place of the document's.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of all chance.")] = 1,
    network: Network = None,
) -> int:
    """Hold the joint plan and three naive ones against the same drivers; no journal, no line."""
    import tempfile

    from stopline.errors import BadInput
    from stopline.exercise.statistics.pursuits import run_pursuits
    from stopline.exercise.truth.drivers import HABITS

    if driver is not None and driver not in HABITS:
        raise BadInput.single("--driver", driver, f"one of {', '.join(HABITS)}")
    with tempfile.TemporaryDirectory(prefix="stopline-") as work:
        loaded = _loaded(document, Path(work), None, network)
        table = run_pursuits(loaded, count, seed=seed, driver=driver)
    kind = driver or loaded.exercise.truth.vehicle.driver
    typer.echo(
        f"EXERCISE {loaded.exercise.name}: {table.count} pursuits of a driver of the kind "
        f"`{kind}`, seed {seed}; the joint plan says of itself: {table.verdict}"
    )
    for name, found in table.rates.items():
        gain = table.gains.get(name)
        more = "" if gain is None else f"; joint plan {_interval(gain, share=True, sign=True)}"
        typer.echo(f"  {name}: did not get out {_interval(found, share=True)}{more}")
    return SEALED


def _interval(found: Estimate, *, share: bool = False, sign: bool = False) -> str:
    """Write a number with its interval; nothing was counted, or once, where there is none."""
    if not found.count:
        return "never"
    form = ("+" if sign else "") + (".1%" if share else ".1f")
    value, low, high = (format(one, form) for one in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})" if math.isfinite(found.low) else f"{value}, once"


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
    from stopline.exercise.engine.play import play_headless
    from stopline.exercise.narration import Narration

    loaded = _loaded(document, work, out, network)
    narration = Narration(loaded, say_wrapped)
    try:
        outcome, _ = play_headless(loaded, out or work / "exercise", seed=seed, listener=narration)
    except KeyboardInterrupt:
        typer.echo("Stopped; what was played is told above.", err=True)
        _say_where(out)
        return INTERRUPTED
    narration.outcome(outcome)
    _say_where(out)
    return SEALED


def play_live(
    document: Path,
    work: Path,
    *,
    speed: float,
    out: Path | None = None,
    seed: int | None = None,
    network: Path | None = None,
    guided: bool = False,
) -> int:
    """Play on two serving nodes, tell it, and say what came out; Ctrl-C ends both in order.

    Guided, the pages say what happens and where to look, and at a terminal both nodes serve on
    after the end, so that somebody can look back.

    Raises:
        BadInput: with all faults; a record does not verify, or the two disagree.
    """
    import signal

    from stopline.exercise.live.play import LivePlay
    from stopline.exercise.live.running import noted_as_running
    from stopline.exercise.narration import Narration

    loaded = _loaded(document, work, out, network)
    folder = out or work / "exercise"
    narration = Narration(loaded, say_wrapped)
    play = LivePlay(
        loaded, folder, speed=speed, say=say_wrapped, listener=narration, seed=seed, guided=guided
    )
    for end in (signal.SIGTERM, signal.SIGHUP):  # SIGHUP: the terminal was closed
        signal.signal(end, signal.default_int_handler)
    typer.echo(f"{narration.mark} {loaded.exercise.title}: two nodes are made and started")
    try:
        play.start()
        with noted_as_running(_noted(), folder):
            typer.echo("  take a hand: stopline exercise pause | resume | speed X | inject N | end")
            outcome = play.run()
        _told(play, narration, outcome)
        if guided and sys.stdin.isatty() and sys.stdout.isatty():
            _looked_back(play)
    except KeyboardInterrupt:
        for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(end, signal.SIG_IGN)  # once is enough: both end in order now
        typer.echo("Stopped; both nodes are ended.", err=True)
        _say_where(out)
        return INTERRUPTED
    finally:
        play.close()
    _say_where(out)
    return SEALED


def _told(play: LivePlay, narration: Narration, outcome: ExerciseOutcome) -> None:
    """Say what came out, and how it kept to the clock."""
    narration.outcome(outcome)
    pace = play.pace()
    typer.echo(
        f"  {outcome.t / max(pace.wall_s - pace.paused_s, 1e-9):.1f} exercise seconds in a second; "
        f"time held {pace.held_s:.0f} s, of these {pace.computing_s:.0f} s as a node computed; "
        f"99 of 100 events within {_ninety_nine(pace.late_s):.2f} s of their time, "
        f"99 of 100 stamps of {len(pace.stamps_off_s)} within "
        f"{_ninety_nine(pace.stamps_off_s):.2f} s"
    )


def _looked_back(play: LivePlay) -> None:
    """Serve both nodes on until Ctrl-C, or the end of the input."""
    import contextlib

    typer.echo("Both records verify and agree. Look back over it; Ctrl-C ends both nodes:")
    play.look_back()
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdin.read()


def _ninety_nine(late_s: Sequence[float]) -> float:
    """The size that 99 of 100 do not exceed."""
    sizes = sorted(map(abs, late_s))
    return sizes[math.ceil(0.99 * len(sizes)) - 1] if sizes else 0.0


Run = Annotated[
    Path | None,
    typer.Option("--run", help="Folder of the running exercise; needed where more than one runs."),
]


@app.command()
@ends_plainly
def inject(
    number: Annotated[int, typer.Argument(help="Number of the inject in the list.")],
    run: Run = None,
) -> int:
    """Have a running exercise give an inject now, a contingency inject for example."""
    return _wish(run, "inject", number=number)


@app.command()
@ends_plainly
def pause(run: Run = None) -> int:
    """Stop the exercise's time."""
    return _wish(run, "pause")


@app.command()
@ends_plainly
def resume(run: Run = None) -> int:
    """Let the exercise's time go on."""
    return _wish(run, "resume")


@app.command()
@ends_plainly
def speed(
    times: Annotated[float, typer.Argument(help="Exercise seconds in a second, 1 to 60.")],
    run: Run = None,
) -> int:
    """Change the speed of a running exercise."""
    return _wish(run, "speed", speed=times)


@app.command()
@ends_plainly
def end(run: Run = None) -> int:
    """Call ENDEX: both nodes are ended in order, and their records compared."""
    return _wish(run, "end")


Side = Annotated[str, typer.Argument(help="Side of the protocol.")]
Role = Annotated[str, typer.Argument(help="Role of the protocol, or a unit by its id.")]


@app.command()
@ends_plainly
def take(side: Side, role: Role, run: Run = None) -> int:
    """Take over a role or a unit: it is no longer simulated, you play it at its node."""
    return _wish(run, "take", side=side, role=role)


@app.command("give-back")
@ends_plainly
def give_back(side: Side, role: Role, run: Run = None) -> int:
    """Give a role or a unit back: it is simulated again, and does what waits."""
    return _wish(run, "give back", side=side, role=role)


@app.command()
@ends_plainly
def state(run: Run = None) -> int:
    """Say in a line how a running exercise stands."""
    from stopline.exercise.live.control import state as state_of

    told = state_of(run or _running())
    held = f"{told['speed']:g}x" + (", paused" if told["paused"] else "")
    typer.echo(
        f"EXERCISE {told['exercise']}: {told['t']:.0f} s, {held}; the vehicle {told['vehicle']}; "
        f"played: {', '.join(told['played']) or 'nobody'}"
    )
    for side, address in told["addresses"].items():
        typer.echo(f"  {side}: {address}")
    return SEALED


def _wish(run: Path | None, wish: str, **about: object) -> int:
    from stopline.exercise.live.control import ask

    typer.echo(ask(run or _running(), wish, **about))
    return SEALED


def _noted() -> Path:
    """Where the exercises that run on this machine are noted."""
    return Path(typer.get_app_dir("stopline")) / "running-exercises"


def _running() -> Path:
    from stopline.exercise.live.running import the_one_running

    return the_one_running(_noted())


def _loaded(document: Path, work: Path, out: Path | None, network: Path | None) -> LoadedExercise:
    from stopline.cli.first_run import prepare
    from stopline.cli.progress import progress
    from stopline.errors import BadInput
    from stopline.exercise.document.load import load_exercise

    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput.single("--out", str(out), "an empty folder, or none yet")
    with progress() as report:
        prepare(report)
        return load_exercise(document, network=network, work=work, progress=report)


def _say_where(out: Path | None) -> None:
    if out is not None:
        typer.echo(f"Nodes, truth.jsonl and both records: {out}")
