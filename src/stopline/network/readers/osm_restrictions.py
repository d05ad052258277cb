"""Turn OpenStreetMap turn restrictions into bans between sections."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stopline.network.findings import Findings
    from stopline.network.readers.osm_ways import Restriction
    from stopline.network.readers.way_sections import Sections


def turn_bans(
    sections: Sections,
    one_way: NDArray[np.bool_],
    restrictions: list[Restriction],
    findings: Findings,
) -> NDArray[np.int32]:
    """Find the banned turns.

    Args:
        sections: the sections, with the ways they came from.
        one_way: bool[s], sections that may be driven from tail to head only.
        restrictions: as mapped.
        findings: where to note those that cannot be tied to sections (their ways are no roads, do
            not meet in the node, or run through it, so that it is not plain what is banned).

    Returns:
        int32[t, 3] as (section, junction, section), without repeats.
    """
    wanted = {restriction.via for restriction in restrictions}
    at = _pieces_at(sections, wanted)
    bans: dict[tuple[int, int, int], None] = {}
    for restriction in restrictions:
        around = at.get(restriction.via, [])
        via = int(np.searchsorted(sections.junction_ref, restriction.via))
        into = _matching(sections, one_way, around, restriction.from_ways, via, arriving=True)
        out = _matching(sections, one_way, around, restriction.to_ways, via, arriving=False)
        plain = len(into) <= len(set(restriction.from_ways))
        plain &= len(out) <= len(set(restriction.to_ways))
        if not around or not into or not out or not plain:
            findings.note(
                "left out",
                "bans_untied",
                "turn bans that fit no turn, or several, which bind nobody",
                f"relation {restriction.relation}",
                matters=False,
            )
            continue
        if restriction.rule.startswith("only_"):
            out = {section for _, section in around} - out
        bans.update(dict.fromkeys((a, via, b) for a in sorted(into) for b in sorted(out)))
    return np.array(list(bans), dtype=np.int32).reshape(-1, 3)


def _pieces_at(sections: Sections, nodes: set[int]) -> dict[int, list[tuple[int, int]]]:
    """The (way, section) pairs that end at each of the nodes, if it is a junction."""
    wanted = np.array(sorted(nodes), dtype=np.int64)
    wanted = wanted[np.isin(wanted, sections.junction_ref)]
    at: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for side in (0, 1):
        end = sections.piece_end_ref[:, side]
        for piece in np.flatnonzero(np.isin(end, wanted)):
            pair = (int(sections.piece_way[piece]), int(sections.piece_section[piece]))
            at[int(end[piece])].append(pair)
    return at


def _matching(
    sections: Sections,
    one_way: NDArray[np.bool_],
    around: list[tuple[int, int]],
    ways: Iterable[int],
    via: int,
    *,
    arriving: bool,
) -> set[int]:
    """The sections of `ways` that can be driven towards `via` (or away from it).

    A way that goes on through the node gives two sections, unless it is one-way.
    """
    chosen = set(ways)
    end = sections.head if arriving else sections.tail
    return {
        section
        for way, section in around
        if way in chosen and (not one_way[section] or int(end[section]) == via)
    }
