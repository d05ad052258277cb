"""Believe: where the vehicle probably is and where it is heading, from sightings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.belief.calibration import calibrated
from stopline.belief.motion import MotionRules, make_motion
from stopline.belief.particle import ParticleFilter
from stopline.belief.sampling import sample_routes
from stopline.belief.sightings import (
    CameraHit,
    Heading,
    Retraction,
    Silence,
    Witness,
    check_sightings,
)
from stopline.belief.tracker import track
from stopline.errors import FaultList
from stopline.library.given import check_position, expect, fields_are_right, is_number, listed
from stopline.library.problems import SNAP_M
from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.network.point_snapper import PointSnapper
from stopline.scenario.sightings import exit_destinations
from stopline.sealing.problem import SealingProblem
from stopline.sealing.reach import search_front

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.belief.sightings import Sighting
    from stopline.network.road_network import RoadNetwork


_RADII: Final = 5.0  # a report farther off the roads than this is a mistake, not a guess


@dataclass(frozen=True, slots=True)
class DrawnRoutes:
    """Routes drawn from a belief: `sl.intercept(drawn.routes, ready_s, weight=drawn.weight)`.

    Attributes:
        routes: each the sections it drives with the time it enters them, seconds.
        weight: probability of each; sums to 1.
    """

    routes: tuple[dict[int, float], ...]
    weight: NDArray[np.float64]

    def __repr__(self) -> str:
        return f"<routes: {len(self.routes)} drawn from a belief>"


@dataclass(frozen=True, slots=True)
class RoadBelief:
    """A belief over the roads at a moment.

    Attributes:
        network: the roads.
        sections: probability to be on each section, float64[s].
        destinations: probability of each exit to be where it is heading, by name.
        seed: of all chance.
        filter: the samples behind it.
    """

    network: RoadNetwork
    sections: NDArray[np.float64]
    destinations: dict[str, float]
    seed: int
    filter: ParticleFilter

    def routes(self, count: int = 1000) -> DrawnRoutes:
        """Draw routes from it, for `sl.intercept`: by section, seconds from its moment on.

        The section that it is on by then it entered before: a time below 0.

        Raises:
            BadInput: less than one.
        """
        faults = FaultList()
        is_number(count, "count", faults, least=1.0, what="a whole number")
        faults.raise_if_any()
        drawn = sample_routes(self.filter, int(count), seed=self.seed)
        section = self.filter.motion.graph.section[drawn.arc].tolist()
        enter_s = drawn.enter_s.tolist()
        return DrawnRoutes(
            tuple(
                {section[step]: enter_s[step] for step in range(*drawn.first[number : number + 2])
                 if section[step] >= 0}
                for number in range(drawn.count)
            ),
            drawn.weight,
        )  # fmt: skip

    def to_geodataframe(self) -> Any:  # noqa: ANN401
        """A GeoDataFrame of the sections it may be on, the most probable first."""
        frame = self.network.to_geodataframe().assign(probability=self.sections)
        return frame[frame["probability"] > 0].sort_values("probability", ascending=False)

    def __repr__(self) -> str:
        ranked = sorted(self.destinations.items(), key=lambda item: -item[1])[:2]
        heading = ", ".join(f"{name} {share:.0%}" for name, share in ranked)
        return f"<belief: {int((self.sections > 0).sum())} sections, heading for {heading}>"


def believe(
    problem: SealingProblem,
    sightings: Sequence[Sighting],
    *,
    at_s: float | None = None,
    seed: int = 1,
    particles: int = 20_000,
) -> RoadBelief:
    """Make the belief of all sightings.

    Args:
        problem: roads, exits, and how fast the vehicle is.
        sightings: witnesses, camera hits, silences, hearsay; times in UTC seconds.
        at_s: the moment, UTC seconds; the latest that any sighting became known if None.
        seed: of all chance; the same seed gives the same belief.
        particles: number of samples.

    Raises:
        BadInput: with every sighting that cannot be, or none says where it was.
    """
    expect(problem, SealingProblem, "problem", "a problem, as sl.SealingProblem(...) gives")
    sightings = _checked(problem, sightings, at_s, seed, particles)
    moment = max((one.known_s for one in sightings), default=0.0) if at_s is None else at_s
    destinations = exit_destinations(
        problem.network, problem.exits, search_front(problem).arrival_s
    )
    check_sightings(
        sightings, now_s=moment, sections=problem.network.sections,
        destinations=[one.name for one in destinations],
    )  # fmt: skip
    given = problem.vehicle
    graph = drive_graph(
        problem.network,
        Vehicle(speed_factor=min(given.speed_factor, 1.15), obeys_one_way=True,
                max_speed_mps=given.max_speed_mps),
    )  # fmt: skip
    driven = graph.time_s[np.isfinite(graph.time_s)]
    step_s = float(np.clip(driven.mean(), 10.0, 60.0))
    motion = make_motion(graph, destinations, MotionRules(step_s=step_s))
    belief = ParticleFilter(motion, count=particles, seed=seed)
    found = track(belief, sightings, until_s=moment)
    shares = belief.by_destination()
    names = [one.name for one in destinations]
    return RoadBelief(
        network=problem.network,
        sections=calibrated(found, given).sections,
        destinations=dict(zip(names, shares.tolist(), strict=True)),
        seed=seed,
        filter=belief,
    )


def _checked(
    problem: SealingProblem, sightings: object, at_s: object, seed: object, particles: object
) -> list[Sighting]:
    """The sightings, if all that was given is of the right kind and each place lies near a road."""
    faults = FaultList()
    kinds = (Witness, CameraHit, Silence, Heading, Retraction)
    given = listed(sightings, kinds, "sightings", "sl.Witness, sl.CameraHit or sl.Silence", faults)
    points = PointSnapper(problem.network)
    for number, one in enumerate(given):
        where = f"sightings[{number}]"
        if not fields_are_right(one, where, faults) or not isinstance(one, Witness):
            continue
        if not check_position(faults, f"{where}: lon, lat", one.lon, one.lat):
            continue
        (near,) = points.snap([(one.lon, one.lat)])
        most_m = SNAP_M + _RADII * max(one.radius_m, 0.0)
        if not near.distance_m <= most_m:
            seen = points.too_far(one.lon, one.lat, near.distance_m)
            faults.add(f"{where}: lon, lat", seen, f"a place within {most_m:g} m of a road")
    if at_s is not None:
        is_number(at_s, "at_s", faults)
    is_number(particles, "particles", faults, least=1.0, what="a whole number")
    is_number(seed, "seed", faults, least=0.0, what="a whole number")
    faults.raise_if_any()
    return given
