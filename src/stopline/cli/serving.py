"""Run a node's lines in the foreground; signals end it in order."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import typer

from stopline.link.https import serve
from stopline.link.identity import TLS_CERTIFICATE_FILE, TLS_KEY_FILE
from stopline.operation.lines import line_server

if TYPE_CHECKING:
    from stopline.operation.joint_plan_service import JointAnswering
    from stopline.operation.node import Node


def stop_on_signals() -> asyncio.Event:
    """Give an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


async def keep_lines(
    node: Node, checkpoint_every_s: float, answering: JointAnswering | None = None
) -> None:
    """Listen, call, have checkpoints cosigned and answer joint plans until a signal comes."""
    stop = stop_on_signals()
    host, _, port = node.listen.rpartition(":")
    lines = line_server(node, checkpoint_every_s, answering)
    typer.echo(f"{node.identity.name} listens on {node.listen}, {len(node.peers())} lines")
    await serve(
        lines,
        host=host,
        port=int(port),
        key_file=node.folder / TLS_KEY_FILE,
        certificate_file=node.folder / TLS_CERTIFICATE_FILE,
        stop=stop,
    )
