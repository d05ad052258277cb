"""Commands of many requests in one transaction: what arrives together is on disk together.

One thread works for the desk. While it writes, the next group gathers; each command is answered
only when it is on disk. An error that nobody foresaw undoes a group, so its commands are then
given one by one and only the one at fault fails.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from stopline.operation.core.errors import TooBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from stopline.operation.core.command_handler import (
        CommandEnvelope,
        CommandHandler,
        CommandReceipt,
    )

Outcome: TypeAlias = "CommandReceipt | Exception"


@dataclass(frozen=True, slots=True)
class _Waiting:
    wish: CommandEnvelope
    answer: asyncio.Future[CommandReceipt]


class CommandBatches:
    """Gathers commands for one desk; belongs to one event loop."""

    def __init__(
        self,
        desk: CommandHandler,
        clock: Callable[[], float],
        *,
        wait_s: float,
        most: int,
        preparing: Executor | None = None,
    ) -> None:
        self._desk, self._clock = desk, clock
        self._wait_s, self._most, self._preparing = wait_s, most, preparing
        self._queue: deque[_Waiting] = deque()
        self._came = asyncio.Event()
        self._worker = ThreadPoolExecutor(1, "stopline-desk")
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def do(self, wish: CommandEnvelope) -> CommandReceipt:
        """Give a command and wait until it is on disk.

        Raises:
            Refused: with the reason; nothing was recorded.
            StoplineError: the journal or the line refuses; nothing was recorded.
        """
        if self._closing:
            raise TooBusy("this server is closing; give the command again")
        loop = asyncio.get_running_loop()
        if wish.command.takes_long:  # so that no other command waits for it
            prepare = partial(self._desk.prepared, wish, self._clock())
            wish = await loop.run_in_executor(self._preparing, prepare)
        answer: asyncio.Future[CommandReceipt] = loop.create_future()
        self._queue.append(_Waiting(wish, answer))
        self._came.set()
        return await answer

    def begin(self) -> None:
        """Start to work."""
        self._task = asyncio.create_task(self._run(), name="stopline-gathering")

    async def end(self) -> None:
        """Finish what was given, take nothing more."""
        self._closing = True
        self._came.set()
        if self._task is not None:
            await self._task
        self._worker.shutdown()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if not self._queue:
                if self._closing:
                    return
                self._came.clear()
                await self._came.wait()
                if not self._closing:
                    await asyncio.sleep(self._wait_s)  # for those that come with the first
                continue
            group = [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]
            wishes = [each.wish for each in group]
            told = await loop.run_in_executor(self._worker, self._carry_out, wishes)
            for each, outcome in zip(group, told, strict=True):
                _tell(each.answer, outcome)

    def _carry_out(self, wishes: Sequence[CommandEnvelope]) -> Sequence[Outcome]:
        try:
            return self._desk.do_all(wishes, self._clock())
        except Exception as error:  # noqa: BLE001  (it is told to whoever gave the command)
            if len(wishes) == 1:
                return [error]
        return [outcome for wish in wishes for outcome in self._carry_out([wish])]


def _tell(answer: asyncio.Future[CommandReceipt], outcome: Outcome) -> None:
    with suppress(asyncio.InvalidStateError):  # whoever asked has gone; it is on disk all the same
        if isinstance(outcome, Exception):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)
