"""An incident that is told on two desks: who acts in which role, what is said, how it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import SendMessage
from stopline.operation.orders.projection import Orders
from stopline.testing.two_desks import START_S

if TYPE_CHECKING:
    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandReceipt
    from stopline.operation.core.incident import Incident
    from stopline.testing.two_desks import TwoNodes

_POLICE = frozenset({"duty_officer", "second_officer", "liaison_officer", "chief_of_police"})


def actor(role: str, side: int) -> Actor:
    """A person of a role; the agency is the one that the shipped protocol gives to it."""
    return Actor(f"{'ab'[side]}.{role}", role, "police" if role in _POLICE else None)


@dataclass
class ToldIncident:
    """Two desks, one incident on both, and what is written down about the telling.

    Attributes:
        both: the two desks.
        name: id of the incident.
        log: the lines that were said.
    """

    both: TwoNodes
    name: str
    log: list[str] = field(default_factory=list)

    @property
    def t(self) -> float:
        """Seconds since the beginning, as the lines show them."""
        return self.both.now_s - START_S

    def say(self, text: str) -> None:
        """Print a line with the time and both phases."""
        phases = " / ".join(self.phase(end) for end in (0, 1))
        line = f"{self.t:7.0f} s  {phases:<22} {text}"
        self.log.append(line)
        print(line)  # noqa: T201  (a story is told on standard output)

    def incident(self, end: int) -> Incident | None:
        """The incident as a side knows it."""
        return self.both.desks[end].catch_up().incidents.get(self.name)

    def phase(self, end: int) -> str:
        """The phase on a side."""
        found = self.incident(end)
        return "-" if found is None else found.phase

    def orders(self, end: int) -> Orders:
        """The orders of a side."""
        return self.both.desks[end].catch_up().incident(self.name).projection(Orders)

    def do(self, end: int, role: str, command: Command, *, wait_s: float = 0.0) -> CommandReceipt:
        """Give a command in a role, and let the line work for a while."""
        done = self.both.do(end, command, actor(role, end))
        self.both.run(wait_s)
        return done

    def tell(self, end: int, role: str, name: str, **content: Any) -> CommandReceipt:  # noqa: ANN401
        """Say a message of the protocol."""
        said = ProcedureSaid.model_validate({"protocol": "", "name": name, **content})
        return self.do(end, role, SendMessage(incident=self.name, said=said))

    def at(self, seconds: float) -> datetime:
        """A moment so many seconds from now."""
        return datetime.fromtimestamp(self.both.now_s + seconds, UTC)
