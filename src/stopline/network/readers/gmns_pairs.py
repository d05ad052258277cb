"""Two directed links against each other are one road with two directions, not two roads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.network.road_network import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.network.builder import RawRoads
    from stopline.network.findings import Findings

_ALIKE: Final = 0.1  # difference in length up to which two links are one road


def joined_pairs(raw: RawRoads, findings: Findings) -> None:
    """Make one section of each pair of links a to b and b to a that are one road.

    They are if no name tells them apart and their lengths are alike; of what they say differently
    the vehicle gets what favours it and a unit what does not.
    """
    tail, head = np.asarray(raw.section_tail), np.asarray(raw.section_head)
    partner = _partners(raw, tail, head)
    first = np.flatnonzero(partner >= 0)
    if not first.size:
        return
    second = partner[first]
    length = np.array(raw.section_length_m, dtype=np.float64)
    speed = np.array(raw.section_speed_mps, dtype=np.float64)
    slow = np.array(
        speed if raw.section_unit_speed_mps is None else raw.section_unit_speed_mps, dtype=float
    )
    direction = np.array(raw.section_direction, dtype=np.uint8)
    unit = np.array(direction if raw.section_unit_direction is None else raw.section_unit_direction)
    access = np.array(np.broadcast_to(np.asarray(raw.section_access, dtype=np.uint16), tail.shape))
    name = np.array(raw.section_name, dtype=np.int32)
    road_class = np.array(raw.section_class, dtype=np.uint8)
    length[first] = np.minimum(length[first], length[second])
    speed[first] = np.maximum(speed[first], speed[second])
    slow[first] = np.minimum(slow[first], slow[second])
    direction[first] = Direction.BOTH
    sure = (unit[first] == Direction.FORWARD) & (unit[second] == Direction.FORWARD)
    unit[first] = np.where(sure, Direction.BOTH, Direction.NEITHER)
    access[first] |= access[second]
    name[first] = np.where(name[first] == 0, name[second], name[first])
    road_class[first] = np.minimum(road_class[first], road_class[second])
    keep = np.ones(tail.shape[0], dtype=bool)
    keep[second] = False
    _keep_shapes(raw, keep)
    raw.section_tail, raw.section_head = tail[keep], head[keep]
    raw.section_length_m, raw.section_speed_mps = length[keep], speed[keep]
    raw.section_unit_speed_mps = slow[keep]
    raw.section_direction, raw.section_unit_direction = direction[keep], unit[keep]
    raw.section_access, raw.section_name = access[keep], name[keep]
    raw.section_class = road_class[keep]
    if raw.section_id is not None:
        raw.section_id = np.asarray(raw.section_id)[keep]
    findings.note(
        "guessed",
        "pairs",
        "pairs of links against each other, taken for one road",
        count=int(first.size),
        matters=False,
    )


def _partners(raw: RawRoads, tail: NDArray[np.int32], head: NDArray[np.int32]) -> NDArray[np.int64]:
    """For the first link of each pair the second; -1 for all others."""
    unit: Any = raw.section_unit_direction
    directed = np.asarray(raw.section_direction if unit is None else unit) != Direction.BOTH
    plain = {name.casefold(): number for number, name in reversed(list(enumerate(raw.names)))}
    names = np.array([plain[name.casefold()] for name in raw.names])[np.asarray(raw.section_name)]
    length = np.asarray(raw.section_length_m)
    waiting: dict[tuple[int, int], list[int]] = {}
    partner = np.full(tail.shape[0], -1, dtype=np.int64)
    for row in np.flatnonzero(directed & (tail != head)).tolist():
        ends = int(tail[row]), int(head[row])
        others = waiting.get((ends[1], ends[0]), [])
        best = _best(row, others, names, length)
        if best is None:
            waiting.setdefault(ends, []).append(row)
        else:
            others.remove(best)
            partner[best] = row
    return partner


def _best(
    row: int, others: Sequence[int], names: NDArray[np.int32], length: NDArray[np.float64]
) -> int | None:
    """Which of the links against one is the same road."""
    fitting = [
        (abs(float(length[other] - length[row])), other)
        for other in others
        if names[other] == names[row] or 0 in (names[other], names[row])
        if abs(length[other] - length[row]) <= _ALIKE * max(length[other], length[row])
    ]
    return min(fitting)[1] if fitting else None


def _keep_shapes(raw: RawRoads, keep: NDArray[np.bool_]) -> None:
    if raw.shape_first is None:
        return
    size = np.diff(np.asarray(raw.shape_first))
    points = np.repeat(keep, size)
    first = np.zeros(int(keep.sum()) + 1, dtype=np.int64)
    np.cumsum(size[keep], out=first[1:])
    raw.shape_first = first
    raw.shape_lon = np.asarray(raw.shape_lon)[points]
    raw.shape_lat = np.asarray(raw.shape_lat)[points]
