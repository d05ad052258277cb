"""The pages of an event plan, by post and hour, to be signed: as PDF and as HTML."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from stopline.rendering.page.html import paper_html
from stopline.rendering.page.model import Block, Line, Paper
from stopline.rendering.page.pdf import paper_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.event.plan_schema import (
        CameraPart,
        EventFile,
        ForcesPart,
        HourPart,
        RingPart,
        ServicePart,
    )
    from stopline.planning.event_input import PlannedEvent

_MOST_ROUTES: Final = 24


def write_pages(plan: EventFile, event: PlannedEvent, folder: Path) -> None:
    """Write event.pdf and event.html."""
    paper = event_paper(plan, event)
    (folder / "event.pdf").write_bytes(paper_pdf(paper))
    (folder / "event.html").write_text(paper_html(paper), encoding="utf-8")


def event_paper(plan: EventFile, event: PlannedEvent) -> Paper:
    """The pages: cameras with the proof, posts by phase, forces by hour, the rules and sources."""
    from stopline.planning.event_map import ring_picture  # noqa: PLC0415  (matplotlib)

    first, last = _time(plan.phases[0].start), max(_time(phase.until) for phase in plan.phases)
    example = plan.forces is not None and plan.forces.example
    title = f"{plan.name}: event plan"
    walls = [phase.ring for phase in plan.barriers]
    complete = all(ring.exists for ring in (*plan.rings, *walls))
    shown = next((ring for ring in plan.rings if not ring.exists), plan.rings[0])
    blocks = [
        _risk(plan),
        _phases(plan),
        *_rings(plan),
        *_times(plan),
        *_masts(plan),
        *_posts(plan, event),
        *_forces(plan, new_page=all(post.phase for post in plan.posts)),
        _sources(plan),
        _signatures(),
    ]
    return Paper(
        title=f"{title} (forces by an EXAMPLE rule table)" if example else title,
        headline=plan.sentence,
        tone="good" if complete else "bad",
        facts=(
            f"{first:%a %d %b %Y, %H:%M} to {last:%H:%M}",
            f"{plan.venue.name}, risk {plan.risk}",
        ),
        blocks=tuple(blocks),
        picture=ring_picture(plan, event, shown),
        caption=(
            "Discs: new cameras; diamonds: cameras that stand; numbered as in the list. Yellow: "
            f"the venue. {_lines_of(shown)}"
        ),
        foot=(
            f"Made by Stopline from roads {plan.network.digest[:12]} ({plan.network.attribution}) "
            f"and {plan.lineage['event']['file']}; anybody can check it: stopline verify event.json"
        ),
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _lines_of(ring: RingPart) -> str:
    """What the lines on the map of a ring are."""
    if not ring.exists:
        return "Red line: the way on which too few can stand."
    return "Coloured lines: ways that prove the cost."


def _risk(plan: EventFile) -> Block:
    lines = [Line(plan.risk, lead="risk")]
    lines += [Line(reason) for reason in plan.risk_reasons]
    return Block("How dangerous, and why", tuple(lines))


def _phases(plan: EventFile) -> Block:
    lines = tuple(
        Line(
            f"{phase.name}, {phase.crowd:,} spectators",
            lead=f"{_time(phase.start):%H:%M}-{_time(phase.until):%H:%M}",
        )
        for phase in plan.phases
    )
    return Block("Phases", lines)


def _rings(plan: EventFile) -> list[Block]:
    blocks = []
    same = len(plan.rings) > 1 and _spots(plan.rings[0]) == _spots(plan.rings[1])
    for number, ring in enumerate(plan.rings):
        lines = [Line(ring.sentence, tone="good" if ring.exists else "bad")]
        if number and same:
            lines.append(
                Line("The sites are those of the ring outward: each sees both directions.")
            )
        else:
            lines += [_site_line(site) for site in ring.sites]
        if ring.gap is not None:
            lines.append(Line(f"{ring.gap.roads}: at most {ring.gap_most} can stand on it",
                              lead="the gap", tone="bad"))  # fmt: skip
        blocks.append(
            Block(f"Camera ring, {ring.direction}, {_asked(ring)}", tuple(lines), wide=True,
                  flows=True, new_page=number == 0)
        )  # fmt: skip
        if ring.routes and not (number and same):
            blocks.append(_proof(ring))
    return blocks


def _spots(ring: RingPart) -> list[tuple[str, int, float]]:
    return [(site.kind, site.index, site.fraction) for site in ring.sites]


def _asked(ring: RingPart) -> str:
    seen = "every route seen once" if ring.layers == 1 else f"every route seen {ring.layers} times"
    return seen if ring.within_s is None else f"{seen} within {ring.within_s:g} s"


def _site_line(site: CameraPart) -> Line:
    what = [site.name, f"{site.lat:.5f}, {site.lon:.5f}"]
    if site.existing:
        what.append("stands already")
    elif site.type:
        count = site.count * site.side_by_side
        what.append(f"{count} x {site.type}")
    if site.speed_kmh is not None and site.width_m is not None:
        what.append(f"{site.width_m:g} m wide, passed at up to {site.speed_kmh:.0f} km/h")
    if site.pixels_per_m is not None and site.blur is not None:
        what.append(
            f"{site.pixels_per_m:.0f} px/m, blur {site.blur * 100:.1f} %, "
            f"{site.frames:.0f} pictures"
        )
    if site.reached_s is not None:
        what.append(f"reached after {site.reached_s:.0f} s")
    what.append(f"cost {site.price}")
    return Line("; ".join(what), lead=f"site {site.number}")


def _proof(ring: RingPart) -> Block:
    lines = [
        Line(way.roads, lead=f"weight {way.weight}" if way.weight > 1 else f"way {number}")
        for number, way in enumerate(ring.routes[:_MOST_ROUTES], 1)
    ]
    if len(ring.routes) > _MOST_ROUTES:
        rest = len(ring.routes) - _MOST_ROUTES
        lines.append(Line(f"and {rest} more, in event.json", tone="quiet"))
    return Block("The ways that prove it", tuple(lines), wide=True, flows=True)


def _times(plan: EventFile) -> list[Block]:
    if not plan.by_time:
        return []
    lines = [
        Line(f"cost {row.cost}, {row.sites} sites" if row.cost is not None else row.why,
             lead=f"{row.within_s:g} s", tone="plain" if row.cost is not None else "bad")
        for row in plan.by_time
    ]  # fmt: skip
    return [Block("What it costs that all are seen within so many seconds of driving", tuple(lines),
                  wide=True, flows=True)]  # fmt: skip


def _masts(plan: EventFile) -> list[Block]:
    if plan.masts is None:
        return []
    lines = [Line(plan.masts.sentence, tone="good" if plan.masts.exists else "bad")]
    lines += [
        Line(f"cost {mast.price}, reads {mast.detection * 100:.0f} % of who pass", lead=mast.name)
        for mast in plan.masts.masts
        if mast.chosen
    ]
    return [Block("Masts, and cameras that miss some", tuple(lines), wide=True, flows=True)]


def _posts(plan: EventFile, event: PlannedEvent) -> list[Block]:
    """A page for each phase: the map of its barriers, then every post."""
    from stopline.planning.event_map import barrier_picture  # noqa: PLC0415  (matplotlib)

    pictures = {one.phase: barrier_picture(plan, event, one) for one in plan.barriers}
    sentences = {one.phase: one.ring for one in plan.barriers}
    blocks: list[Block] = []
    for phase in plan.phases:
        lines = []
        ring = sentences.get(phase.name)
        if ring is not None:
            lines.append(Line(ring.sentence, tone="good" if ring.exists else "bad"))
        for post in plan.posts:
            if post.phase == phase.name:
                at = "" if post.lon is None else f" ({post.lat:.5f}, {post.lon:.5f})"
                lines.append(Line(f"{post.name}{at}: {post.task}", lead=_kind(post.kind)))
        if not lines:
            lines.append(Line("No posts.", tone="quiet"))
        time = f"{_time(phase.start):%H:%M} to {_time(phase.until):%H:%M}"
        blocks.append(
            Block(f"Posts: {phase.name}, {time}", tuple(lines), wide=True, flows=True,
                  new_page=phase.name in pictures or not blocks,
                  picture=pictures.get(phase.name),
                  caption="Squares: barriers, numbered as below; triangle: the one that opens "
                  "for rescue. Brown: where people walk. Yellow: the venue. "
                  + ("" if ring is None else _lines_of(ring)))
        )  # fmt: skip
    night = [post for post in plan.posts if not post.phase]
    if night:
        lines = [
            Line(
                f"{post.name} ({post.lat:.5f}, {post.lon:.5f}): {post.task}", lead=_kind(post.kind)
            )
            for post in night
        ]
        blocks.append(
            Block(
                "Sealing posts prepared for the night",
                tuple(lines),
                wide=True,
                flows=True,
                new_page=bool(pictures),
            )
        )
    return blocks


def _kind(kind: str) -> str:
    return kind.replace("_", " ")


def _forces(plan: EventFile, *, new_page: bool) -> list[Block]:
    if plan.forces is None:
        return []
    blocks = []
    for number, hour in enumerate(plan.forces.hours):
        title = f"Forces {_time(hour.start):%H:%M} to {_time(hour.until):%H:%M}"
        lines = [Line(f"{hour.phases}; {hour.crowd:,} spectators", tone="quiet")]
        if plan.forces.example and number == 0:
            lines.insert(0, Line("The rule table is an EXAMPLE that nobody has put in force.",
                                 tone="bad"))  # fmt: skip
        for one in hour.services:
            if one.needed or one.rostered:
                lines += _service_lines(one)
        blocks.append(Block(title, tuple(lines), wide=True, flows=True,
                            new_page=new_page and number == 0))  # fmt: skip
    asks = _asks(plan.forces.hours)
    if asks:
        blocks.append(Block("Whom to ask", asks, wide=True, flows=True))
    blocks.append(_rules(plan.forces))
    return blocks


def _service_lines(one: ServicePart) -> list[Line]:
    missing = f", {one.missing} missing" if one.missing else ""
    head = Line(
        f"{one.needed} needed, {one.rostered} on duty{missing}",
        lead=one.service,
        tone="bad" if one.missing else "good",
    )
    why = "; ".join(f"{item.people}: {item.why} [{item.row}]" for item in one.items)
    return [head, Line(why, tone="quiet")] if why else [head]


def _asks(hours: tuple[HourPart, ...]) -> tuple[Line, ...]:
    """Each request once, with the hours in which it is needed and the most people."""
    found: dict[tuple[str, str, str], tuple[int, list[str]]] = {}
    for hour in hours:
        for one in hour.services:
            for ask in one.asks:
                key = (ask.service, ask.decides, f"to help {one.service} [{ask.row}]")
                most, times = found.get(key, (0, []))
                found[key] = (max(most, ask.people), [*times, f"{_time(hour.start):%H:%M}"])
    return tuple(
        Line(f"up to {most}, {what}; decided by {decides}; for the hours from {', '.join(times)}",
             lead=service)
        for (service, decides, what), (most, times) in found.items()
    )  # fmt: skip


def _rules(forces: ForcesPart) -> Block:
    lines = [Line(f"{row.service}: {row.source} ({row.date})", lead=row.id) for row in forces.rows]
    said = " (an example)" if forces.example else ""
    return Block(f"Rows of {forces.table}{said}", tuple(lines), wide=True, flows=True)


def _sources(plan: EventFile) -> Block:
    lines = [Line(text) for text in plan.not_proven]
    lines += [Line(note, tone="quiet") for note in plan.notes]
    return Block("What a ring does not prove, and what was assumed", tuple(lines), wide=True,
                 flows=True)  # fmt: skip


def _signatures() -> Block:
    return Block(
        "Read and signed",
        (Line("______________________________   date ______________", lead="planner"),
         Line("______________________________   date ______________", lead="chief")),
        wide=True,
    )  # fmt: skip
