"""Draw a simulation: when each moment is reached, and what goes later when something is wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stopline.protocol.rehearsal.simulate import PLAIN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from stopline.protocol.rehearsal.simulate import RehearsalOutcome, Simulation
    from stopline.protocol.schema import Protocol

_INK, _BAND, _LIMIT = "#1b2430", "#8fb4dc", "#c0392b"
_COLOURS = ("#2f6db3", "#c0392b", "#e08e0b", "#2e8b57", "#7d4fa8", "#4a4a4a", "#008b8b")
_MARKS = "os^Dv<>"


def plot(protocol: Protocol, simulation: Simulation) -> Figure:
    """Draw the plain rehearsal at the left and the variants at the right.

    Left: for each milestone the median, the middle half (thick) and the middle nine tenths (thin)
    of the runs, and the agreed time. Right: medians of all variants, with a line to the time that
    one run in twenty exceeds.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  (heavy, and only here)

    plain = simulation.outcomes[PLAIN]
    shown = [name for name in protocol.milestones if math.isfinite(plain.quantile_s(name, 0.5))]
    figure = Figure(figsize=(14, 0.62 * len(shown) + 2.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.15))
    _ranges(left, protocol, plain, shown)
    _variants(right, simulation, shown)
    for axes in (left, right):
        axes.set_yticks(range(len(shown)), [protocol.milestones[n].title for n in shown])
        axes.set_xscale("log")
        ticks = (30, 60, 120, 300, 600, 1800, 3600, 7200, 14400)
        axes.set_xticks(ticks, [_label(tick) for tick in ticks], fontsize=9)
        axes.minorticks_off()
        axes.set_xlabel("time after the alarm (logarithmic)")
        axes.grid(axis="x", color="#dfe4ea", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    left.invert_yaxis()
    handles, labels = right.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    figure.suptitle(
        f"{protocol.title}\n{plain.runs} simulated incidents each, seed {simulation.seed}",
        fontsize=12,
        color=_INK,
    )
    return figure


def _ranges(axes: Axes, protocol: Protocol, plain: RehearsalOutcome, shown: list[str]) -> None:
    for row, name in enumerate(shown):
        low, q1, half, q3, high = (
            _finite(plain, name, share) for share in (0.05, 0.25, 0.5, 0.75, 0.95)
        )
        axes.plot((low, high), (row, row), color=_BAND, linewidth=3, solid_capstyle="butt")
        axes.plot((q1, q3), (row, row), color=_BAND, linewidth=11, solid_capstyle="butt")
        axes.plot(half, row, "o", color=_INK, markersize=6)
        axes.annotate(
            _label(half), (half, row), (0, 10), textcoords="offset points", ha="center", fontsize=9
        )
        limit = protocol.milestones[name].within_s
        if limit is not None:
            axes.plot((limit, limit), (row - 0.32, row + 0.32), color=_LIMIT, linewidth=2)
            kept = f"agreed, kept {100 * plain.within(name, limit):.0f} %"
            axes.annotate(
                kept, (limit, row + 0.32), (3, 0), textcoords="offset points", fontsize=8,
                color=_LIMIT, va="center",
            )  # fmt: skip
    axes.set_title("As planned: median, middle half, middle nine tenths", fontsize=10)


def _variants(axes: Axes, simulation: Simulation, shown: list[str]) -> None:
    count = len(simulation.outcomes)
    for number, outcome in enumerate(simulation.outcomes.values()):
        colour, mark = _COLOURS[number % len(_COLOURS)], _MARKS[number % len(_MARKS)]
        offset = (number - (count - 1) / 2) * 0.72 / count
        for row, name in enumerate(shown):
            half, high = _finite(outcome, name, 0.5), _finite(outcome, name, 0.95)
            axes.plot((half, high), (row + offset,) * 2, color=colour, linewidth=1, alpha=0.6)
            axes.plot(
                half, row + offset, mark, color=colour, markersize=5,
                label=outcome.title if row == 0 else None,
            )  # fmt: skip
    axes.set_title("If something is wrong: median, and to 19 of 20", fontsize=10)


def _finite(outcome: RehearsalOutcome, name: str, share: float) -> float:
    """A quantile; where fewer runs reach the milestone, the latest time of those that do."""
    value = outcome.quantile_s(name, share)
    if math.isfinite(value):
        return max(value, 1.0)
    reached = [time for time in outcome.times_s[name] if math.isfinite(time)]
    return max(reached[-1], 1.0) if reached else math.nan


def _label(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    if minutes >= 10 or (minutes and not rest):  # noqa: PLR2004  (seconds matter below that)
        return f"{minutes} min"
    return f"{minutes}:{rest:02d}" if minutes else f"{rest} s"
