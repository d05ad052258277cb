"""Verify a whole journal, also a copy on another machine: no private key is needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from stopline.documents.canonical_json import canonical
from stopline.errors import BadInput, Fault, VerificationFailed
from stopline.journal.base import CLOCK_BACK_S, read_time
from stopline.journal.entry import parse_leaf
from stopline.journal.erasure import KEY_SHELF, SEALED_SHELF, commitment
from stopline.journal.errors import JournalError
from stopline.journal.keyring import KeyRing
from stopline.journal.merkle import Frontier, TreeNode, leaf_hash
from stopline.signed_note import PublicKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stopline.journal.checkpoint import SignedCheckpoint

_ROTATED = "node.key-rotated"
_REVOKED = "node.key-revoked"
_MADE = "node.key-made"
_ERASED = "body.erased"
_NODE_PAGE = 4096
_MOST_FAULTS = 100


class Copy(Protocol):
    """What verification reads: a journal opened for reading, or an exported file."""

    holds_bodies: bool  # whether bodies of personal facts are expected in it

    @property
    def size(self) -> int:
        """Entries."""
        ...

    def leaves(self, first: int = 0, last: int | None = None) -> Iterator[tuple[int, str, bytes]]:
        """Give index, fact id and leaf of each entry."""
        ...

    def nodes(self, level: int, first: int, last: int) -> list[tuple[int, bytes]]:
        """List stored subtrees, none if the copy has none."""
        ...

    def shelf(self, name: str, first: str = "") -> Iterator[tuple[str, bytes]]:
        """Give the values of a shelf."""
        ...

    def checkpoints(self) -> list[SignedCheckpoint]:
        """List the stored checkpoints."""
        ...

    def root(self, size: int | None = None) -> bytes:
        """Give the root that the copy claims for its first `size` entries."""
        ...


@dataclass(slots=True)
class VerifyReport:
    """What was looked at, and what is wrong.

    Attributes:
        size: entries.
        root: root computed from the entries.
        checkpoints: checkpoints whose root and signature were checked.
        cosigned_size: largest size that another node cosigned; 0 if none.
        cosigned: all sizes that another node cosigned.
        keys: the node's keys, as followed through rotations.
        trusted: the first key was given by the reader, and not read from the journal itself.
        erased: personal bodies that were destroyed.
        unexplained: facts whose body is gone, and no fact `body.erased` says why; the record of a
            node has none.
        clock_back: entries older by more than a second than the one before: (index, seconds).
        faults: everything that is wrong, at most a hundred.
    """

    size: int = 0
    root: bytes = b""
    checkpoints: int = 0
    cosigned_size: int = 0
    cosigned: list[int] = field(default_factory=list)
    keys: KeyRing | None = None
    trusted: bool = False
    erased: int = 0
    unexplained: list[str] = field(default_factory=list)
    clock_back: list[tuple[int, float]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Nothing is wrong."""
        return not self.faults

    def blame(self, where: str, seen: str, expected: str) -> None:
        """Note a fault."""
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(Fault(where, seen[:120], expected))


def verify_journal(
    copy: Copy,
    *,
    key: PublicKey | None = None,
    cosigners: Iterable[KeyRing] = (),
    witnesses: Iterable[SignedCheckpoint] = (),
) -> VerifyReport:
    """Check every entry, the tree, every checkpoint and every cosignature.

    Args:
        copy: the journal.
        key: the node's first public key, as people compared it; without it the key that the
            journal names is believed, which shows that nothing was altered by somebody without
            that key, and no more.
        cosigners: keys of other nodes whose cosignatures should be checked.
        witnesses: checkpoints of this journal kept elsewhere, by the other side for example.
    """
    report = VerifyReport(trusted=key is not None)
    wanted = [*copy.checkpoints(), *witnesses]
    size = copy.size  # others may write on while this reads
    roots = _Tree(copy, report, size, {point.checkpoint.size for point in wanted})
    ring = KeyRing.trusting(key) if key is not None else None
    ring = roots.walk(ring)
    report.keys = ring
    try:
        if copy.root(size) != report.root or size != report.size:
            report.blame("head", "another root or size", "that of the entries")
    except (JournalError, VerificationFailed) as error:
        report.blame("head", str(error), "a readable head")
    _check_bodies(copy, roots.sealed, roots.erased, report)
    others = tuple(cosigners)
    for point in wanted:
        _check_point(point, roots.root_at, ring, others, report)
    return report


