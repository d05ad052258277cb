"""Units that hold an order, or stand behind a commitment, are promised nowhere else."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pytest

from operation.joint.joint_case import Directly, outcome, part_of
from operation.liaison_case import DUTY, INCIDENT
from sealing.bound import site_text
from sealing.instances import random_problem
from stopline.operation.facts.readiness import RegisteredUnit
from stopline.operation.joint.commands import WithdrawCommitment
from stopline.operation.joint.remote_side import RemoteSide
from stopline.operation.joint.reply import decide
from stopline.operation.joint.search import plan_with
from stopline.operation.joint.unit_bindings import (
    Binding,
    units_for_answers,
    units_for_our_plan,
    with_bound_units,
)
from stopline.operation.joint.wiring import JointRequest, plan_jointly
from stopline.operation.orders.commands import MoveOrder, WithdrawOrders
from stopline.operation.plan.live_units import live_units
from stopline.operation.readiness.commands import RegisterUnits
from stopline.operation.readiness.planner import OLDEST_FIX_S
from stopline.operation.readiness.positions import PositionRow, ReportPositions
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan import Verdict
from stopline.sealing.plan_file.file import plan_from_dict, plan_to_dict
from stopline.sealing.planner import make_plan
from stopline.sealing.session import prepare
from stopline.sealing.side import Commitment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from operation.joint.incident_case import JointCase
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.side import Demands, Inequality

    Seeds = Callable[[int, int], range]


OTHER = "west.example/node"  # a third side, if there were one


class Watching(Directly):
    """Answers, and keeps which unit it promised where, from when."""

    def __init__(self, problem: SealingProblem) -> None:
        super().__init__({side.name: side for side in prepare(problem).sides}.get("south"))
        self.problem = problem
        self.promised: list[tuple[str, str, float]] = []

    def ask(
        self, demands: Demands, wanted: int, *, prefer: str
    ) -> Commitment | Sequence[Inequality]:
        said = decide(self.side, demands, wanted, prefer=prefer)
        if isinstance(said, Commitment):
            for site, holders in zip(demands.site.tolist(), said.holders, strict=False):
                place = site_text(self.problem, site)
                self.promised += [(h.unit, place, h.ready_s) for h in holders]
        return super().ask(demands, wanted, prefer=prefer)


def random_bindings(problem: SealingProblem, seed: int) -> dict[str, Binding]:
    """Some units of the south: in another incident, on the way, there already, or promised."""
    rng = np.random.default_rng([seed, 11])
    found: dict[str, Binding] = {}
    for unit in problem.units:
        what = rng.choice(["free", "away", "coming", "closed", "promised"])
        if unit.side != "south" or what == "free" or not problem.sites.count:
            continue
        site = site_text(problem, int(rng.integers(problem.sites.count)))
        from_s = problem.now_utc_s + float(rng.uniform(0, 400))
        found[unit.id] = {
            "away": Binding("away"),
            "coming": Binding("coming", site, from_s),
            "closed": Binding("closed", site, problem.now_utc_s - 5.0, closed=True),
            "promised": Binding("promised", site),
        }[str(what)]
    return found


def test_what_is_bound_is_promised_nowhere_else_and_the_plan_is_as_good(seeds: Seeds) -> None:
    """As one process with the same units bound; not one promise elsewhere, or too early."""
    held, sealed, other = 0, 0, 0
    for seed in seeds(12_000, 400):
        problem = random_problem(seed)
        bindings = random_bindings(problem, seed)
        bound = with_bound_units(problem, bindings)
        watching = Watching(part_of(bound, "south"))
        remote = RemoteSide("south", problem.sites.need, watching)
        plan = plan_with(part_of(bound, "north"), remote)
        whole = make_plan(bound)
        assert outcome(plan) == outcome(whole), seed
        sealed += whole.verdict is Verdict.SEALED
        other += outcome(whole) != outcome(make_plan(problem))
        for unit, place, ready_s in watching.promised:
            one = bindings.get(unit)
            if one is None:
                continue
            held += 1
            assert place == one.site, seed
            if one.from_s is not None:
                assert ready_s == pytest.approx(one.from_s - problem.now_utc_s), seed
    assert min(held, sealed, other) > 10


def promises(problem: SealingProblem, bindings: Mapping[str, Binding]) -> set[str]:
    """The units that a node can promise at all."""
    return {unit.id for unit in with_bound_units(problem, bindings).units}


def test_ordered_units_answer_at_their_site_alone(joint: JointCase) -> None:
    joint.order()
    ordered = {one.issued.unit: one.issued.site for one in joint.orders(1).standing()}
    assert ordered
    bound = joint.bound()
    assert {unit: one.site for unit, one in bound.items()} == ordered
    assert all(one.from_s is not None for one in bound.values())
    elsewhere = joint.bound("i-2")
    assert {unit: one.site for unit, one in elsewhere.items()} == dict.fromkeys(ordered, "")
    assert not promises(joint.parts[1], elsewhere) & ordered.keys()
    joint.parts[0] = moved(joint.parts[0])
    joint.plan("m2")
    again = joint.sites()
    assert again.keys() & ordered.keys()
    for unit in again.keys() & ordered.keys():
        assert again[unit] == ordered[unit]


def test_a_closed_site_counts_from_when_it_was_closed(joint: JointCase) -> None:
    joint.order()
    one = joint.orders(1).standing()[0]
    joint.case.do(
        1, MoveOrder(incident=INCIDENT, order=one.issued.order, state="closed"),
        replace(DUTY, agency=one.issued.agency),
    )  # fmt: skip
    closed_s = joint.orders(1).orders[one.issued.order].closed_s
    bound = joint.bound()[one.issued.unit]
    assert (bound.site, bound.from_s, bound.closed) == (one.issued.site, closed_s, True)


def test_a_late_unit_is_not_counted_on(joint: JointCase) -> None:
    joint.order()
    one = joint.orders(1).standing()[0]
    book = joint.case.both.desks[1].catch_up()
    peer = str(joint.case.both.desks[1].peer)
    late = units_for_answers(book, INCIDENT, one.deadline_s + 1.0, peer)
    assert late[one.issued.unit] == Binding(f"late at {one.issued.road}")
    assert one.issued.unit not in promises(joint.parts[1], late)


def test_an_officer_frees_a_unit_by_withdrawing_its_order(joint: JointCase) -> None:
    joint.order()
    one = joint.orders(1).standing()[0]
    back = WithdrawOrders(incident=INCIDENT, orders=(one.issued.order,), reason="needed")
    joint.case.do(1, back, DUTY)
    assert one.issued.unit not in joint.bound()
    assert one.issued.unit not in joint.bound("i-2")
    assert one.issued.unit not in units_for_our_plan(
        joint.case.both.desks[1].catch_up(), INCIDENT, joint.case.both.now_s
    )


def test_a_refused_order_binds_nobody(joint: JointCase) -> None:
    joint.order()
    one = joint.orders(1).standing()[0]
    refuse = MoveOrder(incident=INCIDENT, order=one.issued.order, state="refused", reason="engine")
    joint.case.do(1, refuse, replace(DUTY, agency=one.issued.agency))
    assert one.issued.unit not in joint.bound()


def moved(problem: SealingProblem) -> SealingProblem:
    """The vehicle seen somewhere else, so that other roads are to be sealed."""
    source = problem.sources[0]
    return replace(problem, sources=(replace(source, time_s=source.time_s + 120.0),))


def test_what_was_taken_is_not_promised_twice(joint: JointCase) -> None:
    joint.plan("m1")
    first = joint.sites()
    assert first
    assert {unit: one.site for unit, one in joint.bound(asker=OTHER).items()} == first
    assert all(one.from_s is None for one in joint.bound(asker=OTHER).values())
    assert not promises(joint.parts[1], joint.bound("i-2")) & first.keys()
    assert not joint.bound()  # whoever asks again replaces what it asked for before
    joint.parts[0] = moved(joint.parts[0])
    joint.plan("m2")
    second = joint.sites()
    assert second
    assert {unit: one.site for unit, one in joint.bound(asker=OTHER).items()} == second


def register(joint: JointCase, name: str, agency: str) -> None:
    unit = RegisteredUnit(id=name, side="CH", agency=agency, lon=9.5, lat=47.1)
    joint.case.do(1, RegisterUnits(units=(unit,)), replace(DUTY, agency=agency))


def test_a_plan_made_anew_may_move_who_is_on_the_way_but_opens_no_road(joint: JointCase) -> None:
    joint.order()
    issued = joint.orders(1).standing()[0].issued
    service = replace(DUTY, agency=issued.agency)

    def binding(asker: str = "") -> str | None:
        one = joint.bound(asker=asker).get(issued.unit)
        return None if one is None else one.site

    def report(state: str) -> None:
        move = MoveOrder.model_validate(
            {"incident": INCIDENT, "order": issued.order, "state": state, "reason": "x"}
        )
        joint.case.do(1, move, service)

    assert binding() == issued.site  # it is not registered: nobody knows where it is
    register(joint, issued.unit, issued.agency)
    assert binding() is None
    assert binding(OTHER) == issued.site
    report("under way")
    assert binding() == issued.site  # it drives, and has not said where
    at = joint.case.at(-1.0)
    row = PositionRow(unit=issued.unit, lon=9.5, lat=47.1, time=at)
    joint.case.do(1, ReportPositions(rows=(row,)), service)
    assert binding() is None
    book = joint.case.both.desks[1].catch_up()
    later_s, peer = joint.case.both.now_s + 2 * OLDEST_FIX_S, str(joint.case.both.desks[1].peer)
    assert issued.unit in units_for_answers(book, INCIDENT, later_s, peer)
    report("in position")
    assert binding() == issued.site
    report("closed")
    assert binding() == issued.site


def test_an_order_binds_where_its_commitment_was_withdrawn(joint: JointCase) -> None:
    joint.order()
    issued = joint.orders(1).standing()[0].issued
    register(joint, issued.unit, issued.agency)
    assert issued.unit not in joint.bound()
    matter, number = joint.key()
    withdraw = WithdrawCommitment(incident=INCIDENT, matter=matter, number=number, reason="fuel")
    joint.case.do(1, withdraw, DUTY)
    assert joint.bound()[issued.unit].site == issued.site


def test_a_commitment_that_ended_binds_nobody(joint: JointCase) -> None:
    made = joint.plan("m1")
    book = joint.case.both.desks[1].catch_up()
    expires_s = made.plan.joint.expires_utc_s  # type: ignore[union-attr]
    assert units_for_answers(book, INCIDENT, expires_s - 1.0, OTHER)
    assert not units_for_answers(book, INCIDENT, expires_s, OTHER)
    matter, number = joint.key()
    withdraw = WithdrawCommitment(incident=INCIDENT, matter=matter, number=number, reason="fuel")
    joint.case.do(1, withdraw, DUTY)
    assert not joint.bound(asker=OTHER)
    assert not joint.bound("i-2")


def test_a_promise_that_cannot_be_kept_any_more_is_taken_back_at_once(joint: JointCase) -> None:
    """Between answer and `plan.taken` a unit may have been ordered elsewhere."""
    asked, chore = joint.plan, joint.chores[1]

    def ordered_meanwhile(*_: object) -> dict[str, Binding]:
        heard = [
            str((entry.body or {}).get("kind"))
            for entry in chore.journal.read()
            if entry.kind == "message.received"
        ]
        busy = Binding("ordered in incident i-2")
        taken = heard[-1] == "plan.taken"
        return {unit.id: busy for unit in joint.parts[1].units} if taken else {}

    chore.bound = ordered_meanwhile
    asked("m1")
    (given,) = joint.joint(1).given.values()
    (taken,) = joint.joint(0).taken.values()
    assert "needed elsewhere" in given.ended(joint.case.both.now_s)
    assert "needed elsewhere" in taken.ended(joint.case.both.now_s)
    assert not any(unit.id in taken.withdrawn for unit in joint.parts[1].units)
    joint.case.restart_folds_the_same()


def test_our_own_plan_uses_no_promised_unit_elsewhere(joint: JointCase) -> None:
    joint.plan("m1")
    promised = joint.sites()
    book, now_s = joint.case.both.desks[1].catch_up(), joint.case.both.now_s
    here = units_for_our_plan(book, INCIDENT, now_s)
    assert {unit: one.site for unit, one in here.items()} == promised
    elsewhere = units_for_our_plan(book, "i-2", now_s)
    assert not promises(joint.parts[1], elsewhere) & promised.keys()
    plan = make_plan(with_bound_units(moved(joint.parts[1]), here))
    for seal in plan.seals:
        for holder in seal.holders:
            site = f"{seal.site.kind} {seal.site.index}"
            assert promised.get(holder.unit, site) == site
    told = live_units(book, INCIDENT, now_s).out
    assert told == {unit: one.why for unit, one in here.items()}
    assert all("promised to" in why for why in told.values())


def test_our_own_plan_may_move_our_orders_but_not_those_of_a_commitment(joint: JointCase) -> None:
    joint.order()
    ordered = {one.issued.unit: one.issued.site for one in joint.orders(1).standing()}
    book, now_s = joint.case.both.desks[1].catch_up(), joint.case.both.now_s
    kept = units_for_our_plan(book, INCIDENT, now_s)
    assert {unit: one.site for unit, one in kept.items()} == ordered
    matter, number = joint.key()
    withdraw = WithdrawCommitment(incident=INCIDENT, matter=matter, number=number, reason="fuel")
    joint.case.do(1, withdraw, DUTY)
    book = joint.case.both.desks[1].catch_up()
    assert not units_for_our_plan(book, INCIDENT, now_s)
    assert set(units_for_our_plan(book, "i-2", now_s)) == set(ordered)
    assert not live_units(book, INCIDENT, now_s).out


def test_the_plan_file_says_who_was_promised(
    joint: JointCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own plan, made with the node at hand: its checker must know what was not free."""
    joint.plan("m1")
    promised, ticks, both = joint.sites(), count(), joint.case.both
    monkeypatch.setattr("time.time", lambda: both.now_s + next(ticks) * 0.01)
    request = JointRequest(
        folder=both.folders[1], peer=str(both.desks[1].peer), side="CH", incident=INCIDENT,
        answer_within_s=0.1, pause=lambda: None,
    )  # fmt: skip
    made = plan_jointly(request, joint.parts[1], None, {})
    assert not made.answered
    form = plan_from_dict(plan_to_dict(made.plan, made.problem))
    assert {u.id: u.bound_to for u in form.units if u.bound_to} == promised
    assert check_plan(form, made.problem.network).ok
