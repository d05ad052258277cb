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

    from stopline.rendering.viewport import View
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
    axes: Axes,
    view: View,
    places: Iterable[NamedPlace],
    taken: NDArray[np.float64],
    within: NDArray[np.float64],
    renderer: RendererBase,
    *,
    size: float = 10.5,
) -> None:
    """Print the names of places where nothing else stands, the more important first.

    Args:
        axes: of the map.
        view: the window.
        places: to be named.
        taken: float64[k, 4], where something stands, pixels of the figure.
        within: float64[4], the part of the figure that is seen, pixels.
        renderer: that measures the letters.
        size: of the letters, points.
    """
    for place in places:
        xy = view.xy(place.lon, place.lat)
        if not view.contains(xy, beyond=-0.04):
            continue
        made = axes.text(
            float(xy[0]),
            float(xy[1]),
            place.name,
            ha="center",
            va="center",
            fontsize=size,
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
            inside = (within[:2] < tried[:2]).all() and (tried[2:] < within[2:]).all()
            if inside and not _covers(tried, taken):
                made.set_position(tuple(xy + shift * view.metres_per_pixel))
                taken = np.vstack((taken, tried))
                break
        else:
            made.remove()


def _covers(box: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Whether a box touches one of some others."""
    low, high = box[:2] < others[:, 2:], box[2:] > others[:, :2]
    return bool((low & high).all(axis=1).any())
