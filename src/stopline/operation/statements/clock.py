"""The clock of the public: how long since the alarm, and until when something must be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.operation.statements.projection import Statements

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident


@dataclass(frozen=True, slots=True)
class PublicClock:
    """Where the clock of the public stands.

    Attributes:
        since_alarm_s: seconds since the alarm; None before it.
        due_s: until when the first statement is to be out, UTC seconds; None if not agreed.
        first_s: when the first statement went out; None while there is none.
    """

    since_alarm_s: float | None
    due_s: float | None
    first_s: float | None

    def left_s(self, now_s: float) -> float | None:
        """Seconds left, negative if late; None if nothing is due or something is out."""
        if self.due_s is None or self.first_s is not None:
            return None
        return self.due_s - now_s


def public_clock(incident: Incident, now_s: float) -> PublicClock:
    """Read the clock at a time, by the milestone of the protocol that a statement reaches."""
    began = incident.state.began_s
    protocol = incident.machine.protocol
    triggers = {name for name, each in protocol.triggers.items() if each.fact == "statement"}
    times = [
        each.within_s
        for each in protocol.milestones.values()
        if each.within_s is not None and triggers & set(each.on)
    ]
    out = incident.projection(Statements).released()
    return PublicClock(
        since_alarm_s=None if began is None else now_s - began,
        due_s=None if began is None or not times else began + min(times),
        first_s=out[0].released_s if out else None,
    )
