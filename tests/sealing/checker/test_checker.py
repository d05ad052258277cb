"""The checker confirms plans that are right, and refuses altered ones, naming what is wrong.

Alterations of plans that do not seal are in test_checker_proofs.py.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sealing.alterations import SEALED
from stopline.sealing.checker.check import check_plan
from stopline.testing.border_plans import (
    NETWORK,
    content,
    form,
    set_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.sealing.checker.check import CheckResult

    Alteration = Callable[[dict[str, Any]], object]


def checked(document: dict[str, Any]) -> CheckResult:
    return check_plan(form(document), NETWORK)


def test_the_plan_that_seals_is_confirmed() -> None:
    result = checked(content("sealed"))
    assert result.ok
    assert result.holds
    assert result.faults == ()
    assert result.escape is None
    assert result.sentence.startswith("Confirmed: 4 units in 3 seals stop every route.")


def test_the_plan_that_leaks_is_confirmed_with_its_leak() -> None:
    result = checked(content("leaking"))
    assert result.ok
    assert result.escape is not None
    assert result.escape.exit == "Track"
    assert result.escape.arrival_s == 600.0
    assert "River Road (19:33:20)" in result.escape.sentence
    assert "it seals off 2 of 3 exits" in result.sentence


def test_the_proof_that_sealing_is_impossible_is_confirmed() -> None:
    result = checked(content("impossible"))
    assert result.ok
    assert "no assignment of the 2 units stops all 3 routes" in result.confirmed


def test_a_plan_that_is_not_final_is_said_to_be_so() -> None:
    document = content("leaking")
    document["proven"] = False
    assert "does not say that its verdict is final" in checked(document).sentence


def test_a_later_claim_is_no_fault() -> None:
    """A unit that is there sooner than written does no harm; all times follow from the later."""
    document = content("sealed")
    seal = document["seals"][2]
    seal["holders"][0]["drive_s"] += 50.0
    set_time(seal["holders"][0], "ready", seal["holders"][0]["ready_s"] + 50.0)
    set_time(seal["holders"][0], "order_by", seal["holders"][0]["order_by_s"] - 50.0)
    set_time(seal, "closed_at", seal["closed_at_s"] + 50.0)
    seal["margin_s"] -= 50.0
    assert checked(document).ok


@pytest.mark.parametrize(("alter", "said"), SEALED.values(), ids=SEALED)
def test_an_altered_plan_that_seals_is_refused(alter: Alteration, said: str) -> None:
    document = content("sealed")
    alter(document)
    result = checked(document)
    assert not result.ok
    assert result.sentence.startswith("The plan is refused.")
    assert re.search(said, result.sentence), result.sentence
