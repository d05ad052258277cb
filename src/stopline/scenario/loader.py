"""A scenario: one YAML file that joins network, sides, sightings, exits, units, sites and rules."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from pydantic import ValidationError

from stopline.documents.validation import note_faults
from stopline.documents.yaml import read_yaml
from stopline.errors import FaultList
from stopline.network.conditions import sign_time
from stopline.network.drive_graph import Vehicle
from stopline.network.findings import Findings
from stopline.network.place_names import road_label
from stopline.network.point_snapper import PointSnapper
from stopline.scenario.context import ScenarioPart
from stopline.scenario.exits import exits_of
from stopline.scenario.file_ids import names_ids, with_numbers
from stopline.scenario.network import open_scenario_network, read_settings
from stopline.scenario.network_schema import NetworkForm
from stopline.scenario.orders import orders_of, put_in_position
from stopline.scenario.schema import ScenarioForm
from stopline.scenario.sides import ALL, sides_of
from stopline.scenario.sightings import destinations_of, sightings_of
from stopline.scenario.sites import sites_of
from stopline.scenario.sources import sources_of
from stopline.scenario.units import snap_units, units_of
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Rules, SealingProblem
from stopline.sealing.reach import exit_arrivals, search_front

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo
    from pathlib import Path

    from stopline.belief.motion import Destination
    from stopline.belief.sightings import Sighting
    from stopline.documents.yaml import YamlDocument
    from stopline.forces.side import Side
    from stopline.network.point_snapper import SnappedPoint
    from stopline.network.read_settings import ReadSettings
    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.schema import BeliefForm
    from stopline.sealing.problem import Exit

_KMH_PER_MPS = 3.6
_NOTHING_LEFT = "; with allow_unreachable: true the plan would be empty and worth nothing"
_AHEAD = timedelta(hours=12)
_PLACE_OFF_MAP_M = 500_000.0
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario that was read and found sound.

    Attributes:
        path: the YAML file.
        name: what people call it; the file's name if it gives none.
        description: text.
        problem: what a plan is to be made for.
        sides: by id, in file order.
        snapped: where each unit of the problem stands on the network, and how far it was moved.
        zone: the zone in which times are told: the one named, else that of "now" in the file.
        digest: hex SHA-256 of the YAML file.
        settings: how the network was read.
        orders: number of the site by unit, for orders that were given already.
        assess: whether these orders are to be judged as they are, in place of a plan.
        places: longitude and latitude of the named places, in file order.
        sightings: all that was reported, for the belief.
        destinations: where the vehicle may be heading; exits first, in their order.
        belief: how the belief is made.
    """

    path: Path
    name: str
    description: str
    problem: SealingProblem
    sides: Mapping[str, Side]
    snapped: tuple[SnappedPoint, ...]
    zone: tzinfo
    digest: str
    settings: ReadSettings
    orders: Mapping[str, int]
    assess: bool
    places: Mapping[str, tuple[float, float]]
    sightings: tuple[Sighting, ...]
    destinations: tuple[Destination, ...]
    belief: BeliefForm

    def lineage(self) -> dict[str, str]:
        """Where a plan or front made of it comes from."""
        return {"name": self.name, "file": self.path.name, "sha256": self.digest}


