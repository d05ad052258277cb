"""A headless exercise: the same seed gives the same events, here and in another process."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, cast

import pytest

from exercise.conftest import FOLDER, changed
from stopline.errors import BadInput, UnknownName
from stopline.exercise.document.load import load_exercise
from stopline.exercise.engine.engine import Engine
from stopline.exercise.engine.headless import HeadlessNodes
from stopline.exercise.engine.play import EVENTS_FILE, TRUTH_FILE, compare_records, play_headless

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.engine.engine import Nodes
    from stopline.exercise.engine.play import ExerciseOutcome

_AGAIN = """
import sys
from pathlib import Path
from exercise.conftest import *
loaded = load_exercise(SHORT)
from stopline.exercise.engine.play import play_headless
play_headless(loaded, Path(sys.argv[1]))
"""


def test_it_is_played_to_endex_and_the_records_agree(
    played: tuple[ExerciseOutcome, Engine, Path],
) -> None:
    outcome, engine, folder = played
    assert (outcome.why, outcome.t) == ("the time is over", 320.0)
    assert outcome.shared >= 8
    given = {one.about["command"] for one in engine.world.log.of("gives")}
    assert given >= {"alarm.raise", "message.send", "sighting.note", "sighting.share",
                     "plan.adopt", "orders.issue", "order.move", "request.ask",
                     "request.answer", "decision.voice"} - {"order.move"}  # fmt: skip
    kinds = {fact.kind for fact in engine.facts}
    assert "order.issued" in kinds
    truth = [json.loads(line) for line in (folder / TRUTH_FILE).read_text("utf-8").splitlines()]
    assert truth[0]["what"] == "STARTEX"
    assert truth[-1]["what"] == "ENDEX"
    assert [one["t"] for one in truth] == sorted(one["t"] for one in truth)


def test_no_node_knows_the_truth(played: tuple[ExerciseOutcome, Engine, Path]) -> None:
    _, engine, folder = played
    destination = next(one.about["place"] for one in engine.world.log.of("heads for"))
    for side in engine.people:
        record = (folder / f"{side}.jsonl").read_text("utf-8")
        assert destination not in record
        assert "heads for" not in record


def test_the_same_seed_plays_the_same_again_however_busy_the_machine(
    short: LoadedExercise,
    played: tuple[ExerciseOutcome, Engine, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy = itertools.count(step=20.0)  # seconds of the wall from one look at a clock to the next
    monkeypatch.setattr(time, "perf_counter", lambda: next(busy))
    play_headless(short, tmp_path / "two")
    before = (played[2] / EVENTS_FILE).read_bytes()
    assert (tmp_path / "two" / EVENTS_FILE).read_bytes() == before
    assert len(before.splitlines()) > 100
    # The same words, but other keys: a record of another run is no record of this one.
    mixed = {"alder": played[2] / "alder", "birch": tmp_path / "two" / "birch"}
    with pytest.raises(BadInput, match="nobody sent"):
        compare_records(mixed)


@pytest.mark.long
def test_the_same_seed_plays_the_same_in_another_process(
    played: tuple[ExerciseOutcome, Engine, Path], tmp_path: Path
) -> None:
    path = [str(FOLDER.parents[1] / "tests"), str(FOLDER.parents[1] / "src")]
    code = f"import sys; sys.path[:0] = {path!r}\n{_AGAIN}"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "x")], check=True, timeout=600)
    assert (tmp_path / "x" / EVENTS_FILE).read_bytes() == (played[2] / EVENTS_FILE).read_bytes()


def test_one_units_delay_shifts_nobody_elses_draws(
    short: LoadedExercise, played: tuple[ExerciseOutcome, Engine, Path], tmp_path: Path
) -> None:
    def later(content: dict[str, Any]) -> None:
        content["truth"]["units"]["LP-Triesen"] = {"late_s": 45.0, "set_out": {"constant_s": 9.0}}

    _, other = play_headless(changed(short, later), tmp_path / "later")
    one, two = played[1].world.chance.drawn, other.world.chance.drawn
    shared = (one.keys() & two.keys()) - {("LP-Triesen", "set out")}
    assert len(shared) > 20
    for stream in shared:
        for left, right in zip(one[stream], two[stream], strict=False):
            assert left == right, stream
    driven = [h.line() for h in played[1].world.log.happenings if h.actor == "vehicle"]
    assert driven == [h.line() for h in other.world.log.happenings if h.actor == "vehicle"]


def test_a_contingency_inject_waits_to_be_called(short: LoadedExercise, tmp_path: Path) -> None:
    nodes = HeadlessNodes.make(short, tmp_path / "n", seed=3)
    engine = Engine(short, nodes, seed=3)
    engine.begin()
    while engine.t < 60:
        engine.step()
    assert 90 not in engine.injects.given
    engine.injects.call(90)
    assert engine.injects.given[90] == engine.t
    with pytest.raises(UnknownName, match="was given at"):
        engine.injects.call(90)
    with pytest.raises(UnknownName, match="no inject 55"):
        engine.injects.call(55)
    while engine.t < 80:
        engine.step()
    noted = [fact for fact in engine.facts if fact.kind == "sighting.noted"]
    assert noted
    engine.injects.call(91)  # the line breaks now
    for _ in range(5):
        engine.step()
    assert all(faults.cut for faults in nodes.line.faults)
    engine.end("the controller calls it")
    nodes.close()


def test_a_killed_node_comes_back_in_a_headless_exercise(
    short: LoadedExercise, tmp_path: Path
) -> None:
    def stops(content: dict[str, Any]) -> None:
        content["endex"]["at_s"] = 140
        fault = {"stops": "birch", "for_s": 20}
        inject = {**content["msel"][-1], "when": {"at_s": 40}, "fault": fault}
        content["msel"] = [content["msel"][0], inject]

    outcome, engine = play_headless(changed(short, stops), tmp_path / "k")
    assert engine.world.log.of("is started again")
    assert outcome.shared > 0


def test_of_two_faults_of_the_line_the_later_counts_and_the_earlier_goes_on(
    short: LoadedExercise,
) -> None:
    class Line:
        def __init__(self) -> None:
            self.sides: dict[str, Any] = {}
            self.told: list[tuple[str, float | None]] = []

        def break_line(self, kind: str, delay_s: float | None = None) -> None:
            self.told.append((kind, delay_s))

    line = Line()
    engine = Engine(short, cast("Nodes", line))
    env = engine.world.env
    env.process(engine._line("slow", 0.0, 10.0, 2.0))
    env.process(engine._line("cut", 5.0, 7.0, None))
    env.run()
    assert line.told == [("slow", 2.0), ("cut", None), ("slow", 2.0), ("mended", None)]


def test_liechtenstein_is_loaded_with_startex_as_now() -> None:
    loaded = load_exercise(FOLDER / "liechtenstein.yaml")
    assert loaded.scenario.problem.now_utc_s == loaded.exercise.start_s
