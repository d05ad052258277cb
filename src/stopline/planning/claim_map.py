"""Draw a claim: where the vehicle could be past what was closed, and the way into X."""

from __future__ import annotations

import math
from pathlib import Path  # noqa: TC003  (a signature)
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.drive_graph import drive_graph
from stopline.network.search import ArrivalSearch
from stopline.rendering import style
from stopline.rendering.markers import (
    draw_exits,
    draw_route,
    draw_seals,
    draw_sources,
    route_line,
)
from stopline.rendering.plan_map import drawing, save
from stopline.rendering.roads import bands_up_to
from stopline.rendering.sheet import MAP_PX, Sheet
from stopline.rendering.time_text import span
from stopline.rendering.viewport import fit_view
from stopline.sealing.plan import Route, SiteKind
from stopline.sealing.problem import Exit, Rules, SealingProblem, SiteList
from stopline.standards.geojson import exit_point, source_point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.planning.claim_answer import Claim

_COULD: Final = "#b01218"
_COULD_NOT: Final = "#18723a"
_MOST_LABELS: Final = 12
_CLOSED: Final = style.SideLook(id="closed", name="closed", colour="#00599c", shape="o")


def draw_claim(claim: Claim, path: Path) -> None:
    """Draw a claim to a PNG or SVG file.

    Raises:
        Unsupported: the network has no coordinates.
    """
    problem = _problem(claim)
    look = style.Look(zone=claim.zone, title="Claim")
    with drawing():
        sheet = Sheet(problem, look)
        arrival_s = _reach(claim, problem)
        route = _route(claim)
        view = fit_view(_points(claim, problem, route), MAP_PX[2], MAP_PX[3])
        within = arrival_s[np.isfinite(arrival_s) & (arrival_s <= claim.answer.by_s)]
        latest = float(np.quantile(within, 0.98)) if within.size else 60.0
        sheet.map(view, None, arrival_s, bands_up_to(max(latest, 60.0)))
        if route is not None:
            line = route_line(claim.network, sheet.view, route)
            if line.size:
                draw_route(sheet.axes, line, sheet.labels)
        draw_exits(sheet.axes, problem, sheet.labels, {claim.target.name} if route else ())
        draw_sources(sheet.axes, problem, sheet.labels)
        spoken = len(claim.closed) <= _MOST_LABELS
        draw_seals(
            sheet.axes,
            sheet.labels,
            [
                (
                    (one.lon, one.lat),
                    _CLOSED,
                    f"{style.shortened(one.name, 26)}\nclosed "
                    f"{claim.clock.short(one.closing.from_s, late=True)}"
                    if spoken
                    else "",
                )
                for one in sorted(claim.closed, key=lambda one: one.closing.from_s)
            ],
        )
        sheet.finish_map()
        _panel(sheet, claim)
        word = "COULD" if claim.answer.could else "COULD NOT"
        colour = _COULD if claim.answer.could else _COULD_NOT
        sheet.frame(word, claim.sentence, colour)
        save(sheet.figure, path)


def _panel(sheet: Sheet, claim: Claim) -> None:
    from stopline.planning.claim_page import claim_paper  # noqa: PLC0415  (one wording)

    panel = sheet.panel
    for block in claim_paper(claim, None).blocks[:3]:
        panel.heading(block.title)
        for line in block.lines[:14]:
            if line.lead:
                text = panel.fitted(line.text, panel.width - 150, 10.5)
                panel.line((0, line.lead), (150, text))
            else:
                panel.paragraph(line.text, 4)
    panel.at = panel.height - 120
    panel.heading("On the map")
    panel.at += 14
    panel.text(0, "star: where it was seen     round mark: what was closed", fontsize=10)
    panel.at += 22
    age = span(claim.answer.by_s - min(one.time_s for one in claim.sources))
    panel.text(0, f"violet: where it could be within {age}", fontsize=10)
    panel.at += 6
    panel.bands(sheet.bands, sheet.clock)


def _problem(claim: Claim) -> SealingProblem:
    """A problem without units or sites, so that the sheet knows roads, sources and X."""
    none = np.empty(0, dtype=np.int32)
    target = claim.target
    exits = [
        Exit(name=target.name, kind=SiteKind.SECTION, index=index)
        for index in sorted(target.sections)
    ]
    if not exits and claim.answer.route:
        last = claim.answer.route[-1].to
        exits = [Exit(name=target.name, kind=SiteKind.JUNCTION, index=last)]
    return SealingProblem(
        network=claim.network,
        vehicle=claim.vehicle,
        sources=claim.sources,
        exits=tuple(exits),
        sites=SiteList(
            is_junction=np.empty(0, dtype=bool), index=none, need=none,
            setup_s=np.empty(0), disturbance=np.empty(0),
        ),
        units=(),
        rules=Rules(),
        now_utc_s=claim.plan.now_utc_s,
    )  # fmt: skip


def _reach(claim: Claim, problem: SealingProblem) -> NDArray[np.float64]:
    """Earliest arrival past what was closed, for the colours; reopened places count as closed."""
    graph = drive_graph(problem.network, problem.vehicle)
    time_s = graph.time_s.copy()
    site = np.full(graph.arcs, -1, dtype=np.int32)
    shut = []
    for number, one in enumerate(claim.closed):
        at = graph.section if one.closing.kind == "section" else graph.head
        site[at == one.closing.index] = number
        shut.append(one.closing.from_s)
    starts, times = [], []
    for source in claim.sources:
        if source.junction is not None:
            starts.append(source.junction)
            times.append(source.time_s)
            continue
        for arc in np.flatnonzero(graph.section == source.section):
            starts.append(int(graph.head[arc]))
            left = 1 - source.fraction if graph.forward[arc] else source.fraction
            times.append(source.time_s + left * float(graph.time_s[arc]))
    search = ArrivalSearch(graph.first_out, graph.head, time_s, site)
    return search.run(starts, times, shut_s=np.array(shut)).arrival_s.copy()


def _route(claim: Claim) -> Route | None:
    drives = claim.answer.route
    if not drives:
        return None
    network = claim.network
    first = drives[0]
    tail, head = int(network.section_tail[first.section]), int(network.section_head[first.section])
    begin = tail if first.to == head else head
    return Route(
        junctions=(begin, *(drive.to for drive in drives)),
        sections=tuple(drive.section for drive in drives),
        enter_s=tuple(drive.enter_s for drive in drives),
        arrival_s=claim.answer.earliest_s,
        source=claim.answer.source,
        exit=claim.target.name,
    )


def _points(claim: Claim, problem: SealingProblem, route: Route | None) -> NDArray[np.float64]:
    network = claim.network
    points = [source_point(network, source) for source in claim.sources]
    points += [(one.lon, one.lat) for one in claim.closed]
    points += [exit_point(network, one) for one in problem.exits]
    if route is not None:
        points += [
            (float(network.junction_lon[j]), float(network.junction_lat[j]))
            for j in route.junctions
        ]
    found = np.array(points, dtype=np.float64)
    good = np.isfinite(found).all(axis=1)
    if math.isfinite(claim.answer.earliest_s) or good.sum() > 1:
        return found[good]
    everywhere = np.column_stack((network.junction_lon, network.junction_lat))
    return np.concatenate((found[good], everywhere))
