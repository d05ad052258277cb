"""What all actors of one exercise share: clock, chance, truth, plans, and who is played."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from simpy import Environment

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.document.schema import Exercise
    from stopline.exercise.engine.ports import Given, SideNode, SightingLook
    from stopline.exercise.truth.chance import ChanceStreams
    from stopline.exercise.truth.log import TruthLog


Strategy = Literal[
    "joint plan", "each side alone", "nearest exits", "greedy, shortest routes", "random"
]


@dataclass(slots=True)
class World:
    """The shared part.

    Attributes:
        loaded: the exercise.
        env: the clock and the processes, seconds after STARTEX.
        chance: all streams.
        log: the truth.
        played: side and role, or unit, of what people play now.
        strategy: how plans are made.
        naive: makes the naive plan of a side from where it was seen last, as the bytes of a plan
            file; None where the nodes make them.
    """

    loaded: LoadedExercise
    env: Environment
    chance: ChanceStreams
    log: TruthLog
    played: set[tuple[str, str]] = field(default_factory=set)
    strategy: Strategy = "joint plan"
    naive: Callable[[str, SightingLook, float], str] | None = None

    @property
    def exercise(self) -> Exercise:
        """The document."""
        return self.loaded.exercise

    @property
    def now_s(self) -> float:
        """UTC seconds of the exercise."""
        return self.exercise.start_s + float(self.env.now)

    def at(self, seconds: float = 0.0) -> str:
        """A moment so many seconds from now, ISO 8601 in UTC."""
        return datetime.fromtimestamp(self.now_s + seconds, UTC).isoformat(timespec="milliseconds")

    def give(
        self,
        node: SideNode,
        role: str,
        kind: str,
        /,
        **fields: Any,  # noqa: ANN401
    ) -> tuple[str, ...] | None:
        """Give a command and note it; None if it is refused."""
        given = self.ask(node, role, kind, **fields)
        return None if given.refused else given.ids

    def ask(
        self,
        node: SideNode,
        role: str,
        kind: str,
        /,
        **fields: Any,  # noqa: ANN401
    ) -> Given:
        """Give a command, note it, and say what became of it."""
        given = node.give(role, kind, fields)
        about = {"command": kind, "of": _of(kind, fields)}
        actor = f"{node.side}.{role}"
        if given.refused:
            self.log.add(self.env.now, actor, "is refused", **about, why=given.refused)
        else:
            self.log.add(self.env.now, actor, "gives", **about)
        return given


def _of(kind: str, fields: dict[str, Any]) -> str:
    """What a command is about, in a word."""
    said = fields.get("said")
    if isinstance(said, dict):
        return str(said.get("name", ""))
    for name in ("message", "task", "decision", "statement", "about", "place"):
        if isinstance(fields.get(name), str) and kind != "message.acknowledge":
            return str(fields[name]).split("#")[0].split("@")[0]
    return ""
