"""A side on the other node, as the planner sees it: hopeful until its answers say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from stopline.operation.joint.peer_answers import PeerAnswers
from stopline.sealing.side import Commitment, Demands, Inequality, MoreIsKnown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.side import Limit

MOST_DEMANDS: Final = 4096  # in one question; it bounds what one answer can say
_ALWAYS_S: Final = -1e9  # ready before anything happens
_REACH: Final = 3.0  # demands due up to so many times later than those asked go along


class Asking(Protocol):
    """How questions get to the other side."""

    def ask(
        self, demands: Demands, wanted: int, *, prefer: str
    ) -> Commitment | Sequence[Inequality]:
        """Ask whether it can hold the first `wanted` of the demands together.

        The others only say which demands an inequality may speak of.
        """
        ...


class RemoteSide:
    """Implements `stopline.sealing.side.Side` by questions.

    What would need the other side's positions is answered by hope: it may hold any site at any
    time unless an inequality says that it cannot. The planner then finds the optimum of a relaxed
    problem and asks for it; a commitment to that optimum makes it the true one.

    Args:
        name: of the side.
        need: int32[c], strength that closes each site.
        asking: how questions get there.
    """

    def __init__(self, name: str, need: NDArray[np.int32], asking: Asking) -> None:
        self._name = name
        self._need = need
        self._asking = asking
        self.known = PeerAnswers(need)

    @property
    def name(self) -> str:
        """Name of the side."""
        return self._name

    @property
    def units(self) -> int:
        """A number of units that cannot be too small: it keeps the true one to itself."""
        return int(self._need.sum())

    @property
    def most_strength(self) -> int:
        """A strength that cannot be too small, for the same reason."""
        return int(self._need.max(initial=1))

    @property
    def strength(self) -> NDArray[np.int32]:
        """As strong as any site needs: one unit that stands for all."""
        return np.array([self.most_strength], dtype=np.int32)

    @property
    def hides_units(self) -> bool:
        """Whether how many units it has is not known."""
        return True

    def limits(self, site: NDArray[np.int32]) -> list[Limit]:
        """What it has said of several sites together."""
        return self.known.limits(site)

    def ready_s(
        self,
        site: NDArray[np.int32],
        latest_s: float = np.inf,
        until: float = np.inf,  # noqa: ARG002  (nothing here takes long)
    ) -> NDArray[np.float64]:
        """As soon as nothing that it said rules out; asks nothing."""
        never_s = self.known.never_by_s[self._need[site], site]
        ready_s = np.nextafter(np.maximum(never_s, _ALWAYS_S), np.inf)
        return np.minimum(ready_s, latest_s)[None, :]

    def able(self, site: int, by_s: float) -> list[tuple[str, int]]:
        """Name the side itself wherever nothing it said rules the site out."""
        hope = self.strength_by(np.array([site], dtype=np.int32), np.array([by_s]))
        return [(self._name, int(hope[0]))] if hope[0] else []

    def strength_by(self, site: NDArray[np.int32], by_s: NDArray[np.float64]) -> NDArray[np.int32]:
        """Give the strength that nothing said so far rules out; asks nothing."""
        return self.known.strength_by(site, by_s)

    def hold(
        self, candidates: Demands, asked: NDArray[np.int64], *, prefer: str
    ) -> Commitment | Inequality:
        """Answer from what was said, or ask.

        Raises:
            MoreIsKnown: the answer rules sites out by themselves.
        """
        refused = self.known.refused(candidates, asked)
        if refused is not None:
            return refused
        wanted = candidates.take(asked)
        kept = self.known.commitment(wanted, prefer)
        if kept is not None:
            return kept
        demands = wanted.plus(candidates.take(self._along(candidates, asked)))
        answer = self._asking.ask(demands, wanted.count, prefer=prefer)
        if isinstance(answer, Commitment):
            self.known.keep(wanted, prefer, answer)
            return answer
        ruled_out = [self.known.learn(demands, each) for each in answer]
        if any(ruled_out):
            raise MoreIsKnown
        refused = self.known.refused(candidates, asked)
        if refused is None:
            msg = f"{self._name} refused demands, and none of its inequalities says why"
            raise AssertionError(msg)
        return refused

    def _along(self, candidates: Demands, asked: NDArray[np.int64]) -> NDArray[np.int64]:
        """Demands that go along: not ruled out yet, the earliest due first.

        Those are the likeliest to be refused, so that an answer about them saves most questions.
        """
        hope = self.strength_by(candidates.site, candidates.by_s)
        open_still = hope >= candidates.strength
        open_still[asked] = False
        dated = candidates.by_s[asked][np.isfinite(candidates.by_s[asked])]
        due_s = max(0.0, float(dated.max(initial=0.0)))
        near = np.flatnonzero(open_still & (candidates.by_s <= due_s * _REACH))
        room = max(0, MOST_DEMANDS - asked.shape[0])
        order = np.argsort(candidates.by_s[near], kind="stable")
        return np.sort(near[order[:room]])
