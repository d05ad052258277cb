"""Draw the roads of a picture: tints of the sides, casings and fills by class, and the front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from stopline.network.road_network import ROAD_CLASSES
from stopline.rendering import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork
    from stopline.rendering.viewport import View

# Beyond this many metres per pixel a class only clutters the map.
_COARSEST: Final = {
    "track": 6.0,
    "service": 9.0,
    "living_street": 30.0,
    "residential": 45.0,
    "unclassified": 120.0,
    "tertiary": 300.0,
    "tertiary_link": 100.0,
}
_MOST_SHAPED: Final = 40_000
_FINEST_PX: Final = 0.8
_TINT: Final = 0.11
_STEPS_MIN: Final = (1, 2, 5, 10, 15, 30, 60, 120, 240)


@dataclass(frozen=True, slots=True)
class Bands:
    """The moments by which the front is coloured.

    Attributes:
        ends_s: float64[b], end of each band in seconds after now, ascending; what is reached
            later has no colour.
    """

    ends_s: NDArray[np.float64]

    def colour(self, band: int) -> str:
        """Colour of a band, the earliest darkest."""
        last = max(len(self.ends_s) - 1, 1)
        return style.FRONT[round(band * (len(style.FRONT) - 1) / last)]


def bands_up_to(latest_s: float, most: int = len(style.FRONT)) -> Bands:
    """Bands of a round number of minutes, as fine as their number allows."""
    for step in _STEPS_MIN:
        if latest_s <= step * 60 * most:
            break
    count = min(most, max(1, int(np.ceil(max(latest_s, 1.0) / (step * 60)))))
    return Bands(np.arange(1, count + 1, dtype=np.float64) * step * 60.0)


def shown_sections(
    network: RoadNetwork, view: View, always: Sequence[int] | NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Sections in view that are worth drawing, and all those in view, minor ones too."""
    xy = view.xy(network.junction_lon, network.junction_lat)
    tail, head = xy[network.section_tail], xy[network.section_head]
    limit = np.array([view.half_width_m, view.half_height_m]) * 1.02
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    seen = ((low <= limit) & (high >= -limit)).all(axis=1)
    coarsest = np.array([_COARSEST.get(name, np.inf) for name in ROAD_CLASSES])
    worth = coarsest[network.section_class] >= view.metres_per_pixel
    worth[list(always)] = True
    return (
        np.flatnonzero(seen & worth).astype(np.int32),
        np.flatnonzero(seen).astype(np.int32),
    )


def lines_of(
    network: RoadNetwork, view: View, sections: NDArray[np.int32]
) -> list[NDArray[np.float64]]:
    """Lines of sections from tail to head, float64[m, 2] each, metres in the view."""
    if sections.size == 0:
        return []
    tail = view.xy(network.junction_lon, network.junction_lat)[network.section_tail[sections]]
    head = view.xy(network.junction_lon, network.junction_lat)[network.section_head[sections]]
    if sections.size > _MOST_SHAPED:
        return list(np.stack((tail, head), axis=1))
    first = network.shape_first[sections]
    inner = network.shape_first[sections + 1] - first
    starts = np.concatenate(([0], np.cumsum(inner + 2)))
    points = np.empty((int(starts[-1]), 2))
    points[starts[:-1]] = tail
    points[starts[1:] - 1] = head
    at = np.ones(points.shape[0], dtype=bool)
    at[starts[:-1]] = False
    at[starts[1:] - 1] = False
    which = np.repeat(first - np.concatenate(([0], np.cumsum(inner)[:-1])), inner)
    which = which + np.arange(int(inner.sum()))
    points[at] = view.xy(network.shape_lon[which], network.shape_lat[which])
    # Points that fall on the pixel of the one before add size and no shape.
    cell = np.floor(points / (_FINEST_PX * view.metres_per_pixel))
    kept = ~at
    kept[1:] |= (cell[1:] != cell[:-1]).any(axis=1)
    owner = np.repeat(np.arange(sections.size), inner + 2)[kept]
    return np.split(points[kept], np.flatnonzero(np.diff(owner)) + 1)


def draw_tints(
    axes: Axes,
    network: RoadNetwork,
    view: View,
    sections: NDArray[np.int32],
    colours: Sequence[str | None],
) -> None:
    """Tint the surroundings of the roads in the colours of the sides; a border shows as a seam.

    Where there is no road there is no tint: the network does not say whose land it is.
    """
    lines = lines_of(network, view, sections)
    spread_pt = float(np.clip(420.0 / view.metres_per_pixel, 10.0, 34.0))
    for code, colour in enumerate(colours):
        if colour is None:
            continue
        halves: list[NDArray[np.float64]] = []
        of_tail = network.junction_territory[network.section_tail[sections]] == code
        of_head = network.junction_territory[network.section_head[sections]] == code
        for number in np.flatnonzero(of_tail | of_head):
            line = lines[number]
            if of_tail[number] and of_head[number]:
                halves.append(line)
            else:
                halves.append(_half(line, from_tail=bool(of_tail[number])))
        pale = style.tinted(colour, _TINT)
        tint = draw_lines(axes, halves, pale, spread_pt, 1, capstyle="butt")
        if tint is not None:
            tint.set(joinstyle="round", antialiased=False, rasterized=True)