def load_scenario(path: Path, *, progress: Callable[[str, float], None] | None = None) -> Scenario:
    """Read a scenario with all files that it names.

    Args:
        path: the YAML file; docs/formats/scenario.md describes it.
        progress: told what is being done and how much of it is done, 0 to 1.

    Raises:
        BadInput: with all faults that can be found in one go.
    """
    document = read_yaml(path)
    faults = FaultList()
    if names_ids(document.content):
        document = with_ids_numbered(document, path, faults, progress)
    try:
        form = ScenarioForm.model_validate(document.content)
    except ValidationError as error:
        note_faults(error, ScenarioForm, document, faults)
        faults.raise_if_any()
        raise
    settings = read_settings(form.network, path.parent)
    network = open_scenario_network(document, form.network, settings, progress)
    sides = sides_of(form, network, path.parent)
    zone = ZoneInfo(form.zone) if form.zone else form.now.tzinfo or UTC
    local_time = sign_time(network.conditions, form.now.timestamp(), zone)
    part = ScenarioPart(
        document=document,
        form=form,
        network=network,
        sides=sides,
        faults=faults,
        points=PointSnapper(network),
        doubts=Findings(),
        vehicle=vehicle_of(form, local_time),
    )
    check_territories(part)
    check_places(part)
    sources = sources_of(part)
    units = units_of(part)
    rules = rules_of(form, local_time)
    snapped = snap_units(part, units, rules)
    exits = exits_of(part, sources)
    sites = sites_of(part)
    orders = orders_of(part, units, sites) if form.orders else {}
    if orders:
        units, snapped = put_in_position(part, units, snapped, orders, sites)
    if form.rules.assess and not form.orders:
        part.fault(("rules", "assess"), "no orders", "orders to assess, under the key orders")
    problem = SealingProblem(
        network=network,
        vehicle=part.vehicle,
        sources=sources,
        exits=tuple(one for _, one in exits),
        sites=sites,
        units=units,
        unit_places=tuple((point.section, point.fraction) for point in snapped),
        rules=rules,
        now_utc_s=form.now.timestamp(),
        zone=zone,
    )
    faults.raise_if_any()
    problem = dataclasses.replace(
        problem, exits=reachable_exits(part, problem, [number for number, _ in exits])
    )
    faults.raise_if_any()
    _note_clock_change(part, zone)
    problem = dataclasses.replace(problem, doubts=part.doubts.all())
    front = search_front(problem)
    destinations = destinations_of(part, problem.exits, front.arrival_s)
    sightings = sightings_of(part, destinations)
    faults.raise_if_any()
    return Scenario(
        path=path,
        name=form.name or path.stem,
        description=form.description,
        problem=problem,
        sides=sides,
        snapped=snapped,
        zone=zone,
        digest=hashlib.sha256(document.digest_input).hexdigest(),
        settings=settings,
        orders=orders,
        assess=form.rules.assess,
        places={name: (place.lon, place.lat) for name, place in form.places.items()},
        sightings=sightings,
        destinations=destinations,
        belief=form.belief,
    )


def vehicle_of(form: ScenarioForm, local_time: str = "") -> Vehicle:
    """How the vehicle of a scenario drives; `local_time` is for signs with hours."""
    given = form.vehicle
    most = given.max_speed_kmh
    speeds = {name: kmh / _KMH_PER_MPS for name, kmh in given.class_speed_kmh.items()}
    return Vehicle(
        speed_factor=given.speed_factor,
        obeys_one_way=given.obeys_one_way,
        obeys_turn_bans=given.obeys_turn_bans,
        min_speed_mps=given.min_speed_kmh / _KMH_PER_MPS,
        max_speed_mps=np.inf if most is None else most / _KMH_PER_MPS,
        class_speed_mps=speeds or None,
        obeys_access_signs=given.obeys_access_signs,
        uses_fords=given.uses_fords,
        local_time=local_time,
    )


def rules_of(form: ScenarioForm, local_time: str = "") -> Rules:
    """What a scenario asks of every seal; `local_time` is for signs with hours."""
    given = form.rules
    return Rules(
        margin_s=given.margin_s,
        enough_margin_s=max(given.enough_margin_s, given.margin_s),
        objective=tuple(given.objective),
        time_limit_s=given.time_limit_s,
        partial=given.partial,
        keep_gain=given.keep_gain,
        units_obey_one_way=given.units_obey_one_way,
        units_cross_borders=given.units_cross_borders,
        units_obey_access_signs=given.units_obey_access_signs,
        units_open_gates=given.units_open_gates,
        units_use_fords=given.units_use_fords,
        units_use_ferries=given.units_use_ferries,
        local_time=local_time,
    )


def with_ids_numbered(
    document: YamlDocument,
    path: Path,
    faults: FaultList,
    progress: Callable[[str, float], None] | None,
) -> YamlDocument:
    """The document with numbers of its network in place of the file's own ids."""
    given = document.content.get("network") if isinstance(document.content, dict) else None
    try:
        form = NetworkForm.model_validate(given)
    except ValidationError:
        return document  # told when the whole form is checked
    settings = read_settings(form, path.parent)
    network = open_scenario_network(document, form, settings, progress)
    return with_numbers(document, network, faults)


