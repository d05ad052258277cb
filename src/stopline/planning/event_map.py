"""Draw an event plan: the camera ring with the routes that prove it, and barriers by phase."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.transforms import Bbox

from stopline.rendering import style
from stopline.rendering.plan_map import drawing, save
from stopline.rendering.sheet import MAP_PX, Sheet
from stopline.rendering.viewport import fit_view
from stopline.scenario.place_text import NamedPlace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.event.plan_schema import (
        BarrierPhase,
        CameraPart,
        EventFile,
        RingPart,
        WayPart,
    )
    from stopline.planning.event_input import PlannedEvent

_CAMERA: Final = "#00599c"
_STANDING: Final = "#00745a"
_BARRIER: Final = "#b36b00"
_OPENABLE: Final = "#18723a"
_VENUE: Final = "#ffd400"
# Routes of the proof are told apart by hue and by dashes.
_ROUTES: Final = ("#8250b0", "#b0508a", "#507ab0", "#4d8a5a", "#8a6d3b")
_DASHES: Final = ("-", (0, (6, 2)), (0, (3, 1.5)), (0, (8, 2, 2, 2)))
_GOOD: Final = "#18723a"
_BAD: Final = "#b01218"
_MOST_ROUTES: Final = 60
_MOST_SPOKEN: Final = 14
_BEYOND: Final = 0.35  # of the ring's size, that routes are followed beyond it
_ROOM_M: Final = 150.0
_PRINT_DPI: Final = 150
_LETTERS: Final = 9.5
_PRINTED_LETTERS: Final = 13.0  # the map is smaller on a page

Points = list[tuple[float, float]]


def draw_event(plan: EventFile, event: PlannedEvent, path: Path | Sequence[Path]) -> None:
    """Draw the camera ring to PNG or SVG files.

    Raises:
        Unsupported: the network has no coordinates.
    """
    ring = next((one for one in plan.rings if not one.exists), plan.rings[0])
    with drawing():
        sheet = _ring_sheet(plan, event, ring)
        save(sheet.figure, path)


def barrier_picture(plan: EventFile, event: PlannedEvent, phase: BarrierPhase) -> bytes:
    """A PNG of the map of a phase's barriers, for a page that says the rest in words."""
    with drawing():
        sheet = _sheet(event, _points(event, phase.ring, phase.area), [])
        _area(sheet, phase.area, _BARRIER, f"people walk: {phase.phase}")
        _area(sheet, plan.venue.outline, _VENUE, plan.venue.name)
        _routes(sheet, event, phase.ring)
        _marks(sheet, phase.ring.sites, barriers=True, openable=phase.openable,
               letters=_PRINTED_LETTERS)  # fmt: skip
        sheet.finish_map()
        return _map_png(sheet)


def ring_picture(plan: EventFile, event: PlannedEvent, ring: RingPart) -> bytes:
    """A PNG of the map of a camera ring, for a page that says the rest in words."""
    with drawing():
        return _map_png(_ring_map(plan, event, ring, _PRINTED_LETTERS))


def _map_png(sheet: Sheet) -> bytes:
    """The map alone, as sharp as a printer needs it: letters stay legible across a page."""
    left, bottom, width, height = MAP_PX
    edges = np.array([[left - 2, bottom - 2], [left + width + 2, bottom + height + 2]])
    data = io.BytesIO()
    sheet.figure.savefig(
        data, format="png", dpi=_PRINT_DPI, bbox_inches=Bbox(edges / style.DPI),
        metadata={"Software": "Stopline"},
    )  # fmt: skip
    return data.getvalue()


def _ring_sheet(plan: EventFile, event: PlannedEvent, ring: RingPart) -> Sheet:
    sheet = _ring_map(plan, event, ring)
    _ring_panel(sheet, plan, ring)
    word, colour = ("SEEN", _GOOD) if ring.exists else ("NO RING", _BAD)
    sentence = plan.sentence if ring is plan.rings[0] else ring.sentence
    _frame(sheet, plan, word, sentence, colour)
    return sheet


def _ring_map(
    plan: EventFile, event: PlannedEvent, ring: RingPart, letters: float = _LETTERS
) -> Sheet:
    always = [section for way in ring.routes for section in way.sections]
    sheet = _sheet(event, _points(event, ring, plan.venue.outline), always)
    _area(sheet, plan.venue.outline, _VENUE, plan.venue.name)
    _gates(sheet, event)
    _routes(sheet, event, ring)
    _marks(sheet, ring.sites, letters=letters)
    sheet.finish_map()
    return sheet


def _sheet(event: PlannedEvent, points: Points, always: Sequence[int]) -> Sheet:
    places = [NamedPlace(name=n, lon=p.lon, lat=p.lat) for n, p in event.form.places.items()]
    look = style.Look(
        sides=tuple(event.sides.values()),
        places=tuple(places),
        zone=event.zone,
        title=event.form.name,
    )
    sheet = Sheet(event.problem, look)
    view = fit_view(np.array(points), MAP_PX[2], MAP_PX[3])
    sheet.ground(view, list(always))
    return sheet


