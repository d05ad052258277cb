"""How an exercise speaks with a node: commands in a role, and a look at what a role may see.

Two adapters fill this interface: the headless one, with both nodes in this process, and the live
one, which speaks HTTP to two serving nodes as its operators do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Given:
    """What became of a command.

    Attributes:
        ids: of the facts and messages.
        refused: why it was refused; empty if it was not.
    """

    ids: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class TaskLook:
    """A task that waits for somebody."""

    id: str
    holders: tuple[str, ...]
    what: str

    @property
    def name(self) -> str:
        """The task's name in the document."""
        return self.id.split("@")[0].split("#")[0]


@dataclass(frozen=True, slots=True)
class DecisionLook:
    """A decision that is wanted; `voted` are the roles that gave a voice."""

    name: str
    taken_by: tuple[str, ...]
    persons: int
    voted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestLook:
    """A request of the other side that waits for an answer."""

    message: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class OrderLook:
    """An order of this side."""

    id: str
    unit: str
    agency: str
    site: str
    road: str
    state: str


@dataclass(frozen=True, slots=True)
class SightingLook:
    """A sighting of this side that counts; `shared` if the other side was told."""

    id: str
    lon: float | None
    lat: float | None
    radius_m: float
    seen_s: float
    confirmed: bool
    shared: bool
    theirs: bool
    place: str


@dataclass(frozen=True, slots=True)
class StatementLook:
    """A statement: ours to release, or theirs to answer."""

    name: str
    version: int
    theirs: bool
    shown: bool
    answered: bool
    released: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLook:
    """An incident as a side's officers see it."""

    phase: str
    over: bool
    authority: str
    tasks: tuple[TaskLook, ...] = ()
    decisions: tuple[DecisionLook, ...] = ()
    requests: tuple[RequestLook, ...] = ()
    orders: tuple[OrderLook, ...] = ()
    seals: tuple[dict[str, Any], ...] = ()
    sightings: tuple[SightingLook, ...] = ()
    statements: tuple[StatementLook, ...] = ()
    offer: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class FactSeen:
    """A fact as an evaluator sees it in the record of a side.

    Attributes:
        side: whose record.
        index: in that record.
        t: exercise seconds.
        kind: of the fact.
        author: who.
        role: in which role.
        words: what it names: message, task, decision, report, order.
    """

    side: str
    index: int
    t: float
    kind: str
    author: str
    role: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposalLook:
    """A plan that this side's node has made.

    Attributes:
        verdict: sealed, leaking or impossible.
        ours: number of seals that units of this side hold.
        theirs: number of seals that the other side has committed itself to.
        alone: why it was made without the other side; empty if it was not.
    """

    verdict: str
    ours: int
    theirs: int
    alone: str


@dataclass(frozen=True, slots=True)
class PromisedSite:
    """A site that this side said it holds.

    Attributes:
        site: of the network.
        closed_s: from when it is closed, UTC seconds.
        units: of this side, that nobody else is told.
    """

    site: str
    closed_s: float
    units: tuple[str, ...]


@dataclass(slots=True)
class PlansSeen:
    """What stands in a side's record of plans.

    Attributes:
        proposal: the plan made last; None before.
        wanted: what the plan adopted last counts on the other side for, as a message says it.
        promise: id of our commitment that counts; empty for none.
        promised: its sites.
        decided: the other side has adopted the plan that builds on it.
        ordered: our units have their orders for it.
    """

    proposal: ProposalLook | None = None
    wanted: tuple[dict[str, Any], ...] = ()
    promise: str = ""
    promised: tuple[PromisedSite, ...] = ()
    decided: bool = False
    ordered: bool = False


class SideNode(Protocol):
    """A node of a side, as the exercise reaches it."""

    @property
    def side(self) -> str:
        """The side of the protocol."""
        ...

    def give(self, role: str, kind: str, fields: dict[str, Any]) -> Given:
        """Give a command in a role; a refusal is an answer, not an error."""
        ...

    def look(self) -> IncidentLook | None:
        """The incident as the side sees it; None before it is known there."""
        ...

    def news(self) -> list[FactSeen]:
        """Facts since the last call."""
        ...

    def plans(self) -> PlansSeen:
        """What the record says of plans by now."""
        ...
