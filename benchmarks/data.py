"""Networks for benchmarks that are not in a format of their own standing."""

from __future__ import annotations

import lzma
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.builder import RawRoads, build_network

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork


def read_topology(path: Path, *, seed: int = 0) -> RoadNetwork:
    """Read a topology of `u v` lines below a DIMACS header, numbered from 1.

    Args:
        path: the `.gr.xz` file.
        seed: of the lengths, which the file lacks: log-normal, with a median of 150 m.

    Returns:
        A network without coordinates, all roads two-way at 50 km/h.
    """
    header, _, body = lzma.decompress(path.read_bytes()).partition(b"\n")
    junctions, sections = map(int, header.split()[2:4])
    ends = np.fromstring(body.decode("ascii"), dtype=np.int64, sep=" ").reshape(sections, 2) - 1
    rng = np.random.default_rng(seed)
    nowhere = np.full(junctions, np.nan)
    return build_network(
        RawRoads(
            junction_lon=nowhere,
            junction_lat=nowhere,
            section_tail=ends[:, 0],
            section_head=ends[:, 1],
            section_length_m=rng.lognormal(np.log(150.0), 0.8, sections),
            source=f"{path.name}, seeded lengths {seed}",
        )
    )


def largest_balls(
    network: RoadNetwork, start: int, arrival_s: NDArray[np.float64], sizes: Iterable[int]
) -> Iterator[tuple[RoadNetwork, int]]:
    """The parts of a network nearest to a junction, by size, then the whole; with that junction."""
    order = np.argsort(arrival_s, kind="stable")
    for size in sizes:
        number = np.full(network.junctions, -1, dtype=np.int64)
        number[order[:size]] = np.arange(size)
        tail, head = number[network.section_tail], number[network.section_head]
        kept = (tail >= 0) & (head >= 0)
        nowhere = np.full(size, np.nan)
        part = build_network(
            RawRoads(
                junction_lon=nowhere,
                junction_lat=nowhere,
                section_tail=tail[kept],
                section_head=head[kept],
                section_length_m=np.asarray(network.section_length_m)[kept],
                source=f"{network.source}, {size} junctions",
            )
        )
        yield part, 0
    yield network, start
