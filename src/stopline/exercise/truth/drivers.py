"""Drivers: how each kind sees the roads, how fast it goes, and what it does before a closed road.

None of them drives by the filter's own model. A driver perceives every road's time with an error
of its own and takes the shortest way by what it perceives.

- naive: sigma 0.25 of error, its own speed around the usual, drives into what is closed;
- hurried: knows the roads, a fifth faster, drives into what is closed;
- careful: sigma 0.15, a tenth slower, keeps off motorways and trunk roads where it can;
- turns: as the naive one, but at the sight of a checkpoint it turns and seeks another way;
- knows the strategy: knows the roads and where seals are planned, not which of them are closed by
  then: it goes round all of them if there is a way, and takes the shortest if there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.road_network import ROAD_CLASSES

if TYPE_CHECKING:
    import random

    from numpy.typing import NDArray

    from stopline.exercise.document.truth import DriverName
    from stopline.exercise.truth.roads import DriverRoads

_AVOIDED: Final = ("motorway", "trunk", "motorway_link", "trunk_link")
_AVOIDS_BY: Final = 1.8  # times as long as they are, to a careful driver


@dataclass(frozen=True, slots=True)
class Habits:
    """What makes a driver.

    Attributes:
        error: sigma of the log-normal error of a perceived time.
        pace: median speed beside the usual one.
        spread: sigma of its own speed, log-normal.
        turns: whether it turns where it sees a closed road.
        keeps_off: whether it keeps off great roads.
        knows: whether it knows where seals are planned.
    """

    error: float = 0.0
    pace: float = 1.0
    spread: float = 0.0
    turns: bool = False
    keeps_off: bool = False
    knows: bool = False


HABITS: Final[dict[DriverName, Habits]] = {
    "naive": Habits(error=0.25, spread=0.2),
    "hurried": Habits(pace=1.2, spread=0.05),
    "careful": Habits(error=0.15, pace=0.9, spread=0.1, keeps_off=True),
    "turns": Habits(error=0.25, spread=0.2, turns=True),
    "knows the strategy": Habits(pace=1.1, spread=0.05, knows=True),
}


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver on one network.

    Attributes:
        habits: what makes it.
        perceived_s: float64[a], what each arc takes as it believes.
        speed: times the usual speed at which it truly drives.
    """

    habits: Habits
    perceived_s: NDArray[np.float64]
    speed: float

    @classmethod
    def make(cls, name: DriverName, roads: DriverRoads, chance: random.Random) -> Driver:
        """Draw a driver of a kind."""
        habits = HABITS[name]
        own = np.random.default_rng(chance.getrandbits(64))
        speed = habits.pace * float(np.exp(own.normal(0.0, habits.spread)))
        perceived = roads.graph.time_s * np.exp(own.normal(0.0, habits.error, roads.graph.arcs))
        if habits.keeps_off:
            classes = [ROAD_CLASSES.index(one) for one in _AVOIDED]
            great = np.isin(roads.network.section_class, classes)[roads.graph.section]
            perceived = np.where(great, perceived * _AVOIDS_BY, perceived)
        return cls(habits, perceived, speed)
