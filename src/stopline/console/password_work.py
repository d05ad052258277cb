"""Where passwords are hashed: threads of their own and short queues, so that nobody else waits.

A check takes a third of a second and much memory. Those of strangers take turns in one thread, and
a queue of eight; who finds it full is told to come again. Their hashing alone runs at low priority
(`accounts/passwords.py`): a slow thread that held a lock would slow down whoever waits for it.
Whoever was at that place before, brings a code of the right device, or is signed in has another
thread and another queue.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from stopline.operation.accounts.errors import TooManyTries

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
_MOST_WAITING: Final = {False: 8, True: 64}
_COME_AGAIN_S: Final = 3.0


class PasswordWork:
    """Two queues for what hashes passwords; belongs to one event loop."""

    def __init__(self) -> None:
        self._threads = {
            False: ThreadPoolExecutor(1, "stopline-password-unknown"),
            True: ThreadPoolExecutor(1, "stopline-password-known"),
        }
        self._waiting = {False: 0, True: 0}

    async def run(self, work: Callable[[], _T], *, known: bool) -> _T:
        """Do it in its turn.

        Args:
            work: what to do.
            known: for somebody who has shown something already.

        Raises:
            TooManyTries: too many wait already; nothing was looked at.
        """
        if self._waiting[known] >= _MOST_WAITING[known]:
            raise TooManyTries(_COME_AGAIN_S)
        self._waiting[known] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads[known], work)
        finally:
            self._waiting[known] -= 1

    def close(self) -> None:
        """Let the threads go; what waits is not done."""
        for threads in self._threads.values():
            threads.shutdown(wait=False, cancel_futures=True)
