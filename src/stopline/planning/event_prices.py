"""What the sites of an event cost: cameras by width and speed, barriers, what stands already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.event.camera_count import (
    DEFAULT_CLASS,
    PICTURE_CLASSES,
    WIDTH_M,
    CameraType,
    Fit,
    cheapest,
)
from stopline.event.plan_schema import PricesPart
from stopline.event.ring_network import SitePrices
from stopline.network.access import known_course
from stopline.network.drive_graph import section_times
from stopline.network.road_network import ROAD_CLASSES
from stopline.planning.event_venue import point_along

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork
    from stopline.planning.event_input import PlannedEvent
    from stopline.planning.event_venue import RoadSpot


@dataclass(frozen=True, slots=True)
class Priced:
    """What sites cost, and why.

    Attributes:
        prices: for the ring.
        part: the same for the plan file.
        fits: by section, how its cameras do; empty where no types are given.
    """

    prices: SitePrices
    part: PricesPart
    fits: dict[int, Fit]


def camera_prices(event: PlannedEvent) -> Priced:
    """Price every section: its cameras by width and speed, where any may stand."""
    form, network = event.form.cameras, event.network
    usable = _usable(network, form.classes, form.exclude)
    price = np.full(network.sections, form.site_cost, dtype=np.int64)
    fits: dict[int, Fit] = {}
    if form.types:
        price, usable, fits = _by_type(event, price, usable)
    by_name = {name: number for number, name in enumerate(network.names)}
    for one in form.prices:
        rows = (
            np.array([one.section])
            if one.section is not None
            else np.flatnonzero(network.section_name == by_name[str(one.road)])
        )
        usable[rows] = one.cost is not None
        price[rows] = one.cost or 0
    junctions = np.empty(0, dtype=np.int32)
    if form.junction_cost is not None:
        junctions = np.arange(network.junctions, dtype=np.int32)
    existing = _outside(event, event.cameras)
    prices = SitePrices(
        price=price,
        most=np.where(usable, form.most_per_site, 0).astype(np.int64),
        existing_section=np.array([spot.section for spot in existing], dtype=np.int32),
        existing_part=np.array([spot.fraction for spot in existing], dtype=np.float64),
        junction=junctions,
        junction_price=np.full(junctions.size, form.junction_cost or 0, dtype=np.int64),
        junction_existing=np.zeros(junctions.size, dtype=np.int64),
    )
    part = _prices_part(network, price, usable, form.most_per_site, form.junction_cost, existing)
    return Priced(prices, part, fits)


def barrier_prices(event: PlannedEvent) -> Priced:
    """Price every section for a barrier."""
    form, network = event.form.barriers, event.network
    usable = _usable(network, form.classes, form.exclude)
    price = np.full(network.sections, form.cost, dtype=np.int64)
    prices = SitePrices(
        price=price,
        most=usable.astype(np.int64),
        existing_section=np.array([spot.section for spot in event.barriers], dtype=np.int32),
        existing_part=np.array([spot.fraction for spot in event.barriers], dtype=np.float64),
    )
    part = _prices_part(network, price, usable, 1, None, event.barriers)
    return Priced(prices, part, {})


def _usable(
    network: RoadNetwork, classes: Sequence[str], exclude: Sequence[object]
) -> NDArray[np.bool_]:
    usable = known_course(network)
    if classes:
        wanted = [ROAD_CLASSES.index(name) for name in classes]
        usable &= np.isin(network.section_class, wanted)
    sections = [one for one in exclude if isinstance(one, int)]
    usable[sections] = False
    names = {one for one in exclude if isinstance(one, str)}
    named = [number for number, name in enumerate(network.names) if name and name in names]
    usable[np.isin(network.section_name, named)] = False
    return usable


def speeds_mps(event: PlannedEvent) -> NDArray[np.float64]:
    """Speed at which the vehicle may pass each section, float64[s]."""
    return event.network.section_length_m / section_times(event.network, event.vehicle)


def _by_type(
    event: PlannedEvent, price: NDArray[np.int64], usable: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_], dict[int, Fit]]:
    """Add the cheapest cameras that will do to each site; where none will, no site."""
    form, network = event.form.cameras, event.network
    kinds = [
        CameraType(
            name=one.name, cost=one.cost, pixels=one.pixels, frames_per_s=one.frames_per_s,
            shutter_s=one.shutter_ms / 1000, depth_m=one.depth_m, frames=one.frames,
            detection=one.detection,
        )
        for one in form.types
    ]  # fmt: skip
    wanted = pixels_per_m(event)
    widths = [form.widths_m.get(name, WIDTH_M[name]) for name in ROAD_CLASSES]
    speed = np.round(speeds_mps(event), 3)
    pairs = np.stack((network.section_class.astype(np.float64), speed), axis=1)
    different, which = np.unique(pairs, axis=0, return_inverse=True)
    best = [
        cheapest(kinds, widths[int(road_class)], float(mps), wanted)
        for road_class, mps in different
    ]
    which = which.ravel()
    fits = dict(enumerate(best[row] for row in which.tolist()))
    counts = np.array([one.count for one in best])[which]
    costs = np.array([one.cost for one in best])[which]
    return price + costs, usable & (counts > 0), fits


def pixels_per_m(event: PlannedEvent) -> float:
    """Pixels for each metre of road that reading takes."""
    form = event.form.cameras
    if form.pixels_per_m is not None:
        return form.pixels_per_m
    return PICTURE_CLASSES[form.picture_class or DEFAULT_CLASS]


def _outside(event: PlannedEvent, spots: Sequence[RoadSpot]) -> tuple[RoadSpot, ...]:
    """Cameras that stand within the venue see nobody leave; they are left out."""
    if not event.venue.outline.size:
        return tuple(spots)
    import shapely  # noqa: PLC0415  (slow to import)

    area = shapely.Polygon(event.venue.outline)
    return tuple(
        spot
        for spot in spots
        if not area.contains(
            shapely.Point(point_along(event.network.geometry(spot.section), spot.fraction))
        )
    )


def _prices_part(
    network: RoadNetwork,
    price: NDArray[np.int64],
    usable: NDArray[np.bool_],
    most: int,
    junction: int | None,
    existing: Sequence[RoadSpot],
) -> PricesPart:
    """The commonest price of each class, and the sections that differ from it."""
    told = np.where(usable, price, -1)
    by_class: dict[str, int | None] = {}
    usual = np.full(network.sections, -2, dtype=np.int64)
    for number, name in enumerate(ROAD_CLASSES):
        rows = network.section_class == number
        if rows.any():
            values, counts = np.unique(told[rows], return_counts=True)
            commonest = int(values[np.argmax(counts)])
            by_class[name] = None if commonest < 0 else commonest
            usual[rows] = commonest
    return PricesPart(
        by_class=by_class,
        sections={
            str(s): None if told[s] < 0 else int(told[s])
            for s in np.flatnonzero(told != usual).tolist()
        },
        most=most,
        junction=junction,
        existing=tuple((spot.section, spot.fraction) for spot in existing),
    )
