"""A silence weighs exactly what was watched: its share of the step, its detection, its direction.

Samples stand just before the middle of a section and drive past it within the step, so what a
watcher had to see is known to the last digit.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from belief.cases import RULES, START_S, busy_section, hit, world
from stopline.belief.particle import ParticleFilter
from stopline.belief.sightings import CREDIBILITY, RELIABILITY, Silence, Witness, truth_of

SPAN_S = 4.0
COUNT = 1000
STILL = type(RULES)(
    **{
        **{name: getattr(RULES, name) for name in RULES.__slots__},
        "hide_per_h": 0.0,
        "leave_per_h": 0.0,
        "hidden_at_start": 0.0,
    }
)


def passing(seed: int = 2) -> tuple[ParticleFilter, int, int]:
    """A filter of which one half passes the middle of a section this way, the other that way."""
    motion = world(seed, STILL)
    belief = ParticleFilter(motion, count=COUNT, seed=5)
    belief.begin(hit(busy_section(motion, seed)))
    both = [
        section
        for section in range(motion.graph.network.sections)
        if all(motion.arc_of[way, section] >= 0 for way in (0, 1))
        and all(np.isfinite(motion.graph.time_s[motion.arc_of[way, section]]) for way in (0, 1))
        and motion.graph.time_s[motion.arc_of[0, section]] >= 8.0
    ]
    section = both[0]
    there, back = (int(motion.arc_of[way, section]) for way in (1, 0))
    half = COUNT // 2
    belief.arc[:half], belief.arc[half:] = there, back
    belief.done_s[:] = 0.5 * motion.graph.time_s[there] - 1.0
    belief.speed[:] = 1.0
    belief.state[:] = belief.state[0]
    belief.weight[:] = 1.0 / COUNT
    return belief, section, half


def silence(
    section: int, *, forward: bool | None = True, detection: float = 0.4, share: float = 1.0
) -> Silence:
    return Silence(
        id="quiet", source="camera 9", known_s=START_S + 100, section=section, from_s=START_S,
        until_s=START_S + share * SPAN_S, detection=detection, forward=forward,
    )  # fmt: skip


def kept(belief: ParticleFilter, half: int) -> tuple[float, float]:
    """Weight of those that drove there and of those that drove back."""
    return float(belief.weight[:half].sum()), float(belief.weight[half:].sum())


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("detection", [0.2, 0.4])
def test_it_weighs_its_share_of_the_step_times_its_detection(
    share: float, detection: float
) -> None:
    belief, section, half = passing()
    (effect,) = belief.advance(SPAN_S, [silence(section, detection=detection, share=share)])
    assert effect.expected == pytest.approx(0.5 * share * detection, rel=1e-9)
    there, back = kept(belief, half)
    assert there / back == pytest.approx(1 - share * detection, rel=1e-9)


@pytest.mark.parametrize("forward", [True, False])
def test_one_direction_says_nothing_of_the_other(forward: bool) -> None:  # noqa: FBT001
    belief, section, half = passing()
    belief.advance(SPAN_S, [silence(section, forward=forward)])
    there, back = kept(belief, half)
    watched, other = (there, back) if forward else (back, there)
    assert watched / other == pytest.approx(0.6, rel=1e-9)


def test_both_directions_weigh_alike_where_none_is_named() -> None:
    belief, section, half = passing()
    (effect,) = belief.advance(SPAN_S, [silence(section, forward=None)])
    assert effect.expected == pytest.approx(0.4, rel=1e-9)
    there, back = kept(belief, half)
    assert there == pytest.approx(back, rel=1e-9)


def test_two_watchers_multiply() -> None:
    belief, section, half = passing()
    belief.advance(SPAN_S, [silence(section), silence(section, detection=0.2)])
    there, back = kept(belief, half)
    assert there / back == pytest.approx(0.6 * 0.8, rel=1e-9)


@pytest.mark.parametrize("reliability", list(RELIABILITY))
@pytest.mark.parametrize("credibility", list(CREDIBILITY))
def test_the_truth_of_a_report_lies_between_its_two_grades(
    reliability: str, credibility: int
) -> None:
    report = Witness(
        id="w", source="x", known_s=START_S, lon=0.0, lat=0.0, radius_m=100.0, from_s=START_S,
        until_s=START_S, reliability=reliability, credibility=credibility,
    )  # fmt: skip
    grades = RELIABILITY[reliability], CREDIBILITY[credibility]
    assert min(grades) <= truth_of(report) <= max(grades)
    assert truth_of(report) == pytest.approx(math.exp(sum(map(math.log, grades)) / 2))
