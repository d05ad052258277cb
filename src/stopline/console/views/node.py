"""The node and its journal as the API shows them: line, size, checkpoint, entries, who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from stopline import __version__
from stopline.journal.checkpoint import SignedCheckpoint
from stopline.operation.core.command import all_commands
from stopline.operation.core.context import iso
from stopline.operation.core.exercise_clock import speed_of
from stopline.operation.core.line_now import line_now
from stopline.operation.core.node import CHECKPOINT_FILE
from stopline.operation.core.node_alarms import node_alarms
from stopline.operation.core.permissions import may
from stopline.operation.core.read_permissions import rows_for
from stopline.operation.core.signing_keys import SigningKeys
from stopline.operation.runtime.failures import DutyTroubles

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.operation.accounts.sign_in import Operator
    from stopline.operation.core.actor import Actor
    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.core.state import NodeState


class RoleShown(BaseModel):
    """A role, and what it may do."""

    role: str = Field(description="its name in the protocol")
    title: str = Field(description="the same in words")
    commands: list[str] = Field(description="commands that it may give")


class MeShown(BaseModel):
    """Who asks, and what they may do."""

    name: str = Field(description="name of the account")
    display: str = Field(description="name for people; it stands in the journal")
    kind: str = Field(description="person or machine")
    agency: str | None = Field(description="the service; null for none")
    side: str = Field(description="this side; empty before a protocol is adopted")
    roles: list[RoleShown] = Field(description="roles that they may act in")
    reads: list[str] = Field(description="what they may look at")
    exercise: bool = Field(description="the node was made for exercises")
    signing_key: str | None = Field(description="their own enrolled key, base64; null: none")


class NodeAlarmShown(BaseModel):
    """One thing that is wrong with the node or its line."""

    lead: str = Field(description="in capitals, for example MESSAGES REFUSED")
    text: str = Field(description="what it is, and what to do")
    since: str = Field(description="since when, ISO 8601 with zone")


class TroubleShown(BaseModel):
    """Something that the node does by itself and that fails now."""

    duty: str = Field(description="which")
    why: str = Field(description="what went wrong")
    since: str | None = Field(description="since when, ISO 8601 with zone")


class NodeShown(BaseModel):
    """The state of the node."""

    name: str = Field(description="name of the node")
    version: str = Field(description="version of Stopline")
    exercise: bool = Field(description="made for exercises: nothing here is meant in earnest")
    speed: float | None = Field(
        description="exercise seconds in a wall second, 0 while held; null by the wall clock"
    )
    time: str = Field(description="the node's clock, ISO 8601 with zone")
    side: str = Field(description="this side; empty before a protocol is adopted")
    other_side: str = Field(description="the other side; empty before a protocol is adopted")
    peer: str | None = Field(description="the other node; null before the two are paired")
    line_up: bool | None = Field(description="whether the line is up; null before it ever was")
    line_since: str | None = Field(description="since when, ISO 8601 with zone")
    line_hears: bool | None = Field(
        description="frames of the other node arrive here; null: unknown"
    )
    line_heard: bool | None = Field(description="the other node answers ours; null: unknown")
    line_why: str = Field(description="what is wrong with the line; empty if nothing is known")
    protocol: str = Field(description="digest of the protocol in force; empty for none")
    protocol_title: str = Field(description="what it is called; empty for none")
    journal_size: int = Field(description="entries of the journal")
    checkpoint_size: int | None = Field(description="entries that the last checkpoint covers")
    unread: int = Field(description="entries that this version could not read")
    incidents: int = Field(description="incidents that run")
    alarms: list[NodeAlarmShown] = Field(
        description="what is wrong with the node or its line, the worst first"
    )
    failing: list[TroubleShown] = Field(description="duties that fail")


class EntryShown(BaseModel):
    """An entry of the journal."""

    index: int = Field(description="place in the journal, from 0")
    id: str = Field(description="id of the fact")
    time: str = Field(description="when, ISO 8601 with zone")
    author: str = Field(description="who said it")
    role: str = Field(description="in which role")
    incident: str | None = Field(description="the incident; null for the node itself")
    kind: str = Field(description="kind of fact")
    schema_version: int = Field(description="version of the body's form")
    personal: bool = Field(description="the body is stored apart and can be erased")
    body: dict[str, Any] | None = Field(description="the content; null where it was erased")


class PageShown(BaseModel):
    """A page of the journal."""

    size: int = Field(description="entries of the journal now")
    entries: list[EntryShown] = Field(description="entries in order")
    next: int | None = Field(description="where the next page begins; null at the end")


def me(operator: Operator, actors: list[Actor], book: NodeState, *, exercise: bool) -> MeShown:
    """Say who asks, and what they may do."""
    machine = book.machines.get(book.in_force)
    titles = {} if machine is None else machine.protocol.roles
    own = book.projection(SigningKeys).held.get(operator.name)
    return MeShown(
        name=operator.name, display=operator.display, kind=operator.kind, agency=operator.agency,
        side=book.side,
        roles=[
            RoleShown(
                role=actor.role,
                title=titles[actor.role].title if actor.role in titles else actor.role,
                commands=[name for name in all_commands() if may(actor, name, book)],
            )
            for actor in actors
        ],
        reads=sorted(rows_for([actor.role for actor in actors], book)), exercise=exercise,
        signing_key=None if own is None else own.key,
    )  # fmt: skip


def node(desk: CommandHandler, book: NodeState, now_s: float) -> NodeShown:
    """Say how the node is."""
    line = line_now(book, now_s)
    machine = book.machines.get(book.in_force)
    point = last_checkpoint(desk)
    return NodeShown(
        name=desk.node.identity.name, version=__version__, exercise=desk.node.exercise,
        speed=speed_of(desk.node.clock), time=iso(now_s), side=book.side,
        other_side=book.other_side, peer=desk.peer, line_up=line.up,
        line_since=None if line.up is None else iso(line.since_s), line_hears=line.hears,
        line_heard=line.heard, line_why=line.why, protocol=book.in_force,
        protocol_title="" if machine is None else machine.protocol.title,
        journal_size=book.size,
        checkpoint_size=None if point is None else point.checkpoint.size,
        unread=len(book.unread),
        incidents=sum(not incident.is_over for incident in book.incidents.values()),
        failing=troubles(book),
        alarms=alarms(book, now_s),
    )  # fmt: skip


def alarms(book: NodeState, now_s: float) -> list[NodeAlarmShown]:
    """Show what is wrong with the node or its line."""
    return [
        NodeAlarmShown(lead=one.lead, text=one.text, since=iso(one.since_s))
        for one in node_alarms(book, now_s)
    ]


def troubles(book: NodeState) -> list[TroubleShown]:
    """Say which duties of the node fail, and since when."""
    known = book.projection(DutyTroubles)
    return [
        TroubleShown(
            duty=duty, why=why,
            since=iso(known.since_s[duty]) if duty in known.since_s else None,
        )
        for duty, why in known.failing.items()
    ]  # fmt: skip


def last_checkpoint(desk: CommandHandler) -> SignedCheckpoint | None:
    """The last checkpoint that the node signed, as it is kept beside the journal."""
    try:
        text = (desk.node.folder / CHECKPOINT_FILE).read_text("utf-8")
    except FileNotFoundError:
        return None
    return SignedCheckpoint.parse(text)


def entry(each: Entry) -> EntryShown:
    """Show an entry."""
    return EntryShown(
        index=each.index, id=each.fact_id, time=iso(each.time_s), author=each.author,
        role=each.role, incident=each.incident, kind=each.kind, schema_version=each.schema,
        personal=each.personal, body=None if each.body is None else dict(each.body),
    )  # fmt: skip
