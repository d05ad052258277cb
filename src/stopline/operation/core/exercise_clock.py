"""The clock of a node made for exercises: it may run fast, stand still, and lie in any year.

Whoever runs the exercise writes `exercise-clock.json` into the node's folder, whole or not at all;
every process of the node reads it. Between two writings the clock runs on by itself:

    {"exercise_s": UTC seconds shown, "wall_s": at this UTC second of the machine, "speed": 20.0,
     "until_s": UTC seconds at which it stops by itself, or null}

Without the file the node goes by the wall clock. A node that was not made for exercises is never
asked; with such a file in its folder it does not open.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from stopline.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLOCK_FILE: Final = "exercise-clock.json"
FASTEST: Final = 60.0
_KEYS: Final = {"exercise_s", "wall_s", "speed"}


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """How an exercise clock is set.

    Attributes:
        exercise_s: UTC seconds that it shows at `wall_s`.
        wall_s: UTC seconds of the machine.
        speed: exercise seconds in a wall second; 0 while it is held.
        until_s: it does not go beyond, UTC seconds: something happens then; None for no end.
    """

    exercise_s: float
    wall_s: float
    speed: float
    until_s: float | None = None

    def at(self, wall_s: float) -> float:
        """UTC seconds that it shows at a moment of the machine."""
        shown_s = self.exercise_s + max(0.0, wall_s - self.wall_s) * self.speed
        return shown_s if self.until_s is None else max(self.exercise_s, min(shown_s, self.until_s))

    def write(self, folder: Path) -> None:
        """Set the clock of the node in a folder; readers see the old setting or the new one."""
        fresh = folder / f"{CLOCK_FILE}.{os.getpid()}.new"
        fresh.write_text(json.dumps(asdict(self)) + "\n", "utf-8")
        fresh.replace(folder / CLOCK_FILE)


class ExerciseClock:
    """Reads the clock of a node's folder; call it for UTC seconds."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / CLOCK_FILE
        self._seen: tuple[int, int] | None = None
        self._setting: ClockSetting | None = None

    def __call__(self) -> float:
        """UTC seconds of the exercise; of the machine while no exercise has set the clock."""
        setting = self.setting()
        wall_s = time.time()
        return wall_s if setting is None else setting.at(wall_s)

    def setting(self) -> ClockSetting | None:
        """How it is set now; None while no exercise has set it.

        Raises:
            BadInput: the file is not of its form.
        """
        try:
            known = self._path.stat()
        except FileNotFoundError:
            self._seen, self._setting = None, None
            return None
        seen = (known.st_mtime_ns, known.st_ino)
        if seen != self._seen:
            self._setting = _read(self._path)
            self._seen = seen
        return self._setting


def speed_of(clock: Callable[[], float]) -> float | None:
    """Exercise seconds in a wall second, 0 while it is held; None for one that goes by the wall."""
    setting = clock.setting() if isinstance(clock, ExerciseClock) else None
    return None if setting is None else setting.speed


def _read(path: Path) -> ClockSetting:
    try:
        value = json.loads(path.read_text("utf-8"))
        numbers = {str(key): float(value[key]) for key in value if value[key] is not None}
        setting = ClockSetting(**numbers)
    except (ValueError, TypeError, AttributeError) as error:
        expected = f"an object with the numbers {', '.join(sorted(_KEYS))}"
        raise BadInput.single(str(path), str(error)[:80], expected) from None
    if not 0.0 <= setting.speed <= FASTEST:
        seen = f"speed {setting.speed:g}"
        raise BadInput.single(str(path), seen, f"a speed from 0 to {FASTEST:g}")
    return setting
