"""Turn OpenStreetMap turn restrictions into bans between sections."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.network.readers.osm_access import OLD_HOUR_KEYS
from stopline.network.readers.osm_source import original_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stopline.network.findings import Findings
    from stopline.network.readers.way_sections import Sections


_CARS: Final = ("motorcar", "motor_vehicle", "vehicle")  # the narrowest first
_RESTRICTION_KEYS: Final = (*(f"restriction:{one}" for one in _CARS), "restriction")


@dataclass(frozen=True, slots=True)
class Restriction:
    """A turn restriction as mapped: `no_left_turn`, ways and the node between them."""

    rule: str
    from_ways: tuple[int, ...]
    via: int
    to_ways: tuple[int, ...]
    relation: int = 0


def restriction_of(relation: Any, findings: Findings) -> Restriction | None:  # noqa: ANN401
    """Read a relation as a turn restriction of cars that holds at any hour, over one node.

    Args:
        relation: as osmium hands it out.
        findings: where to note a ban that is not applied.
    """
    tags: dict[str, str] = {tag.k: tag.v for tag in relation.tags}
    if not any("restriction" in key for key in tags) or not (
        tags.get("type") or "restriction"
    ).endswith(("restriction", *(key for key in _RESTRICTION_KEYS))):
        return None
    rule = next((tags[key] for key in _RESTRICTION_KEYS if tags.get(key)), "").strip()
    excepted = set((tags.get("except") or "").replace(",", ";").replace(" ", "").split(";"))
    if excepted.intersection(_CARS) or (
        not rule and not any(k.endswith(":conditional") for k in tags)
    ):
        return None
    label = f"relation {original_id(relation.id)}"
    if (
        not rule
        or "@" in rule
        or rule.endswith("_on_red")
        or any(tags.get(key) for key in OLD_HOUR_KEYS)
        or any(f"{key}:conditional" in tags for key in _RESTRICTION_KEYS)
        or (tags.get("type") or "").startswith(("disused", "abandoned"))
    ):
        _not_applied(findings, "bans_at_hours", "turn bans that hold at some hours only", label)
        return None
    members = [(member.type, member.role, member.ref) for member in relation.members]
    via = [ref for kind, role, ref in members if role == "via" and kind == "n"]
    from_ways = tuple(ref for kind, role, ref in members if role == "from" and kind == "w")
    to_ways = tuple(ref for kind, role, ref in members if role == "to" and kind == "w")
    if any(role == "via" and kind != "n" for kind, role, _ in members):
        _not_applied(findings, "bans_over_ways", "turn bans over a way", label)
        return None
    if not rule.startswith(("no_", "only_")) or len(via) != 1 or not from_ways or not to_ways:
        _not_applied(findings, "bans_unread", "turn bans that cannot be read", label)
        return None
    return Restriction(rule, from_ways, via[0], to_ways, original_id(relation.id))


def _not_applied(findings: Findings, kind: str, text: str, label: str) -> None:
    findings.note("left out", kind, f"{text}, which bind nobody", label, matters=False)


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
