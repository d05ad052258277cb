"""Cut drawn ways into sections: from junction to junction, with the shape points in between.

Ways are first cut into pieces at every node where something can be chosen; then pieces that meet
two by two and agree in every attribute are joined again, so that a road which its mappers drew in
ten ways is one section.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.geodesy import distance_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MIN_LENGTH_M = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Runs of road in the order they were drawn; p points, r runs, one-way roads drawn forward.

    Attributes:
        ref: int64[p], node id of each point.
        lon: float64[p], degrees.
        lat: float64[p].
        first: int64[r + 1], the points of run i are `first[i] .. first[i + 1] - 1`.
        way: int64[r], the id of the way it was drawn as.
        kind: int64[r], runs may be joined only if their kinds are equal.
        one_way: bool[r], whether direction matters.
    """

    ref: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    first: NDArray[np.int64]
    way: NDArray[np.int64]
    kind: NDArray[np.int64]
    one_way: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """Sections between junctions; n junctions, s sections, k inner points, q pieces.

    Attributes:
        junction_ref: int64[n], node ids, ascending.
        junction_lon: float64[n].
        junction_lat: float64[n].
        tail: int32[s], junction index.
        head: int32[s].
        length_m: float64[s], > 0.
        kind: int64[s], the kind of its runs.
        way: int64[s], the way of its first piece.
        shape_first: int64[s + 1].
        shape_ref: int64[k], node ids of the inner points.
        shape_lon: float64[k].
        shape_lat: float64[k].
        piece_way: int64[q], the way of each piece.
        piece_section: int64[q], the section it became part of.
        piece_end_ref: int64[q, 2], node ids of its ends as drawn.
    """

    junction_ref: NDArray[np.int64]
    junction_lon: NDArray[np.float64]
    junction_lat: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.float64]
    kind: NDArray[np.int64]
    way: NDArray[np.int64]
    shape_first: NDArray[np.int64]
    shape_ref: NDArray[np.int64]
    shape_lon: NDArray[np.float64]
    shape_lat: NDArray[np.float64]
    piece_way: NDArray[np.int64]
    piece_section: NDArray[np.int64]
    piece_end_ref: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of runs: first and last point, and the run of each."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    run: NDArray[np.int64]


def cut_sections(runs: Runs, keep: NDArray[np.int64] | None = None) -> Sections:
    """Cut runs into sections.

    Args:
        keep: ids of nodes that stay junctions although a road only goes on there.
        runs: the drawn roads; a run that visits one node twice in a row, or has fewer than two
            different points, does no harm.

    Returns:
        The sections, in the order of the runs that begin them.
    """
    clean = _without_repeats(runs)
    refs, node = np.unique(clean.ref, return_inverse=True)
    inner = _inner_points(clean)
    degree = np.bincount(node, minlength=refs.shape[0]) + np.bincount(
        node[inner], minlength=refs.shape[0]
    )
    if keep is not None:
        degree[np.isin(refs, keep)] += 2
    pieces = _cut(clean, inner & (degree[node] == 2))  # noqa: PLR2004  (one road passes)
    partner = _partners(clean, pieces, node, degree)
    first, order, backward = _chains(partner, clean.one_way[pieces.run])
    return _assemble(clean, pieces, first, order, backward)


def _without_repeats(runs: Runs) -> Runs:
    """Drop points that repeat the one before, and runs that are left with a single point."""
    size = np.diff(runs.first)
    run_of = np.repeat(np.arange(size.shape[0]), size)
    keep = np.ones(runs.ref.shape[0], dtype=bool)
    keep[1:] = (runs.ref[1:] != runs.ref[:-1]) | (run_of[1:] != run_of[:-1])
    left = np.bincount(run_of[keep], minlength=size.shape[0])
    real = left > 1
    keep &= real[run_of]
    first = np.zeros(int(real.sum()) + 1, dtype=np.int64)
    np.cumsum(left[real], out=first[1:])
    return Runs(
        ref=runs.ref[keep],
        lon=runs.lon[keep],
        lat=runs.lat[keep],
        first=first,
        way=runs.way[real],
        kind=runs.kind[real],
        one_way=runs.one_way[real],
    )


def _inner_points(runs: Runs) -> NDArray[np.bool_]:
    inner = np.ones(runs.ref.shape[0], dtype=bool)
    inner[runs.first[:-1]] = False
    inner[runs.first[1:] - 1] = False
    return inner


def _cut(runs: Runs, passing: NDArray[np.bool_]) -> _Pieces:
    """Cut runs at all points that are not merely passed."""
    stop = np.flatnonzero(~passing)
    run_of = np.repeat(np.arange(runs.kind.shape[0]), np.diff(runs.first))
    same = run_of[stop[1:]] == run_of[stop[:-1]]
    return _Pieces(stop[:-1][same], stop[1:][same], run_of[stop[:-1][same]])


