"""Both nodes in this process, with a simulated line and time; their duties compute at once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from stopline.errors import StoplineError
from stopline.exercise.engine.book_look import look_of
from stopline.exercise.engine.make_nodes import make_nodes
from stopline.exercise.engine.ports import Given, IncidentLook
from stopline.exercise.engine.record_seen import RecordReader, RecordSeen
from stopline.link.engine import LinkEngine
from stopline.link.ids import derived_id
from stopline.link.in_process import Faults, InProcessLine
from stopline.link.line_state import LinkTimes
from stopline.operation.core.actor import Actor
from stopline.operation.core.command import IncidentCommand, command_named
from stopline.operation.core.node import open_node
from stopline.operation.joint.wiring import answering_from_region
from stopline.operation.readiness.live_problem import LiveProblem
from stopline.operation.runtime.bootstrap import command_handler_of
from stopline.operation.runtime.scheduler import Scheduler, SchedulerSettings

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.exercise.document.load import LoadedExercise
    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.joint.query_service import QueryService

_USUAL_DELAY_S: Final = 0.02
# Of the line, in exercise seconds. Each frame is signed: a live line at 20 times the speed sends
# one where this sends ten. A cut of ten seconds is noticed.
_TIMES: Final = LinkTimes(heartbeat_s=4.0, down_after_s=9.0, longest_backoff_s=2.0)


@dataclass(slots=True)
class HeadlessNode(RecordReader):
    """One side's node in this process."""

    side: str
    nodes: HeadlessNodes
    desk: CommandHandler
    duties: Scheduler
    answering: QueryService
    record: RecordSeen
    _given: int = 0
    _read: int = 0

    def give(self, role: str, kind: str, fields: dict[str, Any]) -> Given:
        """Give a command in a role."""
        if not self.nodes.is_up(self.side):
            return Given(refused="the node does not run")
        self._given += 1
        now_s = self.nodes.now_s
        actor = Actor(f"{self.side}.{role}", role, self.nodes.agency_of(role))
        command_id = derived_id(now_s, "exercise", self.side, self._given)
        try:
            form = command_named(kind)
            if issubclass(form, IncidentCommand):
                fields = {"incident": self.nodes.incident, **fields}
            command = form.model_validate(fields)
            done = self.desk.do(command, actor, command_id=command_id, now_s=now_s)
        except (StoplineError, ValidationError) as error:
            return Given(refused=" ".join(str(error).split())[:400] or type(error).__name__)
        return Given(done.ids)

    def look(self) -> IncidentLook | None:
        """The incident as the side sees it."""
        if not self.nodes.is_up(self.side):
            return None
        incident = self.desk.catch_up().incidents.get(self.nodes.incident)
        return None if incident is None else look_of(incident, self.nodes.now_s)

    def catch_up(self) -> None:
        """Read what is new in the record."""
        if not self.nodes.is_up(self.side):
            return
        size = self.desk.node.journal.size
        for entry in self.desk.node.journal.read(self._read, size) if size > self._read else ():
            self.record.add(
                entry.index, entry.time_s, entry.kind, entry.author, entry.role, entry.body or {}
            )
        self._read = size


