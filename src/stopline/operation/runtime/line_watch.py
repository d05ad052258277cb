"""Write down how each line is now, for every process of the node, and what its copies have lost."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stopline.link.copies import note_fell_behind, note_fenced
from stopline.link.line_log import log_text
from stopline.operation.core.happenings import LineSeen
from stopline.operation.core.line_now import LINE_SHELF

if TYPE_CHECKING:
    from stopline.link.engine import LinkEngine
    from stopline.link.line_state import LineState, Moment
    from stopline.operation.core.command_handler import CommandHandler

EVERY_S: Final = 3.0
_log = logging.getLogger("stopline.link.line")


@dataclass(slots=True)
class LineWatch:
    """Call it each second from the thread of the engines.

    Attributes:
        desk: of the node.
        engines: its lines.
    """

    desk: CommandHandler
    engines: list[LinkEngine]
    _began_s: float | None = None
    _last: dict[str, tuple[float, tuple[bool, bool, str]]] = field(default_factory=dict)
    _since_s: dict[str, float] = field(default_factory=dict)
    _last_clock: Moment | None = None
    _noted: set[tuple[str, str]] = field(default_factory=set)

    def __call__(self, now: Moment) -> None:
        """Look at every line."""
        if self._began_s is None:
            self._began_s = now.mono_s
        for engine in self.engines:
            self._look(engine, now)

    def _look(self, engine: LinkEngine, now: Moment) -> None:
        peer, state = engine.peer.name, engine.state(now)
        found = (state.up, state.hears, state.why)
        written_s, before = self._last.get(peer, (float("-inf"), None))
        waited_s = now.mono_s - (self._began_s or now.mono_s)
        if before is None and not state.up and waited_s < engine.line.times.down_after_s:
            return  # it may come up yet
        if found != before:
            self._since_s[peer] = now.utc_s
            _log.warning("line to %s: %s", peer, _words(state))
            self._note(engine, now)
        if found != before or now.mono_s >= written_s + EVERY_S:
            told = {
                "up": state.up, "hears": state.hears, "why": state.why, "written_s": now.utc_s,
                "since_s": self._since_s[peer], "speed": self._speed(now),
            }  # fmt: skip
            with self.desk.node.journal.transaction() as work:
                work.put(LINE_SHELF, peer, json.dumps(told).encode())
            self._last[peer] = (now.mono_s, found)
        self._correct(engine, now)

    def _speed(self, now: Moment) -> float:
        """How fast the node's clock goes, as in an exercise; 1 for the machine's."""
        began, self._last_clock = self._last_clock, now
        if began is None or now.mono_s <= began.mono_s:
            return 1.0
        return max(1.0, (now.utc_s - began.utc_s) / (now.mono_s - began.mono_s))

    def _note(self, engine: LinkEngine, now: Moment) -> None:
        """What is wrong for good becomes a fact, once in a run."""
        journal, own, peer = self.desk.node.journal, self.desk.node.identity.name, engine.peer.name
        if engine.fenced and (peer, "fenced") not in self._noted:
            note_fenced(journal, own, peer, engine.fenced, now.utc_s)
            self._noted.add((peer, "fenced"))
        if engine.diverged and (peer, "behind") not in self._noted:
            note_fell_behind(journal, own, peer, engine.diverged, now.utc_s)
            self._noted.add((peer, "behind"))

    def _correct(self, engine: LinkEngine, now: Moment) -> None:
        """The journal may say that the line is up because a process that kept it died."""
        waited_s = now.mono_s - (self._began_s or now.mono_s)
        if engine.line.up or waited_s < engine.line.times.down_after_s:
            return
        with self.desk.reading:
            seen = self.desk.catch_up().projection(LineSeen)
            stale = bool(seen.up)
        if stale and (engine.peer.name, "down") not in self._noted:
            engine.note_down(now)
            self._noted.add((engine.peer.name, "down"))


def _words(state: LineState) -> str:
    if state.up:
        return f"up{'; ' + log_text(state.why) if state.why else ''}"
    way = "its frames arrive, ours are not answered" if state.hears else "nothing arrives"
    return f"DOWN: {way}{'; ' + log_text(state.why) if state.why else ''}"
