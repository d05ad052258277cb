"""The particle filter against the exact one: within sampling error, with fixed seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from belief.cases import START_S, busy_section, hit, witness, world
from stopline.belief.particle import ParticleFilter
from stopline.belief.sightings import Heading, Silence
from stopline.belief.tracker import track
from stopline.testing.exact_belief import ExactFilter

if TYPE_CHECKING:
    from stopline.belief.base import Filter
    from stopline.belief.sightings import Sighting

COUNT = 60_000
NEAR = 0.012  # four standard errors of a share of one half are 0.008


def distance(one: Filter, other: Filter) -> float:
    """Largest difference of any probability that both answer."""
    pairs = [
        (one.by_arc(), other.by_arc()),
        (one.by_destination(), other.by_destination()),
        (one.out(), other.out()),
        (np.array([one.hidden()]), np.array([other.hidden()])),
    ]
    return max(float(np.abs(a - b).max()) for a, b in pairs)


def both(seed: int, sightings: list[Sighting], until_s: float) -> tuple[Filter, Filter]:
    exact, particle = ExactFilter(world(seed)), ParticleFilter(world(seed), count=COUNT, seed=seed)
    for one in (exact, particle):
        track(one, sightings, until_s=until_s)
    return exact, particle


@pytest.mark.parametrize("seed", range(8))
def test_motion_alone(seed: int) -> None:
    section = busy_section(world(seed), seed)
    exact, particle = both(seed, [hit(section)], START_S + 40)
    assert distance(exact, particle) < NEAR


@pytest.mark.parametrize("seed", range(8))
def test_with_a_witness_a_silence_and_hearsay(seed: int) -> None:
    motion = world(seed)
    section = busy_section(motion, seed)
    other = busy_section(motion, seed + 100)
    sightings: list[Sighting] = [
        hit(section),
        Silence(
            id="quiet", source="camera 9", known_s=START_S + 30, section=other,
            from_s=START_S + 5, until_s=START_S + 25, detection=0.8,
        ),
        witness(motion, other, START_S + 20),
        Heading(
            id="hearsay", source="x", known_s=START_S + 30, destination="exit 1",
            at_s=START_S + 25, reliability="A", credibility=2,
        ),
    ]  # fmt: skip
    exact, particle = both(seed, sightings, START_S + 35)
    assert distance(exact, particle) < 2 * NEAR


def test_the_exact_filter_keeps_all_probability() -> None:
    exact = ExactFilter(world(3))
    exact.begin(hit(busy_section(exact.motion, 3)))
    for _ in range(20):
        exact.advance(5.0, [])
        total = exact.drives.sum() + exact.hides.sum() + exact.gone.sum()
        assert total == pytest.approx(1.0)
        assert exact.by_destination().sum() == pytest.approx(1.0)
