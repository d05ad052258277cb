"""Draw a readiness atlas: roads green where forces seal in time, red where they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from stopline.network.snapping import section_points
from stopline.planning.atlas_files import hours_text, place_rows
from stopline.planning.atlas_input import moment
from stopline.rendering import style
from stopline.rendering.frame import draw_footer, draw_title
from stopline.rendering.markers import draw_exits, draw_units
from stopline.rendering.plan_map import drawing, save
from stopline.rendering.sheet import MAP_PX, Sheet
from stopline.rendering.viewport import fit_view
from stopline.scenario.place_text import NamedPlace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.planning.atlas_files import AtlasResult, SetAtlas

# Light to dark: how long too late, or how much to spare; hatched by dashes where not decided.
_TOO_LATE: Final = ((60.0, "#f2a38f"), (180.0, "#d9573f"), (np.inf, "#8e1108"))
_TO_SPARE: Final = ((60.0, "#8cc9a1"), (180.0, "#3f9960"), (np.inf, "#12562c"))
_UNDECIDED: Final = "#e0a400"
_GOOD: Final = "#18723a"
_MOST_PLACES: Final = 9


def draw_atlas(result: AtlasResult, path: Path | Sequence[Path]) -> None:
    """Draw the hour with the least forces to PNG or SVG files.

    Raises:
        Unsupported: the network has no coordinates.
    """
    shown = min(result.sets, key=lambda one: int(one.atlas.sealed.sum()))
    region = result.region
    network = region.problem.network
    with drawing():
        places = tuple(
            NamedPlace(name=name, lon=point[0], lat=point[1])
            for name, point in region.points.items()
        )
        look = style.Look(
            sides=tuple(region.sides.values()), places=places, zone=region.zone, title=region.name
        )
        sheet = Sheet(region.problem, look)
        origins = shown.atlas.origins
        points = np.column_stack((network.junction_lon[origins], network.junction_lat[origins]))
        sheet.ground(fit_view(points, MAP_PX[2], MAP_PX[3], border_px=(30.0, 30.0)), [])
        _roads(sheet, shown)
        draw_units(sheet.axes, region.problem, sheet.labels, sheet.sides, {})
        draw_exits(sheet.axes, region.problem, sheet.labels, ())
        sheet.finish_map()
        _panel(sheet, result, shown)
        _frame(sheet, result, shown)
        save(sheet.figure, path)


def _roads(sheet: Sheet, shown: SetAtlas) -> None:
    """Colour each section by the worse of its two ends."""
    network, atlas = sheet.problem.network, shown.atlas
    low = np.full(network.junctions, np.nan)
    high = np.full(network.junctions, np.nan)
    low[atlas.origins], high[atlas.origins] = atlas.low_s, atlas.high_s
    tail, head = network.section_tail, network.section_head
    known = np.isfinite(np.stack((low[tail], low[head]))) | np.isinf(
        np.stack((low[tail], low[head]))
    )
    rows = np.flatnonzero(known.all(axis=0))
    worst_low = np.maximum(low[tail[rows]], low[head[rows]])
    worst_high = np.maximum(high[tail[rows]], high[head[rows]])
    first, lon, lat = section_points(network)
    xy = sheet.view.xy(lon, lat)
    colours = _colours(worst_low, worst_high)
    for colour in dict.fromkeys(colours):
        lines = [
            xy[first[section] : first[section + 1]]
            for section, mine in zip(rows.tolist(), colours, strict=True)
            if mine == colour
        ]
        dashed = colour == _UNDECIDED
        sheet.axes.add_collection(
            LineCollection(
                lines, colors=colour, linewidths=1.7, zorder=5.2,
                linestyles=(0, (2, 1)) if dashed else "solid",
            )
        )  # fmt: skip


def _colours(low: NDArray[np.float64], high: NDArray[np.float64]) -> list[str]:
    found = []
    for least, most in zip(low.tolist(), high.tolist(), strict=True):
        if most <= 0:
            found.append(next(colour for end, colour in _TO_SPARE if -most <= end))
        elif least > 0:
            found.append(next(colour for end, colour in _TOO_LATE if least <= end))
        else:
            found.append(_UNDECIDED)
    return found


def _panel(sheet: Sheet, result: AtlasResult, shown: SetAtlas) -> None:
    panel = sheet.panel
    panel.heading("By hour: places that can be sealed in now")
    panel.line((0, "from"), (170, "units"), (230, "yes"), (310, "no"), (390, "not decided"))
    for one in result.sets[:6]:
        hours = hours_text(one.hours, result.region.zone)
        atlas = one.atlas
        panel.line(
            (0, panel.fitted(hours, 160, 10.5)), (170, str(len(one.units))),
            (230, f"{int(atlas.sealed.sum()):,}"), (310, f"{int(atlas.open.sum()):,}"),
            (390, f"{int(atlas.undecided.sum()):,}"),
        )  # fmt: skip
    _places(sheet, result)
    panel.heading("What would help most")
    for alarm in shown.alarms:
        panel.line((0, f"alarm {alarm.earlier_s:g} s earlier"),
                   (330, f"{alarm.sealed:,} yes, {alarm.open:,} no"))  # fmt: skip
    for best in result.best:
        panel.line((0, panel.fitted(best.gain.candidate.name, 320, 10.5)),
                   (330, f"{best.sealed:,} yes, {best.open:,} no"))  # fmt: skip
    panel.paragraph(
        "Numbers are proven, the rest is undecided. Gains do not add up.", 2, color=style.QUIET
    )
    _legend(sheet)


def _places(sheet: Sheet, result: AtlasResult) -> None:
    panel = sheet.panel
    rows = list(place_rows(result))[:_MOST_PLACES]
    panel.heading("By place: the missing lead in seconds, by hour")
    for name, cells in rows:
        texts = [_lead(state, low, high) for state, low, high in cells[:3]]
        panel.line((0, panel.fitted(name, 160, 10.5)),
                   *((170 + 135 * i, text) for i, text in enumerate(texts)))  # fmt: skip


def _lead(state: str, low: float, high: float) -> str:
    """A lead as text: to spare, missing, or the interval."""
    if state == "outside":
        return "outside"
    if state == "sealed":
        return f"≥ {-high:.0f} to spare" if np.isfinite(high) else "no way out"
    if state == "open":
        return f"≥ {low:.0f} missing" if np.isfinite(low) else "never"
    least = "" if not np.isfinite(low) else f"{low:.0f}"
    return f"{least} to {high:.0f}?" if np.isfinite(high) else "undecided"


def _legend(sheet: Sheet) -> None:
    panel = sheet.panel
    panel.at = max(panel.at, panel.height - 152)
    panel.heading("On the map")
    for bands, words in (
        (_TO_SPARE, "sealed, seconds to spare"),
        (_TOO_LATE, "not sealed, missing"),
    ):
        panel.at += 16
        for number, (end, colour) in enumerate(bands):
            text = f"to {end:g}" if np.isfinite(end) else "more"
            panel.axes.add_patch(Rectangle((number * 80, panel.at - 5), 26, 10, facecolor=colour))
            panel.text(number * 80 + 31, text, fontsize=10)
        panel.text(250, words, fontsize=10)
        panel.at += 8
    panel.at += 16
    panel.axes.plot((0, 26), (panel.at, panel.at), color=_UNDECIDED, linewidth=2.4,
                    linestyle=(0, (2, 1)))  # fmt: skip
    panel.text(31, "not decided", fontsize=10)
    panel.text(250, "x: exits; small marks: units, by side", fontsize=10)


def _frame(sheet: Sheet, result: AtlasResult, shown: SetAtlas) -> None:
    atlas = shown.atlas
    total = max(1, atlas.origins.size)
    share = 100 * int(atlas.sealed.sum()) / total
    start = moment(shown.hours[0], result.region.zone)
    sentence = (
        f"From {int(atlas.open.sum()):,} of {total:,} places a vehicle could not be sealed in by "
        f"the {len(shown.units)} units of {start:%H:%M}, alarmed at once; from "
        f"{int(atlas.sealed.sum()):,} it could, {int(atlas.undecided.sum()):,} are not decided."
    )
    colour = _GOOD if share > 50 else "#a85400"  # noqa: PLR2004  (percent)
    draw_title(sheet.figure, f"{share:.0f} %", sentence, colour,
               (f"{start:%H:%M}", f"{start:%a %d %b %Y}"))  # fmt: skip
    network, vehicle = sheet.problem.network, sheet.problem.vehicle
    parts = [
        result.region.name,
        f"vehicle: {vehicle.speed_factor:g} x the limit",
        f"margin {sheet.problem.rules.margin_s:g} s",
        f"roads: {network.source.rpartition('/')[2]} {network.digest[:8]}",
    ]
    draw_footer(sheet.figure, "  |  ".join(parts), network.attribution)
