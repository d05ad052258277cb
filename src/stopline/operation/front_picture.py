"""Draw a front: the roads, how soon each can be entered, the sources and the exits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork
    from stopline.operation.front import Front
    from stopline.operation.scenario import Scenario

# From near to far: dark red to light blue, apart also without colour vision.
_BANDS: Final = ("#7f0000", "#d7301f", "#fc8d59", "#fdbb84", "#74add1", "#abd9e9")
_ROAD, _EXIT, _SOURCE = "#d0d0d0", "#000000", "#1a1a1a"
_SIDE_IN: Final = 9.0
_EDGE: Final = 0.04
_METRES_PER_DEGREE: Final = 111_195.0


def draw_front(front: Front, scenario: Scenario, path: Path) -> None:
    """Draw the front into a PNG or SVG, by the name of the file.

    Raises:
        ValueError: the network has no coordinates.
    """
    problem = scenario.problem
    network = problem.network
    moments = [step.minutes for step in front.steps]
    entered_min = (
        np.minimum(
            front.search.arrival_s[network.section_tail],
            front.search.arrival_s[network.section_head],
        )
        / 60.0
    )
    window = _window(network, entered_min, max(moments, default=0.0))
    shown = _sections_in(network, window)
    with rc_context({"svg.hashsalt": "stopline", "font.size": 9}):
        figure = Figure(figsize=_size_in(window), dpi=150, layout="tight")
        axes = figure.add_subplot()
        low = -np.inf
        late = shown[~(entered_min[shown] <= max(moments, default=0.0))]
        _draw(axes, network, late, _ROAD, 0.5, "")
        for number, moment in enumerate(moments):
            band = shown[(entered_min[shown] > low) & (entered_min[shown] <= moment)]
            colour = _BANDS[min(number, len(_BANDS) - 1)]
            _draw(axes, network, band, colour, 1.2, f"by {moment:g} min")
            low = moment
        _mark(axes, front, scenario)
        _frame(axes, window)
        axes.set_title(f"{scenario.name}: where it can be")
        axes.legend(loc="upper right", fontsize=8)
        axes.text(
            0.995, 0.005, network.attribution, transform=axes.transAxes, ha="right", fontsize=7
        )
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _window(
    network: RoadNetwork, entered_min: NDArray[np.float64], last_min: float
) -> tuple[float, float, float, float]:
    """West, south, east and north of what was entered, with an edge around."""
    sections = np.flatnonzero(entered_min <= last_min)
    if sections.size == 0:
        sections = np.arange(network.sections)
    ends = np.concatenate((network.section_tail[sections], network.section_head[sections]))
    lon, lat = network.junction_lon[ends], network.junction_lat[ends]
    if not np.isfinite(lon).any():
        msg = "the network has no coordinates to draw"
        raise ValueError(msg)
    west, east = float(np.nanmin(lon)), float(np.nanmax(lon))
    south, north = float(np.nanmin(lat)), float(np.nanmax(lat))
    margin = max(east - west, north - south, 0.002) * _EDGE
    return west - margin, south - margin, east + margin, north + margin


def _sections_in(
    network: RoadNetwork, window: tuple[float, float, float, float]
) -> NDArray[np.intp]:
    west, south, east, north = window
    inside = (
        (network.junction_lon >= west)
        & (network.junction_lon <= east)
        & (network.junction_lat >= south)
        & (network.junction_lat <= north)
    )
    return np.flatnonzero(inside[network.section_tail] | inside[network.section_head])


def _size_in(window: tuple[float, float, float, float]) -> tuple[float, float]:
    west, south, east, north = window
    ratio = (east - west) * np.cos(np.radians((south + north) / 2)) / (north - south)
    if ratio >= 1:
        return _SIDE_IN, max(_SIDE_IN / ratio, _SIDE_IN / 2) + 0.5
    return max(_SIDE_IN * ratio, _SIDE_IN / 2), _SIDE_IN + 0.5


def _draw(
    axes: Any,  # noqa: ANN401
    network: RoadNetwork,
    sections: NDArray[np.intp],
    colour: str,
    width: float,
    label: str,
) -> None:
    lines = [network.geometry(int(section)) for section in sections]
    axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, label=label))


def _mark(axes: Any, front: Front, scenario: Scenario) -> None:  # noqa: ANN401
    """Draw sources as stars and the exits that can be reached in time as crosses."""
    network = scenario.problem.network
    last_s = max((step.minutes for step in front.steps), default=0.0) * 60
    near = [(kind, index) for _, kind, index, at_s in front.exits if at_s <= last_s]
    exits = [_point(network, kind == "junction", index) for kind, index in near]
    if exits:
        lon, lat = np.array(exits).T
        axes.plot(lon, lat, "x", color=_EXIT, markersize=7, label="exit", zorder=5)
    sources = [
        _point(network, source.junction is not None, source.junction or source.section or 0)
        for source in scenario.problem.sources
    ]
    lon, lat = np.array(sources).T
    size = 11 if len(sources) == 1 else 4
    axes.plot(lon, lat, "*", color=_SOURCE, markersize=size, label="source", zorder=6)


def _point(network: RoadNetwork, is_junction: bool, index: int) -> tuple[float, float]:  # noqa: FBT001
    if is_junction:
        return float(network.junction_lon[index]), float(network.junction_lat[index])
    lon, lat = network.geometry(index).mean(axis=0)
    return float(lon), float(lat)


def _frame(axes: Any, window: tuple[float, float, float, float]) -> None:  # noqa: ANN401
    """Set the window and draw a scale bar of a round length."""
    west, south, east, north = window
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    shrink = float(np.cos(np.radians((south + north) / 2)))
    axes.set_aspect(1 / shrink)
    axes.set_xticks([])
    axes.set_yticks([])
    width_m = (east - west) * _METRES_PER_DEGREE * shrink
    power = 10 ** np.floor(np.log10(width_m / 4))
    bar_m = float(max(step * power for step in (1, 2, 5) if step * power <= width_m / 4))
    x, y = west + (east - west) * 0.03, south + (north - south) * 0.03
    axes.plot([x, x + bar_m / (_METRES_PER_DEGREE * shrink)], [y, y], color="black", linewidth=3)
    label = f"{bar_m / 1000:g} km" if bar_m >= 1000 else f"{bar_m:g} m"  # noqa: PLR2004
    axes.annotate(label, (x, y), xytext=(0, 5), textcoords="offset points", fontsize=8)
