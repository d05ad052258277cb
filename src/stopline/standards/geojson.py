"""Write a plan as GeoJSON (RFC 7946), which QGIS and web maps open without further settings."""

from __future__ import annotations

import math
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.network.geodesy import along
from stopline.sealing.plan import SiteKind
from stopline.sealing.plan_file.writing import iso
from stopline.sealing.seal_order import held_by, numbered_seals, order_by_s, sides_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.plan import Plan, Route, Seal
    from stopline.sealing.problem import Exit, SealingProblem, Source

Feature = dict[str, Any]
_PALETTE: Final = ("#00599c", "#b36b00", "#00745a", "#8f3d76", "#4a4a4a", "#7a4a21")
_OPEN: Final = "#c8102e"
_DIGITS: Final = 7  # of a degree: a centimetre


def plan_geojson(
    plan: Plan,
    problem: SealingProblem,
    *,
    zone: tzinfo = UTC,
    colours: Mapping[str, str] | None = None,
    arrival_s: NDArray[np.float64] | None = None,
) -> dict[str, Any]:
    """Make the feature collection of a plan.

    The property `layer` tells the features apart: `seal` (a point), `sealed road` (its section),
    `unit`, `way of unit` (the straight line to its site, not the road it takes), `source`, `exit`,
    `open route`, `proof route`, `witness`, `front`. Colours follow simplestyle 1.1.

    Args:
        plan: the plan.
        problem: what it answers.
        zone: the zone in which times are written.
        colours: `#rrggbb` by side; chosen here where not given.
        arrival_s: float64[n], earliest arrival at each junction, to add the front; None for none.

    Returns:
        A FeatureCollection; places without coordinates have no geometry (null).
    """
    made = _Features(plan, problem, zone, colours or {})
    features = [*made.all()]
    if arrival_s is not None:
        features += made.front(arrival_s)
    return {
        "type": "FeatureCollection",
        "name": "stopline plan",
        "attribution": problem.network.attribution,
        "verdict": str(plan.verdict),
        "sentence": plan.sentence,
        "now": iso(plan.now_utc_s, zone),
        "features": features,
    }


class _Features:
    """The features of one plan."""

    def __init__(
        self, plan: Plan, problem: SealingProblem, zone: tzinfo, colours: Mapping[str, str]
    ) -> None:
        self._plan, self._problem, self._zone = plan, problem, zone
        theirs = () if plan is None or plan.joint is None else (plan.joint.side,)
        ids = [*sorted({unit.side for unit in problem.units}), *theirs]
        self._colours = {one: _PALETTE[i % len(_PALETTE)] for i, one in enumerate(ids)} | {
            side: colour for side, colour in colours.items() if colour
        }

    def all(self) -> Iterator[Feature]:
        """Every feature but the front; what should lie on top comes last."""
        plan, network = self._plan, self._problem.network
        for number, seal in numbered_seals(plan):
            if seal.witness is not None:
                yield self._route("witness", seal.witness, "#8a8f96", f"why seal {number}")
        for step in plan.proof:
            yield self._route("proof route", step.route, "#7a0c1c", step.reason)
        for route in plan.open_routes:
            yield self._route("open route", route, _OPEN, "no seal stops it in time")
        lost = set(plan.open_exits)
        for one in self._problem.exits:
            yield self._exit(one, is_open=one.name in lost)
        for number, seal in numbered_seals(plan):
            yield from self._seal(number, seal)
        yield from self._units()
        for source in self._problem.sources:
            yield feature(
                _point(source_point(network, source)),
                layer="source",
                name=source.name,
                time=self._iso(source.time_s),
                **{"marker-color": "#ffd400", "marker-symbol": "star"},
            )

    def front(self, arrival_s: NDArray[np.float64]) -> Iterator[Feature]:
        """Sections that the vehicle can reach, with the time from which it can be there."""
        network = self._problem.network
        entered = np.minimum(arrival_s[network.section_tail], arrival_s[network.section_head])
        for section in np.flatnonzero(np.isfinite(entered)).tolist():
            at_s = float(entered[section])
            yield feature(
                line_string(network.geometry(section)),
                layer="front",
                name=network.name_of(section),
                section=section,
                reached=self._iso(at_s),
                reached_s=round(at_s, 1),
                stroke="#8250b0",
            )

    def _seal(self, number: int, seal: Seal) -> Iterator[Feature]:
        site, side = seal.site, sides_of(seal)[0]
        colour = self._colours[side]
        shown: Feature = {
            "number": number,
            "name": site.name,
            "id": site.own_id,
            "side": side,
            "units": ", ".join(
                (*(one.unit for one in seal.holders), *(held_by(one) for one in seal.committed))
            ),
            "order_by": self._iso(order_by_s(seal)),
            "closed_at": self._iso(seal.closed_at_s),
            "arrival": self._iso(seal.arrival_s),
            "margin_s": _finite(seal.margin_s),
            "road_class": site.road_class,
            "territories": ", ".join(site.territories),
            "why": seal.why,
        }
        if site.kind == SiteKind.SECTION:
            yield feature(
                line_string(self._problem.network.geometry(site.index)),
                layer="sealed road",
                section=site.index,
                **shown,
                **{"stroke": colour, "stroke-width": 6},
            )
        yield feature(
            _point((site.lon, site.lat)),
            layer="seal",
            **shown,
            **{"marker-color": colour, "marker-symbol": str(number), "marker-size": "large"},
        )

    def _units(self) -> Iterator[Feature]:
        held = {
            holder.unit: (number, seal)
            for number, seal in numbered_seals(self._plan)
            for holder in seal.holders
        }
        for unit in sorted(self._problem.units, key=lambda one: one.id):
            number, seal = held.get(unit.id, (None, None))
            colour = self._colours[unit.side]
            if seal is not None:
                ends = [(unit.lon, unit.lat), (seal.site.lon, seal.site.lat)]
                yield feature(
                    line_string(ends),
                    layer="way of unit",
                    unit=unit.id,
                    seal=number,
                    note="straight line, not the road it takes",
                    **{"stroke": colour, "stroke-width": 1},
                )
            yield feature(
                _point((unit.lon, unit.lat)),
                layer="unit",
                name=unit.name or unit.id,
                unit=unit.id,
                side=unit.side,
                agency=unit.agency,
                strength=unit.strength,
                ready=self._iso(unit.ready_s),
                seal=number,
                **{"marker-color": colour, "marker-size": "small"},
            )

    def _exit(self, one: Exit, *, is_open: bool) -> Feature:
        network = self._problem.network
        shown = {
            "layer": "exit",
            "name": one.name,
            "weight": one.weight,
            "open": is_open,
            "marker-color": _OPEN if is_open else "#55595f",
            "marker-symbol": "cross",
        }
        return feature(_point(exit_point(network, one)), **shown)

    def _route(self, layer: str, route: Route, colour: str, note: str) -> Feature:
        return feature(
            line_string(route_points(self._problem.network, route)),
            layer=layer,
            name=f"{route.source} to {route.exit}",
            arrival=self._iso(route.arrival_s),
            arrival_s=_finite(route.arrival_s),
            note=note,
            **{"stroke": colour, "stroke-width": 4},
        )

    def _iso(self, after_now_s: float) -> str | None:
        known = math.isfinite(after_now_s)
        return iso(self._plan.now_utc_s + after_now_s, self._zone) if known else None


