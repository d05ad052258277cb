"""Draws the situation page as a PDF of one A4 page with text that can be searched and copied.

Matplotlib draws it, as it draws the pictures of plans: no browser and no system library is needed
on the machine, and its own font has Latin, Greek and Cyrillic letters.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.operation.situation.page import Block, Line, Page, Tone

_MM: Final = 72 / 25.4  # points
WIDTH_MM, HEIGHT_MM, EDGE_MM = 210.0, 297.0, 12.0
_GAP_MM: Final = 6.0
_TEXT_PT: Final = 9.6
_ROW: Final = 1.36
_LARGE: Final = 20
_SCALES: Final = (1.0, 0.93, 0.86, 0.8, 0.74)
_INK: Final[dict[Tone, str]] = {
    "plain": "#111111", "good": "#111111", "bad": "#111111", "quiet": "#555555",
}  # fmt: skip
_BAR: Final[dict[Tone, str]] = {"good": "#2e7d32", "bad": "#b71c1c"}


def page_pdf(page: Page) -> bytes:
    """Draw the page as a PDF; the same page gives the same bytes."""
    sheet = draw(page)
    data = io.BytesIO()
    told = {"Title": f"Situation: {page.title}", "Creator": "Stopline", "CreationDate": None}
    with mpl.rc_context({"pdf.fonttype": 42}):
        sheet.figure.savefig(data, format="pdf", metadata=told)
    return data.getvalue()


def draw(page: Page) -> Sheet:
    """Draw the page on a sheet, with smaller letters if they are uncommonly wide."""
    for scale in _SCALES:
        sheet = _drawn(page, scale)
        if sheet.at_mm <= HEIGHT_MM - EDGE_MM:
            break
    return sheet


def _drawn(page: Page, scale: float) -> Sheet:
    sheet = Sheet(scale)
    inner = WIDTH_MM - 2 * EDGE_MM
    _head(sheet, page, inner)
    top = sheet.at_mm
    sheet.at_mm += 2.5
    _block(sheet, page.decisions, EDGE_MM + 3, inner - 6, size=11.0)
    sheet.at_mm += 1.0
    sheet.box(EDGE_MM, top, inner, sheet.at_mm - top)
    sheet.at_mm += 2.5
    half = (inner - _GAP_MM) / 2
    halves = [each for each in page.blocks if not each.wide]
    for at in range(0, len(halves), 2):
        start, ends = sheet.at_mm, []
        for column, each in enumerate(halves[at : at + 2]):
            sheet.at_mm = start
            _block(sheet, each, EDGE_MM + column * (half + _GAP_MM), half)
            ends.append(sheet.at_mm)
        sheet.at_mm = max(ends) + 2.5
    for each in (each for each in page.blocks if each.wide):
        _block(sheet, each, EDGE_MM, inner)
        sheet.at_mm += 2.5
    sheet.rule(EDGE_MM, inner, 0.5, "#888888")
    sheet.at_mm += 1.0
    sheet.write([(page.foot, False)], EDGE_MM, inner, 7.0, "#444444")
    return sheet


@dataclass(slots=True)
class Sheet:
    """A sheet of A4 that is written from the top; millimetres from its upper left corner.

    Attributes:
        figure: what is drawn on.
        canvas: what measures letters.
        scale: of all letters.
        at_mm: where the next thing goes; at last, where the page ends.
    """

    figure: Figure
    canvas: Any
    scale: float
    at_mm: float

    def __init__(self, scale: float) -> None:
        self.figure = Figure(figsize=(WIDTH_MM / 25.4, HEIGHT_MM / 25.4), dpi=72)
        self.canvas = FigureCanvasAgg(self.figure)
        self.scale = scale
        self.at_mm = EDGE_MM - 1

    def write(
        self,
        parts: list[tuple[str, bool]],
        left_mm: float,
        width_mm: float,
        size_pt: float,
        ink: str,
        lead_ink: str | None = None,
    ) -> None:
        """Write text in rows and go below it.

        Args:
            parts: pieces of text, and whether each is bold.
            left_mm: left edge.
            width_mm: width of a row.
            size_pt: size of the letters, points.
            ink: colour.
            lead_ink: colour of what is bold; the same if left out.
        """
        size_pt *= self.scale
        for row in self._rows(parts, width_mm * _MM, size_pt):
            x_mm = left_mm
            for text, bold in row:
                colour = (lead_ink or ink) if bold else ink
                self._put(text, x_mm, size_pt, colour, bold=bold)
                x_mm += self.measured(f"{text} ", size_pt, bold=bold) / _MM
            self.at_mm += size_pt * _ROW / _MM

    def rule(self, left_mm: float, width_mm: float, thick_pt: float, ink: str) -> None:
        """Draw a line across, here."""
        y = 1 - self.at_mm / HEIGHT_MM
        x = (left_mm / WIDTH_MM, (left_mm + width_mm) / WIDTH_MM)
        self.figure.add_artist(Line2D(x, (y, y), linewidth=thick_pt, color=ink))

    def bar(self, left_mm: float, top_mm: float, ink: str) -> None:
        """Draw a bar from there down to here."""
        self._rectangle(left_mm, top_mm, 1.4, self.at_mm - top_mm, facecolor=ink, edgecolor="none")

    def box(self, left_mm: float, top_mm: float, width_mm: float, height_mm: float) -> None:
        """Draw a box behind what was written."""
        self._rectangle(
            left_mm, top_mm, width_mm, height_mm, facecolor="#f3f3f3", edgecolor="#111111",
            linewidth=1.2, zorder=-1,
        )  # fmt: skip

    def measured(self, text: str, size_pt: float, *, bold: bool) -> float:
        """Width of a text in points."""
        # Measured large and scaled down: at its own size each letter is rounded to a whole pixel.
        font = FontProperties(
            family="DejaVu Sans", size=size_pt * _LARGE, weight="bold" if bold else 400
        )
        wide = self.canvas.get_renderer().get_text_width_height_descent(text, font, ismath=False)[0]
        return float(wide) / _LARGE

    def _put(self, text: str, x_mm: float, size_pt: float, ink: str, *, bold: bool) -> None:
        self.figure.text(
            x_mm / WIDTH_MM, 1 - (self.at_mm + size_pt / _MM) / HEIGHT_MM, text, color=ink,
            fontfamily="DejaVu Sans", fontsize=size_pt, fontweight="bold" if bold else 400,
            verticalalignment="baseline", parse_math=False,
        )  # fmt: skip

    def _rectangle(
        self, left: float, top: float, width: float, height: float, **look: object
    ) -> None:
        corner = (left / WIDTH_MM, 1 - (top + height) / HEIGHT_MM)
        size = (width / WIDTH_MM, height / HEIGHT_MM)
        self.figure.add_artist(
            Rectangle(corner, *size, transform=self.figure.transFigure, **look)  # type: ignore[arg-type]
        )

    def _rows(
        self, parts: list[tuple[str, bool]], width_pt: float, size_pt: float
    ) -> Iterator[list[tuple[str, bool]]]:
        """Break text into rows: at spaces, and within a word that is longer than a row."""
        row: list[tuple[str, bool]] = []
        used = 0.0
        for word, bold in self._words(parts, width_pt, size_pt):
            wide = self.measured(f"{word} ", size_pt, bold=bold)
            if row and used + wide > width_pt:
                yield row
                row, used = [], 0.0
            if row and row[-1][1] == bold:
                row[-1] = (f"{row[-1][0]} {word}", bold)
            else:
                row.append((word, bold))
            used += wide
        if row:
            yield row

    def _words(
        self, parts: list[tuple[str, bool]], width_pt: float, size_pt: float
    ) -> Iterator[tuple[str, bool]]:
        for text, bold in parts:
            for whole in text.split():
                word = whole
                while self.measured(word, size_pt, bold=bold) > width_pt and len(word) > 1:
                    share = width_pt / self.measured(word, size_pt, bold=bold)
                    fits = max(1, int(len(word) * share * 0.9))
                    yield word[:fits], bold
                    word = word[fits:]
                yield word, bold


def _head(sheet: Sheet, page: Page, inner: float) -> None:
    top = sheet.at_mm
    facts = (f"For the {page.reader[:1].lower()}{page.reader[1:]}", *page.facts)
    wide = max(sheet.measured(each, 8.6, bold=True) for each in facts) / _MM + 2
    for number, each in enumerate(facts):
        sheet.write([(each, number == 0)], EDGE_MM + inner - wide, wide + 1, 8.6, "#111111")
    below = sheet.at_mm
    sheet.at_mm = top
    sheet.write([(page.title, True)], EDGE_MM, inner - wide - 6, 16.0, "#111111")
    sheet.write([(page.headline, True)], EDGE_MM, inner - wide - 6, 11.0, "#111111")
    sheet.at_mm = max(sheet.at_mm, below) + 1.5
    sheet.rule(EDGE_MM, inner, 1.6, "#111111")
    sheet.at_mm += 3.0


def _block(sheet: Sheet, block: Block, left: float, width: float, size: float = 9.8) -> None:
    sheet.write([(block.title, True)], left, width, size, "#111111")
    if size < 11.0:  # noqa: PLR2004  (the decisions stand in a box of their own)
        sheet.at_mm += 0.4
        sheet.rule(left, width, 0.5, "#888888")
        sheet.at_mm += 0.6
    for each in block.lines:
        _line(sheet, each, left, width)


def _line(sheet: Sheet, line: Line, left: float, width: float) -> None:
    top = sheet.at_mm
    parts = [(line.lead, True), (line.text, False)] if line.lead else [(line.text, False)]
    lead_ink = _BAR["bad"] if line.tone == "bad" else None
    sheet.write(parts, left + 3.6, width - 3.6, _TEXT_PT, _INK[line.tone], lead_ink)
    sheet.at_mm += 0.5
    if line.tone in _BAR:
        sheet.bar(left, top + 0.3, _BAR[line.tone])
