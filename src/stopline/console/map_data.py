"""What the map is coloured by, found at most once for each state of things: front and belief."""

from __future__ import annotations

import asyncio
import math
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from stopline.operation.core.context import iso
from stopline.operation.orders.actual_closures import actual_states, is_judged
from stopline.operation.orders.plan_text import read_plan_text
from stopline.operation.orders.projection import Orders
from stopline.operation.sightings.projection import Sightings
from stopline.operation.whereabouts.projection import Beliefs

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.console.region import RegionRoads
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.operation.orders.actual_closures import Actual
    from stopline.operation.sightings.projection import Sighting
    from stopline.operation.whereabouts.kept_bands import BeliefBands, KeptBands
    from stopline.sealing.plan_file.schema import PlanFile

_KEPT: Final = 16
_LONGEST_S: Final = 6 * 3600


_Seen = TypeVar("_Seen")


class Looking(Protocol):
    """What looks at an incident, now or then, and knows its roads."""

    async def roads(self, incident: str | None) -> RegionRoads | None:
        """The roads that an incident goes by."""

    async def look_then(
        self, incident: str, at_s: float | None, see: Callable[[NodeState, Incident, float], _Seen]
    ) -> _Seen:
        """Look at it as it is now, or as it was known at a past moment."""


@dataclass(frozen=True, slots=True)
class _FrontAsked:
    """What a front follows from, taken out of the book."""

    plan: PlanFile | None
    actual: Actual | None
    seen: Sighting | None
    now_s: float


class MapData:
    """Fronts and beliefs by section; threads may share it.

    Args:
        bands: beliefs that this process found by itself.
    """

    def __init__(self, bands: KeptBands) -> None:
        self.bands = bands
        self._lock = threading.Lock()
        self._known: OrderedDict[object, dict[str, Any] | None] = OrderedDict()

    async def front(
        self, console: Looking, incident: str, at_s: float | None
    ) -> dict[str, Any] | None:
        """How soon it can be on each section; None before it was seen, or without roads."""
        roads = await console.roads(incident)
        asked = await console.look_then(incident, at_s, _front_asked)
        if roads is None:
            return None
        key = ("front", incident, roads.network.digest, _front_key(asked))
        return await asyncio.to_thread(self._once, key, lambda: _front(asked, roads))

    async def belief(
        self, console: Looking, incident: str, at_s: float | None
    ) -> dict[str, Any] | None:
        """The sections of the belief noted last by then; None for none."""
        roads = await console.roads(incident)
        found = await console.look_then(incident, at_s, _belief_asked)
        if roads is None or roads.scenario is None or found is None:
            return None
        at, basis, compute = found
        bands = self.bands.get(incident, at, basis)
        if bands is None:
            bands = await asyncio.to_thread(compute, roads)
            if bands is None:
                return None
            self.bands.put(incident, bands)
        half, ninety, more = bands.sections
        return {
            "digest": roads.network.digest, "at": bands.at, "half": list(half),
            "ninety": list(ninety), "ninety_nine": list(more),
        }  # fmt: skip

    def _once(
        self, key: object, compute: Callable[[], dict[str, Any] | None]
    ) -> dict[str, Any] | None:
        with self._lock:
            if key not in self._known:
                self._known[key] = compute()
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
            return self._known[key]


def _front_asked(book: NodeState, incident: Incident, now_s: float) -> _FrontAsked:
    adopted = incident.projection(Orders).plan
    plan = None if adopted is None else read_plan_text(adopted.plan)
    judged = plan is not None and is_judged(incident)
    actual = actual_states(incident, plan, now_s, book.size) if judged and plan else None
    seen = [
        one for one in incident.projection(Sightings).standing()
        if one.confirmed and not one.nothing_seen
        and (one.section is not None or one.lon is not None)
    ]  # fmt: skip
    return _FrontAsked(plan, actual, seen[-1] if seen else None, now_s)


def _front_key(asked: _FrontAsked) -> object:
    if asked.actual is not None:
        return asked.actual.key
    return None if asked.seen is None else asked.seen.id


def _front(asked: _FrontAsked, roads: RegionRoads) -> dict[str, Any] | None:
    from stopline.operation.plan.verdict import (  # noqa: PLC0415  (heavy)
        sources_now,
        sources_of_sighting,
    )
    from stopline.operation.whereabouts.by_section import (  # noqa: PLC0415  (heavy)
        earliest_by_section,
    )
    from stopline.sealing.plan_file.reading import exits_of, vehicle_of  # noqa: PLC0415

    network = roads.network
    if asked.actual is not None:
        plan = asked.actual.plan
        zero_s, vehicle, exits = plan.now_utc_s, vehicle_of(plan), exits_of(plan)
        sources, closings = sources_now(asked.actual, network)[0], asked.actual.closings
    elif roads.scenario is not None and asked.seen is not None:
        zero_s, problem = asked.seen.seen_s, roads.scenario.problem
        vehicle, exits, closings = problem.vehicle, problem.exits, ()
        sources = sources_of_sighting(asked.seen, 0.0, network)
    else:
        return None
    if not sources:
        return None
    earliest = earliest_by_section(network, vehicle, sources, exits, closings)
    numbers = [i for i, at in enumerate(earliest.tolist()) if at < _LONGEST_S]
    return {
        "digest": network.digest, "at": iso(asked.now_s), "zero": iso(zero_s),
        "sections": numbers, "after_s": [math.floor(earliest[i]) for i in numbers],
    }  # fmt: skip


def _belief_asked(
    book: NodeState, incident: Incident, now_s: float
) -> tuple[str, str, Callable[[RegionRoads], BeliefBands | None]] | None:
    from stopline.operation.whereabouts.duty import belief_asked  # noqa: PLC0415  (heavy)

    del book, now_s
    known = incident.projection(Beliefs).now
    if known is None:
        return None
    asked = belief_asked(incident)

    def compute(roads: RegionRoads) -> BeliefBands | None:
        from stopline.operation.core.context import seconds  # noqa: PLC0415
        from stopline.operation.whereabouts.by_section import bands_of  # noqa: PLC0415
        from stopline.operation.whereabouts.finding import believed  # noqa: PLC0415

        scenario = roads.scenario
        if scenario is None:
            return None
        question = asked(scenario, seconds(known.at), known.basis)
        found = believed(question, replace(scenario))
        return None if found is None else bands_of(found.sections, known.basis, known.at)

    return known.at, known.basis, compute
