"""The use case of an event plan: cameras, barriers, posts and forces, with the proof."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.documents.json_file import write_json
from stopline.documents.output_folder import whole_outputs
from stopline.event.camera_count import DEFAULT_CLASS
from stopline.event.forces import Hour, forces_by_hour
from stopline.event.plan_schema import (
    SCHEMA,
    AskPart,
    BarrierPhase,
    EventFile,
    ForcesPart,
    HourPart,
    ItemPart,
    PhasePart,
    PostPart,
    RingPart,
    RulePart,
    ServicePart,
    TimeRow,
    VenuePart,
)
from stopline.planning.event_input import PlannedEvent, load_event
from stopline.planning.event_prices import barrier_prices, camera_prices, pixels_per_m
from stopline.planning.event_rings import (
    RingMaker,
    barrier_phase,
    exit_parts,
    mast_ring,
    time_table,
)
from stopline.planning.event_venue import point_along, starts_outside
from stopline.sealing.plan_file.schema import NetworkPart, VehiclePart
from stopline.sealing.plan_file.writing import iso, network_part, vehicle_part

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.event.plan_schema import MastRingPart
    from stopline.planning.event_prices import Priced
    from stopline.planning.event_schema import CamerasForm

    Progress = Callable[[str, float], None]

EVENT_FILES: Final = (
    "event.json",
    "event.geojson",
    "event.png",
    "event.svg",
    "event.pdf",
    "event.html",
    "cameras.csv",
    "cameras.tsv",
    "cameras.yaml",
    "barriers.tsv",
    "posts.tsv",
    "forces.tsv",
    "night.yaml",
)
NOT_PROVEN: Final = (
    "A ring counts roads that the map has, and no way over a field, a foot path or a new road.",
    "A camera counts as seeing. A covered, dirty or changed plate passes it unread.",
    "A camera counts as working. It may be dark, turned or blind; a ring of two stands one such.",
    "A vehicle that stays inside the ring is seen by nobody.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """An event plan with what it was made for.

    Attributes:
        plan: the plan.
        event: what it was made for.
        files: what was written, in the folder asked for.
    """

    plan: EventFile
    event: PlannedEvent
    files: tuple[Path, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every ring that was asked for exists."""
        rings = [*self.plan.rings, *(phase.ring for phase in self.plan.barriers)]
        masts = self.plan.masts
        return all(ring.exists for ring in rings) and (masts is None or masts.exists)


def plan_event(
    event: Path | PlannedEvent,
    out_dir: Path | None = None,
    *,
    pictures: bool = True,
    progress: Progress | None = None,
) -> EventResult:
    """Make the plan of an event and write it.

    Args:
        event: a YAML file, or an event that was read.
        out_dir: folder for event.json and all that goes with it; None writes none.
        pictures: whether to draw the map and the pages.
        progress: told what is being done and how much of it is done, 0 to 1.

    Raises:
        BadInput: with all faults of the event file.
    """
    loaded = event if isinstance(event, PlannedEvent) else load_event(event, progress=progress)
    plan = make_event_plan(loaded, progress)
    if out_dir is None:
        return EventResult(plan=plan, event=loaded)
    from stopline.planning.event_files import write_tables  # noqa: PLC0415  (needs standards)

    with whole_outputs(out_dir, EVENT_FILES) as draft:
        write_json(draft / "event.json", plan.model_dump(mode="json", by_alias=True))
        write_tables(plan, loaded, draft, out_dir)
        if pictures:
            from stopline.planning.event_map import draw_event  # noqa: PLC0415  (matplotlib)
            from stopline.planning.event_page import write_pages  # noqa: PLC0415

            if progress is not None:
                progress("drawing", 0.9)
            draw_event(plan, loaded, [draft / "event.png", draft / "event.svg"])
            write_pages(plan, loaded, draft)
        names = sorted(path.name for path in draft.iterdir())
    return EventResult(plan=plan, event=loaded, files=tuple(out_dir / name for name in names))