def draw_roads(axes: Axes, network: RoadNetwork, view: View, sections: NDArray[np.int32]) -> None:
    """Draw casings, then fills, the narrow below the wide."""
    lines = lines_of(network, view, sections)
    classes = network.section_class[sections]
    for index in _narrow_first():
        chosen = [lines[i] for i in np.flatnonzero(classes == index)]
        if not chosen:
            continue
        width = style.road_width(index, view.metres_per_pixel)
        main = ROAD_CLASSES[index].split("_")[0] in ("motorway", "trunk", "primary")
        casing = style.MAIN_CASING if main else style.CASING
        fill = style.MAIN_ROAD if main else style.ROAD
        thin = width < 1.1  # noqa: PLR2004  (points; too thin for a casing)
        outer = width * 0.8 if thin else width + 0.9
        draw_lines(axes, chosen, casing, outer, 2 + _rank(index) * 0.01)
        if not thin:
            draw_lines(axes, chosen, fill, width, 3 + _rank(index) * 0.01)


def draw_reached(
    axes: Axes,
    network: RoadNetwork,
    view: View,
    sections: NDArray[np.int32],
    arrival_s: NDArray[np.float64],
    bands: Bands,
    stopped: frozenset[int] = frozenset(),
) -> None:
    """Colour the roads that can be reached, by the time from which the vehicle can be there.

    Args:
        axes: where to draw.
        network: the roads.
        view: the window.
        sections: which to colour.
        arrival_s: float64[n], earliest arrival at each junction.
        bands: the moments.
        stopped: sections on which a seal stands; they are coloured up to it.
    """
    lines = lines_of(network, view, sections)
    tail_s = arrival_s[network.section_tail[sections]]
    head_s = arrival_s[network.section_head[sections]]
    band = np.searchsorted(bands.ends_s, np.minimum(tail_s, head_s))
    alike: dict[tuple[int, float], list[NDArray[np.float64]]] = {}
    for i in np.flatnonzero(band < len(bands.ends_s)):
        line = lines[i]
        if int(sections[i]) in stopped or not (np.isfinite(tail_s[i]) and np.isfinite(head_s[i])):
            line = _half(line, from_tail=bool(tail_s[i] <= head_s[i]))
        width = style.road_width(int(network.section_class[sections[i]]), view.metres_per_pixel)
        alike.setdefault((int(band[i]), max(width, 1.3)), []).append(line)
    for (number, width), group in sorted(alike.items(), reverse=True):
        draw_lines(axes, group, bands.colour(number), width, 4 - number * 0.01)


def draw_lines(
    axes: Axes,
    lines: Sequence[NDArray[np.float64]],
    colour: str | tuple[float, ...],
    width: float,
    zorder: float,
    *,
    capstyle: Literal["butt", "projecting", "round"] = "round",
) -> PathPatch | None:
    """Draw lines of one look as one path: thousands of single ones take seconds."""
    if not lines:
        return None
    points = np.concatenate(lines)
    codes = np.full(len(points), Outline.LINETO, dtype=Outline.code_type)
    codes[np.cumsum([0, *(len(line) for line in lines[:-1])])] = Outline.MOVETO
    patch = PathPatch(
        Outline(points, codes), fill=False, edgecolor=colour, linewidth=width, capstyle=capstyle,
        joinstyle="round", zorder=zorder,
    )  # fmt: skip
    axes.add_artist(patch)  # add_patch would measure every point for limits that are set already
    return patch


def _half(line: NDArray[np.float64], *, from_tail: bool) -> NDArray[np.float64]:
    """The part of a line up to its middle, or from there."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate(([0.0], np.cumsum(steps)))
    half = along[-1] / 2
    cut = int(np.clip(np.searchsorted(along, half, side="right") - 1, 0, len(steps) - 1))
    part = (half - along[cut]) / steps[cut] if steps[cut] > 0 else 0.0
    middle = line[cut] + part * (line[cut + 1] - line[cut])
    if from_tail:
        return np.vstack((line[: cut + 1], middle))
    return np.vstack((middle, line[cut + 1 :]))


def _rank(index: int) -> int:
    """Height of a class among the others: links lie below all roads that are no links."""
    return len(ROAD_CLASSES) - index


def _narrow_first() -> list[int]:
    return sorted(range(len(ROAD_CLASSES)), key=_rank)
