"""The lines of a node as one server: its peers, their certificates, and its chores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.link.engine import LinkEngine
from stopline.link.https import Chore, LinkServer
from stopline.operation.cosigning import Cosigning
from stopline.operation.node import peer_certificate_file

if TYPE_CHECKING:
    from stopline.operation.joint_plan_service import JointAnswering
    from stopline.operation.node import Node

_LOOK_S: Final = 1.0  # whether a checkpoint should be shown
_LOOK_FOR_QUESTIONS_S: Final = 0.02


def line_server(
    node: Node, checkpoint_every_s: float, answering: JointAnswering | None = None
) -> LinkServer:
    """Make the server that keeps the line to every paired node.

    Args:
        node: whose lines.
        checkpoint_every_s: the shortest time between two checkpoints for a peer.
        answering: answers the peers' joint plans; None to leave them unanswered.

    Raises:
        BadInput: a certificate is not the one in the pairing file.
    """
    engines = [LinkEngine(node.journal, node.identity, peer) for peer in node.peers()]
    certificates = {
        engine.peer.name: path.read_text("utf-8")
        for engine in engines
        if (path := peer_certificate_file(node.folder, engine.peer.name)).exists()
    }
    chores = [Chore(_LOOK_S, Cosigning(node, engines, checkpoint_every_s))]
    if answering is not None:

        def posted() -> None:
            for engine in engines:
                engine.look()

        answering.posted = posted
        chores.append(Chore(_LOOK_FOR_QUESTIONS_S, answering.chore))
    return LinkServer(engines, certificates, chores)
