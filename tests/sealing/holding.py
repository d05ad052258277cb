"""Hold many random problems against the truth, and show the first failure taken apart."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sealing.instances import described, random_problem, reduced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stopline.sealing.problem import SealingProblem

    Check = Callable[[SealingProblem], list[str]]

MOST_SHOWN = 5
REDUCE_FOR_S = 20.0


def hold(seeds: Iterable[int], check: Check) -> None:
    """Assert that `check` finds no fault in the problem of any seed.

    To look at one again: `check(random_problem(seed))`.
    """
    failed: dict[int, list[str]] = {}
    for seed in seeds:
        faults = _faults(check, random_problem(seed))
        if faults:
            failed[seed] = faults
            if len(failed) == MOST_SHOWN:
                break
    if not failed:
        return
    lines = [f"seed {seed}: {'; '.join(faults)}" for seed, faults in failed.items()]
    smallest = _reduced(random_problem(next(iter(failed))), check)
    lines += ["", f"the first, reduced: {'; '.join(_faults(check, smallest))}"]
    lines.append(described(smallest))
    raise AssertionError("\n".join(lines))


def _faults(check: Check, problem: SealingProblem) -> list[str]:
    try:
        return check(problem)
    except Exception as error:  # noqa: BLE001  (whatever it is, the seed must be told)
        return [f"{type(error).__name__}: {error}"]


def _reduced(problem: SealingProblem, check: Check) -> SealingProblem:
    until = time.monotonic() + REDUCE_FOR_S
    kind = _kind(_faults(check, problem))
    return reduced(
        problem,
        lambda smaller: time.monotonic() < until and _kind(_faults(check, smaller)) == kind,
    )


def _kind(faults: list[str]) -> set[str]:
    """What fails, without its figures."""
    return {" ".join(w for w in f.split()[:3] if w.isalpha()) for f in faults}
