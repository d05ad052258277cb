"""The use case of checking: a plan or a claim is confirmed or refused by separate code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.sealing.checker.check import CheckResult


def verify(plan: Path, network: Path | None = None) -> CheckResult:
    """Check a plan or claim file with its independent checker.

    Args:
        plan: a plan.json or a claim.json.
        network: the road network; by the plan's own lineage if not given.

    Raises:
        BadInput: the file is no plan, or its network is missing or another one.
    """
    for path in (plan, network):
        if path is not None and not path.exists():
            raise BadInput.single(str(path), "no such file", "a file that exists")
    from stopline.sealing.claim.schema import is_claim

    if is_claim(plan):
        from stopline.sealing.claim.checker import check_claim_file

        return check_claim_file(plan, network)
    from stopline.sealing.checker.check import check_plan_file

    return check_plan_file(plan, network)
