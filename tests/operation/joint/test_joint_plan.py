"""Two nodes plan together: as one would, and nothing crosses but commitments and inequalities."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.link.pairs import NAMES, START_S, Pair

from sealing.instances import random_problem
from stopline.link.disclosure import DISCLOSED, AllKinds
from stopline.link.envelope import parse_envelope
from stopline.operation.joint.answering import JointAnswering
from stopline.operation.joint.asking import LinkAsking, NotAnswered
from stopline.operation.joint.plan import JointPlan, ask_joint_plan
from stopline.operation.joint.remote import RemoteSide
from stopline.operation.joint.reply import answer_demands
from stopline.operation.joint.search import plan_with
from stopline.sealing.plan import Verdict
from stopline.sealing.planner import make_plan
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.side import Commitment, Demands, Inequality, Side

    Seeds = Callable[[int, int], range]


def part_of(problem: SealingProblem, side: str) -> SealingProblem:
    """The problem as one side knows it: with its own units alone."""
    own = [number for number, unit in enumerate(problem.units) if unit.side == side]
    places = problem.unit_places
    return replace(
        problem,
        units=tuple(problem.units[number] for number in own),
        unit_places=None if places is None else tuple(places[number] for number in own),
    )


class Directly:
    """Questions without a line."""

    def __init__(self, side: Side | None) -> None:
        self.side, self.rounds = side, 0

    def ask(
        self, demands: Demands, wanted: int, *, prefer: str
    ) -> Commitment | Sequence[Inequality]:
        self.rounds += 1
        return answer_demands(self.side, demands, wanted, prefer=prefer)


def planned_apart(problem: SealingProblem) -> Plan:
    theirs = {side.name: side for side in prepare(part_of(problem, "south")).sides}
    remote = RemoteSide("south", problem.sites.need, Directly(theirs.get("south")))
    return plan_with(part_of(problem, "north"), remote)


def outcome(plan: Plan) -> tuple[object, ...]:
    fewest = (plan.units_used, plan.lower_bound) if plan.verdict is Verdict.SEALED else ()
    return (plan.verdict, plan.proven, *fewest)


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


@pytest.mark.long
def test_the_joint_plan_is_as_good_on_520_problems(seeds: Seeds) -> None:
    check_same(seeds(4000, 520))


class Desks:
    """Two nodes over a simulated line of 100 ms: the north asks, the south answers."""

    def __init__(self, folder: Path, problem: SealingProblem, theirs: SealingProblem) -> None:
        self.pair = Pair(folder)
        self.line = self.pair.line()
        for faults in self.line.faults:
            faults.delay_s = 0.1
        self.problem = problem
        self.answering = JointAnswering(
            journal=self.pair.journals[1],
            identity=self.pair.identities[1],
            rules=AllKinds(),
            problem=lambda: theirs,
            side="south",
        )
        south = self.line.ends[1]
        assert south is not None
        self.answering.posted = south.look
        self.line.run(1.0)

    def pause(self) -> None:
        self.line.step()
        self.answering(START_S + self.line.now_s)

    def plan(self, matter: str = "m1") -> JointPlan:
        engine = self.line.ends[0]
        assert engine is not None
        asking = LinkAsking(
            journal=self.pair.journals[0],
            peer=NAMES[1],
            post=engine.post,
            pause=self.pause,
            utc_s=lambda: START_S + self.line.now_s,
            problem=self.problem,
            matter=matter,
            author="a.novak",
            role="duty-officer",
        )
        return ask_joint_plan(asking, "south")

    def crossed(self) -> list[tuple[str, dict[str, Any]]]:
        found = []
        for journal in self.pair.journals:
            for entry in journal.read():
                if entry.kind == "message.sent" and entry.body is not None:
                    envelope = parse_envelope(str(entry.body["envelope"]).encode())
                    found.append((envelope.kind, dict(envelope.body)))
        return found


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
                yes, no = body["closed_s"], body["members"]
                assert bool(yes) + bool(no) + (body["refused"] is not None) == 1, seed
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
    for faults in desks.line.faults:
        faults.cut = True
    before = desks.plan("m0")
    assert not before.answered
    assert before.plan.verdict is not Verdict.SEALED  # nothing was ever committed
    for faults in desks.line.faults:
        faults.cut = False
    desks.line.run(5.0)
    first = desks.plan("m1")
    assert first.answered
    assert first.plan.verdict is Verdict.SEALED
    for faults in desks.line.faults:
        faults.cut = True
    alone = desks.plan("m2")
    assert not alone.answered
    assert alone.plan.verdict is Verdict.SEALED
    assert "last commitments" in alone.plan.sentence
    assert alone.plan.lineage["joint"] == {"side": "south", "answered": False}
    for faults in desks.line.faults:
        faults.cut = False
    desks.line.run(5.0)
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


def test_a_withdrawn_commitment_is_not_built_on(tmp_path: Path, seeds: Seeds) -> None:
    problem = sealed_together(seeds)
    desks = Desks(tmp_path, part_of(problem, "north"), part_of(problem, "south"))
    first = desks.plan("m1")
    joint = first.plan.lineage["joint"]
    assert isinstance(joint, dict)
    now_s = START_S + desks.line.now_s
    desks.answering.withdraw(NAMES[0], "m1", joint["question"], "a unit broke down", now_s)
    desks.line.run(1.0)
    north = JointAnswering(
        journal=desks.pair.journals[0],
        identity=desks.pair.identities[0],
        rules=AllKinds(),
        problem=lambda: desks.problem,
        side="north",
    )
    north(now_s + 1.0)
    for faults in desks.line.faults:
        faults.cut = True
    alone = desks.plan("m2")
    assert not alone.answered
    assert alone.plan.verdict is not Verdict.SEALED
    desks.pair.close()
