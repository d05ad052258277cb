"""Run a node's lines in the foreground; signals end it in order."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import typer

from stopline.link.https import serve
from stopline.link.identity import TLS_CERTIFICATE_FILE, TLS_KEY_FILE
from stopline.operation.core.steady_clock import SteadyClock
from stopline.operation.runtime.bootstrap import command_handler_of
from stopline.operation.runtime.link_server import line_server
from stopline.operation.runtime.scheduler import Scheduler, SchedulerSettings

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.core.node import Node
    from stopline.operation.joint.query_service import QueryService


def stop_on_signals() -> asyncio.Event:
    """Give an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


async def keep_lines(
    node: Node,
    checkpoint_every_s: float,
    answering: QueryService,
    *,
    networks: tuple[Path, ...] = (),
    scenarios: tuple[Path, ...] = (),
) -> None:
    """Listen, call, do the node's duties and answer joint plans until a signal comes.

    Args:
        node: the node.
        checkpoint_every_s: seconds between two checkpoints for a peer to cosign.
        answering: answers joint plans.
        networks: where the roads of adopted plans may lie.
        scenarios: scenarios with the sites that a new plan may use.
    """
    stop = stop_on_signals()
    computing = ThreadPoolExecutor(1, "stopline-duties")
    settings = SchedulerSettings(networks=networks, scenarios=scenarios, executor=computing)
    desk = command_handler_of(node)
    duties = Scheduler(desk, settings, steady=None if node.exercise else SteadyClock(node.clock))
    lines = line_server(desk, checkpoint_every_s, answering, told=typer.echo, further=(duties.run,))
    host, _, port = node.listen.rpartition(":")
    typer.echo(f"{node.identity.name} listens on {node.listen}, {len(node.peers())} lines")
    try:
        await serve(
            lines,
            host=host,
            port=int(port),
            key_file=node.folder / TLS_KEY_FILE,
            certificate_file=node.folder / TLS_CERTIFICATE_FILE,
            stop=stop,
        )
    finally:
        computing.shutdown(wait=False, cancel_futures=True)
