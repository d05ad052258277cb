"""One sheet with a map and a panel: what a plan or a front puts where."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from stopline.rendering import style
from stopline.rendering.frame import draw_footer, draw_scale_and_north, draw_title
from stopline.rendering.legend import Legend, draw_legend, legend_height
from stopline.rendering.markers import (
    Labels,
    draw_exits,
    draw_ring,
    draw_route,
    draw_seals,
    draw_sources,
    draw_units,
    route_line,
)
from stopline.rendering.place_labels import draw_places
from stopline.rendering.roads import (
    Bands,
    bands_up_to,
    draw_reached,
    draw_roads,
    draw_tints,
    shown_sections,
)
from stopline.rendering.side_panel import Panel, PanelRow
from stopline.rendering.time_text import Clock, as_sentence, span, without_verdict
from stopline.rendering.viewport import View, needs_coordinates
from stopline.scenario.place_text import titles_of
from stopline.sealing.plan import TIE_S, SiteKind, Verdict
from stopline.sealing.seal_order import THEIRS, numbered_seals, order_by_s, sides_of
from stopline.sealing.wording import PART_OF_RING, needs, units_bound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.scenario.place_text import NamedPlace
    from stopline.sealing.plan import Plan, Route, Site
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.reach import Front

MAP_PX: Final = (16.0, 42.0, 972.0, 950.0)
_PANEL_PX: Final = (1010.0, 42.0, 574.0, 950.0)
_MOST_SPOKEN: Final = 9
_MOST_ROUTES: Final = 3
_MOST_EXITS: Final = 12
_LONG_NAME: Final = 38
_LONG_TIME: Final = 20  # characters
_COLUMN: Final = 17  # characters of a title that the narrowest column surely shows
_FRONT_COLOUR: Final = "#4a2c7a"


def _short_titles(sites: list[Site], places: Sequence[NamedPlace]) -> list[str]:
    """Titles that still read differently where the column cuts them short."""
    titles = titles_of(sites, places)
    cut = Counter(title[:_COLUMN] for title in titles)
    return [
        title if cut[title[:_COLUMN]] == 1 else f"{site.index}: {title}"
        for site, title in zip(sites, titles, strict=True)
    ]


class Sheet:
    """One picture in the making: a map on the left, a panel on the right."""

    def __init__(self, problem: SealingProblem, look: style.Look) -> None:
        needs_coordinates(problem.network)
        self.problem, self.look = problem, look
        self.clock = Clock(problem.now_utc_s, look.zone)
        self.sides = style.side_looks(look, problem.units)
        self.figure = Figure(figsize=style.SIZE_IN, dpi=style.DPI, facecolor="white")
        self.canvas = FigureCanvasAgg(self.figure)
        whole = np.array(style.SIZE_IN) * style.DPI
        left, bottom, width, height = MAP_PX
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
        stopped = (
            {s.site.index for s in plan.seals if s.site.kind == SiteKind.SECTION} if plan else set()
        )
        driven = {section for route in shown_routes(plan) for section in route.sections}
        shown = self.ground(view, sorted(stopped | driven))
        if bands is None:
            ends = np.stack((network.section_tail[shown], network.section_head[shown]))
            reached = arrival_s[ends]
            reached = reached[np.isfinite(reached)]
            bands = bands_up_to(float(np.quantile(reached, 0.98)) if reached.size else 60.0)
        draw_reached(self.axes, network, view, shown, arrival_s, bands, frozenset(stopped))
        self.bands = bands

    def ground(self, view: View, always: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int32]:
        """Draw tints and roads of a window; give the sections drawn, `always` among them."""
        network = self.problem.network
        self.axes.set(
            xlim=(-view.half_width_m, view.half_width_m),
            ylim=(-view.half_height_m, view.half_height_m),
            xticks=[],
            yticks=[],
            facecolor=style.PAPER,
        )
        shown, seen = shown_sections(network, view, always)
        colours = style.territory_colours(network, self.look, self.problem.units, self.sides)
        draw_tints(self.axes, network, view, seen, colours)
        draw_roads(self.axes, network, view, shown)
        draw_scale_and_north(self.axes, view)
        self.view, self.labels = view, Labels(view)
        return shown

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
        source = self._source_place()
        ring = [
            (seal.site.lon, seal.site.lat)
            for seal in plan.seals
            if seal.why.startswith(PART_OF_RING)
        ]
        draw_ring(self.axes, self.view, source, ring)
        draw_seals(
            self.axes,
            self.labels,
            [
                ((seal.site.lon, seal.site.lat), row.look, self._seal_label(row) if spoken else "")
                for (_, seal), row in zip(numbered_seals(plan), rows, strict=True)
            ],
        )
        self.finish_map()
        self._plan_panel(plan, rows, routes)
        sentence = without_verdict(plan.sentence, plan.verdict)
        self.frame(plan.verdict.upper(), sentence, style.VERDICT[plan.verdict])

    def _source_place(self) -> tuple[float, float]:
        """Where the first source is, as far as its nearest junction tells."""
        network, source = self.problem.network, self.problem.sources[0]
        junction = source.junction
        if junction is None:
            junction = int(network.section_tail[source.section or 0])
        return float(network.junction_lon[junction]), float(network.junction_lat[junction])

    def front(self, front: Front) -> None:
        """Draw what a front says, on the map and beside it."""
        last = front.steps[-1]
        reached = [one for one in front.exits if one[3] <= last.minutes * 60]
        draw_exits(self.axes, self.problem, self.labels, {one[0] for one in reached})
        draw_sources(self.axes, self.problem, self.labels)
        self.finish_map()
        panel = self.panel
        panel.heading("Where it can be if no road is closed")
        for step in front.steps:
            text = (
                f"{step.road_km:,.0f} km of road, {step.farthest_km:.1f} km away,"
                f" {step.exits} exits"
            )
            panel.line(
                (0, f"by {self.clock.minute(step.minutes * 60)}"),
                (92, f"+{step.minutes:g} min"),
                (190, text),
            )
        panel.heading("Exits it reaches first" if reached else "It reaches no exit by then")
        for name, _, _, at_s in reached[:_MOST_EXITS]:
            panel.line((0, self.clock.exact(at_s)), (92, style.shortened(name, 62)))
        self._legend(Legend(exits=True, reached_exits=bool(reached)))
        sentence = (
            f"After {last.minutes:g} minutes it can be on {last.road_km:,.0f} km of road"
            f" and have reached {len(reached)} of {len(self.problem.exits)} exits."
        )
        self.frame("REACH", sentence, _FRONT_COLOUR)

    def _route_label(self, route: Route, line: NDArray[np.float64]) -> None:
        inside = np.flatnonzero(self.view.contains(line))
        at = line[inside[-1] if inside.size else -1]
        text = (
            f"OPEN to {style.shortened(_in_short(route.exit), 38)}\n"
            f"at {self.clock.minute(route.arrival_s)} ({span(route.arrival_s, sign=True)})"
        )
        self.labels.add(
            self.axes, text, at, style.OPEN, color="white", facecolor=style.OPEN, fontweight="bold"
        )

    def _rows(self, plan: Plan) -> list[PanelRow]:
        numbered = list(numbered_seals(plan))
        titles = _short_titles([seal.site for _, seal in numbered], self.look.places)
        return [
            PanelRow(
                number=number,
                look=self.sides[sides_of(seal)[0]],
                where=title,
                units=", ".join(
                    (
                        *(h.unit for h in seal.holders),
                        *(f"{one.side} (committed)" for one in seal.committed),
                    )
                ),
                order_by=self.clock.short(order_by_s(seal)) if seal.holders else THEIRS,
                closed=self.clock.short(seal.closed_at_s, late=True),
                margin=_narrow(seal.margin_s),
                late=seal.margin_s < plan.required_margin_s - TIE_S,
            )
            for (number, seal), title in zip(numbered, titles, strict=True)
        ]

    def _seal_label(self, row: PanelRow) -> str:
        return (
            f"{style.shortened(row.where, 26)} · {style.shortened(row.units, 20)}\n"
            f"closed {row.closed} · margin {row.margin}"
        )

    def finish_map(self) -> None:
        """Put the labels where they cover least."""
        size = (MAP_PX[2], MAP_PX[3])
        renderer = self.canvas.get_renderer()  # type: ignore[no-untyped-call]
        # The scale bar and the north arrow are in the way as well.
        self.labels.boxes += [(0.0, 0.0, 245.0, 62.0), (size[0] - 60, size[1] - 95, *size)]
        self.labels.weights += [500.0, 500.0]
        self.labels.place(self.axes, renderer, size)
        frame = self.axes.get_window_extent(renderer)
        corner = np.array([frame.x0, frame.y0, frame.x0, frame.y0])
        texts = [text.get_window_extent(renderer) for text in self.labels.texts]
        taken = [np.array([*box.min, *box.max]) for box in texts]
        taken += [np.array(box) + corner for box in self.labels.boxes]
        within = np.array([frame.x0, -np.inf, frame.x1, np.inf])
        draw_places(self.axes, self.view, self.look.places, np.array(taken), within, renderer)

    def _plan_panel(self, plan: Plan, rows: list[PanelRow], routes: tuple[Route, ...]) -> None:
        panel, clock = self.panel, self.clock
        if routes:
            count = len(_one_for_each_exit(plan))
            panel.heading("1 open route" if count == 1 else f"{count} open routes", style.OPEN)
            times = [
                f"{clock.short(route.arrival_s)} ({span(route.arrival_s, sign=True)})"
                for route in routes
            ]
            left = 190 if max(map(len, times)) < _LONG_TIME else 220
            for at, route in zip(times, routes, strict=True):
                exit_name = panel.fitted(f"to {route.exit}", panel.width - left, 10.5)
                panel.line((0, at), (left, exit_name))
            if count > len(routes):
                panel.line((left, f"and {count - len(routes)} more, in the plan's files"))
        reasons = [step.reason for step in plan.proof if step.reason][:1]
        if plan.verdict == Verdict.IMPOSSIBLE and reasons:
            panel.heading("Why it cannot be sealed", style.OPEN)
            panel.paragraph(as_sentence(reasons[0]), 4)
        if plan.missing:
            panel.heading("What is missing")
            panel.paragraph(as_sentence(plan.missing), 5)
        legend = Legend(
            seals=tuple(dict.fromkeys(row.look.id for row in rows)),
            exits=True,
            routes=bool(routes),
            reached_exits=bool(routes),
        )
        if rows:
            self._facts(plan, rows)
            partly = "" if plan.verdict == Verdict.SEALED else ", the best that can be done"
            what = "ordered closed" if plan.choice == "assess" else f"to close{partly}"
            panel.heading(f"{len(rows)} roads {what}")
            room = panel.height - panel.at - legend_height(legend, list(self.sides.values()))
            panel.table(rows, room - 16)
        self._legend(legend)

    def _facts(self, plan: Plan, rows: list[PanelRow]) -> None:
        """What the officer asks next: which order first, how close it is, what is left."""
        panel, first = self.panel, rows[0]
        units, used = len(self.problem.units), plan.units_used
        closed = len(set(plan.sealed_exits) - set(plan.needed_none))
        anyhow = len(set(plan.sealed_exits) & set(plan.needed_none))
        exits = len({one.name for one in self.problem.exits})
        closest = min(numbered_seals(plan), key=lambda pair: pair[1].margin_s)
        best = units_bound(plan)
        bound = f", {best}" if best else ""
        panel.heading("In short")
        own = sum(len(seal.holders) for seal in plan.seals)
        if own:
            panel.line((0, "first order"), (130, f"{first.order_by} to {first.units}"))
        if own < used and plan.joint is not None:
            panel.line((0, "by their word"), (130, f"{used - own} units of {plan.joint.side}"))
        panel.line(
            (0, "closest margin"), (130, f"{span(closest[1].margin_s)}, at seal {closest[0]}")
        )
        if plan.verdict == Verdict.SEALED:
            ours = f"{own} of our {units}, {used} in all" if own < used else f"{used} of {units}"
            panel.line((0, "units"), (130, f"{ours}{bound}"))
        else:
            more = f", {anyhow} {needs(anyhow)} none" if anyhow else ""
            panel.line(
                (0, "exits sealed off"),
                (130, f"{closed} of {exits}, by {used} of {units} units{more}"),
            )

    def _legend(self, what: Legend) -> None:
        draw_legend(self.panel, what, list(self.sides.values()), self.bands, self.clock)

    def frame(self, word: str, sentence: str, colour: str) -> None:
        """Write the title, and below what all was made from."""
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


def shown_routes(plan: Plan | None) -> tuple[Route, ...]:
    """The routes to show: those that are open, or else those of the proof."""
    if plan is None:
        return ()
    return _one_for_each_exit(plan)[:_MOST_ROUTES]


def _one_for_each_exit(plan: Plan) -> tuple[Route, ...]:
    """The earliest route to each exit name: carriageways of one road need only one."""
    earliest: dict[str, Route] = {}
    for route in plan.open_routes or tuple(step.route for step in plan.proof):
        earliest.setdefault(route.exit, route)
    return tuple(earliest.values())


def _in_short(exit_name: str) -> str:
    """An exit's name, without its border where it is long."""
    road, _, _ = exit_name.partition(" (")
    return exit_name if len(exit_name) <= _LONG_NAME else road


def _narrow(margin_s: float) -> str:
    """A margin for a narrow column."""
    text = span(margin_s, sign=True)
    return text.removesuffix(" min") if " h " in text else text
