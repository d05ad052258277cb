"""Draw what stands around the map: verdict, table of seals, legend, scale bar, north, footer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Rectangle

from stopline.rendering import style
from stopline.rendering.time_text import Clock, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from stopline.rendering.roads import Bands

_ROW: Final = 27.0
_TIGHT: Final = 16.0
_LINE: Final = 21.0


@dataclass(frozen=True, slots=True)
class PanelRow:
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
        self._renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
        self.at = 0.0

    def text(self, x: float, text: str, **look: Any) -> None:  # noqa: ANN401
        """Write at the present height."""
        given = {"fontsize": 10.5, "color": style.INK, "va": "center", "parse_math": False, **look}
        self.axes.text(x, self.at, text, **given)

    def heading(self, text: str, colour: str = style.INK) -> None:
        """Write a heading with a rule under it."""
        self.at += 15
        self.text(0, text, fontsize=12.5, fontweight="bold", color=colour)
        self.at += 13
        self.axes.plot((0, self.width), (self.at, self.at), color="#c9c6be", linewidth=1)
        self.at += 4

    def paragraph(self, text: str, most_lines: int, **look: Any) -> None:  # noqa: ANN401
        """Write wrapped text, cut after some lines."""
        rest = text.split()
        for number in range(most_lines):
            count = len(rest)
            while count > 1 and self.measured(" ".join(rest[:count]), 10.5) > self.width:
                count -= 1
            line, rest = " ".join(rest[:count]), rest[count:]
            if rest and number == most_lines - 1:
                line = f"{line}…"
            self.at += _LINE / 2
            self.text(0, self.fitted(line, self.width, 10.5), **look)
            self.at += _LINE / 2
            if not rest:
                break

    def measured(self, text: str, size: float, *, bold: bool = False) -> float:
        """Width of a text, pixels."""
        font = FontProperties(size=size, weight="bold" if bold else "normal")
        return float(self._renderer.get_text_width_height_descent(text, font, ismath=False)[0])

    def fitted(self, text: str, width: float, size: float, *, bold: bool = False) -> str:
        """Cut a text to a width in pixels, with a mark that it was cut."""
        if self.measured(text, size, bold=bold) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.measured(f"{text[:middle]}…", size, bold=bold) <= width:
                low = middle
            else:
                high = middle - 1
        return f"{text[:low].rstrip()}…"

    def line(self, *cells: tuple[float, str]) -> None:
        """Write one line of cells, each at its place."""
        self.at += _LINE / 2
        for x, text in cells:
            self.text(x, text)
        self.at += _LINE / 2

    def table(self, rows: Sequence[PanelRow], room: float) -> None:
        """Draw the seals; tighter, and at last cut, where there is little room."""
        x = (0.0, 32.0, 213.0, 334.0, 424.0, 506.0, self.width + 6)
        self.at += 12
        heads = ("", "close", "with", "order by", "closed", "margin")
        for place, head in zip(x, heads, strict=False):
            self.text(place, head, fontsize=9.5, color=style.QUIET)
        self.at += 8
        step = min(_ROW, max(_TIGHT, (room - 38) / max(len(rows), 1)))
        room -= 18  # the line below the table
        fitting = int((room - 20) / step + 1e-6)
        size = 9.6 if step > 21 else 8.8  # noqa: PLR2004  (pixels a row)
        shown = rows if len(rows) <= fitting else rows[: max(fitting - 1, 0)]
        for row in shown:
            self.at += step / 2
            self._badge(row, min(step * 0.86, 22))
            cells = (row.where, row.units, row.order_by, row.closed, row.margin)
            for place, (cell, bold) in enumerate(
                zip(cells, (True, False, True, False, False), strict=True), start=1
            ):
                late = row.late and place == len(cells)
                self.text(
                    x[place],
                    self.fitted(cell, x[place + 1] - x[place] - 6, size, bold=bold),
                    fontsize=size,
                    fontweight="bold" if bold or late else "normal",
                    color=style.OPEN if late else style.INK,
                )
            self.at += step / 2
        if len(shown) < len(rows):
            self.at += step / 2
            rest = f"and {len(rows) - len(shown)} more, in the table of the plan"
            self.text(x[1], rest, fontsize=size, color=style.QUIET)
            self.at += step / 2
        self.at += 11
        self.text(
            0,
            "closed: if ordered now.  order by: the last moment that keeps the margin asked for.",
            fontsize=9,
            color=style.QUIET,
        )

    def _badge(self, row: PanelRow, size: float) -> None:
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
            fontsize=min(9.5, size * 0.52),
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
                f"by {clock.short(float(end_s))[:5]}",
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