def feature(geometry: Feature | None, **properties: object) -> Feature:
    """Make a feature."""
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def line_string(points: ArrayLike | Sequence[tuple[float, float]]) -> Feature | None:
    """Make a LineString; None where a coordinate is unknown or there are fewer than two points."""
    line = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if line.shape[0] < 2 or not np.isfinite(line).all():  # noqa: PLR2004
        return None
    return {"type": "LineString", "coordinates": np.round(line, _DIGITS).tolist()}


def route_points(network: RoadNetwork, route: Route) -> NDArray[np.float64]:
    """Line of a route in the direction of travel, float64[m, 2]: lon, lat."""
    lines = [network.geometry(section) for section in route.sections]
    if not lines:
        return np.empty((0, 2))
    if len(lines) > 1 and _gap(lines[0][-1], lines[1]) > _gap(lines[0][0], lines[1]):
        lines[0] = lines[0][::-1]
    for i in range(1, len(lines)):
        here = lines[i - 1][-1]
        if np.abs(lines[i][0] - here).sum() > np.abs(lines[i][-1] - here).sum():
            lines[i] = lines[i][::-1]
    first = [lines[0], *(line[1:] for line in lines[1:])]
    return np.concatenate(first)


def exit_point(network: RoadNetwork, one: Exit) -> tuple[float, float]:
    """A point of an exit: its junction, or the middle of its section; lon, lat."""
    if one.kind == SiteKind.JUNCTION:
        return float(network.junction_lon[one.index]), float(network.junction_lat[one.index])
    return along(network, one.index, 0.5)


def source_point(network: RoadNetwork, source: Source) -> tuple[float, float]:
    """Where a source is; lon, lat."""
    if source.junction is not None:
        at = source.junction
        return float(network.junction_lon[at]), float(network.junction_lat[at])
    return along(network, source.section or 0, source.fraction)


def _gap(point: NDArray[np.float64], line: NDArray[np.float64]) -> float:
    return float(min(np.abs(point - line[0]).sum(), np.abs(point - line[-1]).sum()))


def _point(lon_lat: Iterable[float]) -> Feature | None:
    lon, lat = lon_lat
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    return {"type": "Point", "coordinates": [round(lon, _DIGITS), round(lat, _DIGITS)]}


def _finite(seconds: float) -> float | None:
    return round(seconds, 3) if math.isfinite(seconds) else None
