"""Two drawings of a protocol as SVG: its phases with their ways, and its tasks in lanes by role."""

from __future__ import annotations

from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

from stopline.protocol.document_text import seconds_in_words
from stopline.protocol.events import parse_event
from stopline.protocol.schema import evidence_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.protocol.schema import PhaseExit, Protocol

_INK, _SOFT, _LINE = "#1b2430", "#5a6675", "#9aa7b5"
_FORWARD, _BACK = "#2f6db3", "#b3572f"
_FILL = {"each": "#eef2f6", "lead": "#dbe9fa", "assist": "#e2f3e4"}
_TASK_LINES = 3
_ANY = "at any time"
_FONT = "font-family='system-ui,DejaVu Sans,sans-serif'"


def _text(x: float, y: float, text: str, size: float = 12, **style: str) -> str:
    extra = "".join(f" {key.replace('_', '-')}='{value}'" for key, value in style.items())
    return f"<text x='{x:g}' y='{y:g}' font-size='{size:g}'{extra}>{escape(text)}</text>"


def _svg(width: float, height: float, parts: Sequence[str], title: str) -> str:
    heads = "".join(
        f"<marker id='{name}' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='9' markerHeight='9' "
        "markerUnits='userSpaceOnUse' "
        f"orient='auto'><path d='M0 0L8 4L0 8z' fill='{colour}'/></marker>"
        for name, colour in (("fw", _FORWARD), ("bk", _BACK))
    )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:g} {height:g}' "
        f"width='{width:g}' height='{height:g}' {_FONT} fill='{_INK}'>"
        f"<title>{escape(title)}</title><defs>{heads}</defs>"
        f"<rect width='100%' height='100%' fill='white'/>{''.join(parts)}</svg>"
    )


def phases_svg(protocol: Protocol) -> str:
    """Draw the phases from top to bottom; ways onward at the right, ways back at the left."""
    names = list(protocol.phases)
    left, box_width, row = 130.0, 560.0, 18.0
    tops: dict[str, float] = {}
    heights: dict[str, float] = {}
    rows: dict[str, list[tuple[PhaseExit, list[str]]]] = {}
    y = 20.0
    for name in names:
        ways = []
        for way in protocol.phases[name].exits:
            condition = " and ".join(way.all_of)
            if way.any_of:
                condition += (" and one of: " if way.all_of else "") + " or ".join(way.any_of)
            ways.append((way, wrap(f"→ {way.to}: {condition}", 82, subsequent_indent="    ")))
        rows[name] = ways
        tops[name] = y
        heights[name] = 34 + row * sum(len(lines) for _, lines in ways)
        y += heights[name] + 22
    parts: list[str] = []
    right_lane = left_lane = 0
    for index, name in enumerate(names):
        phase = protocol.phases[name]
        fill = "#f3e3e0" if phase.final else "#eef2f6"
        parts.append(
            f"<rect x='{left:g}' y='{tops[name]:g}' width='{box_width:g}' "
            f"height='{heights[name]:g}' rx='7' fill='{fill}' stroke='{_LINE}'/>"
        )
        title = wrap(phase.title, 62)[0] + ("…" if len(wrap(phase.title, 62)) > 1 else "")
        parts.append(_text(left + 10, tops[name] + 22, name, 15, font_weight="700"))
        parts.append(_text(left + 26 + 11.3 * len(name), tops[name] + 22, title, 12, fill=_SOFT))
        line_y = tops[name] + 40
        for way, lines in rows[name]:
            for line in lines:
                parts.append(_text(left + 12, line_y, line, 11))
                line_y += row
            if way.to not in tops:
                continue
            start = line_y - row * len(lines) - 4
            target = names.index(way.to)
            end = tops[way.to] + 14
            if target == index + 1:
                x = left + 40 + 12 * (index % 2)
                parts.append(
                    f"<path d='M{x:g} {tops[name] + heights[name]:g}V{tops[way.to] - 2:g}' "
                    f"stroke='{_FORWARD}' stroke-width='2' fill='none' marker-end='url(#fw)'/>"
                )
                continue
            forward = target > index
            if forward:
                lane = left + box_width + 16 + 9 * (names.index(way.to) % 12)
                edge, head, colour = left + box_width, "fw", _FORWARD
                right_lane = max(right_lane, target % 12)
            else:
                lane = left - 16 - 9 * (target % 12)
                edge, head, colour = left, "bk", _BACK
                left_lane = max(left_lane, target % 12)
            parts.append(
                f"<path d='M{edge:g} {start:g}H{lane:g}V{end:g}H{edge + (2 if forward else -2):g}' "
                f"stroke='{colour}' stroke-width='1.4' fill='none' stroke-linejoin='round' "
                f"marker-end='url(#{head})'/>"
            )
    width = left + box_width + 40 + 9 * right_lane
    return _svg(width, y, parts, f"Phases of {protocol.title}")


