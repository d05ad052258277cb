"""A node is made for exercises or for service, for good; the two kinds never meet."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from stopline.console.command_batches import CommandBatches
from stopline.errors import BadInput
from stopline.link.key_management import accept_pairing
from stopline.link.pairing import EXERCISE_HEADER, HEADER, fingerprint
from stopline.operation.core.actor import Actor
from stopline.operation.core.command_handler import CommandEnvelope, CommandReceipt
from stopline.operation.core.exercise_clock import (
    CLOCK_FILE,
    ClockSetting,
    ExerciseClock,
    speed_of,
)
from stopline.operation.core.exercise_mark import marked_text
from stopline.operation.core.node import SETTINGS_FILE, make_node, open_node
from stopline.operation.plan.propose import ProposePlan
from stopline.operation.runtime.exercising import (
    ComputingFlag,
    TellsComputing,
    computing_by_looks,
    computing_by_processor,
    open_served,
    pace_s,
)

if TYPE_CHECKING:
    from pathlib import Path

NOW_S = 1_800_000_000.0


def made(folder: Path, name: str, *, exercise: bool) -> Path:
    make_node(
        folder / name, f"{name}.example/node", journal="journal.db", url="", listen="127.0.0.1:0",
        now_s=NOW_S, exercise=exercise,
    )  # fmt: skip
    return folder / name


def test_an_ordinary_node_refuses_another_clock(tmp_path: Path) -> None:
    folder = made(tmp_path, "a", exercise=False)
    with open_node(folder) as node:
        assert (node.exercise, node.clock) == (False, time.time)
        assert node.stamp(5.0) == 5.0
        assert speed_of(node.clock) is None
    ClockSetting(NOW_S, time.time(), 60.0).write(folder)
    with pytest.raises(BadInput, match="node init --exercise"):
        open_node(folder)


def test_what_a_node_was_made_for_cannot_be_changed(tmp_path: Path) -> None:
    for exercise in (False, True):
        folder = made(tmp_path, f"n{exercise}".lower(), exercise=exercise)
        settings = json.loads((folder / SETTINGS_FILE).read_text("utf-8"))
        if exercise:
            del settings["exercise"]
        else:
            settings["exercise"] = "for good"
        (folder / SETTINGS_FILE).write_text(json.dumps(settings), "utf-8")
        with pytest.raises(BadInput, match="what its journal says"):
            open_node(folder)


@pytest.mark.parametrize("own", [False, True])
def test_the_two_kinds_do_not_pair(tmp_path: Path, own: bool) -> None:  # noqa: FBT001
    here = made(tmp_path, "a", exercise=own)
    there = made(tmp_path, "b", exercise=not own)
    same = made(tmp_path, "c", exercise=own)
    with open_node(here) as node, open_node(there) as other, open_node(same) as third:
        assert node.pairing.startswith(EXERCISE_HEADER if own else HEADER)
        digits = fingerprint(node.pairing, other.pairing)
        with pytest.raises(BadInput, match="the two kinds never pair"):
            accept_pairing(
                node.journal, node.pairing, other.pairing, spoken=digits, person="x", now_s=NOW_S
            )
        assert node.peers() == []
        digits = fingerprint(node.pairing, third.pairing)
        accept_pairing(
            node.journal, node.pairing, third.pairing, spoken=digits, person="x", now_s=NOW_S
        )
        assert node.peers() == ["c.example/node"]


def test_the_clock_runs_fast_stands_still_and_is_set_whole(tmp_path: Path) -> None:
    folder = made(tmp_path, "a", exercise=True)
    clock = ExerciseClock(folder)
    assert abs(clock() - time.time()) < 5.0  # nobody has set it
    ClockSetting(NOW_S, time.time() - 10.0, 60.0).write(folder)
    assert 600.0 <= clock() - NOW_S < 600.0 + 60.0 * 5
    ClockSetting(NOW_S + 7.0, time.time() - 10.0, 0.0).write(folder)
    assert clock() == NOW_S + 7.0
    with open_node(folder) as node:
        assert node.clock() == NOW_S + 7.0
        assert node.stamp(5.0) == NOW_S + 7.0
        assert speed_of(node.clock) == 0.0


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"exercise_s": 1, "wall_s": 1, "speed": 61}', '{"exercise_s": "x"}',
     '{"exercise_s": 1, "wall_s": 1, "speed": -1}', '{"exercise_s": 1, "wall_s": 1, "speed": NaN}'],
)  # fmt: skip
def test_a_bad_clock_is_told(tmp_path: Path, text: str) -> None:
    folder = made(tmp_path, "a", exercise=True)
    (folder / CLOCK_FILE).write_text(text, "utf-8")
    with pytest.raises(BadInput, match=CLOCK_FILE):
        ExerciseClock(folder)()


def test_duties_come_each_exercise_second_or_twenty_times_a_second(tmp_path: Path) -> None:
    folder = made(tmp_path, "a", exercise=True)
    with open_node(folder) as node:
        assert pace_s(node) == 1.0
        for speed, pace in ((1.0, 1.0), (4.0, 0.25), (20.0, 0.05), (60.0, 0.05), (0.0, 0.1)):
            ClockSetting(NOW_S, time.time(), speed).write(folder)
            assert pace_s(node) == pytest.approx(pace)


def test_a_node_says_while_it_computes(tmp_path: Path) -> None:
    file = tmp_path / "computing"
    with ThreadPoolExecutor(1) as inner:
        tells = TellsComputing(inner, ComputingFlag(file))
        seen = tells.submit(file.exists)
        assert seen.result(5) is True
        tells.submit(int).result(5)
        deadline = time.monotonic() + 5
        while file.exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        assert not file.exists()


class _Prepared:
    """A desk that says whether the flag was up while it made a plan."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seen: list[bool] = []

    def prepared(self, wish: CommandEnvelope, now_s: float) -> CommandEnvelope:
        del now_s
        self.seen.append(self.file.exists())
        return wish

    def do_all(self, wishes: list[CommandEnvelope], now_s: float) -> list[CommandReceipt]:
        del now_s
        return [CommandReceipt((), ()) for _ in wishes]


