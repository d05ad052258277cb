"""The thread with the other side: messages and calls in order, as the journal holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from stopline.console.views.incident import RequestShown, request_of
from stopline.operation.core.context import iso
from stopline.operation.core.read_permissions import ROWS_OF_CONTENT
from stopline.operation.liaison.projection import Deliveries, Exchange
from stopline.operation.liaison.requests import requests_of
from stopline.protocol.lookup import on_side

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.operation.liaison.projection import Call, Said


class SayShown(BaseModel):
    """One line of the thread."""

    id: str = Field(description="of the message, or of the call's record")
    at: str = Field(description="when it was sent from here or arrived here, ISO 8601 with zone")
    kind: Literal["message", "call"] = Field(description="what it is")
    received: bool = Field(description="the other side said it")
    name: str = Field(description="message of the protocol; empty for a call")
    title: str = Field(description="the message in the protocol's words; of a call, between whom")
    person: str = Field(description="who said it; of a received one, the other node")
    role: str = Field(description="in which role")
    text: str = Field(description="what was said")
    sites: list[str] = Field(description="roads that it is about")
    delivered: bool = Field(description="it stands in the other node's journal")
    noted_by: str = Field(description="who took note of it on the receiving side; empty: nobody")
    noted: str | None = Field(description="when that was known here, ISO 8601 with zone")


class SendableShown(BaseModel):
    """A message that this side may send by the protocol."""

    name: str = Field(description="message of the protocol")
    title: str = Field(description="what it says")
    sent_by: str = Field(description="role that sends it")
    asks: bool = Field(description="it is a request")
    now: bool = Field(description="this side may send it in this phase")


class ThreadShown(BaseModel):
    """Everything between the sides, and what can be said."""

    lines: list[SayShown] = Field(description="messages and calls, oldest first")
    requests: list[RequestShown] = Field(description="all requests of both sides, oldest first")
    messages: list[SendableShown] = Field(description="messages of the protocol")


def thread(book: NodeState, incident: Incident, now_s: float, rows: frozenset[str]) -> ThreadShown:
    """Show the thread as it stands to somebody who may look at some rows."""
    known, reached = incident.projection(Exchange), book.projection(Deliveries)
    lines = [
        *(_said(each, incident, rows, delivered=not reached.is_waiting(each.id))
          for each in known.said.values()),
        *(_call(each) for each in known.calls.values()),
    ]  # fmt: skip
    return ThreadShown(
        lines=sorted(lines, key=lambda line: line.at),
        requests=[request_of(each) for each in requests_of(incident, now_s)],
        messages=[
            SendableShown(
                name=name, title=one.title, sent_by=one.sent_by, asks=one.kind == "request",
                now=on_side(one.side, incident.state.side, incident.state.lead)
                and (not one.phases or incident.phase in one.phases),
            )
            for name, one in incident.machine.protocol.messages.items()
        ],
    )  # fmt: skip


def _said(each: Said, incident: Incident, rows: frozenset[str], *, delivered: bool) -> SayShown:
    message = incident.machine.protocol.messages.get(each.body.name)
    body = each.body
    roads = [one.road for one in body.wanted_sections]
    if ROWS_OF_CONTENT["seal_status"] in rows:
        roads += [f"{one.road or one.site}: {one.state}" for one in body.seal_status]
    words = (
        body.text, body.what_happened, body.vehicle, body.contact_persons, body.detention,
    )  # fmt: skip
    return SayShown(
        id=each.id, at=iso(each.at_s), kind="message", received=each.received, name=body.name,
        title=body.name.replace("_", " ") if message is None else message.title,
        person=each.person, role=each.role, text=". ".join(one for one in words if one),
        sites=roads, delivered=delivered, noted_by=each.noted_by,
        noted=None if each.noted_s is None else iso(each.noted_s),
    )  # fmt: skip


def _call(each: Call) -> SayShown:
    body = each.body
    words = (
        f"We asked: {body.we_asked}" if body.we_asked else "",
        f"they asked: {body.they_asked}" if body.they_asked else "",
        f"agreed: {body.agreed}" if body.agreed else "",
    )
    return SayShown(
        id=each.id, at=iso(each.began_s), kind="call", received=False, name="",
        title=f"{body.ours}, {body.theirs}", person=each.logged_by, role="",
        text="; ".join(one for one in words if one), sites=[], delivered=True, noted_by="",
        noted=None,
    )  # fmt: skip