def _columns(protocol: Protocol) -> dict[str, str]:
    """The phase in whose column a task is drawn: where what opens it usually comes first."""
    order = list(protocol.phases)
    found: dict[str, int | None] = {}

    def of_task(name: str) -> int | None:
        if name not in found:
            found[name] = None  # a task that waits for itself stays where it can
            task = protocol.tasks[name]
            stated = [order.index(phase) for phase in task.phases if phase in order]
            seen = [place for event in task.on if (place := of_event(event)) is not None]
            best = min(seen, default=min(stated, default=None))
            found[name] = max(best or 0, min(stated, default=0)) if seen or stated else None
        return found[name]

    def of_event(text: str) -> int | None:
        event = parse_event(text)
        if event is None:
            return None
        if event.about == "phase":
            return order.index(event.name) if event.name in order else None
        if event.about == "task":
            return of_task(event.name) if event.name in protocol.tasks else None
        if event.about in {"message", "decision"}:
            kin = [n for n, t in protocol.tasks.items() if f"{event.about} {event.name} " in
                   f"{evidence_of(t)} message {t.sends} "]  # fmt: skip
            return min((c for n in kin if (c := of_task(n)) is not None), default=None)
        moved = [
            order.index(way.to)
            for phase in protocol.phases.values()
            for way in phase.exits
            if text in (*way.all_of, *way.any_of) and way.to in order
        ]
        return max(moved, default=None)

    places = {name: of_task(name) for name in protocol.tasks}
    return {name: _ANY if at is None else order[at] for name, at in places.items()}


def lanes_svg(protocol: Protocol) -> str:
    """Draw the tasks: a lane for each role, a column for each phase in which they are opened."""
    where = _columns(protocol)
    used = set(where.values())
    phases = [name for name in (*protocol.phases, _ANY) if name in used]
    roles = [r for r in protocol.roles if any(t.who == r for t in protocol.tasks.values())]
    label, column, box, gap, top = 150.0, 190.0, 58.0, 6.0, 64.0
    parts: list[str] = []
    y = top
    for number, role in enumerate(roles):
        cells = {
            phase: [n for n, t in protocol.tasks.items() if t.who == role and where[n] == phase]
            for phase in phases
        }
        height = gap + (box + gap) * max(len(cell) for cell in cells.values())
        if number % 2 == 0:
            width = label + column * len(phases)
            parts.append(
                f"<rect x='0' y='{y:g}' width='{width:g}' height='{height:g}' fill='#f7f9fb'/>"
            )
        for line, text in enumerate(wrap(protocol.roles[role].title, 19)[:4]):
            parts.append(_text(10, y + 22 + 15 * line, text, 12, font_weight="600"))
        for place, phase in enumerate(phases):
            for order, name in enumerate(cells[phase]):
                parts += _task_box(
                    protocol,
                    name,
                    label + column * place,
                    y + gap + (box + gap) * order,
                    column,
                    box,
                )
        y += height
    for place, phase in enumerate(phases):
        x = label + column * place
        parts.append(
            _text(x + column / 2, top - 10, phase, 13, font_weight="700", text_anchor="middle")
        )
        parts.append(f"<path d='M{x:g} {top - 26:g}V{y:g}' stroke='#d8dee6'/>")
    x = 10.0
    for word, text in (
        ("each", "each side"),
        ("lead", "leading side"),
        ("assist", "assisting side"),
    ):
        parts.append(
            f"<rect x='{x:g}' y='10' width='14' height='14' rx='3' fill='{_FILL[word]}' "
            f"stroke='{_LINE}'/>"
        )
        parts.append(_text(x + 20, 21, text, 12, fill=_SOFT))
        x += 120
    return _svg(label + column * len(phases) + 6, y + 10, parts, f"Tasks of {protocol.title}")


def _task_box(
    protocol: Protocol, name: str, x: float, y: float, column: float, box: float
) -> list[str]:
    task = protocol.tasks[name]
    fill = _FILL.get(task.side, "#fff3d6")
    parts = [
        (
            f"<rect x='{x + 5:g}' y='{y:g}' width='{column - 10:g}' height='{box:g}' rx='5' "
            f"fill='{fill}' stroke='{_LINE}'><title>{escape(task.title)}</title></rect>"
        )
    ]
    lines = wrap(task.title, 33)
    if len(lines) > _TASK_LINES:
        lines = [*lines[: _TASK_LINES - 1], f"{lines[_TASK_LINES - 1][:31]}…"]
    parts += [_text(x + 10, y + 13 + 12 * i, line, 9.5) for i, line in enumerate(lines)]
    limit = "" if task.within_s is None else f"within {seconds_in_words(task.within_s)}"
    if task.acknowledged_by:
        limit += ", acknowledged"
    parts.append(_text(x + 10, y + box - 6, limit, 9, fill=_FORWARD))
    return parts