def _points(event: PlannedEvent, ring: RingPart, outline: Sequence[tuple[float, float]]) -> Points:
    """What must be in view: the area, its junctions, all sites; for a gap its whole route."""
    network = event.network
    points: Points = [*outline]
    if not outline:
        points += [(float(network.junction_lon[j]), float(network.junction_lat[j]))
                   for j in ring.starts]  # fmt: skip
    points += [(site.lon, site.lat) for site in ring.sites]
    if ring.gap is not None:
        line = _line(event, ring.gap)
        points += [(float(x), float(y)) for x, y in line]
    return points


def _line(event: PlannedEvent, way: WayPart) -> NDArray[np.float64]:
    parts = []
    for section, forward in zip(way.sections, way.forward, strict=True):
        line = event.network.geometry(section)
        parts.append(line if forward else line[::-1])
    return np.concatenate(parts) if parts else np.empty((0, 2))


def _area(sheet: Sheet, outline: Sequence[tuple[float, float]], colour: str, name: str) -> None:
    if not outline:
        return
    corners = np.array(outline)
    xy = sheet.view.xy(corners[:, 0], corners[:, 1])
    sheet.axes.add_patch(
        Polygon(xy, closed=True, facecolor=colour, alpha=0.28, edgecolor="none", zorder=4.5)
    )
    sheet.axes.add_patch(
        Polygon(xy, closed=True, fill=False, edgecolor=style.INK, linewidth=1.6, zorder=4.6)
    )
    middle = xy.mean(axis=0)
    sheet.labels.add(
        sheet.axes, style.shortened(name, 34), middle, "black", fontweight="bold",
        facecolor="#fff3b0", fontsize=10.5,
    )  # fmt: skip


def _gates(sheet: Sheet, event: PlannedEvent) -> None:
    from stopline.planning.event_venue import point_along  # noqa: PLC0415  (one use)

    for gate in event.gates:
        point = point_along(event.network.geometry(gate.section), gate.fraction)
        xy = sheet.view.xy(*point)
        sheet.axes.plot(*xy, marker="*", markersize=17, markerfacecolor=_VENUE,
                        markeredgecolor="black", markeredgewidth=1.4, zorder=8.8)  # fmt: skip
        sheet.labels.keep_clear(xy, 10)
        sheet.labels.add(sheet.axes, style.shortened(gate.name, 24), xy, "black",
                         facecolor="#fff3b0")  # fmt: skip


def _routes(sheet: Sheet, event: PlannedEvent, ring: RingPart) -> None:
    """The routes of the proof, side by side where they share a road; a gap in red."""
    scale = sheet.view.metres_per_pixel
    for number, way in enumerate(ring.routes[:_MOST_ROUTES]):
        line = _line(event, way)
        xy = sheet.view.xy(line[:, 0], line[:, 1])
        inside = sheet.view.contains(xy, beyond=_BEYOND)
        if not inside.any():
            continue
        last = int(np.flatnonzero(inside)[-1]) + 2
        shift = ((number % len(_ROUTES)) - (len(_ROUTES) - 1) / 2) * 2.2 * scale
        sheet.axes.plot(
            xy[:last, 0] + shift, xy[:last, 1] + shift, color=_ROUTES[number % len(_ROUTES)],
            linewidth=2.1, linestyle=_DASHES[number % len(_DASHES)], alpha=0.85, zorder=5.5,
        )  # fmt: skip
    if ring.gap is not None:
        from stopline.rendering.markers import draw_route  # noqa: PLC0415  (one use)

        line = _line(event, ring.gap)
        if ring.direction == "inward":
            line = line[::-1]
        if line.size:
            draw_route(sheet.axes, sheet.view.xy(line[:, 0], line[:, 1]), sheet.labels)


def _marks(
    sheet: Sheet,
    sites: Sequence[CameraPart],
    *,
    barriers: bool = False,
    openable: int | None = None,
    letters: float = _LETTERS,
) -> None:
    spoken = len(sites) <= _MOST_SPOKEN
    for site in sites:
        xy = sheet.view.xy(site.lon, site.lat)
        colour, shape = _look(site, barriers=barriers, opens=site.number == openable)
        sheet.axes.plot(*xy, marker=shape, markersize=16, color="white", zorder=9, alpha=0.95)
        sheet.axes.plot(*xy, marker=shape, markersize=12, markerfacecolor=colour,
                        markeredgecolor="black", markeredgewidth=1.5, zorder=9.1)  # fmt: skip
        sheet.labels.keep_clear(xy, 11)
        if spoken:
            sheet.labels.add(
                sheet.axes,
                f"{site.number}  {style.shortened(site.name, 26)}",
                xy,
                colour,
                fontsize=letters,
            )
        else:
            sheet.labels.add(
                sheet.axes, str(site.number), xy, "white", color="white", facecolor=colour,
                fontweight="bold", fontsize=letters,
            )  # fmt: skip


