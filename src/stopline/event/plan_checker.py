"""Check an event plan against the roads, by code that shares nothing with what made it.

Rings are checked twice. That no vehicle gets by: the cameras on the least-seen route are counted,
by a search in which a section costs the cameras on it (0-1 search of Dial). That none is cheaper:
the routes of the proof are driven, and what they carry beyond the prices is taken off their
weight. Forces are added up again.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stopline.errors import BadInput
from stopline.event.plan_schema import EventFile, read_event_plan
from stopline.network.access import vehicle_closed
from stopline.network.cache import open_network
from stopline.network.place_names import section_name
from stopline.network.read_settings import ReadSettings
from stopline.network.road_network import ROAD_CLASSES

if TYPE_CHECKING:
    from stopline.event.plan_schema import ForcesPart, PricesPart, RingPart, WayPart
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.plan_file.schema import VehiclePart

_TINY_S: Final = 1e-6
_MOST_ROADS: Final = 8
_OUT: Final = -1  # the node beyond every exit

# A piece of road as a vehicle can drive it: from, to, section, whether from tail to head, and
# between which parts of the section a camera on it must stand; (1, 0) where none counts.
Move = tuple[int, int, int, bool, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCheck:
    """What the checker found.

    Attributes:
        confirmed: what is confirmed, or that the plan is refused.
        faults: sentences that say what is wrong; empty if nothing is.
        notes: what could not be checked.
    """

    confirmed: str
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the plan is what it says."""
        return not self.faults

    @property
    def sentence(self) -> str:
        """All that was found, one sentence to a line."""
        lines = [self.confirmed, *(f"- {fault}" for fault in self.faults)]
        return "\n".join([*lines, *self.notes])


def check_event_file(path: Path | str, network: Path | str | None = None) -> EventCheck:
    """Read an event plan and its road network, and check the plan.

    Raises:
        BadInput: the file is no event plan, or the network is not there or cannot be read.
    """
    path = Path(path)
    plan = read_event_plan(path)
    try:
        settings = ReadSettings(**(plan.network.read_settings or {}))
    except TypeError as error:
        where, seen = f"{path}: network.read_settings", str(error)
        raise BadInput.single(where, seen, "the settings of docs/formats/scenario.md") from error
    named = Path(plan.network.path)
    places = [Path(network)] if network is not None else [named, path.parent / named.name]
    roads = next((one for one in places if one.exists()), None)
    if roads is None:
        where = f"{path}: network.path"
        raise BadInput.single(where, f"{named}, which is not there", "the network, by --network")
    return check_event(plan, open_network(roads, settings))


def check_event(plan: EventFile, network: RoadNetwork) -> EventCheck:
    """Check an event plan: rings, proofs, barriers and sums are computed anew."""
    if plan.network.digest != network.digest or plan.network.sections != network.sections:
        return _refused([f"The plan is of another network ({plan.network.path})."])
    faults: list[str] = []
    counted = 0
    for ring in plan.rings:
        what = f"the {ring.direction} ring of {ring.layers}"
        faults += _ring_faults(ring, what, plan, plan.camera_prices, network)
        counted += ring.exists
        if set(ring.starts) != set(plan.venue.junctions):
            faults.append(f"{_upper(what)} does not begin at the venue.")
    for phase in plan.barriers:
        what = f"the barriers of {phase.phase}"
        faults += _ring_faults(phase.ring, what, plan, plan.barrier_prices, network)
        counted += phase.ring.exists
        numbers = {site.number for site in phase.ring.sites}
        if phase.openable is not None and phase.openable not in numbers:
            faults.append(f"{_upper(what)} have no number {phase.openable} to open.")
    if plan.forces is not None:
        faults += _force_faults(plan.forces)
    if faults:
        return _refused(faults)
    routes = sum(len(ring.routes) for ring in plan.rings)
    confirmed = (
        f"Confirmed: {counted} {'ring' if counted == 1 else 'rings'} of cameras and barriers let "
        f"no route through, and {routes} routes prove the cost of the cameras."
    )
    notes = []
    if any(not ring.exists for ring in plan.rings):
        notes.append("A ring that cannot be is shown by its route, which was driven.")
    if plan.masts is not None:
        notes.append("Of the masts the weakest route was not searched: that has no short proof.")
    return EventCheck(confirmed=confirmed, notes=tuple(notes))


