"""The picture of an incident in time: phases, deadlines, roads and the line, both sides."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from stopline.rendering import style
from stopline.rendering.plan_map import drawing
from stopline.rendering.time_text import span
from stopline.review.summary import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from stopline.review.schema import ReviewedEvent, ReviewFile

_PHASES: Final = {
    "READY": "#e3e6ea", "ALARM": "#f0b27a", "LIAISON": "#f5d491", "AGREE": "#c9b3dc",
    "ALONE": "#d9a5a5", "SEAL": "#9cc3e6", "SEARCH": "#a9d6c4", "DETAINED": "#6fb98f",
    "STAND_DOWN": "#cfd8dc", "CLOSED": "#eceff1",
}  # fmt: skip
_OTHER: Final = ("#9cc3e6", "#f0b27a", "#c9b3dc", "#a9d6c4", "#f5d491", "#d9a5a5")
_KEPT, _MISSED = "#18723a", "#b01218"
_SIZE_IN: Final = (13.0, 5.6)
_SIDES: Final = ("#00599c", "#b36b00")
_LEAST_SHARE: Final = 0.045  # of the width, below which a phase has no room for its name
_MOST_MARKS: Final = 9
_LEAST_S: Final = 60.0


def timeline_png(review: ReviewFile, at: Callable[[float], str]) -> bytes:
    """Draw the picture as PNG; the same review gives the same bytes.

    Args:
        review: the review.
        at: writes a time given in seconds after the alarm.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  (heavy)
    from matplotlib.figure import Figure  # noqa: PLC0415

    with drawing():
        figure = Figure(figsize=_SIZE_IN, dpi=150, facecolor="white")
        FigureCanvasAgg(figure)
        axes, roads = figure.subplots(
            2, 1, sharex=True, height_ratios=(3.1, 1.25), gridspec_kw={"hspace": 0.08}
        )
        first, last = _reach(review)
        axes.set_xlim(first, last)
        _lanes(axes, review, last - first)
        _marks(axes, review, first, last)
        _roads(roads, review, last)
        for part in (axes, roads):
            _down(part, review, last)
            if review.stopped_s is not None:
                part.axvline(review.stopped_s, color=_KEPT, linewidth=2.2, zorder=6)
            part.spines[["top", "right", "left"]].set_visible(False)
        ticks = _ticks(first, last)
        roads.set_xticks(ticks, [f"{at(tick)}\n+{tick / 60:.0f} min" for tick in ticks], fontsize=9)
        axes.tick_params(axis="x", length=0, labelbottom=False)
        figure.subplots_adjust(left=0.125, right=0.985, top=0.97, bottom=0.105)
        data = io.BytesIO()
        figure.savefig(data, format="png", dpi=150, metadata={"Software": "Stopline"})
    return data.getvalue()


def _reach(review: ReviewFile) -> tuple[float, float]:
    times = [0.0, *(one.t_s for one in review.timeline)]
    times += [one.from_s for one in review.phases if one.phase != "READY"]
    first, last = min(times), max(times)
    if last - first < _LEAST_S:
        last = first + _LEAST_S
    room = (last - first) * 0.02
    return first - room, last + room


def _lanes(axes: Axes, review: ReviewFile, width: float) -> None:
    low, high = axes.get_xlim()
    for row, side in enumerate(review.sides):
        top = -2.2 * row
        for number, one in enumerate(p for p in review.phases if p.side == side):
            begin = max(one.from_s, low)
            end = high if one.until_s is None else min(one.until_s, high)
            if end <= begin:
                continue
            colour = _PHASES.get(one.phase, _OTHER[number % len(_OTHER)])
            axes.barh(
                top, end - begin, left=begin, height=0.8, color=colour, edgecolor="white",
                linewidth=1.0, zorder=2,
            )  # fmt: skip
            if (end - begin) / width >= _LEAST_SHARE:
                name = style.shortened(one.phase.replace("_", " "), int((end - begin) / width * 95))
                axes.text(
                    (begin + end) / 2, top, name, ha="center", va="center", fontsize=8.5,
                    color=style.INK, zorder=3, clip_on=True,
                )  # fmt: skip
        _deadlines(axes, review, side, top - 0.95)
        kept, of = counted(review, side)
        told = f"\n{kept} of {of} deadlines" if of else "\ndeadlines not known"
        axes.text(
            low - width * 0.008, top - 0.35, f"{side}{told}", ha="right", va="center", fontsize=8.5,
            color=style.INK, clip_on=False,
        )  # fmt: skip
    axes.set_ylim(-4.0, 2.6)
    axes.set_yticks([])


def _deadlines(axes: Axes, review: ReviewFile, side: str, y: float) -> None:
    """A tick at each deadline: green if kept; red if missed, with a line to when it was done."""
    high = axes.get_xlim()[1]
    for one in review.deadlines:
        if one.side != side or one.due_s is None or one.outcome not in {"kept", "missed"}:
            continue
        if one.outcome == "kept":
            if one.done_s is not None:
                axes.plot(one.done_s, y, "o", color=_KEPT, markersize=5, zorder=4, alpha=0.85)
            continue
        if one.done_s is not None:
            end = min(high, one.done_s)
            axes.plot([one.due_s, end], [y, y], color=_MISSED, linewidth=3.0, zorder=4, alpha=0.55)
        axes.plot(one.due_s, y, marker="X", color=_MISSED, markersize=8, zorder=5)


