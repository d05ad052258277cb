"""What of a joint plan may leave the node now, by the protocol in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stopline.errors import BadInput
from stopline.operation.core.protocol_rules import AgreedRules

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from stopline.link.disclosure import DisclosureRules
    from stopline.operation.core.state import NodeState


@dataclass(frozen=True, slots=True)
class Agreement:
    """What may leave now.

    Attributes:
        rules: of disclosure.
        phase: of the incident; None without an incident, or without a protocol.
        words: the protocol and phase, for people.
    """

    rules: DisclosureRules
    phase: str | None
    words: str

    def allows(self, kind: str) -> bool:
        """Whether messages of a kind may leave."""
        return self.rules.allows(kind, self.phase)


class Agreed(Protocol):
    """Gives the agreement as it is now."""

    def at(self, incident: str | None) -> Agreement:
        """What may leave now for an incident."""
        ...


class Readable(Protocol):
    """What the book is read from: a desk, or a command that is being prepared."""

    @property
    def reading(self) -> threading.RLock:
        """The lock to hold meanwhile."""
        ...

    @property
    def catch_up(self) -> Callable[[], NodeState]:
        """Gives all that is known."""
        ...


class ByProtocol:
    """The disclosures of the protocol in force on a desk, in the incident's phase.

    Args:
        desk: of this node, or what reads it.
    """

    def __init__(self, desk: Readable) -> None:
        self._desk = desk

    def at(self, incident: str | None) -> Agreement:
        """What may leave now; without a protocol nothing."""
        with self._desk.reading:
            book = self._desk.catch_up()
            machine = book.machines.get(book.in_force)
            if machine is None:
                return Agreement(AgreedRules(book), None, "no protocol is in force")
            known = book.incidents.get(incident or "")
            if known is not None and known.is_offered:  # no node decides that for its officers
                where = f"incident {known.id} is offered, and no officer here has taken it"
                return Agreement(AgreedRules(book), None, f"{machine.protocol.name}, {where}")
            phase = None if known is None else known.phase
            where = f"phase {phase}" if phase else "no incident of this node"
            return Agreement(AgreedRules(book), phase, f"{machine.protocol.name}, {where}")


def check_may_ask(agreed: Agreed, incident: str | None) -> Agreement:
    """Let only an asker go on whose questions may leave the node.

    Raises:
        BadInput: they may not; what would allow them is said.
    """
    agreement = agreed.at(incident)
    if agreement.phase is None and agreement.words.startswith("no protocol"):
        expected = "a protocol that both sides signed and this node adopted: it says what may leave"
        raise BadInput.single("joint plan", agreement.words, expected)
    if incident is None or agreement.phase is None:
        expected = f"an incident of this node, as {agreement.words.split(',')[0]} is in force"
        raise BadInput.single("--incident", incident or "none", expected)
    if not agreement.allows("plan.asked"):
        expected = "a disclosure of the protocol with `kinds: [plan.asked, ...]` for this phase"
        raise BadInput.single("joint plan", agreement.words, expected)
    return agreement
