"""Two desks in the phase of sealing, with chores that answer; end 0 plans for both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from operation.joint.joint_case import part_of
from operation.liaison_case import DUTY, INCIDENT, Case
from stopline.link.mailbox import Message, post
from stopline.operation.joint.commands import OrderCommitment
from stopline.operation.joint.disclosure_rules import ByProtocol, check_may_ask
from stopline.operation.joint.plan import JointPlan, ask_joint_plan
from stopline.operation.joint.projection import JointPlans
from stopline.operation.joint.query_client import QueryClient
from stopline.operation.joint.query_service import QueryService
from stopline.operation.joint.unit_bindings import Binding, units_for_answers
from stopline.operation.joint.wiring import bound_at
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.adopt import AdoptPlan
from stopline.sealing.plan_file.file import plan_text, plan_to_dict

if TYPE_CHECKING:
    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem

ROOT = Path(__file__).parents[3]
SIDES = ("CH", "LI")  # end 0 asks, end 1 answers


class JointCase:
    """Two desks in an incident, with chores that answer; end 0 plans for both."""

    def __init__(self, case: Case, problem: SealingProblem) -> None:
        self.case, self.problem = case, problem
        self.parts = [part_of(problem, side) for side in SIDES]
        self.chores = []
        for end, side in enumerate(SIDES):
            desk = case.both.desks[end]
            self.chores.append(
                QueryService(
                    journal=desk.node.journal,
                    identity=desk.node.identity,
                    agreed=ByProtocol(desk),
                    problem=lambda end=end: self.parts[end],
                    side=side,
                    bound=bound_at(desk),
                    posted=case.both.line.ends[end].look,  # type: ignore[union-attr]
                )
            )

    def work(self, seconds: float = 1.0) -> None:
        """Let the line and both nodes' chores work."""
        for _ in range(int(seconds * 100)):
            self.case.both.line.step()
            for chore in self.chores:
                chore(self.case.both.now_s)
        for desk in self.case.both.desks:
            desk.catch_up()

    def plan(self, matter: str = "m1", *, incident: str | None = INCIDENT) -> JointPlan:
        joint = self.ask(matter, incident=incident)
        self.work()
        return joint

    def ask(self, matter: str = "m1", *, incident: str | None = INCIDENT) -> JointPlan:
        """Plan, and do not wait until the other side has heard that its word is built on."""
        both, desk = self.case.both, self.case.both.desks[0]
        now = check_may_ask(ByProtocol(desk), incident)

        def put(message: Message) -> None:
            with desk.node.journal.transaction() as work:
                post(work, desk.node.identity.signer, str(desk.peer), message, now.rules)
            both.line.ends[0].look()  # type: ignore[union-attr]

        asking = QueryClient(
            journal=desk.node.journal,
            peer=str(desk.peer),
            post=put,
            pause=lambda: self.work(0.01),
            utc_s=lambda: both.now_s,
            problem=self.parts[0],
            matter=matter,
            author="p.planner",
            role="planner",
            incident=incident,
            phase=now.phase,
        )
        return ask_joint_plan(asking, SIDES[1])

    def text(self, plan: Plan) -> str:
        return plan_text(plan_to_dict(plan, self.parts[0]))

    def orders(self, end: int) -> Orders:
        return self.case.incident(end).projection(Orders)

    def joint(self, end: int) -> JointPlans:
        return self.case.both.desks[end].catch_up().projection(JointPlans)

    def key(self) -> tuple[str, int]:
        (key,) = [k for k, v in self.joint(1).given.items() if not v.replaced]
        return key

    def order(self) -> None:
        """Adopt a plan at end 0, and order our units for the commitment at end 1."""
        made = self.plan()
        self.case.do(0, AdoptPlan(incident=INCIDENT, plan=self.text(made.plan)), DUTY)
        self.work()
        matter, number = self.key()
        self.case.do(1, OrderCommitment(incident=INCIDENT, matter=matter, number=number), DUTY)

    def bound(self, incident: str = INCIDENT, end: int = 1, asker: str = "") -> dict[str, Binding]:
        """The units of a side that are bound when it is asked, by its peer if nobody is named."""
        desk = self.case.both.desks[end]
        return units_for_answers(
            desk.catch_up(), incident, self.case.both.now_s, asker or str(desk.peer)
        )

    def sites(self, end: int = 1) -> dict[str, str]:
        """The site at which each unit of a side stands behind its last commitment."""
        given = self.joint(end).given[self.key()]
        return {unit.unit: seal.site for seal in given.body.seals for unit in seal.units}
