"""Read an event file with all files that it names, and put it on the road network."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydantic import ValidationError

from stopline.documents.yaml import YamlDocument, read_yaml
from stopline.errors import BadInput, FaultList
from stopline.event.forces import CrowdPhase, RosterShift, check_forces
from stopline.forces.side import Side
from stopline.network.geodesy import distance_m
from stopline.network.point_snapper import PointSnapper
from stopline.planning.event_consistency import check_sections, check_twice
from stopline.planning.event_remainder import remainder
from stopline.planning.event_schema import EventForm, ShiftForm
from stopline.planning.event_tables import read_rules, read_shifts, read_spots
from stopline.planning.event_venue import RoadSpot, Venue, area_of, check_venue, venue_of
from stopline.scenario.context import ScenarioPart
from stopline.scenario.exits import exits_of
from stopline.scenario.loader import check_territories, reachable_exits, rules_of, vehicle_of
from stopline.scenario.network import open_scenario_network, read_settings
from stopline.scenario.schema import CircleForm, ExitForm, ScenarioForm
from stopline.scenario.sites import sites_of
from stopline.scenario.units import snap_units, units_of
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import SealingProblem, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.event.force_rules import RuleTable
    from stopline.network.drive_graph import Vehicle
    from stopline.network.read_settings import ReadSettings
    from stopline.network.road_network import RoadNetwork
    from stopline.planning.event_schema import SpotForm
    from stopline.sealing.problem import Exit

# What forces are counted by.
_COUNTED: Final = frozenset({"phases", "risk", "units", "shifts", "roster_gaps", "force_rules"})
_MOST_CUT_OFF: Final = 50  # junctions of a piece of road that is left out of a venue


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPhase:
    """A phase on the network.

    Attributes:
        name: what people call it.
        start: when it begins.
        until: when it ends.
        crowd: spectators expected.
        posts: number of posts by kind, as the file gives them.
        pedestrians: int32[j], junctions where people walk; empty where all may drive.
        area: outline of that area as (lon, lat); empty for none.
        centre: (lon, lat) of it, and the metres to its farthest corner.
    """

    name: str
    start: datetime
    until: datetime
    crowd: int
    posts: Mapping[str, int]
    pedestrians: NDArray[np.int32]
    area: NDArray[np.float64]
    centre: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent:
    """An event that was read and found sound.

    Attributes:
        path: the YAML file.
        form: its content.
        digest: hex SHA-256 of the file.
        settings: how the network was read.
        zone: the zone in which the file writes times.
        sides: by id.
        problem: the sealing problem of the night: sources are the venue, "now" is the first phase.
        venue: where it is.
        gates: of the venue.
        phases: in time order.
        cameras: those that stand already.
        barriers: those that stand already.
        rescue: where ambulances come from.
        shifts: who is on duty when.
        rules: the rule table of forces; None where the file names none.
        notes: what was left out, in sentences.
    """

    path: Path
    form: EventForm
    digest: str
    settings: ReadSettings
    zone: tzinfo
    sides: Mapping[str, Side]
    problem: SealingProblem
    venue: Venue
    gates: tuple[RoadSpot, ...]
    phases: tuple[EventPhase, ...]
    cameras: tuple[RoadSpot, ...]
    barriers: tuple[RoadSpot, ...]
    rescue: RoadSpot | None
    shifts: tuple[RosterShift, ...]
    rules: RuleTable | None
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def network(self) -> RoadNetwork:
        """The roads."""
        return self.problem.network

    @property
    def vehicle(self) -> Vehicle:
        """How the vehicle drives."""
        return self.problem.vehicle

    def force_phases(self, barriers: Mapping[int, int] | None = None) -> tuple[CrowdPhase, ...]:
        """The phases as forces are counted for them; gates and barriers are posts by themselves.

        Args:
            barriers: number of barriers by number of the phase.
        """
        found = []
        for number, phase in enumerate(self.phases):
            own = {"gate": len(self.gates), "barrier": (barriers or {}).get(number, 0)}
            posts = {kind: count for kind, count in own.items() if count} | dict(phase.posts)
            found.append(
                CrowdPhase(
                    name=phase.name,
                    start_s=phase.start.timestamp(),
                    end_s=phase.until.timestamp(),
                    crowd=phase.crowd,
                    posts=posts,
                )
            )
        return tuple(found)


def load_event(path: Path, *, progress: Callable[[str, float], None] | None = None) -> PlannedEvent:
    """Read an event file.

    Args:
        path: the YAML file; docs/formats/event.md describes it.
        progress: told what is being done and how much of it is done, 0 to 1.

    Raises:
        BadInput: with all faults that can be found in one go.
    """
    document = read_yaml(path)
    faults = FaultList()
    left_out: frozenset[str] = frozenset()
    try:
        form = EventForm.model_validate(document.content)
    except ValidationError as error:
        rest = remainder(document, error, faults)
        if rest is None:
            faults.raise_if_any()
            raise
        form, document, left_out = rest
    try:
        settings = read_settings(form.network, path.parent)
        network = open_scenario_network(document, form.network, settings, progress)
    except BadInput as error:
        faults.extend(error.faults)
        faults.raise_if_any()
        raise
    return _EventReading(document, form, settings, network, faults, left_out).event()


class _EventReading:
    """An event file while it is put on its network."""

    def __init__(
        self,
        document: YamlDocument,
        form: EventForm,
        settings: ReadSettings,
        network: RoadNetwork,
        faults: FaultList,
        left_out: frozenset[str] = frozenset(),
    ) -> None:
        self.left_out = left_out
        self.form, self.settings, self.network = form, settings, network
        self.document, self.faults = document, faults
        self.notes: list[str] = []
        sides = {
            side_id: Side(
                id=side_id,
                name=side.name,
                territories=tuple(side.territories) or (side_id,),
                colour=side.colour,
                agencies=tuple(side.agencies),
            )
            for side_id, side in form.sides.items()
        }
        self.part = ScenarioPart(
            document=document,
            form=_as_scenario(form),
            network=network,
            sides=sides,
            faults=faults,
            points=PointSnapper(network),
        )

    def event(self) -> PlannedEvent:
        """Read all parts; faults of all of them are told together."""
        form, part = self.form, self.part
        check_territories(part)
        gates = self._spots("venue", form.venue.gates, "gates")
        venue = venue_of(part, form.venue, [(gate.section, gate.fraction) for gate in gates])
        sources = _sources(form.venue.name, venue.junctions)
        before = len(self.faults)
        units = units_of(part) if form.units else ()
        if len(self.faults) > before:  # a shift may be of one that cannot be read
            self.left_out |= {"units"}
        start = min(phase.start for phase in form.phases)
        zone = form.phases[0].start.tzinfo or UTC
        # An event lasts for hours, so no sign with hours is counted on.
        rules = rules_of(part.form)
        snapped = snap_units(part, units, rules)
        numbered = [] if self.left_out & {"exits", "venue"} else self._exits(venue, sources)
        sites = sites_of(part)
        problem = SealingProblem(
            network=self.network,
            vehicle=vehicle_of(part.form),
            sources=sources,
            exits=tuple(one for _, one in numbered),
            sites=sites,
            units=units,
            unit_places=tuple((point.section, point.fraction) for point in snapped),
            rules=rules,
            now_utc_s=start.timestamp(),
            zone=zone,
            doubts=part.doubts.all(),
        )
        if venue.junctions.size and numbered and not self.faults:
            exits = reachable_exits(self.part, problem, [number for number, _ in numbered])
            problem = replace(problem, exits=exits)
        problem, venue = self._one_piece(problem, venue)
        event = PlannedEvent(
            path=self.document.path,
            form=form,
            digest=hashlib.sha256(self.document.digest_input).hexdigest(),
            settings=self.settings,
            zone=problem.zone,
            sides=part.sides,
            problem=problem,
            venue=venue,
            gates=gates,
            phases=self._phases(),
            cameras=self._spots("cameras", form.cameras.existing, "existing"),
            barriers=self._spots("barriers", form.barriers.existing, "existing"),
            rescue=self._rescue(),
            shifts=self._shifts({unit.id: unit.agency for unit in units}),
            rules=self._rules(),
            notes=tuple(self.notes),
        )
        check_sections(self.part, form)
        check_twice(
            self.part, form, {"gate": gates, "camera": event.cameras, "barrier": event.barriers}
        )
        if not self.left_out & _COUNTED:
            self._check_forces(event)
        self.faults.raise_if_any()
        return event

    def _where(self, *keys: str | int) -> str:
        return self.document.where(keys)

    def _spots(self, key: str, given: list[SpotForm] | str, name: str) -> tuple[RoadSpot, ...]:
        """Put spots on their roads; one on no road is a fault."""
        if isinstance(given, str):
            rows = read_spots(self._named(given, key, name), self.faults)
        else:
            rows = [(self._where(key, name, i), spot) for i, spot in enumerate(given)]
        return tuple(
            found for where, spot in rows if (found := self._spot(spot, where, name)) is not None
        )

    def _named(self, given: str, *keys: str) -> Path | None:
        """A file that the event file names; None, with a fault, where there is none."""
        path = self.document.path.parent / given
        if path.is_file():
            return path
        self.faults.add(self._where(*keys), f"{given}, which is not there", "a file that exists")
        return None

    def _spot(self, spot: SpotForm, where: str, name: str) -> RoadSpot | None:
        label = spot.name or where.rpartition(": ")[2] or name
        if spot.section is not None:
            if spot.section < self.network.sections:
                fraction = 0.5 if spot.fraction is None else spot.fraction
                return RoadSpot(name=label, section=spot.section, fraction=fraction, where=where)
            seen = f"section {spot.section}"
            self.faults.add(where, seen, f"a section number below {self.network.sections}")
            return None
        if spot.lon is None or spot.lat is None:
            return None
        (snapped,) = self.part.points.snap([(spot.lon, spot.lat)])
        most_m = min(self.form.rules.max_snap_m, 100.0)
        if not snapped.distance_m <= most_m:
            seen = self.part.points.too_far(spot.lon, spot.lat, snapped.distance_m)
            self.faults.add(where, f"{label}, on no section: {seen}", f"within {most_m:g} m of one")
            return None
        return RoadSpot(name=label, section=snapped.section, fraction=snapped.fraction, where=where)

    def _exits(self, venue: Venue, sources: tuple[Source, ...]) -> list[tuple[int, Exit]]:
        if self.form.radius_m is not None:
            lon, lat, reach_m = venue.centre
            if self.form.radius_m <= reach_m:
                seen = f"{self.form.radius_m:g} m, inside the venue"
                self.faults.add(self._where("radius_m"), seen, f"more than {reach_m:.0f} m")
                return []
            if not venue.junctions.size:
                return []
            network = self.network
            away = distance_m(network.junction_lon, network.junction_lat, lon, lat)
            far = away > self.form.radius_m
            if not (far[network.section_tail] != far[network.section_head]).any():
                where = self._where("radius_m")
                self.faults.add(where, "a circle that no road crosses", "one within the network")
                return []
            beyond = CircleForm(lon=lon, lat=lat, radius_m=self.form.radius_m)
            given = [ExitForm(name="", beyond=beyond)]
            form = self.part.form.model_copy(update={"exits": given})
            self.part = replace(self.part, form=form)
        if not venue.junctions.size:
            return []
        found = exits_of(self.part, sources)
        check_venue(self.part, venue, [one for _, one in found])
        return found

    def _one_piece(self, problem: SealingProblem, venue: Venue) -> tuple[SealingProblem, Venue]:
        """Leave out pieces of road from which nothing leads on; two real pieces are a fault."""
        if not venue.junctions.size or self.left_out & {"exits", "venue"}:
            return problem, venue
        from scipy.sparse import coo_array  # noqa: PLC0415  (slow to import)
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

        n, network = self.network.junctions, self.network
        ends = (network.section_tail, network.section_head)
        matrix = coo_array((np.ones(network.sections, dtype=np.int32), ends), shape=(n, n))
        _, label = connected_components(matrix, directed=False)
        mine = label[venue.junctions]
        sizes = np.bincount(label)
        parts = np.unique(mine)
        main = int(parts[np.argmax(sizes[parts])])
        others = [int(part) for part in parts if part != main]
        out = [
            network.section_tail[one.index] if one.kind is SiteKind.SECTION else one.index
            for one in problem.exits
        ]
        leads_on = set(label[out].tolist())
        large = [part for part in others if sizes[part] > _MOST_CUT_OFF or part in leads_on]
        if large:
            seen = f"in {1 + len(large)} parts of the network that no road joins"
            expected = "a venue in one part; make two events of it"
            self.faults.add(self._where("venue"), seen, expected)
        kept = venue.junctions[mine == main]
        if kept.size < venue.junctions.size:
            count = venue.junctions.size - kept.size
            self.notes.append(
                f"{count} junctions of the venue lie on pieces of road that lead nowhere; they are "
                "left out."
            )
        return (
            replace(problem, sources=_sources(self.form.venue.name, kept)),
            replace(venue, junctions=kept),
        )

    def _phases(self) -> tuple[EventPhase, ...]:
        found = []
        for number, phase in enumerate(self.form.phases):
            area = np.empty((0, 2))
            junctions = np.empty(0, dtype=np.int32)
            centre = (0.0, 0.0, 0.0)
            if phase.pedestrians is not None:
                keys = ("phases", number, "pedestrians")
                area, junctions, centre = area_of(
                    self.part, phase.pedestrians.polygon, phase.pedestrians.circle, keys
                )
                outer = self.form.barriers.from_m
                if outer <= centre[2]:
                    seen = f"{outer:g} m, inside the area of {phase.name}"
                    where = self._where("barriers", "from_m")
                    self.faults.add(where, seen, f"more than {centre[2]:.0f} m")
            found.append(
                EventPhase(
                    name=phase.name, start=phase.start, until=phase.until, crowd=phase.crowd,
                    posts=phase.posts, pedestrians=junctions, area=area, centre=centre,
                )
            )  # fmt: skip
        return tuple(sorted(found, key=lambda phase: phase.start))

    def _rescue(self) -> RoadSpot | None:
        given = self.form.barriers.rescue
        where = self._where("barriers", "rescue")
        return None if given is None else self._spot(given, where, "rescue")

    def _shifts(self, service_of: Mapping[str, str]) -> tuple[RosterShift, ...]:
        given, before = self.form.shifts, len(self.faults)
        if isinstance(given, str):
            rows = read_shifts(self._named(given, "shifts"), self.faults)
        else:
            rows = [(self._where("shifts", i), shift) for i, shift in enumerate(given)]
        found = []
        for where, shift in rows:
            service = shift.service or service_of.get(shift.unit, "")
            if not service and "units" in self.left_out:
                continue
            if not service:
                known = ", ".join(sorted(service_of)[:8]) or "(no units are given)"
                self.faults.add(where, f"{shift.unit}, of no known service",
                                f"a service, or a unit under units: {known}")  # fmt: skip
                continue
            found.append(_shift(shift, service, where))
        if len(self.faults) > before:  # a shift that cannot be read is no gap
            self.left_out |= {"shifts"}
        return tuple(found)

    def _rules(self) -> RuleTable | None:
        given = self.form.force_rules
        path = None if given is None else self._named(given, "force_rules")
        return None if path is None else read_rules(path, self.faults)

    def _check_forces(self, event: PlannedEvent) -> None:
        if event.rules is None:
            if event.shifts or any(phase.posts for phase in event.phases):
                self.notes.append("No rule table is given, so no forces are counted.")
            return
        order = {phase.name: i for i, phase in enumerate(self.form.phases)}
        phases = event.force_phases({i: 1 for i, p in enumerate(event.phases) if p.area.size})
        found = check_forces(
            event.rules,
            self.form.risk.level,
            phases,
            event.shifts,
            lambda number: self._where("phases", order[event.phases[number].name]),
            gaps_allowed=self.form.roster_gaps,
        )
        try:
            found.raise_if_any()
        except BadInput as error:
            self.faults.extend(error.faults)


def _as_scenario(form: EventForm) -> ScenarioForm:
    """The keys that an event shares with a scenario, as those who read scenarios want them."""
    shared: dict[str, Any] = {
        name: getattr(form, name)
        for name in ("name", "description", "network", "sides", "vehicle", "places", "exits",
                     "allow_unreachable", "units", "sites", "rules")
    }  # fmt: skip
    return ScenarioForm.model_construct(**shared, now=form.phases[0].start, sightings=[], orders=[])


def _sources(name: str, junctions: NDArray[np.int32]) -> tuple[Source, ...]:
    return tuple(Source(name=name, time_s=0.0, junction=int(j)) for j in junctions)


def _shift(form: ShiftForm, service: str, where: str) -> RosterShift:
    start_s, end_s = form.start.timestamp(), form.until.timestamp()
    return RosterShift(
        unit=form.unit, service=service, people=form.people, start_s=start_s, end_s=end_s,
        where=where,
    )  # fmt: skip
