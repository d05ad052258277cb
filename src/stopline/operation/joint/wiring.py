"""Joint plans from files: a scenario that answers for a node, and a node's folder that asks."""

from __future__ import annotations

import getpass
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stopline.errors import BadInput
from stopline.link.ids import new_id
from stopline.link.mailbox import post
from stopline.operation.core.command_handler import CommandHandler
from stopline.operation.core.node import Node, open_node
from stopline.operation.joint.deferred_plans import Pending, remember, settle
from stopline.operation.joint.disclosure_rules import ByProtocol, check_may_ask
from stopline.operation.joint.plan import JointPlan, ask_joint_plan
from stopline.operation.joint.query_client import ANSWER_WITHIN_S, QueryClient
from stopline.operation.joint.query_service import QueryService
from stopline.operation.joint.unit_bindings import (
    units_for_answers,
    units_for_our_plan,
    with_bound_units,
)
from stopline.operation.readiness.projection import Readiness
from stopline.planning.plan import RuleChanges, plan_scenario
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stopline.link.mailbox import Message
    from stopline.operation.joint.query_service import BoundUnits
    from stopline.operation.joint.unit_bindings import Binding
    from stopline.planning.plan import Made, Maker
    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem

    MakeLive = Callable[[SealingProblem], Callable[[], SealingProblem]]

_PAUSE_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class JointRequest:
    """Whom to plan with, from where, and for what.

    Attributes:
        folder: of the own node.
        peer: the other node.
        side: name of the other side.
        incident: the incident that the plan is for.
        pending: what to do again when the line is back, if nobody answers now.
        answer_within_s: without an answer for so long, the line counts as down.
        pause: lets the line work for a moment.
    """

    folder: Path
    peer: str
    side: str
    incident: str | None = None
    pending: Pending | None = None
    answer_within_s: float = ANSWER_WITHIN_S
    pause: Callable[[], None] = lambda: time.sleep(_PAUSE_S)


def request_of(
    *,
    folder: Path | None,
    peer: str | None,
    side: str,
    incident: str | None,
    scenario: Path,
    out: Path | None,
    changes: RuleChanges | None,
    previous: Path | None,
) -> JointRequest:
    """Make a request of what a caller gives, with the note for planning again.

    Raises:
        BadInput: folder or peer is missing.
    """
    if folder is None or peer is None:
        raise BadInput.single("--with and --node", "one of them", "both, or neither")
    given = {} if changes is None else {k: v for k, v in asdict(changes).items() if v is not None}
    pending = Pending(
        scenario=str(scenario.resolve()),
        out="" if out is None else str(out.resolve()),
        peer=peer,
        side=side,
        incident=incident or "",
        changes=given,
        previous="" if previous is None else str(previous.resolve()),
    )
    return JointRequest(
        folder=folder,
        peer=peer,
        side=side,
        incident=incident,
        pending=pending,
    )


def plan_again(folder: Path, todo: Pending) -> JointPlan:
    """Make a pending plan again, with new files beside the old ones: `NAME-answered`.

    Raises:
        BadInput: the scenario is not there any more, or has faults.
        NotAnswered: the other side declines.
    """
    told: list[JointPlan] = []
    request = JointRequest(
        folder=folder,
        peer=todo.peer,
        side=todo.side,
        incident=todo.incident or None,
    )
    given: dict[str, Any] = dict(todo.changes)
    if "objective" in given:
        given["objective"] = tuple(given["objective"])
    out = Path(todo.out) if todo.out else None
    plan_scenario(
        Path(todo.scenario),
        None if out is None else out.with_name(f"{out.name}-answered"),
        changes=RuleChanges(**given),
        previous=Path(todo.previous) if todo.previous else None,
        maker=joint_maker(request, told),
    )
    return told[0]


def answering_from(
    node: Node,
    scenario: Path | None,
    *,
    live: MakeLive | None = None,
) -> QueryService:
    """Make a node answer joint plans from a scenario with the own units.

    Once units of this side are registered at the node (`stopline units`), `live` makes the problem
    for each question, with them as they are then. Before that the scenario's answer, on its clock.

    Args:
        node: the node.
        scenario: roads, sites, rules and own units; None to take note of what the other side
            says of its commitments, and to decline its questions.
        live: makes of the scenario's problem one that is asked for anew, such as a `LiveProblem`.

    Raises:
        BadInput: the scenario has faults, or units of several sides.
    """
    desk = CommandHandler(node)
    agreed = ByProtocol(desk)
    if scenario is None:
        return QueryService(
            journal=node.journal,
            identity=node.identity,
            agreed=agreed,
            problem=None,
            side="",
            exercise=node.exercise,
        )
    problem = load_scenario(scenario).problem
    sides = sorted({unit.side for unit in problem.units})
    if len(sides) != 1:
        raise BadInput.single(str(scenario), f"units of sides {sides}", "units of the own side")
    return QueryService(
        journal=node.journal,
        identity=node.identity,
        agreed=agreed,
        problem=(lambda: problem) if live is None else _OnceRegistered(desk, problem, live),
        side=sides[0],
        bound=bound_at(desk),
        exercise=node.exercise,
    )


