"""Play an exercise live: two serving nodes, a clock that can be set, a controller's hand in it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from stopline.errors import BadInput
from stopline.exercise.engine.engine import Engine
from stopline.exercise.engine.play import (
    EVENTS_FILE,
    TRUTH_FILE,
    ExerciseOutcome,
    compare_records,
    write_events,
)
from stopline.exercise.evaluation import EVALUATION_FILE, evaluate, write_evaluation
from stopline.exercise.live.control import ControlRoom, speed_of
from stopline.exercise.live.nodes import LiveNodes
from stopline.exercise.live.stamps import stamps_off_s
from stopline.exercise.truth.log import TruthLog
from stopline.operation.core.node import open_node

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.truth.log import Happening

_NAP_S: Final = 0.05
_SHOWN_EVERY_S: Final = 1.0
_SLOW_SHARE: Final = 0.8
_JUDGED_AFTER_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a live exercise went by the wall.

    Attributes:
        wall_s: from STARTEX to ENDEX.
        held_s: of that, exercise time stood still: a node computed, or was asked.
        computing_s: of that, a node computed.
        paused_s: of that, a controller had paused it.
        late_s: by how many exercise seconds each event came late by the engine's clock, in order.
        stamps_off_s: by how many exercise seconds facts are stamped after their commands.
    """

    wall_s: float
    held_s: float
    computing_s: float
    paused_s: float
    late_s: tuple[float, ...]
    stamps_off_s: tuple[float, ...]


