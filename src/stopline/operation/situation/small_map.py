"""The small map of the situation report: where it was seen, what is closed, what is open."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.operation.core.happenings import Happenings
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.sightings.projection import Sightings
from stopline.operation.situation.sealed import our_seals, promised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.operation.core.incident import Incident
    from stopline.rendering.sheet import Sheet
    from stopline.scenario.loader import Scenario

_COLOURS: Final = {
    "closed": "#18723a", "late": "#b01218", "open": "#b01218", "reopened": "#777777",
}  # fmt: skip
_COMING: Final = "#d08a00"
_SHAPES: Final = ("o", "s")
_HALF_MARK_PX: Final = 12.0
_AROUND: Final = 0.03  # degrees of latitude, some three kilometres
CAPTION: Final = (
    "Star: where it was seen last. Round: our roads, square: theirs; green closed, amber on the "
    "way, red late or open, grey open again. Red line: a way out that is open."
)


@dataclass(frozen=True, slots=True)
class MapShape:
    """How the map stands on the page.

    Attributes:
        height: by its width.
        wide: across the page; else beside another block.
        scale: of letters and signs, which shrink with a map that is not wide.
    """

    height: float
    wide: bool
    scale: float = 1.0


WIDE: Final = MapShape(0.5, wide=True)
FLAT: Final = MapShape(0.34, wide=True)
BESIDE: Final = MapShape(0.9, wide=False, scale=1.6)
Marks = list[tuple[tuple[float, float], str, str]]


@dataclass(frozen=True, slots=True)
class SmallMap:
    """What stands on the map, read from the book; it is drawn when nobody waits for the book.

    Attributes:
        scenario: the region, for its roads and places.
        star: where it was seen last; None if that is not known.
        marks: place, colour and shape of each road that is or shall be closed, of both sides.
        ways: the ways out that are open, as columns of longitude and latitude.
    """

    scenario: Scenario
    star: tuple[float, float] | None
    marks: Marks
    ways: list[tuple[NDArray[np.float64], NDArray[np.float64]]]

    @property
    def shapes(self) -> tuple[MapShape, ...]:
        """How it may stand on the page, the best first: what goes from north to south beside."""
        lon, lat = np.array(self.points()).T
        east = np.ptp(lon) * math.cos(math.radians(float(lat.mean())))
        return (BESIDE, FLAT) if np.ptp(lat) > east else (WIDE, FLAT)

    def points(self) -> list[tuple[float, float]]:
        """What has to be on it."""
        shown = [place for place, _, _ in self.marks]
        if self.star is not None:  # so much around it at least
            lon, lat = self.star
            shown += [self.star, (lon, lat - _AROUND), (lon, lat + _AROUND)]
        return shown

    def png(self, shape: MapShape) -> bytes:
        """Draw it as PNG."""
        return _draw(self, shape)


def small_map(incident: Incident, scenario: Scenario, now_s: float) -> SmallMap | None:
    """Read from what the node knows what stands on the map; None while nothing has a place."""
    seen = incident.projection(Sightings).last_seen()
    star = None if seen is None or seen.lon is None or seen.lat is None else (seen.lon, seen.lat)
    marks = _marks(incident, scenario, now_s)
    if star is None and not marks:
        return None
    return SmallMap(scenario, star, marks, _ways(incident, scenario))


def _marks(incident: Incident, scenario: Scenario, now_s: float) -> Marks:
    """Place, colour and shape of each road that is or shall be closed, of both sides."""
    ours = our_seals(incident, now_s)
    known = incident.projection(Happenings)
    sides = ((known.seals_told if ours is None else ours), known.seals_there)
    marks: Marks = []
    for states, shape in zip(sides, _SHAPES, strict=True):
        for site, seal in states.items():
            place = _place_of(scenario, site)
            if place is not None:
                marks.append((place, _COLOURS.get(seal.status.state, _COMING), shape))
    for site, one in promised(incident, now_s).items():
        place = _place_of(scenario, site)
        if place is not None:
            marks.append((place, _COLOURS["open"] if one.why else _COMING, _SHAPES[1]))
    return marks


def _place_of(scenario: Scenario, site: str) -> tuple[float, float] | None:
    network = scenario.problem.network
    kind, _, number = site.partition(" ")
    if not number.isdecimal():
        return None
    index = int(number)
    if kind == "junction" and index < network.junctions:
        return float(network.junction_lon[index]), float(network.junction_lat[index])
    if kind == "section" and index < network.sections:
        lon, lat = network.geometry(index)[len(network.geometry(index)) // 2].tolist()
        return lon, lat
    return None


def _draw(what: SmallMap, shape: MapShape) -> bytes:
    # Pictures are drawn by a library that takes half a second to load.
    from matplotlib.transforms import Bbox  # noqa: PLC0415

    from stopline.rendering import style  # noqa: PLC0415
    from stopline.rendering.look import look_of  # noqa: PLC0415
    from stopline.rendering.plan_map import drawing  # noqa: PLC0415
    from stopline.rendering.sheet import MAP_PX, Sheet  # noqa: PLC0415
    from stopline.rendering.viewport import fit_view  # noqa: PLC0415

    with drawing():
        sheet = Sheet(what.scenario.problem, look_of(what.scenario))
        left, bottom, width, high = MAP_PX
        height, scale = shape.height, shape.scale
        points = np.array(what.points(), dtype=np.float64)
        sheet.ground(fit_view(points, width, width * height), [])
        half_m = sheet.view.half_height_m * high / (width * height)
        sheet.axes.set_ylim(-half_m, half_m)
        for way in what.ways:
            line = sheet.view.xy(*way).T
            sheet.axes.plot(*line, color="#b01218", linewidth=3.0 * scale, zorder=7)
        for place, colour, sign in what.marks:
            sheet.axes.plot(
                *sheet.view.xy(*place), marker=sign, markersize=11 * scale, zorder=9,
                markerfacecolor=colour, markeredgecolor="black", markeredgewidth=1.4,
            )  # fmt: skip
        if what.star is not None:
            sheet.axes.plot(
                *sheet.view.xy(*what.star), marker="*", markersize=22 * scale, zorder=10,
                markerfacecolor="#ffd400", markeredgecolor="black", markeredgewidth=1.4,
            )  # fmt: skip
        cut = (high - width * height) / 2
        seen = np.array([left, bottom + cut, left + width, bottom + cut + width * height])
        _name_places(sheet, what, seen, scale)
        box = Bbox.from_bounds(
            left / style.DPI, (bottom + cut) / style.DPI, width / style.DPI,
            width * height / style.DPI,
        )  # fmt: skip
        data = io.BytesIO()
        sheet.figure.savefig(
            data, format="png", dpi=110, bbox_inches=box, metadata={"Software": "Stopline"}
        )
    return data.getvalue()


def _name_places(sheet: Sheet, what: SmallMap, seen: NDArray[np.float64], scale: float) -> None:
    from stopline.rendering.place_labels import draw_places  # noqa: PLC0415

    marks = [place for place, _, _ in what.marks]
    marks += [] if what.star is None else [what.star]
    points = sheet.axes.transData.transform([sheet.view.xy(*place) for place in marks])
    half = _HALF_MARK_PX * scale
    taken = np.hstack((points - half, points + half))
    renderer = sheet.canvas.get_renderer()  # type: ignore[no-untyped-call]
    draw_places(sheet.axes, sheet.view, sheet.look.places, taken, seen, renderer, size=12 * scale)


def _ways(
    incident: Incident, scenario: Scenario
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The ways out that are open, as columns of longitude and latitude."""
    found = incident.projection(Verdicts).now
    network = scenario.problem.network
    ways = []
    for way in found.ways if found is not None and found.verdict == "leaking" else ():
        for section in way.sections:
            if section < network.sections:
                lon, lat = network.geometry(section).T
                ways.append((lon, lat))
    return ways
