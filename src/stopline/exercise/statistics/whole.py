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
from stopline.exercise.statistics.intervals import Estimate, mean, rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.exercise.engine.ports import FactSeen

_SEALED: Final = "sections_sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNumbers:
    """What one whole exercise came to.

    Attributes:
        seed: of all chance.
        stopped: the vehicle did not get out.
        sealed_s: exercise seconds from the alarm until the first side told that its sections are
            closed; None if none did.
        missed: deadlines that passed on both sides.
        messages: messages that crossed the line.
        replans: plans adopted after the first, on both sides.
        met: share of the expected actions that were met.
    """

    seed: int
    stopped: bool
    sealed_s: float | None
    missed: int
    messages: int
    replans: int
    met: float


@dataclass(frozen=True, slots=True)
class WholeTable:
    """The numbers of many exercises, with their intervals, by what they say."""

    runs: tuple[RunNumbers, ...]
    estimates: dict[str, Estimate]


def repeat_exercise(
    path: Path,
    seeds: list[int],
    *,
    jobs: int = 1,
    network: Path | None = None,
    progress: Callable[[RunNumbers], None] | None = None,
) -> WholeTable:
    """Play an exercise headless from each of some seeds.

    Args:
        path: the document.
        seeds: one for each exercise.
        jobs: processes.
        network: the road network that the user brings.
        progress: told of each that is done.

    Raises:
        BadInput: a record does not verify, or the two sides disagree.
    """
    runs: list[RunNumbers] = []
    if jobs <= 1:
        for seed in seeds:
            runs.append(_one(path, seed, network))
            if progress is not None:
                progress(runs[-1])
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            waiting = [pool.submit(_one, path, seed, network) for seed in seeds]
            for future in as_completed(waiting):
                runs.append(future.result())
                if progress is not None:
                    progress(runs[-1])
    runs.sort(key=lambda run: run.seed)
    return WholeTable(tuple(runs), _estimates(runs))


def _one(path: Path, seed: int, network: Path | None) -> RunNumbers:
    with tempfile.TemporaryDirectory(prefix="stopline-whole-") as name:
        loaded = load_exercise(path, network=network, work=Path(name))
        outcome, engine = play_headless(loaded, Path(name) / "run", seed=seed)
    facts = engine.facts
    rows = [row for row in outcome.evaluation.rows if row.result != "not given"]
    return RunNumbers(
        seed=seed,
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
