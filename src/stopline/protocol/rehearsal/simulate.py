"""Rehearse a protocol thousands of times before the day: how long everything takes, what fails."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.protocol.rehearsal.run import Run
from stopline.protocol.rehearsal.setup import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stopline.protocol.reader import ProtocolFile
    from stopline.protocol.rehearsal.schema import Rehearsal, Variant

PLAIN = "as planned"


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step on the critical path of a milestone.

    Attributes:
        label: who and what, for example `lead duty_officer: alert_other_side`.
        share: share of the runs that reach the milestone in which it lies on the path.
        mean_s: mean seconds that it takes where it does, waiting included.
    """

    label: str
    share: float
    mean_s: float


@dataclass(frozen=True, slots=True)
class RehearsalOutcome:
    """What all runs of one variant came to.

    Attributes:
        title: the variant in words.
        runs: how many.
        times_s: for each milestone, sorted seconds after the alarm; infinite where not reached.
        missed: for each task and part, the share of runs in which its deadline was missed.
        paths: for each milestone, the steps of its critical path, the longest in sum first.
        refused: facts that the protocol did not allow, per run.
    """

    title: str
    runs: int
    times_s: Mapping[str, Sequence[float]]
    missed: Mapping[tuple[str, str], float]
    paths: Mapping[str, Sequence[PathStep]]
    refused: Mapping[str, float]

    def quantile_s(self, milestone: str, share: float) -> float:
        """The time within which a share of the runs reaches a milestone; infinite if fewer do."""
        times = self.times_s[milestone]
        return times[max(0, math.ceil(share * len(times)) - 1)]

    def reached(self, milestone: str) -> float:
        """The share of runs that reach a milestone."""
        times = self.times_s[milestone]
        return sum(map(math.isfinite, times)) / len(times)

    def within(self, milestone: str, limit_s: float) -> float:
        """The share of runs that reach a milestone within a time."""
        times = self.times_s[milestone]
        return sum(time <= limit_s for time in times) / len(times)


@dataclass(frozen=True, slots=True)
class Simulation:
    """The plain rehearsal and its variants, made with one seed."""

    seed: int
    outcomes: Mapping[str, RehearsalOutcome]


def simulate(
    file: ProtocolFile,
    rehearsal: Rehearsal,
    *,
    runs: int = 1000,
    seed: int = 1,
    variants: bool = True,
) -> Simulation:
    """Rehearse a protocol; the same arguments give the same result.

    Args:
        file: the document.
        rehearsal: how long people and messages take, and what happens from outside.
        runs: how many incidents of each variant.
        seed: of the random numbers.
        variants: rehearse the variants too, not only the plain case.

    Raises:
        BadInput: if the rehearsal names what the protocol does not have.
    """
    stage = Stage(file, rehearsal)
    chosen: dict[str, Variant | None] = {PLAIN: None}
    if variants:
        chosen.update(rehearsal.variants)
    return Simulation(
        seed, {name: _play(stage, name, variant, runs, seed) for name, variant in chosen.items()}
    )


def _play(
    stage: Stage, name: str, variant: Variant | None, runs: int, seed: int
) -> RehearsalOutcome:
    milestones = stage.protocol.milestones
    times: dict[str, list[float]] = {key: [] for key in milestones}
    missed: Counter[tuple[str, str]] = Counter()
    refused: Counter[str] = Counter()
    on_path: dict[str, dict[str, list[float]]] = {key: defaultdict(list) for key in milestones}
    for number in range(runs):
        run = Run(stage, variant, f"{seed}/{number}")
        run.play()
        missed.update(run.missed)
        refused.update(run.refused)
        for key, milestone in milestones.items():
            time_s, node = run.milestone(milestone)
            times[key].append(time_s)
            if math.isfinite(time_s):
                for label, took in run.path(node):
                    on_path[key][label].append(took)
    return RehearsalOutcome(
        title=name if variant is None else variant.title,
        runs=runs,
        times_s={key: tuple(sorted(values)) for key, values in times.items()},
        missed={key: count / runs for key, count in missed.most_common()},
        paths={key: _steps(found, times[key]) for key, found in on_path.items()},
        refused={key: count / runs for key, count in refused.most_common()},
    )


def _steps(found: Mapping[str, list[float]], times: Sequence[float]) -> tuple[PathStep, ...]:
    reached = max(1, sum(map(math.isfinite, times)))
    ordered = sorted(found.items(), key=lambda item: (-sum(item[1]), item[0]))
    return tuple(
        PathStep(label, min(1.0, len(took) / reached), sum(took) / len(took))
        for label, took in ordered
    )
