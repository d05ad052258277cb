"""The clock of a live exercise: set in both nodes' folders, held while somebody computes."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stopline.operation.core.exercise_clock import ClockSetting

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class LiveClock:
    """Exercise seconds after STARTEX; both nodes read the same setting.

    Attributes:
        folders: of the nodes.
        start_s: STARTEX, UTC seconds.
        speed: exercise seconds in a wall second while it runs.
        held_s: wall seconds for which it was held so far: while a node computed or was asked.
    """

    folders: tuple[Path, ...]
    start_s: float
    speed: float
    held_s: float = 0.0
    _at: float = 0.0
    _since: float | None = field(default=None)
    _until: float = math.inf
    _held_from: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._write(0.0)

    @property
    def t(self) -> float:
        """Exercise seconds now."""
        if self._since is None:
            return self._at
        return min(self._at + (time.time() - self._since) * self.speed, self._until)

    @property
    def runs(self) -> bool:
        """Whether it goes on by itself now."""
        return self._since is not None

    def run(self, until: float = math.inf) -> None:
        """Let it go on, but not beyond a moment, at which something happens."""
        if self._since is None:
            self.held_s += time.monotonic() - self._held_from
            self._since, self._until = time.time(), until
            self._write(self.speed)

    def hold(self, at: float | None = None) -> None:
        """Stop it, not before a moment; a clock never goes back."""
        if self._since is None:
            self._at = max(self._at, at or 0.0)
            self._write(0.0)
            return
        self._at = max(self.t, at or 0.0)
        self._since = None
        self._held_from = time.monotonic()
        self._write(0.0)

    def change(self, speed: float) -> None:
        """Have it run at another speed from now on."""
        runs, until = self.runs, self._until
        self.hold()
        self.speed = speed
        if runs:
            self.run(until)

    def _write(self, speed: float) -> None:
        wall_s = time.time() if self._since is None else self._since
        ends = self.start_s + self._until if speed and math.isfinite(self._until) else None
        setting = ClockSetting(self.start_s + self._at, wall_s, speed, ends)
        for folder in self.folders:
            setting.write(folder)
