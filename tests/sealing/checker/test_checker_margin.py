"""A seal stops the vehicle only from its closing time plus the margin asked for."""

from __future__ import annotations

import pytest

from stopline.sealing.checker.check import check_plan
from stopline.sealing.checker.seals import barriers_of, place_of
from stopline.testing.border_plans import NETWORK, content, form, set_time


def test_a_barrier_stands_from_the_closing_time_and_the_margin() -> None:
    plan = form(content("sealed"))
    assert plan.rules.margin_s == 30.0
    for seal in plan.seals:
        assert barriers_of(plan).from_s[place_of(seal.site)] == seal.closed_at_s + 30.0


@pytest.mark.parametrize("before_s", [1.0, 29.0])
def test_a_seal_closed_within_the_margin_lets_the_vehicle_through(before_s: float) -> None:
    """Its arrival is after the closing, but not by what was asked for: the checker drives on."""
    document = content("sealed")
    seal = document["seals"][0]
    set_time(seal, "closed_at", seal["arrival_s"] - before_s)
    seal["margin_s"] = before_s
    result = check_plan(form(document), NETWORK)
    assert not result.ok
    assert result.escape is not None
