"""The entry point of the `stopline` command; each command lives in its own file.

Only typer is imported here and at the top of the command files: numpy, numba, pydantic, rich and
matplotlib wait until a command runs, so that `stopline --help` answers at once.
"""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from stopline import __version__
from stopline.cli import (
    atlas,
    board,
    cameras,
    claim,
    demo,
    do,
    event,
    exercise,
    intelligence,
    journal,
    link,
    network,
    node,
    officer,
    people,
    plan,
    protocol,
    reach,
    review,
    scenario,
    serve,
    signing_in,
    situation,
    track,
    units,
    verify,
    watch,
)

EPILOG = """First steps:

\b
  stopline demo                     play an exercise on two nodes
  stopline scenario new --help      a scenario from a map, a place and units
  stopline plan SCENARIO.yaml       which roads to seal, by whom, by when
  stopline track SCENARIO.yaml      where it probably is, where it is heading
  stopline event plan EVENT.yaml    cameras, barriers, posts, forces
  stopline verify out/NAME/plan.json   check it with separate code

Ends with 0 if sealed, 3 if leaking or impossible, 2 on bad input, 130 if stopped by Ctrl-C."""

app = typer.Typer(
    name="stopline",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  (typer calls it with the flag)
    if wanted:
        typer.echo(f"stopline {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Find and stop one fleeing vehicle: which roads to seal, by whom, by when."""


app.command(
    short_help="Which roads to seal, by whom, by when; with the proof.", epilog=plan.EPILOG
)(plan.plan)
app.command(short_help="Where the vehicle can be after 5, 10, 15 minutes.", epilog=reach.EPILOG)(
    reach.reach
)
app.command(short_help="Where it probably is, and where it is heading.", epilog=track.EPILOG)(
    track.track
)
app.command(short_help="Watch road video for the one vehicle.", epilog=watch.EPILOG)(watch.watch)
app.command(short_help="Serve a node: API, events, lines.", epilog=serve.EPILOG)(serve.serve)
node.app.command("serve", hidden=True)(serve.serve)  # its name before there was one server
app.command(short_help="Give a command at a node, in your own name.", epilog=do.EPILOG)(do.do)
app.command("sign-in", short_help="Sign in at a node.", epilog=signing_in.EPILOG)(
    signing_in.sign_in
)
app.command("sign-out", short_help="End your session at a node.")(signing_in.sign_out)
app.command(short_help="The one-page situation report of an incident.", epilog=situation.EPILOG)(
    situation.situation
)
app.command(short_help="What is open now, and every order's state.", epilog=board.EPILOG)(
    board.board
)
app.command(
    short_help="An incident afterwards: kept, missed, and what was better.", epilog=review.EPILOG
)(review.review)
app.add_typer(intelligence.app, name="intelligence")
app.add_typer(units.app, name="units")
app.command(short_help="Could it have entered X by T? With the proof.", epilog=claim.EPILOG)(
    claim.claim
)
app.command(short_help="Check a plan or a claim with separate code.", epilog=verify.EPILOG)(
    verify.verify
)
app.command(
    short_help="From where could today's forces not seal? Hour by hour.", epilog=atlas.EPILOG
)(atlas.atlas)
app.add_typer(event.app, name="event")
app.add_typer(scenario.app, name="scenario")
app.add_typer(cameras.app, name="cameras")
app.add_typer(network.app, name="network")
app.add_typer(protocol.app, name="protocol")
app.add_typer(node.app, name="node")
app.add_typer(exercise.app, name="exercise")
app.add_typer(people.app, name="people")
app.add_typer(officer.app, name="officer")
app.add_typer(link.app, name="link")
app.add_typer(journal.app, name="journal")
app.command(short_help="Play an exercise on two nodes, or draw the examples.", epilog=demo.EPILOG)(
    demo.demo
)


def main() -> None:
    """Run the command line."""
    # A command makes few cycles and ends soon; looking for them takes a tenth of its time.
    gc.set_threshold(50_000)
    app(prog_name="stopline")
