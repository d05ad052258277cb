"""A new plan against a leak, with the fewest changed orders, from how everything really is."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.operation.core.context import iso
from stopline.operation.facts.orders import ChangedOrder
from stopline.operation.orders.order_changes import changes
from stopline.operation.plan.replan_problem import replanning
from stopline.sealing.plan_file.file import zone_of
from stopline.sealing.plan_file.schema import PlanFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.network.road_network import RoadNetwork
    from stopline.operation.orders.actual_closures import Actual
    from stopline.operation.orders.order_changes import OrderChanges
    from stopline.operation.orders.projection import Order
    from stopline.operation.plan.live_units import LiveUnits
    from stopline.operation.plan.replan_problem import Replanning
    from stopline.sealing.plan import Plan
    from stopline.sealing.plan_file.schema import UnitPart
    from stopline.sealing.problem import SiteList


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan:
    """What was found.

    Attributes:
        plan: plan.json; empty if nothing better was found.
        verdict: its verdict; empty if nothing better was found.
        sentence: in one sentence.
        note: what it was computed from.
        withdraw: orders that it drops.
        order: orders that it adds.
    """

    plan: str
    verdict: str
    sentence: str
    note: str
    withdraw: tuple[ChangedOrder, ...] = ()
    order: tuple[ChangedOrder, ...] = ()


def replan(
    actual: Actual,
    orders: Iterable[Order],
    network: RoadNetwork,
    sites: SiteList | None,
    *,
    open_now: int,
    live: LiveUnits,
    sent: Mapping[str, UnitPart],
) -> Replan:
    """Plan against what leaks now; the plan passes the checker before anybody sees it.

    Args:
        actual: what is really closed.
        orders: all orders of this side, as they stand.
        network: the plan's network.
        sites: all that may be sealed; None for those that the plan names.
        open_now: exits that can be reached now; a plan that leaves as many is no offer.
        live: our units by their live readiness.
        sent: our units with orders, as the plan that sent them describes them, by id.

    Raises:
        BadInput: the checker refuses the new plan; it is a fault of the program.
    """
    # Planner and checker are heavy, and most nodes never need them.
    from stopline.sealing.checker.check import check_plan  # noqa: PLC0415
    from stopline.sealing.plan_file.file import plan_text, plan_to_dict  # noqa: PLC0415
    from stopline.sealing.planner import make_plan  # noqa: PLC0415
    from stopline.sealing.session import prepare  # noqa: PLC0415

    given = tuple(orders)
    asked = replanning(actual, given, network, sites, live, sent)
    session = prepare(asked.problem)
    session = dataclasses.replace(session, sides=session.locked(asked.fixed))
    made = make_plan(asked.problem, orders=asked.fixed | asked.ordered, session=session)
    made = _as_far_as_known(made, asked, actual)
    content = plan_to_dict(made, asked.problem, zone=zone_of(actual.plan))
    content["network"] = actual.plan.network.model_dump(mode="json")
    text = plan_text(content)
    form = PlanFile.model_validate_json(text)
    note = _note(asked, sites)
    standing = [one for one in given if one.state not in {"refused", "withdrawn", "reopened"}]
    found = changes(standing, form, asked.sides, actual.now_s)
    if not found.add or (form.verdict != "sealed" and len(form.open_exits) >= open_now):
        return Replan(plan="", verdict="", sentence=_nothing(form), note=note)
    checked = check_plan(form, network)
    if not checked.ok:
        seen = "; ".join(checked.faults[:3]) or "a route escapes"
        raise BadInput.single("re-plan", f"the checker refuses it: {seen}", "a plan that holds")
    return Replan(
        plan=text, verdict=form.verdict, sentence=_sentence(found, form), note=note,
        withdraw=tuple(_dropped(one) for one in found.drop), order=_added(found, form),
    )  # fmt: skip


def _as_far_as_known(made: Plan, asked: Replanning, actual: Actual) -> Plan:
    """Claim no more than was tried: what stands was not moved, so nothing is proven to be best.

    That no plan seals is proven only with these seals standing; the checker, which may move every
    unit, would rightly refuse to call it impossible.
    """
    from stopline.sealing.plan import Verdict  # noqa: PLC0415  (heavy)
    from stopline.sealing.wording import sentence_for  # noqa: PLC0415

    made = dataclasses.replace(made, lineage={**made.lineage, "replaces": actual.digest})
    if not asked.fixed:
        return made
    sealed = made.verdict is Verdict.SEALED
    made = dataclasses.replace(
        made, verdict=made.verdict if sealed else Verdict.LEAKING, proven=False, lower_bound=0,
        proof=(), proof_sites=(),
    )  # fmt: skip
    return dataclasses.replace(made, sentence=sentence_for(made, zone_of(actual.plan)))


def _dropped(order: Order) -> ChangedOrder:
    issued = order.issued
    return ChangedOrder(
        unit=issued.unit, agency=issued.agency, site=issued.site, road=issued.road, by=""
    )


def _added(found: OrderChanges, form: PlanFile) -> tuple[ChangedOrder, ...]:
    return tuple(
        ChangedOrder(
            unit=holder.unit, agency=holder.agency, road=seal.site.road,
            site=f"{seal.site.kind} {seal.site.index}", by=iso(form.now_utc_s + holder.ready_s),
        )
        for seal, holder in found.add
    )  # fmt: skip


def _sentence(found: OrderChanges, form: PlanFile) -> str:
    orders = f"{len(found.add)} new order{'' if len(found.add) == 1 else 's'}"
    gone = f", {len(found.drop)} withdrawn" if found.drop else ""
    if form.verdict == "sealed":
        return f"{orders}{gone}: every exit is sealed again."
    rest = ", ".join(form.open_exits[:3]) + (", ..." if len(form.open_exits) > 3 else "")  # noqa: PLR2004
    return f"{orders}{gone}: fewer exits stay open ({rest})."


def _nothing(form: PlanFile) -> str:
    missing = f" Missing: {form.missing}." if form.missing else ""
    return f"No new plan of our units closes more than is closed now.{missing}"


def _note(asked: Replanning, sites: SiteList | None) -> str:
    count = asked.problem.sites.count
    where = (
        f"{count} sites of the scenario"
        if sites is not None
        else f"only the {count} sites that the plan names (give the scenario to try all)"
    )
    out = f"; not counted: {', '.join(asked.left_out)}" if asked.left_out else ""
    return f"From {where}{out}."
