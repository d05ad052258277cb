"""What is missing to seal is said as an officer needs it: too late where, by how much, what helps.

The roads are source, near, far, out in a row; a unit stands on each road it may hold.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import numpy as np

from sealing.instances import random_problem
from sealing.test_true_deadlines import hand_made
from stopline.sealing.assessment import assess_orders
from stopline.sealing.plan import Verdict
from stopline.sealing.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.sealing.problem import SealingProblem

NOW_UTC_S = 1_781_292_600.0  # 2026-06-12T21:30:00+02:00
ROADS = [("s", "near", 100.0), ("near", "far", 300.0), ("far", "out", 200.0)]


def problem(*ready_s: tuple[int, float], seen_s: float = 0.0) -> SealingProblem:
    """A row of roads; sections 1 and 2 may be closed, with the margin of 60 s."""
    made = hand_made(ROADS, source="s", exits=["out"], sites=[1, 2], ready_s=ready_s)
    return replace(
        made,
        sources=(replace(made.sources[0], time_s=seen_s),),
        rules=replace(made.rules, margin_s=60.0),
        now_utc_s=NOW_UTC_S,
        zone=timezone(timedelta(hours=2)),
    )


def test_too_late_for_a_road_says_by_how_much_who_and_what_would_help() -> None:
    plan = make_plan(problem((2, 500.0)))
    assert plan.verdict is Verdict.IMPOSSIBLE
    assert plan.missing == (
        "a unit that can close link 2 by 21:35:40. Now it is too late for link 2 on the way "
        "to out, by 2 min 40 s: the vehicle can be there from 21:36:40, so link 2 must be "
        "closed by 21:35:40, and the first who can close it, unit 0, has it closed at 21:38:20"
    )


def test_help_is_sought_at_another_road_where_the_nearest_miss_is_past() -> None:
    # Section 1 is missed by a little, as it had to be closed before now; link 2 is not past.
    plan = make_plan(problem((1, 0.0), (2, 500.0), seen_s=-150.0))
    assert "too late for link 1" in plan.missing
    assert "can have been there since 21:29:10" in plan.missing
    assert "link 1 had to be closed by 21:28:10" in plan.missing
    assert "by 1 min 50 s" in plan.missing
    assert plan.missing.startswith("a unit that can close link 2 by 21:33:10. Now")


def test_where_it_can_be_past_every_road_no_order_is_asked_for() -> None:
    plan = make_plan(problem((2, 0.0), seen_s=-390.0))
    assert "link 2 had to be closed by 21:29:10" in plan.missing
    assert plan.missing.startswith(
        "roads farther out that may be closed, or a later confirmed sighting. Now it is too late"
    )


def test_where_it_can_be_out_already_that_is_said_with_the_time() -> None:
    plan = make_plan(problem((2, 0.0), seen_s=-790.0))
    assert plan.missing == (
        "a confirmed sighting later than 21:26:50, or exits farther out. Now it is too late for "
        "out: the vehicle can have been there since 21:26:50, and no order changes that"
    )


def test_where_nobody_ever_comes_that_is_said() -> None:
    plan = make_plan(replace(problem((2, 500.0)), units=(), unit_places=()))
    assert plan.missing == (
        "a unit that can close link 2 by 21:35:40. Now no unit gets to any road on the way to out"
    )


def test_several_units_are_asked_for_where_one_is_not_enough() -> None:
    made = problem((2, 500.0), (2, 500.0))
    strong = replace(made, sites=replace(made.sites, need=made.sites.need * 2))
    plan = make_plan(strong)
    assert "unit 0 and unit 1, have it closed at 21:38:20" in plan.missing
    assert plan.missing.startswith(
        "units of strength 2 that can close link 2 together by 21:35:40. Now"
    )


def test_orders_that_leak_say_since_when_and_by_when_to_order() -> None:
    late = assess_orders(problem((2, 0.0), seen_s=-790.0), {})
    assert late.sentence.endswith("the vehicle can be out at out since 21:26:50.")
    soon = assess_orders(problem((2, 0.0)), {})
    assert soon.sentence.endswith("the vehicle can be out at out from 21:40:00.")
    assert soon.missing == "1 more seal: link 2 by unit 0 (order by 21:35:40)"


def test_no_plan_and_no_orders_ever_speak_of_a_negative_time(
    seeds: Callable[[int, int], range],
) -> None:
    said = []
    for seed in seeds(7000, 80):
        made = random_problem(seed)
        past = tuple(replace(one, time_s=one.time_s - 60.0 * (seed % 9)) for one in made.sources)
        asked = replace(made, sources=past, now_utc_s=NOW_UTC_S)
        for plan in (make_plan(asked), assess_orders(asked, {})):
            said += [plan.sentence, plan.missing]
    assert any("too late" in one for one in said)
    assert any("since" in one for one in said)
    wrong = [one for one in said if re.search(r"(?<![\w-])-\s?\d", one)]
    assert not wrong


def test_a_miss_of_an_instant_is_less_than_a_second_and_an_exit_is_not_on_the_way_to_itself() -> (
    None
):
    made = problem((2, 340.0005))
    exits = tuple(replace(one, name="link 2 near the border") for one in made.exits)
    missing = make_plan(replace(made, exits=exits)).missing
    assert "Now it is too late for link 2, by less than a second: the vehicle" in missing, missing


def test_a_road_is_named_with_the_one_it_meets() -> None:
    made = problem((2, 340.0005))
    named = replace(made.network, names=("", "Mill Road", "Ring"), section_name=np.array([0, 2, 1]))
    missing = make_plan(replace(made, network=named)).missing
    assert missing.startswith("a unit that can close Mill Road at Ring by 21:35:40. Now"), missing
    alone = replace(made.network, names=("", "Mill Road"), section_name=np.array([0, 1, 1]))
    exits = tuple(replace(one, name="Mill Road near Town (A to B)") for one in made.exits)
    missing = make_plan(replace(made, network=alone, exits=exits)).missing
    assert missing.startswith("a unit that can close Mill Road near Town (A to B) by"), missing
