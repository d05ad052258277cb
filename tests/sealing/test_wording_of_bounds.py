"""What a plan says of fewer units is true of its objectives; it says nothing of what is unknown."""

from __future__ import annotations

import dataclasses

import pytest

from stopline.sealing.plan import Certificate
from stopline.sealing.wording import sentence_for, units_bound
from stopline.testing.toy_plan import toy_plan, toy_problem


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (("units", "margin"), "fewer units cannot"),
        (("margin", "units"), "fewer units cannot keep that margin"),
        (("last_closing", "units"), "fewer units cannot close the last road as early"),
        (
            ("last_closing", "margin", "units"),
            "fewer units cannot close the last road as early and keep that margin",
        ),
        (("margin",), ""),
    ],
)
def test_fewer_units_cannot_is_said_with_what_they_cannot(
    objective: tuple[str, ...], words: str
) -> None:
    made = toy_plan(toy_problem())
    shown = Certificate(units=made.units_used, scale=1, margin_s=0.0, steps=())
    plan = dataclasses.replace(
        made, proven=True, lower_bound=made.units_used, objective=objective, certificate=shown
    )
    assert units_bound(plan) == words
    assert words in sentence_for(plan)
    unshown = dataclasses.replace(plan, certificate=None)
    assert units_bound(unshown) == ""
    assert "cannot" not in sentence_for(unshown)


def test_at_least_no_units_is_never_said() -> None:
    plan = dataclasses.replace(toy_plan(toy_problem()), objective=("units",))
    for bound, words in ((0, ""), (1, "at least 1 unit is needed"), (2, "at least 2 units are")):
        shown = Certificate(units=bound, scale=1, margin_s=0.0, steps=())
        open_still = dataclasses.replace(
            plan, proven=False, lower_bound=bound, certificate=shown if bound else None
        )
        assert units_bound(open_still).startswith(words)
        assert "at least 0" not in sentence_for(open_still)