def make_event_plan(event: PlannedEvent, progress: Progress | None = None) -> EventFile:
    """Make the plan of an event that was read."""
    report = progress or (lambda _what, _part: None)
    form = event.form
    cameras = camera_prices(event)
    report("choosing camera sites", 0.1)
    rings, by_time, masts = _cameras(event, cameras, report)
    report("choosing barriers", 0.6)
    walls = barrier_prices(event)
    barriers = tuple(
        barrier_phase(event, walls, phase) for phase in event.phases if phase.pedestrians.size
    )
    report("counting forces", 0.8)
    return EventFile(
        schema=SCHEMA,
        name=form.name,
        description=form.description,
        network=NetworkPart(**network_part(event.network, event.settings)),
        vehicle=_vehicle(event),
        venue=VenuePart(
            name=form.venue.name,
            junctions=tuple(event.venue.junctions.tolist()),
            outline=tuple((float(x), float(y)) for x, y in event.venue.outline),
            gates=tuple(gate.name for gate in event.gates),
        ),
        risk=form.risk.level,
        risk_reasons=tuple(form.risk.reasons),
        phases=tuple(
            PhasePart.model_validate(
                {
                    "name": phase.name,
                    "from": phase.start.isoformat(),
                    "until": phase.until.isoformat(),
                    "crowd": phase.crowd,
                }
            )
            for phase in event.phases
        ),
        camera_prices=cameras.part,
        rings=rings,
        by_time=by_time,
        masts=masts,
        barrier_prices=walls.part,
        barriers=barriers,
        posts=_posts(event, barriers),
        forces=_forces(event, barriers),
        not_proven=NOT_PROVEN,
        notes=(*event.notes, *_notes(event, cameras)),
        sentence=_sentence(form.venue.name, rings, barriers),
        lineage={"event": {"name": form.name, "file": event.path.name, "sha256": event.digest}},
    )


def _vehicle(event: PlannedEvent) -> VehiclePart:
    content = vehicle_part(event.vehicle)
    most = content["max_speed_mps"]
    return VehiclePart(**{**content, "max_speed_mps": most if math.isfinite(most) else None})


def _cameras(
    event: PlannedEvent, priced: Priced, report: Progress
) -> tuple[tuple[RingPart, ...], tuple[TimeRow, ...], MastRingPart | None]:
    """The rings that are asked for, the cost by time, and masts if there are any."""
    form = event.form.cameras
    maker = RingMaker(
        event, priced, event.venue.junctions, event.venue.outline, event.form.venue.name
    )
    exits = exit_parts(event)
    ways = {"outward": (False,), "inward": (True,), "both": (False, True)}[form.directions]
    rings = tuple(
        maker.ring(form.layers, inward=inward, within_s=form.within_s, exits=exits, progress=report)
        for inward in ways
    )
    report("the cost by time", 0.4)
    by_time = time_table(maker, form.layers, form.table_s)
    return rings, by_time, mast_ring(event, maker, exits, priced, report)


def _pixels_source(form: CamerasForm) -> str:
    """Where the pixels for each metre come from."""
    if form.pixels_per_m:
        return "as the event file says"
    if (form.picture_class or DEFAULT_CLASS) == "reader":
        return "what Stopline's reader was measured to need by day and by night"
    return f"IEC 62676-4, class {form.picture_class}"


def _notes(event: PlannedEvent, priced: Priced) -> tuple[str, ...]:
    form = event.form.cameras
    notes = []
    if event.vehicle.obeys_turn_bans:
        notes.append(
            "Turn bans are not counted on: the ring holds for a vehicle that ignores them."
        )
    if not form.types:
        notes.append(
            "No kinds of camera are given: each site counts as one that covers the whole road."
        )
    else:
        notes.append(
            f"Cameras are counted by {pixels_per_m(event):.0f} pixels for each metre of "
            f"carriageway ({_pixels_source(form)}); widths are those of the event file, or assumed "
            "by road class."
        )
        why = {fit.why_not for fit in priced.fits.values() if not fit.count}
        if why:
            roads = sum(1 for fit in priced.fits.values() if not fit.count)
            example = min(why)
            notes.append(f"No kind of camera will do on {roads} sections, for example: {example}.")
    count, far_m = starts_outside(event.venue, event.network)
    if count:
        notes.append(
            f"{count} places where routes begin lie outside {event.form.venue.name}, up to "
            f"{far_m:.0f} m from its middle: ends of roads that pass through it without a "
            "junction, be it in a tunnel."
        )
    dropped = len(event.cameras) - len(priced.part.existing)
    if dropped:
        notes.append(f"{dropped} existing cameras stand within the venue and see nobody leave.")
    if not event.problem.units:
        notes.append("No units are given, so there is no scenario of the night.")
    return tuple(notes)


