"""Is the other node there? A pure state machine over frames sent and heard; time is an argument.

Only an echo of a frame of ours that was not echoed before counts as hearing: a recording played
back, or a line that works one way, does not keep the line up.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from stopline.link.frame import Echo, Frame

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, by two clocks.

    Attributes:
        mono_s: seconds of a clock that is never set; differences count.
        utc_s: UTC seconds since 1970 as this machine has them.
    """

    mono_s: float
    utc_s: float


@dataclass(frozen=True, slots=True)
class LinkTimes:
    """Seconds that govern the line.

    Attributes:
        heartbeat_s: a frame goes out at least this often.
        down_after_s: without an echo for so long, the line is down.
        longest_backoff_s: while it is down, frames go out at least this often.
        resend_s: an envelope without confirmation goes out again after this, or three round trips.
    """

    heartbeat_s: float = 0.5
    down_after_s: float = 2.0
    longest_backoff_s: float = 1.0
    resend_s: float = 1.0


@dataclass(frozen=True, slots=True)
class LineState:
    """What a console shows of the line.

    Attributes:
        up: frames pass both ways.
        since_s: since when, UTC seconds.
        unacknowledged: messages that the other node has not confirmed.
        clock_offset_s: the other clock minus ours, seconds; None before the first round trip.
        round_trip_s: last round trip, seconds; None before the first.
        hears: frames of the peer arrive, whether or not it hears ours.
        why: what is wrong, in words; empty if nothing is known.
    """

    up: bool
    since_s: float
    unacknowledged: int
    clock_offset_s: float | None
    round_trip_s: float | None
    hears: bool = False
    why: str = ""


class LineTracker:
    """One line to one peer."""

    def __init__(self, session: str, times: LinkTimes) -> None:
        self.session = session
        self.times = times
        self.up = False
        self.since_s: float | None = None
        self.clock_offset_s: float | None = None
        self.round_trip_s: float | None = None
        self.replayed = 0
        self._counter = 0
        self._sent: OrderedDict[int, Moment] = OrderedDict()
        self._last_sent_s = float("-inf")
        self._echoed = 0
        self._heard_s = float("-inf")
        self._frame_s = float("-inf")
        self._backoff_s = times.heartbeat_s
        self._theirs: tuple[str, int, float] | None = None
        self._seen: OrderedDict[tuple[str, int], None] = OrderedDict()

    def next_frame(self, now: Moment) -> tuple[int, Echo | None]:
        """Give the counter and the echo of a frame that goes out now."""
        self._counter += 1
        self._sent[self._counter] = now
        if len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)
        self._last_sent_s = now.mono_s
        if not self.up:
            self._backoff_s = min(2 * self._backoff_s, self.times.longest_backoff_s)
        return self._counter, None if self._theirs is None else Echo(*self._theirs)

    def due_s(self) -> float:
        """Give when the next frame is due at the latest, on the clock that is never set."""
        wait = self.times.heartbeat_s if self.up else self._backoff_s
        return self._last_sent_s + wait

    def hear(self, frame: Frame, now: Moment) -> bool:
        """Take a frame's header in; False if it was heard before."""
        name = (frame.session, frame.counter)
        if name in self._seen:
            self.replayed += 1
            return False
        self._seen[name] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        self._frame_s = now.mono_s
        fresh = self._take_echo(frame, now)
        same = self._theirs is not None and self._theirs[0] == frame.session
        newer = same and self._theirs is not None and frame.counter > self._theirs[1]
        if newer or (not same and (fresh or not self.up)):
            self._theirs = (frame.session, frame.counter, now.utc_s)
        return True

    def hears(self, mono_s: float) -> bool:
        """Whether frames of the peer arrive, whatever it hears of ours."""
        return mono_s - self._frame_s <= self.times.down_after_s

    def silent_s(self) -> float:
        """Give when the line goes down if nothing is heard; infinite if it is down."""
        return self._heard_s + self.times.down_after_s if self.up else float("inf")

    def check_down(self, now: Moment) -> bool:
        """Notice silence; True if the line goes down now."""
        if now.mono_s > self.silent_s():
            self.up, self.since_s = False, now.utc_s
            self._backoff_s = self.times.heartbeat_s / 2
            return True
        return False

    def resend_after_s(self) -> float:
        """Give the seconds after which an unconfirmed envelope goes out again."""
        return max(self.times.resend_s, 3 * (self.round_trip_s or 0.0))

    def _take_echo(self, frame: Frame, now: Moment) -> bool:
        echo = frame.echo
        if echo is None or echo.session != self.session:
            return False
        if not self._echoed < echo.counter <= self._counter:
            return False
        self._echoed = echo.counter
        self._heard_s = now.mono_s
        sent = self._sent.get(echo.counter)
        if sent is not None:
            there = frame.sent_s - echo.received_s
            self.round_trip_s = max(0.0, now.mono_s - sent.mono_s - max(0.0, there))
            self.clock_offset_s = ((echo.received_s - sent.utc_s) + (frame.sent_s - now.utc_s)) / 2
        while self._sent and next(iter(self._sent)) <= echo.counter:
            self._sent.popitem(last=False)
        if not self.up:
            self.up, self.since_s = True, now.utc_s
            self._backoff_s = self.times.heartbeat_s
        return True
