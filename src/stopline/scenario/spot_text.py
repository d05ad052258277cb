"""A point as people say it: by its road, the nearest place, and how far it is to the border."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stopline.network.geodesy import distance_m
from stopline.network.place_names import road_label
from stopline.scenario.place_text import NamedPlace, near_text

if TYPE_CHECKING:
    from stopline.scenario.loader import Scenario

_CROSSING: Final = re.compile(r"\(.+ to (.+)\)$")
_NEAR_EXIT_M: Final = 30_000.0
_AT_M: Final = 500.0


def spot_text(scenario: Scenario, lon: float, lat: float, section: int | None = None) -> str:
    """A point as people say it: the road, the nearest place, and how far it is to an exit.

    For example `Landstrasse, 3 km south of Schaan, 2 km before the border to CH`.
    """
    road = "" if section is None else road_label(scenario.problem.network, section)
    places = [NamedPlace(name, *at) for name, at in scenario.places.items()]
    parts = (road, near_text(lon, lat, places), _before_an_exit(scenario, lon, lat))
    return ", ".join(part for part in parts if part)


def _before_an_exit(scenario: Scenario, lon: float, lat: float) -> str:
    """How far it is to the nearest exit, as the crow flies; empty where that is far."""
    problem = scenario.problem
    network = problem.network
    away = []
    for one in problem.exits:
        at = one.index if one.kind == "junction" else int(network.section_head[one.index])
        there = float(network.junction_lon[at]), float(network.junction_lat[at])
        away.append((float(distance_m(lon, lat, *there)), one.name))
    far_m, name = min(away, default=(_NEAR_EXIT_M, ""))
    if far_m >= _NEAR_EXIT_M:
        return ""
    border = _CROSSING.search(name)
    name = f"the border to {border[1]}" if border else name
    return f"at {name}" if far_m < _AT_M else f"{max(1.0, far_m / 1000):.0f} km before {name}"
