"""Commitments between the two sides in words, and what an adopted plan no longer rests on."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from stopline.operation.facts.joint import CommitmentGiven
from stopline.operation.joint.adoption_check import resting_on
from stopline.operation.joint.projection import JointPlans
from stopline.operation.orders.projection import Orders
from stopline.sealing.plan_file.schema import PlanFile

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.operation.facts.joint import CommitmentTaken
    from stopline.operation.joint.projection import StandingMatter


def commitment_lines(book: NodeState, now_s: float, zone: tzinfo = UTC) -> list[str]:
    """Say how each commitment stands, those that need an officer first; then what was reconciled.

    Args:
        book: all that the node knows.
        now_s: UTC seconds.
        zone: in which times are written.
    """
    known = book.projection(JointPlans)
    lines = [
        f"WARNING {incident.id}: the adopted plan rests on {broken}; plan with them again"
        for incident in book.incidents.values()
        if (broken := broken_plan(book, incident, now_s))
    ]
    lines += [
        f"{one.peer} did not answer plan {matter}: made with {one.sites} sites it had committed "
        "itself to; it is asked again when the line is back"
        for matter, (_, one) in known.alone.items()
    ]
    both: list[StandingMatter[CommitmentGiven] | StandingMatter[CommitmentTaken]] = []
    both += [*known.given.values(), *known.taken.values()]
    standing = sorted(both, key=lambda one: (bool(one.ended(now_s)), -one.since_s))
    lines += [_line(one, now_s, zone) for one in standing]
    for _, time_s, body in known.reconciled:
        what = "; ".join(body.differs) or "nothing differs"
        verdict = body.verdict or "no plan"
        lines.append(f"{_clock(time_s, zone)} planned again with {body.peer}: {verdict}; {what}")
    return lines


def broken_plan(book: NodeState, incident: Incident, now_s: float) -> str:
    """Why the adopted plan of an incident rests on nothing any more; empty if it stands."""
    adopted = incident.projection(Orders).plan
    if adopted is None or '"joint"' not in adopted.plan:
        return ""
    return resting_on(book, PlanFile.model_validate_json(adopted.plan), now_s)


def _line(
    one: StandingMatter[CommitmentGiven] | StandingMatter[CommitmentTaken],
    now_s: float,
    zone: tzinfo,
) -> str:
    body = one.body
    name = f"{body.matter}/{body.number}"
    if isinstance(body, CommitmentGiven):
        what = f"given to {body.peer}: {len(body.seals)} sites"
        state = "our units have their orders" if one.ordered else "no orders yet"
        if not one.ordered and one.decided_s is not None:
            state = "adopted there, to be ordered here"
    else:
        what = f"taken from {body.peer}: {len(body.site)} sites"
        state = "the plan on it is adopted" if one.decided_s is not None else "not adopted yet"
    state = one.ended(now_s) or f"{state}, counted on until {_clock(body.expires_utc_s, zone)}"
    where = f" [{one.incident}]" if one.incident else ""
    return f"{what}, {state} ({name}){where}"


def _clock(time_s: float, zone: tzinfo) -> str:
    return datetime.fromtimestamp(time_s, zone).isoformat(timespec="seconds")
