"""How a node serves an exercise: its clock, how often its duties come, and that it is computing.

Whoever runs the exercise holds its time while a node computes: a plan does not take sixty times
as long at sixty times the speed. The node says so by a file in its folder.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from stopline.integer_program import ended_by_looks
from stopline.operation.core.exercise_clock import ExerciseClock
from stopline.operation.runtime.bootstrap import open_command_handler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.core.node import Node

COMPUTING_FILE: Final = "computing"
_SECOND_S: Final = 1.0
_RAREST_PER_S: Final = 20.0
_HELD_S: Final = 0.1  # while the clock stands still, people may still give commands
_LOOK_S: Final = 0.005  # about what a search computes between two looks at the clock


@contextmanager
def computing_by_processor() -> Iterator[None]:
    """Count what is computed by the processor's time: a busy machine changes no plan.

    Exercise time is held meanwhile, so that a search may take its seconds of computing.
    """
    with patch.object(time, "perf_counter", time.process_time):
        yield


@contextmanager
def computing_by_looks() -> Iterator[None]:
    """Count what is computed by the looks at the clock: two plays end each search at one place.

    The processor's seconds differ from run to run; of what one thread computes the looks do not.
    An integer program looks as well, by HiGHS; its looks stand for seconds by its size.
    """
    clock = _LookClock()
    with patch.object(time, "perf_counter", clock), ended_by_looks(clock.pass_on):
        yield


class _LookClock:
    """A clock that goes on when it is looked at, and at no other time."""

    def __init__(self) -> None:
        self._now_s = 0.0

    def __call__(self) -> float:
        """Give the seconds, one look later."""
        self.pass_on(_LOOK_S)
        return self._now_s

    def pass_on(self, seconds: float) -> None:
        """Let seconds pass that something else counted."""
        self._now_s += seconds


def open_served(folder: Path) -> CommandHandler:
    """Open the desk of a node that is served, and note by its clock that it began."""
    desk = open_command_handler(folder)
    clock = desk.node.clock
    desk.node.journal.close()
    (folder / COMPUTING_FILE).unlink(missing_ok=True)  # of a process that was killed
    return open_command_handler(folder, now_s=clock())


def pace_s(node: Node) -> float:
    """Wall seconds until duties are due again: an exercise second, or a twentieth of a second."""
    clock = node.clock
    setting = clock.setting() if isinstance(clock, ExerciseClock) else None
    if setting is None:
        return _SECOND_S
    if setting.speed <= 0.0:
        return _HELD_S
    return min(_SECOND_S, max(1.0 / _RAREST_PER_S, _SECOND_S / setting.speed))


def computing_for(node: Node, *executors: Executor) -> tuple[Executor, ...]:
    """What computes for a node; of an exercise node executors that say when any of them does."""
    if not node.exercise:
        return executors
    flag = ComputingFlag(node.folder / COMPUTING_FILE)
    return tuple(TellsComputing(one, flag) for one in executors)


class ComputingFlag:
    """A file that exists while anything is computed or waits to be."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._count, self._lock = 0, threading.Lock()

    def begin(self) -> None:
        """One thing more is computed."""
        with self._lock:
            self._count += 1
            self._file.touch()

    def end(self) -> None:
        """One of them is done."""
        with self._lock:
            self._count -= 1
            if not self._count:
                self._file.unlink(missing_ok=True)

    def drop(self) -> None:
        """Nothing is computed any more."""
        self._file.unlink(missing_ok=True)


class TellsComputing(Executor):
    """An executor that raises a flag while anything is computed or waits to be."""

    def __init__(self, inner: Executor, flag: ComputingFlag) -> None:
        self._inner, self._flag = inner, flag

    def submit(  # type: ignore[override]  # (the base takes positional-only parameters)
        self,
        compute: Callable[..., Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> Future[Any]:
        """Have something computed, and say so until it is done."""
        self._flag.begin()
        try:
            future = self._inner.submit(compute, *args, **kwargs)
        except BaseException:
            self._flag.end()
            raise
        future.add_done_callback(self._done)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  (as the base)
        """End it."""
        self._inner.shutdown(wait=wait, cancel_futures=cancel_futures)
        self._flag.drop()

    def _done(self, future: Future[Any]) -> None:
        del future
        self._flag.end()
