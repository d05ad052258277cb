"""A controller's hand in a running exercise: wishes and answers as lines in the run's folder.

wishes.jsonl   {"id": "...", "wish": "pause"}          written by `stopline exercise pause`
answers.jsonl  {"id": "...", "said": "paused at ..."}  written by whoever plays the exercise
state.json     what is played now; it is gone when nothing runs
"""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from stopline.errors import BadInput, StoplineError
from stopline.operation.core.exercise_clock import FASTEST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WISHES, ANSWERS, STATE = "wishes.jsonl", "answers.jsonl", "state.json"
_ANSWER_WITHIN_S: Final = 300.0  # while it plays: a node that is asked may compute for minutes
_SLOWEST: Final = 1.0


@dataclass(slots=True)
class ControlRoom:
    """The side of whoever plays: reads wishes, meets them, answers.

    Attributes:
        folder: of the run.
        meet: meets a wish, and says what was done.
    """

    folder: Path
    meet: Callable[[str, dict[str, Any]], str]
    _read: int = 0
    _seen: tuple[int, int] = (0, 0)

    def attend(self) -> None:
        """Meet all wishes that have come."""
        path = self.folder / WISHES
        try:
            found = path.stat()
        except FileNotFoundError:
            return
        # Two wishes may come within one tick of the file's clock.
        now = (found.st_mtime_ns, found.st_size)
        if now == self._seen:
            return
        self._seen = now
        lines = _lines(path)
        fresh, self._read = lines[self._read :], len(lines)
        for line in fresh:
            told = json.loads(line)
            try:
                said = {"said": self.meet(str(told["wish"]), told)}
            except StoplineError as error:
                said = {"refused": str(error)}
            _append(self.folder / ANSWERS, {"id": told["id"], **said})

    def show(self, state: dict[str, Any]) -> None:
        """Say what is played now."""
        path = self.folder / STATE
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": os.getpid(), **state}) + "\n", "utf-8")
        fresh.replace(path)

    def close(self) -> None:
        """Nothing runs here any more."""
        (self.folder / STATE).unlink(missing_ok=True)


def ask(folder: Path, wish: str, **about: Any) -> str:  # noqa: ANN401
    """Ask whoever plays in a folder for something, and give the answer.

    Raises:
        BadInput: nothing runs there, it does not answer, or it refuses.
    """
    state(folder)
    name = secrets.token_hex(6)
    _append(folder / WISHES, {"id": name, "wish": wish, **about})
    until = time.monotonic() + _ANSWER_WITHIN_S
    while time.monotonic() < until:
        ended = not _is_played(folder)  # an answer may still have come before the end
        for line in _lines(folder / ANSWERS):
            told = json.loads(line)
            if told["id"] == name:
                if "refused" in told:
                    raise BadInput.single(wish, "a refusal", str(told["refused"]))
                return str(told["said"])
        if ended:
            state(folder)
        time.sleep(0.05)
    seen = f"no answer within {_ANSWER_WITHIN_S:g} s"
    raise BadInput.single(str(folder), seen, "an exercise that runs")


def state(folder: Path) -> dict[str, Any]:
    """What is played in a folder now.

    Raises:
        BadInput: nothing is.
    """
    try:
        told: dict[str, Any] = json.loads((folder / STATE).read_text("utf-8"))
        plays = is_alive(told["pid"])
    except (FileNotFoundError, NotADirectoryError, ValueError, LookupError, TypeError):
        plays = False
    if not plays:
        expected = "the --out folder of a running `stopline exercise run`"
        raise BadInput.single(str(folder), "no running exercise", expected)
    return told


def _is_played(folder: Path) -> bool:
    try:
        state(folder)
    except BadInput:
        return False
    return True


def is_alive(pid: object) -> bool:
    """Whether a process runs, whoever it belongs to."""
    try:
        os.kill(int(str(pid)), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    return True


def speed_of(value: object) -> float:
    """Read a speed.

    Raises:
        BadInput: it is not from 1 to 60.
    """
    try:
        speed = float(str(value))
    except ValueError:
        speed = -1.0
    if not _SLOWEST <= speed <= FASTEST:
        raise BadInput.single("speed", str(value), f"a number from {_SLOWEST:g} to {FASTEST:g}")
    return speed


def _append(path: Path, told: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(told, ensure_ascii=False) + "\n")


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines(keepends=True) if line.endswith("\n")]