def _partners(
    runs: Runs, pieces: _Pieces, node: NDArray[np.intp], degree: NDArray[np.intp]
) -> NDArray[np.int64]:
    """For each piece end (2 * piece, + 1 for its far end) the end it is joined to, or -1."""
    partner = np.full(2 * pieces.start.shape[0], -1, dtype=np.int64)
    at = np.column_stack((node[pieces.start], node[pieces.end])).ravel()
    ends = np.flatnonzero(degree[at] == 2)  # noqa: PLR2004
    ends = ends[np.argsort(at[ends], kind="stable")]
    one, two = ends[::2], ends[1::2]
    run_one, run_two = pieces.run[one >> 1], pieces.run[two >> 1]
    agree = runs.kind[run_one] == runs.kind[run_two]
    agree &= ~runs.one_way[run_one] | ((one & 1) != (two & 1))
    agree &= (one >> 1) != (two >> 1)
    one, two = one[agree], two[agree]
    partner[one], partner[two] = two, one
    return partner


def _chains(
    partner: NDArray[np.int64], one_way: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Follow joined pieces from end to end; first[s + 1] into (piece, backward)."""
    link = partner.tolist()
    forward_only = one_way.tolist()
    done = bytearray(len(forward_only))
    first, order, backward = [0], [], []
    count = len(forward_only)
    # Open chains first, from an end that is not joined; what is left then are rings.
    for ring in (False, True):
        for piece in range(count):
            if done[piece]:
                continue
            entry = 2 * piece
            if not ring and link[entry] >= 0:
                if link[entry + 1] >= 0 or forward_only[piece]:
                    continue
                entry += 1
            while entry >= 0 and not done[entry >> 1]:
                done[entry >> 1] = 1
                order.append(entry >> 1)
                backward.append(bool(entry & 1))
                entry = link[entry ^ 1]
            first.append(len(order))
    return _int64(first), _int64(order), np.array(backward, dtype=bool)


def _int64(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _assemble(
    runs: Runs,
    pieces: _Pieces,
    first: NDArray[np.int64],
    order: NDArray[np.int64],
    backward: NDArray[np.bool_],
) -> Sections:
    start, end = pieces.start[order], pieces.end[order]
    tail_point = np.where(backward, end, start)[first[:-1]]
    head_point = np.where(backward, start, end)[first[1:] - 1]
    point, point_first = _points_after_tail(start, end, backward, first)
    inner = np.ones(point.shape[0], dtype=bool)
    inner[point_first[1:] - 1] = False
    shape = point[inner]

    step_m = np.zeros(runs.ref.shape[0])
    step_m[1:] = distance_m(runs.lon[:-1], runs.lat[:-1], runs.lon[1:], runs.lat[1:])
    along = np.cumsum(step_m)
    length = np.add.reduceat(along[end] - along[start], first[:-1]) if order.size else along[:0]

    ends = np.concatenate((tail_point, head_point))
    junction_ref, where, index = np.unique(runs.ref[ends], return_index=True, return_inverse=True)
    section_of = np.empty(order.shape[0], dtype=np.int64)
    section_of[order] = np.repeat(np.arange(first.shape[0] - 1), np.diff(first))
    sections = tail_point.shape[0]
    leader = pieces.run[order[first[:-1]]]
    return Sections(
        junction_ref=junction_ref,
        junction_lon=runs.lon[ends[where]],
        junction_lat=runs.lat[ends[where]],
        tail=index[:sections].astype(np.int32),
        head=index[sections:].astype(np.int32),
        length_m=np.maximum(length, MIN_LENGTH_M),
        kind=runs.kind[leader],
        way=runs.way[leader],
        shape_first=point_first - np.arange(sections + 1),
        shape_ref=runs.ref[shape],
        shape_lon=runs.lon[shape],
        shape_lat=runs.lat[shape],
        piece_way=runs.way[pieces.run],
        piece_section=section_of,
        piece_end_ref=np.column_stack((runs.ref[pieces.start], runs.ref[pieces.end])),
    )


def _points_after_tail(
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    backward: NDArray[np.bool_],
    first: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All points of each section but its first, in driving order, with where each begins."""
    size = end - start
    offset = np.concatenate(([0], np.cumsum(size)))
    step = np.arange(offset[-1]) - np.repeat(offset[:-1], size)
    origin = np.repeat(np.where(backward, end - 1, start + 1), size)
    point = origin + np.where(np.repeat(backward, size), -step, step)
    return point, offset[first]
