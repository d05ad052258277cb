"""Draw what the plan says onto the map: seals, units, sources, exits, routes, and their labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch

from stopline.rendering import style
from stopline.rendering.label_placement import nearest_point, place_labels
from stopline.standards.geojson import exit_point, route_points, source_point

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.text import Text
    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork
    from stopline.rendering.viewport import View
    from stopline.sealing.plan import Route
    from stopline.sealing.problem import SealingProblem

_CORNERS: Final = 3  # a ring has so many at least
SEAL_SIZE: Final = 11.0
_MARK_PX: Final = 11.0


@dataclass(slots=True)
class Labels:
    """Labels that wait to be placed together, and the boxes that they must not cover.

    Attributes:
        view: the window.
        texts: what was drawn, not yet where it belongs.
        anchors: the mark of each text, metres in the view.
        colours: edge colour of each.
        boxes: obstacles, pixels: left, bottom, right, top.
        weights: cost of a covered pixel of each obstacle.
    """

    view: View
    texts: list[Text] = field(default_factory=list)
    anchors: list[NDArray[np.float64]] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def keep_clear(self, xy: NDArray[np.float64], half_px: float, weight: float = 300.0) -> None:
        """Ask that labels leave the surroundings of a point free."""
        x, y = self.view.pixels(xy)
        self.boxes.append((x - half_px, y - half_px, x + half_px, y + half_px))
        self.weights.append(weight)

    def add(
        self,
        axes: Axes,
        text: str,
        xy: NDArray[np.float64],
        colour: str,
        *,
        facecolor: str = "white",
        **look: Any,  # noqa: ANN401  (matplotlib's own)
    ) -> None:
        """Draw a label in a box; `place` moves it to where it belongs."""
        given = {"fontsize": 9.5, "color": style.INK, "linespacing": 1.25, **look}
        box = {
            "boxstyle": "round,pad=0.28",
            "facecolor": facecolor,
            "edgecolor": colour,
            "linewidth": 1.6,
        }
        made = axes.text(
            0, 0, text, ha="center", va="center", zorder=11, parse_math=False, bbox=box, **given
        )
        self.texts.append(made)
        self.anchors.append(xy)
        self.colours.append(colour)

    def place(self, axes: Axes, renderer: RendererBase, size_px: tuple[float, float]) -> None:
        """Move every label to its place and join it to its mark."""
        if not self.texts:
            return
        sizes = []
        for text in self.texts:
            patch = text.get_bbox_patch()
            text.update_bbox_position_size(renderer)
            box = (patch or text).get_window_extent(renderer)
            sizes.append((box.width + 2, box.height + 2))
        anchors = self.view.pixels(np.array(self.anchors))
        boxes = place_labels(
            anchors,
            np.array(sizes),
            size_px,
            obstacles=np.array(self.boxes).reshape(-1, 4),
            obstacle_weights=np.array(self.weights),
        )
        corner = np.array([self.view.half_width_m, self.view.half_height_m])
        scale = self.view.metres_per_pixel
        for text, box, anchor, colour in zip(self.texts, boxes, anchors, self.colours, strict=True):
            text.set_position(tuple((box[:2] + box[2:]) / 2 * scale - corner))
            end = nearest_point(box, anchor)
            if np.linalg.norm(end - anchor) > 1:
                line = np.array([anchor, end]) * scale - corner
                axes.add_line(
                    Line2D(line[:, 0], line[:, 1], color=colour, linewidth=1.3, zorder=7.5)
                )


def route_line(network: RoadNetwork, view: View, route: Route) -> NDArray[np.float64]:
    """Line of a route, metres in the view, float64[m, 2]."""
    points = route_points(network, route)
    return view.xy(points[:, 0], points[:, 1])


def draw_sources(axes: Axes, problem: SealingProblem, labels: Labels) -> None:
    """Mark where the vehicle can be with a star, and name the first of each sighting."""
    named: set[str] = set()
    for source in problem.sources:
        xy = labels.view.xy(*source_point(problem.network, source))
        first = source.name not in named
        axes.plot(
            *xy,
            marker="*",
            markersize=27 if first else 12,
            markerfacecolor="#ffd400",
            markeredgecolor="black",
            markeredgewidth=1.8 if first else 1.0,
            zorder=10,
        )
        labels.keep_clear(xy, 17 if first else 8)
        if first:
            named.add(source.name)
            labels.add(
                axes,
                style.shortened(source.name, 28),
                xy,
                "black",
                fontweight="bold",
                facecolor="#fff3b0",
                fontsize=10.5,
            )


def draw_exits(
    axes: Axes, problem: SealingProblem, labels: Labels, open_exits: Iterable[str]
) -> None:
    """Mark the exits in view: a road's end, red and named where it can be reached."""
    reached = set(open_exits)
    for one in problem.exits:
        xy = labels.view.xy(*exit_point(problem.network, one))
        if not labels.view.contains(xy):
            continue
        lost = one.name in reached
        axes.plot(
            *xy,
            marker="X",
            markersize=12 if lost else 8.5,
            markerfacecolor=style.OPEN if lost else "#55595f",
            markeredgecolor="white",
            markeredgewidth=1.2,
            zorder=8,
        )
        labels.keep_clear(xy, 7, 60.0)


