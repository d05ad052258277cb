"""The lines of a node as one server: its peers, their certificates, and its chores."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from stopline.link.copies import begin_lines
from stopline.link.engine import LinkEngine
from stopline.link.https import Chore, LinkServer
from stopline.operation.core.admission import DeskAdmission
from stopline.operation.core.node import CHECKPOINT_FILE, peer_certificate_file
from stopline.operation.joint.deferred_plans import PlanAgain
from stopline.operation.joint.wiring import plan_again
from stopline.operation.runtime.cosigning import Cosigning
from stopline.operation.runtime.line_watch import LineWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.link.line_state import Moment
    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.joint.query_service import QueryService

_LOOK_S: Final = 1.0  # whether a checkpoint should be shown, or a plan be made again
_LOOK_FOR_QUESTIONS_S: Final = 0.02
_EXERCISE_LOOK_S: Final = 0.05  # an exercise second may be a sixtieth of a second


def line_server(
    desk: CommandHandler,
    checkpoint_every_s: float,
    answering: QueryService,
    *,
    told: Callable[[str], None],
    further: tuple[Callable[[float], None], ...] = (),
) -> LinkServer:
    """Make the server that keeps the line to every paired node.

    Args:
        desk: of the node whose lines they are; it is asked about what arrives.
        checkpoint_every_s: the shortest time between two checkpoints for a peer.
        answering: answers the peers' joint plans.
        told: takes a line for people when a plan was made again.
        further: done each second too, given UTC seconds.

    Raises:
        BadInput: a certificate is not the one in the pairing file.
    """
    node = desk.node
    engines = _engines(desk)
    certificates = {
        engine.peer.name: path.read_text("utf-8")
        for engine in engines
        if (path := peer_certificate_file(node.folder, engine.peer.name)).exists()
    }

    def posted() -> None:
        for engine in engines:
            engine.look()

    answering.posted = posted
    up = {engine.peer.name: engine for engine in engines}
    again = PlanAgain(
        journal=node.journal,
        name=node.identity.name,
        is_up=lambda peer: peer in up and up[peer].line.up,
        plan=partial(plan_again, node.folder),
        told=told,
    )

    def phases() -> object:
        with desk.reading:
            return tuple((one.id, one.phase) for one in desk.catch_up().incidents.values())

    cosigning = Cosigning(node, engines, checkpoint_every_s, phases)
    chores = [
        Chore(_LOOK_S, LineWatch(desk, engines)),
        Chore(_LOOK_S, cosigning),
        Chore(_LOOK_S, again),
        Chore(_LOOK_FOR_QUESTIONS_S, answering.chore),
    ]

    def do_further(now: Moment) -> None:
        for one in further:
            one(now.utc_s)

    if further:
        chores.append(Chore(_EXERCISE_LOOK_S if node.exercise else _LOOK_S, do_further))

    def witness() -> str:
        path = node.folder / CHECKPOINT_FILE
        return path.read_text("utf-8") if path.exists() else ""

    return LinkServer(engines, certificates, chores, node.clock, witness)


def _engines(desk: CommandHandler) -> list[LinkEngine]:
    """The lines of a node at a new start, each with its number."""
    node = desk.node
    admission = DeskAdmission(desk)
    engines = [
        LinkEngine(node.journal, node.identity, peer, admission=admission) for peer in node.peers()
    ]
    if node.exercise:
        for engine in engines:
            engine.mind_no_steps()
    epoch = begin_lines(node.journal, node.identity.name, node.clock()) if engines else 0
    for engine in engines:
        engine.begin_epoch(epoch)
    return engines
