"""What a plan says of itself in words is confirmed or refused by `stopline verify`."""

from __future__ import annotations

from typing import Any

import pytest

from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan import Plan, Route, Verdict
from stopline.sealing.wording import exits_in_words, share
from stopline.testing.border_plans import NETWORK, content, form


def verified(document: dict[str, Any], sentence: str) -> tuple[bool, str]:
    """What the checker says of a right plan whose sentence is this one."""
    result = check_plan(form({**document, "sentence": sentence}), NETWORK)
    return result.ok, result.sentence


@pytest.mark.parametrize(
    ("verdict", "true", "false", "because"),
    [
        ("sealed", "3 seals held by 4 units", "3 seals held by 3 units", "3 seals and 4 units"),
        ("leaking", "leave 1 of 3 exits open", "leave 2 of 3 exits open", "Open are 1 of 3"),
        ("leaking", "seals off 2 of 3 exits", "seals off 3 of 3 exits", "By them are 2 of 3"),
        (
            "leaking",
            "be out at Track from 19:40:00",
            "be out at Track from 19:50:00",
            "The first is Track, 19:40:00",
        ),
        (
            "leaking",
            "first escape is delayed to 10 min 00 s after now",
            "first escape is delayed to 20 min 00 s after now",
            "It is 600.0 s after now",
        ),
        ("impossible", "2 units in reserve", "1 unit in reserve", "holds no seal"),
    ],
)
def test_a_true_statement_is_confirmed_and_a_false_one_refused(
    verdict: str, true: str, false: str, because: str
) -> None:
    document = content(verdict)
    if verdict == "impossible":
        left = len(document["units"]) - sum(len(one["holders"]) for one in document["seals"])
        true, false = f"{left} units in reserve", f"{left + 1} units in reserve"
        true = true.replace("1 units", "1 unit")
    ok, said = verified(document, f"{verdict.capitalize()}: {true}.")
    assert ok, said
    assert true.split(" after now")[0].split("be out")[0] in said
    ok, said = verified(document, f"{verdict.capitalize()}: {false}.")
    assert not ok
    assert because in said


def test_a_verdict_in_words_is_that_of_the_plan() -> None:
    ok, said = verified(content("leaking"), "Sealed: 2 seals held by 3 units.")
    assert not ok
    assert "Its verdict is leaking" in said


def test_no_plan_uses_fewer_is_of_the_objective_that_came_first() -> None:
    document = content("sealed")  # units come first
    ok, said = verified(document, "Sealed; fewer units cannot keep that margin.")
    assert not ok
    assert "By its objective (units) it is of all plans that seal" in said
    ok, said = verified(document, "Sealed; fewer units cannot.")
    assert ok
    assert "That fewer units cannot was not checked" in said
    ok, said = verified(
        {**document, "objective": ["last_closing", "units"]}, "Sealed; fewer units cannot."
    )
    assert not ok
    assert "plans that close the last road as early" in said


def believed(document: dict[str, Any], stopped: float, early_s: float = 0.0) -> dict[str, Any]:
    """A belief of three routes, of which two come to the first seal when it is closed."""
    shut_s = document["seals"][0]["closed_at_s"] + document["required_margin_s"]
    part = {
        "stopped": stopped,
        "routes": 3,
        "weights": [0.5, 0.2],
        "met": [{"seal": 0, "route": [0, 1], "at_s": [shut_s + 5.0, shut_s - early_s]}],
    }
    return {**document, "believed": part}


@pytest.mark.parametrize(
    ("stopped", "early_s", "words", "because"),
    [
        (0.7, 0.0, "70%", ""),
        (0.7, 0.0, "95%", "The routes add up to 70.0%"),
        (0.9, 0.0, "90%", "add up to 70.0%"),
        (0.7, 9.0, "70%", "before it is closed with the margin"),
    ],
)
def test_the_belief_that_is_stopped_is_added_up(
    stopped: float, early_s: float, words: str, because: str
) -> None:
    document = believed(content("leaking"), stopped, early_s)
    sentence = f"Leaking: these orders stop the vehicle with {words} by the belief, with 3 units."
    ok, said = verified(document, sentence)
    assert ok is not bool(because), said
    assert because in said


def test_a_seal_that_is_said_to_stop_more_than_its_routes_is_refused() -> None:
    document = believed(content("leaking"), 0.7)
    document["seals"][0]["why"] = "stops 90% of what is believed by itself"
    ok, said = verified(document, "Leaking.")
    assert not ok
    assert "The routes that come there are 70.0%" in said


ROUTE = Route(junctions=(), sections=(0,), enter_s=(0.0,), arrival_s=9.0, source="a", exit="C")


@pytest.mark.parametrize(
    ("sealed", "none", "left", "words"),
    [
        (("A", "B"), ("B",), "C", "1 of 3 exits is sealed off by them, 1 needs none, 1 stays open"),
        (("A", "B"), (), "CD", "2 of 4 exits are sealed off by them, 2 stay open"),
        (("A",), ("A",), "C", "0 of 2 exits are sealed off by them, 1 needs none, 1 stays open"),
        ((), (), "C", "0 of 1 exit is sealed off by them, 1 stays open"),
    ],
)  # fmt: skip
def test_exits_that_need_no_seal_are_counted_apart(
    sealed: tuple[str, ...], none: tuple[str, ...], left: str, words: str
) -> None:
    plan = Plan(
        verdict=Verdict.LEAKING, proven=True, sentence="", now_utc_s=0.0, required_margin_s=0.0,
        seals=(), units_used=0, lower_bound=0, margin_s=0.0, objective=(), open_routes=(ROUTE,),
        sealed_exits=sealed, needed_none=none, open_exits=tuple(left),
    )  # fmt: skip
    assert exits_in_words(plan) == words


@pytest.mark.parametrize(
    ("part", "words"),
    [(0.0, "0%"), (0.002, "less than 1%"), (0.347, "35%"), (0.998, "more than 99%"), (1.0, "100%")],
)
def test_a_share_never_rounds_to_nothing_or_to_all(part: float, words: str) -> None:
    assert share(part) == words
