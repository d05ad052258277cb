"""Who is signed in, and in which role they act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stopline.forces.agency import agency_name
from stopline.operation.core.actor import Actor
from stopline.operation.core.errors import NotPermitted

if TYPE_CHECKING:
    from stopline.operation.accounts.projection import Admitted


@dataclass(frozen=True, slots=True)
class Operator:
    """A person or a machine that the node has let in.

    Attributes:
        name: stands in the journal with everything they do.
        display: how they are shown.
        roles: what they may be.
        agency: their service.
        kind: person or machine.
        session: id of the session or the token that they came by; empty for none.
    """

    name: str
    display: str
    roles: tuple[str, ...]
    agency: str | None
    kind: Literal["person", "machine"]
    session: str = ""

    @classmethod
    def of(cls, known: Admitted, session: str = "") -> Operator:
        """The operator whom the record has."""
        kind: Literal["person", "machine"] = "machine" if known.kind == "machine" else "person"
        agency = None if known.agency is None else agency_name(known.agency)
        return cls(known.name, known.display, known.roles, agency, kind, session)

    def actor(self, role: str | None) -> Actor:
        """Act in a role; without one, in the only one there is.

        Raises:
            NotPermitted: it is not one of theirs, or they have several and named none.
        """
        if role is None:
            if len(self.roles) != 1:
                raise NotPermitted(f"say in which role: {' or '.join(self.roles)}")
            role = self.roles[0]
        if role not in self.roles:
            raise NotPermitted(f"{self.name} is {' and '.join(self.roles)}, not {role}")
        return Actor(self.name, role, self.agency)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that began.

    Attributes:
        token: opens the session; given out this once, never written down.
        operator: who.
        ends_s: when it ends at the latest, UTC seconds.
    """

    token: str
    operator: Operator
    ends_s: float
