"""From the form of a plan file back to a plan, for re-planning and drawing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stopline.network.drive_graph import Vehicle
from stopline.sealing.plan import (
    BelievedMeetings,
    BelievedOdds,
    Certificate,
    CertificateRoute,
    CertificateStep,
    Committed,
    Holder,
    Joint,
    Plan,
    ProofStep,
    Refusal,
    Route,
    Seal,
    Site,
    SiteKind,
    Verdict,
)
from stopline.sealing.problem import Exit, Source

if TYPE_CHECKING:
    from stopline.sealing.plan_file.schema import (
        BelievedPart,
        PlanFile,
        RoutePart,
        SealPart,
        SitePart,
    )
    from stopline.sealing.plan_file.schema_certificate import CertificatePart
    from stopline.sealing.plan_file.schema_joint import DemandPart, JointPart


def plan_of(form: PlanFile) -> Plan:
    """Make the plan that a plan file holds."""
    return Plan(
        verdict=Verdict(form.verdict),
        proven=form.proven,
        sentence=form.sentence,
        now_utc_s=form.now_utc_s,
        required_margin_s=form.required_margin_s,
        seals=tuple(_seal(seal) for seal in form.seals),
        units_used=form.units_used,
        lower_bound=form.lower_bound,
        margin_s=_never(form.margin_s),
        objective=form.objective,
        choice=form.choice,
        open_routes=tuple(_route(route) for route in form.open_routes),
        sealed_exits=form.sealed_exits,
        open_exits=form.open_exits,
        proof=tuple(
            ProofStep(
                route=_route(step.route),
                stoppable_by=tuple((one.unit, one.site) for one in step.stoppable_by),
                reason=step.reason,
            )
            for step in form.proof.steps
        ),
        proof_sites=tuple(_site(site) for site in form.proof.sites),
        needed_none=form.needed_none,
        missing=form.missing,
        seconds=dict(form.seconds),
        lineage=dict(form.lineage),
        joint=None if form.joint is None else _joint(form.joint, form.now_utc_s),
        certificate=None if form.certificate is None else _certificate(form.certificate),
        believed=None if form.believed is None else _believed(form.believed),
    )


def _believed(given: BelievedPart) -> BelievedOdds:
    return BelievedOdds(
        stopped=given.stopped,
        routes=given.routes,
        weights=given.weights,
        met=tuple(
            BelievedMeetings(seal=one.seal, route=one.route, at_s=one.at_s) for one in given.met
        ),
    )


def _certificate(given: CertificatePart) -> Certificate:
    return Certificate(
        units=given.units,
        scale=given.scale,
        margin_s=given.margin_s,
        steps=tuple(
            CertificateStep(
                kind=step.kind,
                index=step.index,
                routes=tuple(
                    CertificateRoute(
                        weight=route.weight, source=route.source, step=route.step,
                        begins=route.begins, sections=route.sections,
                    )
                    for route in step.routes
                ),
            )
            for step in given.steps
        ),
    )  # fmt: skip


def vehicle_of(form: PlanFile) -> Vehicle:
    """Make the vehicle that a plan file describes."""
    given = form.vehicle
    return Vehicle(
        speed_factor=given.speed_factor,
        obeys_one_way=given.obeys_one_way,
        obeys_turn_bans=given.obeys_turn_bans,
        min_speed_mps=given.min_speed_mps,
        max_speed_mps=_never(given.max_speed_mps),
        class_speed_mps=given.class_speed_mps,
        obeys_access_signs=given.obeys_access_signs,
        uses_fords=given.uses_fords,
        local_time=given.local_time,
    )


def sources_of(form: PlanFile) -> tuple[Source, ...]:
    """Give where the vehicle can be, by a plan file; seconds after the plan's "now"."""
    return tuple(
        Source(
            name=one.name, time_s=one.time_s, junction=one.junction, section=one.section,
            fraction=one.fraction,
        )
        for one in form.sources
    )  # fmt: skip


def exits_of(form: PlanFile) -> tuple[Exit, ...]:
    """Give where the vehicle must not get, by a plan file."""
    return tuple(
        Exit(name=one.name, kind=SiteKind(one.kind), index=one.index, weight=one.weight)
        for one in form.exits
    )


def _joint(joint: JointPart, now_utc_s: float) -> Joint:
    expires = None if joint.expires_s is None else now_utc_s + joint.expires_s
    return Joint(
        side=joint.side,
        peer=joint.peer,
        answered=joint.answered,
        matter=joint.matter,
        commitment=joint.commitment,
        expires_utc_s=expires,
        standing=tuple(_demand(one) for one in joint.standing),
        refused=tuple(
            Refusal(
                answer=row.answer,
                most=row.most,
                members=tuple(_demand(one) for one in row.demands),
            )
            for row in joint.refused
        ),
    )


def _demand(demand: DemandPart) -> tuple[int, int, float]:
    return demand.site, demand.strength, _never(demand.by_s)


def _never(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds


def _site(site: SitePart) -> Site:
    return Site(
        kind=SiteKind(site.kind),
        index=site.index,
        name=site.name,
        road_class=site.road_class,
        territories=site.territories,
        need=site.need,
        lon=math.nan if site.lon is None else site.lon,
        lat=math.nan if site.lat is None else site.lat,
        meets=site.meets or "",
        file_id=site.file_id or "",
    )


def _route(route: RoutePart) -> Route:
    return Route(
        junctions=route.junctions,
        sections=route.sections,
        enter_s=route.enter_s,
        arrival_s=route.arrival_s,
        source=route.source,
        exit=route.exit,
    )


def _seal(seal: SealPart) -> Seal:
    return Seal(
        site=_site(seal.site),
        holders=tuple(
            Holder(
                unit=holder.unit,
                side=holder.side,
                agency=holder.agency,
                ready_s=holder.ready_s,
                order_by_s=_never(holder.order_by_s),
                drive_s=holder.drive_s,
                setup_s=holder.setup_s,
                status=holder.status,
            )
            for holder in seal.holders
        ),
        closed_at_s=seal.closed_at_s,
        unhindered_s=_never(seal.unhindered_s),
        arrival_s=_never(seal.arrival_s),
        margin_s=_never(seal.margin_s),
        why=seal.why,
        witness=None if seal.witness is None else _route(seal.witness),
        committed=tuple(
            Committed(
                side=part.side,
                commitment=part.commitment,
                closed_s=part.closed_s,
                units=part.units,
                strength=part.strength,
            )
            for part in seal.committed
        ),
    )
