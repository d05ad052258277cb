"""The verdict from what is really closed: which exits are open, by which way, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from stopline.network.point_snapper import PointSnapper
from stopline.operation.core.context import iso
from stopline.operation.facts.orders import WayOut
from stopline.operation.plan.verdict_text import essence_of, way_in_words
from stopline.scenario.sources import beside_island, leaving_closed, sources_around
from stopline.sealing.claim.open_exits import open_exits, target_of_exits
from stopline.sealing.claim.open_until import open_until
from stopline.sealing.plan_file.file import zone_of
from stopline.sealing.plan_file.reading import exits_of, sources_of, vehicle_of
from stopline.sealing.problem import Source

if TYPE_CHECKING:
    from stopline.network.drive_graph import Vehicle
    from stopline.network.road_network import RoadNetwork
    from stopline.operation.orders.actual_closures import Actual, Wanted
    from stopline.operation.sightings.projection import Sighting
    from stopline.sealing.claim.open_exits import OpenExit

MOST_WAYS: Final = 8
_FIRST_ROADS: Final = 3
_OFF_ROAD_M: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedVerdict:
    """What was found.

    Attributes:
        verdict: the verdict; `unknown` where it could not be found, and the sentence says why.
        sentence: in one sentence.
        actual: what it was found from.
        sighting: the confirmed sighting that it counts from; empty: the plan's sources.
        ways: exits that can be reached, the earliest first, at most `MOST_WAYS`.
        more: further exits that can be reached.
    """

    verdict: Literal["sealed", "leaking", "unknown"]
    sentence: str
    actual: Actual
    sighting: str = ""
    ways: tuple[WayOut, ...] = ()
    more: int = 0

    @property
    def essence(self) -> object:
        """What makes it another verdict than the one before."""
        return essence_of(self, self.actual.digest)

    @property
    def unreported(self) -> tuple[str, ...]:
        """Roads of the other side that are over their time without a report."""
        return tuple(sorted(one.road for one in self.actual.wanted if one.unreported))


def unknown(actual: Actual, reason: str) -> JudgedVerdict:
    """Say that it cannot be found, and why."""
    text = f"The verdict cannot be recomputed: {reason}"
    return JudgedVerdict(verdict="unknown", sentence=text, actual=actual)


def judge(actual: Actual, network: RoadNetwork) -> JudgedVerdict:
    """Find the verdict from what is really closed."""
    sources, sighting = sources_now(actual, network)
    plan = actual.plan
    found = open_exits(network, vehicle_of(plan), sources, exits_of(plan), actual.closings)
    if not found:
        return JudgedVerdict(
            verdict="sealed", sentence=_sealed(actual), actual=actual, sighting=sighting
        )
    shown = found[:MOST_WAYS]
    targets = [target_of_exits(exits_of(plan), one.name) for one in shown]
    until = open_until(network, vehicle_of(plan), sources, targets, actual.closings)
    ways = tuple(
        _way(actual, network, one, until_s) for one, until_s in zip(shown, until, strict=True)
    )
    count = len(dict.fromkeys(one.name for one in plan.exits))
    first = ways[0]
    begin = f"{len(found)} of {count} exits can be reached; the first:"
    words = way_in_words(first, actual.now_s, zone_of(plan))
    return JudgedVerdict(
        verdict="leaking", sentence=f"{begin} {words}.", actual=actual,
        sighting=sighting, ways=ways, more=len(found) - len(ways),
    )  # fmt: skip


def sources_now(actual: Actual, network: RoadNetwork) -> tuple[tuple[Source, ...], str]:
    """Where it can be: by the last confirmed sighting if it is later than the plan's, else there.

    A confirmed place makes every earlier one past, as in a scenario. What nobody has confirmed
    moves nothing; the next plan takes it in. Gives the id of the sighting too, or "".
    """
    seen = actual.seen
    if seen is not None:
        vehicle = vehicle_of(actual.plan)
        found = sources_of_sighting(seen, seen.seen_s - actual.plan.now_utc_s, network, vehicle)
        if found:
            return found, seen.id
    return sources_of(actual.plan), ""


def sources_of_sighting(
    seen: Sighting, time_s: float, network: RoadNetwork, vehicle: Vehicle | None = None
) -> tuple[Source, ...]:
    """Where a sighting says the vehicle was, `time_s` after "now"; empty if no road is near.

    On a part of the map that joins nothing, `vehicle` counts on the nearest road beside it too.
    """
    name = seen.place or "the last confirmed sighting"
    if seen.section is not None and seen.section < network.sections:
        there = [Source(name=name, time_s=time_s, section=seen.section, fraction=0.5)]
        if vehicle is None:
            return tuple(there)
        main = PointSnapper(network).main(vehicle)
        beside = beside_island(network, main, there, None, _OFF_ROAD_M)
        return (*leaving_closed(network, main, there), *beside)
    if seen.lon is None or seen.lat is None:
        return ()
    circle = (seen.lon, seen.lat, seen.radius_m)
    most_m = max(_OFF_ROAD_M, seen.radius_m)
    points = PointSnapper(network)
    return tuple(sources_around(network, points, circle, name, time_s, most_m, vehicle))


def _sealed(actual: Actual) -> str:
    now_s = actual.now_s - actual.plan.now_utc_s
    standing = [one for one in actual.closings if one.until_s == math.inf]
    shut = sum(1 for one in standing if one.from_s <= now_s)
    coming = len(standing) - shut
    late = sum(1 for one in actual.wanted if one.unreported)
    return (
        f"No exit can be reached: {_count(shut, 'seal')} closed"
        + (f", {coming} more in time" if coming else "")
        + (f"; {late} only by the other side's word, over the time" if late else "")
        + "."
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _way(actual: Actual, network: RoadNetwork, found: OpenExit, until_s: float) -> WayOut:
    zero_s = actual.plan.now_utc_s
    met = _first_met(actual, found)
    wanted, passed_s = met if met is not None else (None, 0.0)
    return WayOut(
        exit=found.name,
        earliest=iso(zero_s + found.earliest_s),
        roads=_roads(network, found),
        site="" if wanted is None else wanted.site,
        road="" if wanted is None else wanted.road,
        passed="" if wanted is None else iso(zero_s + passed_s),
        why=_why(actual, wanted),
        unit="" if wanted is None else wanted.unit,
        still_open=zero_s + until_s > actual.now_s,
        sections=tuple(drive.section for drive in found.route),
    )


def _first_met(actual: Actual, found: OpenExit) -> tuple[Wanted, float] | None:
    """The first site on the way that should be closed, with when it is passed.

    One that stays open altogether is named before one that is only too late for this way.
    """
    wanted = {one.site: one for one in actual.wanted}
    met: list[tuple[Wanted, float]] = []
    for drive in found.route:
        for place, at_s in (
            (f"section {drive.section}", drive.enter_s), (f"junction {drive.to}", drive.leave_s),
        ):  # fmt: skip
            if place in wanted:
                met.append((wanted[place], at_s))
    never = [pair for pair in met if pair[0].why]
    return next(iter(never or met), None)


def _why(actual: Actual, wanted: Wanted | None) -> str:
    if wanted is None:
        return "no seal stands on this way"
    if wanted.why:
        return wanted.why
    now_s = actual.now_s - actual.plan.now_utc_s
    shut = any(
        one.from_s <= now_s and f"{one.kind} {one.index}" == wanted.site for one in actual.closings
    )
    return f"{wanted.who} {'closed' if shut else 'closes'} {wanted.road} too late"


def _roads(network: RoadNetwork, found: OpenExit) -> tuple[str, ...]:
    """The first roads of a way, each once for each stretch, as people name them."""
    named = (
        network.name_of(drive.section) or f"unnamed {network.class_of(drive.section)}"
        for drive in found.route
    )
    roads = [name for name, _ in groupby(named)]
    return tuple(roads[:_FIRST_ROADS])
