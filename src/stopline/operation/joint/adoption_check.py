"""See that a joint plan rests on commitments that this node knows and that still stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.link.plan_messages import PlanDecided
from stopline.operation.core.errors import NotNow
from stopline.operation.joint.projection import JointPlans

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.state import NodeState
    from stopline.operation.facts.joint import CommitmentTaken
    from stopline.operation.joint.projection import StandingMatter
    from stopline.sealing.plan_file.schema import PlanFile

_SAME_S: Final = 0.5


def adopt_joint(at: CommandContext, plan: PlanFile) -> None:
    """Check the commitment that a plan rests on, and tell the other side that it is adopted.

    Raises:
        NotNow: this node knows no such commitment, or another; or it does not count any more.
    """
    joint = plan.joint
    if joint is None or not any(seal.committed for seal in plan.seals):
        return
    known = commitment_of(at.book, joint.commitment or "")
    if known is None or known.incident != at.scope or known.body.peer != joint.peer:
        raise NotNow(
            f"the plan rests on commitment {joint.commitment} of {joint.peer}, which this node "
            "has not taken in this incident; plan with them again"
        )
    ended = known.ended(at.now_s)
    if ended:
        raise NotNow(
            f"the plan rests on commitment {joint.commitment} of {joint.side}: {ended}; "
            "plan with them again"
        )
    wrong = _differing(plan, known.body)
    if wrong:
        raise NotNow(f"{joint.side} did not commit itself to {wrong} as the plan says")
    at.send(PlanDecided(matter=known.body.matter, number=known.body.number))


def commitment_of(book: NodeState, name: str) -> StandingMatter[CommitmentTaken] | None:
    """Find a commitment of the other side by its id."""
    matter, _, number = name.rpartition("/")
    if not number.isdecimal():
        return None
    return book.projection(JointPlans).taken.get((matter, int(number)))


def _differing(plan: PlanFile, body: CommitmentTaken) -> str:
    """The first seal that is not held as it was committed; empty if all are."""
    said = {
        site: (body.now_utc_s + closed_s, strength, units)
        for site, closed_s, strength, units in zip(
            body.site, body.closed_s, body.strength, body.units, strict=True
        )
    }
    for seal in plan.seals:
        for part in seal.committed:
            closed_s, strength, units = said.get(seal.site.number, (0.0, 0, 0))
            same = abs(closed_s - plan.now_utc_s - part.closed_s) <= _SAME_S
            if not same or (strength, units) != (part.strength, part.units):
                return seal.site.name
    return ""


def resting_on(book: NodeState, plan: PlanFile, now_s: float) -> str:
    """Why a plan's commitment does not count any more, in words; empty if it does."""
    if plan.joint is None or not any(seal.committed for seal in plan.seals):
        return ""
    known = commitment_of(book, plan.joint.commitment or "")
    if known is None:
        return f"this node has not taken commitment {plan.joint.commitment}"
    ended = known.ended(now_s)
    return f"commitment {plan.joint.commitment} of {plan.joint.side}: {ended}" if ended else ""
