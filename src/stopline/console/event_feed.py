"""Live events: one look at the journal for all streams, and each stream reads on from its place.

A stream is a place in the journal and a view. It never has a queue of its own: the last events are
kept once for all, a stream that is further back reads the journal, and one that falls behind what
is kept while it is live is told from where to start again. So nothing is left out, nothing comes
twice, and a slow reader costs no memory.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.console.views.event import StreamEvent, event_of, gathered
from stopline.errors import StoplineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stopline.console.settings import ConsoleSettings
    from stopline.journal.base import Entry
    from stopline.operation.core.command_handler import CommandHandler

_PAGE: Final = 500
_log = logging.getLogger("stopline.console")


class FellBehind(Exception):  # noqa: N818
    """A live stream is further back than what is kept."""


@dataclass(frozen=True, slots=True)
class EventView:
    """What a stream shows: rows of the table of reads, and one incident or all."""

    rows: frozenset[str]
    incident: str | None = None

    def shows(self, event: StreamEvent) -> bool:
        """Whether an event belongs to it."""
        return event.rows <= self.rows and self.incident in {None, event.incident}


class EventFeed:
    """Events of one journal; belongs to one event loop."""

    def __init__(
        self,
        desk: CommandHandler,
        settings: ConsoleSettings,
        heard: Callable[[Sequence[Entry]], None],
    ) -> None:
        """Take the desk, and who is to hear of every fact before the streams do."""
        self._desk, self._settings, self._heard = desk, settings, heard
        self._looking = asyncio.Lock()
        self._size = desk.node.journal.size
        self._events: deque[StreamEvent] = deque(maxlen=settings.kept_events)
        self._kept_from = self._size
        self._frames: dict[tuple[int, int, EventView], bytes] = {}
        self._woken = asyncio.Event()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.closing = False
        self.streams = 0
        self._by_account: Counter[tuple[str, str]] = Counter()

    @property
    def size(self) -> int:
        """Entries seen so far; the next event has this index."""
        return self._size

    def no_room(self, kind: str, name: str) -> str:
        """Say why an account may not open another stream; empty if it may.

        Args:
            kind: person or machine; machines leave most of the streams to officers.
            name: of the account.
        """
        settings = self._settings
        if self.streams >= settings.streams:
            return "too many streams"
        machine = kind == "machine"
        most = settings.streams_of_machine if machine else settings.streams_of_person
        if self._by_account[kind, name] >= most:
            return f"{name} has {most} streams open; one is enough for all that it shows"
        machines = sum(count for (of, _), count in self._by_account.items() if of == "machine")
        if machine and machines >= max(1, settings.streams // 4):
            return "machines have all the streams that are theirs"
        return ""

    def opened(self, kind: str, name: str) -> None:
        """Count a stream of an account."""
        self.streams += 1
        self._by_account[kind, name] += 1

    def ended(self, kind: str, name: str) -> None:
        """Count it no more."""
        self.streams -= 1
        self._by_account[kind, name] -= 1
        if not self._by_account[kind, name]:
            del self._by_account[kind, name]

    def begin(self) -> None:
        """Start to look."""
        self._loop = asyncio.get_running_loop()
        self._desk.watch(self._wake)
        self._task = asyncio.create_task(self._run(), name="stopline-feed")

    def close(self) -> None:
        """Have all streams end."""
        self.closing = True
        self._changed.set()
        self._woken.set()

    async def end(self) -> None:
        """Stop to look."""
        self.close()
        if self._task is not None:
            await self._task

    async def wait(self, beyond: int, longest_s: float) -> bool:
        """Wait until there is an entry of an index, or the feed closes; False if time ran out."""
        if self._size > beyond or self.closing:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self._changed.wait()
        return self._size > beyond or self.closing

    async def take(self, begin: int, view: EventView, *, live: bool) -> tuple[bytes, int]:
        """Give the events of a view from an index on, as they are sent, and where to go on.

        Raises:
            FellBehind: a live stream is further back than what is kept.
        """
        end = self._size
        if begin >= self._kept_from:
            return self._kept(begin, end, view), end
        if live:
            raise FellBehind
        end = min(begin + _PAGE, end)
        events = await asyncio.to_thread(self._read, begin, end)
        return b"".join(e.frame() for e in gathered([e for e in events if view.shows(e)])), end

    def _kept(self, begin: int, end: int, view: EventView) -> bytes:
        """Write what is kept; streams at the same place with the same view share it."""
        key = (begin, end, view)
        known = self._frames.get(key)
        if known is None:
            skip = max(0, len(self._events) - (end - begin))
            part = itertools.islice(self._events, skip, None)
            shown = [event for event in part if begin <= event.index < end and view.shows(event)]
            known = b"".join(event.frame() for event in gathered(shown))
            self._frames[key] = known
        return known

    def _wake(self) -> None:
        """Called inside the desk's lock, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            with suppress(RuntimeError):  # the loop ended in between
                self._loop.call_soon_threadsafe(self._woken.set)

    async def look(self) -> int:
        """Look at the journal now; give how many entries were new."""
        async with self._looking:
            entries = await asyncio.to_thread(self._new)
            if entries:
                self._heard(entries)
                self._publish([event_of(entry) for entry in entries])
        return len(entries)

    async def _run(self) -> None:
        told = ""
        while not self.closing:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.look_s):
                    await self._woken.wait()
            self._woken.clear()
            try:
                if await self.look():
                    await asyncio.sleep(self._settings.round_s)
                told = ""
            except StoplineError as error:
                if not told:  # once, however long it lasts
                    _log.error("events wait for the journal: %s", error)
                told = str(error)
                await asyncio.sleep(1.0)

    def _new(self) -> Sequence[Entry]:
        journal = self._desk.node.journal
        size = journal.size
        return list(journal.read(self._size, size)) if size > self._size else ()

    def _read(self, begin: int, end: int) -> Sequence[StreamEvent]:
        return [event_of(entry) for entry in self._desk.node.journal.read(begin, end)]

    def _publish(self, events: Sequence[StreamEvent]) -> None:
        self._events.extend(events)
        self._size = events[-1].index + 1
        self._kept_from = self._events[0].index
        self._frames.clear()
        self._changed.set()
        self._changed = asyncio.Event()
