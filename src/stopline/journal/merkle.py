"""The tree of RFC 6962 over the entries: grown one leaf at a time, proved, and checked.

MTH({d}) = SHA-256(0x00 || d); MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])) with k the
largest power of two below n. A *node* (level, index) is the hash over the complete range of leaves
[index * 2**level, (index + 1) * 2**level); it never changes once its last leaf is there, so nodes
can be stored for good, and every proof is made of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from stopline.journal.errors import BadProof

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


class TreeNode(NamedTuple):
    """A complete subtree: the hash over leaves [number * 2**level, (number + 1) * 2**level)."""

    level: int
    number: int
    digest: bytes


def leaf_hash(entry: bytes) -> bytes:
    """Hash the bytes of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the one above them."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: the roots of its complete subtrees, the largest first.

    Attributes:
        size: leaves.
        digests: one hash for each bit set in `size`, from the highest bit down.
    """

    size: int = 0
    digests: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.digests) != self.size.bit_count():
            raise BadProof("frontier", f"{len(self.digests)} hashes for {self.size} leaves")

    def grow(self, leaf: bytes) -> tuple[Frontier, list[TreeNode]]:
        """Add one leaf hash; give the new frontier and the nodes that became complete."""
        digest, level, index = leaf, 0, self.size
        done = [TreeNode(0, index, leaf)]
        digests = list(self.digests)
        while index & 1:
            digest = node_hash(digests.pop(), digest)
            level, index = level + 1, index >> 1
            done.append(TreeNode(level, index, digest))
        return Frontier(self.size + 1, (*digests, digest)), done

    def root(self) -> bytes:
        """Hash the edge into the root of the whole tree."""
        if not self.digests:
            return EMPTY_ROOT
        digest = self.digests[-1]
        for left in reversed(self.digests[:-1]):
            digest = node_hash(left, digest)
        return digest

    def to_bytes(self) -> bytes:
        """Join the hashes; with the size they are the frontier."""
        return b"".join(self.digests)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """Read what `to_bytes` wrote.

        Raises:
            BadProof: the count of hashes does not fit the size.
        """
        parts = tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))
        return cls(size, parts)


def frontier_nodes(size: int) -> list[tuple[int, int]]:
    """Name the complete subtrees (level, index) that make up a tree of `size` leaves."""
    found, first = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, first >> level))
            first += 1 << level
    return found


def range_hash(first: int, last: int, node: Callable[[int, int], bytes]) -> bytes:
    """Hash leaves [first, last) as RFC 6962 does; `node(level, index)` looks a subtree up."""
    count = last - first
    if count == 0:
        return EMPTY_ROOT
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, first >> level)
    split = first + _largest_power_below(count)
    return node_hash(range_hash(first, split, node), range_hash(split, last, node))


def inclusion_path(index: int, size: int, node: Callable[[int, int], bytes]) -> list[bytes]:
    """Make the audit path of a leaf, from its sibling up (RFC 6962, 2.1.1).

    Raises:
        BadProof: there is no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        raise BadProof("inclusion", f"entry {index} is not among {size}")
    first, last = 0, size
    path: list[bytes] = []
    while last - first > 1:
        split = first + _largest_power_below(last - first)
        if index < split:
            path.append(range_hash(split, last, node))
            last = split
        else:
            path.append(range_hash(first, split, node))
            first = split
    return path[::-1]


def consistency_path(earlier: int, later: int, node: Callable[[int, int], bytes]) -> list[bytes]:
    """Make the proof that the first `earlier` leaves of `later` are the same (RFC 6962, 2.1.2).

    Raises:
        BadProof: the sizes are not 0 <= earlier <= later.
    """
    if not 0 <= earlier <= later:
        raise BadProof("consistency", f"sizes {earlier} and {later} are not in order")
    if earlier in {0, later}:
        return []
    return _subproof(earlier, 0, later, node, whole=True)


def _subproof(
    earlier: int, first: int, last: int, node: Callable[[int, int], bytes], *, whole: bool
) -> list[bytes]:
    """SUBPROOF of RFC 6962; `whole` while the earlier tree is all of what it was made from."""
    if earlier == last - first:
        return [] if whole else [range_hash(first, last, node)]
    split = _largest_power_below(last - first)
    if earlier <= split:
        inner = _subproof(earlier, first, first + split, node, whole=whole)
        return [*inner, range_hash(first + split, last, node)]
    inner = _subproof(earlier - split, first + split, last, node, whole=False)
    return [*inner, range_hash(first, first + split, node)]


def verify_inclusion(
    index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes
) -> None:
    """Check an audit path (RFC 9162, 2.1.3.2).

    Raises:
        BadProof: it does not lead from the leaf to the root.
    """
    if not 0 <= index < size:
        raise BadProof("inclusion", f"entry {index} is not among {size}")
    at, last, digest = index, size - 1, leaf
    for part in path:
        if last == 0:
            raise BadProof("inclusion", "the path is too long")
        if at & 1 or at == last:
            digest = node_hash(part, digest)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            digest = node_hash(digest, part)
        at, last = at >> 1, last >> 1
    if last:
        raise BadProof("inclusion", "the path is too short")
    if digest != root:
        raise BadProof("inclusion", f"entry {index} does not lead to the root")


def verify_consistency(  # noqa: C901, PLR0912  (the steps of the standard, in its order)
    earlier: int, later: int, earlier_root: bytes, later_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that one tree is the beginning of another (RFC 9162, 2.1.4.2).

    Raises:
        BadProof: the proof does not show it.
    """
    what = "consistency"
    if not 0 <= earlier <= later:
        raise BadProof(what, f"sizes {earlier} and {later} are not in order")
    if earlier in {0, later}:
        if path:
            raise BadProof(what, "the path should be empty")
        if earlier == later and earlier_root != later_root:
            raise BadProof(what, f"two roots at one size {earlier}")
        if earlier == 0 and earlier_root != EMPTY_ROOT:
            raise BadProof(what, "the root of nothing is wrong")
        return
    parts = list(path)
    if earlier & (earlier - 1) == 0:
        parts.insert(0, earlier_root)
    if not parts:
        raise BadProof(what, "the path is empty")
    at, last = earlier - 1, later - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = parts[0]
    for part in parts[1:]:
        if last == 0:
            raise BadProof(what, "the path is too long")
        if at & 1 or at == last:
            old, new = node_hash(part, old), node_hash(part, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, part)
        at, last = at >> 1, last >> 1
    if last or old != earlier_root or new != later_root:
        raise BadProof(what, f"{earlier} entries are not the beginning of {later}")


def _largest_power_below(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1
