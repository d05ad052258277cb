"""What tests of joint plans share."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from operation.joint.incident_case import ROOT, JointCase
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from operation.liaison_case import Case
    from stopline.sealing.problem import SealingProblem


@pytest.fixture(scope="module")
def problem() -> SealingProblem:
    loaded = load_scenario(ROOT / "tests/operation/orders/vaduz/sealed.yaml").problem
    return dataclasses.replace(loaded, now_utc_s=1_795_000_030.0)


@pytest.fixture
def joint(case: Case, problem: SealingProblem) -> JointCase:
    case.seal()
    return JointCase(case, problem)
