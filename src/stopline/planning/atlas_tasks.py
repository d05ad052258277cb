"""The work of an atlas cut into tasks that processes, or machines of a cluster, can do apart.

A task asks the planner for some origins under one set of forces, and gives its answers. Whoever
gave it out lets all answers narrow the bounds, so the result does not depend on who did what.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stopline.event.atlas import make_atlas
from stopline.event.atlas_work import PlannerAnswer
from stopline.planning.atlas_input import load_region
from stopline.sealing.plan_file.writing import sites_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stopline.sealing.problem import SealingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class AtlasTask:
    """Some origins under one set of forces.

    Attributes:
        path: the event or scenario file.
        units: ids of the units on duty.
        origins: junctions.
        origin_limit_s: computing time for one origin.
        time_limit_s: for all of them.
        answers: known already.
    """

    path: str
    units: tuple[str, ...]
    origins: tuple[int, ...]
    origin_limit_s: float
    time_limit_s: float
    answers: tuple[PlannerAnswer, ...]


def run(task: AtlasTask) -> list[PlannerAnswer]:
    """Do a task; the answers that are new."""
    problem = with_units(load_region(Path(task.path)).problem, task.units)
    new: list[PlannerAnswer] = []
    make_atlas(
        problem,
        np.array(task.origins, dtype=np.int32),
        origin_limit_s=task.origin_limit_s,
        time_limit_s=task.time_limit_s,
        answers=task.answers,
        on_answer=new.append,
    )
    return new


def with_units(problem: SealingProblem, ids: Sequence[str]) -> SealingProblem:
    """The problem with some of its units."""
    wanted = set(ids)
    rows = [row for row, unit in enumerate(problem.units) if unit.id in wanted]
    places = problem.unit_places
    return replace(
        problem,
        units=tuple(problem.units[row] for row in rows),
        unit_places=None if places is None else tuple(places[row] for row in rows),
    )


def do_all(
    tasks: Sequence[AtlasTask],
    *,
    jobs: int,
    cluster: str | None,
    on_done: Callable[[int, list[PlannerAnswer]], None],
) -> None:
    """Do tasks in processes, or on a Dask cluster by its address; each is told when it is done."""
    if cluster is not None:
        _on_cluster(tasks, cluster, on_done)
        return
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        waiting = {pool.submit(run, task): number for number, task in enumerate(tasks)}
        for done in as_completed(waiting):
            on_done(waiting[done], done.result())


def _on_cluster(
    tasks: Sequence[AtlasTask], address: str, on_done: Callable[[int, list[PlannerAnswer]], None]
) -> None:
    from distributed import Client  # noqa: PLC0415  (an extra)
    from distributed import as_completed as completed  # noqa: PLC0415

    with Client(address) as client:  # type: ignore[no-untyped-call]
        futures = [client.submit(run, task, pure=False) for task in tasks]
        number_of = {future.key: number for number, future in enumerate(futures)}
        for done in completed(futures):  # type: ignore[no-untyped-call]
            on_done(number_of[done.key], done.result())


class AnswerBook:
    """The planner's answers to one set of forces, kept on disk so that a run can go on.

    Args:
        folder: where answers are kept; None to keep none.
        problem: what they are answers to; another problem has another file.
    """

    def __init__(self, folder: Path | None, problem: SealingProblem) -> None:
        self._path: Path | None = None
        self.answers: list[PlannerAnswer] = []
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"answers-{problem_digest(problem)[:16]}.jsonl"
        if self._path.exists():
            self.answers = list(_read(self._path))

    def add(self, answers: Sequence[PlannerAnswer]) -> None:
        """Keep answers."""
        self.answers += answers
        if self._path is not None and answers:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(_line(answer) for answer in answers)


def problem_digest(problem: SealingProblem) -> str:
    """Hex SHA-256 over all that an answer depends on."""
    parts: list[Any] = [
        problem.network.digest,
        repr(problem.vehicle),
        [(one.kind, one.index) for one in problem.exits],
        sites_digest(problem),
        [repr(unit) for unit in problem.units],
        problem.rules.margin_s,
        problem.rules.units_obey_one_way,
        problem.rules.units_cross_borders,
    ]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _line(answer: PlannerAnswer) -> str:
    content = {
        "junction": answer.junction,
        "impossible_s": {str(place): time_s for place, time_s in answer.impossible_s.items()},
        "shut_s": {str(site): time_s for site, time_s in answer.shut_s.items()},
        "held": dict(answer.held),
        "seconds": round(answer.seconds, 3),
    }
    return json.dumps(content) + "\n"


def _read(path: Path) -> Iterator[PlannerAnswer]:
    """The answers of a file; a last line that was cut off by a crash is passed over."""
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            content = json.loads(line)
            yield PlannerAnswer(
                junction=int(content["junction"]),
                impossible_s={int(j): float(t) for j, t in content["impossible_s"].items()},
                shut_s={int(site): float(t) for site, t in content["shut_s"].items()},
                held={str(unit): int(site) for unit, site in content["held"].items()},
                seconds=float(content["seconds"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
