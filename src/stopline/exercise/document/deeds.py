"""What can be expected of people: commands, each with the fact that it leaves in the record."""

from __future__ import annotations

from typing import Final

# The fact that each command leaves; what is not here leaves none of its own and cannot be expected.
DEEDS: Final = {
    "message.send": "message.sent", "request.ask": "message.sent",
    "request.answer": "message.sent", "sighting.share": "message.sent",
    "statement.show": "message.sent", "statement.answer": "message.sent",
    "alarm.raise": "alarm.raised", "incident.open": "incident.opened",
    "incident.extend": "incident.extended", "attendance.note": "attendance.noted",
    "task.do": "task.done", "task.acknowledge": "task.acknowledged",
    "decision.voice": "decision.voiced", "report.take": "report.taken",
    "vehicle.stop": "vehicle.stopped", "sighting.note": "sighting.noted",
    "sighting.confirm": "sighting.confirmed", "sighting.retract": "sighting.retracted",
    "plan.propose": "plan.proposed", "plan.adopt": "plan.adopted",
    "orders.issue": "order.issued", "commitment.order": "joint.commitment-ordered",
    "commitment.withdraw": "joint.commitment-withdrawn", "order.move": "order.moved",
    "stand-down.propose": "stand-down.proposed", "stand-down.check": "stand-down.checked",
    "agency.alert": "agency.alerted", "unit.acknowledge": "unit.acknowledged",
    "unit.set": "unit.set", "unit.retire": "unit.retired", "unit.release": "units.released",
    "units.register": "units.registered", "positions.report": "positions.reported",
    "watch.add": "watch.added", "watch.extend": "watch.extended", "watch.end": "watch.ended",
    "call.log": "call.held", "level.set": "level.set", "intelligence.file": "intelligence.filed",
    "intelligence.open": "intelligence.opened", "intelligence.use": "intelligence.used",
    "statement.draft": "statement.drafted", "statement.agree": "statement.agreed",
    "statement.correct": "statement.corrected", "statement.release": "statement.released",
    "shift.begin": "shift.begun", "shift.hand_over": "shift.handed-over",
    "shift.take_over": "shift.taken-over", "situation.issue": "situation.issued",
    "lesson.write": "lesson.written",
}  # fmt: skip
