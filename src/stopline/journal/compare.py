"""Two copies of one journal, or checkpoints of it from two places: can both be true?

Whoever was shown two histories of one node finds out with this alone; no private key is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, TypeAlias

from stopline.errors import BadInput
from stopline.journal.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stopline.journal.checkpoint import SignedCheckpoint

Outcome: TypeAlias = Literal["same", "continues", "contradicts", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Observed:
    """What one place holds of a journal.

    Attributes:
        name: of the place, for people.
        leaves: its entries in order; None where only checkpoints are held.
        checkpoints: signed checkpoints.
    """

    name: str
    leaves: Iterable[bytes] | None
    checkpoints: Sequence[SignedCheckpoint]


@dataclass(slots=True)
class Compared:
    """What came of it.

    Attributes:
        outcome: `same`; `continues`: one is the other with more behind it; `contradicts`: they
            cannot both be true; `cannot tell`: what is held does not meet.
        entries: entries that both have in common.
        told: sentences for people.
    """

    outcome: Outcome = "cannot tell"
    entries: int = 0
    told: list[str] = field(default_factory=list)


def compare(one: Observed, other: Observed) -> Compared:
    """Say whether two places hold one history.

    Raises:
        BadInput: they are of different journals.
    """
    origins = {p.checkpoint.origin for place in (one, other) for p in place.checkpoints}
    if len(origins) > 1:
        raise BadInput.single("journals", " and ".join(sorted(origins)), "two copies of one")
    found = Compared()
    if one.leaves is not None and other.leaves is not None:
        roots = _both(one, other, found)
        met = True
    else:
        leaves = one.leaves if one.leaves is not None else other.leaves
        roots = dict(_roots(leaves or (), _sizes(one, other)))
        met = False
    for place in (one, other):
        met |= _check_points(place, roots, found, whole=place.leaves is not None)
    met |= _pairs(one, other, found)
    if found.outcome != "contradicts" and met and found.outcome == "cannot tell":
        found.outcome = "continues"
    return found


def _both(one: Observed, other: Observed, found: Compared) -> dict[int, bytes]:
    """Walk both at once, up to where they part."""
    frontier, sizes, roots = Frontier(), _sizes(one, other), {0: Frontier().root()}
    longer = ""
    for index, (mine, theirs) in enumerate(zip_longest(one.leaves or (), other.leaves or ())):
        if mine is not None and theirs is not None and mine != theirs:
            found.outcome = "contradicts"
            found.told.append(f"entry {index} differs: what {one.name} and {other.name} hold")
            break
        if mine is None or theirs is None:
            longer = longer or (other.name if mine is None else one.name)
        else:
            found.entries = index + 1
        frontier, _ = frontier.grow(leaf_hash(mine if mine is not None else theirs or b""))
        if frontier.size in sizes:
            roots[frontier.size] = frontier.root()
    else:
        found.outcome = "continues" if longer else "same"
        if longer:
            found.told.append(
                f"{longer} holds more; the first {found.entries} entries are the same"
            )
    return roots


def _roots(leaves: Iterable[bytes], sizes: set[int]) -> Iterator[tuple[int, bytes]]:
    frontier = Frontier()
    yield 0, frontier.root()
    for leaf in leaves:
        frontier, _ = frontier.grow(leaf_hash(leaf))
        if frontier.size in sizes:
            yield frontier.size, frontier.root()


def _sizes(*places: Observed) -> set[int]:
    return {p.checkpoint.size for place in places for p in place.checkpoints}


def _check_points(
    place: Observed, roots: dict[int, bytes], found: Compared, *, whole: bool
) -> bool:
    """Compare the checkpoints of a place with the entries; tell whether any could be."""
    met = False
    for point in place.checkpoints:
        size, root = point.checkpoint.size, point.checkpoint.root
        known = roots.get(size)
        if known is None:
            if not whole and len(roots) > 1:
                found.told.append(f"checkpoint {size} of {place.name}: no entries reach it")
            continue
        met |= not whole
        if known != root:
            found.outcome = "contradicts"
            found.told.append(f"checkpoint {size} of {place.name} is of other entries")
    return met


def _pairs(one: Observed, other: Observed, found: Compared) -> bool:
    """Compare checkpoints of the same size, where no entries are needed."""
    mine = {p.checkpoint.size: p.checkpoint.root for p in one.checkpoints}
    met = False
    for point in other.checkpoints:
        size = point.checkpoint.size
        if size in mine:
            met = True
            if mine[size] != point.checkpoint.root:
                found.outcome = "contradicts"
                found.told.append(f"both hold a checkpoint of {size} entries, with other roots")
    return met