class LivePlay:
    """One live exercise, from making its nodes to comparing their records."""

    def __init__(
        self,
        loaded: LoadedExercise,
        folder: Path,
        *,
        speed: float,
        say: Callable[[str], None],
        listener: Callable[[Happening], None] | None = None,
        seed: int | None = None,
        guided: bool = False,
    ) -> None:
        self.loaded, self.folder, self._say, self.guided = loaded, folder, say, guided
        self.speed, self.seed = speed_of(speed), loaded.exercise.seed if seed is None else seed
        self._listener = listener
        self.log = TruthLog()
        self.paused = False
        self.late_s: list[float] = []
        self._called = self._closed = False
        self._paused_s, self._shown_s, self._began_s = 0.0, 0.0, 0.0
        self._said_slow = False
        folder.mkdir(parents=True, exist_ok=True)
        self.room = ControlRoom(folder, self._meet)
        self.nodes: LiveNodes | None = None
        self.engine: Engine | None = None

    def start(self) -> None:
        """Make and start both nodes, and say where they are."""
        if self._listener is not None:
            self.log.listeners.append(self._listener)
        self.log.write_to(self.folder / TRUTH_FILE)
        try:
            self.nodes = LiveNodes.make(self.loaded, self.folder, speed=self.speed)
        except BaseException:
            self.log.close()
            raise
        self.engine = Engine(self.loaded, self.nodes, seed=self.seed, log=self.log)
        self.nodes.attend = self._attend
        for side in self.loaded.sides:
            self._say(f"  {side}: {self.nodes.address(side)}{'#/guide' * self.guided}")
        roles = "duty_officer, liaison_officer, chief_of_police, ..."
        self._say(f"  log in as {roles}; password {self.nodes.password}")

    def run(self) -> ExerciseOutcome:
        """Play to ENDEX, end both nodes and compare their records.

        Raises:
            BadInput: a record does not verify, or the two disagree.
        """
        engine = self._playing()
        self._began_s = time.monotonic()
        engine.begin()
        while not engine.ended:
            engine.step()
            if self.nodes is not None:
                self.late_s.append(max(0.0, self.nodes.clock.t - engine.t))
        engine.note_end()
        self.room.close()
        if self.nodes is not None:
            self.nodes.end()
        self.log.close()
        write_events(engine, self.folder / EVENTS_FILE)
        return self._outcome(engine)

    def pace(self) -> Pace:
        """How it went by the wall so far."""
        clock = None if self.nodes is None else self.nodes.clock
        facts = () if self.engine is None else self.engine.facts
        return Pace(
            wall_s=time.monotonic() - self._began_s, held_s=0.0 if clock is None else clock.held_s,
            computing_s=0.0 if self.nodes is None else self.nodes.computing_s,
            paused_s=self._paused_s, late_s=tuple(self.late_s),
            stamps_off_s=tuple(stamps_off_s(self.log, facts)),
        )  # fmt: skip

    def close(self) -> None:
        """End both nodes in order; what was played stays. Nothing happens the second time."""
        self.room.close()
        if self.nodes is not None and not self._closed:
            self.nodes.close()
        self._closed = True
        self.log.close()

    def look_back(self) -> None:
        """Serve both nodes again after the end, for whoever looks back; exercise time stands."""
        if self.nodes is not None:
            for side in self.loaded.sides:
                self.nodes.start(side)
            for side in self.loaded.sides:
                self._say(f"  {side}: {self.nodes.address(side)}#/review")

    def _outcome(self, engine: Engine) -> ExerciseOutcome:
        nodes = self.nodes
        if nodes is None:
            raise BadInput.single("exercise", "no nodes", "an exercise that was started")
        for folder in nodes.folders.values():
            with open_node(folder) as node:
                node.sign_checkpoint()
        evaluation = evaluate(self.loaded, engine.injects.given, engine.facts)
        write_evaluation(evaluation, self.folder / EVALUATION_FILE)
        counts = {side: sum(f.side == side for f in engine.facts) for side in nodes.folders}
        return ExerciseOutcome(
            why=engine.ended, fate=engine.vehicle.fate or "drives on", t=engine.t, seed=self.seed,
            facts=counts, shared=compare_records(nodes.folders), evaluation=evaluation,
            folders=nodes.folders,
        )  # fmt: skip

    def _playing(self) -> Engine:
        if self.engine is None:
            self.start()
        if self.engine is None:
            raise BadInput.single("exercise", "not started", "`start` before `run`")
        return self.engine

    # ---- while time passes ---------------------------------------------------------------------

    def _attend(self) -> bool:
        """Meet the controller's wishes, stand still while paused, show the state."""
        self.room.attend()
        engine, nodes = self._playing(), self.nodes
        began = time.monotonic()
        while self.paused and not self._called and not engine.ended and nodes is not None:
            nodes.clock.hold()
            self._show()
            time.sleep(_NAP_S)
            self.room.attend()
        self._paused_s += time.monotonic() - began
        self._show()
        called, self._called = self._called or bool(engine.ended), False
        return called

    def _show(self) -> None:
        now = time.monotonic()
        engine, nodes = self._playing(), self.nodes
        if now < self._shown_s + _SHOWN_EVERY_S or nodes is None:
            return
        self._shown_s = now
        self._say_if_slow(nodes, now)
        self.room.show(
            {
                "exercise": self.loaded.exercise.name, "t": round(engine.t, 1),
                "speed": nodes.clock.speed, "paused": self.paused,
                "held_s": round(nodes.clock.held_s, 1), "vehicle": engine.vehicle.fate or "drives",
                "addresses": {side: nodes.address(side) for side in self.loaded.sides},
                "played": sorted(".".join(one) for one in engine.world.played),
            }
        )  # fmt: skip

    def _say_if_slow(self, nodes: LiveNodes, now: float) -> None:
        """Say once that the machine does not keep the speed that was asked for."""
        wall_s = now - self._began_s - self._paused_s
        if self._said_slow or wall_s < _JUDGED_AFTER_S:
            return
        real = nodes.clock.t / wall_s
        if real < _SLOW_SHARE * nodes.clock.speed:
            self._said_slow = True
            self._say(
                f"  the machine keeps {real:.1f}x of the {nodes.clock.speed:g}x asked for: time "
                f"was held {nodes.clock.held_s:.0f} s while the nodes computed and answered"
            )

    # ---- the controller ------------------------------------------------------------------------

    def _meet(self, wish: str, told: dict[str, Any]) -> str:
        """Meet a wish.

        Raises:
            StoplineError: it cannot be met, with the reason.
        """
        engine, nodes = self._playing(), self.nodes
        if nodes is None:
            raise BadInput.single(wish, "no nodes yet", "nodes that serve")
        at = f"at {engine.t:.0f} s"
        if wish == "pause":
            self.paused = True
            return f"paused {at}"
        if wish == "resume":
            self.paused = False
            return f"goes on {at}"
        if wish == "speed":
            nodes.clock.change(speed_of(told.get("speed")))
            return f"{nodes.clock.speed:g}x {at}"
        if wish == "inject":
            engine.injects.call(_number(told.get("number")))
            self._called = True
            return f"inject {told['number']} is given {at}"
        if wish in {"take", "give back"}:
            return self._role(engine, wish, told)
        if wish == "end":
            if not self.loaded.exercise.endex.controller:
                raise BadInput.single("end", "endex.controller is false", "an exercise that may")
            engine.end("called by the controller")
            return f"ENDEX {at}"
        raise BadInput.single("wish", wish[:40], "pause, resume, speed, inject, take, end")

    def _role(self, engine: Engine, wish: str, told: dict[str, Any]) -> str:
        side, role = str(told.get("side")), str(told.get("role"))
        if side not in self.loaded.sides:
            raise BadInput.single("side", side, f"one of {', '.join(self.loaded.sides)}")
        units = {one.id: one.agency for one in self.loaded.units_of(side)}
        if role not in units and role not in self.loaded.protocol.protocol.roles:
            raise BadInput.single("role", role, "a role of the protocol, or a unit of the side")
        if wish == "take":
            engine.world.played.add((side, role))
            said = f"{role} of {side} is yours from {engine.t:.0f} s on"
            if role in units and self.nodes is not None:
                said += f"; it signs in as {self.nodes.admit_unit(side, role, units[role])}"
            return said
        engine.world.played.discard((side, role))
        engine.look_again.add(side)  # what waits is done, though nothing new happens
        return f"{role} of {side} is simulated from {engine.t:.0f} s on"


def _number(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise BadInput.single("inject", str(value)[:40], "a number of the list") from None
