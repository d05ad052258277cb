"""One incident as this node knows it: its authority, the state of the procedure, its areas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from stopline.operation.core.projection import Projection, projections_of
from stopline.protocol.state import ProtocolFact as ProcedureFact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.journal.base import Entry
    from stopline.operation.facts.incident import IncidentFact
    from stopline.protocol.due import Due
    from stopline.protocol.machine import Machine
    from stopline.protocol.state import State

_Area = TypeVar("_Area", bound=Projection)


@dataclass(slots=True)
class Incident:
    """One incident; only folding changes it.

    Attributes:
        id: its name, the same on both nodes.
        machine: the version of the protocol it began with, and keeps.
        state: the procedure as this side knows it.
        title: what it is called.
        authority: legal authority on this side; empty while only the other side has one.
        expires_s: end of that authority, UTC seconds; None while there is none.
        opened_s: when this node first knew of it.
        opened_by: the side that opened it.
        areas: everything else that is known, by area.
    """

    id: str
    machine: Machine
    state: State
    title: str
    authority: str
    expires_s: float | None
    opened_s: float
    opened_by: str
    areas: dict[type[Projection], Projection] = field(
        default_factory=lambda: {kind: kind() for kind in projections_of("incident")}
    )

    def projection(self, kind: type[_Area]) -> _Area:
        """One area of the incident."""
        return cast("_Area", self.areas[kind])

    @property
    def phase(self) -> str:
        """The phase of the protocol."""
        return self.state.phase

    @property
    def is_over(self) -> bool:
        """Whether the protocol has come to its end."""
        return self.machine.protocol.phases[self.state.phase].final

    @property
    def is_offered(self) -> bool:
        """Whether only the other side has opened it: no officer here has taken it yet."""
        return not self.authority and self.opened_by != self.state.side

    def authorised(self, now_s: float) -> bool:
        """Whether this side has a legal authority that has not run out."""
        return self.expires_s is not None and now_s < self.expires_s

    def due(self, now_s: float) -> Due:
        """What is to be done, overdue and told to whom, at a time."""
        return self.machine.due(self.state, now_s)

    def step(self, facts: Iterable[ProcedureFact]) -> None:
        """Take facts into the procedure."""
        self.state = self.machine.replay(self.state, facts)


def procedure_facts(body: IncidentFact, entry: Entry, side: str) -> list[ProcedureFact]:
    """What a recorded fact says to the protocol's machine of a side."""
    return [
        ProcedureFact(
            id=entry.fact_id if number == 0 else f"{entry.fact_id}/{number}",
            kind=meaning.kind,
            side=side,
            at_s=entry.time_s,
            known_s=entry.time_s,
            role=entry.role,
            person=entry.author,
            about=meaning.about,
            outcome=meaning.outcome,
            marks=meaning.marks,
            ref=meaning.ref,
        )
        for number, meaning in enumerate(body.meanings())
    ]
