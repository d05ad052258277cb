"""The truth of an exercise, line by line as JSON: kept apart from both nodes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened in an exercise.

    Attributes:
        t: exercise seconds after STARTEX.
        actor: who or what: `vehicle`, a camera, a unit, `alder.duty_officer`, `control`.
        what: what happened, one word or a few.
        about: the rest, plain values.
    """

    t: float
    actor: str
    what: str
    about: dict[str, Any]

    def line(self) -> str:
        """The happening as a line of JSON, the same for equal happenings."""
        told = {"t": round(self.t, 3), "actor": self.actor, "what": self.what, **self.about}
        return json.dumps(told, ensure_ascii=False, allow_nan=False)


@dataclass(slots=True)
class TruthLog:
    """All that happened, in order; written as it happens.

    Attributes:
        happenings: so far.
        listeners: called with each, for narration and control.
    """

    happenings: list[Happening] = field(default_factory=list)
    listeners: list[Callable[[Happening], None]] = field(default_factory=list)
    _file: TextIO | None = None

    def write_to(self, path: Path) -> None:
        """Write each happening to a file from now on, those before first."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")
        for one in self.happenings:
            self._file.write(one.line() + "\n")
        self._file.flush()

    def add(self, t: float, actor: str, what: str, **about: Any) -> Happening:  # noqa: ANN401
        """Note something."""
        one = Happening(t, actor, what, about)
        self.happenings.append(one)
        if self._file is not None:
            self._file.write(one.line() + "\n")
            self._file.flush()
        for listener in self.listeners:
            listener(one)
        return one

    @property
    def is_closed(self) -> bool:
        """Whether nothing is written any more."""
        return self._file is None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def of(self, what: str) -> list[Happening]:
        """All of a kind, in order."""
        return [one for one in self.happenings if one.what == what]
