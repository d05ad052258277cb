"""Compare a joint plan with the node's journal: did the other side sign what the plan says?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.errors import BadInput, StoplineError
from stopline.link.envelope import parse_envelope
from stopline.link.messages import read_message
from stopline.link.peers import PEER_SHELF, load_peer
from stopline.link.plan_messages import PlanAnswered, PlanAsked, PlanWithdrawn
from stopline.operation.core.snapshots import lasting_entries
from stopline.operation.joint.message_codec import answer_of, commitment_id, demands_of
from stopline.sealing.side import Commitment, Inequality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.link.envelope import Envelope
    from stopline.operation.core.node import Node
    from stopline.sealing.checker.check import CheckResult
    from stopline.sealing.plan_file.schema import PlanFile
    from stopline.sealing.plan_file.schema_joint import JointPart, RefusedPart
    from stopline.sealing.side import Demands

_SAME_S: Final = 1e-3
_CARRIED: Final = frozenset({"message.sent", "message.received"})


@dataclass(slots=True)
class _SaidOfPlan:
    """What the journal holds of one joint plan and one peer, by number of the question."""

    asked: dict[str, PlanAsked] = field(default_factory=dict)
    answered: dict[str, tuple[Envelope, PlanAnswered]] = field(default_factory=dict)
    withdrawn: dict[str, str] = field(default_factory=dict)


def with_evidence(result: CheckResult, plan: PlanFile, node: Node) -> CheckResult:
    """Add to what the checker found what the journal of the asking node says.

    Args:
        result: of the checker.
        plan: the plan that was checked.
        node: the node that asked.

    Returns:
        The same for a plan that is not joint. Else the plan is refused if a message is missing,
        is not signed by a key of the peer, says something else, or was withdrawn.
    """
    if plan.joint is None:
        return result
    faults = list(_faults(plan, plan.joint, node))
    notes = tuple(note for note in result.notes if "`--node`" not in note)
    if faults:
        return replace(
            result,
            ok=False,
            confirmed="The plan is refused.",
            faults=(*result.faults, *faults),
            notes=notes,
        )
    told = f"What {plan.joint.peer} said stands in the journal as in the plan, with its signature."
    return replace(result, notes=(*notes, told))


def _faults(plan: PlanFile, joint: JointPart, node: Node) -> Iterator[str]:
    if joint.peer not in node.peers():
        yield f"{node.identity.name} is not paired with {joint.peer}."
        return
    said = _read(node, joint.peer)
    names = [] if joint.commitment is None else [joint.commitment]
    for name in dict.fromkeys((*names, *(row.answer for row in joint.refused))):
        yield from _signature(node, joint.peer, name, said)
    if joint.commitment is not None:
        if joint.commitment in said.withdrawn:
            reason = said.withdrawn[joint.commitment]
            yield f"{joint.side} has withdrawn commitment {joint.commitment}: {reason}"
        yield from _commitment(plan, joint.commitment, said)
    for row in joint.refused:
        yield from _refusal(plan, row, said)


def _read(node: Node, peer: str) -> _SaidOfPlan:
    found = _SaidOfPlan()
    for entry in lasting_entries(node.journal):
        body = entry.body
        if body is None or entry.kind not in _CARRIED or body["peer"] != peer:
            continue
        if not str(body["kind"]).startswith("plan."):
            continue
        envelope = parse_envelope(str(body["envelope"]).encode())
        try:
            message = read_message(envelope.kind, envelope.body)
        except BadInput:
            continue
        received = entry.kind == "message.received"
        if isinstance(message, PlanAsked) and not received:
            found.asked[commitment_id(message.matter, message.number)] = message
        elif isinstance(message, PlanAnswered) and received:
            found.answered[commitment_id(message.matter, message.number)] = envelope, message
        elif isinstance(message, PlanWithdrawn) and received:
            found.withdrawn[commitment_id(message.matter, message.number)] = message.reason
    return found


def _signature(node: Node, peer: str, name: str, said: _SaidOfPlan) -> Iterator[str]:
    if name not in said.answered:
        yield f"No answer {name} of {peer} is in the journal of {node.identity.name}."
        return
    try:
        load_peer(node.journal.shelf(PEER_SHELF), peer).check(said.answered[name][0])
    except StoplineError as error:
        yield f"Answer {name} is not signed as it should be: {error}."


def _answer(
    plan: PlanFile, name: str, said: _SaidOfPlan
) -> tuple[PlanAsked, Demands, Commitment | list[Inequality]] | None:
    """A question with its answer, read anew; None where the journal does not hold them."""
    if name not in said.answered or name not in said.asked:
        return None
    asked, answered = said.asked[name], said.answered[name][1]
    try:
        demands = demands_of(asked, plan.sites.count, 1 << 30)
        return asked, demands, answer_of(answered, demands, asked.wanted)
    except BadInput:
        return None


def _commitment(plan: PlanFile, name: str, said: _SaidOfPlan) -> Iterator[str]:
    known = _answer(plan, name, said)
    answer = None if known is None else known[2]
    if known is None or not isinstance(answer, Commitment):
        yield f"Answer {name} is no commitment to a question of ours."
        return
    asked, demands, _ = known
    row_of = {site: row for row, site in enumerate(demands.site[: asked.wanted].tolist())}
    later_s = asked.now_utc_s - plan.now_utc_s
    for seal in plan.seals:
        for part in seal.committed:
            row = row_of.get(seal.site.number)
            where = f"{seal.site.name} ({seal.site.kind} {seal.site.index})"
            if row is None:
                yield f"{part.side} did not commit itself to {where}."
                continue
            closed_s = float(answer.closed_s[row]) + later_s
            if abs(closed_s - part.closed_s) > _SAME_S:
                yield f"{part.side} holds {where} from {closed_s:.1f} s, not {part.closed_s:.1f} s."
            if (int(answer.units[row]), int(answer.strength[row])) != (part.units, part.strength):
                yield f"{part.side} did not say so of units and strength at {where}."


def _refusal(plan: PlanFile, row: RefusedPart, said: _SaidOfPlan) -> Iterator[str]:
    """A row of the file must follow from one inequality of the answer that it names."""
    known = _answer(plan, row.answer, said)
    rows = known[2] if known is not None and not isinstance(known[2], Commitment) else []
    if known is None or not any(_follows(plan, row, known[0], known[1], one) for one in rows):
        few = f"at most {row.most} of {len(row.demands)} demands can be met"
        yield f"Answer {row.answer} does not say that {few}."


def _follows(
    plan: PlanFile, row: RefusedPart, asked: PlanAsked, demands: Demands, signed: Inequality
) -> bool:
    if signed.most > row.most:
        return False
    members = demands.take(signed.members)
    by_s = members.by_s + (asked.now_utc_s - plan.now_utc_s)
    for one in row.demands:
        latest_s = np.inf if one.by_s is None else one.by_s
        same = (members.site == one.site) & (members.strength <= one.strength)
        if not (same & (latest_s <= by_s + _SAME_S)).any():
            return False
    return True
