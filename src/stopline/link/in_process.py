"""A line inside one process, with every fault a real one has: for tests, rehearsals and exercises.

Time is simulated: frames lie in a heap until their moment comes.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stopline.link.line_state import Moment

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from stopline.link.engine import LinkEngine

_STEP_S: Final = 0.01


@dataclass(slots=True)
class Faults:
    """What the line does to frames now; may be changed at any time.

    Attributes:
        delay_s: seconds that a frame takes.
        jitter_s: up to so many seconds more, by chance: frames overtake each other.
        loss: share of frames that vanish.
        doubling: share of frames that arrive twice.
        cut: nothing passes, and nobody is told (a black hole looks the same from here).
    """

    delay_s: float = 0.01
    jitter_s: float = 0.0
    loss: float = 0.0
    doubling: float = 0.0
    cut: bool = False


@dataclass(slots=True)
class InProcessLine:
    """Two engines and the line between them, driven by simulated time.

    Attributes:
        ends: the two engines; put another one there after a restart.
        chance: where losses and delays come from.
        faults: by direction; `faults[0]` is from end 0 to end 1.
        now_s: simulated seconds.
        utc_s: added to `now_s` for each end's own clock.
    """

    ends: list[LinkEngine | None]
    chance: random.Random
    faults: list[Faults] = field(default_factory=lambda: [Faults(), Faults()])
    now_s: float = 0.0
    utc_s: list[float] = field(default_factory=lambda: [1_795_000_000.0, 1_795_000_000.0])
    frames: int = 0
    _flying: list[tuple[float, int, int, bytes]] = field(default_factory=list)
    _order: itertools.count[int] = field(default_factory=itertools.count)

    def moment(self, end: int) -> Moment:
        """Give an end's clocks."""
        return Moment(self.now_s, self.utc_s[end] + self.now_s)

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> float:
        """Let time pass, or until something holds; give the seconds that passed."""
        start = self.now_s
        while self.now_s - start < seconds:
            if until is not None and until():
                break
            self.step()
            if until is None:
                self._skip(start, seconds)
        return self.now_s - start

    def _skip(self, start_s: float, seconds: float) -> None:
        """Pass over the steps in which nothing arrives and neither end has anything to do."""
        ends = [engine for engine in self.ends if engine is not None]
        quiet_s = min((engine.quiet_until_s(start_s) for engine in ends), default=math.inf)
        if self._flying:
            quiet_s = min(quiet_s, self._flying[0][0])
        # The same sums as of steps that are not passed over: the clock must show the same.
        while self.now_s + 2 * _STEP_S < quiet_s and self.now_s + _STEP_S - start_s < seconds:
            self.now_s += _STEP_S
            for engine in ends:
                engine.pass_over(self.now_s)

    def step(self) -> None:
        """Let ten milliseconds pass."""
        self.now_s += _STEP_S
        while self._flying and self._flying[0][0] <= self.now_s:
            _, _, end, data = heapq.heappop(self._flying)
            self._deliver(end, data)
        for end in (0, 1):
            self._send(end, reply=False)

    def inject(self, end: int, data: bytes) -> None:
        """Put bytes before an end, as an attacker may."""
        heapq.heappush(self._flying, (self.now_s, next(self._order), end, data))

    def _deliver(self, end: int, data: bytes) -> None:
        engine = self.ends[end]
        if engine is None:
            return
        try:
            received = engine.receive(data, self.moment(end))
        except ValueError:
            return
        except Exception as error:
            if type(error).__module__.startswith("stopline."):
                return
            raise
        if received.reply_due:
            self._send(end, reply=True)

    def _send(self, end: int, *, reply: bool) -> None:
        engine = self.ends[end]
        if engine is None:
            return
        faults = self.faults[end]
        for data in engine.tick(self.moment(end), reply=reply):
            self.frames += 1
            if faults.cut or self.chance.random() < faults.loss:
                continue
            for _ in range(2 if self.chance.random() < faults.doubling else 1):
                at_s = self.now_s + faults.delay_s + self.chance.random() * faults.jitter_s
                heapq.heappush(self._flying, (at_s, next(self._order), 1 - end, data))
