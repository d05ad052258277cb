"""A node in the middle of an honest incident, whose peer's key somebody else holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attack.line_client import HostileNode
from operation.liaison_case import INCIDENT, Case
from stopline.journal.verify import verify_journal
from stopline.link.engine import LinkEngine
from stopline.link.line_state import Moment
from stopline.operation.core.admission import DeskAdmission
from stopline.operation.core.node_alarms import RefusedMessages
from stopline.operation.orders.projection import Orders
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.operation.sightings.projection import Sightings

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.core.command_handler import CommandHandler


@dataclass
class Victim:
    """The honest node, its line, and the hostile one at the other end."""

    desk: CommandHandler
    engine: LinkEngine
    hostile: HostileNode
    now_s: float
    end: int

    @classmethod
    def of(cls, folder: Path, end: int, now_s: float) -> Victim:
        """Open one node of a case that was closed, and take the other's key."""
        names = ("alder", "birch")
        desk = open_command_handler(folder / names[end])
        admission = DeskAdmission(desk)
        engine = LinkEngine(
            desk.node.journal, desk.node.identity, str(desk.peer), admission=admission
        )
        other = names[1 - end]
        hostile = HostileNode.from_folder(
            folder / other, f"{other}.example/node", f"{names[end]}.example/node", now_s
        )
        victim = cls(desk, engine, hostile, now_s, end)
        # The hostile node goes on where the honest one was.
        for lane, mark in victim.engine._received.items():
            hostile.seq[lane] = mark
        return victim

    @property
    def protocol(self) -> str:
        return self.desk.catch_up().in_force

    def say(self, name: str, incident: str = INCIDENT, **content: Any) -> list[str]:
        """Say a message of the protocol; give why it was refused."""
        return self.send(self.hostile.said(self.protocol, name, incident, **content))

    def send(self, *envelopes: bytes) -> list[str]:
        """Bring envelopes in one frame; give why each that was refused was."""
        self.now_s += 0.01
        frame = self.hostile.frame(list(envelopes))
        found = self.engine.receive(frame, Moment(self.now_s - 1.7e9, self.now_s))
        self.desk.catch_up()
        return [str(error) for error in found.refused]

    def answers(self) -> list[dict[str, Any]]:
        """What the node says to that on the line."""
        self.engine.look()
        frame = self.engine.carry_out(Moment(self.now_s - 1.7e9, self.now_s))
        return self.hostile.hear(frame)

    def snapshot(self) -> dict[str, Any]:
        """What the other side must not change: our phase, orders, plan, record."""
        book = self.desk.catch_up()
        incident = book.incident(INCIDENT)
        orders = incident.projection(Orders)
        return {
            "incidents": sorted(book.incidents),
            "phase": incident.phase,
            "level": incident.state.level,
            "lead": incident.state.lead,
            "decided": dict(incident.state.decided),
            "tasks": sorted((t.task, t.status, t.done_by) for t in incident.state.tasks.values()),
            "happened": sorted(incident.state.happened),
            "plan": None if orders.plan is None else orders.plan.digest,
            "orders": {name: order.state for name, order in orders.orders.items()},
            "sightings": [
                (s.theirs, s.lon, s.lat, s.place, s.seen_s, s.grade, s.confirmed, s.retracted)
                for s in incident.projection(Sightings).by_id.values()
            ],
            "unread": dict(book.unread),
        }

    def refused(self) -> int:
        return self.desk.catch_up().projection(RefusedMessages).count

    def verify(self) -> list[str]:
        """What does not hold in the record."""
        key = self.desk.node.identity.key
        return [str(fault) for fault in verify_journal(self.desk.node.journal, key=key).faults]

    def close(self) -> None:
        self.desk.node.journal.close()


def prepared(folder: Path, phase: str) -> float:
    """An honest incident up to a phase, closed again; give the moment."""
    case = Case(folder)
    getattr(case, phase)()
    now_s = case.both.now_s
    case.both.close()
    return now_s
