"""What the other side's requests and answers must fit: what was asked, and by whom."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.received import Heard, admits
from stopline.operation.liaison.projection import Exchange

if TYPE_CHECKING:
    from stopline.operation.core.state import NodeState

_CLOCKS_DIFFER_S: Final = 300.0


@admits(ProcedureSaid)
def _seen_once_and_before_now(book: NodeState, said: ProcedureSaid, heard: Heard) -> str:
    """A sighting from the future would count as the last one until then."""
    del book
    names = [one.sighting for one in said.sightings]
    if len(set(names)) < len(names):
        return "a sighting twice in one message"
    for one in said.sightings:
        if datetime.fromisoformat(one.seen).timestamp() > heard.now_s + _CLOCKS_DIFFER_S:
            return f"sighting {one.sighting[:60]} was seen in the future, at {one.seen[:40]}"
    return ""


@admits(ProcedureSaid)
def _fits(book: NodeState, said: ProcedureSaid, heard: Heard) -> str:
    """An answer names a request of this side, and of the name that it answers."""
    incident = book.incidents.get(heard.incident or "")
    if incident is None:
        return "an answer to nothing" if said.request or said.answer else ""
    message = incident.machine.protocol.messages[said.name]
    if said.answer is not None and message.kind != "answer":
        return f"`{said.name}` is no answer of the protocol"
    if said.asked is not None and message.kind != "request":
        return f"`{said.name}` is no request of the protocol"
    if said.request is None or message.kind != "answer":
        return ""
    asked = incident.projection(Exchange).said.get(said.request)
    if asked is None or asked.received or asked.body.name != message.answers:
        return f"this side has asked no `{message.answers}` under id {said.request[:60]}"
    return ""
