"""Statistics: intervals against known numbers, pursuits in pairs, whole exercises from seeds."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from exercise.conftest import FOLDER, SHORT, changed
from stopline.cli.exercise import _interval
from stopline.exercise.engine.play import play_headless
from stopline.exercise.statistics import whole as whole_module
from stopline.exercise.statistics.baselines import BASELINES
from stopline.exercise.statistics.intervals import mean, paired, rate
from stopline.exercise.statistics.naive import NaivePlans
from stopline.exercise.statistics.pursuits import JOINT, run_pursuits
from stopline.exercise.statistics.whole import RunNumbers, repeat_exercise
from stopline.exercise.truth.chance import ChanceStreams
from stopline.protocol.rehearsal.schema import Duration, Lognormal

if TYPE_CHECKING:
    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.engine.world import Strategy


def test_a_rate_has_wilsons_interval() -> None:
    found = rate([True] * 8 + [False] * 2)  # the textbook's 8 of 10: 49.0 % to 94.3 %
    assert (found.value, found.count) == (0.8, 10)
    assert found.low == pytest.approx(0.4902, abs=1e-4)
    assert found.high == pytest.approx(0.9433, abs=1e-4)
    assert rate([True] * 5).high == 1.0
    assert rate([]).count == 0


def test_a_mean_has_students_interval() -> None:
    found = mean([1.0, 2.0, 3.0, 4.0])  # t(0.975, 3) = 3.1824, s = 1.2910
    assert found.value == 2.5
    assert found.high - found.value == pytest.approx(3.1824 * 1.29099 / 2.0, rel=1e-4)
    assert math.isinf(mean([1.0]).high)
    assert paired([3.0, 4.0, 5.0], [1.0, 2.0, 3.0]).low == 2.0
    assert paired([3.0, 4.0, 5.0], [1.0, 2.0, 3.0]).excludes_zero
    assert not paired([1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]).excludes_zero


def test_what_was_never_counted_is_no_number() -> None:
    assert _interval(mean([])) == "never"
    assert _interval(mean([3.0]), sign=True) == "+3.0, once"
    assert _interval(rate([True] * 8 + [False] * 2), share=True) == "80.0% (49.0% to 94.3%)"


def test_streams_of_chance_do_not_share_draws() -> None:
    takes = Duration(lognormal=Lognormal(median_s=10.0, p95_s=30.0))
    one, two = ChanceStreams(5), ChanceStreams(5)
    for _ in range(7):
        two.seconds("somebody else", "anything", takes)
        two.happens("LP-Triesen", "another purpose", 0.5)
    here = [one.seconds("LP-Triesen", "set out", takes) for _ in range(4)]
    assert here == [two.seconds("LP-Triesen", "set out", takes) for _ in range(4)]
    assert here != [ChanceStreams(6).seconds("LP-Triesen", "set out", takes) for _ in range(4)]
    assert one.draws["LP-Triesen", "set out"] == 4


def test_pursuits_are_compared_in_pairs(whole: LoadedExercise) -> None:
    table = run_pursuits(whole, 12, seed=4)
    assert set(table.rates) == {JOINT, *BASELINES}
    assert table.verdict == "sealed"
    assert table.rates[JOINT].value == 1.0  # sealed in time: nobody gets out
    assert all(gain.value >= 0.0 for gain in table.gains.values())
    again = run_pursuits(whole, 12, seed=4)
    assert again == table


def test_units_that_refuse_let_it_out(whole: LoadedExercise) -> None:
    def refuse(content: dict[str, Any]) -> None:
        content["truth"]["units"] = {"default": {"refuses": "all are needed elsewhere"}}

    table = run_pursuits(changed(whole, refuse), 4, seed=4)
    assert table.rates[JOINT].value == 0.0


def test_whole_exercises_are_compared_seed_by_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    def played(path: Path, seed: int, network: Path | None, strategy: Strategy) -> RunNumbers:
        assert (path, network) == (SHORT, None)
        joint = strategy == "joint plan"
        return RunNumbers(
            seed=seed, strategy=strategy, stopped=joint or seed == 3,
            sealed_s=100.0 + seed if joint else None, missed=seed, messages=30 if joint else 20,
            replans=0, met=1.0,
        )  # fmt: skip

    monkeypatch.setattr(whole_module, "play_numbers", played)
    told: list[tuple[str, int]] = []
    table = repeat_exercise(
        SHORT, [1, 2, 3], against=("nearest exits", "each side alone"),
        progress=lambda run: told.append((run.strategy, run.seed)),
    )  # fmt: skip
    assert len(told) == 9
    assert [run.seed for run in table.runs] == [1, 2, 3]
    assert table.estimates["seconds to the first side sealed"].value == 102.0
    assert set(table.gains) == {"nearest exits", "each side alone"}
    gains = table.gains["nearest exits"]
    assert gains["vehicle did not get out"].value == pytest.approx(2 / 3)
    assert not gains["vehicle did not get out"].excludes_zero
    assert (gains["messages"].value, gains["messages"].excludes_zero) == (10.0, True)
    assert (gains["deadlines missed"].low, gains["deadlines missed"].high) == (0.0, 0.0)


def test_a_naive_plan_is_adopted_by_each_side_and_nothing_of_the_nodes_planner(
    short: LoadedExercise, tmp_path: Path
) -> None:
    def brief(content: dict[str, Any]) -> None:
        content["endex"]["at_s"] = 200

    loaded = changed(short, brief)
    rule = NaivePlans(loaded, "nearest exits", 7)
    outcome, engine = play_headless(loaded, tmp_path, strategy="nearest exits", naive=rule)
    adopted = {fact.side for fact in engine.facts if fact.kind == "plan.adopted"}
    ordered = {fact.side for fact in engine.facts if fact.kind == "order.issued"}
    assert adopted == ordered == {"alder", "birch"}
    kinds = {fact.kind for fact in engine.facts}
    assert not kinds & {"plan.proposed", "replan.offered", "joint.commitment-given"}
    assert outcome.shared >= 8


@pytest.mark.long
def test_whole_exercises_from_five_seeds_each() -> None:
    documents: dict[str, Path | None] = {"liechtenstein.yaml": None, "corridor.yaml": None}
    if data := os.environ.get("STOPLINE_DATA"):  # Porto's roads are not in the repository
        documents["porto.yaml"] = Path(data) / "porto" / "porto.osm.pbf"
    for name, network in documents.items():
        table = repeat_exercise(FOLDER / name, [1, 2, 3, 4, 5], jobs=2, network=network)
        assert len(table.runs) == 5
        assert all(run.messages > 10 for run in table.runs)
