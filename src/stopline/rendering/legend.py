"""Draw the legend of a picture, at the foot of the panel beside the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D

from stopline.rendering import style

if TYPE_CHECKING:
    from stopline.rendering.roads import Bands
    from stopline.rendering.side_panel import Panel
    from stopline.rendering.time_text import Clock

_ROW: Final = 23.0
_BANDS: Final = 88.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """Which marks a picture has.

    Attributes:
        seals: sides whose seals are drawn, by id.
        exits: exits are drawn.
        routes: open routes are drawn.
        reached_exits: some exits can be reached.
    """

    seals: tuple[str, ...] = ()
    exits: bool = False
    routes: bool = False
    reached_exits: bool = False


def draw_legend(
    panel: Panel, what: Legend, sides: list[style.SideLook], bands: Bands, clock: Clock
) -> None:
    """Draw the legend at the foot of the panel."""
    entries = _entries(what, sides)
    panel.at = panel.height - legend_height(what, sides)
    panel.heading("On the map")
    column = panel.width / 2
    for number, (text, mark) in enumerate(entries):
        if number % 2 == 0:
            panel.at += _ROW / 2 + (2 if number == 0 else _ROW / 2)
        panel.entry((number % 2) * column, text, mark)
    panel.at += _ROW / 2 + 16
    panel.text(0, "The vehicle can be on roads of this colour", fontsize=10, color=style.QUIET)
    panel.at += 8
    panel.bands(bands, clock)


def legend_height(what: Legend, sides: list[style.SideLook]) -> float:
    """Room that the legend takes at the foot of the panel, pixels."""
    return 36 + _BANDS + _ROW * ((len(_entries(what, sides)) + 1) // 2)


def _entries(what: Legend, sides: list[style.SideLook]) -> list[tuple[str, Line2D]]:
    entries = [
        (
            "last known position",
            _mark("*", "#ffd400", "black", 17),
        )
    ]
    if what.seals:
        entries += [
            (
                f"seal held by {style.shortened(look.name, 22)}",
                _mark(look.shape, look.colour, "black", 10),
            )
            for look in sides
            if look.id in what.seals
        ]
        first = sides[0]
        entries.append(("unit that is used", _mark(first.shape, first.colour, first.colour, 6)))
        entries.append(("unit that is free", _mark(first.shape, "white", first.colour, 5)))
    if what.exits:
        entries.append(("exit", _mark("X", "#55595f", "white", 9)))
    if what.reached_exits:
        entries.append(("exit it can reach", _mark("X", style.OPEN, "white", 11)))
    if what.routes:
        entries.append(("open route", _mark(">", style.OPEN, style.OPEN, 9)))
    return entries


def _mark(shape: str, fill: str, edge: str, size: float) -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=shape,
        markersize=size,
        markerfacecolor=fill,
        markeredgecolor=edge,
        markeredgewidth=1.2,
    )