@dataclass(slots=True)
class HeadlessNodes:
    """Both nodes and the line between them; `advance` lets exercise time pass.

    Attributes:
        loaded: the exercise.
        folders: of the nodes, by side.
        incident: id of the incident, the same on both.
        start_s: STARTEX, UTC seconds.
        replans: the nodes offer new plans against leaks.
        held_s: seconds of the line for which exercise time was held: a node waited for an answer.
    """

    loaded: LoadedExercise
    folders: dict[str, Path]
    incident: str
    start_s: float
    line: InProcessLine
    replans: bool = True
    sides: dict[str, HeadlessNode] = field(default_factory=dict)
    held_s: float = 0.0
    _down: set[str] = field(default_factory=set)

    @classmethod
    def make(
        cls, loaded: LoadedExercise, folder: Path, *, seed: int, replans: bool = True
    ) -> HeadlessNodes:
        """Make both nodes in an empty folder, and open them at STARTEX."""
        folders = make_nodes(loaded, folder)
        start_s = loaded.exercise.start_s
        line = InProcessLine(
            [None, None],
            random.Random(seed),  # noqa: S311  (a simulation, no secret)
            faults=[Faults(delay_s=_USUAL_DELAY_S), Faults(delay_s=_USUAL_DELAY_S)],
            utc_s=[start_s, start_s],
        )
        nodes = cls(loaded, folders, f"ex-{loaded.exercise.name}", start_s, line, replans)
        for side in loaded.sides:
            nodes.start(side)
        return nodes

    @property
    def now_s(self) -> float:
        """UTC seconds of the exercise."""
        return self.start_s + self.t

    @property
    def t(self) -> float:
        """Exercise seconds after STARTEX."""
        return self.line.now_s - self.held_s

    def agency_of(self, role: str) -> str | None:
        """The service of a role, by the protocol."""
        known = self.loaded.protocol.protocol.roles.get(role)
        return None if known is None else known.agency

    def start(self, side: str) -> None:
        """Start a node from what is on disk."""
        opened = open_node(self.folders[side], now_s=self.now_s)
        node = replace(
            opened, clock=lambda: self.now_s, elapsed=lambda: self.line.now_s, pause=self._wait
        )
        desk = command_handler_of(node)
        settings = SchedulerSettings(
            scenarios=(self.loaded.scenario.path,), believes=False, replans=self.replans
        )
        duties = Scheduler(desk, settings)
        live = partial(LiveProblem, desk, clock=node.clock)
        answering = answering_from_region(node, self.loaded.scenario.path, live=live)
        known = self.sides.get(side)
        if known is None:
            record = RecordSeen(side, self.start_s)
            self.sides[side] = HeadlessNode(side, self, desk, duties, answering, record)
        else:  # those who sit at it sit at it still
            known.desk, known.duties, known.answering = desk, duties, answering
        self._down.discard(side)
        engine = LinkEngine(node.journal, node.identity, str(desk.peer), times=_TIMES)
        engine.mind_no_steps()
        answering.posted = engine.look
        self.line.ends[self._end(side)] = engine

    def stop(self, side: str) -> None:
        """Kill a node: nothing is said good-bye to."""
        self.line.ends[self._end(side)] = None
        self.sides[side].desk.node.journal.close()
        self._down.add(side)

    def is_up(self, side: str) -> bool:
        """Whether a node runs."""
        return side not in self._down

    def break_line(self, kind: str, delay_s: float | None = None) -> None:
        """Have the line cut, dead without a word, or slow; `mended` for whole again."""
        for faults in self.line.faults:
            faults.cut = kind in {"cut", "black hole"}
            faults.delay_s = delay_s if kind == "slow" and delay_s else _USUAL_DELAY_S

    def advance(self, t: float) -> None:
        """Let time pass until so many exercise seconds after STARTEX."""
        while self.t < t - 1e-9:
            self.line.run(min(1.0, t - self.t))
            for node in self._up():
                node.duties.run(self.now_s)
                node.answering(self.now_s)

    def _wait(self) -> None:
        """Let the line work for a moment while a node waits for the other; exercise time stands."""
        before_s = self.line.now_s
        self.line.step()
        self.held_s += self.line.now_s - before_s
        self.line.utc_s[:] = [self.start_s - self.held_s] * 2
        for node in self._up():
            node.answering(self.now_s)

    def _up(self) -> list[HeadlessNode]:
        return [node for side, node in self.sides.items() if side not in self._down]

    def close(self) -> None:
        """Sign both records and close them."""
        for side, node in self.sides.items():
            if side in self._down:
                continue
            node.desk.node.sign_checkpoint()
            node.desk.node.journal.close()

    def _end(self, side: str) -> int:
        return self.loaded.sides.index(side)
