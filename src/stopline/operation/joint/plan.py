"""The joint plan: ask the other node, build on its commitment, or on the last one if it is away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.journal.base import Fact
from stopline.link.errors import Unreachable
from stopline.link.ids import derived_id
from stopline.link.plan_messages import PlanTaken
from stopline.operation.facts.joint import CommitmentTaken
from stopline.operation.joint.committed_side import CommittedSide
from stopline.operation.joint.message_codec import commitment_id, row_text
from stopline.operation.joint.pending_commitments import COUNTED_ON_S
from stopline.operation.joint.remote_side import RemoteSide
from stopline.operation.joint.search import plan_with
from stopline.sealing.plan import Joint
from stopline.sealing.wording import sentence_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.operation.joint.query_client import QueryClient
    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPlan:
    """A plan over both territories.

    Attributes:
        plan: the plan; its joint part says how the other side was known.
        problem: what it was made for, with the own units as they could be used.
        answered: whether the other side answered, or its last commitments were used.
        rounds: questions asked.
        changed: what differs from the commitments that stood before, in words.
    """

    plan: Plan
    problem: SealingProblem
    answered: bool
    rounds: int
    changed: tuple[str, ...] = ()


def ask_joint_plan(
    asking: QueryClient,
    other_side: str,
    *,
    previous: Plan | None = None,
    orders: Mapping[str, int] | None = None,
) -> JointPlan:
    """Plan with a peer: by its answers, or by its last commitments where it does not answer.

    Args:
        asking: the matter, with the problem and the line.
        other_side: name of the peer's side.
        previous: an earlier plan, whose orders to own units are kept as for `make_plan`.
        orders: site by own unit, for orders given already.

    Raises:
        NotAnswered: the other side declines; the two nodes have not loaded the same files, or
            more was asked than it answers.
    """
    problem = asking.problem
    before = _standing(asking, other_side)
    remote = RemoteSide(other_side, problem.sites.need, asking)
    try:
        plan = plan_with(problem, remote, previous=previous, orders=orders)
    except Unreachable:
        plan = _alone(asking, before, previous, orders)
        return JointPlan(plan=plan, problem=problem, answered=False, rounds=asking.rounds)
    joint = Joint(
        side=other_side,
        peer=asking.peer,
        answered=True,
        matter=asking.matter,
        refused=remote.known.refusals(_proof_sites(problem, plan)),
    )
    number = _built_on(plan)
    if number is not None:
        expires_s = _take(asking, plan, number)
        name = commitment_id(asking.matter, number)
        joint = replace(joint, commitment=name, expires_utc_s=expires_s)
    after = _standing(asking, other_side)
    changed = _differences(asking, before, after)
    plan = replace(plan, joint=joint)
    plan = replace(plan, sentence=sentence_for(plan))
    return JointPlan(
        plan=plan, problem=problem, answered=True, rounds=asking.rounds, changed=changed
    )


def _standing(asking: QueryClient, other_side: str) -> CommittedSide:
    """The last commitments that this incident builds on and that have not expired by now."""
    problem = asking.problem
    return CommittedSide.from_journal(
        asking.journal,
        asking.peer,
        other_side,
        problem.sites.need,
        problem.now_utc_s,
        incident=asking.incident,
        counted_utc_s=asking.utc_s(),
    )


def _alone(
    asking: QueryClient,
    side: CommittedSide,
    previous: Plan | None,
    orders: Mapping[str, int] | None,
) -> Plan:
    plan = plan_with(asking.problem, side, previous=previous, orders=orders)
    told = f"{side.name} does not answer; planned with its last commitments"
    told += f" ({len(side.standing)} sites)"
    used, known = any(seal.committed for seal in plan.seals), side.commitment
    joint = Joint(
        side=side.name,
        peer=asking.peer,
        answered=False,
        matter=asking.matter,
        commitment=known.commitment if used and known is not None else None,
        expires_utc_s=known.expires_utc_s if used and known is not None else None,
        standing=side.as_demands(_proof_sites(asking.problem, plan)),
    )
    plan = replace(plan, joint=joint)
    return replace(plan, sentence=f"{sentence_for(plan)} {told}.")


def _proof_sites(problem: SealingProblem, plan: Plan) -> frozenset[int]:
    """Numbers of the sites on the routes of a plan's proof."""
    sections = {section for step in plan.proof for section in step.route.sections}
    junctions = {junction for step in plan.proof for junction in step.route.junctions}
    sites = problem.sites
    on_route = np.where(
        sites.is_junction,
        np.isin(sites.index, sorted(junctions)),
        np.isin(sites.index, sorted(sections)),
    )
    return frozenset(np.flatnonzero(on_route).tolist())


def _built_on(plan: Plan) -> int | None:
    """The number of the answer that the seals rest on; all of them rest on one."""
    named = {part.commitment for seal in plan.seals for part in seal.committed}
    if not named:
        return None
    (name,) = named
    return int(name.rpartition("/")[2])


def _take(asking: QueryClient, plan: Plan, number: int) -> float:
    """Record on what the plan builds, and tell the other side; give when that ends."""
    asked, held, _ = asking.said[number]
    row_of = {
        (bool(asking.problem.sites.is_junction[s]), int(asking.problem.sites.index[s])): row
        for row, s in enumerate(held.site.tolist())
    }
    parts = [
        (row_of[seal.site.kind == "junction", seal.site.index], part)
        for seal in plan.seals
        for part in seal.committed
    ]
    parts.sort(key=lambda pair: pair[0])
    rows = np.array([row for row, _ in parts], dtype=np.int64)
    now_s = asking.utc_s()
    expires_s = max(now_s, asked.now_utc_s) + COUNTED_ON_S
    fact = CommitmentTaken(
        peer=asking.peer,
        matter=asking.matter,
        number=number,
        now_utc_s=asked.now_utc_s,
        site=held.site[rows].tolist(),
        strength=[part.strength for _, part in parts],
        closed_s=[part.closed_s for _, part in parts],
        units=[part.units for _, part in parts],
        expires_utc_s=expires_s,
    )
    asking.journal.append(
        [
            Fact(
                fact_id=derived_id(now_s, "taken", asking.matter, number),
                time_s=now_s,
                author=asking.author,
                role=asking.role,
                incident=asking.incident,
                body=fact,
            )
        ]
    )
    body = PlanTaken(
        matter=asking.matter, number=number, held=row_text(rows), expires_utc_s=expires_s
    )
    asking.send(body, number)
    return expires_s


def _differences(
    asking: QueryClient, before: CommittedSide, after: CommittedSide
) -> tuple[str, ...]:
    """Say what a new commitment changes against the one that stood."""
    told: list[str] = []
    if not before.standing:
        return ()
    for site in sorted(before.standing.keys() | after.standing.keys()):
        old, new = before.standing.get(site), after.standing.get(site)
        name = asking.problem.site(site).name
        if new is None:
            told.append(f"{name}: no longer held by {after.name}")
        elif old is None:
            told.append(f"{name}: now held by {after.name}")
        elif old.closed_utc_s != new.closed_utc_s:
            later_s = new.closed_utc_s - old.closed_utc_s
            told.append(
                f"{name}: closes {abs(later_s):.0f} s {'later' if later_s > 0 else 'earlier'}"
            )
    return tuple(told)
