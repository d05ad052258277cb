"""A plan made while the line was down is made again when it is back, and what differs is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from operation.joint.joint_case import Desks, part_of
from operation.joint.test_joint_file import first, needs_both
from stopline.errors import BadInput
from stopline.link.line_state import Moment
from stopline.operation.core.state import NodeState
from stopline.operation.joint.deferred_plans import (
    Pending,
    PlanAgain,
    pending_plans,
    remember,
    settle,
)
from stopline.operation.joint.projection import JointPlans
from stopline.operation.joint.query_client import QueryClient
from stopline.sealing.plan import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.joint.plan import JointPlan

PENDING = Pending(scenario="case.yaml", out="", peer="south.example/node", side="south")


class Again:
    """Desks whose north has planned alone."""

    def __init__(self, folder: Path) -> None:
        self.problem = first(range(7000, 7400), needs_both)
        north, south = part_of(self.problem, "north"), part_of(self.problem, "south")
        self.desks = Desks(folder, north, south)
        self.told: list[str] = []
        self.tries: list[JointPlan] = []
        self.journal = self.desks.pair.journals[0]
        self.up = True
        self.chore = PlanAgain(
            journal=self.journal,
            name="north.example/node",
            is_up=lambda _: self.up,
            plan=self.make,
            told=self.told.append,
            in_thread=False,
        )

    def make(self, _: Pending) -> JointPlan:
        joint = self.desks.plan(f"again-{len(self.tries)}")
        self.tries.append(joint)
        return joint

    def alone(self) -> JointPlan:
        self.desks.cut(cut=True)
        made = self.desks.plan("alone", answer_within_s=0.5)
        remember(self.asking("alone"), PENDING, made.plan)
        return made

    def asking(self, matter: str) -> QueryClient:
        return QueryClient(
            journal=self.journal, peer=PENDING.peer, post=lambda _: None, pause=lambda: None,
            utc_s=self.desks.utc_s, problem=self.desks.problem, matter=matter, author="x",
            role="planner",
        )  # fmt: skip

    def tick(self, seconds: float = 1.0) -> None:
        self.desks.line.now_s += seconds
        self.chore(Moment(self.desks.line.now_s, self.desks.utc_s()))

    def area(self) -> JointPlans:
        book = NodeState()
        book.fold(self.journal.read())
        return book.projection(JointPlans)


@pytest.fixture
def again(tmp_path: Path) -> Again:
    return Again(tmp_path / "n")


def test_asked_again_once_the_line_is_up(again: Again) -> None:
    assert again.alone().plan.verdict is not Verdict.SEALED
    assert set(again.area().alone) == {"alone"}
    again.up = False
    again.tick()
    assert not again.tries
    again.desks.cut(cut=False)
    again.up = True
    again.tick()
    again.tick()
    assert [made.plan.verdict for made in again.tries] == [Verdict.SEALED]
    assert again.told == [
        "planned again with south.example/node: sealed; impossible when planned alone, now sealed"
    ]
    ((_, _, body),) = again.area().reconciled
    assert body.matter == "again-0"
    assert not again.area().alone
    assert not pending_plans(again.journal)
    again.tick(60.0)
    assert len(again.tries) == 1


def test_what_differs_from_the_last_commitments_is_said(again: Again) -> None:
    before = again.desks.plan("before")
    assert again.alone().plan.verdict is Verdict.SEALED
    setup = part_of(again.problem, "south")
    slower = tuple(replace(unit, ready_s=unit.ready_s + 3.0) for unit in setup.units)
    again.desks.answering.problem = lambda: replace(setup, units=slower)
    again.desks.cut(cut=False)
    again.tick()
    again.tick()
    assert again.tries[0].plan.seals
    ((_, _, body),) = again.area().reconciled
    if again.tries[0].plan.verdict is Verdict.SEALED:
        assert any("closes 3 s later" in line for line in body.differs), body.differs
    else:
        assert "sealed when planned alone" in body.differs[0]
    assert before.plan.verdict is Verdict.SEALED


def test_down_again_keeps_the_note_and_waits(again: Again) -> None:
    again.alone()
    again.tick()  # the line counts as up, and is cut
    again.tick()
    assert [made.answered for made in again.tries] == [False]
    assert len(pending_plans(again.journal)) == 1
    again.tick()
    assert len(again.tries) == 1  # not before half a minute has passed
    again.tick(60.0)
    assert len(again.tries) == 2
    assert not again.area().reconciled


def test_why_there_is_no_plan_is_recorded(again: Again) -> None:
    again.alone()

    def gone(_: Pending) -> JointPlan:
        where = "case.yaml"
        raise BadInput.single(where, "no such file", "a scenario")

    again.chore.plan = gone
    again.tick()
    again.tick()
    ((_, _, body),) = again.area().reconciled
    assert body.verdict == ""
    assert "case.yaml" in body.differs[0]


def test_an_answer_to_the_officer_takes_the_note_away(again: Again) -> None:
    again.alone()
    again.desks.cut(cut=False)
    settle(again.asking("by-hand"), again.desks.plan("by-hand"))
    assert not pending_plans(again.journal)
    assert not again.area().alone
    ((_, _, body),) = again.area().reconciled
    assert body.matter == "by-hand"
    again.tick()
    assert not again.tries
