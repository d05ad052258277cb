"""What would help most: one more unit at a post, a faster call-out, an earlier alarm.

For each candidate one search back from the exits bounds what it could do: from how many origins
sealing would still be impossible, whatever the plan. Gains do not add up: a ring needs all its
sites. A sequence of candidates is therefore greedy, not optimal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from stopline.event.atlas_work import AtlasWork, begin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from stopline.event.atlas import Atlas
    from stopline.forces.unit import Unit
    from stopline.sealing.problem import SealingProblem

EARLIER_S: Final = (30.0, 60.0, 120.0)
FASTER_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceChange:
    """A change of the forces.

    Attributes:
        name: in words.
        kind: `unit` or `call-out`.
        problem: the problem with it.
    """

    name: str
    kind: str
    problem: SealingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What a change could do at most.

    Attributes:
        candidate: the change.
        impossible: origins from which sealing is still impossible with it, proven by one search.
    """

    candidate: ForceChange
    impossible: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAlarm:
    """What an earlier alarm does; known from the leads, as bounds on both numbers.

    Attributes:
        earlier_s: by how much.
        sealed: origins that are sealed then, at least.
        open: origins from which sealing is impossible then, at least.
    """

    earlier_s: float
    sealed: int
    open: int


def candidates(
    problem: SealingProblem, posts: Sequence[tuple[str, float, float]]
) -> Iterator[ForceChange]:
    """One more unit like the nearest one at each post, and each agency called out faster.

    Args:
        problem: the forces as they are.
        posts: name, longitude and latitude of each place where a unit could wait.
    """
    for name, lon, lat in posts:
        if not problem.units:
            break
        like = min(problem.units, key=lambda unit: (unit.lon - lon) ** 2 + (unit.lat - lat) ** 2)
        more = replace(
            like, id=f"one more at {name}", name="", lon=lon, lat=lat, ready_s=0.0, strength=1,
            bound_to="",
        )  # fmt: skip
        yield ForceChange(
            name=f"one more unit of {like.agency} at {name}",
            kind="unit",
            problem=replace(problem, units=(*problem.units, more), unit_places=None),
        )
    agencies = dict.fromkeys((unit.side, unit.agency) for unit in problem.units)
    for side, agency in agencies:
        units = tuple(_faster(unit, side, agency) for unit in problem.units)
        if units != problem.units:
            yield ForceChange(
                name=f"{agency} of {side} ready {FASTER_S:g} s sooner",
                kind="call-out",
                problem=replace(problem, units=units),
            )


def _faster(unit: Unit, side: str, agency: str) -> Unit:
    if (unit.side, unit.agency) != (side, agency):
        return unit
    return replace(unit, ready_s=max(0.0, unit.ready_s - FASTER_S))


def bound_gains(
    given: Sequence[ForceChange],
    origins: NDArray[np.int32],
    progress: Callable[[str, float], None] | None = None,
) -> list[Gain]:
    """Bound what each candidate could do, the best first."""
    gains = []
    for number, one in enumerate(given):
        if progress is not None:
            progress("what would help", number / max(1, len(given)))
        gains.append(Gain(candidate=one, impossible=_impossible(begin(one.problem), origins)))
    return sorted(gains, key=lambda gain: (gain.impossible, gain.candidate.name))


def _impossible(work: AtlasWork, origins: NDArray[np.int32]) -> int:
    return int((work.low_s[origins] > 0).sum())


def earlier_alarms(atlas: Atlas) -> tuple[EarlierAlarm, ...]:
    """What an alarm that comes earlier does: every lead is as much shorter."""
    return tuple(
        EarlierAlarm(
            earlier_s=earlier_s,
            sealed=int((atlas.high_s <= earlier_s).sum()),
            open=int((atlas.low_s > earlier_s).sum()),
        )
        for earlier_s in EARLIER_S
    )


def greedy_sequence(
    problem: SealingProblem,
    posts: Sequence[tuple[str, float, float]],
    origins: NDArray[np.int32],
    steps: int,
    progress: Callable[[str, float], None] | None = None,
) -> list[Gain]:
    """Add one unit after the other, each where the bound falls most; greedy, not optimal."""
    chosen: list[Gain] = []
    now = problem
    for _ in range(steps):
        units = [one for one in candidates(now, posts) if one.kind == "unit"]
        if not units:
            break
        best = bound_gains(units, origins, progress)[0]
        if chosen and best.impossible >= chosen[-1].impossible:
            break
        chosen.append(best)
        taken = len(chosen)
        last = best.candidate.problem.units[-1]
        now = replace(
            best.candidate.problem,
            units=(*best.candidate.problem.units[:-1], replace(last, id=f"{last.id} ({taken})")),
        )
    return chosen