def answering_from_region(node: Node, region: Path, *, live: MakeLive) -> QueryService:
    """Make a node answer joint plans with the units that are registered at it, and no others.

    The region's scenario may name units of both sides: they are not this node's word. It is read
    when the first question comes; before any unit is registered, questions are declined.

    Args:
        node: the node.
        region: roads, sites and rules.
        live: makes of the scenario's problem one that is asked for anew, such as a `LiveProblem`.
    """
    desk = CommandHandler(node)
    made: list[Callable[[], SealingProblem]] = []

    def problem() -> SealingProblem | None:
        with desk.reading:
            if not desk.catch_up().projection(Readiness).units:
                return None
        if not made:
            made.append(live(load_scenario(region).problem))
        return made[0]()

    def side() -> str:
        with desk.reading:
            units = desk.catch_up().projection(Readiness).units.values()
            return next((one.registered.side for one in units), "")

    return QueryService(
        journal=node.journal, identity=node.identity,
        agreed=ByProtocol(desk), problem=problem, side=side,
        bound=bound_at(desk), exercise=node.exercise,
    )  # fmt: skip


def bound_at(desk: CommandHandler) -> BoundUnits:
    """Make what `JointAnswering.bound` asks for, from a desk."""

    def bound(incident: str | None, now_s: float, asker: str) -> dict[str, Binding]:
        with desk.reading:
            book = desk.catch_up()
            return units_for_answers(book, incident, now_s, asker)

    return bound


class _OnceRegistered:
    """The scenario's problem, and a live one once any unit is registered at the node."""

    def __init__(self, desk: CommandHandler, prepared: SealingProblem, live: MakeLive) -> None:
        self._desk, self._prepared, self._make = desk, prepared, live
        self._live: Callable[[], SealingProblem] | None = None

    def __call__(self) -> SealingProblem:
        if self._live is None:
            if not self._desk.catch_up().projection(Readiness).units:
                return self._prepared
            self._live = self._make(self._prepared)
        return self._live()


def plan_jointly(
    request: JointRequest, problem: SealingProblem, previous: Plan | None, orders: Mapping[str, int]
) -> JointPlan:
    """Plan with a peer of a node which another process serves.

    Raises:
        BadInput: there is no such peer, or nothing of a joint plan may leave the node now.
    """
    peer = request.peer
    with open_node(request.folder) as node:
        if peer not in node.peers():
            known = ", ".join(node.peers()) or "no peers"
            raise BadInput.single("--with", peer, f"a paired node: {known}")
        desk = CommandHandler(node)
        now = check_may_ask(ByProtocol(desk), request.incident)

        def put(message: Message) -> None:
            with node.journal.transaction() as work:
                post(work, node.identity.signer, peer, message, now.rules)

        ours = with_bound_units(problem, _bound_here(desk, request.incident))
        asking = QueryClient(
            journal=node.journal,
            peer=peer,
            post=put,
            pause=request.pause,
            utc_s=node.clock,
            elapsed_s=node.elapsed,
            problem=ours,
            matter=new_id(node.clock()),
            author=getpass.getuser(),
            role="planner",
            incident=request.incident,
            phase=now.phase,
            answer_within_s=request.answer_within_s,
        )
        joint = ask_joint_plan(asking, request.side, previous=previous, orders=orders)
        if joint.answered:
            settle(asking, joint)
        elif request.pending is not None:
            remember(asking, request.pending, joint.plan)
    return joint


def _bound_here(desk: CommandHandler, incident: str | None) -> dict[str, Binding]:
    """The units that a plan of our own finds bound."""
    with desk.reading:
        return units_for_our_plan(desk.catch_up(), incident, desk.node.clock())


def joint_maker(request: JointRequest, told: list[JointPlan] | None = None) -> Maker:
    """Make a planner that plans with a peer; each joint plan is added to `told`."""

    def make(problem: SealingProblem, previous: Plan | None, orders: Mapping[str, int]) -> Made:
        joint = plan_jointly(request, problem, previous, orders)
        if told is not None:
            told.append(joint)
        return joint.plan, joint.problem

    return make
