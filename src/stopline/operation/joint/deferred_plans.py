"""Plans that were made while the line was down are made again when it is back, by the node itself.

The command that planned alone leaves a note on a shelf: which scenario, with whom, where the files
went. A chore of the serving node finds it when the line is up and plans again in a thread of its
own; what differs becomes a fact, and new files are written beside the old ones.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Final

from stopline.errors import StoplineError
from stopline.journal.base import Fact
from stopline.link.ids import derived_id
from stopline.operation.accounts.storage_keys import named_by
from stopline.operation.facts.joint import PlannedAlone, Reconciled

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.journal.base import Journal
    from stopline.journal.stored import StoredJournal
    from stopline.link.line_state import Moment
    from stopline.operation.joint.plan import JointPlan
    from stopline.operation.joint.query_client import QueryClient
    from stopline.sealing.plan import Plan

AGAIN_SHELF: Final = "joint-plan-again"
_TRY_AGAIN_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What is to be planned again.

    Attributes:
        scenario: path of the scenario.
        out: folder of the files that were written; empty if none were.
        peer: the other node.
        side: name of its side.
        incident: the incident; empty for none.
        changes: rules in place of the scenario's.
        previous: plan.json whose orders are kept; empty for none.
        alone: id of the plan made without an answer.
        verdict: its verdict.
    """

    scenario: str
    out: str
    peer: str
    side: str
    incident: str = ""
    changes: dict[str, object] = field(default_factory=dict)
    previous: str = ""
    alone: str = ""
    verdict: str = ""


def remember(asking: QueryClient, pending: Pending, plan: Plan) -> None:
    """Record that a plan was made alone, and leave the note to make it again."""
    now_s = asking.utc_s()
    joint = plan.joint
    told = {**asdict(pending), "alone": asking.matter, "verdict": str(plan.verdict)}
    note = json.dumps(told).encode()
    body = PlannedAlone(
        peer=asking.peer,
        matter=asking.matter,
        verdict=str(plan.verdict),
        sites=sum(1 for seal in plan.seals if seal.committed) if joint is not None else 0,
        kept=named_by(note),
    )
    fact = Fact(
        fact_id=derived_id(now_s, "alone", asking.matter),
        time_s=now_s,
        author=asking.author,
        role=asking.role,
        incident=asking.incident,
        body=body,
    )
    with asking.journal.transaction() as work:
        work.append([fact])
        work.put(AGAIN_SHELF, pending.incident, note)


def settle(asking: QueryClient, joint: JointPlan) -> None:
    """Take the note away, if there is one: the other side has answered, and what came is a fact."""
    for todo in pending_plans(asking.journal):
        body = _reconciled(todo, joint)
        if todo.incident == (asking.incident or "") and body is not None:
            by = asking.author, asking.role
            _settle(asking.journal, todo.incident, body, asking.utc_s(), by)


def _reconciled(todo: Pending, came: JointPlan | StoplineError) -> Reconciled | None:
    """What came of planning again; None where the other side did not answer."""
    if isinstance(came, StoplineError):
        matter, verdict, differs = "", "", (str(came),)
    elif came.answered and came.plan.joint is not None:
        matter, verdict = came.plan.joint.matter, str(came.plan.verdict)
        was = f"{todo.verdict} when planned alone, now {verdict}"
        differs = (*((was,) if verdict != todo.verdict else ()), *came.changed)
    else:
        return None
    return Reconciled(
        peer=todo.peer, matter=matter, alone=todo.alone, verdict=verdict, differs=differs
    )


def _settle(
    journal: Journal, incident: str, body: Reconciled, now_s: float, by: tuple[str, str]
) -> None:
    """Record what came of planning again, and take the note away; once."""
    fact = Fact(
        fact_id=derived_id(now_s, "reconciled", body.alone),
        time_s=now_s,
        author=by[0],
        role=by[1],
        incident=incident or None,
        body=body,
    )
    with journal.transaction() as work:
        if work.get(AGAIN_SHELF, incident) is not None:
            work.append([fact])
            work.remove(AGAIN_SHELF, incident)


def pending_plans(journal: Journal) -> list[Pending]:
    """The plans to make again, one an incident at most; older notes may hold more fields."""
    known = {one.name for one in fields(Pending)}
    return [
        Pending(**{name: told for name, told in json.loads(value).items() if name in known})
        for _, value in journal.shelf(AGAIN_SHELF)
    ]


@dataclass(slots=True)
class PlanAgain:
    """A chore: make pending plans again while the line is up.

    Attributes:
        journal: of this node.
        name: of this node.
        is_up: whether the line to a peer is up.
        plan: makes a pending plan again, in a thread that is not the node's.
        told: is told in words what came of it.
        in_thread: whether it plans in a thread of its own; tests do without.
    """

    journal: StoredJournal
    name: str
    is_up: Callable[[str], bool]
    plan: Callable[[Pending], JointPlan]
    told: Callable[[str], None]
    in_thread: bool = True
    _running: threading.Thread | None = None
    _came: list[tuple[Pending, JointPlan | StoplineError]] = field(default_factory=list)
    _not_before_s: float = 0.0

    def __call__(self, now: Moment) -> None:
        """Look at what came of the last try, and begin the next one."""
        if self._running is not None and self._running.is_alive():
            return
        self._running = None
        while self._came:
            self._record(*self._came.pop(0), now.utc_s)
        if now.utc_s < self._not_before_s:
            return
        todo = next((one for one in pending_plans(self.journal) if self.is_up(one.peer)), None)
        if todo is None:
            return
        self._not_before_s = now.utc_s + _TRY_AGAIN_S
        if self.in_thread:
            self._running = threading.Thread(target=self._try, args=(todo,), daemon=True)
            self._running.start()
        else:
            self._try(todo)

    def _try(self, todo: Pending) -> None:
        try:
            self._came.append((todo, self.plan(todo)))
        except StoplineError as error:
            self._came.append((todo, error))

    def _record(self, todo: Pending, came: JointPlan | StoplineError, now_s: float) -> None:
        body = _reconciled(todo, came)
        if body is None:
            return  # down again: the note is still there
        _settle(self.journal, todo.incident, body, now_s, (self.name, "node"))
        self._not_before_s = 0.0
        what = "; ".join(body.differs) or "nothing differs"
        self.told(f"planned again with {todo.peer}: {body.verdict or 'no plan'}; {what}")
