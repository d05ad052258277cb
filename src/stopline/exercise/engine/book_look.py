"""An incident as a side's officers see it, read from the node's state in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.exercise.engine.ports import (
    DecisionLook,
    IncidentLook,
    OrderLook,
    RequestLook,
    SightingLook,
    StatementLook,
    TaskLook,
)
from stopline.operation.liaison.open_matters import decisions_wanted
from stopline.operation.liaison.requests import requests_of
from stopline.operation.orders.board import seal_status
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.sightings.projection import Sightings
from stopline.operation.statements.projection import Statements

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident


def look_of(incident: Incident, now_s: float) -> IncidentLook:
    """Show an incident."""
    orders = incident.projection(Orders)
    offer = incident.projection(Verdicts).offer
    return IncidentLook(
        phase=incident.phase,
        over=incident.is_over,
        authority=incident.authority,
        tasks=tuple(
            TaskLook(each.id, each.holders, each.what)
            for each in incident.due(now_s).tasks
            if each.granted or each.what != "do"
        ),
        decisions=tuple(
            DecisionLook(d.decision, d.taken_by, d.persons, tuple(v[1] for v in d.voices))
            for d in decisions_wanted(incident)
        ),
        requests=tuple(
            RequestLook(each.asked.id, each.asked.body.name, each.state)
            for each in requests_of(incident, now_s)
            if each.asked.received
        ),
        orders=tuple(
            OrderLook(
                one.issued.order, one.issued.unit, one.issued.agency, one.issued.site,
                one.issued.road, one.state,
            )
            for one in orders.orders.values()
        ),
        seals=tuple(each.model_dump(mode="json") for each in seal_status(orders, now_s)),
        sightings=tuple(
            SightingLook(
                one.id, one.lon, one.lat, one.radius_m, one.seen_s, one.confirmed,
                bool(one.shared), one.theirs, one.place,
            )
            for one in incident.projection(Sightings).by_id.values()
            if not one.retracted and not one.nothing_seen
        ),
        statements=tuple(
            StatementLook(
                one.name, one.last.number, bool(one.request), bool(one.last.sent),
                bool(one.last.answers), one.released is not None,
            )
            for one in incident.projection(Statements).by_name.values()
        ),
        offer=offer.offer if offer is not None and offer.plan else "",
        plan="" if orders.plan is None else orders.plan.digest,
    )  # fmt: skip
