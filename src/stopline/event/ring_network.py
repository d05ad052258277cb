"""From a road network, a venue and exits to the network of a ring problem.

Routes begin at the junctions of the venue. They end at exits, or *within T seconds*: at the points
of the roads that a vehicle first reaches more than T seconds after it left; only what is reached
before can be a site, so sections that T falls on are cut there. Turn bans are not kept: a ring
holds for a vehicle that ignores them, and so for every other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.event.ring import RingProblem
from stopline.network.drive_graph import section_times
from stopline.network.road_network import Direction
from stopline.network.search import ArrivalSearch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.network.drive_graph import Vehicle
    from stopline.network.road_network import RoadNetwork

NO_SECTION = -1
NO_JUNCTION = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePrices:
    """What a camera (or barrier) costs, where any may stand, and which stand already.

    Attributes:
        price: int64[s], of one more on each section.
        most: int64[s], new ones that may stand on each section; 0 where none may.
        existing_section: int32[m], sections of those that stand already, one entry each.
        existing_part: float64[m], where on its section each stands, 0 at the tail to 1.
        junction: int32[j], junctions at which one may stand that sees all who pass.
        junction_price: int64[j], what that costs.
        junction_existing: int64[j], how many stand there already.
    """

    price: NDArray[np.int64]
    most: NDArray[np.int64]
    existing_section: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    existing_part: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    junction: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    junction_price: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    junction_existing: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class RingNetwork:
    """A ring problem with the roads that its links stand for; e links.

    Attributes:
        problem: the problem.
        section: int32[e], section of each link; `NO_SECTION` for the way through a junction.
        junction: int32[e], the junction of such a way, else `NO_JUNCTION`.
        begin: float64[e], part of the section, from its tail, from which on the link lies.
        end: float64[e], part up to which it does.
        drives: int32[e], section that is driven with the link; `NO_SECTION` for none.
        along: bool[e], whether the link runs along that section from tail to head.
        inward: whether routes lead to the venue, not out of it.
        arrival_s: float64[n], driving time between the venue and each junction.
    """

    problem: RingProblem
    section: NDArray[np.int32]
    junction: NDArray[np.int32]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    drives: NDArray[np.int32]
    along: NDArray[np.bool_]
    inward: bool
    arrival_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Links:
    """Columns of links in the making."""

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    section: NDArray[np.int32]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    open: NDArray[np.bool_]  # whether a new camera may stand, as far as the place goes
    drives: NDArray[np.int32]
    along: NDArray[np.bool_]

    def plus(self, other: _Links) -> _Links:
        names = self.__dataclass_fields__
        return _Links(**{n: np.concatenate((getattr(self, n), getattr(other, n))) for n in names})

    def take(self, rows: NDArray[np.bool_]) -> _Links:
        return _Links(**{n: getattr(self, n)[rows] for n in self.__dataclass_fields__})


def directions(
    network: RoadNetwork, vehicle: Vehicle, *, inward: bool = False
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a vehicle drives each section from tail to head, and from head to tail, bool[s].

    For the way *to* the venue all is turned round.
    """
    forward = np.isfinite(section_times(network, vehicle))
    backward = forward.copy()
    if vehicle.obeys_one_way:
        forward &= network.section_direction != Direction.BACKWARD
        backward &= network.section_direction != Direction.FORWARD
    return (backward, forward) if inward else (forward, backward)


def arrivals_from(
    network: RoadNetwork, vehicle: Vehicle, venue: NDArray[np.int32], *, inward: bool = False
) -> NDArray[np.float64]:
    """Seconds from the venue to each junction (or back to the venue), float64[n]."""
    forward, backward = directions(network, vehicle, inward=inward)
    time_s = section_times(network, vehicle)[network.arc_section]
    allowed = np.where(
        network.arc_forward, forward[network.arc_section], backward[network.arc_section]
    )
    search = ArrivalSearch(network.first_out, network.arc_head, np.where(allowed, time_s, np.inf))
    return search.run(venue, np.zeros(venue.shape[0])).arrival_s.copy()