def _refused(faults: list[str]) -> EventCheck:
    return EventCheck(confirmed="Refused: the plan is not what it says.", faults=tuple(faults))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _ring_faults(
    ring: RingPart, what: str, plan: EventFile, prices: PricesPart, network: RoadNetwork
) -> list[str]:
    numbers = [
        *(s for site in ring.sites if site.kind == "section" for s in (site.index,)),
        *(s for way in ring.routes for s in way.sections),
        *(one.index for one in ring.exits if one.kind == "section"),
    ]
    junctions = [*ring.starts, *(one.index for one in ring.exits if one.kind == "junction")]
    junctions += [site.index for site in ring.sites if site.kind == "junction"]
    if any(n >= network.sections for n in numbers) or any(
        j >= network.junctions for j in junctions
    ):
        return [f"{_upper(what)} names roads that the network does not have."]
    roads = _Roads(network, plan.vehicle, ring)
    if not ring.exists:
        return _gap_faults(ring, what, prices, roads)
    faults = _site_faults(ring, what, prices, network)
    fewest, sections = roads.least_seen(ring)
    if fewest < ring.layers:
        names = _names(network, sections)
        faults.append(
            f"{_upper(what)} leaves a route that passes {fewest} of {ring.layers} sites: {names}."
        )
    return faults + _proof_faults(ring, what, prices, roads)


def _names(network: RoadNetwork, sections: list[int]) -> str:
    """Road names of a route, each once in a row."""
    names: list[str] = []
    for section in sections:
        name = section_name(network, section)
        if not names or names[-1] != name:
            names.append(name)
    if len(names) > _MOST_ROADS:
        half = _MOST_ROADS // 2
        names = [*names[:half], "...", *names[-half:]]
    return ", ".join(names) or "no road at all"


def _price(prices: PricesPart, network: RoadNetwork, section: int) -> int | None:
    """What a new site on a section costs; None where none may stand."""
    if str(section) in prices.sections:
        return prices.sections[str(section)]
    return prices.by_class.get(ROAD_CLASSES[int(network.section_class[section])])


def _site_faults(ring: RingPart, what: str, prices: PricesPart, network: RoadNetwork) -> list[str]:
    """Whether each site may stand, at its price, and whether the prices add up to the cost."""
    faults = []
    total = 0
    for site in ring.sites:
        new = site.count - site.existing
        if site.kind == "section":
            price = _price(prices, network, site.index)
            standing = sum(1 for section, _ in prices.existing if section == site.index)
            most = prices.most
        else:
            price, standing, most = prices.junction, 0, 1
        where = f"site {site.number} ({site.name}) of {what}"
        if site.existing > standing or new < 0:
            faults.append(f"{_upper(where)} counts {site.existing} that stand, not {standing}.")
        if new > 0 and (price is None or new > most):
            faults.append(
                f"{_upper(where)} has {new} new where at most {most if price else 0} may be."
            )
        elif new > 0 and price is not None and site.price != new * price:
            faults.append(f"{_upper(where)} costs {new * price}, not {site.price}.")
        total += site.price
    if ring.cost is None or total != ring.cost:
        faults.append(f"{_upper(what)} costs {total}, not {ring.cost}.")
    return faults


def _gap_faults(ring: RingPart, what: str, prices: PricesPart, roads: _Roads) -> list[str]:
    """A ring that cannot be: its route must lead out and take too few sites."""
    if ring.gap is None or ring.gap_most is None:
        return [f"{_upper(what)} is said not to exist, and no route shows it."]
    moves = roads.drive(ring.gap)
    if moves is None:
        return [f"{_upper(what)}: the route that shows that there is none does not lead out."]
    room = sum(roads.most(prices, move) for move in moves)
    if room >= ring.layers:
        return [f"{_upper(what)}: on the route that is said to have no room stand {room} sites."]
    return []


def _proof_faults(ring: RingPart, what: str, prices: PricesPart, roads: _Roads) -> list[str]:
    """Add up the flow: k times the weights, less what sections carry beyond their price."""
    load: dict[tuple[int, bool, float], tuple[int, Move]] = {}
    junction_load: dict[int, int] = {}
    total = 0
    for number, way in enumerate(ring.routes, start=1):
        moves = roads.drive(way)
        if moves is None:
            return [f"{_upper(what)}: route {number} of its proof does not lead out."]
        total += ring.layers * way.weight
        for move in moves:
            # The gate of an exit section serves both directions, every other site each apart.
            key = (move[2], move[3] and not roads.is_exit(move[2]), move[5])
            load[key] = (load.get(key, (0, move))[0] + way.weight, move)
        for move in moves[:-1]:
            junction_load[move[1]] = junction_load.get(move[1], 0) + way.weight
    for amount, move in load.values():
        standing = roads.standing(prices, move)
        price = roads.price(prices, move)
        total -= standing * amount
        if price is not None:
            total -= prices.most * max(0, amount - price)
    if prices.junction is not None:
        barred = {*ring.starts, *(one.index for one in ring.exits if one.kind == "junction")}
        total -= sum(
            max(0, amount - prices.junction)
            for junction, amount in junction_load.items()
            if junction not in barred
        )
    if total != ring.cost:
        proven = f"its routes prove a cost of {total}, not of {ring.cost}"
        return [f"{_upper(what)}: {proven}; a cheaper ring is not excluded."]
    return []


