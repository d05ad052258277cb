"""What must hold for every `RoadNetwork`, as checks that say what does not.

Readers and caches are tested with these; whoever builds a network in some other way can be too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.network.access import Access, NodeAccess
from stopline.network.road_network import NO_TERRITORY, ROAD_CLASSES, Direction, SectionFlag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork

_PER_JUNCTION = (
    "junction_lon",
    "junction_lat",
    "junction_id",
    "junction_territory",
    "junction_access",
)
_PER_SECTION = (
    "section_tail",
    "section_head",
    "section_length_m",
    "section_speed_mps",
    "section_unit_speed_mps",
    "section_class",
    "section_direction",
    "section_unit_direction",
    "section_access",
    "section_condition",
    "section_flags",
    "section_name",
    "section_id",
)
_PER_ARC = ("arc_tail", "arc_head", "arc_section", "arc_forward")
_KINDS = {
    "float64": ("lon", "lat", "length_m", "speed_mps"),
    "int64": ("junction_id", "section_id", "shape_first"),
    "int16": ("junction_territory",),
    "uint8": (
        "section_class",
        "section_direction",
        "section_unit_direction",
        "section_flags",
        "junction_access",
    ),
    "uint16": ("section_access",),
    "bool": ("arc_forward",),
}


def violations(network: RoadNetwork) -> list[str]:
    """List every invariant of a network that does not hold; empty if it is sound."""
    shapes = list(_wrong_shapes(network))
    if shapes:
        return shapes  # the other checks would trip over them
    return [
        text
        for check in (_wrong_indices, _wrong_values, _wrong_arcs, _wrong_turns)
        for text in check(network)
    ]


def _wrong_shapes(network: RoadNetwork) -> Iterator[str]:
    sizes = dict.fromkeys(_PER_JUNCTION, network.junctions)
    sizes |= dict.fromkeys(_PER_SECTION, network.sections)
    sizes |= dict.fromkeys(_PER_ARC, 2 * network.sections)
    sizes |= {"first_out": network.junctions + 1, "shape_first": network.sections + 1}
    sizes |= {"shape_lat": int(network.shape_lon.shape[0])}
    sizes |= dict.fromkeys(("turn_via", "turn_to"), int(network.turn_from.shape[0]))
    for name, size in sizes.items():
        array = getattr(network, name)
        if array.shape != (size,):
            yield f"{name} has shape {array.shape}, not ({size},)"
        kind = next((k for k, ends in _KINDS.items() if name.endswith(ends)), "int32")
        if array.dtype != np.dtype(kind):
            yield f"{name} is {array.dtype}, not {kind}"
    if not network.names or network.names[0] != "":
        yield "names[0] is not the empty name"


def _wrong_indices(network: RoadNetwork) -> Iterator[str]:
    bounds = {
        "junction_territory": (NO_TERRITORY, len(network.territories)),
        "section_tail": (0, network.junctions),
        "section_head": (0, network.junctions),
        "section_class": (0, len(ROAD_CLASSES)),
        "section_direction": (0, Direction.NEITHER),
        "section_unit_direction": (0, len(Direction)),
        "section_access": (0, 2 * max(Access)),
        "section_condition": (0, len(network.conditions)),
        "junction_access": (0, 2 * max(NodeAccess)),
        "section_flags": (0, 2 * max(SectionFlag)),
        "section_name": (0, len(network.names)),
        "arc_section": (0, network.sections),
        "turn_from": (0, network.sections),
        "turn_via": (0, network.junctions),
        "turn_to": (0, network.sections),
    }
    for name, (low, high) in bounds.items():
        array: NDArray[np.int64] = getattr(network, name)
        wrong = np.flatnonzero((array < low) | (array >= high))
        if wrong.size:
            yield f"{name}[{wrong[0]}] is {array[wrong[0]]}, not in {low}..{high - 1}"


def _wrong_values(network: RoadNetwork) -> Iterator[str]:
    for name in ("section_length_m", "section_speed_mps", "section_unit_speed_mps"):
        values = getattr(network, name)
        wrong = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
        if wrong.size:
            yield f"{name}[{wrong[0]}] is {values[wrong[0]]}, not above zero and finite"
    if (network.section_unit_speed_mps > network.section_speed_mps).any():
        yield "a unit is faster than the vehicle at the limit"
    for name, most in (("lon", 180), ("lat", 90)):
        if (np.abs(getattr(network, f"junction_{name}")) > most).any():
            yield f"junction_{name} leaves the Earth"
        if not (np.abs(getattr(network, f"shape_{name}")) <= most).all():
            yield f"shape_{name} leaves the Earth"
    points = network.shape_lon.shape[0]
    if network.shape_first[0] != 0 or network.shape_first[-1] != points:
        yield "shape_first does not span the shape points"
    if (np.diff(network.shape_first) < 0).any():
        yield "shape_first falls"


def _wrong_arcs(network: RoadNetwork) -> Iterator[str]:
    if network.first_out[0] != 0 or network.first_out[-1] != network.arcs:
        yield "first_out does not span the arcs"
        return
    if (np.diff(network.first_out) < 0).any():
        yield "first_out falls"
        return
    owner = np.repeat(np.arange(network.junctions), np.diff(network.first_out))
    if not np.array_equal(owner, network.arc_tail):
        yield "arcs are not sorted by tail as first_out says"
    if network.arc_section.size and not 0 <= network.arc_section.min() <= network.arc_section.max():
        return
    if (network.arc_section >= network.sections).any():
        return
    for forward in (True, False):
        count = np.bincount(
            network.arc_section[network.arc_forward == forward], minlength=network.sections
        )
        if (count != 1).any():
            yield f"section {np.flatnonzero(count != 1)[0]} has not one arc with forward={forward}"
    tail, head = network.section_tail, network.section_head
    start = np.where(network.arc_forward, tail[network.arc_section], head[network.arc_section])
    end = np.where(network.arc_forward, head[network.arc_section], tail[network.arc_section])
    if (start != network.arc_tail).any() or (end != network.arc_head).any():
        yield "an arc does not join the ends of its section"


def _wrong_turns(network: RoadNetwork) -> Iterator[str]:
    for name in ("turn_from", "turn_to"):
        section, via = getattr(network, name), network.turn_via
        if section.size and (section.min() < 0 or section.max() >= network.sections):
            continue  # already told
        touches = (network.section_tail[section] == via) | (network.section_head[section] == via)
        if not touches.all():
            yield f"{name}[{np.argmin(touches)}] does not touch its junction"
