"""Draw a plan, or the front alone, as a picture that is understood in five seconds."""

from __future__ import annotations

import io
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib import rc_context

from stopline.errors import BadInput
from stopline.rendering import style
from stopline.rendering.roads import Bands
from stopline.rendering.sheet import MAP_PX, Sheet, shown_routes
from stopline.rendering.viewport import View, fit_view
from stopline.sealing.plan_file.file import write_whole
from stopline.sealing.plan_reach import plan_reach
from stopline.standards.geojson import exit_point, source_point

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from stopline.sealing.plan import Plan, Route
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.reach import Front

_NEAR: Final = 0.25
_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "stopline",  # equal input makes equal files
    "font.family": ["DejaVu Sans"],
    "agg.path.chunksize": 20000,
}


def draw_plan(
    plan: Plan,
    problem: SealingProblem,
    path: Path | Sequence[Path],
    *,
    arrival_s: NDArray[np.float64] | None = None,
    look: style.Look | None = None,
) -> None:
    """Draw a plan to PNG or SVG files, by their names; each appears whole or not at all.

    Args:
        plan: the plan.
        problem: what it answers.
        path: one or more names that end in `.png` or `.svg`.
        arrival_s: float64[n], earliest arrival at each junction for the front; None for the
            arrival under this plan.
        look: sides, places, zone and title.

    Raises:
        Unsupported: the network has no coordinates.
        BadInput: another ending.
    """
    look = look or style.Look()
    reach_s = plan_reach(problem, plan) if arrival_s is None else arrival_s
    with drawing():
        sheet = Sheet(problem, look)
        routes = shown_routes(plan)
        sheet.map(_view(plan, problem, routes), plan, reach_s)
        sheet.plan(plan, routes)
        save(sheet.figure, path)


def draw_front(
    problem: SealingProblem,
    front: Front,
    path: Path | Sequence[Path],
    *,
    look: style.Look | None = None,
) -> None:
    """Draw where the vehicle can be after so many minutes if no road is closed.

    Args:
        problem: network, sources and exits.
        front: the moments and the arrivals.
        path: one or more names that end in `.png` or `.svg`.
        look: sides, places, zone and title.

    Raises:
        Unsupported: the network has no coordinates.
        BadInput: another ending.
    """
    look = look or style.Look()
    ends_s = np.array(sorted(step.minutes * 60.0 for step in front.steps))
    arrival_s = front.search.arrival_s
    with drawing():
        sheet = Sheet(problem, look)
        network = problem.network
        within = arrival_s <= ends_s[-1]
        around = np.column_stack((network.junction_lon, network.junction_lat))[within]
        sources = [source_point(network, source) for source in problem.sources]
        view = fit_view(np.concatenate((around, np.array(sources))), MAP_PX[2], MAP_PX[3])
        sheet.map(view, None, arrival_s, Bands(ends_s))
        sheet.front(front)
        save(sheet.figure, path)


def _view(plan: Plan, problem: SealingProblem, routes: tuple[Route, ...]) -> View:
    """Fit sources, seals and routes, and the exits not far from them."""
    network = problem.network
    points = [source_point(network, source) for source in problem.sources]
    points += [(seal.site.lon, seal.site.lat) for seal in plan.seals]
    for route in routes:
        points += [
            (float(network.junction_lon[j]), float(network.junction_lat[j]))
            for j in route.junctions
        ]
    exits = [exit_point(network, one) for one in problem.exits]
    if len(points) == len(problem.sources):
        points += exits
    core = np.array(points)
    low, high = np.nanmin(core, axis=0), np.nanmax(core, axis=0)
    room = (high - low) * _NEAR
    near = [one for one in exits if ((low - room <= one) & (np.array(one) <= high + room)).all()]
    return fit_view(np.array([*points, *near]), MAP_PX[2], MAP_PX[3])


@contextmanager
def drawing() -> Iterator[None]:
    """Settings under which pictures are drawn."""
    with rc_context(_SETTINGS), warnings.catch_warnings():
        # A road name in a script that the font lacks is drawn as boxes; that is no fault of ours.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def save(figure: Figure, path: Path | Sequence[Path]) -> None:
    """Write a figure to PNG or SVG files; each appears whole or not at all."""
    for one in [path] if isinstance(path, Path) else path:
        form = one.suffix.lower().removeprefix(".")
        if form not in ("png", "svg"):
            raise BadInput.single(
                str(one), one.suffix or "no ending", "a name ending in .png or .svg"
            )
        data = io.BytesIO()
        nothing: dict[str, Any] = {"Date": None} if form == "svg" else {"Software": "Stopline"}
        figure.savefig(data, format=form, dpi=style.DPI, metadata=nothing)
        write_whole(one, data.getvalue())