class _Roads:
    """The roads of one ring, as a vehicle drives them from where routes begin."""

    def __init__(self, network: RoadNetwork, vehicle: VehiclePart, ring: RingPart) -> None:
        self._network, self._vehicle, self._ring = network, vehicle, ring
        self._starts = set(ring.starts)
        self._closed: list[bool] = vehicle_closed(network, vehicle).tolist()
        self._time_s = [self._seconds(s) for s in range(network.sections)]
        around: dict[int, list[tuple[int, int, bool]]] = {}
        for section in range(network.sections):
            tail, head = int(network.section_tail[section]), int(network.section_head[section])
            for forward in (True, False):
                if self._allowed(section, forward=forward):
                    here, there = (tail, head) if forward else (head, tail)
                    around.setdefault(here, []).append((there, section, forward))
        self._around = around
        self._arrival_s = self._arrivals() if ring.within_s is not None else {}
        self._exit_junctions = {one.index for one in ring.exits if one.kind == "junction"}
        self._exit_sections = {one.index for one in ring.exits if one.kind == "section"}
        self._moves: dict[int, list[Move]] = {}

    def _seconds(self, section: int) -> float:
        network, vehicle = self._network, self._vehicle
        speed = float(network.section_speed_mps[section]) * vehicle.speed_factor
        by_class = vehicle.class_speed_mps or {}
        speed = by_class.get(ROAD_CLASSES[int(network.section_class[section])], speed)
        most = vehicle.max_speed_mps
        speed = max(speed, vehicle.min_speed_mps)
        return float(network.section_length_m[section]) / (
            speed if most is None else min(speed, most)
        )

    def _allowed(self, section: int, *, forward: bool) -> bool:
        """Whether the section is driven so on the way out; inward all is turned round."""
        if self._closed[section]:
            return False
        if not self._vehicle.obeys_one_way:
            return True
        direction = int(self._network.section_direction[section])
        with_sign = forward if self._ring.direction == "outward" else not forward
        return direction == 0 or (direction == 1) == with_sign

    def _arrivals(self) -> dict[int, float]:
        """Seconds from the starts to each junction (Dijkstra)."""
        arrival_s = dict.fromkeys(self._starts, 0.0)
        heap = [(0.0, node) for node in self._starts]
        done: set[int] = set()
        within_s = self._ring.within_s or 0.0
        while heap:
            now, node = heapq.heappop(heap)
            if node in done:
                continue
            done.add(node)
            if now > within_s:
                continue
            for there, section, _ in self._around.get(node, ()):
                when = now + self._time_s[section]
                if when < arrival_s.get(there, float("inf")):
                    arrival_s[there] = when
                    heapq.heappush(heap, (when, there))
        return arrival_s

    def moves(self, node: int) -> list[Move]:
        """What a vehicle at a junction can do next."""
        if node not in self._moves:
            self._moves[node] = [self._move(node, *one) for one in self._around.get(node, ())]
        return self._moves[node]

    def _move(self, node: int, there: int, section: int, forward: bool) -> Move:  # noqa: FBT001
        if section in self._exit_sections:
            return node, _OUT, section, forward, 0.0, 1.0
        within_s = self._ring.within_s
        if within_s is None:
            return node, there, section, forward, 0.0, 1.0
        whole_s = self._time_s[section]
        far = float("inf")
        here_s, there_s = self._arrival_s.get(node, far), self._arrival_s.get(there, far)
        back = self._allowed(section, forward=not forward)
        # The last point of the section to be reached, from whichever end comes first.
        last_s = here_s + whole_s
        if back and there_s < far:
            last_s = min(last_s, (here_s + there_s + whole_s) / 2, there_s + whole_s)
        if last_s <= within_s + _TINY_S:
            return node, there, section, forward, 0.0, 1.0
        part = min(1.0, max(0.0, (within_s - here_s) / whole_s))
        begin, end = (0.0, part) if forward else (1.0 - part, 1.0)
        return node, _OUT, section, forward, begin, end

    def is_exit(self, section: int) -> bool:
        """Whether routes end with a section."""
        return section in self._exit_sections

    def _is_end(self, node: int) -> bool:
        return node == _OUT or node in self._exit_junctions

    def least_seen(self, ring: RingPart) -> tuple[int, list[int]]:  # noqa: C901  (one search)
        """Fewest sites on a route, and the sections of that route."""
        on_section: dict[int, list[tuple[float, int]]] = {}
        at_junction: dict[int, int] = {}
        for site in ring.sites:
            if site.kind == "junction":
                at_junction[site.index] = at_junction.get(site.index, 0) + site.count
            else:
                on_section.setdefault(site.index, []).append((site.fraction, site.count))
        seen = dict.fromkeys(self._starts, 0)
        came: dict[int, tuple[int, int]] = {}
        queue = deque((0, node) for node in self._starts)
        while queue:
            count, node = queue.popleft()
            if seen[node] != count:
                continue
            if self._is_end(node):
                return count, self._back(came, node)
            if count >= ring.layers:
                continue
            for _, there, section, _, begin, end in self.moves(node):
                total = count + sum(
                    here
                    for at, here in on_section.get(section, ())
                    if begin - _TINY_S <= at <= end + _TINY_S
                )
                if there not in self._starts and not self._is_end(there):
                    total += at_junction.get(there, 0)
                if total < seen.get(there, ring.layers):
                    seen[there] = total
                    came[there] = (node, section)
                    if total == count:
                        queue.appendleft((total, there))
                    else:
                        _insert(queue, total, there)
        return ring.layers, []

    @staticmethod
    def _back(came: dict[int, tuple[int, int]], node: int) -> list[int]:
        sections = []
        while node in came:
            node, section = came[node]
            sections.append(section)
        return sections[::-1]

    def drive(self, way: WayPart) -> list[Move] | None:
        """The moves of a route from a start to an exit; None if it cannot be driven."""
        if len(way.sections) != len(way.forward) or not way.sections:
            return None
        network = self._network
        tail, head = network.section_tail, network.section_head
        first, along = way.sections[0], way.forward[0]
        node = int(tail[first] if along else head[first])
        if node not in self._starts:
            return None
        moves: list[Move] = []
        for section, forward in zip(way.sections, way.forward, strict=True):
            if self._is_end(node):
                return None
            found = [m for m in self.moves(node) if m[2] == section and m[3] == forward]
            if not found:
                return None
            moves.append(found[0])
            node = found[0][1]
        return moves if self._is_end(node) else None

    def _has_room(self, move: Move) -> bool:
        """Whether a new site can stand on the part of the section that is driven."""
        if self._ring.within_s is None or move[1] != _OUT:
            return True
        length_m = float(self._network.section_length_m[move[2]])
        return (move[5] - move[4]) * length_m >= self._ring.room_m - _TINY_S

    def price(self, prices: PricesPart, move: Move) -> int | None:
        """Of a new site on a move; None where none may stand."""
        return _price(prices, self._network, move[2]) if self._has_room(move) else None

    def standing(self, prices: PricesPart, move: Move) -> int:
        """Sites that stand already on a move."""
        return sum(
            1 for section, at in prices.existing if section == move[2] and move[4] <= at <= move[5]
        )

    def most(self, prices: PricesPart, move: Move) -> int:
        """Sites that can stand on a move."""
        new = prices.most if self.price(prices, move) is not None else 0
        gate = prices.junction is not None and not self._is_end(move[1])
        return self.standing(prices, move) + new + (gate and move[1] not in self._starts)


def _insert(queue: deque[tuple[int, int]], count: int, node: int) -> None:
    """Put a node behind those that are seen as little; counts differ by few."""
    at = len(queue)
    while at and queue[at - 1][0] > count:
        at -= 1
    queue.insert(at, (count, node))


def _force_faults(forces: ForcesPart) -> list[str]:
    """Whether each sum is that of its items, and each item names a row with a source."""
    rows = {row.id for row in forces.rows if row.source.strip() and row.date.strip()}
    faults = []
    for hour in forces.hours:
        for one in hour.services:
            where = f"{one.service} from {hour.start}"
            needed = sum(item.people for item in one.items)
            if needed != one.needed:
                faults.append(f"{_upper(where)}: {one.needed} needed, but the items are {needed}.")
            if one.missing != max(0, one.needed - one.rostered):
                faults.append(f"{_upper(where)}: {one.missing} missing does not follow.")
            faults += [
                f"{_upper(where)}: {row or 'no row'} is no row with a source."
                for row in (*(i.row for i in one.items), *(a.row for a in one.asks))
                if row not in rows
            ]
    return faults
