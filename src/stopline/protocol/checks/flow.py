"""The procedure must run: every phase reached and left, every task opened and closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.protocol.lookup import on_side
from stopline.protocol.schema import CONFIRMATION

if TYPE_CHECKING:
    from stopline.protocol.checks.findings import FindingLog
    from stopline.protocol.checks.reachability import Half, Possible
    from stopline.protocol.schema import Task


def check_flow(desk: FindingLog, possible: Possible) -> None:
    """Find phases that are never reached or never left, and tasks that never open or close."""
    for name in desk.protocol.phases:
        _phase(desk, possible, name)
    for name in desk.protocol.tasks:
        _task(desk, possible, name)
    for name, decision in desk.protocol.decisions.items():
        if not possible.anywhere(f"decision {name} taken"):
            desk.error(
                ("decisions", name, "phases" if decision.phases else "side"),
                "decision-nobody",
                f"`{name}` may be taken only where the procedure never comes",
                "allow it in a phase that is reached",
            )
        elif not any(event.startswith(f"decision {name} ") for event in desk.evidence.values()):
            desk.warn(
                ("decisions", name),
                "decision-unasked",
                f"no task asks for `{name}`",
                f"add a task with `closed_by: decision {name} taken`, so that it has a deadline",
            )
    for name, milestone in desk.protocol.milestones.items():
        if not any(possible.anywhere(event) for event in milestone.on):
            desk.warn(
                ("milestones", name, "on"),
                "milestone-never",
                f"`{name}` is never reached",
                "name an event that happens",
            )


def _phase_moves_first(desk: FindingLog, name: str, task: Task) -> None:
    """An event moves the phase before it opens tasks; it may thereby miss the task's phases."""
    for here in task.phases:
        phase = desk.protocol.phases.get(here)
        for way in () if phase is None else phase.exits:
            moved = {*way.all_of, *way.any_of} & set(task.on)
            if moved and way.to not in task.phases:
                event = min(moved)
                desk.warn(
                    ("tasks", name, "phases"),
                    "phase-moves-first",
                    f"`{event}` can move {here} to {way.to}, where `{name}` does not open",
                    f"add {way.to} to its phases, or open it on `phase {way.to} entered`",
                )


def _phase(desk: FindingLog, possible: Possible, name: str) -> None:
    phase = desk.protocol.phases[name]
    if not possible.reached(name):
        desk.error(
            ("phases", name),
            "unreachable-phase",
            f"no way leads into {name}",
            "let another phase exit to it, on an event that can happen",
        )
        return
    if phase.final:
        if phase.exits:
            desk.error(
                ("phases", name, "exits"),
                "final-with-exits",
                f"{name} is final and has ways out",
                "take out `final` or the exits",
            )
        return
    for half in possible.halves:
        if name not in half.phases:
            continue
        if not possible.ways_out(half, name):
            desk.error(
                ("phases", name),
                "no-way-out",
                f"{name} cannot be left on the {half.part} side",
                "add an exit on an event that can happen there, or `final: true`",
            )
        elif not _ends(desk, possible, half, name):
            desk.error(
                ("phases", name),
                "no-end",
                f"from {name} no final phase can be reached on the {half.part} side",
                "add a way to a phase with `final: true`",
            )
    for number, way in enumerate(phase.exits):
        if not way.all_of and not way.any_of:
            desk.error(
                ("phases", name, "exits", number),
                "exit-without-condition",
                f"the way to {way.to} has no condition",
                "add `all_of` or `any_of`",
            )


def _ends(desk: FindingLog, possible: Possible, half: Half, start: str) -> bool:
    seen, todo = {start}, [start]
    while todo:
        phase = todo.pop()
        if desk.protocol.phases[phase].final:
            return True
        new = set(possible.ways_out(half, phase)) - seen
        seen |= new
        todo.extend(new)
    return False


def _task(desk: FindingLog, possible: Possible, name: str) -> None:
    task = desk.protocol.tasks[name]
    halves = [h for h in possible.halves if on_side(task.side, h.own, h.lead)]
    opened = [half for half in halves if f"task {name} opened" in half.events]
    if not opened:
        desk.error(
            ("tasks", name, "phases" if task.phases else "on"),
            "task-never-opens",
            f"nothing that happens on its side opens `{name}`",
            "name an event that can happen there, in a phase that is reached",
        )
        return
    _phase_moves_first(desk, name, task)
    evidence = desk.evidence[name]
    if evidence == CONFIRMATION:
        return
    for half in opened:
        if f"task {name} done" not in half.events:
            desk.error(
                ("tasks", name, "closed_by" if task.closed_by else "sends"),
                "task-never-closes",
                f"`{evidence}` never happens on the {half.part} side",
                "name evidence that can come about there",
            )