def draw_units(
    axes: Axes,
    problem: SealingProblem,
    labels: Labels,
    looks: dict[str, style.SideLook],
    sites: dict[str, tuple[float, float]],
) -> None:
    """Mark every unit; join those that are used to their sites by a thin straight line."""
    for unit in problem.units:
        xy = labels.view.xy(unit.lon, unit.lat)
        look, site = looks[unit.side], sites.get(unit.id)
        if site is not None:
            ends = np.array([xy, labels.view.xy(*site)])
            axes.plot(
                ends[:, 0],
                ends[:, 1],
                color=look.colour,
                linewidth=1.1,
                linestyle=(0, (2, 2)),
                zorder=6.5,
            )
        if labels.view.contains(xy):
            axes.plot(
                *xy,
                marker=look.shape,
                markersize=6.0 if site else 5.0,
                markerfacecolor=look.colour if site else "white",
                markeredgecolor=look.colour,
                markeredgewidth=1.2,
                zorder=7,
            )
            labels.keep_clear(xy, 4, 30.0)


def draw_route(
    axes: Axes, line: NDArray[np.float64], labels: Labels, *, dashed: bool = False
) -> None:
    """Draw a route with arrowheads in the direction of travel."""
    view = labels.view
    axes.plot(line[:, 0], line[:, 1], color="white", linewidth=6.4, zorder=5.8, alpha=0.9)
    axes.plot(
        line[:, 0],
        line[:, 1],
        color=style.OPEN,
        linewidth=3.8,
        zorder=6,
        linestyle=(0, (3, 1.2)) if dashed else "-",
    )
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate(([0.0], np.cumsum(steps)))
    every = 150 * view.metres_per_pixel
    heads = [*np.arange(every, along[-1], every), along[-1]]
    for at in heads:
        back = max(at - 12 * view.metres_per_pixel, 0.0)
        ends = [
            (float(np.interp(s, along, line[:, 0])), float(np.interp(s, along, line[:, 1])))
            for s in (back, at)
        ]
        axes.add_patch(
            FancyArrowPatch(
                ends[0],
                ends[1],
                arrowstyle="-|>",
                mutation_scale=22,
                color=style.OPEN,
                linewidth=0,
                zorder=6.1,
            )
        )
    for at in np.arange(0, along[-1], 14 * view.metres_per_pixel):
        point = np.array([np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])])
        if view.contains(point):
            labels.keep_clear(point, 7, 60.0)


def draw_ring(
    axes: Axes,
    view: View,
    centre: tuple[float, float],
    points: Sequence[tuple[float, float]],
) -> None:
    """Draw the ring in which the vehicle is contained, through its seals in turn."""
    if len(points) < _CORNERS:
        return
    middle = view.xy(*centre)
    corners = np.array([view.xy(*point) for point in points])
    away = corners - middle
    turn = np.argsort(np.arctan2(away[:, 1], away[:, 0]), kind="stable")
    closed = corners[[*turn, turn[0]]]
    axes.plot(
        closed[:, 0], closed[:, 1], linestyle=(0, (6, 3)), linewidth=2.0, color="#1b1b1b",
        alpha=0.75, zorder=6.5, gid="ring",
    )  # fmt: skip


def draw_seals(
    axes: Axes, labels: Labels, marks: Iterable[tuple[tuple[float, float], style.SideLook, str]]
) -> None:
    """Draw a bold mark for each seal, and its label."""
    for number, (point, look, text) in enumerate(marks, start=1):
        xy = labels.view.xy(*point)
        axes.plot(
            *xy, marker=look.shape, markersize=SEAL_SIZE + 4.5, color="white", zorder=9, alpha=0.95
        )
        axes.plot(
            *xy,
            marker=look.shape,
            markersize=SEAL_SIZE,
            markerfacecolor=look.colour,
            markeredgecolor="black",
            markeredgewidth=1.6,
            zorder=9.1,
        )
        # A bar, as on the sign that forbids entry.
        axes.plot(*xy, marker="_", markersize=6.5, markeredgewidth=2.4, color="white", zorder=9.2)
        labels.keep_clear(xy, _MARK_PX)
        if text:
            labels.add(axes, f"{number}  {text}", xy, look.colour)
        else:
            labels.add(
                axes,
                f"{number}",
                xy,
                "white",
                color="white",
                facecolor=look.colour,
                fontweight="bold",
                fontsize=10.5,
            )
