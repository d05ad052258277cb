"""Whole exercises, many times: everything, headless, each from a seed of its own."""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stopline.exercise.document.load import load_exercise
from stopline.exercise.engine.play import play_headless
from stopline.exercise.statistics.baselines import BASELINES
from stopline.exercise.statistics.intervals import Estimate, mean, paired, rate
from stopline.exercise.statistics.naive import NaivePlans

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.exercise.engine.ports import FactSeen
    from stopline.exercise.engine.world import Strategy

_SEALED: Final = "sections_sealed"
JOINT: Final = "joint plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNumbers:
    """What one whole exercise came to.

    Attributes:
        seed: of all chance.
        strategy: how plans were made.
        stopped: the vehicle did not get out.
        sealed_s: exercise seconds from the alarm until the first side told that its sections are
            closed; None if none did.
        missed: deadlines that passed on both sides.
        messages: messages that crossed the line.
        replans: plans adopted after the first, on both sides.
        met: share of the expected actions that were met.
    """

    seed: int
    strategy: Strategy
    stopped: bool
    sealed_s: float | None
    missed: int
    messages: int
    replans: int
    met: float


@dataclass(frozen=True, slots=True)
class WholeTable:
    """The numbers of many exercises.

    Attributes:
        runs: of the joint plan.
        estimates: their means and rates with intervals, by what they say.
        gains: the joint plan less each other strategy, pair by pair, by its name.
    """

    runs: tuple[RunNumbers, ...]
    estimates: dict[str, Estimate]
    gains: dict[Strategy, dict[str, Estimate]]


def repeat_exercise(
    path: Path,
    seeds: list[int],
    *,
    jobs: int = 1,
    network: Path | None = None,
    against: tuple[Strategy, ...] = (),
    progress: Callable[[RunNumbers], None] | None = None,
) -> WholeTable:
    """Play an exercise headless from each of some seeds.

    Args:
        path: the document.
        seeds: one for each exercise.
        jobs: processes.
        network: the road network that the user brings.
        against: other ways to plan, played from the same seeds with the same chance.
        progress: told of each that is done.

    Raises:
        BadInput: a record does not verify, or the two sides disagree.
    """
    wanted = [(seed, way) for way in (JOINT, *dict.fromkeys(against)) for seed in seeds]
    found: list[RunNumbers] = []
    if jobs <= 1:
        for seed, way in wanted:
            found.append(play_numbers(path, seed, network, way))
            if progress is not None:
                progress(found[-1])
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            waiting = [pool.submit(play_numbers, path, seed, network, way) for seed, way in wanted]
            for future in as_completed(waiting):
                found.append(future.result())
                if progress is not None:
                    progress(found[-1])
    by_way = {
        way: sorted((one for one in found if one.strategy == way), key=lambda run: run.seed)
        for way in (JOINT, *against)
    }
    gains: dict[Strategy, dict[str, Estimate]] = {
        way: _gains(by_way[JOINT], by_way[way]) for way in against if way != JOINT
    }
    return WholeTable(tuple(by_way[JOINT]), _estimates(by_way[JOINT]), gains)


def play_numbers(path: Path, seed: int, network: Path | None, strategy: Strategy) -> RunNumbers:
    """Play one exercise headless by a strategy, and count.

    Raises:
        BadInput: a record does not verify, or the two sides disagree.
    """
    with tempfile.TemporaryDirectory(prefix="stopline-whole-") as name:
        loaded = load_exercise(path, network=network, work=Path(name))
        naive = NaivePlans(loaded, strategy, seed) if strategy in BASELINES else None
        outcome, engine = play_headless(
            loaded, Path(name) / "run", seed=seed, strategy=strategy, naive=naive
        )
    facts = engine.facts
    rows = [row for row in outcome.evaluation.rows if row.result != "not given"]
    return RunNumbers(
        seed=seed,
        strategy=strategy,
        stopped=outcome.fate != "out",
        sealed_s=_sealed_s(facts),
        missed=sum(fact.kind == "deadline.passed" for fact in facts),
        messages=outcome.shared,
        replans=_replans(facts),
        met=sum(row.result == "met" for row in rows) / max(1, len(rows)),
    )


def _sealed_s(facts: list[FactSeen]) -> float | None:
    alarm = next((fact.t for fact in facts if fact.kind == "alarm.raised"), None)
    told = [
        fact.t for fact in facts if fact.kind == "message.sent" and _SEALED in fact.words
    ]  # fmt: skip
    return None if alarm is None or not told else min(told) - alarm


def _replans(facts: list[FactSeen]) -> int:
    adopted = [fact.side for fact in facts if fact.kind == "plan.adopted"]
    return len(adopted) - len(set(adopted))


def _estimates(runs: list[RunNumbers]) -> dict[str, Estimate]:
    sealed = [run.sealed_s for run in runs if run.sealed_s is not None]
    return {
        "vehicle did not get out": rate([run.stopped for run in runs]),
        "seconds to the first side sealed": mean(sealed),
        "deadlines missed": mean([float(run.missed) for run in runs]),
        "messages": mean([float(run.messages) for run in runs]),
        "plans after the first": mean([float(run.replans) for run in runs]),
        "expected actions met": mean([run.met for run in runs]),
    }


def _gains(ours: list[RunNumbers], theirs: list[RunNumbers]) -> dict[str, Estimate]:
    """By how much the joint plan has more of each, exercise by exercise."""
    return {
        "vehicle did not get out": paired(
            [float(run.stopped) for run in ours], [float(run.stopped) for run in theirs]
        ),
        "deadlines missed": paired(
            [float(run.missed) for run in ours], [float(run.missed) for run in theirs]
        ),
        "messages": paired(
            [float(run.messages) for run in ours], [float(run.messages) for run in theirs]
        ),
        "plans after the first": paired(
            [float(run.replans) for run in ours], [float(run.replans) for run in theirs]
        ),
        "expected actions met": paired([run.met for run in ours], [run.met for run in theirs]),
    }
