"""Two nodes plan together: as one would, and nothing crosses but commitments and inequalities."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.link.pairs import START_S

from operation.joint.joint_case import Desks, outcome, part_of, planned_apart
from sealing.instances import random_problem
from stopline.link.disclosure import DISCLOSED
from stopline.operation.joint.query_client import NotAnswered
from stopline.scenario.loader import load_scenario
from stopline.sealing.plan import Verdict
from stopline.sealing.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem

    Seeds = Callable[[int, int], range]

EXAMPLES = Path(__file__).parents[3] / "examples"


def check_same(seeds: range) -> None:
    sealed = 0
    for seed in seeds:
        problem = random_problem(seed)
        whole = make_plan(problem)
        assert outcome(planned_apart(problem)) == outcome(whole), seed
        sealed += whole.verdict is Verdict.SEALED
        if seed % 5 == 0:
            wide = replace(problem, rules=replace(problem.rules, objective=("margin", "units")))
            one, two = make_plan(wide), planned_apart(wide)
            assert outcome(one)[:2] == outcome(two)[:2], seed
            if one.verdict is Verdict.SEALED:
                # Margins are found to within a second.
                enough = wide.rules.enough_margin_s
                assert abs(min(one.margin_s, enough) - min(two.margin_s, enough)) <= 1.0, seed
    assert sealed > len(seeds) // 10


def test_the_joint_plan_is_as_good_as_one_made_with_all_units(seeds: Seeds) -> None:
    check_same(seeds(3000, 60))


def test_least_strength_is_found_as_well(seeds: Seeds) -> None:
    """A part of a commitment serves again only where it takes exactly the strength asked."""
    sealed = 0
    for seed in seeds(3500, 60):
        problem = random_problem(seed)
        problem = replace(problem, rules=replace(problem.rules, objective=("strength",)))
        one, two = make_plan(problem), planned_apart(problem)
        assert (one.verdict, one.proven) == (two.verdict, two.proven), seed
        if one.verdict is Verdict.SEALED:
            sealed += 1
            assert strength_of(one, problem) == strength_of(two, problem), seed
    assert sealed > 5


def strength_of(plan: Plan, problem: SealingProblem) -> int:
    strength = {unit.id: unit.strength for unit in problem.units}
    own = sum(strength[holder.unit] for seal in plan.seals for holder in seal.holders)
    return own + sum(part.strength for seal in plan.seals for part in seal.committed)


@pytest.mark.long
def test_the_joint_plan_is_as_good_on_520_problems(seeds: Seeds) -> None:
    check_same(seeds(4000, 520))


def leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    if isinstance(value, list | tuple):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [value]


def test_over_the_line_nothing_crosses_but_the_allowed_fields(tmp_path: Path, seeds: Seeds) -> None:
    kinds: set[str] = set()
    for seed in seeds(6000, 10):
        problem = random_problem(seed)
        desks = Desks(tmp_path / str(seed), part_of(problem, "north"), part_of(problem, "south"))
        joint = desks.plan()
        assert joint.answered
        assert outcome(joint.plan) == outcome(make_plan(problem)), seed
        names = {unit.id for unit in problem.units} | {unit.agency for unit in problem.units}
        places = {unit.lon for unit in problem.units} | {unit.lat for unit in problem.units}
        places |= {fraction for _, fraction in problem.unit_places or ()}
        for kind, body in desks.crossed():
            kinds.add(kind)
            assert set(body) <= DISCLOSED[kind]
            said = leaves({key: value for key, value in body.items() if key != "common"})
            texts = {part for v in said if isinstance(v, str) for part in v.split(" ")}
            assert texts.isdisjoint({repr(place) for place in places}), seed
            assert texts.isdisjoint(names), seed
            assert names.isdisjoint(v for v in said if isinstance(v, str)), seed
            assert places.isdisjoint(v for v in said if isinstance(v, float)), seed
            if kind == "plan.answered":
                assert bool(body["closed_s"]) + bool(body["members"]) == 1, seed
        desks.pair.close()
    assert {"plan.asked", "plan.answered", "plan.taken"} <= kinds


def sealed_together(seeds: Seeds) -> SealingProblem:
    """A problem that neither side seals alone."""
    for seed in seeds(7000, 400):
        problem = random_problem(seed)
        alone = [make_plan(part_of(problem, side)).verdict for side in ("north", "south")]
        if make_plan(problem).verdict is Verdict.SEALED and Verdict.SEALED not in alone:
            return problem
    pytest.fail("no problem that only both sides together can seal")


def test_without_the_line_the_last_commitments_hold(tmp_path: Path, seeds: Seeds) -> None:
    problem = sealed_together(seeds)
    desks = Desks(tmp_path, part_of(problem, "north"), part_of(problem, "south"))
    desks.cut(cut=True)
    before = desks.plan("m0")
    assert not before.answered
    assert before.plan.verdict is not Verdict.SEALED  # nothing was ever committed
    desks.cut(cut=False)
    first = desks.plan("m1")
    assert first.answered
    assert first.plan.verdict is Verdict.SEALED
    desks.cut(cut=True)
    alone = desks.plan("m2")
    assert not alone.answered
    assert alone.plan.verdict is Verdict.SEALED
    assert "last commitments" in alone.plan.sentence
    assert alone.plan.joint is not None
    assert not alone.plan.joint.answered
    assert first.plan.joint is not None
    assert alone.plan.joint.commitment == first.plan.joint.commitment
    desks.cut(cut=False)
    again = desks.plan("m3")
    assert again.answered
    assert again.changed == ()  # the same answers: nothing differs
    desks.pair.close()


def test_nodes_that_loaded_other_files_do_not_plan_together(tmp_path: Path, seeds: Seeds) -> None:
    problem = sealed_together(seeds)
    theirs = part_of(problem, "south")
    other = replace(theirs, sites=replace(theirs.sites, setup_s=theirs.sites.setup_s + 1))
    desks = Desks(tmp_path, part_of(problem, "north"), other)
    with pytest.raises(NotAnswered, match="the sites of this node differ"):
        desks.plan()
    desks.pair.close()


def test_a_spent_budget_is_said(tmp_path: Path, seeds: Seeds) -> None:
    problem = sealed_together(seeds)
    desks = Desks(tmp_path, part_of(problem, "north"), part_of(problem, "south"))
    desks.answering.budget = 0
    with pytest.raises(NotAnswered, match="more than 0 demands"):
        desks.plan()
    assert json.dumps(desks.crossed()).count("speak to us") == 1
    desks.pair.close()


@pytest.mark.parametrize("name", ["corridor/sealed.yaml", "liechtenstein/sealed.yaml"])
@pytest.mark.parametrize("asker", [0, 1])
def test_the_examples_are_planned_jointly_as_by_one(name: str, asker: int) -> None:
    problem = load_scenario(EXAMPLES / name).problem
    sides = sorted({unit.side for unit in problem.units})
    own, other = sides[asker], sides[1 - asker]
    one, two = make_plan(problem), planned_apart(problem, own=own, other=other)
    assert one.proven
    assert outcome(two) == outcome(one)
    assert two.margin_s == pytest.approx(one.margin_s, abs=1.0)


def test_the_line_breaks_in_the_middle_of_the_asking(tmp_path: Path, seeds: Seeds) -> None:
    problem = sealed_together(seeds)
    desks = Desks(tmp_path, part_of(problem, "north"), part_of(problem, "south"))
    whole = desks.plan("m1")
    assert whole.rounds > 1
    pause, asked = desks.pause, desks.answering.journal.size

    def break_after_the_first_answer() -> None:
        sent = [e for e in desks.answering.journal.read(asked) if e.kind == "message.sent"]
        if any(e.body is not None and e.body["kind"] == "plan.answered" for e in sent):
            for faults in desks.line.faults:
                faults.cut = True
        pause()

    broken = desks.plan("m2", pause=break_after_the_first_answer)
    assert not broken.answered
    assert broken.rounds >= 1
    assert broken.plan.verdict is Verdict.SEALED  # by what was committed to m1
    assert broken.plan.joint is not None
    assert broken.plan.joint.commitment == whole.plan.joint.commitment  # type: ignore[union-attr]
    desks.pair.close()


def test_a_commitment_is_counted_on_for_four_hours(tmp_path: Path, seeds: Seeds) -> None:
    problem = sealed_together(seeds)
    problem = replace(problem, now_utc_s=START_S)
    desks = Desks(tmp_path, part_of(problem, "north"), part_of(problem, "south"))
    first = desks.plan("m1")
    assert first.plan.verdict is Verdict.SEALED
    assert first.plan.joint is not None
    expires_s = first.plan.joint.expires_utc_s
    assert expires_s == pytest.approx(START_S + 4 * 3600.0, abs=60.0)
    desks.cut(cut=True)
    verdicts = []
    for away_s in (-1.0, 1.0):
        shift_s = expires_s + away_s - START_S - desks.line.now_s

        def later(shift_s: float = shift_s) -> float:
            return START_S + desks.line.now_s + shift_s

        verdicts.append(desks.plan(f"m{away_s}", utc_s=later, answer_within_s=0.5).plan.verdict)
    assert verdicts[0] is Verdict.SEALED
    assert verdicts[1] is not Verdict.SEALED
    desks.pair.close()


def test_orders_of_own_units_are_kept_in_a_joint_plan(seeds: Seeds) -> None:
    """What a unit under way is ordered to stays, exactly where one process keeps it."""
    kept = 0
    for seed in seeds(8000, 40):
        problem = random_problem(seed)
        plan = make_plan(problem)
        own = [h for seal in plan.seals for h in seal.holders if h.side == "north"]
        if plan.verdict is not Verdict.SEALED or not own:
            continue
        units = tuple(
            replace(u, status="under way") if u.id == own[0].unit else u for u in problem.units
        )
        moving = replace(problem, units=units)
        one = make_plan(moving, previous=plan)
        two = planned_apart(moving, previous=plan)
        assert outcome(one)[:2] == outcome(two)[:2], seed
        holders = {h.unit: s.site.index for s in two.seals for h in s.holders}
        before = {h.unit: s.site.index for s in plan.seals for h in s.holders}
        if two.verdict is Verdict.SEALED and moving.rules.keep_gain >= 1:
            kept += holders.get(own[0].unit) == before[own[0].unit]
    assert kept


def test_questions_are_answered_with_the_units_of_the_moment(tmp_path: Path, seeds: Seeds) -> None:
    problem = sealed_together(seeds)
    desks = Desks(tmp_path, part_of(problem, "north"), part_of(problem, "south"))
    assert desks.plan("m1").plan.verdict is Verdict.SEALED
    nobody = replace(desks.problem, units=(), unit_places=None)
    desks.answering.problem = lambda: nobody  # all of them are off duty now
    assert desks.plan("m2").plan.verdict is not Verdict.SEALED
    desks.pair.close()
