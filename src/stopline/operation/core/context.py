"""What a command sees while it decides, and what it decides: facts, messages, values to keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stopline.errors import BadInput, UnknownName
from stopline.forces.agency import agency_name
from stopline.operation.core.errors import NoSuchIncident, NotNow, NotPermitted

if TYPE_CHECKING:
    from stopline.journal.base import Transaction
    from stopline.journal.kinds import FactBody
    from stopline.link.messages import MessageBody
    from stopline.operation.core.actor import Actor
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState


@dataclass(frozen=True, slots=True)
class Record:
    """A fact to record."""

    body: FactBody
    incident: str | None


@dataclass(frozen=True, slots=True)
class Send:
    """A message to the other side."""

    body: MessageBody
    incident: str | None


@dataclass(frozen=True, slots=True)
class Keep:
    """A value for a shelf, in the same transaction: what must not stand in the record.

    Attributes:
        shelf: name of the shelf.
        key: key on it.
        value: what to keep; None takes away what lies there.
    """

    shelf: str
    key: str
    value: bytes | None

    def lay(self, work: Transaction) -> None:
        """Lay it on its shelf, or take away what lies there."""
        if self.value is None:
            work.remove(self.shelf, self.key)
        else:
            work.put(self.shelf, self.key, self.value)


@dataclass(frozen=True, slots=True)
class Erase:
    """A personal body to destroy; the command says in a fact of its own why.

    Attributes:
        fact_id: the fact whose body it is.
        command_id: the command behind it: its digest goes too, as what is short can be guessed.
    """

    fact_id: str
    command_id: str


Effect = Record | Send | Keep | Erase


@dataclass(slots=True)
class CommandContext:
    """The moment in which a command is decided.

    Attributes:
        book: all that is known; not to be changed.
        actor: who commands.
        now_s: when, UTC seconds.
        command_id: id of the command; ids made from it are the same when it is repeated.
        scope: the incident of the command, if it has one.
        effects: what was decided so far, in order.
        prepared: what the command's `prepare` gave.
    """

    book: NodeState
    actor: Actor
    now_s: float
    command_id: str
    scope: str | None = None
    effects: list[Effect] = field(default_factory=list)
    prepared: object = None

    @property
    def now(self) -> str:
        """This moment as ISO 8601 with zone."""
        return iso(self.now_s)

    def incident(self, *, running: bool = True) -> Incident:
        """The incident of the command.

        Raises:
            NoSuchIncident: there is none of that id.
            NotNow: it is over.
        """
        try:
            found = self.book.incident(self.scope or "")
        except UnknownName as error:
            raise NoSuchIncident(f"this node knows {error}") from None
        if running and found.is_over:
            raise NotNow(f"incident {found.id} is over; what was learnt can still be written down")
        return found

    def record(self, body: FactBody) -> None:
        """Record a fact, of the command's incident if it has one."""
        self.effects.append(Record(body, self.scope))

    def send(self, body: MessageBody) -> None:
        """Send a message to the other side, within the command's incident if it has one."""
        self.effects.append(Send(body, self.scope))

    def keep(self, shelf: str, key: str, value: bytes | None) -> None:
        """Keep a value on a shelf, or with None take it away; it is no fact and can be replaced."""
        self.effects.append(Keep(shelf, key, value))

    def erase(self, fact_id: str, command_id: str) -> None:
        """Destroy a personal body and the digest of the command behind it."""
        self.effects.append(Erase(fact_id, command_id))

    def need_agency(self, agency: str, what: str) -> None:
        """Let only the own service go on.

        Raises:
            NotPermitted: the actor is of another service.
        """
        if agency_name(self.actor.agency or "") != agency_name(agency):
            raise NotPermitted(
                f"{what} belongs to {agency}; {self.actor.role} is of "
                f"{self.actor.agency or 'no service'}"
            )


def iso(time_s: float) -> str:
    """UTC seconds as ISO 8601 with zone, to the millisecond.

    Raises:
        BadInput: it is outside of the years 1 to 9999: near their ends a zone leads out of them.
    """
    try:
        return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        expected = "a time in the years 1 to 9999 of UTC"
        raise BadInput.single("time", f"{time_s:.0f} s after 1970", expected) from None


def seconds(text: str) -> float:
    """UTC seconds of a time written as ISO 8601 with zone."""
    return datetime.fromisoformat(text).timestamp()