def _look(site: CameraPart, *, barriers: bool, opens: bool) -> tuple[str, str]:
    """Colour and shape: told apart without colour as well."""
    if barriers:
        return (_OPENABLE, "^") if opens else (_BARRIER, "s")
    return (_STANDING, "D") if site.existing else (_CAMERA, "o")


def _ring_panel(sheet: Sheet, plan: EventFile, ring: RingPart) -> None:
    panel = sheet.panel
    panel.heading("What is proven", _GOOD if ring.exists else _BAD)
    panel.paragraph(ring.sentence, 7)
    if ring.exists:
        panel.heading(f"{len(ring.sites)} camera sites, {ring.direction}")
        table_room = panel.height - panel.at - 330 - 21 * min(len(plan.by_time), 7)
        _sites_table(sheet, ring.sites, table_room)
    if plan.by_time:
        panel.heading("All seen within so many seconds of driving")
        for row in plan.by_time[:7]:
            text = f"cost {row.cost}, {row.sites} sites" if row.cost is not None else "no ring"
            panel.line((0, f"{row.within_s:g} s"), (90, text))
    panel.heading("What a ring does not prove")
    panel.paragraph(
        "Foot paths, fields and roads that the map lacks; a covered plate; a camera that is dark "
        "or turned; a vehicle that stays inside.",
        3,
    )
    _legend(sheet, ring)


def _sites_table(sheet: Sheet, sites: Sequence[CameraPart], room: float) -> None:
    panel = sheet.panel
    columns = (0.0, 34.0, 258.0, 352.0, 468.0)
    panel.at += 10
    for x, head in zip(columns, ("", "where", "reached", "cameras", "cost"), strict=True):
        panel.text(x, head, fontsize=9.5, color=style.QUIET)
    panel.at += 10
    step = 19.0
    fitting = max(int(room / step), 3)
    shown = sites if len(sites) <= fitting else sites[: fitting - 1]
    for site in shown:
        panel.at += step / 2
        kind = (
            "there already"
            if site.existing
            else (
                f"{site.count * site.side_by_side} {site.type}"
                if site.type
                else f"{site.count} new"
            )
        )
        reached = "" if site.reached_s is None else f"+{site.reached_s:.0f} s"
        cells = (str(site.number), site.name, reached, kind, str(site.price))
        for number, (x, cell) in enumerate(zip(columns, cells, strict=True)):
            width = (columns[number + 1] if number + 1 < len(columns) else panel.width) - x - 8
            panel.text(
                x, panel.fitted(cell, width, 9.8, bold=number < 2), fontsize=9.8,  # noqa: PLR2004
                fontweight="bold" if number < 2 else "normal",  # noqa: PLR2004  (columns)
            )  # fmt: skip
        panel.at += step / 2
    if len(shown) < len(sites):
        panel.at += step / 2
        panel.text(34, f"and {len(sites) - len(shown)} more, in cameras.tsv", color=style.QUIET)
        panel.at += step / 2


def _legend(sheet: Sheet, ring: RingPart) -> None:
    panel = sheet.panel
    rows = 3 if ring.exists else 2
    panel.at = max(panel.at, panel.height - 40 - rows * 24)
    panel.heading("On the map")
    panel.at += 14
    entries = [("camera, new", _mark(_CAMERA, "o")), ("camera that stands", _mark(_STANDING, "D"))]
    for x, (text, mark) in zip((0, 280), entries, strict=True):
        panel.entry(x, text, mark)
    panel.at += 24
    panel.entry(
        0, "venue, where routes begin", Rectangle((0, 0), 24, 10, facecolor=_VENUE, alpha=0.6)
    )
    if ring.exists:
        panel.at += 24
        panel.axes.plot((0, 24), (panel.at, panel.at), color=_ROUTES[0], linewidth=2.2)
        panel.text(32, "routes of the proof, followed a little beyond the ring", fontsize=10)


def _mark(colour: str, shape: str) -> Line2D:
    return Line2D([], [], marker=shape, markersize=10, markerfacecolor=colour,
                  markeredgecolor="black", linestyle="none")  # fmt: skip


def _frame(sheet: Sheet, plan: EventFile, word: str, sentence: str, colour: str) -> None:
    from stopline.rendering.frame import draw_footer, draw_title  # noqa: PLC0415  (one use)

    first = sheet.clock.now
    draw_title(
        sheet.figure, word, sentence, colour,
        (f"{first:%d %b %Y}", f"risk {plan.risk}"),
    )  # fmt: skip
    vehicle = plan.vehicle
    rules = "obeys one-way roads" if vehicle.obeys_one_way else "ignores one-way roads"
    name = plan.network.path.rpartition("/")[2]
    parts = [
        plan.name,
        f"vehicle: {vehicle.speed_factor:g} x the limit, {rules}",
        f"roads: {name} {plan.network.digest[:8]}",
    ]
    draw_footer(sheet.figure, "  |  ".join(parts), plan.network.attribution)
