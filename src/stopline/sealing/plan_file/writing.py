"""From a plan and its problem to the form of a plan file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from stopline.errors import UnknownName
from stopline.network.findings import map_sentence
from stopline.sealing.plan import Plan, Route, Seal, Site, SiteKind
from stopline.sealing.plan_file.schema import SCHEMA, PlanFile
from stopline.sealing.plan_file.schema_joint import committed_content, joint_content

if TYPE_CHECKING:
    from datetime import tzinfo

    from stopline.network.drive_graph import Vehicle
    from stopline.network.read_settings import ReadSettings
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.problem import SealingProblem, Source


def form_of(
    plan: Plan,
    problem: SealingProblem,
    *,
    settings: ReadSettings | None = None,
    zone: tzinfo = UTC,
) -> PlanFile:
    """Make the form of a plan.

    Args:
        plan: the plan.
        problem: what it answers.
        settings: how the network was read; None for the defaults.
        zone: the zone in which times are written for people.
    """
    return _FormMaking(plan, problem, zone).form(settings)


def sites_digest(problem: SealingProblem) -> str:
    """Hex SHA-256 over kind, number, need and set-up time of all sites, in their order."""
    sites, found = problem.sites, hashlib.sha256()
    found.update(np.ascontiguousarray(sites.is_junction, dtype="u1").tobytes())
    found.update(np.ascontiguousarray(sites.index, dtype="<i4").tobytes())
    found.update(np.ascontiguousarray(sites.need, dtype="<i4").tobytes())
    found.update(np.ascontiguousarray(sites.setup_s, dtype="<f8").tobytes())
    return found.hexdigest()


def iso(utc_s: float, zone: tzinfo = UTC) -> str:
    """Write Unix seconds as ISO 8601 to the second, cut and not rounded (never a second late)."""
    return datetime.fromtimestamp(math.floor(utc_s), tz=zone).isoformat()


def instant(name: str, after_now_s: float, now_utc_s: float, zone: tzinfo) -> dict[str, Any]:
    """Make a moment as two keys: in seconds after now, and as ISO 8601; null for never."""
    never = not math.isfinite(after_now_s)
    return {f"{name}_s": after_now_s, name: None if never else iso(now_utc_s + after_now_s, zone)}


def network_part(network: RoadNetwork, settings: ReadSettings | None) -> dict[str, Any]:
    """Make the content of a `NetworkPart`."""
    return {
        "path": network.source,
        "digest": network.digest,
        "attribution": network.attribution,
        "junctions": network.junctions,
        "sections": network.sections,
        "read_settings": None if settings is None else json.loads(settings.as_json()),
    }


def vehicle_part(vehicle: Vehicle) -> dict[str, Any]:
    """Make the content of a `VehiclePart`."""
    return {
        "speed_factor": vehicle.speed_factor,
        "obeys_one_way": vehicle.obeys_one_way,
        "obeys_turn_bans": vehicle.obeys_turn_bans,
        "min_speed_mps": vehicle.min_speed_mps,
        "max_speed_mps": vehicle.max_speed_mps,
        "class_speed_mps": dict(vehicle.class_speed_mps or {}) or None,
        "obeys_access_signs": vehicle.obeys_access_signs,
        "uses_fords": vehicle.uses_fords,
        "local_time": vehicle.local_time,
    }


def source_parts(sources: Sequence[Source], now_utc_s: float, zone: tzinfo) -> list[dict[str, Any]]:
    """Make the contents of the `SourcePart`s."""
    return [
        {
            "name": source.name,
            **instant("time", source.time_s, now_utc_s, zone),
            "junction": source.junction,
            "section": source.section,
            "fraction": source.fraction,
        }
        for source in sources
    ]


def original_id(network: RoadNetwork, kind: SiteKind, index: int) -> int:
    """Id of a junction or section in the file that the network came from."""
    return int((network.junction_id if kind == SiteKind.JUNCTION else network.section_id)[index])


def unit_parts(problem: SealingProblem, now_utc_s: float, zone: tzinfo) -> list[dict[str, Any]]:
    """Make the contents of the `UnitPart`s, by id."""
    units, places = problem.units, problem.unit_places
    on_road = [(None, None)] * len(units) if places is None else places
    return [
        {
            "id": unit.id,
            "name": unit.name,
            "side": unit.side,
            "agency": unit.agency,
            "lon": unit.lon,
            "lat": unit.lat,
            **instant("ready", unit.ready_s, now_utc_s, zone),
            "speed_factor": unit.speed_factor,
            "strength": unit.strength,
            "may_act_in": sorted(unit.may_act_in),
            "status": unit.status,
            "bound_to": unit.bound_to or None,
            "section": section,
            "fraction": fraction,
        }
        for unit, (section, fraction) in sorted(
            zip(units, on_road, strict=True), key=lambda pair: pair[0].id
        )
    ]


class _FormMaking:
    """One plan on its way to a form."""

    def __init__(self, plan: Plan, problem: SealingProblem, zone: tzinfo) -> None:
        self._plan, self._problem, self._zone = plan, problem, zone
        # Sites may be millions: sorted once, then found by halving.
        self._keys = problem.sites.index.astype(np.int64) * 2 + problem.sites.is_junction
        self._order = np.argsort(self._keys, kind="stable")

    def _number(self, kind: SiteKind, index: int) -> int | None:
        """Number of a site, None if that place may not be sealed."""
        key = index * 2 + (kind == SiteKind.JUNCTION)
        at = int(np.searchsorted(self._keys, key, sorter=self._order))
        if at == self._keys.shape[0] or self._keys[self._order[at]] != key:
            return None
        return int(self._order[at])

    def form(self, settings: ReadSettings | None) -> PlanFile:
        plan, problem = self._plan, self._problem
        content = {
            "schema": SCHEMA,
            "verdict": str(plan.verdict),
            "proven": plan.proven,
            "sentence": plan.sentence,
            "now_utc_s": plan.now_utc_s,
            "now": iso(plan.now_utc_s, self._zone),
            "zone": getattr(self._zone, "key", None),
            "required_margin_s": plan.required_margin_s,
            "margin_s": plan.margin_s,
            "units_used": plan.units_used,
            "lower_bound": plan.lower_bound,
            "objective": plan.objective,
            "choice": plan.choice,
            "seals": [self._seal(seal) for seal in plan.seals],
            "open_routes": [self._route(route) for route in plan.open_routes],
            "sealed_exits": plan.sealed_exits,
            "open_exits": plan.open_exits,
            "needed_none": plan.needed_none,
            "missing": plan.missing,
            "proof": {
                "steps": [
                    {
                        "route": self._route(step.route),
                        "stoppable_by": [
                            {"unit": unit, "site": site} for unit, site in step.stoppable_by
                        ],
                        "reason": step.reason,
                    }
                    for step in plan.proof
                ],
                "sites": [self._site(site) for site in plan.proof_sites],
            },
            "network": network_part(problem.network, settings),
            "vehicle": vehicle_part(problem.vehicle),
            "sources": source_parts(problem.sources, plan.now_utc_s, self._zone),
            "exits": [
                {"name": e.name, "kind": str(e.kind), "index": e.index, "weight": e.weight}
                for e in problem.exits
            ],
            "units": unit_parts(problem, plan.now_utc_s, self._zone),
            "sites": {
                "count": problem.sites.count,
                "digest": sites_digest(problem),
                "on_routes": self._sites_on_routes(),
            },
            "rules": asdict(problem.rules),
            "seconds": plan.seconds,
            "lineage": plan.lineage,
            "rests_on": {
                "sentence": map_sentence(problem.doubts + problem.network.findings),
                "ways_in_file": problem.network.ways_in_file,
                "ways_read": problem.network.ways_read,
                "findings": [one.as_dict() for one in problem.doubts + problem.network.findings],
            },
            "joint": None
            if plan.joint is None
            else joint_content(plan.joint, plan.now_utc_s, self._instant),
            "certificate": None if plan.certificate is None else asdict(plan.certificate),
            "believed": None if plan.believed is None else asdict(plan.believed),
        }
        return PlanFile.model_validate_json(json.dumps(plain(content), allow_nan=False))

    def _instant(self, name: str, seconds: float) -> dict[str, Any]:
        return instant(name, seconds, self._plan.now_utc_s, self._zone)

    def _seal(self, seal: Seal) -> dict[str, Any]:
        return {
            "site": self._site(seal.site),
            "holders": [
                {
                    "unit": holder.unit,
                    "side": holder.side,
                    "agency": holder.agency,
                    **self._instant("ready", holder.ready_s),
                    **self._instant("order_by", holder.order_by_s),
                    "drive_s": holder.drive_s,
                    "setup_s": holder.setup_s,
                    "status": holder.status,
                }
                for holder in seal.holders
            ],
            "committed": [committed_content(part, self._instant) for part in seal.committed],
            **self._instant("closed_at", seal.closed_at_s),
            **self._instant("unhindered", seal.unhindered_s),
            **self._instant("arrival", seal.arrival_s),
            "margin_s": seal.margin_s,
            "why": seal.why,
            "witness": None if seal.witness is None else self._route(seal.witness),
        }

    def _route(self, route: Route) -> dict[str, Any]:
        return {
            "source": route.source,
            "exit": route.exit,
            "junctions": route.junctions,
            "sections": route.sections,
            "enter_s": route.enter_s,
            **self._instant("arrival", route.arrival_s),
        }

    def _site(self, site: Site) -> dict[str, Any]:
        number = self._number(site.kind, site.index)
        if number is None:
            unknown = f"{site.kind} {site.index} is no site of the problem"
            raise UnknownName(unknown)
        network = self._problem.network
        return {
            "number": number,
            "kind": str(site.kind),
            "index": site.index,
            "original_id": original_id(network, site.kind, site.index),
            "name": site.name,
            "road_class": site.road_class,
            "territories": site.territories,
            "need": site.need,
            "setup_s": float(self._problem.sites.setup_s[number]),
            "lon": site.lon,
            "lat": site.lat,
            "meets": site.meets or None,
            "file_id": site.file_id or None,
        }

    def _certificate_sections(self) -> set[int]:
        steps = () if self._plan.certificate is None else self._plan.certificate.steps
        return {section for step in steps for route in step.routes for section in route.sections}

    def _sites_on_routes(self) -> list[dict[str, Any]]:
        """Every site on a route named: with them a checker sees that no stop was left out."""
        passed: set[tuple[SiteKind, int]] = set()
        for route in (*self._plan.open_routes, *(step.route for step in self._plan.proof)):
            passed.update((SiteKind.SECTION, section) for section in route.sections)
            passed.update((SiteKind.JUNCTION, junction) for junction in route.junctions)
        for section in self._certificate_sections():
            tail, head = self._problem.network.section_tail, self._problem.network.section_head
            passed.add((SiteKind.SECTION, section))
            passed.update((SiteKind.JUNCTION, int(end[section])) for end in (tail, head))
        found = {self._number(kind, index) for kind, index in passed}
        numbers = sorted(number for number in found if number is not None)
        return [self._site(self._problem.site(number)) for number in numbers]


def plain(value: Any) -> Any:  # noqa: ANN401  (any JSON value)
    """Turn NumPy values, sets and tuples into JSON values, and what is not finite into null."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, set | frozenset | list | tuple):
        ordered = sorted(value) if isinstance(value, set | frozenset) else value
        return [plain(part) for part in ordered]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value)
