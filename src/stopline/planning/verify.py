"""The use case of checking: a plan of any kind or a claim is confirmed or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stopline.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path


class VerifiedPlan(Protocol):
    """What a checker found."""

    @property
    def holds(self) -> bool:
        """Whether the file is what it says."""
        ...

    @property
    def sentence(self) -> str:
        """All that was found, one sentence to a line."""
        ...


def verify(plan: Path, network: Path | None = None) -> VerifiedPlan:
    """Check a plan, blockade, claim or event plan with its independent checker.

    Args:
        plan: a plan.json, blockade.json, claim.json or event.json.
        network: the road network; by the plan's own lineage if not given.

    Raises:
        BadInput: the file is no plan, or its network is missing or another one.
    """
    for path in (plan, network):
        if path is not None and not path.exists():
            raise BadInput.single(str(path), "no such file", "a file that exists")
    from stopline.event.plan_schema import is_event_plan
    from stopline.sealing.claim.schema import is_claim

    if is_event_plan(plan):
        from stopline.event.plan_checker import check_event_file

        return check_event_file(plan, network)

    if is_claim(plan):
        from stopline.sealing.claim.checker import check_claim_file

        return check_claim_file(plan, network)
    from stopline.sealing.plan_file.blockade import is_blockade_file

    if is_blockade_file(plan):
        from stopline.sealing.checker.blockade import check_blockade_file

        return check_blockade_file(plan, network)
    from stopline.sealing.checker.check import check_plan_file

    return check_plan_file(plan, network)
