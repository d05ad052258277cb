"""Two nodes that plan together, with and without a line between them, for the tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.link.pairs import NAMES, START_S, Pair

from stopline.link.envelope import parse_envelope
from stopline.operation.joint.plan import JointPlan, ask_joint_plan
from stopline.operation.joint.query_client import QueryClient
from stopline.operation.joint.query_service import QueryService
from stopline.operation.joint.remote_side import RemoteSide
from stopline.operation.joint.reply import answer_demands
from stopline.operation.joint.search import plan_with
from stopline.sealing.plan import Verdict
from stopline.sealing.session import prepare
from stopline.testing.everything_agreed import EverythingAgreed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.side import AnsweringSide, Commitment, Demands, Inequality


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

    def __init__(self, side: AnsweringSide | None) -> None:
        self.side, self.rounds = side, 0

    def ask(
        self, demands: Demands, wanted: int, *, prefer: str
    ) -> Commitment | Sequence[Inequality]:
        self.rounds += 1
        return answer_demands(self.side, demands, wanted, prefer=prefer)


def planned_apart(
    problem: SealingProblem,
    *,
    own: str = "north",
    other: str = "south",
    previous: Plan | None = None,
) -> Plan:
    """Plan as one side, with the other asked without a line."""
    theirs = {side.name: side for side in prepare(part_of(problem, other)).sides}
    remote = RemoteSide(other, problem.sites.need, Directly(theirs.get(other)))
    return plan_with(part_of(problem, own), remote, previous=previous)


def outcome(plan: Plan) -> tuple[object, ...]:
    fewest = (plan.units_used, plan.lower_bound) if plan.verdict is Verdict.SEALED else ()
    return (plan.verdict, plan.proven, *fewest)


class Desks:
    """Two nodes over a simulated line of 100 ms: the north asks, the south answers."""

    def __init__(self, folder: Path, problem: SealingProblem, theirs: SealingProblem) -> None:
        self.pair = Pair(folder)
        self.line = self.pair.line()
        for faults in self.line.faults:
            faults.delay_s = 0.1
        self.problem = problem
        self.answering = QueryService(
            journal=self.pair.journals[1],
            identity=self.pair.identities[1],
            agreed=EverythingAgreed(),
            problem=lambda: theirs,
            side="south",
        )
        south = self.line.ends[1]
        assert south is not None
        self.answering.posted = south.look
        self.line.run(1.0)

    def utc_s(self) -> float:
        """UTC seconds of the simulated moment."""
        return START_S + self.line.now_s

    def pause(self) -> None:
        self.line.step()
        self.answering(START_S + self.line.now_s)

    def cut(self, *, cut: bool) -> None:
        """Cut the line, or mend it and let it come up."""
        for faults in self.line.faults:
            faults.cut = cut
        if not cut:
            self.line.run(5.0)

    def plan(self, matter: str = "m1", **changes: Any) -> JointPlan:
        engine = self.line.ends[0]
        assert engine is not None
        asking = QueryClient(
            journal=self.pair.journals[0],
            peer=NAMES[1],
            post=engine.post,
            problem=self.problem,
            matter=matter,
            author="a.novak",
            role="duty-officer",
            **{"pause": self.pause, "utc_s": self.utc_s, **changes},
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
