"""`stopline plan`: from a scenario to a proven plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.first_run import prepare
from stopline.cli.outcome import OPEN, SEALED, ends_plainly
from stopline.cli.progress import progress

if TYPE_CHECKING:
    from stopline.operation.joint.plan import JointPlan
    from stopline.planning.plan import PlanResult

EPILOG = """Examples:

\b
  stopline plan examples/liechtenstein/sealed.yaml
  stopline plan case.yaml --out tonight --objective units,margin
  stopline plan case.yaml --previous tonight/plan.json --out tonight-2
  stopline plan case.yaml --assess          do the orders given so far seal?
  stopline plan --node ~/north              from what the node knows, beside the plan in force
  stopline plan case.yaml --with south.example/node --node ~/north --incident i-1
  stopline plan case.yaml --json | jq .verdict

Ends with 0 if sealed, 3 if leaking or impossible, 2 on bad input."""


@ends_plainly
def plan(
    scenario: Annotated[
        Path | None,
        typer.Argument(help="Scenario file (docs/formats/scenario.md); none with --node alone."),
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the files. [default: out/NAME; none with --json]"),
    ] = None,
    objective: Annotated[
        str | None,
        typer.Option(
            help="Order of objectives: margin, last_closing, units, strength, disturbance; "
            "with commas between."
        ),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds of computing, then the best plan so far.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="plan.json of an earlier plan, to change little.")
    ] = None,
    partial: Annotated[
        str | None,
        typer.Option(
            help="Where sealing is impossible: combine (most of the belief, a ring, a reserve), "
            "contain (the smallest ring), cover (exits), intercept (most of the belief), "
            "delay (first escape) or randomise (against who knows the plan)."
        ),
    ] = None,
    assess: Annotated[
        bool,
        typer.Option("--assess", help="Judge the scenario's orders as they are; plan nothing."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print plan.json on stdout.")] = False,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Draw no plan.png and plan.svg.")
    ] = False,
    no_choices: Annotated[
        bool, typer.Option("--no-choices", help="Where sealing is impossible, plan one way only.")
    ] = False,
    peer: Annotated[
        str | None,
        typer.Option("--with", help="Plan jointly with this paired node; needs --node."),
    ] = None,
    node: Annotated[
        Path | None,
        typer.Option(help="Folder of the own node: plan from what it knows, or jointly --with."),
    ] = None,
    role: Annotated[
        str | None, typer.Option(help="The role you act in at the node, if you have several.")
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="At the node, without asking the other side.")
    ] = False,
    side: Annotated[
        str, typer.Option(help="Name of the other side in the joint plan.")
    ] = "the other side",
    incident: Annotated[
        str | None,
        typer.Option(help="Incident of the joint plan, or of the plan at the node."),
    ] = None,
) -> int:
    """Say which roads to seal, which unit seals each and by when; prove it, or show the gap."""
    from stopline.cli.rule_options import rule_changes

    if scenario is None:
        return _at_node(node, incident, role, time_limit, alone=alone, as_json=as_json)
    from stopline.scenario.blockade import is_blockade

    if is_blockade(scenario):
        return _blockade(scenario, out, as_json=as_json)
    changes = rule_changes(objective=objective, time_limit=time_limit, partial=partial)
    from stopline.planning.plan import plan_scenario

    folder = out if out is not None or as_json else Path("out") / scenario.stem
    with progress() as report:
        prepare(report)
        maker = None
        joint: list[JointPlan] = []
        if peer is not None or node is not None:
            from stopline.operation.joint.wiring import joint_maker, request_of

            request = request_of(
                folder=node,
                peer=peer,
                side=side,
                incident=incident,
                scenario=scenario,
                out=folder,
                changes=changes,
                previous=previous,
            )
            maker = joint_maker(request, joint)
        result = plan_scenario(
            scenario,
            folder,
            changes=changes,
            previous=previous,
            assess=True if assess else None,
            pictures=not no_pictures,
            choices=not no_choices,
            progress=report,
            maker=maker,
        )
    if as_json:
        _print_json(result)
    else:
        print_plan(result)
    for told in joint:
        for line in told.changed:
            typer.echo(f"Against the last commitments: {line}", err=True)
    return SEALED if result.plan.verdict == "sealed" else OPEN


def _blockade(scenario: Path, out: Path | None, *, as_json: bool) -> int:
    """Close places as early as possible, without a vehicle."""
    import json

    from stopline.cli.plain_table import show_table
    from stopline.cli.said import say_files
    from stopline.planning.blockade import COLUMNS, document, plan_blockade

    folder = out if out is not None or as_json else Path("out") / scenario.stem
    with progress() as report:
        prepare(report)
        plan = plan_blockade(scenario, folder)
    if as_json:
        typer.echo(json.dumps(document(plan), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        show_table(COLUMNS, plan.rows(), title=plan.case.name)
        typer.echo(plan.sentence, err=True)
        for one in plan.case.doubts:
            typer.echo(one.sentence[:1].upper() + one.sentence[1:] + ".", err=True)
        say_files(plan.files)
        typer.echo(f"To check it with separate code: stopline verify {plan.files[0]}", err=True)
    return SEALED if plan.complete else OPEN


def _at_node(
    node: Path | None,
    incident: str | None,
    role: str | None,
    time_limit: float | None,
    *,
    alone: bool,
    as_json: bool,
) -> int:
    """Plan from what a node knows."""
    from stopline.errors import BadInput

    if node is None:
        expected = "a scenario file, or --node NODE to plan from what a node knows"
        raise BadInput.single("scenario", "none", expected)
    from stopline.cli.proposal import propose

    words = [] if incident is None else [f"incident={incident}"]
    words += ["alone=true"] if alone else []
    words += [] if time_limit is None else [f"time_limit_s={time_limit:g}"]
    return propose(node, words, role, as_json=as_json)


def _print_json(result: PlanResult) -> None:
    import json

    from stopline.planning.plan import plan_document

    typer.echo(json.dumps(plan_document(result), ensure_ascii=False, indent=1, allow_nan=False))


def print_plan(result: PlanResult) -> None:
    """Print verdict, table, what stays open and the files; the table alone goes into a pipe."""
    from stopline.cli.said import say_files
    from stopline.rendering.time_text import Clock
    from stopline.scenario.place_text import NamedPlace

    scenario, zone = result.scenario, result.scenario.zone
    places = [NamedPlace(name, lon, lat) for name, (lon, lat) in scenario.places.items()]
    if sys.stdout.isatty():
        from rich.console import Console

        from stopline.rendering.plan_table import plan_table

        Console().print(plan_table(result.plan, zone, places))
    else:
        from stopline.rendering.plan_table import below, plan_rows_tsv

        typer.echo(plan_rows_tsv(result.plan, zone, places).rstrip("\n"))
        for line in (result.plan.sentence, *below(result.plan, zone)):
            typer.echo(line, err=True)
    _print_map(result)
    if result.choices:
        _print_choices(result)
    clock = Clock(result.plan.now_utc_s, zone)
    typer.echo(f"{scenario.name}: now is {clock.exact(0)}, {clock.day()}.", err=True)
    say_files(result.files)
    plan_file = next((path for path in result.files if path.name == "plan.json"), None)
    if plan_file is not None:
        typer.echo(f"To check it with separate code: stopline verify {plan_file}", err=True)


def _print_map(result: PlanResult) -> None:
    """Print what the verdict rests on: where the map may not be what is outside."""
    from stopline.cli.said import say_wrapped
    from stopline.network.findings import map_sentence

    problem = result.scenario.problem
    for one in problem.doubts:
        say_wrapped(one.sentence[:1].upper() + one.sentence[1:] + ".", indent=0, err=True)
    sentence = map_sentence(problem.network.findings)
    if sentence:
        say_wrapped(sentence, indent=0, err=True)


def _print_choices(result: PlanResult) -> None:
    """Print the ways to use the units, on stderr, so that a pipe gets the orders alone."""
    from rich.console import Console
    from rich.table import Table

    from stopline.planning.choices import COLUMNS, choice_rows

    table = Table(title="What else can be done with these units (--partial takes one)")
    for name in COLUMNS:
        table.add_column(name.replace("_", " "))
    for row in choice_rows(result.choices, result.plan.now_utc_s, result.scenario.zone):
        chosen = row[0] == result.plan.choice
        table.add_row(*row, style="bold" if chosen else None)
    Console(stderr=True, width=None if sys.stderr.isatty() else 100).print(table, markup=False)