def ring_network(
    network: RoadNetwork,
    vehicle: Vehicle,
    venue: NDArray[np.int32],
    prices: SitePrices,
    *,
    layers: int,
    exit_junctions: Sequence[int] = (),
    exit_sections: Sequence[int] = (),
    within_s: float | None = None,
    room_m: float = 10.0,
    inward: bool = False,
    arrival_s: NDArray[np.float64] | None = None,
) -> RingNetwork:
    """Make the ring problem of a venue.

    Args:
        network: the roads.
        vehicle: how the vehicle drives.
        venue: int32[v], its junctions.
        prices: what sites cost.
        layers: k, cameras that every route must pass.
        exit_junctions: where routes end.
        exit_sections: sections at whose other end routes end; a camera on one sees them.
        within_s: T, in place of exits.
        room_m: a section that T cuts must have this much before the cut to take a camera.
        inward: for vehicles that approach the venue.
        arrival_s: what `arrivals_from` found, if it is known.
    """
    venue = np.unique(venue).astype(np.int32)
    if arrival_s is None:
        arrival_s = arrivals_from(network, vehicle, venue, inward=inward)
    forward, backward = directions(network, vehicle, inward=inward)
    sections = np.arange(network.sections, dtype=np.int32)
    links = _Links(
        tail=network.section_tail,
        head=network.section_head,
        forward=forward,
        backward=backward,
        section=sections,
        begin=np.zeros(network.sections),
        end=np.ones(network.sections),
        open=np.ones(network.sections, dtype=bool),
        drives=sections,
        along=np.ones(network.sections, dtype=bool),
    )
    if within_s is None:
        links, nodes, exits = _ended_at_exits(
            network, links, np.asarray(exit_junctions, np.int32), np.asarray(exit_sections, int)
        )
    else:
        links, nodes, exits = _cut_at(network, vehicle, links, arrival_s, within_s, room_m)
    reached = np.isfinite(np.append(arrival_s, np.zeros(nodes - network.junctions)))
    links = links.take(reached[links.tail] | reached[links.head])
    existing = _existing(prices, links, network.sections)
    price = np.where(links.section < 0, 0, prices.price[links.section])
    most = np.where(links.open & (links.section >= 0), prices.most[links.section], 0)
    problem = RingProblem(
        nodes=nodes,
        tail=links.tail.astype(np.int32),
        head=links.head.astype(np.int32),
        forward=links.forward,
        backward=links.backward,
        price=price.astype(np.int64),
        existing=existing,
        most=(most + existing).astype(np.int64),
        sources=venue,
        exits=exits,
        layers=layers,
    )
    made = RingNetwork(
        problem=problem,
        section=links.section,
        junction=np.full(links.section.shape[0], NO_JUNCTION, dtype=np.int32),
        begin=links.begin,
        end=links.end,
        drives=links.drives,
        along=links.along,
        inward=inward,
        arrival_s=arrival_s,
    )
    return made if prices.junction.size == 0 else _with_junctions(made, prices)


def _ended_at_exits(
    network: RoadNetwork,
    links: _Links,
    junctions: NDArray[np.int32],
    sections: NDArray[np.int64],
) -> tuple[_Links, int, NDArray[np.int32]]:
    """Let an exit section lead, from either end, to a gate and with its camera out."""
    if sections.size == 0:
        return links, network.junctions, junctions.astype(np.int32)
    sections = np.unique(sections)
    count, n = sections.shape[0], network.junctions
    gate = np.arange(n, n + count, dtype=np.int32)
    out = np.arange(n + count, n + 2 * count, dtype=np.int32)
    kept = np.ones(network.sections, dtype=bool)
    kept[sections] = False
    none, yes = np.zeros(count, dtype=bool), np.ones(count, dtype=bool)
    nothing = np.full(count, NO_SECTION, dtype=np.int32)
    zeros, ones = np.zeros(count), np.ones(count)
    number = sections.astype(np.int32)
    ways = ((links.tail, links.forward, yes), (links.head, links.backward, none))
    for end, allowed, along in ways:
        links = links.plus(
            _Links(
                tail=end[sections],
                head=gate,
                forward=allowed[sections],
                backward=none,
                section=nothing,
                begin=zeros,
                end=ones,
                open=none,
                drives=number,
                along=along,
            )
        )
    camera = _Links(
        tail=gate,
        head=out,
        forward=yes,
        backward=none,
        section=number,
        begin=zeros,
        end=ones,
        open=yes,
        drives=nothing,
        along=none,
    )
    links = links.plus(camera)
    keep = np.concatenate((kept, np.ones(3 * count, dtype=bool)))
    exits = np.concatenate((junctions, out)).astype(np.int32)
    return links.take(keep), n + 2 * count, exits