def _sentence(name: str, rings: tuple[RingPart, ...], barriers: tuple[BarrierPhase, ...]) -> str:
    missing = [ring for ring in rings if not ring.exists]
    if missing:
        return missing[0].sentence
    first = rings[0]
    sites = len(first.sites)
    way = "out of" if first.direction == "outward" else "in to"
    text = (
        f"No vehicle gets {way} {name} unseen: {sites} camera "
        f"{'site' if sites == 1 else 'sites'}, cost {first.cost}, no choice costs less"
    )
    if first.layers > 1:
        out = "one" if first.layers == 2 else str(first.layers - 1)  # noqa: PLR2004
        text += f"; with any {out} out of order every way is still seen"
    broken = [phase.phase for phase in barriers if not phase.ring.exists]
    if broken:
        text += f". Barriers cannot close every road to where people walk in {', '.join(broken)}"
    elif barriers:
        text += ". Barriers close every road to where people walk"
    return f"{text}."


def _posts(event: PlannedEvent, barriers: tuple[BarrierPhase, ...]) -> tuple[PostPart, ...]:
    """Gates and barriers by phase, posts that the file names, sealing posts of the night."""
    by_phase = {one.phase: one for one in barriers}
    posts: list[PostPart] = []
    for phase in event.phases:
        for gate in event.gates:
            lon, lat = point_along(event.network.geometry(gate.section), gate.fraction)
            posts.append(
                PostPart(phase=phase.name, kind="gate", name=gate.name, lon=lon, lat=lat,
                         task="check who drives in and out")
            )  # fmt: skip
        one = by_phase.get(phase.name)
        for site in one.ring.sites if one is not None else ():
            opens = one is not None and site.number == one.openable
            task = "keep vehicles out; open for rescue" if opens else "keep vehicles out"
            posts.append(
                PostPart(phase=phase.name, kind="barrier", name=f"{site.number} {site.name}",
                         lon=site.lon, lat=site.lat, task=task)
            )  # fmt: skip
        for kind, count in phase.posts.items():
            if kind not in {"gate", "barrier"}:
                posts += [
                    PostPart(phase=phase.name, kind=kind, name=f"{kind.replace('_', ' ')} {number}",
                             lon=None, lat=None, task="as the event file says")
                    for number in range(1, count + 1)
                ]  # fmt: skip
    sites = event.problem.sites
    for number in sorted(sites.names):
        post = event.problem.site(number)
        posts.append(
            PostPart(phase="", kind="checkpoint", name=post.name, lon=post.lon, lat=post.lat,
                     task=f"prepared to seal that night, strength {post.need}")
        )  # fmt: skip
    return tuple(posts)


def _forces(event: PlannedEvent, barriers: tuple[BarrierPhase, ...]) -> ForcesPart | None:
    table = event.rules
    if table is None:
        return None
    counts = {one.phase: len(one.ring.sites) for one in barriers}
    numbers = {i: counts.get(phase.name, 0) for i, phase in enumerate(event.phases)}
    hours = forces_by_hour(table, event.form.risk.level, event.force_phases(numbers), event.shifts)
    return ForcesPart(
        table=table.name,
        example=table.example,
        rows=tuple(
            RulePart(
                id=row.id, kind=row.kind, service=row.service, source=row.source,
                date=row.date.isoformat(),
            )
            for row in table.rows
        ),
        hours=tuple(_hour(event, hour) for hour in hours),
    )  # fmt: skip


def _hour(event: PlannedEvent, hour: Hour) -> HourPart:
    services = [
        ServicePart(
            service=one.service,
            needed=one.needed,
            rostered=one.rostered,
            missing=one.missing,
            items=tuple(
                ItemPart(people=item.people, row=item.row, why=item.why) for item in one.items
            ),
            asks=tuple(
                AskPart(
                    service=ask.service,
                    people=ask.people,
                    decides=ask.decides,
                    row=ask.row,
                    why=ask.why,
                )
                for ask in one.asks
            ),
        )
        for one in hour.services
    ]
    return HourPart.model_validate(
        {
            "from": iso(hour.start_s, event.zone),
            "until": iso(hour.end_s, event.zone),
            "phases": hour.phase,
            "crowd": hour.crowd,
            "services": tuple(services),
        }
    )
