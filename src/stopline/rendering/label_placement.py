"""Place labels so that none covers another: candidates around each mark, the least bad first.

Greedy placement over a fixed set of candidates with a few rounds of improvement (after Hirsch
1982 and Christensen, Marks and Shieber 1995, without their randomness): equal input gives equal
pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ANGLES: Final = np.arange(16) * (2 * np.pi / 16)
_DISTANCES: Final = (6.0, 16.0, 30.0, 50.0, 75.0, 105.0, 140.0, 180.0, 230.0, 300.0)
_ROUNDS: Final = 4
_GAP: Final = 3.0
_LABEL_WEIGHT: Final = 400.0
_OUTSIDE_WEIGHT: Final = 100_000.0
_CROSSING_WEIGHT: Final = 6_000.0
_DISTANCE_WEIGHT: Final = 25.0


def place_labels(
    anchors: NDArray[np.float64],
    sizes: NDArray[np.float64],
    bounds: tuple[float, float],
    *,
    obstacles: NDArray[np.float64] | None = None,
    obstacle_weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Find a place for each label.

    Args:
        anchors: float64[k, 2], the marks, pixels from the lower left corner of the map.
        sizes: float64[k, 2], width and height of the labels, pixels.
        bounds: width and height of the map.
        obstacles: float64[o, 4], boxes (left, bottom, right, top) not to be covered.
        obstacle_weights: float64[o], cost of each covered pixel; 40 if not given.

    Returns:
        float64[k, 4], a box for each label: left, bottom, right, top.
    """
    count = anchors.shape[0]
    boxes = np.full((count, 4), np.nan)
    if count == 0:
        return boxes
    fixed = np.empty((0, 4)) if obstacles is None else obstacles
    weights = np.full(fixed.shape[0], 40.0) if obstacle_weights is None else obstacle_weights
    candidates = [_candidates(anchors[i], sizes[i]) for i in range(count)]
    own = [_own_cost(candidates[i], anchors[i], bounds, fixed, weights) for i in range(count)]
    # The most crowded first: they have the fewest good places.
    apart = np.linalg.norm(anchors[:, None] - anchors[None, :], axis=2)
    crowd = (apart < 2 * sizes.max()).sum(axis=1)
    order = np.lexsort((anchors[:, 0], anchors[:, 1], -crowd))
    for _ in range(_ROUNDS):
        before = boxes.copy()
        for i in order:
            others = np.delete(np.arange(count), i)
            placed = others[np.isfinite(boxes[others, 0])]
            cost = own[i] + _cost_among(candidates[i], anchors[i], boxes[placed], anchors[placed])
            boxes[i] = candidates[i][int(np.argmin(cost))]
        if np.array_equal(before, boxes):
            break
    return boxes


def overlap(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shared area of each box with each other one, float64[a, b]."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    area: NDArray[np.float64] = np.prod(np.clip(high - low, 0.0, None), axis=2)
    return area


def nearest_point(box: NDArray[np.float64], anchor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Point of a box that lies nearest to its mark, where a leader line ends."""
    point: NDArray[np.float64] = np.clip(anchor, box[:2], box[2:])
    return point


def _candidates(anchor: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes all around a mark, float64[c, 4]; to the right of it first."""
    found = []
    half = size / 2
    for distance in _DISTANCES:
        toward = np.column_stack((np.cos(_ANGLES), np.sin(_ANGLES)))
        # The box touches the circle of this distance with its nearest side or corner.
        pushed = np.sign(np.round(toward, 6)) * half * np.minimum(np.abs(toward) * 1.5, 1.0)
        centre = anchor + toward * (distance + 6.0) + pushed
        found.append(np.column_stack((centre - half, centre + half)))
    return np.concatenate(found)


def _own_cost(
    boxes: NDArray[np.float64],
    anchor: NDArray[np.float64],
    bounds: tuple[float, float],
    fixed: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Cost of each candidate that does not depend on the other labels."""
    outside = (
        np.clip(_GAP - boxes[:, 0], 0, None)
        + np.clip(_GAP - boxes[:, 1], 0, None)
        + np.clip(boxes[:, 2] + _GAP - bounds[0], 0, None)
        + np.clip(boxes[:, 3] + _GAP - bounds[1], 0, None)
    )
    away = np.linalg.norm(np.clip(anchor, boxes[:, :2], boxes[:, 2:]) - anchor, axis=1)
    covered: NDArray[np.float64] = overlap(boxes, fixed) @ weights
    inside = ((boxes[:, :2] < anchor) & (anchor < boxes[:, 2:])).all(axis=1)
    cost: NDArray[np.float64] = (
        outside * _OUTSIDE_WEIGHT + away * _DISTANCE_WEIGHT + covered + inside * _OUTSIDE_WEIGHT
    )
    cost += np.arange(cost.shape[0]) * 1e-3  # of equal places the first
    return cost


def _cost_among(
    boxes: NDArray[np.float64],
    anchor: NDArray[np.float64],
    placed: NDArray[np.float64],
    anchors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Cost of each candidate by the labels that are placed: overlap and crossed leader lines."""
    if placed.shape[0] == 0:
        return np.zeros(boxes.shape[0])
    wide = placed + np.array([-_GAP, -_GAP, _GAP, _GAP])
    shared = overlap(boxes, wide)
    touching = (shared > 0).sum(axis=1)
    ends = np.clip(anchor, boxes[:, :2], boxes[:, 2:])
    other_ends = np.clip(anchors, placed[:, :2], placed[:, 2:])
    start = np.broadcast_to(anchor, ends.shape)
    crossed = _crossing(start, ends, anchors, other_ends).sum(axis=1)
    # A leader line should not run through another label, nor another's through this one.
    parts = np.linspace(0.1, 0.95, 8)[:, None, None]
    on_line = start + parts * (ends - start)
    through = _within(on_line, placed)
    theirs = anchors + parts * (other_ends - anchors)
    through += _within(theirs, boxes).T
    cost: NDArray[np.float64] = (
        shared.sum(axis=1) * _LABEL_WEIGHT
        + touching * _OUTSIDE_WEIGHT
        + (crossed + through.any(axis=1)) * _CROSSING_WEIGHT
    )
    return cost


def _within(points: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether any of p points of line a lies in box b, from float64[p, a, 2]; bool[a, b]."""
    inside = (points[:, :, None] > boxes[:, :2]) & (points[:, :, None] < boxes[:, 2:])
    return np.asarray(inside.all(axis=3).any(axis=0))


def _crossing(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    c: NDArray[np.float64],
    d: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether line a-b crosses line c-d, for all pairs."""

    def turn(
        p: NDArray[np.float64], q: NDArray[np.float64], r: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return np.asarray(
            (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1])
            - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
        )

    a, b = a[:, None], b[:, None]
    c, d = c[None], d[None]
    return np.asarray((turn(a, b, c) * turn(a, b, d) < 0) & (turn(c, d, a) * turn(c, d, b) < 0))
