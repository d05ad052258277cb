"""Compute outside of the caller's thread: the newest question of each matter, one at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future

_Matter = TypeVar("_Matter")
_Answer = TypeVar("_Answer")


@dataclass(slots=True)
class Background(Generic[_Matter, _Answer]):
    """Questions that are computed elsewhere; without an executor they are computed when asked.

    Attributes:
        executor: runs them; None to run them at once.
    """

    executor: Executor | None
    _asked: dict[_Matter, object] = field(default_factory=dict)
    _running: dict[_Matter, Future[_Answer]] = field(default_factory=dict)
    _ready: list[tuple[_Matter, _Answer]] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether an answer waits, or one that runs will end before a newer question is asked."""
        return bool(self._ready) or any(one.done() for one in self._running.values())

    def wants(self, matter: _Matter, key: object) -> bool:
        """Whether `ask` would have it computed now."""
        return matter not in self._running and self._asked.get(matter) != key

    def is_running(self, matter: _Matter) -> bool:
        """Whether something of a matter is computed, or waits to be taken."""
        return matter in self._running

    def ask(self, matter: _Matter, key: object, compute: Callable[[], _Answer]) -> None:
        """Ask, unless the same was asked last; while one runs, a newer question waits its turn.

        Raises:
            Exception: what `compute` raises, where it is run at once.
        """
        if not self.wants(matter, key):
            return
        self._asked[matter] = key
        if self.executor is not None:
            self._running[matter] = self.executor.submit(compute)
            return
        self._ready.append((matter, compute()))

    def forget(self, matter: _Matter) -> None:
        """Let the same be asked again."""
        self._asked.pop(matter, None)

    def done(self) -> list[tuple[_Matter, _Answer]]:
        """Take the answers that are there.

        Raises:
            Exception: what a computation raised; the others stay for the next call.
        """
        for matter, one in list(self._running.items()):
            if one.done():
                del self._running[matter]
                self._ready.append((matter, one.result()))
        found, self._ready = self._ready, []
        return found
