"""A plan of both sides, cut into the part that each side may hold."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.planning.plan import plan_scenario
from stopline.scenario.loader import load_scenario
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan_file.file import plan_from_dict, plan_text, plan_to_dict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def side_plans(path: Path, sides: Sequence[str], now_s: float) -> list[str]:
    """Plan a scenario for a moment; give plan.json of each side, without the other's units.

    Args:
        path: the scenario.
        sides: names of the sides in it.
        now_s: the plan's "now", UTC seconds.

    Raises:
        BadInput: the checker does not confirm the whole plan.
    """
    scenario = load_scenario(path)
    problem = dataclasses.replace(scenario.problem, now_utc_s=now_s)
    moved = dataclasses.replace(scenario, problem=problem)
    plan = plan_scenario(moved, pictures=False, choices=False).plan
    whole = plan_to_dict(plan, problem, settings=scenario.settings)
    checked = check_plan(plan_from_dict(whole), problem.network)
    if not checked.ok:
        raise BadInput.single("joint plan", checked.sentence, "a plan that holds")
    return [plan_text(_part(whole, side)) for side in sides]


def _part(whole: dict[str, object], side: str) -> dict[str, object]:
    part = json.loads(json.dumps(whole))
    part["seals"] = [
        seal for seal in part["seals"] if all(one["side"] == side for one in seal["holders"])
    ]
    part["units"] = [unit for unit in part["units"] if unit["side"] == side]
    found: dict[str, object] = part
    return found
