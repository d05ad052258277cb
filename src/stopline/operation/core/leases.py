"""Agree between processes of one journal on who computes something, so that one does and not all.

A claim is short and kept up while its process computes. Whoever dies keeps it up no more, and
another takes over. A claim only saves work: two who compute at once, as clocks differ, do no harm,
since what they find is noted once.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stopline.journal.base import Journal

CLAIM_SHELF: Final = "work-claims"
CLAIM_S: Final = 6.0
_KEEP_UP_S: Final = CLAIM_S / 2
_LONGEST_S: Final = 120.0  # what takes longer hangs; another may try


@dataclass(frozen=True, slots=True)
class Lease:
    """Who computes what, until when.

    Attributes:
        what: what is computed.
        holder: the process.
        until_s: UTC seconds; it may keep the claim up.
    """

    what: str
    holder: str
    until_s: float


@dataclass(slots=True)
class WorkClaims:
    """The claims of one process.

    Attributes:
        journal: of the node; claims lie on a shelf beside the record and are no part of it.
        holder: this process; drawn at random.
    """

    journal: Journal
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _held: dict[str, Lease] = field(default_factory=dict)
    _since_s: dict[str, float] = field(default_factory=dict)

    def take(self, matter: str, what: str, now_s: float) -> float | None:
        """Claim a piece of work; None if it is ours now, else until when another has it.

        Args:
            matter: there is one claim for each.
            what: the work; a claim of other work in the matter does not stand in the way.
            now_s: the moment, UTC seconds.
        """
        other = self._other(self.journal.look_up(CLAIM_SHELF, matter), what, now_s)
        if other is None:
            with self.journal.transaction() as work:
                other = self._other(work.get(CLAIM_SHELF, matter), what, now_s)
                if other is None:
                    mine = Lease(what, self.holder, now_s + CLAIM_S)
                    work.put(CLAIM_SHELF, matter, _bytes_of(mine))
                    self._held[matter] = mine
                    self._since_s.setdefault(matter, now_s)
        return None if other is None else other.until_s

    def is_due(self, now_s: float) -> bool:
        """Whether a claim must be kept up now."""
        return any(one.until_s - now_s < _KEEP_UP_S for one in self._held.values())

    def keep_up(self, matter: str, now_s: float) -> None:
        """Go on with a claim that is held; let go of one that another took, or that hangs."""
        mine = self._held.get(matter)
        if mine is None or mine.until_s - now_s >= _KEEP_UP_S:
            return
        del self._held[matter]
        if now_s - self._since_s[matter] > _LONGEST_S or self.take(matter, mine.what, now_s):
            self.let_go(matter)

    def let_go(self, matter: str) -> None:
        """Keep a claim up no more."""
        self._held.pop(matter, None)
        self._since_s.pop(matter, None)

    def held(self) -> tuple[str, ...]:
        """The matters in which this process holds a claim."""
        return tuple(self._held)

    def _other(self, raw: bytes | None, what: str, now_s: float) -> Lease | None:
        """The claim of another process that stands in the way; None for none."""
        claim = None if raw is None else _claim_of(raw)
        if claim is None or claim.holder == self.holder or claim.what != what:
            return None
        # One that ends later than any claim can comes from a clock that was wrong.
        return claim if now_s < claim.until_s <= now_s + 2 * CLAIM_S else None


def _bytes_of(claim: Lease) -> bytes:
    told = {"what": claim.what, "holder": claim.holder, "until_s": claim.until_s}
    return json.dumps(told).encode()


def _claim_of(raw: bytes) -> Lease | None:
    """A claim as it lies on the shelf; None if another version wrote something else."""
    try:
        told = json.loads(raw)
        return Lease(str(told["what"]), str(told["holder"]), float(told["until_s"]))
    except (ValueError, KeyError, TypeError):
        return None
