"""Withdraw a commitment while no protocol is in force: then there is no officer to command it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.journal.base import Fact
from stopline.link.ids import derived_id
from stopline.link.mailbox import Message, post
from stopline.link.plan_messages import PlanWithdrawn
from stopline.operation.core.command_handler import CommandHandler
from stopline.operation.facts.joint import CommitmentWithdrawn
from stopline.operation.joint.disclosure_rules import WithoutProtocol
from stopline.operation.joint.projection import JointPlans

if TYPE_CHECKING:
    from stopline.operation.core.node import Node
    from stopline.operation.facts.joint import CommitmentGiven
    from stopline.operation.joint.projection import StandingMatter

_ROLE = "planner"


def withdraw_without_protocol(node: Node, name: str, reason: str, now_s: float) -> None:
    """Withdraw a commitment that this node gave; the other side is told why.

    Args:
        node: the node.
        name: of the commitment, as `stopline node commitments` shows it: `MATTER/NUMBER`.
        reason: why, in words that the other side will read.
        now_s: the moment, UTC seconds.

    Raises:
        BadInput: a protocol is in force, so that an officer withdraws; or there is no such
            commitment that counts.
    """
    book = CommandHandler(node).catch_up()
    if book.in_force:
        expected = "an officer's command `commitment.withdraw`"
        raise BadInput.single("--without-protocol", "a protocol is in force", expected)
    found = _given(book.projection(JointPlans), name, now_s)
    agreement, body = WithoutProtocol().at(found.incident), found.body
    fact = Fact(
        fact_id=derived_id(now_s, "withdrawn", name),
        time_s=now_s,
        author=getpass.getuser(),
        role=_ROLE,
        incident=found.incident,
        body=CommitmentWithdrawn(
            peer=body.peer, matter=body.matter, number=body.number, ours=True, reason=reason
        ),
    )
    message = Message(
        message_id=derived_id(now_s, "withdrawn-told", name),
        body=PlanWithdrawn(matter=body.matter, number=body.number, reason=reason),
        time_s=now_s,
        author=fact.author,
        role=_ROLE,
        incident=found.incident,
        phase=agreement.phase,
    )
    with node.journal.transaction() as work:
        work.append([fact])
        post(work, node.identity.signer, body.peer, message, agreement.rules)


def _given(known: JointPlans, name: str, now_s: float) -> StandingMatter[CommitmentGiven]:
    matter, _, number = name.rpartition("/")
    key = (matter, int(number)) if number.isdecimal() else ("", 0)
    found = known.given.get(key)
    ended = "this node gave no such commitment" if found is None else found.ended(now_s)
    if found is None or ended:
        counting = [f"{m}/{n}" for (m, n), one in known.given.items() if not one.ended(now_s)]
        expected = " or ".join(counting) or "none: this node has given none that counts"
        raise BadInput.single("COMMITMENT", f"{name}: {ended}", expected)
    return found
