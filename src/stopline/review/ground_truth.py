"""Where the vehicle truly was: a track from a CSV or GeoJSON file, put on the roads."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.documents.csv_rows import read_rows
from stopline.errors import BadInput, FaultList
from stopline.network.geodesy import distance_m
from stopline.network.point_snapper import PointSnapper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork

_COLUMNS: Final = ("time", "lon", "lat")
_EVERY_S: Final = 2.0
_BRUSHED_M: Final = 30.0  # less than this of a road is a crossing that was passed, not driven
_MOST_BYTES: Final = 64 << 20
_MOST_SAMPLES: Final = 200_000


@dataclass(frozen=True, slots=True)
class TrueTrack:
    """A track: at these moments it was at these places, in order of time.

    Attributes:
        time_s: UTC seconds, float64[k], rising.
        lon: degrees, float64[k].
        lat: degrees, float64[k].
    """

    time_s: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    def at(self, time_s: float) -> tuple[float, float] | None:
        """Where it was, straight between the points; None before the first and after the last."""
        if not self.time_s[0] <= time_s <= self.time_s[-1]:
            return None
        lon = float(np.interp(time_s, self.time_s, self.lon))
        return lon, float(np.interp(time_s, self.time_s, self.lat))


@dataclass(frozen=True, slots=True)
class DrivenSection:
    """A section that it drove on; UTC seconds."""

    section: int
    enter_s: float
    leave_s: float


def read_truth(path: Path) -> TrueTrack:
    """Read a track.

    A CSV has the columns time, lon, lat; a GeoJSON has points with a property `time`, or one line
    with a property `times`. Times are ISO 8601 with zone.

    Raises:
        BadInput: with all faults of the file.
    """
    faults = FaultList()
    geo = path.suffix.lower() in {".geojson", ".json"}
    rows = list(_from_geojson(path, faults) if geo else _from_csv(path, faults))
    points: list[tuple[float, float, float]] = []
    for where, told in rows:
        point = _point(where, told, faults)
        if point is not None:
            points.append(point)
    if not len(faults):
        if len(points) < 2:  # noqa: PLR2004
            faults.add(str(path), f"{len(points)} points", "at least two points of a track")
        points.sort()
        for one, other in pairwise(points):
            if one[0] == other[0] and one != other:
                faults.add(str(path), f"two places at {one[0]:.0f}", "one place at a time")
    faults.raise_if_any()
    columns = np.array(points, dtype=np.float64).T
    return TrueTrack(*columns)


def driven(truth: TrueTrack, network: RoadNetwork) -> list[DrivenSection]:
    """The sections that it drove on, in order; roads that it only crossed are left out."""
    span_s = float(truth.time_s[-1] - truth.time_s[0])
    count = min(_MOST_SAMPLES, max(2, math.ceil(span_s / _EVERY_S) + 1))
    even = np.linspace(truth.time_s[0], truth.time_s[-1], count)
    times = np.unique(np.concatenate((even, truth.time_s)))
    lon = np.interp(times, truth.time_s, truth.lon)
    lat = np.interp(times, truth.time_s, truth.lat)
    snapped = PointSnapper(network).snap(list(zip(lon.tolist(), lat.tolist(), strict=True)))
    step_m = np.append(0.0, distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]))
    found: list[DrivenSection] = []
    begin = 0
    for i in range(1, times.size + 1):
        if i < times.size and snapped[i].section == snapped[begin].section:
            continue
        section = snapped[begin].section
        far_m = float(step_m[begin + 1 : i + 1].sum())
        ends = begin == 0 or i == times.size
        if ends or far_m >= min(_BRUSHED_M, float(network.section_length_m[section]) / 2):
            found.append(DrivenSection(section, float(times[begin]), float(times[i - 1])))
        begin = i
    return found


def _from_csv(path: Path, faults: FaultList) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in read_rows(path, faults, columns=_COLUMNS, needed=_COLUMNS):
        yield row.where, dict(row.fields)


def _from_geojson(path: Path, faults: FaultList) -> Iterator[tuple[str, dict[str, Any]]]:
    if path.stat().st_size > _MOST_BYTES:
        raise BadInput.single(str(path), "more than 64 MiB", "a track of one vehicle")
    try:
        document = json.loads(path.read_text("utf-8"))
        features = document.get("features", [document])
        for number, feature in enumerate(features):
            where = f"{path} feature {number}"
            given, place = feature.get("properties") or {}, feature["geometry"]
            if place["type"] == "Point":
                lon, lat = place["coordinates"][:2]
                yield where, {"time": given.get("time"), "lon": lon, "lat": lat}
            elif place["type"] == "LineString":
                times = given.get("times") or []
                if len(times) != len(place["coordinates"]):
                    seen = f"{len(times)} times for {len(place['coordinates'])} points"
                    faults.add(where, seen, "a property `times` with one time for each point")
                    continue
                for time, (lon, lat, *_) in zip(times, place["coordinates"], strict=True):
                    yield where, {"time": time, "lon": lon, "lat": lat}
            else:
                faults.add(where, str(place["type"]), "a Point with `time`, or a LineString")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        faults.add(str(path), f"{type(error).__name__}: {error}"[:80], "GeoJSON of a track")


def _point(
    where: str, told: dict[str, Any], faults: FaultList
) -> tuple[float, float, float] | None:
    before = len(faults)
    moment: datetime | None = None
    with suppress(ValueError):
        moment = datetime.fromisoformat(str(told.get("time")))
    if moment is None or moment.tzinfo is None:
        faults.add(f"{where}: time", str(told.get("time")), "ISO 8601 with zone")
    place = []
    for name, most in (("lon", 180.0), ("lat", 90.0)):
        try:
            value = float(str(told.get(name)))
        except ValueError:
            value = math.nan
        if not abs(value) <= most:
            faults.add(f"{where}: {name}", str(told.get(name)), f"degrees up to {most:g}")
        place.append(value)
    if moment is None or len(faults) > before:
        return None
    return moment.timestamp(), place[0], place[1]
