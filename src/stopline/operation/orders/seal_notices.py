"""What the other side has not been told of our seals, and the message by which it is told.

The agreed document decides who says it: in the shipped protocol the liaison officer. The node only
reminds that officer, and writes the message for the one who gives `seals.tell`. Where a document
names `node` as the sender, or as a deputy of it, the node says it itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.link.procedure_message import ProcedureSaid, SealStatus
from stopline.operation.core.command import IncidentCommand, command
from stopline.operation.core.context import seconds
from stopline.operation.core.errors import NotNow
from stopline.operation.core.happenings import Happenings
from stopline.operation.orders.board import seal_status
from stopline.operation.orders.projection import Orders
from stopline.protocol.state import ProtocolFact as ProcedureFact

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.incident import Incident

NODE: Final = "node"
_BAD: Final = frozenset({"late", "open"})


@dataclass(frozen=True, slots=True)
class Untold:
    """A change of our seals that the other side should be told.

    Attributes:
        message: the message of the protocol.
        role: who sends it by the protocol.
        status: all our seals as they stand; never a unit, never a position.
        since_s: since when the oldest change waits, UTC seconds.
        is_bad: a seal is late or open.
        changed: the roads that changed, for people.
    """

    message: str
    role: str
    status: tuple[SealStatus, ...]
    since_s: float
    is_bad: bool
    changed: tuple[str, ...]


def untold(incident: Incident, now_s: float) -> Untold | None:
    """What is to be told now; None if nothing is, or the protocol has no message for it now.

    Told is what is late or open, that all are closed, and that all are reopened; mere progress has
    no message in the shipped protocol.
    """
    orders = incident.projection(Orders)
    if not orders.orders:
        return None
    status = seal_status(orders, now_s)
    told = incident.projection(Happenings).seals_told
    new = [s for s in status if s.site not in told or told[s.site].status.state != s.state]
    bad = [s for s in new if s.state in _BAD]
    states = {s.state for s in status}
    outcomes: tuple[str, ...]
    if bad:
        outcomes, new = ("late", "opened"), bad
    elif new and states == {"closed"}:
        outcomes = ("all_closed",)
    elif new and states == {"reopened"}:
        outcomes = ("all_reopened",)
    else:
        return None
    for message in _messages(incident, outcomes):
        role = incident.machine.protocol.messages[message].sent_by
        if not _refused(incident, message, role, now_s):
            since_s = min(seconds(s.since) for s in new)
            roads = tuple(f"{s.road or s.site}: {s.state}" for s in new)
            return Untold(message, role, status, since_s, bool(bad), roads)
    return None


def may_say_itself(incident: Incident, role: str) -> bool:
    """Whether the document lets the node speak for a role."""
    roles = incident.machine.protocol.roles
    return role == NODE or (role in roles and NODE in roles[role].deputies)


@command("seals.tell")
class TellSeals(IncidentCommand):
    """Tell the other side how our seals stand, by the message that the protocol has for it."""

    def decide(self, at: CommandContext) -> None:
        """States of sites, and nothing of who holds them; the protocol says who may."""
        incident = at.incident(running=False)
        found = untold(incident, at.now_s)
        if found is None:
            raise NotNow(
                "the other side knows how our seals stand, or the protocol has no message for it "
                f"in phase {incident.phase}"
            )
        at.send(
            ProcedureSaid(
                protocol=incident.state.version, name=found.message, seal_status=found.status
            )
        )


def _messages(incident: Incident, outcomes: tuple[str, ...]) -> list[str]:
    """Messages that carry states of seals: those of the tasks on such an event.

    Where no task of the document is on it, those that an open task waits to send.
    """
    protocol = incident.machine.protocol
    carrying = {name for name, one in protocol.messages.items() if "seal_status" in one.carries}
    events = {
        name
        for name, one in protocol.triggers.items()
        if one.fact == "seal" and set(outcomes) & set(one.outcome)
    }
    on_it = [task.sends for task in protocol.tasks.values() if events & set(task.on)]
    waiting = [
        protocol.tasks[one.task].sends
        for one in incident.state.tasks.values()
        if one.status == "open"
    ]
    named = [name for name in on_it if name in carrying] or waiting
    return [name for name in named if name is not None and name in carrying]


def _refused(incident: Incident, message: str, role: str, now_s: float) -> str:
    fact = ProcedureFact(
        id="untold", kind="message_sent", side=incident.state.side, at_s=now_s, known_s=now_s,
        role=role, person=role, about=message,
    )  # fmt: skip
    return incident.machine.refusal(incident.state, fact)
