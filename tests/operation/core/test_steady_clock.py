"""A clock that is set by hours ends no session and erases no watch list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import DUTY, INCIDENT, Case, actor
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.steady_clock import SteadyClock
from stopline.operation.runtime.scheduler import Scheduler, SchedulerSettings
from stopline.operation.watch_list.commands import AddWatch
from stopline.operation.watch_list.projection import WatchList

if TYPE_CHECKING:
    from pathlib import Path


class Clocks:
    """A machine whose clock can be set."""

    def __init__(self) -> None:
        self.utc, self.mono = 1_795_000_000.0, 50.0

    def go(self, seconds: float, *, jump_s: float = 0.0) -> None:
        self.mono += seconds
        self.utc += seconds + jump_s

    def steady(self) -> SteadyClock:
        return SteadyClock(lambda: self.utc, lambda: self.mono)


@pytest.mark.parametrize("jump_s", [7200.0, -7200.0, 60.0, 86_400.0 * 365])
def test_a_jump_is_not_followed_and_time_goes_on(jump_s: float) -> None:
    clocks = Clocks()
    steady, began_s = clocks.steady(), clocks.utc
    clocks.go(10)
    assert steady() == began_s + 10
    clocks.go(1, jump_s=jump_s)
    assert steady() == began_s + 11
    clocks.go(3600)
    assert steady() == began_s + 3611
    clocks.go(0, jump_s=-jump_s)  # set right again
    assert steady() == began_s + 3611


def test_a_clock_that_is_slowly_put_right_is_followed() -> None:
    clocks = Clocks()
    steady = clocks.steady()
    for _ in range(100):
        clocks.go(10, jump_s=0.5)
        assert steady() == clocks.utc


def test_a_clock_set_forward_erases_no_watch_list(tmp_path: Path) -> None:
    case, clocks = Case(tmp_path), Clocks()
    case.alarm()
    both, desk = case.both, case.both.desks[0]
    clocks.utc = both.now_s
    vote = {"incident": INCIDENT, "decision": "camera_search", "outcome": "yes"}
    case.do(0, VoiceDecision.model_validate(vote), actor("prosecutor"))
    watch = {
        "incident": INCIDENT, "plate": "AB 12345", "vehicle": "white van",
        "expires": case.at(3600).isoformat(),
    }  # fmt: skip
    case.do(0, AddWatch.model_validate(watch), DUTY)
    duties = Scheduler(
        desk, SchedulerSettings(judges=False, believes=False), steady=clocks.steady()
    )

    def watched() -> bool:
        return desk.catch_up().incident(INCIDENT).projection(WatchList).listed() is not None

    clocks.go(5, jump_s=86_400)
    duties.run(clocks.utc)
    assert watched()
    clocks.go(4000)
    duties.run(clocks.utc)
    assert not watched()  # it ends when its time has passed
    both.close()
