"""A live exercise: two real `serve` processes, the same truth as headless, faults, and its end."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from exercise.conftest import SHORT, changed
from stopline.errors import StoplineError
from stopline.exercise.engine.play import play_headless
from stopline.exercise.live.control import ask, state
from stopline.exercise.live.play import LivePlay
from stopline.exercise.truth.journeys import site_names
from stopline.operation.core.node import open_node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.truth.log import TruthLog
    from stopline.journal.base import Entry

pytestmark = pytest.mark.long
_TRUE = ("vehicle", "Camera", "resident", "caller", "control")


def truth(log: TruthLog) -> list[tuple[str, str, str]]:
    """What the vehicle did, who saw it and what was injected, in order."""
    return [
        (one.actor, one.what, str(one.about.get("number") or one.about.get("place") or ""))
        for one in log.happenings
        if one.actor.startswith(_TRUE) and one.what not in {"STARTEX", "ENDEX"}
    ]


def times(log: TruthLog) -> list[float]:
    return [
        one.t
        for one in log.happenings
        if one.actor.startswith(_TRUE) and one.what not in {"STARTEX", "ENDEX"}
    ]


def recorded(folder: Path) -> list[Entry]:
    with open_node(folder) as node:
        return list(node.journal.read())


@pytest.fixture
def live(short: LoadedExercise, tmp_path: Path) -> Iterator[LivePlay]:
    play = LivePlay(short, tmp_path / "live", speed=60, say=lambda _: None)
    play.start()
    yield play
    play.close()


def test_live_and_headless_have_the_same_truth(
    live: LivePlay, short: LoadedExercise, tmp_path: Path
) -> None:
    outcome = live.run()
    _, engine = play_headless(short, tmp_path / "headless")
    assert truth(live.log) == truth(engine.world.log)
    for here, there in zip(times(live.log), times(engine.world.log), strict=True):
        assert abs(here - there) <= 1.0
    assert outcome.shared >= 8
    # What a screen names is a site of the engine, too: units find their way there, and close it.
    closed = {str(one.about["site"]) for one in live.log.of("closes")}
    assert closed
    assert closed <= set(site_names(short.scenario.problem))
    moved = [
        str((entry.body or {}).get("reason"))
        for folder in outcome.folders.values()
        for entry in recorded(folder)
        if entry.kind == "order.moved"
    ]
    assert moved
    assert not any("no way there" in reason for reason in moved)
    assert max(live.pace().late_s) <= 1e-6  # the clock stops by itself at the next event
    off_s = live.pace().stamps_off_s
    assert len(off_s) >= 20
    within = sum(abs(one) <= 1.0 for one in off_s) / len(off_s)
    assert within >= 0.99, off_s
    # Whoever looks back afterwards finds both nodes where they were, and is signed in still.
    live.look_back()
    assert live.nodes is not None
    for node in live.nodes.sides.values():
        course = f"/v1/incidents/{node.incident}/course"
        answer = node.client.get(course, headers=node._as("duty_officer"))
        assert answer.json()["phases"]


def test_a_node_is_killed_and_started_again_and_the_engine_goes_on(
    short: LoadedExercise, tmp_path: Path
) -> None:
    def stops(content: dict[str, Any]) -> None:
        content["endex"]["at_s"] = 160
        fault = {"stops": "birch", "for_s": 20}
        inject = {**content["msel"][-1], "when": {"at_s": 40}, "fault": fault}
        content["msel"] = [content["msel"][0], inject]

    play = LivePlay(changed(short, stops), tmp_path / "k", speed=60, say=lambda _: None)
    try:
        play.start()
        outcome = play.run()
    finally:
        play.close()
    assert play.log.of("is started again")
    assert outcome.shared > 0
    after = [one for one in play.log.of("gives") if one.t > 62 and one.actor.startswith("birch")]
    assert after


def test_pause_then_resume_gives_every_inject_in_order(live: LivePlay) -> None:
    done: list[object] = []
    folder = live.folder

    def controls() -> None:
        while not reached(folder, 20):
            time.sleep(0.05)
        ask(folder, "pause")
        time.sleep(1.0)
        at = state(folder)["t"]
        time.sleep(2.0)
        done.append(abs(state(folder)["t"] - at) < 1.5)
        done.append(ask(folder, "inject", number=90))
        ask(folder, "take", side="birch", role="press_officer")
        ask(folder, "give back", side="birch", role="press_officer")
        ask(folder, "resume")
        ask(folder, "speed", speed=50)

    thread = threading.Thread(target=controls)
    thread.start()
    live.run()
    thread.join()
    assert done[0] is True
    assert "inject 90 is given" in str(done[1])
    given = [one.about["number"] for one in live.log.of("inject")]
    assert given == [1, 2, 90, 3, 4, 5]
    noted = [one for one in live.log.of("gives") if one.about["of"] == "Petrol station in Balzers"]
    assert len(noted) == 1


def test_after_a_pause_of_ten_minutes_every_inject_is_played(live: LivePlay) -> None:
    """Ten minutes of the wall; twice the exercise would be over by then at any speed."""
    folder = live.folder
    answers: list[str] = []

    def controls() -> None:
        until = time.monotonic() + 900
        while time.monotonic() < until and (not reached(folder, 5)):
            time.sleep(0.05)
        ask(folder, "pause")
        time.sleep(600)
        answers.append(ask(folder, "inject", number=90))
        ask(folder, "resume")

    thread = threading.Thread(target=controls)
    thread.start()
    outcome = live.run()
    thread.join()
    assert answers[0].startswith("inject 90 is given at ")
    given = [one.about["number"] for one in live.log.of("inject")]
    assert [number for number in given if number != 90] == [1, 2, 3, 4, 5]
    assert 1 <= given.index(90) <= 2
    times = {one.about["number"]: one.t for one in live.log.of("inject")}
    assert times[3] == 70.0
    assert live.pace().paused_s >= 599
    assert outcome.shared >= 8
    assert max(live.pace().late_s) <= 1e-6


def test_a_deadline_is_noted_within_three_seconds_at_sixty_times_the_speed(
    short: LoadedExercise, tmp_path: Path
) -> None:
    def nobody_at_the_desk(content: dict[str, Any]) -> None:
        content["endex"]["at_s"] = 300
        content["sides"]["birch"]["players"] = ["duty_officer", "second_officer"]

    play = LivePlay(
        changed(short, nobody_at_the_desk), tmp_path / "d", speed=60, say=lambda _: None
    )
    try:
        play.start()
        outcome = play.run()
    finally:
        play.close()
    late_s = []
    with open_node(outcome.folders["birch"]) as node:
        for entry in node.journal.read():
            if entry.kind == "deadline.passed":
                due = datetime.fromisoformat(str((entry.body or {})["due"])).timestamp()
                late_s.append(entry.time_s - due)
    assert late_s
    assert min(late_s) >= -1e-3
    assert max(late_s) <= 3.0, late_s


def reached(folder: Path, t: float) -> bool:
    """Whether an exercise runs there and has come so far."""
    try:
        return float(state(folder)["t"]) > t
    except StoplineError:
        return False


def test_a_session_stays_open_at_sixty_times_the_speed(live: LivePlay) -> None:
    """Ninety exercise minutes pass; an unused session ends after sixty of the wall."""
    nodes = live.nodes
    assert nodes is not None
    node = nodes.sides["alder"]
    nodes.clock.hold(5400.0)
    answer = node.client.get("/v1/me", headers=node._as("duty_officer"))
    assert answer.status_code == 200
    shown = node.client.get("/v1/node", headers=node._as("duty_officer")).json()
    assert shown["exercise"] is True
    assert shown["time"].startswith("2026-06-12T21:00")


@pytest.fixture
def signals_are_heard() -> Iterator[None]:
    """Whoever is started in the background or with nohup passes on that they are ignored."""
    heard = {
        signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL,
        signal.SIGTERM: signal.SIG_DFL,
    }  # fmt: skip
    before = {one: signal.signal(one, handler) for one, handler in heard.items()}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.mark.usefixtures("signals_are_heard")
@pytest.mark.parametrize("seed", range(10))
def test_ctrl_c_leaves_no_process_port_or_lock(tmp_path: Path, seed: int) -> None:
    wait_s = random.Random(seed).uniform(0.5, 25.0)
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "stopline", "exercise", "run", str(SHORT), "--speed", "60",
        "--out", str(out),
    ]  # fmt: skip
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    running = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    time.sleep(wait_s)
    # Ctrl-C, once from whoever stops services, and once as the terminal is closed.
    ends = {8: signal.SIGTERM, 9: signal.SIGHUP}.get(seed, signal.SIGINT)
    running.send_signal(ends)
    told, _ = running.communicate(timeout=900)
    # Who is stopped while loading is ended by the signal itself; a shell calls both ends 130.
    assert running.returncode in {130, -ends}, told
    left = subprocess.run(["pgrep", "-f", str(out)], capture_output=True, text=True, check=False)
    assert not left.stdout.split()
    assert not list((tmp_path / "config" / "stopline" / "running-exercises").glob("*"))
    for word in told.split():
        if word.startswith("http://"):
            port = int(word.rstrip("/").rpartition(":")[2])
            with (
                pytest.raises(OSError, match="refused"),
                socket.create_connection(("127.0.0.1", port), timeout=1),
            ):
                pass


def test_a_node_that_is_gone_is_an_answer_and_no_error(live: LivePlay) -> None:
    nodes = live.nodes
    assert nodes is not None
    nodes.stop("birch")
    assert nodes.sides["birch"].look() is None
    assert nodes.sides["birch"].give("duty_officer", "alarm.raise", {}).refused
    with pytest.raises(httpx.HTTPError):
        nodes.sides["birch"].client.get("/v1/me")
