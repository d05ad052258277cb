"""Print names of places on a picture where nothing else stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.patheffects import withStroke

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from numpy.typing import NDArray

    from stopline.rendering.markers import Labels
    from stopline.scenario.place_text import NamedPlace

_PLACE_OFFSETS: Final = (
    (0, 0),
    (0, 1),
    (0, -1),
    (1, 0),
    (-1, 0),
    (1, 1),
    (-1, 1),
    (1, -1),
    (-1, -1),
    (0, 2.5),
    (0, -2.5),
)


def draw_places(
    axes: Axes, labels: Labels, places: Iterable[NamedPlace], renderer: RendererBase
) -> None:
    """Print the names of places where nothing else stands, the more important first."""
    taken = [(*box.min, *box.max) for box in (t.get_window_extent(renderer) for t in labels.texts)]
    frame = axes.get_window_extent(renderer)
    corner = np.array([frame.x0, frame.y0, frame.x0, frame.y0])
    marks = np.array(labels.boxes).reshape(-1, 4) + corner
    taken += [tuple(mark) for mark in marks]
    for place in places:
        xy = labels.view.xy(place.lon, place.lat)
        if not labels.view.contains(xy, beyond=-0.04):
            continue
        made = axes.text(
            float(xy[0]),
            float(xy[1]),
            place.name,
            ha="center",
            va="center",
            fontsize=10.5,
            color="#23262b",
            zorder=7.2,
            fontstyle="italic",
            parse_math=False,
            path_effects=[withStroke(linewidth=3.2, foreground="white", alpha=0.9)],
        )
        box = made.get_window_extent(renderer)
        for right, up in _PLACE_OFFSETS:
            shift = np.array([right * (box.width / 2 + 9), up * (box.height / 2 + 6)])
            tried = np.array([*box.min, *box.max]) + np.tile(shift, 2)
            inside = frame.x0 < tried[0] and tried[2] < frame.x1
            if inside and not _covers(tried, np.array(taken)):
                made.set_position(tuple(xy + shift * labels.view.metres_per_pixel))
                taken.append(tuple(tried))
                break
        else:
            made.remove()


def _covers(box: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Whether a box touches one of some others."""
    low, high = box[:2] < others[:, 2:], box[2:] > others[:, :2]
    return bool((low & high).all(axis=1).any())