def _cut_at(
    network: RoadNetwork,
    vehicle: Vehicle,
    links: _Links,
    arrival_s: NDArray[np.float64],
    within_s: float,
    room_m: float,
) -> tuple[_Links, int, NDArray[np.int32]]:
    """Cut the sections where a vehicle that drives on comes to T."""
    time_s = section_times(network, vehicle)
    from_tail = np.where(links.forward, arrival_s[links.tail], np.inf)
    from_head = np.where(links.backward, arrival_s[links.head], np.inf)
    # The last point of a section that is reached: where drives from both ends meet.
    one_way_s = np.minimum(from_tail, from_head) + time_s
    with np.errstate(invalid="ignore"):
        both = np.isfinite(from_tail) & np.isfinite(from_head)
        last_s = np.where(both, np.minimum((from_tail + from_head + time_s) / 2, one_way_s),
                          one_way_s)  # fmt: skip
    entered = (from_tail <= within_s) | (from_head <= within_s)
    whole = entered & (last_s <= within_s)
    result = links.take(whole)
    for from_end, is_tail in ((from_tail, True), (from_head, False)):
        rows = entered & ~whole & (from_end <= within_s)
        cut = links.take(rows)
        part = np.clip((within_s - from_end[rows]) / time_s[rows], 0.0, 1.0)
        count = part.shape[0]
        result = result.plus(
            _Links(
                tail=cut.tail if is_tail else cut.head,
                head=np.full(count, network.junctions, dtype=np.int32),
                forward=np.ones(count, dtype=bool),
                backward=np.zeros(count, dtype=bool),
                section=cut.section,
                begin=np.zeros(count) if is_tail else 1 - part,
                end=part if is_tail else np.ones(count),
                open=part * network.section_length_m[rows] >= room_m,
                drives=cut.section,
                along=np.full(count, is_tail),
            )
        )
    out = np.array([network.junctions], dtype=np.int32)
    return result, network.junctions + 1, out


def _existing(prices: SitePrices, links: _Links, sections: int) -> NDArray[np.int64]:
    """Cameras that stand already on each link, int64[e]."""
    found = np.zeros(links.section.shape[0], dtype=np.int64)
    if prices.existing_section.size == 0:
        return found
    watched = np.zeros(sections + 1, dtype=bool)
    watched[prices.existing_section] = True
    for row in np.flatnonzero(watched[links.section] & (links.section >= 0)).tolist():
        mine = prices.existing_section == links.section[row]
        part = prices.existing_part[mine]
        found[row] = int(((part >= links.begin[row]) & (part <= links.end[row])).sum())
    return found


def _with_junctions(made: RingNetwork, prices: SitePrices) -> RingNetwork:
    """Split the junctions that are sites: in by the old node, out by a new one.

    Links between split junctions become two, one for each direction. That no section is paid for
    twice is a property of shortest distances: they cannot rise along both directions.
    """
    problem = made.problem
    venue = np.zeros(problem.nodes, dtype=bool)
    venue[problem.sources] = True
    venue[problem.exits[problem.exits < problem.nodes]] = True
    usable = ~venue[prices.junction]
    junction, count = prices.junction[usable], int(usable.sum())
    behind = np.arange(problem.nodes, dtype=np.int32)
    behind[junction] = problem.nodes + np.arange(count, dtype=np.int32)
    split = (behind[problem.tail] != problem.tail) | (behind[problem.head] != problem.head)
    one = split & problem.forward
    two = split & problem.backward
    rows = np.concatenate((np.flatnonzero(~split), np.flatnonzero(one), np.flatnonzero(two)))
    a, b, c = int((~split).sum()), int(one.sum()), int(two.sum())
    tail = np.concatenate((problem.tail[~split], behind[problem.tail[one]],
                           behind[problem.head[two]], junction))  # fmt: skip
    head = np.concatenate((problem.head[~split], problem.head[one], problem.tail[two],
                           behind[junction]))  # fmt: skip
    new = np.ones(count, dtype=bool)
    no_section = np.full(count, NO_SECTION, dtype=np.int32)
    existing = prices.junction_existing[usable]
    return replace(
        made,
        problem=replace(
            problem,
            nodes=problem.nodes + count,
            tail=tail.astype(np.int32),
            head=head.astype(np.int32),
            forward=np.concatenate((problem.forward[~split], np.ones(b + c, dtype=bool), new)),
            backward=np.concatenate((problem.backward[~split], np.zeros(b + c, dtype=bool), ~new)),
            price=np.concatenate((problem.price[rows], prices.junction_price[usable])),
            existing=np.concatenate((problem.existing[rows], existing)),
            most=np.concatenate((problem.most[rows], existing + 1)),
        ),
        section=np.concatenate((made.section[rows], no_section)),
        junction=np.concatenate((np.full(a + b + c, NO_JUNCTION, dtype=np.int32), junction)),
        begin=np.concatenate((made.begin[rows], np.zeros(count))),
        end=np.concatenate((made.end[rows], np.ones(count))),
        drives=np.concatenate((made.drives[rows], no_section)),
        along=np.concatenate((made.along[rows[: a + b]], ~made.along[rows[a + b :]], ~new)),
    )
