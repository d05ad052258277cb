"""Check a joint plan and hold it against what the other side signed to our node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.core.node import open_node
from stopline.operation.joint.signature_check import with_evidence
from stopline.planning.verify import verify
from stopline.sealing.checker.check import CheckResult
from stopline.sealing.plan_file.file import read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.planning.verify import VerifiedPlan


def verify_with_node(plan: Path, network: Path | None, node: Path) -> VerifiedPlan:
    """Check a plan file as `verify` does, and its commitments against the journal of a node.

    Raises:
        BadInput: the file is no plan, or its network is missing or another one.
    """
    result = verify(plan, network)
    if not isinstance(result, CheckResult):
        return result
    with open_node(node) as opened:
        return with_evidence(result, read_plan(plan), opened)