def _marks(axes: Axes, review: ReviewFile, first: float, last: float) -> None:
    """The moments that a reader looks for, above the lanes, in rows so that none covers another."""
    chosen = chosen_moments(review)
    ends = [first - 1.0] * 4
    width = last - first
    for t_s, text in chosen:
        label = style.shortened(text, 34)
        need = width * (0.0062 * len(label) + 0.012)
        row = next((i for i, end in enumerate(ends) if end <= t_s), len(ends) - 1)
        y = 2.25 - 0.48 * row
        right = t_s + need > last
        ends[row] = t_s + need if not right else last
        axes.plot([t_s, t_s], [0.42, y - 0.12], color=style.QUIET, linewidth=0.7, zorder=1)
        axes.plot(t_s, 0.42, marker="v", color=style.INK, markersize=4, zorder=4)
        axes.text(
            t_s, y, f"{label} " if right else f" {label}", fontsize=8.6, va="center",
            ha="right" if right else "left", color=style.INK, zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip


def chosen_moments(review: ReviewFile) -> list[tuple[float, str]]:
    """The few moments that are named in the picture."""
    starts = (
        ("Alarm: ", "alarm"), ("Plan adopted", "plan"), ("Seen: ", "seen"),
        ("A vehicle is stopped", "stopped"), ("Said in public", "public told"),
        ("Checked: every road", "roads open"), ("The watch list ends", "watch list ends"),
        ("The cameras look", "cameras search"),
    )  # fmt: skip
    found: list[tuple[float, str]] = []
    used: set[str] = set()
    for one in review.timeline:
        name = next((name for start, name in starts if one.what.startswith(start)), None)
        if name is None or (name != "seen" and name in used):
            continue
        used.add(name)
        found.append((one.t_s, _marked(name, one)))
    if review.orders:
        found.append((min(one.ordered_s for one in review.orders), "roads ordered closed"))
    return sorted(found)[:_MOST_MARKS]


def _marked(name: str, one: ReviewedEvent) -> str:
    if name == "seen":
        return f"seen, {one.what.removeprefix('Seen: ').split(' (')[0].split(', heading')[0]}"
    return name


def _roads(axes: Axes, review: ReviewFile, last: float) -> None:
    """How many roads were to be closed, and how many were, over time."""
    first = axes.get_xlim()[0]
    x, y = _steps(first, last, closed_over_time(review))
    axes.fill_between(x, y, color=_SIDES[0], alpha=0.25, linewidth=0, zorder=2)
    axes.plot(x, y, color=_SIDES[0], linewidth=2.0, zorder=3, label="closed")
    need_x, need_y = _steps(first, last, wanted_over_time(review))
    if review.orders:
        axes.plot(
            need_x, need_y, color=_MISSED, linewidth=1.5, linestyle=(0, (4, 2)), zorder=4,
            label="to be closed by the plan",
        )  # fmt: skip
        axes.legend(loc="upper left", fontsize=8.5, frameon=False)
    most = max([1, *need_y, *y])
    axes.set_ylim(0, most * 1.2)
    axes.set_yticks([0, most])
    axes.tick_params(axis="y", length=0, labelsize=9)
    axes.set_ylabel("roads", fontsize=9, rotation=0, ha="right", va="center", labelpad=14)


def closed_over_time(review: ReviewFile) -> list[tuple[float, int]]:
    """When a road was closed or opened again, and by how much that changes their number."""
    closed = [one for one in review.orders if one.closed_s is not None]
    changes = [(one.closed_s, 1) for one in closed if one.closed_s is not None]
    changes += [(one.reopened_s, -1) for one in closed if one.reopened_s is not None]
    return sorted(changes)


def wanted_over_time(review: ReviewFile) -> list[tuple[float, int]]:
    """The same of roads that had to be closed: from the deadline until the order is withdrawn."""
    changes = []
    for one in review.orders:
        if one.withdrawn_s is None or one.deadline_s < one.withdrawn_s:
            changes.append((one.deadline_s, 1))
            changes += [] if one.withdrawn_s is None else [(one.withdrawn_s, -1)]
    return sorted(changes)


def _steps(
    first: float, last: float, changes: list[tuple[float, int]]
) -> tuple[list[float], list[int]]:
    """A number over time as corners of a line, never back in time nor beyond the end."""
    x, y = [first], [0]
    for t_s, change in changes:
        at = min(max(t_s, first), last)
        x += [at, at]
        y += [y[-1], y[-1] + (change if t_s <= last else 0)]
    return [*x, last], [*y, y[-1]]


def _down(axes: Axes, review: ReviewFile, last: float) -> None:
    """Hatch the times in which the line was down, as this side's node saw it."""
    for one in (each for each in review.line if each.side == review.sides[0]):
        until = last if one.until_s is None else one.until_s
        axes.axvspan(
            one.from_s, until, facecolor="#b0121820", edgecolor="#b01218", hatch="////",
            linewidth=0.0, zorder=0.5,
        )  # fmt: skip
        if axes.get_ylim()[0] < 0:
            axes.text(
                (one.from_s + until) / 2, -3.75, f"line down {span(until - one.from_s)}",
                ha="center", fontsize=8.5, color=_MISSED, zorder=6,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip


def _ticks(first: float, last: float) -> list[float]:
    steps = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400, 604800)
    step = next((s for s in steps if (last - first) / s <= 9), steps[-1])  # noqa: PLR2004
    return [float(t) for t in range(0, int(last) + 1, step)]
