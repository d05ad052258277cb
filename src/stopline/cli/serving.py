"""Run a node's lines in the foreground; signals end it in order."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import typer

from stopline.link.engine import LinkEngine
from stopline.link.https import Chore, LinkServer, serve
from stopline.link.identity import TLS_CERTIFICATE_FILE, TLS_KEY_FILE
from stopline.operation.bootstrap import desk_of
from stopline.operation.cosigning import Cosigning
from stopline.operation.duties import Duties, DutySettings
from stopline.operation.joint.again import PlanAgain
from stopline.operation.joint.files import plan_again
from stopline.operation.node import peer_certificate_file

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.joint.answering import JointAnswering
    from stopline.operation.node import Node

_LOOK_S = 1.0  # whether a checkpoint should be shown
_LOOK_FOR_QUESTIONS_S = 0.02


async def keep_lines(
    node: Node,
    checkpoint_every_s: float,
    answering: JointAnswering,
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
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    engines = [LinkEngine(node.journal, node.identity, peer) for peer in node.peers()]
    certificates = {
        engine.peer.name: path.read_text("utf-8")
        for engine in engines
        if (path := peer_certificate_file(node.folder, engine.peer.name)).exists()
    }
    chore = Chore(_LOOK_S, Cosigning(node, engines, checkpoint_every_s))
    computing = ThreadPoolExecutor(1, "stopline-duties")
    settings = DutySettings(networks=networks, scenarios=scenarios, executor=computing)
    duties = Duties(desk_of(node), settings)
    chores = [chore, Chore(_LOOK_S, lambda now: duties.run(now.utc_s))]

    def posted() -> None:
        for engine in engines:
            engine.look()

    answering.posted = posted
    chores.append(Chore(_LOOK_FOR_QUESTIONS_S, answering.chore))
    up = {engine.peer.name: engine for engine in engines}
    again = PlanAgain(
        journal=node.journal,
        name=node.identity.name,
        is_up=lambda peer: peer in up and up[peer].line.up,
        plan=partial(plan_again, node.folder),
        told=typer.echo,
    )
    chores.append(Chore(_LOOK_S, again))
    host, _, port = node.listen.rpartition(":")
    typer.echo(f"{node.identity.name} listens on {node.listen}, {len(engines)} lines")
    try:
        await serve(
            LinkServer(engines, certificates, chores),
            host=host,
            port=int(port),
            key_file=node.folder / TLS_KEY_FILE,
            certificate_file=node.folder / TLS_CERTIFICATE_FILE,
            stop=stop,
        )
    finally:
        computing.shutdown(wait=False, cancel_futures=True)
