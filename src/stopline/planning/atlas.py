"""The use case of a readiness atlas: from where could today's forces not seal, hour by hour?"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.documents.json_file import write_json
from stopline.documents.output_folder import whole_outputs
from stopline.event.atlas import Atlas, make_atlas
from stopline.event.atlas_work import AtlasWork, begin
from stopline.event.what_helps import (
    Gain,
    bound_gains,
    candidates,
    earlier_alarms,
    greedy_sequence,
)
from stopline.planning.atlas_files import (
    AtlasResult,
    SetAtlas,
    WorkedOut,
    atlas_document,
    atlas_geojson,
    atlas_tsv,
)
from stopline.planning.atlas_input import AtlasRegion, load_region, origins_of
from stopline.planning.atlas_tasks import AnswerBook, AtlasTask, do_all, with_units

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.event.atlas_work import PlannerAnswer
    from stopline.sealing.problem import SealingProblem

    Progress = Callable[[str, float], None]

ATLAS_FILES: Final = ("atlas.json", "atlas.geojson", "atlas.tsv", "atlas.png", "atlas.svg")
_WORK: Final = "atlas-work"
_BEST: Final = 5
_STEPS: Final = 3
_HELP_LIMIT_S: Final = 20.0
_CHUNK: Final = 400  # origins of a task, so that several processes have work


def make_region_atlas(
    path: Path,
    out_dir: Path | None = None,
    *,
    jobs: int = 1,
    cluster: str | None = None,
    origin_limit_s: float = 15.0,
    time_limit_s: float = 180.0,
    helps: bool = True,
    pictures: bool = True,
    progress: Progress | None = None,
) -> AtlasResult:
    """Make the atlas of an event or scenario and write it.

    Args:
        path: the YAML file.
        out_dir: folder for the files, and for the answers of the planner, from which a run that
            was stopped goes on; None writes none.
        jobs: processes to use.
        cluster: address of a Dask cluster in place of processes.
        origin_limit_s: computing time for one origin.
        time_limit_s: computing time for each set of forces; who is not decided then keeps its
            interval.
        helps: whether to ask what would help.
        pictures: whether to draw.
        progress: told what is being done and how much of it is done, 0 to 1.

    Raises:
        BadInput: with all faults of the file.
    """
    started = time.perf_counter()
    report = progress or (lambda _what, _part: None)
    region = load_region(path, progress)
    origins = origins_of(region.problem)
    sets = [
        _make_set(region, units, hours, origins, out_dir, jobs, cluster, origin_limit_s,
                  time_limit_s, report)
        for units, hours in _distinct(region)
    ]  # fmt: skip
    gains: list[Gain] = []
    best: list[WorkedOut] = []
    sequence: list[Gain] = []
    if helps:
        weakest = min(sets, key=lambda one: (int(one.atlas.sealed.sum()), len(one.units)))
        gains, best, sequence = _what_helps(region, weakest, origins, report)
    result = AtlasResult(
        region=region,
        sets=tuple(sets),
        gains=tuple(gains),
        best=tuple(best),
        sequence=tuple(sequence),
        seconds=time.perf_counter() - started,
    )
    if out_dir is None:
        return result
    with whole_outputs(out_dir, ATLAS_FILES) as draft:
        write_json(draft / "atlas.json", atlas_document(result))
        write_json(draft / "atlas.geojson", atlas_geojson(result))
        (draft / "atlas.tsv").write_text(atlas_tsv(result), encoding="utf-8")
        if pictures:
            from stopline.planning.atlas_map import draw_atlas  # noqa: PLC0415  (matplotlib)

            report("drawing", 0.95)
            draw_atlas(result, [draft / "atlas.png", draft / "atlas.svg"])
        names = sorted(one.name for one in draft.iterdir())
    return AtlasResult(
        region=region, sets=result.sets, gains=result.gains, best=result.best,
        sequence=result.sequence, seconds=time.perf_counter() - started,
        files=tuple(out_dir / name for name in names),
    )  # fmt: skip


def _distinct(region: AtlasRegion) -> list[tuple[tuple[str, ...], tuple[float, ...]]]:
    """Each set of forces once, with the hours in which it is on duty."""
    hours: dict[tuple[str, ...], list[float]] = {}
    for start, units in region.hours:
        hours.setdefault(units, []).append(start)
    return [(units, tuple(starts)) for units, starts in hours.items()]


def _make_set(
    region: AtlasRegion,
    units: tuple[str, ...],
    hours: tuple[float, ...],
    origins: NDArray[np.int32],
    out_dir: Path | None,
    jobs: int,
    cluster: str | None,
    origin_limit_s: float,
    time_limit_s: float,
    report: Progress,
) -> SetAtlas:
    problem = with_units(region.problem, units)
    book = AnswerBook(None if out_dir is None else out_dir / _WORK, problem)
    report("bounds for all places", 0.0)
    work = begin(problem)
    if jobs <= 1 and cluster is None:
        atlas = make_atlas(
            problem, origins, origin_limit_s=origin_limit_s, time_limit_s=time_limit_s,
            answers=tuple(book.answers), on_answer=lambda answer: book.add([answer]),
            progress=report, work=work,
        )  # fmt: skip
    else:
        atlas = _shared(region, units, problem, origins, book, work, jobs, cluster,
                        origin_limit_s, time_limit_s, report)  # fmt: skip
    return SetAtlas(
        units=units, hours=hours, atlas=atlas, alarms=earlier_alarms(atlas),
        answers=tuple(book.answers),
    )  # fmt: skip


def _shared(
    region: AtlasRegion,
    units: tuple[str, ...],
    problem: SealingProblem,
    origins: NDArray[np.int32],
    book: AnswerBook,
    work: AtlasWork,
    jobs: int,
    cluster: str | None,
    origin_limit_s: float,
    time_limit_s: float,
    report: Progress,
) -> Atlas:
    """Give the undecided origins out in pieces, then let all answers narrow the bounds."""
    started = time.perf_counter()
    for answer in book.answers:
        work.take(answer)
    undecided = work.undecided(origins)
    by_bounds = int((~undecided).sum())
    waiting = origins[undecided]
    count = max(1, min(-(-waiting.size // _CHUNK), 4 * jobs)) if waiting.size else 0
    tasks = [
        AtlasTask(
            path=str(region.path.absolute()), units=units, origins=tuple(piece.tolist()),
            origin_limit_s=origin_limit_s, time_limit_s=time_limit_s * jobs / count,
            answers=tuple(book.answers),
        )
        for piece in np.array_split(waiting, count)
    ] if count else []  # fmt: skip
    done = 0

    def take(_number: int, answers: list[PlannerAnswer]) -> None:
        nonlocal done
        book.add(answers)
        done += 1
        report("asking the planner", done / len(tasks))

    if tasks:
        do_all(tasks, jobs=jobs, cluster=cluster, on_done=take)
    atlas = make_atlas(problem, origins, time_limit_s=0.0, answers=tuple(book.answers), work=work)
    return Atlas(
        origins=atlas.origins, low_s=atlas.low_s, high_s=atlas.high_s, asked=atlas.asked,
        by_bounds=by_bounds, seconds=time.perf_counter() - started,
    )  # fmt: skip


def posts_of(problem: SealingProblem) -> list[tuple[str, float, float]]:
    """Where one more unit could wait: prepared checkpoints, and where units stand today."""
    posts: dict[tuple[float, float], str] = {}
    for number, name in problem.sites.names.items():
        site = problem.site(number)
        posts.setdefault((round(site.lon, 5), round(site.lat, 5)), name)
    for unit in problem.units:
        posts.setdefault((round(unit.lon, 5), round(unit.lat, 5)), f"the post of {unit.id}")
    return [(name, lon, lat) for (lon, lat), name in posts.items()]


def _what_helps(
    region: AtlasRegion, weakest: SetAtlas, origins: NDArray[np.int32], report: Progress
) -> tuple[list[Gain], list[WorkedOut], list[Gain]]:
    problem = with_units(region.problem, weakest.units)
    posts = posts_of(problem) or posts_of(region.problem)
    gains = bound_gains(list(candidates(problem, posts)), origins, report)
    best = []
    # What the forces of today seal, more or faster forces seal as well; their proofs do not hold.
    plans = [replace(one, impossible_s={}, seconds=0.0) for one in weakest.answers]
    for number, gain in enumerate(gains[:_BEST]):
        report(f"working out {gain.candidate.name}", number / _BEST)
        atlas = make_atlas(
            gain.candidate.problem, origins, origin_limit_s=2.0, time_limit_s=_HELP_LIMIT_S,
            answers=tuple(plans),
        )  # fmt: skip
        best.append(
            WorkedOut(gain=gain, sealed=int(atlas.sealed.sum()), open=int(atlas.open.sum()))
        )
    sequence = greedy_sequence(problem, posts, origins, _STEPS, report)
    return gains, best, sequence
