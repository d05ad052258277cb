"""The part of the world that a picture shows, and its projection to metres."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.errors import Unsupported
from stopline.network.geodesy import METRES_PER_DEGREE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from stopline.network.road_network import RoadNetwork

_LEAST_SPAN_M: Final = 1200.0
_NICE: Final = (1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class View:
    """A window on the map in metres around its centre, true to scale at the centre's latitude.

    Attributes:
        lon: centre, degrees.
        lat: centre, degrees.
        half_width_m: from the centre to the left and right edge.
        half_height_m: from the centre to the lower and upper edge.
        metres_per_pixel: on the picture.
    """

    lon: float
    lat: float
    half_width_m: float
    half_height_m: float
    metres_per_pixel: float

    def xy(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
        """Metres from the centre, float64[..., 2]; equirectangular, x shrunk by the latitude."""
        x = (np.asarray(lon, dtype=np.float64) - self.lon) * math.cos(math.radians(self.lat))
        y = np.asarray(lat, dtype=np.float64) - self.lat
        metres: NDArray[np.float64] = np.stack((x, y), axis=-1) * METRES_PER_DEGREE
        return metres

    def pixels(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels from the lower left corner of the map."""
        corner = np.array([self.half_width_m, self.half_height_m])
        pixels: NDArray[np.float64] = (xy + corner) / self.metres_per_pixel
        return pixels

    def contains(self, xy: NDArray[np.float64], *, beyond: float = 0.0) -> NDArray[np.bool_]:
        """Which points lie in the window, enlarged by a part of its size; false for NaN."""
        x, y = np.abs(xy[..., 0]), np.abs(xy[..., 1])
        return np.asarray(
            (x <= self.half_width_m * (1 + beyond)) & (y <= self.half_height_m * (1 + beyond))
        )

    def scale_bar_m(self, most_pixels: float) -> float:
        """Longest round length that fits: 1, 2 or 5 times a power of ten, metres."""
        most_m = most_pixels * self.metres_per_pixel
        power = 10.0 ** math.floor(math.log10(most_m))
        return max(nice * power for nice in _NICE if nice * power <= most_m)


def fit_view(
    points: NDArray[np.float64],
    width_px: float,
    height_px: float,
    *,
    border_px: tuple[float, float] = (90.0, 60.0),
) -> View:
    """Fit a window around points.

    Args:
        points: float64[k, 2], longitude and latitude; NaN is left out.
        width_px: width of the map on the picture.
        height_px: its height.
        border_px: room to leave at the sides, and above and below.

    Raises:
        Unsupported: no point has coordinates.
    """
    known = points[np.isfinite(points).all(axis=1)]
    if known.shape[0] == 0:
        raise Unsupported(NO_MAP)
    west, south = known.min(axis=0)
    east, north = known.max(axis=0)
    lat = float(south + north) / 2
    wide_m = (east - west) * METRES_PER_DEGREE * math.cos(math.radians(lat))
    high_m = (north - south) * METRES_PER_DEGREE
    scale = max(
        max(wide_m, _LEAST_SPAN_M) / (width_px - 2 * border_px[0]),
        max(high_m, _LEAST_SPAN_M) / (height_px - 2 * border_px[1]),
    )
    return View(
        lon=float(west + east) / 2,
        lat=lat,
        half_width_m=scale * width_px / 2,
        half_height_m=scale * height_px / 2,
        metres_per_pixel=scale,
    )


NO_MAP: Final = "a picture of a network without coordinates"


def needs_coordinates(network: RoadNetwork) -> None:
    """Refuse to draw a network whose file has no coordinates.

    Raises:
        Unsupported: it has none.
    """
    if not np.isfinite(network.junction_lon).any():
        raise Unsupported(NO_MAP)
