"""Of several processes on one journal one computes the new plan; another goes on when it dies."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from operation.orders.sealing_case import entries, orders, until
from stopline.operation.core.leases import CLAIM_S
from stopline.operation.plan.replan import Replan
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.operation.runtime.scheduler import Scheduler, SchedulerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from operation.liaison_case import Case

LATE = "LP-Triesen"


class Computing:
    """A planner that waits at a gate and counts who asked it."""

    def __init__(self) -> None:
        self.gate, self.began, self.asked = threading.Event(), threading.Semaphore(0), 0

    def __call__(self, *_given: object, **_options: object) -> Replan:
        self.asked += 1
        self.began.release()
        self.gate.wait(60.0)
        return Replan(plan="", verdict="", sentence="Nothing better was found.", note="")


@pytest.fixture
def computing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Computing]:
    made = Computing()
    monkeypatch.setattr("stopline.operation.plan.replan.replan", made)
    yield made
    made.gate.set()


@pytest.fixture
def leaking(sealing: Case) -> Iterator[tuple[Case, list[Scheduler]]]:
    """One unit is late, and two processes find out."""
    order = next(o for o in orders(sealing).orders.values() if o.issued.unit == LATE)
    until(sealing, order.deadline_s - 3.0, held_back=(LATE,))
    folder = sealing.both.folders[0]
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        yield (
            sealing,
            [
                Scheduler(
                    open_command_handler(folder), SchedulerSettings(executor=one, believes=False)
                )
                for one in (first, second)
            ],
        )


def run(processes: list[Scheduler], begin_s: float, seconds: float) -> float:
    """Let processes do their duties each second; verdicts are waited for, new plans are not."""
    now_s = begin_s
    while now_s < begin_s + seconds:
        now_s += 1.0
        for one in processes:
            one.run(now_s)
            for waiting in one._verdicts._running.values():
                waiting.result(60.0)
    return now_s


def finish(processes: list[Scheduler]) -> None:
    for one in processes:
        for waiting in one._replans._work._running.values():
            waiting.result(60.0)


def test_one_computes_and_the_other_waits(
    leaking: tuple[Case, list[Scheduler]], computing: Computing
) -> None:
    case, processes = leaking
    now_s = run(processes, case.both.now_s, 8.0 + 3 * CLAIM_S)
    assert computing.began.acquire(timeout=60.0)
    assert sum(bool(one._replans._claims.held()) for one in processes) == 1
    computing.gate.set()
    finish(processes)
    run(processes, now_s, 4.0)
    assert computing.asked == 1
    assert len(entries(case, "replan.offered")) == 1


def test_when_it_dies_the_other_takes_over(
    leaking: tuple[Case, list[Scheduler]], computing: Computing
) -> None:
    case, processes = leaking
    now_s = run(processes, case.both.now_s, 8.0)
    assert computing.began.acquire(timeout=60.0)
    (dead,) = [one for one in processes if one._replans._claims.held()]
    (alive,) = [one for one in processes if one is not dead]
    now_s = run([alive], now_s, 1.0)
    assert not alive._replans._claims.held()  # the claim of the dead one still runs
    now_s = run([alive], now_s, CLAIM_S + 1.0)
    assert alive._replans._claims.held()
    assert computing.began.acquire(timeout=60.0)
    computing.gate.set()
    finish([alive])
    run([alive], now_s, 2.0)
    assert computing.asked == 2
    assert len(entries(case, "replan.offered")) == 1
