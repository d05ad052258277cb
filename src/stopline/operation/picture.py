"""Draw a plan, or the front alone, as a picture that is understood in five seconds."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from stopline.errors import BadInput
from stopline.operation import picture_style as style
from stopline.operation.clock_text import Clock, span
from stopline.operation.picture_legend import Legend, draw_legend
from stopline.operation.picture_marks import (
    Labels,
    draw_exits,
    draw_places,
    draw_route,
    draw_seals,
    draw_sources,
    draw_units,
    exit_point,
    route_line,
    source_point,
)
from stopline.operation.picture_panel import (
    Panel,
    Row,
    draw_footer,
    draw_scale_and_north,
    draw_title,
)
from stopline.operation.picture_roads import (
    Bands,
    bands_up_to,
    draw_reached,
    draw_roads,
    draw_tints,
    shown_sections,
)
from stopline.operation.picture_view import View, fit_view, needs_coordinates
from stopline.operation.plan_reach import plan_reach
from stopline.sealing.plan import SiteKind, Verdict
from stopline.sealing.plan_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.operation.front import Front
    from stopline.sealing.plan import Plan, Route
    from stopline.sealing.problem import SealingProblem

_MAP_PX: Final = (16.0, 42.0, 972.0, 950.0)
_PANEL_PX: Final = (1010.0, 42.0, 574.0, 950.0)
_MOST_SPOKEN: Final = 9
_MOST_ROUTES: Final = 3
_NEAR: Final = 0.25
_WORD: Final = {
    Verdict.SEALED: "SEALED",
    Verdict.LEAKING: "LEAKING",
    Verdict.IMPOSSIBLE: "IMPOSSIBLE",
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
    with _drawing():
        sheet = _Sheet(problem, look)
        routes = _routes_of(plan)
        sheet.map(_view(plan, problem, routes), plan, reach_s)
        sheet.plan(plan, routes)
        _save(sheet.figure, path)


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
    with _drawing():
        sheet = _Sheet(problem, look)
        network = problem.network
        within = arrival_s <= ends_s[-1]
        around = np.column_stack((network.junction_lon, network.junction_lat))[within]
        sources = [source_point(network, source) for source in problem.sources]
        view = fit_view(np.concatenate((around, np.array(sources))), _MAP_PX[2], _MAP_PX[3])
        sheet.map(view, None, arrival_s, Bands(ends_s))
        sheet.front(front)
        _save(sheet.figure, path)


class _Sheet:
    """One picture in the making: a map on the left, a panel on the right."""

    def __init__(self, problem: SealingProblem, look: style.Look) -> None:
        needs_coordinates(problem.network)
        self.problem, self.look = problem, look
        self.clock = Clock(problem.now_utc_s, look.zone)
        self.sides = style.side_looks(look, problem.units)
        self.figure = Figure(figsize=style.SIZE_IN, dpi=style.DPI, facecolor="white")
        self.canvas = FigureCanvasAgg(self.figure)
        whole = np.array(style.SIZE_IN) * style.DPI
        left, bottom, width, height = _MAP_PX
        self.axes = self.figure.add_axes(
            (left / whole[0], bottom / whole[1], width / whole[0], height / whole[1])
        )
        self.panel = Panel(self.figure, *_PANEL_PX)

    def map(
        self,
        view: View,
        plan: Plan | None,
        arrival_s: NDArray[np.float64],
        bands: Bands | None = None,
    ) -> None:
        """Draw the ground: tints, roads, and how far the vehicle can get."""
        network = self.problem.network
        self.axes.set(
            xlim=(-view.half_width_m, view.half_width_m),
            ylim=(-view.half_height_m, view.half_height_m),
            xticks=[],
            yticks=[],
            facecolor=style.PAPER,
        )
        stopped = (
            {s.site.index for s in plan.seals if s.site.kind == SiteKind.SECTION} if plan else set()
        )
        driven = {section for route in _routes_of(plan) for section in route.sections}
        shown, seen = shown_sections(network, view, sorted(stopped | driven))
        colours = style.territory_colours(network, self.look, self.problem.units, self.sides)
        draw_tints(self.axes, network, view, seen, colours)
        draw_roads(self.axes, network, view, shown)
        if bands is None:
            ends = np.stack((network.section_tail[shown], network.section_head[shown]))
            reached = arrival_s[ends]
            reached = reached[np.isfinite(reached)]
            bands = bands_up_to(float(np.quantile(reached, 0.98)) if reached.size else 60.0)
        draw_reached(self.axes, network, view, shown, arrival_s, bands, frozenset(stopped))
        draw_scale_and_north(self.axes, view)
        self.view, self.bands, self.labels = view, bands, Labels(view)

    def plan(self, plan: Plan, routes: tuple[Route, ...]) -> None:
        """Draw what a plan says, on the map and beside it."""
        sites = {h.unit: (s.site.lon, s.site.lat) for s in plan.seals for h in s.holders}
        proof_only = not plan.open_routes
        for route in routes:
            line = route_line(self.problem.network, self.view, route)
            if line.size:
                draw_route(self.axes, line, self.labels, dashed=proof_only)
                self._route_label(route, line)
        draw_units(self.axes, self.problem, self.labels, self.sides, sites)
        open_exits = {*plan.open_exits, *(route.exit for route in routes)}
        draw_exits(self.axes, self.problem, self.labels, open_exits)
        draw_sources(self.axes, self.problem, self.labels)
        rows = self._rows(plan)
        spoken = len(rows) <= _MOST_SPOKEN
        draw_seals(
            self.axes,
            self.labels,
            [
                ((seal.site.lon, seal.site.lat), row.look, self._seal_label(row) if spoken else "")
                for seal, row in zip(plan.seals, rows, strict=True)
            ],
        )
        self._finish()
        self._plan_panel(plan, rows, routes)
        self._frame(_WORD[plan.verdict], plan.sentence, style.VERDICT[plan.verdict])

    def front(self, front: Front) -> None:
        """Draw what a front says, on the map and beside it."""
        last = front.steps[-1]
        reached = [one for one in front.exits if one[3] <= last.minutes * 60]
        draw_exits(self.axes, self.problem, self.labels, {one[0] for one in reached})
        draw_sources(self.axes, self.problem, self.labels)
        self._finish()
        panel = self.panel
        panel.heading("Where it can be if no road is closed")
        for step in front.steps:
            text = f"{step.road_km:,.0f} km of road, {step.farthest_km:.1f} km away, {step.exits} exits"
            panel.line(
                (0, f"by {self.clock.minute(step.minutes * 60)}"),
                (92, f"+{step.minutes:g} min"),
                (190, text),
            )
        panel.heading("Exits it reaches first" if reached else "It reaches no exit by then")
        for name, _, _, at_s in reached[:12]:
            panel.line((0, self.clock.exact(at_s)), (92, style.shortened(name, 62)))
        self._legend(Legend(exits=True, reached_exits=bool(reached)))
        sentence = (
            f"After {last.minutes:g} minutes it can be on {last.road_km:,.0f} km of road"
            f" and have reached {len(reached)} of {len(self.problem.exits)} exits."
        )
        self._frame("REACH", sentence, "#4a2c7a")

    def _route_label(self, route: Route, line: NDArray[np.float64]) -> None:
        inside = np.flatnonzero(self.view.contains(line))
        at = line[inside[-1] if inside.size else -1]
        text = (
            f"OPEN: reaches {style.shortened(route.exit, 34)}\n"
            f"at {self.clock.minute(route.arrival_s)} ({span(route.arrival_s, sign=True)})"
        )
        self.labels.add(
            self.axes, text, at, style.OPEN, color="white", facecolor=style.OPEN, fontweight="bold"
        )

    def _rows(self, plan: Plan) -> list[Row]:
        return [
            Row(
                number=number,
                look=self.sides[seal.holders[0].side],
                where=seal.site.name,
                units=", ".join(holder.unit for holder in seal.holders),
                order_by=self.clock.exact(min(h.order_by_s for h in seal.holders)),
                closed=self.clock.exact(seal.closed_at_s, late=True),
                margin=span(seal.margin_s, sign=True),
                late=seal.margin_s < plan.required_margin_s,
            )
            for number, seal in enumerate(plan.seals, start=1)
        ]

    def _seal_label(self, row: Row) -> str:
        return (
            f"{style.shortened(row.where, 26)} · {style.shortened(row.units, 20)}\n"
            f"closed {row.closed} · margin {row.margin}"
        )

    def _finish(self) -> None:
        size = (_MAP_PX[2], _MAP_PX[3])
        # The scale bar and the north arrow are in the way as well.
        self.labels.boxes += [(0.0, 0.0, 245.0, 62.0), (size[0] - 60, size[1] - 95, *size)]
        self.labels.weights += [500.0, 500.0]
        self.labels.place(self.axes, self.canvas.get_renderer(), size)
        draw_places(self.axes, self.labels, self.look.places, self.canvas.get_renderer())

    def _plan_panel(self, plan: Plan, rows: list[Row], routes: tuple[Route, ...]) -> None:
        panel, clock = self.panel, self.clock
        for route in routes:
            panel.heading(f"Open: {style.shortened(route.exit, 52)}", style.OPEN)
            panel.paragraph(
                f"From {route.source} it gets there at {clock.exact(route.arrival_s)}"
                f" ({span(route.arrival_s, sign=True)}).",
                2,
            )
        reasons = [step.reason for step in plan.proof if step.reason][:1]
        if plan.verdict == Verdict.IMPOSSIBLE and reasons:
            panel.heading("Why it cannot be sealed", style.OPEN)
            panel.paragraph(reasons[0], 4)
        if plan.missing:
            panel.heading("What is missing")
            panel.paragraph(plan.missing, 4)
        if rows:
            partly = "" if plan.verdict == Verdict.SEALED else ", the best that can be done"
            panel.heading(f"{len(rows)} roads to close{partly}")
            panel.table(rows, _PANEL_PX[3] - panel.at - 235)
        self._legend(
            Legend(seals=bool(rows), exits=True, routes=bool(routes), reached_exits=bool(routes))
        )

    def _legend(self, what: Legend) -> None:
        draw_legend(self.panel, what, list(self.sides.values()), self.bands, self.clock)

    def _frame(self, word: str, sentence: str, colour: str) -> None:
        network, vehicle = self.problem.network, self.problem.vehicle
        now = (f"now {self.clock.now:%H:%M:%S}", self.clock.day())
        draw_title(self.figure, word, sentence, colour, now)
        rules = "obeys one-way roads" if vehicle.obeys_one_way else "ignores one-way roads"
        parts = [
            self.look.title,
            f"vehicle: {vehicle.speed_factor:g} x the limit, {rules}",
            f"roads: {Path(network.source).name} {network.digest[:8]}".rstrip(),
        ]
        footer = "  |  ".join(part for part in parts if part)
        draw_footer(self.figure, footer, network.attribution)


def _routes_of(plan: Plan | None) -> tuple[Route, ...]:
    """The routes to show: those that are open, or else those of the proof."""
    if plan is None:
        return ()
    routes = plan.open_routes or tuple(step.route for step in plan.proof)
    return routes[:_MOST_ROUTES]


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
    return fit_view(np.array([*points, *near]), _MAP_PX[2], _MAP_PX[3])


class _drawing:  # noqa: N801  (reads as a verb where it is used)
    """Settings under which pictures are drawn: text stays text in SVG, and equal input is equal."""

    def __enter__(self) -> None:
        self._rc = rc_context(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": "stopline",
                "font.family": ["DejaVu Sans"],
                "path.simplify_threshold": 0.4,
                "agg.path.chunksize": 20000,
            }
        )
        self._rc.__enter__()
        self._quiet = warnings.catch_warnings()
        self._quiet.__enter__()
        # A road name in a script that the font lacks is drawn as boxes; that is no fault of ours.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")

    def __exit__(self, *error: object) -> None:
        self._quiet.__exit__(*error)
        self._rc.__exit__(*error)


def _save(figure: Figure, path: Path | Sequence[Path]) -> None:
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
