"""A joint plan from within a serving node: its line asks, its book says what may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.link.ids import derived_id
from stopline.link.mailbox import post
from stopline.operation.core.happenings import LineSeen
from stopline.operation.joint.disclosure_rules import Agreement, ByProtocol, check_may_ask
from stopline.operation.joint.plan import ask_joint_plan
from stopline.operation.joint.query_client import ANSWER_WITHIN_S, QueryClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.link.mailbox import Message
    from stopline.operation.core.preparation import Preparation
    from stopline.operation.core.state import NodeState
    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem


@dataclass(frozen=True, slots=True)
class Partner:
    """With whom to plan.

    Attributes:
        peer: the other node.
        side: name of the other side, for people.
        incident: the incident.
        agreement: what may leave now.
    """

    peer: str
    side: str
    incident: str
    agreement: Agreement


def may_plan_jointly(ground: Preparation, incident: str) -> Partner | str:
    """With whom this node may plan now, or why with nobody; empty where it has no peer at all."""
    peer = ground.peer
    if peer is None:
        return ""

    def read(book: NodeState) -> tuple[bool, str]:
        machine = book.incident(incident).machine
        other = machine.protocol.sides.get(book.other_side)
        return book.projection(LineSeen).up is not False, other.name if other else "the other side"

    up, side = ground.look(read)
    if not up:
        return "the line is down"
    try:
        agreed = check_may_ask(ByProtocol(ground), incident)
    except BadInput as error:
        return "; ".join(f"{one.seen} allows no joint plan" for one in error.faults)
    return Partner(peer, side, incident, agreed)


def plan_live(
    ground: Preparation,
    partner: Partner,
    problem: SealingProblem,
    orders: Mapping[str, int],
    told: list[str],
) -> tuple[Plan, SealingProblem]:
    """Plan with the other side, whose line this process or another one keeps.

    Args:
        ground: who plans, and when.
        partner: with whom.
        problem: what is asked; our units alone.
        orders: site by unit, of orders given already.
        told: is told in words what the officer should know.

    Raises:
        NotAnswered: the other side declines.
    """
    node = ground.node

    def put(message: Message) -> None:
        with node.journal.transaction() as work:
            post(work, node.identity.signer, partner.peer, message, partner.agreement.rules)

    asking = QueryClient(
        journal=node.journal, peer=partner.peer, post=put, pause=node.pause,
        utc_s=node.clock, elapsed_s=node.elapsed, problem=problem,
        matter=derived_id(ground.now_s, "joint", ground.command_id), author=ground.actor.person,
        role=ground.actor.role, incident=partner.incident, phase=partner.agreement.phase,
        answer_within_s=ANSWER_WITHIN_S,
    )  # fmt: skip
    joint = ask_joint_plan(asking, partner.side, orders=orders)
    told += [f"against the last commitments: {line}" for line in joint.changed]
    if not joint.answered:
        told.append(f"{partner.side} did not answer: its last commitments are counted")
    return joint.plan, joint.problem
