"""Between the desk and the agreed protocol: what facts and messages mean, what may be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.errors import meant
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.errors import NotNow
from stopline.operation.facts.incident import IncidentFact
from stopline.protocol.state import ProtocolFact as ProcedureFact

if TYPE_CHECKING:
    from stopline.journal.kinds import FactBody
    from stopline.link.messages import MessageBody
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.state import NodeState
    from stopline.protocol.schema import Protocol

# Kinds that may leave only when the protocol in force names the message; `check_said` sees to it.
_AT_ANY_TIME = frozenset({"text.sent", "file.sent", "person.described"})
# Why a question of a joint plan is not answered, and what can no longer be held: words, no units.
_AT_ANY_TIME |= {"plan.declined", "plan.withdrawn"}


class AgreedRules:
    """Disclosure rules of a node with a protocol: the document decides, kind by kind."""

    def __init__(self, book: NodeState, extra: frozenset[str] = frozenset()) -> None:
        self._adopted = bool(book.in_force)
        self._extra = extra
        force = book.machines.get(book.in_force)
        shown = () if force is None else force.protocol.disclosures.values()
        self._joint_plan = {(kind, p) for item in shown for kind in item.kinds for p in item.phases}
        self._intelligence = force is not None and any(
            "suspicions" in message.carries for message in force.protocol.messages.values()
        )

    def allows(self, kind: str, phase: str | None) -> bool:
        """Messages of the protocol only within an incident; words, files and keys at any time."""
        if not self._adopted:
            return False
        if kind in _AT_ANY_TIME or kind in self._extra:
            return True
        if kind == "recipient.introduced":  # a key is of use only where reports may cross
            return self._intelligence
        if kind.startswith("plan."):
            return (kind, phase) in self._joint_plan
        return phase is not None and kind == "procedure.said"


def check_said(protocol: Protocol, said: ProcedureSaid) -> None:
    """See that a message contains only what the document lets it carry.

    Raises:
        NotNow: it contains something else; which disclosure is missing is said.
    """
    message = protocol.messages.get(said.name)
    if message is None:
        near = meant(said.name, protocol.messages)
        known = ", ".join(protocol.messages)
        raise NotNow(
            f"`{said.name[:60]}` is no message of protocol {protocol.name}{near} It has {known}"
        )
    beyond = [name for name in said.contents() if name not in message.carries]
    if beyond:
        raise NotNow(
            f"by the agreed protocol message `{said.name}` carries "
            f"{', '.join(message.carries) or 'nothing'}; it may not contain {', '.join(beyond)}"
        )


def meaning_facts(body: FactBody | MessageBody, at: CommandContext) -> list[ProcedureFact]:
    """What an effect will say to the protocol's machine, once it is recorded."""
    if isinstance(body, ProcedureSaid):
        return [_fact(at, 0, "message_sent", about=body.name, ref=body.ref or "")]
    if not isinstance(body, IncidentFact):
        return []
    return [
        _fact(at, number, m.kind, about=m.about, outcome=m.outcome, marks=m.marks, ref=m.ref)
        for number, m in enumerate(body.meanings())
    ]


def _fact(
    at: CommandContext,
    number: int,
    kind: str,
    *,
    about: str = "",
    outcome: str = "",
    marks: tuple[str, ...] = (),
    ref: str = "",
) -> ProcedureFact:
    return ProcedureFact(
        id=f"{at.command_id}/{len(at.effects)}/{number}", kind=kind, side=at.book.side,
        at_s=at.now_s, known_s=at.now_s, role=at.actor.role, person=at.actor.person,
        about=about, outcome=outcome, marks=marks, ref=ref,
    )  # fmt: skip