def check_territories(part: ScenarioPart) -> None:
    """Every territory of a side must be one of the network's, and belong to one side only."""
    network: RoadNetwork = part.network
    known = ", ".join(network.territories) or "(the network has none)"
    owner: dict[str, str] = {}
    for side in part.sides.values():
        keys = ("sides", side.id, "territories")
        given = part.form.sides[side.id].territories if side.id in part.form.sides else [ALL]
        if given == [ALL] or (not network.territories and not given):
            continue  # it acts everywhere, or one side alone needs no borders
        for name in side.territories:
            if name not in network.territories:
                part.fault(keys, name, f"territories of the network: {known}")
            elif name in owner:
                part.fault(keys, f"{name}, of {owner[name]} already", "territories of one side")
            owner.setdefault(name, side.id)


def check_places(part: ScenarioPart) -> None:
    """Every named place must be near the map: sightings and reports are put there by its name."""
    places = list(part.form.places.items())
    points = [(place.lon, place.lat) for _, place in places]
    for (name, place), near in zip(places, part.points.snap(points), strict=True):
        if near.distance_m > _PLACE_OFF_MAP_M:
            seen = part.points.too_far(place.lon, place.lat, near.distance_m)
            expected = f"a place within {_PLACE_OFF_MAP_M / 1000:g} km of a road"
            part.fault(("places", name), seen, expected)


def _note_clock_change(part: ScenarioPart, zone: tzinfo) -> None:
    """Say it where clocks change between the first sighting and half a day from now."""
    begin = min([part.form.now, *(one.at for one in part.form.sightings)]).astimezone(UTC)
    end = part.form.now.astimezone(UTC) + _AHEAD
    begin = begin.replace(minute=0, second=0, microsecond=0)
    before = begin.astimezone(zone)
    while begin < end:
        begin += timedelta(minutes=30)
        after = begin.astimezone(zone)
        if after.utcoffset() != before.utcoffset():
            text = (
                "changes of clocks near this incident: times after it are told with their own zone"
            )
            name = f"{after:%d %b %Y}, from UTC{before:%z} to UTC{after:%z} at {after:%H:%M}"
            part.doubts.note("doubtful", "clock_change", text, name)
        before = after


def _island(part: ScenarioPart, one: Exit) -> str:
    """Where the main part of the map is, from an exit that joins nothing; empty if it is on it."""
    network = part.network
    section, junction = one.index, one.index
    if one.kind == SiteKind.JUNCTION:
        section = int(network.arc_section[network.first_out[junction]])
    main = part.points.main(part.vehicle)
    if main.sections[section]:
        return ""
    nearest = main.nearest(*network.geometry(section).mean(axis=0).tolist())
    if nearest is None:
        return ""
    road, away_m = road_label(network, nearest[0]), nearest[2]
    return f" ({one.name} is on a part of the map that joins nothing, {away_m:,.0f} m from {road})"


def reachable_exits(
    part: ScenarioPart, problem: SealingProblem, entries: list[int]
) -> tuple[Exit, ...]:
    """The exits that the vehicle can reach by road; what it can never reach is a fault.

    Of an entry that stands for many exits, such as all crossings of a side, those that it cannot
    reach are left out: maps have cut-off pieces of track. All of them unreachable is a fault.
    """
    arrival_s = exit_arrivals(search_front(problem), problem)
    numbered = list(zip(entries, problem.exits, np.isfinite(arrival_s).tolist(), strict=True))
    kept: list[Exit] = []
    for number, form in enumerate(part.form.exits):
        reached = [one for entry, one, yes in numbered if entry == number and yes]
        never = [one for entry, one, yes in numbered if entry == number and not yes]
        listed = form.sections is not None or form.junctions is not None
        kept += reached
        if not never or (reached and not listed):
            continue
        if part.form.allow_unreachable:
            kept += never
            continue
        names = "; ".join(dict.fromkeys(one.name for one in never[:_MOST_NAMED]))
        rest = f" and {len(never) - _MOST_NAMED} more" if len(never) > _MOST_NAMED else ""
        # With nothing to reach at all a plan would be empty, and still be called sealed.
        some = any(yes for _, _, yes in numbered)
        part.fault(
            ("exits", number),
            f"exits that cannot be reached: {names}{rest}",
            "exits that the vehicle can reach by road"
            + (", or allow_unreachable: true" if some else _NOTHING_LEFT)
            + _island(part, never[0]),
        )
    return tuple(kept)
