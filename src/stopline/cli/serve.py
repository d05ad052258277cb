"""The `stopline serve` command: a node's API, its lines and its duties, in one process."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import Annotated

import typer

from stopline.cli.journal import outcomes

EPILOG = """Examples:

\b
  stopline serve nodes/alder
  stopline serve nodes/alder --listen 10.0.0.5:8443 --name console.police.example
  stopline serve nodes/alder --no-link --listen 10.0.0.6:8443    a second one, on PostgreSQL"""


def serve(
    folder: Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)],
    listen: Annotated[
        str, typer.Option(help="host:port of the API; port 0 for any.")
    ] = "127.0.0.1:8443",
    name: Annotated[
        list[str] | None, typer.Option(help="Further name by which the API is called.")
    ] = None,
    *,
    link: Annotated[
        bool, typer.Option(help="Keep the lines, too; of several processes only one does.")
    ] = True,
    plan_for: Annotated[
        Path | None,
        typer.Option(help="Scenario with the own units: answer the peers' joint plans from it."),
    ] = None,
    network: Annotated[
        list[Path] | None,
        typer.Option(help="File or folder of the plans' roads, if not where they were read."),
    ] = None,
    scenario: Annotated[
        list[Path] | None,
        typer.Option(
            help="Scenario of the region: sites for new plans, exits for where it can be."
        ),
    ] = None,
    without_protocol: Annotated[
        bool,
        typer.Option(
            "--without-protocol", help="Answer joint plans although no protocol is in force at all."
        ),
    ] = False,
    checkpoint_every: Annotated[
        float, typer.Option(min=1.0, help="Seconds between checkpoints for the other side.")
    ] = 60.0,
    plain: Annotated[
        bool, typer.Option("--plain", help="HTTP without TLS, for this machine alone.")
    ] = False,
) -> None:
    """Serve a node until interrupted: API and live events, the lines, and what falls due."""
    import asyncio
    import sys
    from concurrent.futures import ThreadPoolExecutor
    from functools import partial

    from stopline.cli.serving import stop_on_signals
    from stopline.console.region import Region
    from stopline.console.server import Serving, serve_node
    from stopline.operation.accounts.oidc import open_door
    from stopline.operation.accounts.oidc_settings import read_oidc_settings
    from stopline.operation.accounts.settings import read_settings
    from stopline.operation.accounts.sign_in import Access
    from stopline.operation.joint.wiring import answering_from
    from stopline.operation.orders.scenario_store import PlanScenarios
    from stopline.operation.readiness.live_problem import LiveProblem
    from stopline.operation.runtime.exercising import computing_for, open_served, pace_s
    from stopline.operation.runtime.link_server import line_server
    from stopline.operation.runtime.scheduler import Duties, DutySettings
    from stopline.operation.whereabouts.kept_bands import KeptBands

    # The loop has answers to send while the desk computes: it must not wait 5 ms each time.
    sys.setswitchinterval(0.001)
    with outcomes():
        host, port = _address(listen)
        desk = open_served(folder)
        with desk.node as node:
            lines = None
            if link:
                live = partial(LiveProblem, desk, clock=node.clock)
                answering = answering_from(
                    node, plan_for, without_protocol=without_protocol, live=live
                )
                if plan_for is not None:
                    words = answering.agreed.at(None).words
                    typer.echo(f"answers joint plans from {plan_for}: {words}")
                lines = line_server(desk, checkpoint_every, answering, told=typer.echo)
            computing = computing_for(node, ThreadPoolExecutor(1, "stopline-duties"))
            settings = DutySettings(
                networks=tuple(network or ()), scenarios=tuple(scenario or ()), executor=computing,
                bands=KeptBands(),
            )  # fmt: skip
            region = Region(desk, PlanScenarios(settings.scenarios, folder), folder)
            duties = Duties(desk, settings)
            access = Access(desk, settings=read_settings(folder))
            trusted = read_oidc_settings(folder)
            oidc = None if trusted is None else open_door(trusted, trusted.secret(folder))
            serving = Serving(
                desk=desk, access=access, oidc=oidc, host=host, port=port, names=tuple(name or ()),
                plain=plain, lines=lines, duties=duties.run, clock=node.clock,
                pace_s=partial(pace_s, node), say=typer.echo,
                region=region, bands=settings.bands,
            )  # fmt: skip

            async def run() -> None:
                await serve_node(serving, stop_on_signals())

            try:
                asyncio.run(run())
            finally:
                computing.shutdown(wait=False, cancel_futures=True)


def _address(listen: str) -> tuple[str, int]:
    from stopline.errors import BadInput

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        expected = "host:port, for example 127.0.0.1:8443"
        raise BadInput.single("--listen", listen, expected)
    return host.removeprefix("[").removesuffix("]"), int(port)
