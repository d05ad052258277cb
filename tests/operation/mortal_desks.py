"""Two desks that die: at a commit, before it or after it, and are started again from disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stopline.journal.errors import StorageError
from stopline.link.ids import derived_id
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.journal.rows import Rows
    from stopline.operation.core.actor import Actor
    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandReceipt

_STEP_S = 0.01  # of the simulated line
_STEPS = 100


class KilledError(BaseException):
    """The process of one end is gone; what it had not committed is gone with it.

    No `Exception`: nothing in a dead process goes on because it was prepared for failures.
    """

    def __init__(self, end: int) -> None:
        super().__init__(f"end {end}")
        self.end = end


class MortalRows:
    """The rows of a journal whose process may die at any commit that wrote something."""

    def __init__(self, rows: Rows, end: int, dies: Callable[[int], str]) -> None:
        self._rows, self._end, self._dies = rows, end, dies
        self._dead = False

    def __getattr__(self, name: str) -> Any:
        if self._dead and name not in {"close", "rollback"}:
            raise KilledError(self._end)
        return getattr(self._rows, name)

    def commit(self) -> None:
        when = "dead" if self._dead else self._dies(self._end)
        if when in {"before", "dead"}:
            self._rows.rollback()
        else:
            self._rows.commit()
        if when:
            self._dead = True
            raise KilledError(self._end)


@dataclass(slots=True)
class MortalDesks(TwoNodes):
    """Two desks of which either dies when its plan says so; who gave a command gives it again.

    Attributes:
        dies: see `arm`.
        before_command: see `arm`.
        commits: how often each end came to a commit.
        deaths: how often each end died.
        outages: how often a database did not answer.
    """

    dies: Callable[[int, int], str] = lambda _end, _commit: ""
    before_command: Callable[[MortalDesks], None] = lambda _both: None
    commits: list[int] = field(default_factory=lambda: [0, 0])
    deaths: list[int] = field(default_factory=lambda: [0, 0])
    outages: int = 0

    def arm(
        self, dies: Callable[[int, int], str], before_command: Callable[[MortalDesks], None]
    ) -> None:
        """From here on the two may die.

        Args:
            dies: asked with the end and the number of its commit: "" to live, "before" or "after".
            before_command: called before each command.
        """
        self.dies, self.before_command = dies, before_command
        for end in (0, 1):
            self._make_mortal(end)

    @property
    def given(self) -> int:
        """How many commands were given so far, this one included."""
        return self._count

    def do(self, end: int, command: Command, actor: Actor) -> CommandReceipt:
        """Give a command until it is answered, always under the same id."""
        self._count += 1
        self.before_command(self)
        command_id = derived_id(self.now_s, "two-desks", self._count)
        while True:
            try:
                return self.desks[end].do(command, actor, command_id=command_id, now_s=self.now_s)
            except KilledError as death:
                self._rise(death.end)
            except StorageError:  # the database went away, and the process did not
                self.outages += 1

    def run(self, seconds: float) -> None:
        """Let time pass; whoever dies meanwhile is started again."""
        ends = round((self.line.now_s + seconds) / _STEP_S)
        while (left := ends - round(self.line.now_s / _STEP_S)) > 0:
            try:
                TwoNodes.run(self, (min(left, _STEPS) - 0.5) * _STEP_S)  # so many steps, exactly
            except KilledError as death:
                self._rise(death.end)
            except StorageError:
                self.outages += 1

    def _rise(self, end: int) -> None:
        self.deaths[end] += 1
        self.restart(end)
        self._make_mortal(end)

    def _make_mortal(self, end: int) -> None:
        journal = self.desks[end].node.journal
        journal._rows = MortalRows(journal._rows, end, self._asked)  # type: ignore[assignment]

    def _asked(self, end: int) -> str:
        self.commits[end] += 1
        return self.dies(end, self.commits[end])
