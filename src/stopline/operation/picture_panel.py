"""Draw what stands around the map: verdict, table of seals, legend, scale bar, north, footer."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Rectangle

from stopline.operation import picture_style as style
from stopline.operation.clock_text import Clock, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from stopline.operation.picture_roads import Bands
    from stopline.operation.picture_view import View

_ROW: Final = 27.0
_TIGHT: Final = 18.0
_LINE: Final = 21.0


@dataclass(frozen=True, slots=True)
class Row:
    """One seal in the table.

    Attributes:
        number: as on the map.
        look: its side.
        where: road or post.
        units: who holds it.
        order_by: as text.
        closed: as text.
        margin: as text.
        late: whether the margin is not kept.
    """

    number: int
    look: style.SideLook
    where: str
    units: str
    order_by: str
    closed: str
    margin: str
    late: bool = False


class Panel:
    """A column of text beside the map; coordinates are pixels from its upper left corner."""

    def __init__(
        self, figure: Figure, left: float, bottom: float, width: float, height: float
    ) -> None:
        whole = (style.SIZE_IN[0] * style.DPI, style.SIZE_IN[1] * style.DPI)
        self.axes = figure.add_axes(
            (left / whole[0], bottom / whole[1], width / whole[0], height / whole[1])
        )
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self.axes.axis("off")
        self.width, self.height = width, height
        self.at = 0.0

    def text(self, x: float, text: str, **look: object) -> None:
        """Write at the present height."""
        given = {"fontsize": 10.5, "color": style.INK, "va": "center", "parse_math": False, **look}
        self.axes.text(x, self.at, text, **given)  # type: ignore[arg-type]

    def heading(self, text: str, colour: str = style.INK) -> None:
        """Write a heading with a rule under it."""
        self.at += 15
        self.text(0, text, fontsize=12.5, fontweight="bold", color=colour)
        self.at += 13
        self.axes.plot((0, self.width), (self.at, self.at), color="#c9c6be", linewidth=1)
        self.at += 4

    def paragraph(self, text: str, most_lines: int, **look: object) -> None:
        """Write wrapped text, cut after some lines."""
        lines = textwrap.wrap(text, int(self.width / 6.9))
        if len(lines) > most_lines:
            lines = [*lines[: most_lines - 1], lines[most_lines - 1][:-1] + "…"]
        for line in lines:
            self.at += _LINE / 2
            self.text(0, line, **look)
            self.at += _LINE / 2

    def line(self, *cells: tuple[float, str]) -> None:
        """Write one line of cells, each at its place."""
        self.at += _LINE / 2
        for x, text in cells:
            self.text(x, text)
        self.at += _LINE / 2

    def table(self, rows: Sequence[Row], room: float) -> None:
        """Draw the seals; tighter, and at last cut, where there is little room."""
        columns = (34.0, 248.0, 352.0, 424.0, 496.0)
        shrink = self.width / 560.0
        x = [0.0, *(column * shrink for column in columns)]
        self.at += 12
        heads = ("", "close", "with", "order by", "closed", "margin")
        for place, head in zip(x, heads, strict=True):
            self.text(place, head, fontsize=9.5, color=style.QUIET)
        self.at += 8
        step = min(_ROW, max(_TIGHT, (room - 20) / max(len(rows), 1)))
        fitting = int((room - 20) // step)
        size = 10.5 if step > 21 else 9.0  # noqa: PLR2004  (pixels a row)
        shown = rows if len(rows) <= fitting else rows[: max(fitting - 1, 0)]
        for row in shown:
            self.at += step / 2
            self._badge(row, min(step * 0.86, 22))
            colour = style.OPEN if row.late else style.INK
            self.text(
                x[1],
                style.shortened(row.where, int(24 * 10.5 / size)),
                fontsize=size,
                fontweight="bold",
            )
            self.text(x[2], style.shortened(row.units, int(12 * 10.5 / size)), fontsize=size)
            self.text(x[3], row.order_by, fontsize=size, fontweight="bold")
            self.text(x[4], row.closed, fontsize=size)
            self.text(x[5], row.margin, fontsize=size, color=colour)
            self.at += step / 2
        if len(shown) < len(rows):
            self.at += step / 2
            self.text(
                x[1],
                f"and {len(rows) - len(shown)} more, in the table of the plan",
                fontsize=size,
                color=style.QUIET,
            )
            self.at += step / 2

    def _badge(self, row: Row, size: float) -> None:
        self.axes.add_patch(
            FancyBboxPatch(
                (1, self.at - size / 2 + 1),
                size + 3,
                size - 2,
                boxstyle="round,pad=0,rounding_size=4",
                facecolor=row.look.colour,
                edgecolor="none",
            )
        )
        self.axes.text(
            size / 2 + 2.5,
            self.at,
            str(row.number),
            ha="center",
            va="center",
            color="white",
            fontsize=9.5,
            fontweight="bold",
        )

    def entry(self, x: float, text: str, mark: Line2D | Rectangle) -> None:
        """Draw one line of the legend at the present height."""
        if isinstance(mark, Line2D):
            mark.set_data([x + 12], [self.at])
            self.axes.add_line(mark)
        else:
            mark.set_xy((x, self.at - 4))
            self.axes.add_patch(mark)
        self.text(x + 32, text, fontsize=10)

    def bands(self, bands: Bands, clock: Clock) -> None:
        """Draw the colours of the front with their times."""
        count = len(bands.ends_s)
        wide = self.width / count
        self.at += 12
        for number, end_s in enumerate(bands.ends_s):
            self.axes.add_patch(
                Rectangle(
                    (number * wide, self.at - 7), wide - 2, 14, facecolor=bands.colour(number)
                )
            )
            self.axes.text(
                (number + 0.5) * wide,
                self.at + 19,
                f"by {clock.minute(float(end_s))}",
                ha="center",
                va="center",
                fontsize=9.5,
                color=style.INK,
            )
            self.axes.text(
                (number + 0.5) * wide,
                self.at + 35,
                span(float(end_s), sign=True),
                ha="center",
                va="center",
                fontsize=9,
                color=style.QUIET,
            )
        self.at += 48


def draw_title(
    figure: Figure, word: str, sentence: str, colour: str, right: tuple[str, str]
) -> None:
    """Draw the verdict across the top: its word in its colour, and one plain sentence."""
    panel = Panel(figure, 0, style.SIZE_IN[1] * style.DPI - 96, 1600, 96)
    panel.axes.add_patch(Rectangle((0, 0), panel.width, panel.height, facecolor=colour))
    panel.at = 48
    panel.text(20, word, fontsize=29, fontweight="bold", color="white")
    left = 20 + 27.0 * len(word) + 26
    room = 1340 - left
    for size, most in ((17, 2), (14, 3), (11.5, 4)):
        lines = textwrap.wrap(sentence, max(int(room / (size * 0.86)), 20))
        if len(lines) <= most:
            break
    panel.text(left, "\n".join(lines[:4]), fontsize=size, color="white", linespacing=1.25)
    panel.at = 33
    panel.text(1580, right[0], fontsize=19, fontweight="bold", color="white", ha="right")
    panel.at = 66
    panel.text(1580, right[1], fontsize=11, color="white", ha="right")


def draw_scale_and_north(axes: Axes, view: View) -> None:
    """Draw a metric scale bar, true at the middle of the map, and an arrow to the north."""
    length_m = view.scale_bar_m(200)
    scale = view.metres_per_pixel
    x, y = -view.half_width_m + 22 * scale, -view.half_height_m + 24 * scale
    words = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"  # noqa: PLR2004
    axes.add_patch(
        Rectangle(
            (x - 12 * scale, y - 14 * scale),
            length_m + 24 * scale,
            48 * scale,
            facecolor="white",
            alpha=0.85,
            zorder=12,
            edgecolor="none",
        )
    )
    for part, colour in ((0, style.INK), (1, "white")):
        axes.add_patch(
            Rectangle(
                (x + part * length_m / 2, y - 4 * scale),
                length_m / 2,
                7 * scale,
                facecolor=colour,
                edgecolor=style.INK,
                linewidth=1.0,
                zorder=13,
            )
        )
    axes.text(
        x + length_m / 2,
        y + 18 * scale,
        words,
        ha="center",
        va="center",
        fontsize=10.5,
        fontweight="bold",
        zorder=13,
        color=style.INK,
    )
    right, top = view.half_width_m - 32 * scale, view.half_height_m - 62 * scale
    axes.annotate(
        "",
        xy=(right, top + 44 * scale),
        xytext=(right, top),
        arrowprops={"arrowstyle": "-|>", "color": style.INK, "lw": 2.2, "mutation_scale": 20},
        zorder=13,
    )
    axes.text(
        right,
        top - 9 * scale,
        "N",
        ha="center",
        va="center",
        fontsize=13,
        fontweight="bold",
        zorder=13,
        color=style.INK,
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5},
    )


def draw_footer(figure: Figure, left: str, attribution: str) -> None:
    """Draw where it all comes from, along the lower edge."""
    panel = Panel(figure, 0, 0, 1600, 30)
    panel.axes.add_patch(Rectangle((0, 0), panel.width, panel.height, facecolor="#e9e7e0"))
    panel.at = 15
    panel.text(16, style.shortened(left, 150), fontsize=9.5, color="#4b4f55")
    panel.text(1584, attribution, fontsize=10, color=style.INK, ha="right")
