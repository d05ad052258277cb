"""A late unit opens a leak at once, and it is shown as one; the verdict is of what is really so."""

from __future__ import annotations

from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import DUTY, INCIDENT, LIAISON, Case
from operation.orders.sealing_case import entries, orders, report, until, verdict
from stopline.operation.orders.commands import IssueOrders
from stopline.operation.orders.seal_notices import TellSeals
from stopline.operation.plan import board_lines
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.plan.verdict_text import essence_of
from stopline.operation.situation.report import situation_report

if TYPE_CHECKING:
    from stopline.operation.orders.projection import Order

LATE = "LP-Triesen"


def of(case: Case, unit: str, end: int = 0) -> Order:
    return next(o for o in reversed(orders(case, end).orders.values()) if o.issued.unit == unit)


def lines(case: Case) -> list[str]:
    found = board_lines.verdict_lines(case.incident(), case.both.now_s, UTC)
    return [f"{one.lead} {one.text}" for one in found]


def report_text(case: Case) -> str:
    book = case.both.desks[0].catch_up()
    page = situation_report(book, case.incident(), case.both.now_s)
    texts = [f"{line.lead} {line.text}" for part in page.blocks for line in part.lines]
    return "\n".join([page.headline, *texts])


def test_while_all_are_in_time_it_is_sealed(judged: Case) -> None:
    assert verdict(judged).verdict == "sealed"
    until(judged, of(judged, LATE).expected_s + 5.0)
    assert verdict(judged).verdict == "sealed"
    assert lines(judged)[0].startswith("SEALED: No exit can be reached")


def test_a_late_unit_opens_a_leak_in_the_second_it_is_late(judged: Case) -> None:
    deadline_s = of(judged, LATE).deadline_s
    until(judged, deadline_s - 3.0, held_back=(LATE,))
    assert verdict(judged).verdict == "sealed"
    while not of(judged, LATE).is_late(judged.both.now_s):
        judged.both.run(1.0)
    found = verdict(judged)
    assert found.verdict == "leaking"
    assert {way.unit for way in found.ways} == {LATE}
    assert {way.site for way in found.ways} == {of(judged, LATE).issued.site}
    assert all(way.still_open and way.roads for way in found.ways)
    assert lines(judged)[0].startswith("LEAK: ")
    assert f"because {LATE} is late at" in lines(judged)[0]
    page = report_text(judged)
    assert "exits OPEN" in page.splitlines()[0]
    assert "LEAK: " in page


def test_closing_late_but_before_the_vehicle_closes_the_leak(judged: Case) -> None:
    order = of(judged, LATE)
    until(judged, order.deadline_s + 5.0, held_back=(LATE,))
    assert verdict(judged).verdict == "leaking"
    report(judged, order, "closed")  # the margin is longer than this
    judged.both.run(2.0)
    assert verdict(judged).verdict == "sealed"
    assert lines(judged)[0].startswith("SEALED")
    assert "exits OPEN" not in report_text(judged)


def test_closing_after_it_may_have_passed_is_not_called_sealed(judged: Case) -> None:
    order = of(judged, LATE)
    until(judged, order.deadline_s + 900.0, held_back=(LATE,))
    report(judged, order, "closed")
    judged.both.run(2.0)
    found = verdict(judged)
    assert found.verdict == "leaking"
    assert not any(way.still_open for way in found.ways)
    assert lines(judged)[0].startswith("MAY BE OUT: ")


def test_a_confirmed_sighting_makes_what_was_before_it_past(judged: Case) -> None:
    order = of(judged, LATE)
    until(judged, order.deadline_s + 900.0, held_back=(LATE,))
    report(judged, order, "closed")
    for one in list(orders(judged).orders.values()):
        if one.state == "issued":
            report(judged, one, "closed")
    judged.both.run(2.0)
    assert verdict(judged).verdict == "leaking"
    here = judged.sighting(lon=9.5209, lat=47.141, seen=judged.at(-1.0))
    judged.do(0, here, DUTY)
    assert verdict(judged).verdict == "leaking"  # what nobody confirmed moves nothing
    judged.do(0, here.model_copy(update={"confirmed": True}), DUTY)
    judged.both.run(2.0)
    assert verdict(judged).verdict == "sealed"
    assert verdict(judged).sighting