class _Tree:
    """Walks all entries once; rebuilds the tree and follows the node's keys."""

    def __init__(self, copy: Copy, report: VerifyReport, size: int, sizes: set[int]) -> None:
        self._copy = copy
        self._size = size
        self._report = report
        self._sizes = sizes
        self._pending: dict[int, list[TreeNode]] = {}
        self.sealed: dict[str, str] = {}
        self.erased: set[str] = set()
        self.root_at: dict[int, bytes] = {0: Frontier().root()}

    def walk(self, ring: KeyRing | None) -> KeyRing | None:
        """Check all entries; give the node's keys."""
        report, frontier, ids, before_s = self._report, Frontier(), set[str](), 0.0
        try:
            for index, fact_id, leaf in self._copy.leaves(0, self._size):
                if index != frontier.size:
                    report.blame(f"entry {index}", "out of place", f"entry {frontier.size}")
                frontier, done = frontier.grow(leaf_hash(leaf))
                self._compare_nodes(done)
                if frontier.size in self._sizes:
                    self.root_at[frontier.size] = frontier.root()
                if fact_id in ids:
                    report.blame(f"entry {index}", f"id {fact_id} again", "each id once")
                ids.add(fact_id)
                value = self._parse(index, fact_id, leaf)
                if value is None:
                    continue
                time_s = read_time(str(value["time"]))
                if before_s - time_s > CLOCK_BACK_S:
                    report.clock_back.append((index, before_s - time_s))
                before_s = time_s
                ring = self._follow(ring, index, value)
        except (JournalError, VerificationFailed) as error:
            report.blame(f"entry {frontier.size}", str(error), "a readable entry")
        for level in list(self._pending):
            self._flush(level)
        report.size, report.root = frontier.size, frontier.root()
        return ring

    def _parse(self, index: int, fact_id: str, leaf: bytes) -> dict[str, object] | None:
        where = f"entry {index}"
        try:
            value = parse_leaf(leaf, where)
            read_time(str(value["time"]))
            if canonical(value) != leaf:  # type: ignore[arg-type]
                self._report.blame(where, "another spelling", "canonical JSON")
        except BadInput as error:
            self._report.faults += error.faults
            return None
        if value["id"] != fact_id:
            self._report.blame(where, f"listed as {fact_id}", str(value["id"]))
        if "sealed" in value:
            self.sealed[fact_id] = str(value["sealed"])
        return value

    def _follow(self, ring: KeyRing | None, index: int, value: dict[str, object]) -> KeyRing | None:
        kind, body = value["kind"], value.get("body")
        if kind == _ERASED and isinstance(body, dict):
            self.erased.add(str(body.get("fact_id")))
        if kind not in {_ROTATED, _REVOKED, _MADE} or not isinstance(body, dict):
            return ring
        try:
            if kind == _MADE:
                made = PublicKey.decode(str(body.get("key")))
                return ring or KeyRing.trusting(made)
            if ring is None:
                return None
            text = str(body.get("note"))
            return ring.rotated(text) if kind == _ROTATED else ring.revoked(text)
        except (VerificationFailed, BadInput) as error:
            self._report.blame(f"entry {index}", str(error), "a key note that holds")
            return ring

    def _compare_nodes(self, done: list[TreeNode]) -> None:
        for node in done:
            waiting = self._pending.setdefault(node.level, [])
            waiting.append(node)
            if len(waiting) >= _NODE_PAGE:
                self._flush(node.level)

    def _flush(self, level: int) -> None:
        mine = self._pending.pop(level)
        stored = self._copy.nodes(level, mine[0].number, mine[-1].number + 1)
        if stored and stored != [(node.number, node.digest) for node in mine]:
            held = dict(stored)
            bad = next(node.number for node in mine if held.get(node.number) != node.digest)
            self._report.blame(f"tree node {level}/{bad}", "another hash", "that of its entries")


def _check_bodies(
    copy: Copy, sealed: dict[str, str], erased: set[str], report: VerifyReport
) -> None:
    """Compare sealed bodies with the hashes in the tree; a fact says of those missing why."""
    try:
        bodies = dict(copy.shelf(SEALED_SHELF))
        keys = {fact_id for fact_id, _ in copy.shelf(KEY_SHELF)}
    except (JournalError, VerificationFailed) as error:
        report.blame("sealed bodies", str(error), "readable values")
        return
    for fact_id, named in sealed.items():
        body = bodies.get(fact_id)
        if body is None or fact_id not in keys:
            report.erased += 1
            if copy.holds_bodies and fact_id not in erased:
                report.unexplained.append(fact_id)
        elif commitment(body) != named:
            report.blame(f"sealed body of {fact_id}", "another body", "the one in the tree")


def _check_point(
    point: SignedCheckpoint,
    root_at: dict[int, bytes],
    ring: KeyRing | None,
    cosigners: tuple[KeyRing, ...],
    report: VerifyReport,
) -> None:
    size = point.checkpoint.size
    where = f"checkpoint {size}"
    if root_at.get(size) != point.checkpoint.root:
        seen = "its root is another" if size in root_at else f"{report.size} entries"
        report.blame(where, seen, "the root of the first entries: history was changed")
    if ring is None:
        report.blame(where, "no key to check it", "a vkey, or a fact node.key-made")
        return
    try:
        ring.verify(point.note, size)
        others = [held.key.as_cosigner() for other in cosigners for held in other.keys]
        known = {(key.name, key.key_id) for key in others}
        if any((each.name, each.key_id) in known for each in point.note.signatures):
            point.verify(others)
            report.cosigned_size = max(report.cosigned_size, size)
            report.cosigned.append(size)
    except VerificationFailed as error:
        report.blame(where, str(error), "signatures that hold")
    report.checkpoints += 1
