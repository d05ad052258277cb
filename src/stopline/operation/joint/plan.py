"""The joint plan: ask the other node, build on its commitment, or on the last one if it is away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from stopline.journal.base import Fact
from stopline.link.errors import Unreachable
from stopline.link.ids import derived_id
from stopline.link.plan_messages import PlanTaken
from stopline.operation.joint.committed import CommittedSide
from stopline.operation.joint.facts import CommitmentTaken
from stopline.operation.joint.remote import RemoteSide
from stopline.operation.joint.search import plan_with

if TYPE_CHECKING:
    from stopline.operation.joint.asking import LinkAsking
    from stopline.sealing.plan import Plan

COUNTED_ON_S: Final = 4 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPlan:
    """A plan over both territories.

    Attributes:
        plan: the plan; its lineage says how the other side was known.
        answered: whether the other side answered, or its last commitments were used.
        rounds: questions asked.
        changed: what differs from the commitments that stood before, in words.
    """

    plan: Plan
    answered: bool
    rounds: int
    changed: tuple[str, ...] = ()


def ask_joint_plan(asking: LinkAsking, other_side: str) -> JointPlan:
    """Plan with a peer: by its answers, or by its last commitments where it does not answer.

    Args:
        asking: the matter, with the problem and the line.
        other_side: name of the peer's side.

    Raises:
        NotAnswered: the other side refuses; the two nodes have not loaded the same files, or
            more was asked than it answers.
    """
    problem, need = asking.problem, asking.problem.sites.need
    before = CommittedSide.from_journal(
        asking.journal, asking.peer, other_side, need, problem.now_utc_s
    )
    try:
        plan = plan_with(problem, RemoteSide(other_side, need, asking))
    except Unreachable:
        plan = plan_with(problem, before)
        told = f"{other_side} does not answer; planned with its last commitments"
        told += f" ({len(before.standing)} sites)"
        lineage = {**plan.lineage, "joint": {"side": other_side, "answered": False}}
        plan = replace(plan, sentence=f"{plan.sentence} {told}.", lineage=lineage)
        return JointPlan(plan=plan, answered=False, rounds=asking.rounds)
    number = _built_on(asking, plan)
    joint = {"side": other_side, "answered": True, "matter": asking.matter, "question": number}
    plan = replace(plan, lineage={**plan.lineage, "joint": joint})
    if number is not None:
        _take(asking, number)
    after = CommittedSide.from_journal(
        asking.journal, asking.peer, other_side, need, problem.now_utc_s
    )
    changed = _differences(asking, before, after)
    return JointPlan(plan=plan, answered=True, rounds=asking.rounds, changed=changed)


def _built_on(asking: LinkAsking, plan: Plan) -> int | None:
    """Find the answer that the plan builds on: its sites are seals, and account for the units."""
    sites = asking.problem.sites
    closed = {
        (seal.site.kind == "junction", seal.site.index): seal.closed_at_s for seal in plan.seals
    }
    own = {(s.site.kind == "junction", s.site.index) for s in plan.seals if s.holders}
    named = sum(len(seal.holders) for seal in plan.seals)
    for number, (_, held, answer) in reversed(asking.said.items()):
        places = [(bool(sites.is_junction[s]), int(sites.index[s])) for s in held.site.tolist()]
        in_time = all(
            place in closed and when <= closed[place]
            for place, when in zip(places, answer.closed_s.tolist(), strict=True)
        )
        whole = closed.keys() <= own | set(places)
        if in_time and whole and named + int(answer.units.sum()) == plan.units_used:
            return number
    return None


def _take(asking: LinkAsking, number: int) -> None:
    asked, held, answer = asking.said[number]
    now_s = asking.utc_s()
    expires_s = now_s + COUNTED_ON_S
    fact = CommitmentTaken(
        peer=asking.peer,
        matter=asking.matter,
        number=number,
        now_utc_s=asked.now_utc_s,
        site=held.site.tolist(),
        strength=answer.strength.tolist(),
        closed_s=answer.closed_s.tolist(),
        units=answer.units.tolist(),
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
    asking.send(PlanTaken(matter=asking.matter, number=number, expires_utc_s=expires_s), number)


def _differences(
    asking: LinkAsking, before: CommittedSide, after: CommittedSide
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
