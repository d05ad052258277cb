"""A point is told by the road, the nearest place, and how far it is to the border."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from stopline.scenario.spot_text import spot_text
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit
from stopline.testing.border_plans import NETWORK


def scenario(exit_name: str) -> Any:
    problem = SimpleNamespace(
        network=NETWORK, exits=(Exit(name=exit_name, kind=SiteKind.JUNCTION, index=0),)
    )
    lon, lat = float(NETWORK.junction_lon[0]), float(NETWORK.junction_lat[0])
    return cast("Any", SimpleNamespace(problem=problem, places={"Ost": (lon + 0.1, lat)}))


@pytest.mark.parametrize(
    ("exit_name", "away", "said"),
    [
        ("Bridge (A to B)", 0.05, "before the border to B"),
        ("Stadium gate", 0.05, "before Stadium gate"),
        ("Bridge (A to B)", 0.0, "at the border to B"),
        ("Bridge (A to B)", 3.0, "east of Ost"),
    ],
)
def test_a_head_of_state_knows_the_place(exit_name: str, away: float, said: str) -> None:
    lon, lat = float(NETWORK.junction_lon[0]), float(NETWORK.junction_lat[0])
    text = spot_text(scenario(exit_name), lon + away, lat)
    assert said in text or (away == 3.0 and not text), text
