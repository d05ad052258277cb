"""What left this node for the other side in an incident, and what may leave it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from stopline.link.messages import kind_of_message
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.context import iso
from stopline.operation.core.read_permissions import rows_of
from stopline.operation.liaison.projection import Deliveries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.operation.core.incident import Incident
    from stopline.review.history import History


class LeftShown(BaseModel):
    """One message that left."""

    at: str = Field(description="when, ISO 8601 with zone")
    message: str = Field(description="id of the message")
    title: str = Field(description="what it says, in the protocol's words")
    contents: list[str] = Field(description="the agreed disclosures that it made, by name")
    sites: int = Field(description="how many sites it tells something of")
    delivered: bool = Field(description="it stands in the other node's journal")


class DisclosureShown(BaseModel):
    """Something that the two sides agreed to share."""

    name: str = Field(description="its name in the protocol")
    title: str = Field(description="what is shown")
    now: bool = Field(description="it may leave in this phase")
    to: list[str] = Field(description="roles there that may see it; empty: any")
    times: int = Field(description="how often it left, as far as you may look")
    last: str | None = Field(description="when it left last, ISO 8601 with zone; null: never")


class SharedShown(BaseModel):
    """What was shared; whatever is not named here never left."""

    left: list[LeftShown] = Field(description="messages, oldest first")
    agreed: list[DisclosureShown] = Field(description="all that may be shared, as agreed")


def shared(history: History, rows: frozenset[str]) -> SharedShown:
    """Show it to somebody who may look at some rows of the table of reads."""
    left = list(_left(history, rows))
    return SharedShown(left=left, agreed=list(_agreed(history.incident, left)))


def _left(history: History, rows: frozenset[str]) -> Iterator[LeftShown]:
    reached = history.book.projection(Deliveries)
    protocol = history.incident.machine.protocol
    for one in history.steps:
        said = one.said
        if said is None or said.received or one.entry.incident != history.name:
            continue
        if not rows_of(one.entry) <= rows:
            continue
        kind, body = kind_of_message(said.body).name, said.body
        contents = [name for name, item in protocol.disclosures.items() if kind in item.kinds]
        title, sites = protocol.disclosures[contents[0]].title if contents else kind, 0
        if isinstance(body, ProcedureSaid):
            message = protocol.messages.get(body.name)
            title = body.name if message is None else message.title
            contents = list(body.contents())
            sites = len(body.wanted_sections) + len(body.commitments) + len(body.seal_status)
        yield LeftShown(
            at=iso(one.entry.time_s), message=said.id, title=title, contents=contents, sites=sites,
            delivered=not reached.is_waiting(said.id),
        )  # fmt: skip


def _agreed(incident: Incident, left: list[LeftShown]) -> Iterator[DisclosureShown]:
    for name, item in incident.machine.protocol.disclosures.items():
        times = [one.at for one in left if name in one.contents]
        yield DisclosureShown(
            name=name, title=item.title, now=incident.phase in item.phases, to=list(item.to),
            times=len(times), last=max(times, default=None),
        )  # fmt: skip
