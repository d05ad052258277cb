"""Draw a belief: the roads it is probably on, where it is heading, and what says so."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.patches import Rectangle

from stopline.belief.answers import by_territory
from stopline.belief.sightings import CameraHit, Heading, Retraction, Silence, Witness
from stopline.network.place_names import section_name
from stopline.planning.track_files import headline, regions
from stopline.rendering import style
from stopline.rendering.look import look_of
from stopline.rendering.markers import draw_exits, draw_sources
from stopline.rendering.plan_map import drawing, save
from stopline.rendering.roads import draw_lines, lines_of
from stopline.rendering.sheet import MAP_PX, Sheet
from stopline.rendering.time_text import Clock, as_sentence, span
from stopline.rendering.viewport import fit_view
from stopline.standards.geojson import source_point

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.planning.belief import Belief

_COLOUR: Final = "#7a1f5c"
_REGIONS: Final = ((0.99, "#e3c1d6", 2.0), (0.9, "#b8588f", 3.0), (0.5, "#6d0f4b", 4.2))
_BAR: Final = "#b8588f"
_MOST: Final = 9
_LEAST: Final = 0.005


def draw_belief(belief: Belief, path: Path | Sequence[Path]) -> None:
    """Draw a belief to PNG or SVG files, by their names; each appears whole or not at all.

    Raises:
        Unsupported: the network has no coordinates.
        BadInput: another ending.
    """
    scenario = belief.scenario
    with drawing():
        sheet = Sheet(scenario.problem, look_of(scenario))
        _map(sheet, belief)
        _panel(sheet, belief)
        sheet.frame("HEADING", as_sentence(headline(belief)), _COLOUR)
        save(sheet.figure, path)


def _map(sheet: Sheet, belief: Belief) -> None:
    problem = sheet.problem
    network = problem.network
    within = regions(belief)
    inside = np.flatnonzero(within <= 0.9)  # noqa: PLR2004
    ends = np.unique(np.concatenate((network.section_tail[inside], network.section_head[inside])))
    around = np.column_stack((network.junction_lon[ends], network.junction_lat[ends]))
    sources = np.array([source_point(network, source) for source in problem.sources])
    points = np.concatenate((around, sources, _likely_exits(belief)))
    sheet.ground(fit_view(points, MAP_PX[2], MAP_PX[3]), inside)
    for zorder, (share, colour, width) in enumerate(_REGIONS):
        sections = np.flatnonzero(within == share).astype(np.int32)
        lines = lines_of(network, sheet.view, sections)
        draw_lines(sheet.axes, lines, colour, width, 4 + zorder * 0.1)
    likely = {one.name for one in belief.outlooks[:3]}
    draw_exits(sheet.axes, problem, sheet.labels, likely)
    draw_sources(sheet.axes, problem, sheet.labels)
    _draw_sightings(sheet, belief)
    sheet.finish_map()


def _draw_sightings(sheet: Sheet, belief: Belief) -> None:
    """Mark what says where it was, after the first, and who watched and saw nothing."""
    network = sheet.problem.network
    named = {source.name for source in sheet.problem.sources}  # a star and a name are there
    for one in belief.track.used:
        if one is belief.track.first or isinstance(one, Heading | Retraction):
            continue
        if isinstance(one, Witness):
            place, look = (one.lon, one.lat), {"marker": "D", "color": "#ffd400"}
        else:
            line = network.geometry(one.section)
            point = line[len(line) // 2]
            place = (float(point[0]), float(point[1]))
            seen = isinstance(one, CameraHit)
            look = (
                {"marker": "D", "color": "#ffd400"} if seen else {"marker": "s", "color": "white"}
            )
        xy = sheet.view.xy(*place)
        if not sheet.view.contains(xy):
            continue
        sheet.axes.plot(
            *xy, marker=look["marker"], markersize=9, markerfacecolor=look["color"],
            markeredgecolor="black", markeredgewidth=1.4, zorder=9,
        )  # fmt: skip
        sheet.labels.keep_clear(xy, 9)
        if not isinstance(one, Silence) and one.id not in named:
            sheet.labels.add(
                sheet.axes, style.shortened(one.id, 28), xy, "black", facecolor="#fff3b0"
            )


def _likely_exits(belief: Belief) -> NDArray[np.float64]:
    motion = belief.particles.motion
    names = {one.name for one in belief.outlooks[:3]}
    nodes = [one.nodes[0] for one in motion.destinations if one.name in names]
    junctions = motion.graph.junction[nodes]
    network = motion.graph.network
    return np.column_stack((network.junction_lon[junctions], network.junction_lat[junctions]))


def _panel(sheet: Sheet, belief: Belief) -> None:
    panel, clock, filter_ = sheet.panel, sheet.clock, belief.particles
    panel.heading("Where it is heading")
    for one in belief.outlooks[:_MOST]:
        if one.probability < _LEAST:
            break
        panel.axes.add_patch(
            Rectangle((0, panel.at + 3), max(one.probability * 150, 1), 15, facecolor=_BAR)
        )
        when = ""
        if math.isfinite(one.middle_s):
            when = f"{_hour(clock, one.early_s)} to {_hour(clock, one.late_s)}"
        name = panel.fitted(one.name, panel.width - 205 - 175, 10.5)
        panel.line((158, f"{one.probability:.0%}"), (205, name), (panel.width - 165, when))
    panel.heading("Where it is")
    for name, share in list(by_territory(sheet.problem.network, belief.sections).items())[:5]:
        panel.line((0, f"{share:.0%}"), (60, name or "no known territory"))
    panel.line((0, f"{belief.out:.0%}"), (60, "out already"))
    panel.line((0, f"{filter_.hidden():.0%}"), (60, "standing hidden (wherever it is)"))
    panel.heading("What says so")
    for effect in belief.track.effects[-8:]:
        text = f"{effect.sighting}: {effect.note}" if effect.note else effect.sighting
        at = _hour(clock, effect.at_s - belief.at_s)
        panel.line(
            (0, at),
            (72, f"{effect.bits:.1f} bits"),
            (148, panel.fitted(text, panel.width - 148, 10.5)),
        )
    if belief.observers:
        panel.heading("Where one more observer tells most")
        network = sheet.problem.network
        for look in belief.observers[:3]:
            road = section_name(network, look.section)
            text = f"{road}: seen with {look.passes:.0%}"
            panel.line(
                (0, f"{look.bits:.2f} bits"), (90, panel.fitted(text, panel.width - 90, 10.5))
            )
    for warning in belief.warnings[:2]:
        panel.paragraph(f"Does not fit: {warning}.", 2, color=style.OPEN)
    _legend(sheet, belief)


def _hour(clock: Clock, after_s: float) -> str:
    """HH:MM, another day marked."""
    text = clock.short(after_s)
    return text[:5] + text[8:]


def _legend(sheet: Sheet, belief: Belief) -> None:
    panel = sheet.panel
    panel.at = panel.height - 118
    panel.heading("On the map")
    panel.at += 14
    step = panel.width / 3
    for number, (share, colour, width) in enumerate(reversed(_REGIONS)):
        x = number * step
        panel.axes.plot((x, x + 34), (panel.at, panel.at), color=colour, linewidth=width)
        panel.text(x + 42, f"{share:.0%} of it" if number else "half of it", fontsize=10)
    panel.at += 24
    text = "star, diamond: seen there     square: watched, not seen     red cross: likeliest exits"
    panel.text(0, text, fontsize=9.5)
    panel.at += 22
    age = span(belief.at_s - belief.track.first.at_s)
    text = f"{belief.particles.count:,} samples, seed {belief.seed}; {age} after the first sighting"
    panel.text(0, text, fontsize=9, color=style.QUIET)
