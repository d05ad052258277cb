"""What of a joint plan rests on the other side's word, and what its word rules out for a proof."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stopline.sealing.checker.roads import slack_s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.sealing.plan_file.schema import PlanFile, SitePart
    from stopline.sealing.plan_file.schema_joint import DemandPart


class OtherSide:
    """What the other side may hold: all that it has not ruled out, or what it is committed to.

    Args:
        plan: the plan; without a joint part the other side holds nothing.
    """

    def __init__(self, plan: PlanFile) -> None:
        self._joint = plan.joint
        self.name = "" if plan.joint is None else plan.joint.side

    def strength_by(self, site: SitePart, by_s: float) -> int:
        """The strength that it may have at a site by a time, at most what the site needs."""
        joint = self._joint
        if joint is None:
            return 0
        if not joint.answered:
            there = [
                one.strength
                for one in joint.standing
                if one.site == site.number and _time(one) <= by_s + slack_s(by_s)
            ]
            return min(site.need, max(there, default=0))
        never = [one for row in joint.refused if row.most == 0 for one in row.demands]
        levels = [
            level
            for level in range(1, site.need + 1)
            if not any(_as_hard(site, level, by_s, one) for one in never)
        ]
        return max(levels, default=0)

    def bounded_by(self, site: SitePart, level: int, by_s: float) -> Iterator[tuple[int, int]]:
        """(Number, most) of each inequality that counts a strength at a site by a time."""
        if self._joint is None or not self._joint.answered:
            return
        for number, row in enumerate(self._joint.refused):
            if row.most and any(_as_hard(site, level, by_s, one) for one in row.demands):
                yield number, row.most


def _as_hard(site: SitePart, level: int, by_s: float, than: DemandPart) -> bool:
    """Whether a demand asks as much, as early, as another at the same site."""
    latest_s = _time(than)
    return (
        site.number == than.site
        and level >= than.strength
        and by_s <= latest_s + slack_s(latest_s if math.isfinite(latest_s) else 0.0)
    )


def _time(demand: DemandPart) -> float:
    return math.inf if demand.by_s is None else demand.by_s


def commitment_faults(plan: PlanFile) -> list[str]:
    """Say what is wrong with the commitment that the seals rest on."""
    joint = plan.joint
    if joint is None:
        return []
    found: list[str] = []
    if joint.commitment is not None and joint.expires_s is None:
        found.append(f"The commitment {joint.commitment} of {joint.side} has no end.")
    end_s = math.inf if joint.expires_s is None else joint.expires_s
    found += [
        f"The commitment of {joint.side} ends at {end_s:.1f} s, before {seal.site.name} is closed."
        for seal in plan.seals
        if seal.committed and seal.closed_at_s > end_s
    ]
    return found


def joint_notes(plan: PlanFile) -> list[str]:
    """Say in words what rests on the other side's word."""
    joint, notes = plan.joint, []
    if joint is None:
        return []
    held = sum(1 for seal in plan.seals if seal.committed)
    if held:
        notes.append(
            f"That {joint.side} holds its {held} of {len(plan.seals)} seals from the times given "
            f"rests on its word: commitment {joint.commitment} of {joint.peer}, counted on until "
            f"{joint.expires}."
        )
    if plan.verdict == "impossible" and joint.answered:
        notes.append(
            f"That {joint.side} can hold no more than the proof grants it rests on its word: "
            f"{len(joint.refused)} inequalities of {joint.peer}."
        )
    if not joint.answered:
        notes.append(
            f"{joint.side} did not answer: nothing was counted on but its last commitments."
        )
    notes.append(
        f"Whether {joint.peer} said so is not in this file; `--node` compares it with the journal."
    )
    return notes
