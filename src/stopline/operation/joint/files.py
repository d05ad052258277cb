"""Joint plans from files: a scenario that answers for a node, and a node's folder that asks."""

from __future__ import annotations

import getpass
import time
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.link.disclosure import AllKinds
from stopline.link.ids import new_id
from stopline.link.mailbox import post
from stopline.operation.joint.answering import JointAnswering
from stopline.operation.joint.asking import LinkAsking
from stopline.operation.joint.plan import ask_joint_plan
from stopline.operation.node import Node, open_node
from stopline.operation.scenario import load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.link.mailbox import Message
    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem

_PAUSE_S = 0.01


def answering_from(node: Node, scenario: Path) -> JointAnswering:
    """Make a node answer joint plans from a scenario with the own units.

    Raises:
        BadInput: the scenario has faults, or units of several sides.
    """
    problem = load_scenario(scenario).problem
    sides = sorted({unit.side for unit in problem.units})
    if len(sides) != 1:
        raise BadInput.single(str(scenario), f"units of sides {sides}", "units of the own side")
    return JointAnswering(
        journal=node.journal,
        identity=node.identity,
        rules=AllKinds(),
        problem=lambda: problem,
        side=sides[0],
    )


def joint_maker(
    folder: Path | None, peer: str | None, side: str
) -> Callable[[SealingProblem], Plan]:
    """Make a planner that asks a peer of a node which another process serves.

    Raises:
        BadInput: folder or peer is missing.
    """
    if folder is None or peer is None:
        raise BadInput.single("--with and --node", "one of them", "both, or neither")

    def make(problem: SealingProblem) -> Plan:
        with open_node(folder) as node:
            if peer not in node.peers():
                known = ", ".join(node.peers()) or "no peers"
                raise BadInput.single("--with", peer, f"a paired node: {known}")

            def put(message: Message) -> None:
                with node.journal.transaction() as work:
                    post(work, node.identity.signer, peer, message, AllKinds())

            asking = LinkAsking(
                journal=node.journal,
                peer=peer,
                post=put,
                pause=lambda: time.sleep(_PAUSE_S),
                utc_s=time.time,
                problem=problem,
                matter=new_id(time.time()),
                author=getpass.getuser(),
                role="planner",
            )
            joint = ask_joint_plan(asking, side)
        return joint.plan

    return make
