"""The rings of an event: what sites cost, the ring problem, and the parts of the plan file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from stopline.event.camera_count import WIDTH_M
from stopline.event.plan_schema import (
    BarrierPhase,
    CameraPart,
    EventExitPart,
    MastPart,
    MastRingPart,
    RingPart,
    TimeRow,
    WayPart,
)
from stopline.event.ring import Ring, Way, solve_ring
from stopline.event.ring_network import RingNetwork, arrivals_from, ring_network
from stopline.network.geodesy import distance_m
from stopline.network.place_names import junction_id, section_name
from stopline.network.road_network import ROAD_CLASSES
from stopline.planning.event_prices import speeds_mps
from stopline.planning.event_venue import outside_part, point_along
from stopline.sealing.plan import SiteKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork
    from stopline.planning.event_input import EventPhase, PlannedEvent
    from stopline.planning.event_prices import Priced

ROOM_M: Final = 10.0
_KMH: Final = 3.6
_MOST_ROADS: Final = 9
_FAR_M: Final = 3000.0


class RingMaker:
    """Makes rings of one event and tells them as parts of its plan."""

    def __init__(
        self,
        event: PlannedEvent,
        priced: Priced,
        starts: NDArray[np.int32],
        outline: NDArray[np.float64],
        name: str,
    ) -> None:
        self._event, self._priced = event, priced
        self._starts, self._outline, self._name = starts, outline, name
        self._arrivals: dict[bool, NDArray[np.float64]] = {}

    def _arrival_s(self, *, inward: bool) -> NDArray[np.float64]:
        if inward not in self._arrivals:
            self._arrivals[inward] = arrivals_from(
                self._event.network, self._event.vehicle, self._starts, inward=inward
            )
        return self._arrivals[inward]

    def network(
        self,
        layers: int,
        *,
        inward: bool = False,
        within_s: float | None = None,
        exits: Sequence[EventExitPart] = (),
    ) -> RingNetwork:
        """The ring problem."""
        event = self._event
        return ring_network(
            event.network,
            event.vehicle,
            self._starts,
            self._priced.prices,
            layers=layers,
            exit_junctions=[one.index for one in exits if one.kind == "junction"],
            exit_sections=[one.index for one in exits if one.kind == "section"],
            within_s=within_s,
            room_m=ROOM_M,
            inward=inward,
            arrival_s=self._arrival_s(inward=inward),
        )

    def ring(
        self,
        layers: int,
        *,
        inward: bool = False,
        within_s: float | None = None,
        exits: Sequence[EventExitPart] = (),
        what: str = "camera",
        progress: Callable[[str, float], None] | None = None,
    ) -> RingPart:
        """Solve a ring and tell it."""
        made = self.network(layers, inward=inward, within_s=within_s, exits=exits)
        ring = solve_ring(made.problem, progress)
        sites = self._sites(made, ring) if ring.exists else ()
        direction: Literal["outward", "inward"] = "inward" if inward else "outward"
        return RingPart(
            direction=direction,
            layers=layers,
            within_s=within_s,
            room_m=ROOM_M if within_s is not None else 0.0,
            starts=tuple(self._starts.tolist()),
            exits=() if within_s is not None else tuple(exits),
            exists=ring.exists,
            cost=ring.cost if ring.exists else None,
            sites=sites,
            routes=tuple(self._way(made, way) for way in ring.routes),
            gap=None if ring.gap is None else self._way(made, ring.gap),
            gap_most=None if ring.gap is None else ring.gap_most,
            sentence=self._sentence(made, ring, sites, within_s, what),
        )

    def _way(self, made: RingNetwork, way: Way) -> WayPart:
        """Sections and directions; gates of exits and junctions are no sections."""
        driven = [
            (int(made.drives[link]), bool(made.along[link]) == forward)
            for link, forward in zip(way.links, way.forward, strict=True)
            if made.drives[link] >= 0
        ]
        sections = tuple(section for section, _ in driven)
        return WayPart(
            weight=way.weight,
            sections=sections,
            forward=tuple(forward for _, forward in driven),
            roads=roads_of(self._event.network, sections),
        )

    def _sites(self, made: RingNetwork, ring: Ring) -> tuple[CameraPart, ...]:
        """The sites of a ring, the nearest to the venue first."""
        found: dict[tuple[bool, int, float], CameraPart] = {}
        for link in np.flatnonzero(ring.cameras).tolist():
            part = self._site(made, link, int(ring.cameras[link]))
            found[part.kind == "section", part.index, made.end[link]] = part
        ordered = sorted(
            found.values(), key=lambda one: (one.reached_s or 0.0, one.index, one.fraction)
        )
        return tuple(
            one.model_copy(update={"number": number}) for number, one in enumerate(ordered, 1)
        )

    def _site(self, made: RingNetwork, link: int, count: int) -> CameraPart:
        network, problem = self._event.network, made.problem
        existing = min(count, int(problem.existing[link]))
        price = (count - existing) * int(problem.price[link])
        if made.junction[link] >= 0:
            junction = int(made.junction[link])
            return CameraPart(
                number=0, name=junction_id(network, junction), kind="junction", index=junction,
                fraction=0.0, road_class=self._widest(junction), count=count, existing=existing,
                lon=float(network.junction_lon[junction]),
                lat=float(network.junction_lat[junction]), price=price,
                reached_s=_finite(made.arrival_s[junction]),
            )  # fmt: skip
        section = int(made.section[link])
        line = network.geometry(section)
        fraction, name = self._spot(made, link, existing)
        lon, lat = point_along(line, fraction)
        fit = self._priced.fits.get(section)
        speed = float(speeds_mps(self._event)[section]) if fit is not None else None
        tail, head = int(network.section_tail[section]), int(network.section_head[section])
        return CameraPart(
            number=0,
            name=name,
            kind="section",
            index=section,
            fraction=fraction,
            road_class=network.class_of(section),
            lon=lon,
            lat=lat,
            count=count,
            existing=existing,
            price=price,
            reached_s=_finite(min(made.arrival_s[tail], made.arrival_s[head])),
            speed_kmh=None if speed is None else round(speed * _KMH, 1),
            width_m=None if fit is None else self._width(section),
            type=None if fit is None else fit.type.name,
            side_by_side=1 if fit is None else max(1, fit.count),
            pixels_per_m=None if fit is None else round(fit.pixels_per_m, 1),
            blur=None if fit is None else round(fit.blur, 4),
            frames=None if fit is None else round(min(fit.frames_in_view, 1e6), 1),
        )

    def _spot(self, made: RingNetwork, link: int, existing: int) -> tuple[float, str]:
        """Where on its section a site stands, and what it is called."""
        network, section = self._event.network, int(made.section[link])
        begin, end = float(made.begin[link]), float(made.end[link])
        prices = self._priced.prices
        if existing:
            for number in np.flatnonzero(prices.existing_section == section).tolist():
                at = float(prices.existing_part[number])
                if begin <= at <= end:
                    return at, self._standing_name(section, at)
        ends = (int(network.section_tail[section]), int(network.section_head[section]))
        starts = set(self._starts.tolist())
        if self._outline.size and (ends[0] in starts or ends[1] in starts):
            begin, end = outside_part(network.geometry(section), self._outline, begin, end)
        return (begin + end) / 2, self._road(section)

    def _standing_name(self, section: int, at: float) -> str:
        for spot in (*self._event.cameras, *self._event.barriers):
            if spot.section == section and spot.fraction == at:
                return spot.name
        return self._road(section)

    def _road(self, section: int) -> str:
        """Name of the road, or its class, and that of a road that it meets."""
        network = self._event.network
        name = network.name_of(section) or network.class_of(section).replace("_", " ")
        near = _crossing(network, section)
        if near:
            return f"{name} by {near}"
        return name if network.name_of(section) else section_name(network, section)

    def _widest(self, junction: int) -> str:
        network = self._event.network
        first, last = int(network.first_out[junction]), int(network.first_out[junction + 1])
        around = network.section_class[network.arc_section[first:last]]
        return ROAD_CLASSES[int(around.min())] if around.size else ROAD_CLASSES[0]

    def _width(self, section: int) -> float:
        name = self._event.network.class_of(section)
        return float(self._event.form.cameras.widths_m.get(name, WIDTH_M[name]))

    def _sentence(
        self,
        made: RingNetwork,
        ring: Ring,
        sites: Sequence[CameraPart],
        within_s: float | None,
        what: str,
    ) -> str:
        layers = made.problem.layers
        if what == "barrier":
            way = f"Every road to {self._name}"
        elif made.inward:
            way = f"Every way in to {self._name}"
        elif within_s is not None:
            way = f"Whoever is more than {within_s:g} s of driving from {self._name}"
        else:
            way = f"Every way out of {self._name}"
        if not ring.exists:
            roads = roads_of(
                self._event.network, self._way(made, ring.gap or Way(1, (), ())).sections
            )
            most = ring.gap_most
            return (
                f"There is no ring of {layers}: on the way {roads} at most {most} "
                f"{what}{'' if most == 1 else 's'} can stand."
            )
        new = sum(one.count - one.existing for one in sites)
        stand = sum(one.existing for one in sites)
        seen = (
            "meets a barrier"
            if what == "barrier"
            else ("passes a camera" if layers == 1 else f"passes {layers} cameras")
        )
        have = f", {stand} of them there already" if stand else ""
        sentence = (
            f"{way} {seen}: {new + stand} {what}s at {len(sites)} places{have}, cost {ring.cost}."
        )
        return f"{sentence} {proof_sentence(layers, ring, what)}"


def proof_sentence(layers: int, ring: Ring, what: str = "camera") -> str:
    """Why no ring is cheaper, so that a person can follow it."""
    weight = sum(way.weight for way in ring.routes)
    loads: dict[tuple[int, bool], int] = {}
    for way in ring.routes:
        for key in zip(way.links, way.forward, strict=True):
            loads[key] = loads.get(key, 0) + way.weight
    if ring.cost == 0:
        return "It costs nothing, so none is cheaper."
    if layers == 1 and weight == ring.cost == len(ring.routes):
        ways = (
            f"{weight} ways share no place where one can stand" if weight > 1 else "There is a way"
        )
        return f"{ways}, so {weight - 1} {what}s cannot do."
    taken = layers * weight - ring.cost
    less = f", less {taken} for places that they share" if taken else ""
    return (
        f"Proof: {len(ring.routes)} ways of weight {weight} in all, each to be met "
        f"{'once' if layers == 1 else f'{layers} times'}{less}: no choice costs less than "
        f"{ring.cost}."
    )


def roads_of(network: RoadNetwork, sections: Sequence[int]) -> str:
    """Names of the roads of a route, each once in a row; its class where one has no name."""
    names: list[str] = []
    for section in sections:
        name = network.name_of(section) or network.class_of(section).replace("_", " ")
        if not names or names[-1] != name:
            names.append(name)
    if len(names) > _MOST_ROADS:
        half = _MOST_ROADS // 2
        names = [*names[:half], "...", *names[-half:]]
    return ", ".join(names) or "no road"


def _crossing(network: RoadNetwork, section: int) -> str:
    """Name of another road that a section meets."""
    own = network.name_of(section)
    for junction in (int(network.section_head[section]), int(network.section_tail[section])):
        first, last = int(network.first_out[junction]), int(network.first_out[junction + 1])
        for other in network.arc_section[first:last].tolist():
            if (name := network.name_of(other)) and name != own:
                return name
    return ""


def _finite(seconds: float) -> float | None:
    return round(float(seconds), 1) if np.isfinite(seconds) else None


def exit_parts(event: PlannedEvent) -> tuple[EventExitPart, ...]:
    """The exits of an event."""
    return tuple(
        EventExitPart(
            kind="section" if one.kind is SiteKind.SECTION else "junction",
            index=one.index,
            name=one.name,
        )
        for one in event.problem.exits
    )


def time_table(maker: RingMaker, layers: int, times_s: Sequence[float]) -> tuple[TimeRow, ...]:
    """What it costs to see everybody within each of some times."""
    rows = []
    for within_s in sorted(set(times_s)):
        ring = maker.ring(layers, within_s=within_s)
        rows.append(
            TimeRow(
                within_s=within_s,
                cost=ring.cost,
                sites=len(ring.sites) if ring.exists else None,
                why="" if ring.exists else ring.sentence,
            )
        )
    return tuple(rows)


def barrier_phase(event: PlannedEvent, priced: Priced, phase: EventPhase) -> BarrierPhase:
    """The fewest barriers that keep vehicles from where people walk, one of them openable."""
    network = event.network
    lon, lat, _ = phase.centre
    away = distance_m(network.junction_lon, network.junction_lat, lon, lat)
    outside = np.flatnonzero(away > event.form.barriers.from_m)
    # Only junctions that a road joins to one nearer by can be where a route ends.
    joined = np.zeros(network.junctions, dtype=bool)
    far = away > event.form.barriers.from_m
    crossing = far[network.section_tail] != far[network.section_head]
    joined[network.section_tail[crossing]] = True
    joined[network.section_head[crossing]] = True
    edge = outside[joined[outside]]
    exits = [EventExitPart(kind="junction", index=int(j), name="") for j in edge]
    maker = RingMaker(event, priced, phase.pedestrians, phase.area, f"the area of {phase.name}")
    ring = maker.ring(1, inward=True, exits=exits, what="barrier")
    return BarrierPhase(
        phase=phase.name,
        area=tuple((float(x), float(y)) for x, y in phase.area),
        ring=ring,
        openable=_openable(event, ring),
    )


def _openable(event: PlannedEvent, ring: RingPart) -> int | None:
    """The barrier that rescue comes to first; without a place, the one on the widest road."""
    if not ring.sites:
        return None
    if event.rescue is None:
        widest = min(ring.sites, key=lambda one: (ROAD_CLASSES.index(one.road_class), one.number))
        return widest.number
    network = event.network
    ends = np.array(
        [network.section_tail[event.rescue.section], network.section_head[event.rescue.section]],
        dtype=np.int32,
    )
    arrival_s = arrivals_from(network, event.vehicle, np.unique(ends))

    def reached(site: CameraPart) -> float:
        if site.kind == "junction":
            return float(arrival_s[site.index])
        tail, head = network.section_tail[site.index], network.section_head[site.index]
        return float(min(arrival_s[tail], arrival_s[head]))

    return min(ring.sites, key=lambda one: (reached(one), one.number)).number


def mast_ring(
    event: PlannedEvent,
    maker: RingMaker,
    exits: Sequence[EventExitPart],
    priced: Priced,
    progress: Callable[[str, float], None] | None = None,
) -> MastRingPart | None:
    """Choose among masts and single cameras, if the event has masts or asks for a probability."""
    from stopline.event.mast_ring import Mast, solve_mast_ring  # noqa: PLC0415  (HiGHS)

    form = event.form.cameras
    if not form.masts and form.probability is None:
        return None
    made = maker.network(form.layers, within_s=form.within_s, exits=exits)
    problem = made.problem
    masts: list[Mast] = []
    links_of: dict[int, list[int]] = {}
    for link, section in enumerate(made.section.tolist()):
        links_of.setdefault(section, []).append(link)
    for one in form.masts:
        links = tuple(link for section in one.sections for link in links_of.get(section, ()))
        masts.append(Mast(name=one.name, price=one.cost, links=links, detection=one.detection))
    for link in np.flatnonzero(problem.most > 0).tolist():
        section = int(made.section[link])
        fit = priced.fits.get(section)
        sure = fit.type.detection if fit is not None else 1.0
        for number in range(int(problem.most[link])):
            stands = number < int(problem.existing[link])
            price = 0 if stands else int(problem.price[link])
            masts.append(
                Mast(name=f"section {section}", price=price, links=(link,), detection=sure)
            )
    found = solve_mast_ring(
        problem, masts, probability=form.probability, time_limit_s=60.0, progress=progress
    )
    chosen = set(found.chosen)
    parts = tuple(
        MastPart(
            name=mast.name,
            sections=tuple(sorted({int(made.section[link]) for link in mast.links})),
            price=mast.price,
            detection=mast.detection,
            chosen=number in chosen,
        )
        for number, mast in enumerate(masts)
        if number in chosen or number < len(form.masts)
    )
    exists = found.cost >= 0
    worst = Way(1, found.worst, tuple(True for _ in found.worst))
    sections = [int(made.section[link]) for link in worst.links if made.section[link] >= 0]
    asked = (
        f"{form.layers} masts" if form.probability is None
        else f"a probability of {form.probability:g}"
    )  # fmt: skip
    roads = roads_of(event.network, sections)
    if exists:
        bound = (
            "no choice costs less"
            if found.cost <= found.bound
            else (f"no choice costs less than {found.bound}, a gap of {found.gap}")
        )
        sentence = (
            f"Every way out meets {asked}: {len(chosen)} masts and cameras, cost {found.cost}; "
            f"{bound}. The way seen least ({found.worst_value:.3g}): {roads}."
        )
    else:
        sentence = (
            f"No choice gives {asked} on every way: with all of them the way {roads} has "
            f"{found.worst_value:.3g}."
        )
    return MastRingPart(
        probability=form.probability,
        layers=form.layers,
        exists=exists,
        cost=found.cost if exists else None,
        bound=found.bound if exists else None,
        proven=found.proven,
        masts=parts,
        weakest=WayPart(
            weight=1, sections=tuple(sections), forward=tuple(True for _ in sections), roads=roads
        ),
        weakest_value=float(found.worst_value),
        sentence=sentence,
    )
