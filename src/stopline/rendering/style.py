"""Colours, marks and sizes of the pictures, chosen to be told apart without colour as well."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

from stopline.network.road_network import ROAD_CLASSES, RoadNetwork
from stopline.sealing.plan import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.forces.side import Side
    from stopline.forces.unit import Unit
    from stopline.scenario.place_text import NamedPlace

__all__ = ["Look", "SideLook"]

DPI: Final = 100
SIZE_IN: Final = (16.0, 11.0)
PAPER: Final = "#f7f6f2"
INK: Final = "#1c1e21"
QUIET: Final = "#6a6f76"
ROAD: Final = "#ffffff"
CASING: Final = "#b9b6ae"
MAIN_ROAD: Final = "#fbe3b0"
MAIN_CASING: Final = "#b89a5c"
OPEN: Final = "#c8102e"
# Early to late; one hue, so that lightness alone carries the order.
FRONT: Final = ("#3b0f6b", "#5e2d91", "#8250b0", "#a57bc9", "#c3a5dd", "#dccbec")
VERDICT: Final[Mapping[Verdict, str]] = {
    Verdict.SEALED: "#18723a",
    Verdict.LEAKING: "#a85400",
    Verdict.IMPOSSIBLE: "#b01218",
}
# Okabe and Ito's colours, darkened for white text; each side has a shape of its own too.
_SIDE_COLOURS: Final = ("#00599c", "#b36b00", "#00745a", "#8f3d76", "#4a4a4a", "#7a4a21")
_SIDE_SHAPES: Final = ("o", "s", "D", "^", "v", "p")
_WIDTH: Final = (3.2, 2.9, 2.5, 2.1, 1.7, 1.3, 1.0, 0.9, 0.7, 0.6)
_LINK_PART: Final = 0.7
_LINK: Final = "_link"


@dataclass(frozen=True, slots=True)
class SideLook:
    """How one side is drawn.

    Attributes:
        id: the side.
        name: what people call it.
        colour: `#rrggbb`.
        shape: matplotlib marker.
    """

    id: str
    name: str
    colour: str
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the drawing should know beside the plan.

    Attributes:
        sides: the sides in order, with their colours and territories; found from the units if
            empty.
        places: named places to print on the map, the more important first.
        zone: the zone for times.
        title: name of the scenario, for the footer.
    """

    sides: tuple[Side, ...] = ()
    places: tuple[NamedPlace, ...] = ()
    zone: tzinfo = field(default=UTC)
    title: str = ""


def side_looks(look: Look, units: Iterable[Unit]) -> dict[str, SideLook]:
    """Give every side a colour and a shape, in a fixed order."""
    known = {side.id: side for side in look.sides}
    ids = [*known, *sorted({unit.side for unit in units} - set(known))]
    return {
        one: SideLook(
            id=one,
            name=(known[one].name or one) if one in known else one,
            colour=(known[one].colour if one in known else "")
            or _SIDE_COLOURS[i % len(_SIDE_COLOURS)],
            shape=_SIDE_SHAPES[i % len(_SIDE_SHAPES)],
        )
        for i, one in enumerate(ids)
    }


def territory_colours(
    network: RoadNetwork, look: Look, units: Iterable[Unit], looks: Mapping[str, SideLook]
) -> list[str | None]:
    """Colour of each territory of the network: its side's, None where it is of no side.

    Without sides given, a territory is of the side whose units may act in it, if only one has any.
    """
    owners: dict[str, set[str]] = {name: set() for name in network.territories}
    for side in look.sides:
        for name in side.territories:
            owners.setdefault(name, set()).add(side.id)
    if not look.sides:
        for unit in units:
            for name in unit.may_act_in:
                owners.setdefault(name, set()).add(unit.side)
    return [
        looks[next(iter(owners[name]))].colour if len(owners[name]) == 1 else None
        for name in network.territories
    ]


def tinted(colour: str, part: float) -> str:
    """Mix a colour into the paper; `part` of 0 is paper, 1 the colour."""
    mixed = [
        round(int(PAPER[i : i + 2], 16) * (1 - part) + int(colour[i : i + 2], 16) * part)
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{one:02x}" for one in mixed)


def road_width(index: int, metres_per_pixel: float) -> float:
    """Width of a road class on the map, points; thinner on maps of a small scale."""
    name = ROAD_CLASSES[index]
    base = _WIDTH[ROAD_CLASSES.index(name.removesuffix(_LINK))]
    part = _LINK_PART if name.endswith(_LINK) else 1.0
    scale = float(25.0 / metres_per_pixel) ** 0.25
    return float(base * part * min(1.25, max(0.55, scale)))


def shortened(text: str, most: int) -> str:
    """Cut a text that is too long, with a mark that it was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
