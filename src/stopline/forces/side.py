"""A side: a sovereign party with its own territory and agencies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A sovereign party.

    Attributes:
        id: the short word by which files name it, for example `LI`.
        name: what people call it; the id if empty.
        territories: names of the territories of the network that are its own.
        colour: colour on the map as `#rrggbb`; chosen by the drawing if empty.
        agencies: its services; a unit of another agency is a fault. Empty: any name will do.
    """

    id: str
    name: str = ""
    territories: tuple[str, ...] = ()
    colour: str = ""
    agencies: tuple[str, ...] = ()
