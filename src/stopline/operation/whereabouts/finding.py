"""Find the whereabouts: the belief of a region by an incident's sightings; heavy to import."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from stopline.belief.answers import region
from stopline.errors import BadInput
from stopline.network.place_names import is_file_id
from stopline.operation.core.context import iso
from stopline.operation.facts.whereabouts import MOST, Chance, Whereabouts
from stopline.operation.plan.verdict import sources_of_sighting
from stopline.planning.track import believe
from stopline.planning.track_files import headline
from stopline.scenario.place_text import NamedPlace, near_text, nearest_place
from stopline.scenario.spot_text import spot_text
from stopline.sealing.reach import make_front

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.belief.motion import Motion
    from stopline.belief.sightings import Sighting as Believed
    from stopline.operation.sightings.projection import Sighting
    from stopline.planning.belief import Belief
    from stopline.scenario.loader import Scenario
    from stopline.sealing.reach import FrontStep

_LEAST: Final = 0.01  # of the probability; less is not said
_ROADS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefQuestion:
    """What is asked: an incident's sightings at a moment, taken out of the book.

    Attributes:
        incident: its id.
        at_s: the moment, UTC seconds.
        basis: digest of the sightings.
        told: the sightings as the belief takes them, what was taken back included.
        confirmed: the last confirmed one at which the vehicle was seen; None for none.
    """

    incident: str
    at_s: float
    basis: str
    told: tuple[Believed, ...]
    confirmed: Sighting | None


def find(question: BeliefQuestion, scenario: Scenario, motion: Motion) -> Whereabouts | None:
    """Find where the vehicle is believed to be; None while nothing is known of the vehicle itself.

    Args:
        question: what is asked.
        scenario: the region's, with roads, exits and places; its own sightings do not count.
        motion: of that scenario.
    """
    belief = believed(question, scenario, motion)
    return None if belief is None else whereabouts(question, belief)


def believed(
    question: BeliefQuestion, scenario: Scenario, motion: Motion | None = None
) -> Belief | None:
    """Find the belief itself; None while nothing is known of the vehicle."""
    problem = replace(scenario.problem, now_utc_s=question.at_s)
    asked = replace(scenario, problem=problem, sightings=question.told)
    try:
        return believe(asked, motion=motion)
    except BadInput:
        return None


def whereabouts(question: BeliefQuestion, belief: Belief) -> Whereabouts:
    """Say in short what a belief says."""
    asked = belief.scenario
    problem = asked.problem
    length_m = problem.network.section_length_m
    half_km, most_km = (
        float(length_m[region(belief.sections, share)].sum()) / 1000 for share in (0.5, 0.9)
    )
    step, seen = _reach(question, asked), question.confirmed
    return Whereabouts(
        at=iso(question.at_s),
        basis=question.basis,
        sightings=len(belief.track.used),
        scenario=asked.path.name,
        heading=headline(belief),
        destinations=tuple(
            Chance(name=one.name, probability=_share(one.probability))
            for one in belief.outlooks[:MOST]
            if one.probability >= _LEAST
        ),
        roads=_roads(belief),
        out=_share(belief.out),
        half_km=round(half_km, 2),
        most_km=round(most_km, 2),
        reach_km=None if step is None else round(step.farthest_km, 1),
        exits=0 if step is None else step.exits,
        reach_from="" if step is None or seen is None else _place_of(seen, asked),
        reach_to="" if step is None else farthest_place(step, asked),
    )


def _place_of(seen: Sighting, scenario: Scenario) -> str:
    """Where it was seen, as people say it; the other side tells a point alone."""
    if seen.place or seen.lon is None or seen.lat is None:
        return seen.place
    return spot_text(scenario, seen.lon, seen.lat)


def farthest_place(step: FrontStep, scenario: Scenario) -> str:
    """The farthest place that it can have reached: by its road, or by a place near it."""
    if step.farthest_junction is None or not is_file_id(step.farthest.partition(",")[0]):
        return step.farthest
    network = scenario.problem.network
    lon, lat = (
        float(axis[step.farthest_junction]) for axis in (network.junction_lon, network.junction_lat)
    )
    places = [NamedPlace(name, *at) for name, at in scenario.places.items()]
    return near_text(lon, lat, places) or step.farthest


def _reach(question: BeliefQuestion, scenario: Scenario) -> FrontStep | None:
    """How far it can be by now, in the worst case and with no road closed; None if not known."""
    seen = question.confirmed
    if seen is None:
        return None
    problem = scenario.problem
    sources = sources_of_sighting(seen, seen.seen_s - question.at_s, problem.network)
    return make_front(replace(problem, sources=sources), [0.0]).steps[0] if sources else None


def _roads(belief: Belief) -> tuple[Chance, ...]:
    """The roads on which it most probably is; sections of one name near one place are one road."""
    places = [NamedPlace(name, *at) for name, at in belief.scenario.places.items()]
    sections: list[int] = region(belief.sections, 0.9).tolist()
    shares: dict[str, float] = {}
    for section in sections:
        name = _road(belief, section, places)
        shares[name] = shares.get(name, 0.0) + float(belief.sections[section])
    best = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))[:_ROADS]
    return tuple(
        Chance(name=name, probability=_share(share)) for name, share in best if share >= _LEAST
    )


def _road(belief: Belief, section: int, places: Sequence[NamedPlace]) -> str:
    network = belief.scenario.problem.network
    tail = int(network.section_tail[section])
    lon, lat = float(network.junction_lon[tail]), float(network.junction_lat[tail])
    near = nearest_place(lon, lat, places)
    name = network.name_of(section) or "unnamed road"
    return name if near is None else f"{name} near {near[0].name}"


def _share(value: float) -> float:
    return min(1.0, max(0.0, round(value, 4)))