def test_a_refusal_opens_a_leak_and_says_its_reason(judged: Case) -> None:
    report(judged, of(judged, LATE), "refused", "engine failure")
    judged.both.run(1.0)
    assert "engine failure" in lines(judged)[0]
    assert lines(judged)[0].startswith("LEAK: ")


@pytest.fixture
def both_sealing(judged: Case, made: str) -> Case:
    """The other side has adopted the same plan and issued its orders."""
    judged.do(1, AdoptPlan(incident=INCIDENT, plan=made), DUTY)
    judged.do(1, IssueOrders(incident=INCIDENT, side="CH"), DUTY)
    return judged


def test_what_the_other_side_calls_late_is_open_here_too(both_sealing: Case) -> None:
    case, held_back = both_sealing, ("BAZG-Buchs",)
    until(case, of(case, "BAZG-Buchs", 1).deadline_s + 2.0, held_back=held_back)
    assert verdict(case, 1).verdict == "leaking"
    assert verdict(case, 0).verdict == "sealed"  # it has not said so yet
    assert any(line.startswith("NOT REPORTED") for line in lines(case))
    case.do(1, TellSeals(incident=INCIDENT), LIAISON)
    case.both.run(2.0)
    found = verdict(case, 0)
    assert found.verdict == "leaking"
    assert found.ways[0].unit == ""
    assert "says that" in found.ways[0].why
    assert "late" in found.ways[0].why
    report(case, of(case, "BAZG-Buchs", 1), "closed", end=1)
    until(case, max(o.expected_s for o in orders(case, 1).orders.values()) + 2.0)
    case.do(1, TellSeals(incident=INCIDENT), LIAISON)
    case.both.run(2.0)
    assert "says that" not in " ".join(way.why for way in verdict(case, 0).ways)


def test_a_verdict_is_noted_when_it_changes_and_not_each_second(sealing: Case) -> None:
    until(sealing, of(sealing, LATE).deadline_s + 60.0, held_back=(LATE,))
    found = entries(sealing, "verdict.changed")
    said = [essence_of(one.typed(), "") for one in found]
    assert all(a != b for a, b in pairwise(said))
    assert [one.body["verdict"] for one in found if one.body is not None][::3] == [
        "sealed", "leaking",
    ]  # fmt: skip
    assert len(entries(sealing, "replan.offered")) == 1  # the leak itself is one and the same
    until(sealing, sealing.both.now_s + 240.0, held_back=(LATE,))  # all others are closed
    before = sealing.both.desks[0].node.journal.size
    sealing.both.run(30.0)
    grown = [e.kind for e in sealing.both.desks[0].node.journal.read(before)]
    assert "verdict.changed" not in grown


def test_a_restart_finds_the_same_and_notes_nothing_twice(sealing: Case) -> None:
    until(sealing, of(sealing, LATE).deadline_s + 5.0, held_back=(LATE,))
    before = [e.fact_id for e in entries(sealing, "verdict.changed")]
    offers = [e.fact_id for e in entries(sealing, "replan.offered")]
    sealing.restart_folds_the_same()
    sealing.both.run(3.0)
    assert [e.fact_id for e in entries(sealing, "verdict.changed")] == before
    assert [e.fact_id for e in entries(sealing, "replan.offered")] == offers
    assert len(offers) == 1


def test_before_the_first_order_nothing_is_judged(case: Case, made: str) -> None:
    case.seal()
    case.do(0, AdoptPlan(incident=INCIDENT, plan=made), DUTY)
    assert board_lines.verdict_lines(case.incident(), case.both.now_s, UTC) == []
    assert entries(case, "verdict.changed") == []


def test_adopted_without_proof_warns_only_while_an_exit_can_be_reached(sealing: Case) -> None:
    known = sealing.incident().projection(Verdicts)
    plan, now = orders(sealing).plan, known.now
    assert plan is not None
    assert now is not None
    orders(sealing).plan = plan.model_copy(update={"unchecked_because": "our part of a joint plan"})
    tones = []
    for kind in ("sealed", "leaking"):
        known.now = now.model_copy(update={"verdict": kind})
        (line,) = [
            one
            for one in board_lines.verdict_lines(sealing.incident(), sealing.both.now_s, UTC)
            if one.lead == "ADOPTED WITHOUT PROOF:"
        ]
        tones.append((kind, line.tone))
    assert tones == [("sealed", "plain"), ("leaking", "bad")]
