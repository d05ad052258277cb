"""Who gives a command: a person in a role of the protocol, or a machine with a name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or machine) as the node has come to know them.

    Attributes:
        person: name; it stands in the journal with everything they do.
        role: a role of the protocol in force, or `administrator`, `unit`, `feed`, `node`.
        agency: the service the role belongs to; None for none.
    """

    person: str
    role: str
    agency: str | None = None

    def command_id(self, key: str) -> str:
        """Make the id of a command from a key of their own.

        Person and role belong to it: nobody can take a key away from somebody else.
        """
        return hashlib.sha256(f"given\0{self.person}\0{self.role}\0{key}".encode()).hexdigest()
