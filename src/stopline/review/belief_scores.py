"""What was believed, against what turned out to be true.

At each sighting the belief is made anew from what this side knew at that moment, and asked for the
place where the vehicle truly was. The score is log2 of the probability that it gave to the roads
near there: 0 bits would be certainty, and each bit less is half the probability.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from stopline.belief.answers import region
from stopline.belief.calibration import calibrated
from stopline.belief.particle import ParticleFilter
from stopline.belief.tracker import track
from stopline.errors import BadInput
from stopline.network.geodesy import distance_m
from stopline.network.place_names import section_id
from stopline.network.point_snapper import PointSnapper
from stopline.operation.sightings.for_belief import for_belief
from stopline.operation.sightings.projection import Sightings
from stopline.planning.track import scenario_motion
from stopline.review.orders_given import road_text
from stopline.review.redaction import masked
from stopline.review.schema import Believed, SeenLine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from stopline.operation.sightings.projection import Sighting
    from stopline.review.ground_truth import TrueTrack
    from stopline.review.history import History
    from stopline.review.relative_time import Since
    from stopline.scenario.loader import Scenario
    from stopline.scenario.place_text import NamedPlace

WITHIN_M: Final = 250.0
ON_ROAD_M: Final = 50.0
_JUST_BEFORE_S: Final = 0.001


def seen_lines(history: History, since: Since, truth: TrueTrack | None) -> list[SeenLine]:
    """Every sighting as it stood at the end, with how far off it was."""
    here, there = history.side_name(history.side), history.side_name(history.book.other_side)
    found = []
    for one in history.incident.projection(Sightings).by_id.values():
        true = None if truth is None or one.nothing_seen else truth.at(one.seen_s)
        off_m = None
        if true is not None and one.lon is not None and one.lat is not None:
            off_m = round(float(distance_m(*true, one.lon, one.lat)))
        found.append(
            SeenLine(
                t_s=since.t(one.seen_s), known_s=since.t(one.noted_s),
                side=there if one.theirs else here, place=masked(place_of(one)), grade=one.grade,
                confirmed=one.confirmed, retracted=bool(one.retracted), off_m=off_m,
            )
        )  # fmt: skip
    return sorted(found, key=lambda line: (line.t_s, line.known_s))


def place_of(one: Sighting) -> str:
    """Where it was seen, as people name it, else by its coordinates."""
    what = "not seen at " if one.nothing_seen else ""
    if one.place:
        return what + one.place
    if one.lon is not None and one.lat is not None:
        return f"{what}{one.lat:.4f}, {one.lon:.4f}"
    return f"{what}section {one.section}"


def believed(
    history: History,
    since: Since,
    scenario: Scenario,
    truth: TrueTrack,
    places: Sequence[NamedPlace],
    *,
    progress: Callable[[str, float], None] | None = None,
) -> list[Believed]:
    """Score the belief of each moment at which a sighting became known.

    Args:
        history: what this side knew.
        since: the zero of times.
        scenario: gives the roads, the destinations and how the belief is made.
        truth: where it was.
        places: named places, for roads without a name.
        progress: told how much is done.
    """
    known = history.incident.projection(Sightings)
    scorer = _Scorer(history, scenario)
    moments = sorted({one.noted_s for one in known.by_id.values()})
    found = []
    for number, at_s in enumerate(moments):
        if progress is not None:
            progress("beliefs", number / len(moments))
        where = truth.at(at_s)
        if where is None:
            continue
        scored = scorer.at(at_s, where)
        if scored is None:
            continue
        before = scorer.at(at_s - _JUST_BEFORE_S, where)
        newest = [one for one in known.by_id.values() if one.noted_s == at_s]
        found.append(
            Believed(
                t_s=since.t(at_s), time=since.iso(since.t(at_s)),
                sighting=masked("; ".join(place_of(one) for one in newest)),
                true_lon=where[0], true_lat=where[1], true_road=scorer.road(where, places),
                within_m=WITHIN_M, before=None if before is None else before.probability,
                probability=scored.probability, log_score=scored.bits, in_50=scored.in_50,
                in_90=scored.in_90, km_50=scored.km_50, km_90=scored.km_90,
            )
        )  # fmt: skip
    return found


class _Score(NamedTuple):
    """What a belief gave to a place; the fields are those of `Believed`."""

    probability: float
    in_50: bool
    in_90: bool
    km_50: float
    km_90: float

    @property
    def bits(self) -> float | None:
        """The log score."""
        if self.probability <= 0:
            return None
        return round(math.log2(self.probability), 3)


class _Scorer:
    """Makes beliefs and asks them for a place."""

    def __init__(self, history: History, scenario: Scenario) -> None:
        self.history, self.scenario = history, scenario
        self.motion = scenario_motion(scenario)
        self.snapper = PointSnapper(scenario.problem.network)
        self._names = {one.name for one in scenario.destinations}

    def at(self, at_s: float, where: tuple[float, float]) -> _Score | None:
        """Scores of the belief at a moment; None while nothing was known of the vehicle itself."""
        told = for_belief(self.history.area_at(Sightings, at_s).by_id.values(), self._names)
        form, network = self.scenario.belief, self.scenario.problem.network
        belief = ParticleFilter(self.motion, count=form.particles, seed=form.seed)
        try:
            found = track(belief, told, until_s=at_s)
        except BadInput:
            return None
        sections = calibrated(found, self.scenario.problem.vehicle).sections
        near, on = self._near(where, WITHIN_M), self._near(where, ON_ROAD_M)
        parts = {share: region(sections, share) for share in (0.5, 0.9)}
        km = {
            share: round(float(network.section_length_m[part].sum()) / 1000, 2)
            for share, part in parts.items()
        }
        chance = min(1.0, round(float(sections[near].sum()), 6))
        return _Score(
            probability=chance,
            in_50=bool(on[parts[0.5]].any()),
            in_90=bool(on[parts[0.9]].any()),
            km_50=km[0.5],
            km_90=km[0.9],
        )

    def road(self, where: tuple[float, float], places: Sequence[NamedPlace]) -> str:
        """Name of the road at a place."""
        (point,) = self.snapper.snap([where])
        network = self.scenario.problem.network
        name = network.name_of(point.section) or section_id(network, point.section)
        return road_text(name, *where, places)

    def _near(self, where: tuple[float, float], within_m: float) -> NDArray[np.bool_]:
        """The sections that come so near to a place, by their ends and middles."""
        network = self.scenario.problem.network
        lon, lat = network.junction_lon, network.junction_lat
        tail, head = network.section_tail, network.section_head
        near = np.zeros(network.sections, dtype=bool)
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            at_lon = lon[tail] * (1 - share) + lon[head] * share
            at_lat = lat[tail] * (1 - share) + lat[head] * share
            near |= np.asarray(distance_m(*where, at_lon, at_lat)) <= within_m
        (point,) = self.snapper.snap([where])
        near[point.section] = True
        return near