def test_to_wait_for_the_processor_is_no_computing() -> None:
    before = time.perf_counter
    with computing_by_processor():
        began_s = time.perf_counter()
        time.sleep(0.5)
        assert time.perf_counter() - began_s < 0.4
    assert time.perf_counter is before


def test_looks_at_the_clock_are_time_and_nothing_else_is() -> None:
    before = time.perf_counter
    with computing_by_looks():
        began_s = time.perf_counter()
        time.sleep(0.1)
        sum(range(1_000_000))
        one_s = time.perf_counter() - began_s
        assert time.perf_counter() - began_s == pytest.approx(2 * one_s)
    assert 0 < one_s < 0.1
    assert time.perf_counter is before


def test_a_plan_that_a_person_asks_for_holds_exercise_time(tmp_path: Path) -> None:
    file = tmp_path / "computing"
    desk = _Prepared(file)
    wish = CommandEnvelope(ProposePlan(incident="i-1"), Actor("eva", "duty_officer"), "c-1")

    async def give(inner: ThreadPoolExecutor) -> None:
        preparing = TellsComputing(inner, ComputingFlag(file))
        batches = CommandBatches(
            desk,
            float,
            wait_s=0.0,
            most=1,
            preparing=preparing,  # type: ignore[arg-type]  # (its part of a desk)
        )
        batches.begin()
        await batches.do(wish)
        await batches.end()

    with ThreadPoolExecutor(1) as inner:
        asyncio.run(give(inner))
    assert desk.seen == [True]
    assert not file.exists()


def test_a_served_node_notes_its_start_by_its_own_clock(tmp_path: Path) -> None:
    folder = made(tmp_path, "a", exercise=True)
    ClockSetting(NOW_S + 50.0, time.time(), 0.0).write(folder)
    desk = open_served(folder)
    with desk.node as node:
        entries = list(node.journal.read())
    assert [one.kind for one in entries] == [
        "node.key-made", "node.made-for-exercises", "node.started"
    ]  # fmt: skip
    assert entries[-1].time_s == NOW_S + 50.0


def test_the_mark_stands_first_and_once() -> None:
    assert marked_text("Shots", exercise=True) == "EXERCISE: Shots"
    assert marked_text("EXERCISE: Shots", exercise=True) == "EXERCISE: Shots"
    assert marked_text("", exercise=True) == "EXERCISE"
    assert marked_text("Shots", exercise=False) == "Shots"
