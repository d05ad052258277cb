"""Draw the frame of a picture: the verdict above, scale and north on the map, sources below."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle

from stopline.rendering import style
from stopline.rendering.side_panel import Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from stopline.rendering.viewport import View


def draw_title(
    figure: Figure, word: str, sentence: str, colour: str, right: tuple[str, str]
) -> None:
    """Draw the verdict across the top: its word in its colour, and one plain sentence."""
    panel = Panel(figure, 0, style.SIZE_IN[1] * style.DPI - 96, 1600, 96)
    panel.axes.add_patch(Rectangle((0, 0), panel.width, panel.height, facecolor=colour))
    panel.at = 48
    panel.text(20, word, fontsize=29, fontweight="bold", color="white")
    left = 20 + 29.0 * len(word) + 26
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
