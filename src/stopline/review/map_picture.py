"""The picture of an incident on the map: the true way, the roads closed, and who saw it where."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.transforms import Bbox

from stopline.rendering import style
from stopline.rendering.frame import draw_footer, draw_title
from stopline.rendering.markers import draw_route, draw_seals
from stopline.rendering.plan_map import drawing, save
from stopline.rendering.sheet import MAP_PX, Sheet
from stopline.rendering.time_text import span
from stopline.rendering.viewport import fit_view
from stopline.review.summary import unclosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.review.ground_truth import TrueTrack
    from stopline.review.schema import ReviewedOrder, ReviewFile
    from stopline.scenario.loader import Scenario

_IN_TIME: Final = "#18723a"
_LATE: Final = "#b01218"
_SHAPES: Final = ("o", "s")


def draw_review_map(
    review: ReviewFile,
    scenario: Scenario,
    truth: TrueTrack | None,
    path: Path,
    at: Callable[[float], str],
    look: style.Look,
    day: str,
) -> bytes:
    """Draw the map to a PNG or SVG file; give the map alone, too, as PNG.

    Args:
        review: the review.
        scenario: gives the roads.
        truth: where the vehicle was; None where it is not known.
        path: the file.
        at: writes a time given in seconds after the alarm.
        look: sides, places and zone.
        day: day and zone of the alarm, in words.
    """
    with drawing():
        sheet = Sheet(scenario.problem, look)
        points = [(one.lon, one.lat) for one in review.orders if one.lon is not None]
        if truth is not None:
            points += list(zip(truth.lon.tolist(), truth.lat.tolist(), strict=True))
        if not points:
            network = scenario.problem.network
            points = list(zip(network.junction_lon, network.junction_lat, strict=True))
        sheet.ground(fit_view(np.array(points, dtype=np.float64), MAP_PX[2], MAP_PX[3]), [])
        if truth is not None:
            draw_route(sheet.axes, sheet.view.xy(truth.lon, truth.lat), sheet.labels)
        _ends(sheet, truth, review, at)
        draw_seals(
            sheet.axes, sheet.labels,
            [
                (place, _look(review, one), _label(one, at, unclosed(review)))
                for place, one in _placed(review)
            ],
        )  # fmt: skip
        sheet.finish_map()
        _panel(sheet, review, at)
        worst = any((one.margin_s or 0.0) < 0 for one in review.orders)
        colour = _LATE if worst else _IN_TIME
        right = (f"alarm {at(0.0)}", day)
        draw_title(sheet.figure, "REVIEW", review.summary.headline, colour, right)
        network = scenario.problem.network
        roads = f"{review.title}  |  roads: {Path(network.source).name} {network.digest[:8]}"
        draw_footer(sheet.figure, roads, network.attribution)
        save(sheet.figure, path)
        return _map_alone(sheet)


def _map_alone(sheet: Sheet) -> bytes:
    """The map without the panel, for a page that says the rest in words."""
    data = io.BytesIO()
    left, bottom, width, height = (px / style.DPI for px in MAP_PX)
    box = Bbox.from_bounds(left, bottom, width, height)
    sheet.figure.savefig(
        data, format="png", dpi=150, bbox_inches=box, metadata={"Software": "Stopline"}
    )
    return data.getvalue()


def _placed(review: ReviewFile) -> list[tuple[tuple[float, float], ReviewedOrder]]:
    return [
        ((one.lon, one.lat), one)
        for one in review.orders
        if one.lon is not None and one.lat is not None
    ]


def _look(review: ReviewFile, one: ReviewedOrder) -> style.SideLook:
    late = one.closed_s is None or (one.margin_s or 0.0) < 0
    row = review.sides.index(one.side) if one.side in review.sides else 0
    return style.SideLook(
        id=one.side, name=one.side, colour=_LATE if late else _IN_TIME, shape=_SHAPES[row]
    )


def _label(one: ReviewedOrder, at: Callable[[float], str], unclosed: str) -> str:
    road = textwrap.fill(one.road, 26, max_lines=3, placeholder=" …")
    if one.closed_s is None:
        return f"{road}\n{unclosed}"
    margin_s = one.margin_s or 0.0
    how = f"{span(-margin_s)} late" if margin_s < 0 else f"{span(margin_s)} to spare"
    return f"{road}\nclosed {at(one.closed_s)}, {how}"


def _ends(
    sheet: Sheet, truth: TrueTrack | None, review: ReviewFile, at: Callable[[float], str]
) -> None:
    if truth is None:
        return
    begin, end = (float(truth.lon[0]), float(truth.lat[0])), (
        float(truth.lon[-1]), float(truth.lat[-1]),
    )  # fmt: skip
    marks = [(begin, "*", 24.0, "#ffd400", "where the true way begins")]
    if review.stopped_s is not None:
        marks.append((end, "P", 17.0, "#ffffff", f"stopped {at(review.stopped_s)}"))
    for point, shape, size, colour, text in marks:
        xy = sheet.view.xy(*point)
        sheet.axes.plot(
            *xy, marker=shape, markersize=size, markerfacecolor=colour, markeredgecolor="black",
            markeredgewidth=1.6, zorder=10,
        )  # fmt: skip
        sheet.labels.keep_clear(xy, 15)
        sheet.labels.add(sheet.axes, text, xy, "black", facecolor="#fff3b0", fontweight="bold")


def _panel(sheet: Sheet, review: ReviewFile, at: Callable[[float], str]) -> None:
    panel = sheet.panel
    panel.heading("On the map")
    panel.paragraph("Red line: the way it truly took. Marks: roads closed, green in time, red late "
                    f"or never; round {review.sides[0]}, square {review.sides[1]}.", 4)  # fmt: skip
    for title, lines in (
        ("What was late or open", review.summary.late),
        ("What held", review.summary.held),
        ("What to change", review.summary.change),
    ):
        if lines:
            panel.heading(title)
            for line in lines[:6]:
                panel.paragraph(line, 4)
    if review.belief:
        panel.heading("Belief against truth")
        for one in review.belief[:6]:
            region = "in the likeliest half" if one.in_50 else (
                "in the likeliest 90 %" if one.in_90 else "OUTSIDE the likeliest 90 %"
            )  # fmt: skip
            panel.line((0, at(one.t_s)), (80, f"{one.probability:.0%} there, {region}"))
