"""The `stopline serve` command: a node's API, its lines and its duties, in one process."""

from __future__ import annotations

import signal
from pathlib import Path  # noqa: TC003  (typer reads the annotations)
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.journal import outcomes

if TYPE_CHECKING:
    import asyncio

    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.joint.query_service import QueryService

_ASKED_AT_ONCE = 4  # commands of an exercise node whose long part is done beside each other
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
            help="Scenario of the region: roads, exits and places; the one given last, if left out."
        ),
    ] = None,
    checkpoint_every: Annotated[
        float, typer.Option(min=1.0, help="Seconds between checkpoints for the other side.")
    ] = 60.0,
    plain: Annotated[
        bool, typer.Option("--plain", help="HTTP without TLS, for this machine alone.")
    ] = False,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy",
            help="HTTP without TLS, as a proxy in front ends it; it must be the only way in.",
        ),
    ] = False,
) -> None:
    """Serve a node until interrupted: API and live events, the lines, and what falls due."""
    import asyncio
    import sys
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import nullcontext
    from functools import partial

    from stopline.console.region import Region
    from stopline.console.server import Serving, serve_node
    from stopline.operation.accounts.oidc import open_door
    from stopline.operation.accounts.oidc_settings import read_oidc_settings
    from stopline.operation.accounts.settings import read_settings
    from stopline.operation.accounts.sign_in import SignIn
    from stopline.operation.core.steady_clock import SteadyClock
    from stopline.operation.orders.scenario_store import ScenarioStore
    from stopline.operation.runtime.exercising import (
        computing_by_processor,
        computing_for,
        open_served,
        pace_s,
    )
    from stopline.operation.runtime.link_server import line_server
    from stopline.operation.runtime.scheduler import Scheduler, SchedulerSettings
    from stopline.operation.whereabouts.kept_bands import KeptBands

    # The loop has answers to send while the desk computes: it must not wait 5 ms each time.
    sys.setswitchinterval(0.001)
    with outcomes():
        host, port = _address(listen)
        desk = open_served(folder)
        scenarios, networks = _region(folder, scenario, network)
        with desk.node as node:
            lines = None
            if link:
                answering = _answering(desk, plan_for, scenarios)
                lines = line_server(desk, checkpoint_every, answering, told=typer.echo)
            duty = ThreadPoolExecutor(1, "stopline-duties")
            belief = duty if node.exercise else ThreadPoolExecutor(1, "stopline-belief")
            asked = ThreadPoolExecutor(_ASKED_AT_ONCE, "stopline-asked")
            computing, believing, preparing = computing_for(node, duty, belief, asked)
            settings = SchedulerSettings(
                networks=networks, scenarios=scenarios, executor=computing, beliefs=believing,
                bands=KeptBands(),
            )  # fmt: skip
            region = Region(desk, ScenarioStore(scenarios, folder), folder)
            steady = None if node.exercise else SteadyClock(node.clock)
            duties = Scheduler(desk, settings, steady=steady)
            access = SignIn(desk, settings=read_settings(folder))
            trusted = read_oidc_settings(folder)
            oidc = None if trusted is None else open_door(trusted, trusted.secret(folder))
            serving = Serving(
                desk=desk, access=access, oidc=oidc, host=host, port=port, names=tuple(name or ()),
                plain=plain or behind_proxy, proxied=behind_proxy, lines=lines,
                duties=duties.run, clock=node.clock,
                pace_s=partial(pace_s, node), say=typer.echo, wall=SteadyClock(),
                region=region, bands=settings.bands, preparing=preparing if node.exercise else None,
            )  # fmt: skip

            async def run() -> None:
                await serve_node(serving, _stop_on_signals())

            try:
                with computing_by_processor() if node.exercise else nullcontext():
                    asyncio.run(run())
            finally:
                computing.shutdown(wait=False, cancel_futures=True)
                believing.shutdown(wait=False, cancel_futures=True)
                preparing.shutdown(wait=False, cancel_futures=True)


def _stop_on_signals() -> asyncio.Event:
    """Give an event that SIGINT and SIGTERM set."""
    import asyncio

    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


def _answering(
    desk: CommandHandler, plan_for: Path | None, scenarios: tuple[Path, ...]
) -> QueryService:
    """What answers joint plans: from a scenario with own units, or with who is registered."""
    from functools import partial

    from stopline.operation.joint.wiring import answering_from, answering_from_region
    from stopline.operation.readiness.live_problem import LiveProblem

    live = partial(LiveProblem, desk, clock=desk.node.clock)
    asked = partial(answering_from, desk.node, plan_for)
    if plan_for is None and scenarios:
        asked = partial(answering_from_region, desk.node, scenarios[0])
    answering = asked(live=live)
    if plan_for is not None:
        words = answering.agreed.at(None).words
        typer.echo(f"answers joint plans from {plan_for}: {words}")
    return answering


def _region(
    folder: Path, scenario: list[Path] | None, network: list[Path] | None
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Scenarios and networks of the region: as given, and then kept; else those kept before."""
    from stopline.operation.runtime.region_file import keep_region, kept_region

    scenarios, networks = tuple(scenario or ()), tuple(network or ())
    if scenarios or networks:
        keep_region(folder, scenarios, networks)
        return scenarios, networks
    scenarios, networks = kept_region(folder)
    for path in scenarios:
        typer.echo(f"region, as told before: {path}")
    return scenarios, networks


def _address(listen: str) -> tuple[str, int]:
    from stopline.errors import BadInput

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        expected = "host:port, for example 127.0.0.1:8443"
        raise BadInput.single("--listen", listen, expected)
    return host.removeprefix("[").removesuffix("]"), int(port)
