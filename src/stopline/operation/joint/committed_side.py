"""What the other side holds by its last commitments: all there is while the line is down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from stopline.operation.core.snapshots import lasting_entries
from stopline.operation.joint.message_codec import commitment_id
from stopline.sealing.side import Commitment, Demands, Inequality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.journal.base import Journal
    from stopline.sealing.side import Limit


@dataclass(frozen=True, slots=True)
class StandingSeal:
    """One site that the other side said it holds: strength, closing in UTC seconds, units."""

    strength: int
    closed_utc_s: float
    units: int
    commitment: str
    expires_utc_s: float


@dataclass(frozen=True, slots=True)
class CommittedSide:
    """Implements `Side` by commitments that stand; they were given together, so all hold at once.

    Attributes:
        name: of the side.
        need: int32[c], strength that closes each site.
        standing: by number of the site.
        now_utc_s: moment from which times count.
    """

    name: str
    need: NDArray[np.int32]
    standing: dict[int, StandingSeal]
    now_utc_s: float

    @classmethod
    def from_journal(
        cls,
        journal: Journal,
        peer: str,
        name: str,
        need: NDArray[np.int32],
        now_utc_s: float,
        *,
        incident: str | None = None,
        counted_utc_s: float | None = None,
    ) -> Self:
        """Read the last commitment of a peer that has neither expired nor been withdrawn.

        Args:
            journal: of this node.
            peer: the other node.
            name: of its side.
            need: int32[c], strength that closes each site.
            now_utc_s: moment from which times count.
            incident: only its commitments are counted on.
            counted_utc_s: when they must not have expired yet; `now_utc_s` if not given.
        """
        counted_utc_s = now_utc_s if counted_utc_s is None else counted_utc_s
        taken: dict[tuple[str, int], dict[str, object]] = {}
        for entry in lasting_entries(journal):
            body = entry.body
            if body is None or not entry.kind.startswith("joint.commitment-"):
                continue
            if body["peer"] != peer or entry.incident != incident:
                continue
            key = (str(body["matter"]), int(str(body["number"])))
            if entry.kind == "joint.commitment-taken":
                taken = {key: dict(body)}  # a new plan takes the place of the one before
            elif entry.kind == "joint.commitment-withdrawn":
                taken.pop(key, None)
        standing: dict[int, StandingSeal] = {}
        for (matter, number), told in taken.items():
            expires_utc_s = float(str(told["expires_utc_s"]))
            if expires_utc_s <= counted_utc_s:
                continue
            rows = zip(told["site"], told["strength"], told["closed_s"], told["units"], strict=True)  # type: ignore[call-overload]  # (lists, by the form of the fact)
            for site, strength, closed_s, units in rows:
                closed_utc_s = float(str(told["now_utc_s"])) + closed_s
                name_of_it = commitment_id(matter, number)
                standing[site] = StandingSeal(
                    strength, closed_utc_s, units, name_of_it, expires_utc_s
                )
        return cls(name, need, standing, now_utc_s)

    @property
    def units(self) -> int:
        """Number of units in the commitments."""
        return sum(each.units for each in self.standing.values())

    @property
    def most_strength(self) -> int:
        """No unit is stronger than the strongest commitment."""
        return max((each.strength for each in self.standing.values()), default=1)

    @property
    def strength(self) -> NDArray[np.int32]:
        """Strength at each site, of units as many as there are sites."""
        return np.array([each.strength for each in self.standing.values()], dtype=np.int32)

    @property
    def hides_units(self) -> bool:
        """Whether how many units it has is not known; each commitment counts as one."""
        return False

    def limits(self, site: NDArray[np.int32]) -> list[Limit]:  # noqa: ARG002
        """Nothing beyond the commitments."""
        return []

    def ready_s(
        self,
        site: NDArray[np.int32],
        latest_s: float = np.inf,
        until: float = np.inf,  # noqa: ARG002  (nothing here takes long)
    ) -> NDArray[np.float64]:
        """When each commitment holds; it holds one site and no other."""
        result = np.full((len(self.standing), site.shape[0]), np.inf)
        for unit, (number, each) in enumerate(self.standing.items()):
            held_s = min(each.closed_utc_s - self.now_utc_s, latest_s)
            result[unit, site == number] = held_s
        return result

    def able(self, site: int, by_s: float) -> list[tuple[str, int]]:
        """Name the side, where it is committed in time."""
        each = self.standing.get(site)
        if each is None or each.closed_utc_s - self.now_utc_s > by_s:
            return []
        return [(self.name, each.strength)]

    def strength_by(self, site: NDArray[np.int32], by_s: NDArray[np.float64]) -> NDArray[np.int32]:
        """Give the strength committed to each site by its time, at most what the site needs."""
        strength = np.zeros(self.need.shape[0], dtype=np.int32)
        closed_s = np.full(self.need.shape[0], np.inf)
        for number, each in self.standing.items():
            strength[number] = each.strength
            closed_s[number] = each.closed_utc_s - self.now_utc_s
        held = np.where(closed_s[site] <= by_s, strength[site], 0)
        return np.minimum(held, self.need[site]).astype(np.int32)

    def hold(
        self,
        candidates: Demands,
        asked: NDArray[np.int64],
        *,
        prefer: str,  # noqa: ARG002  (a commitment that stands takes what it takes)
    ) -> Commitment | Inequality:
        """Answer from the commitments."""
        able = self.strength_by(candidates.site, candidates.by_s)
        if (able[asked] < candidates.strength[asked]).any():
            return Inequality(members=np.flatnonzero(able < candidates.strength), most=0)
        held = [self.standing[site] for site in candidates.site[asked].tolist()]
        return Commitment(
            closed_s=np.array([each.closed_utc_s - self.now_utc_s for each in held]),
            units=np.array([each.units for each in held], dtype=np.int64),
            strength=np.array([each.strength for each in held], dtype=np.int64),
            source=held[0].commitment if held else "",
        )

    @property
    def commitment(self) -> StandingSeal | None:
        """One site of the commitment that stands, for its name and its end; None without any."""
        return next(iter(self.standing.values()), None)

    def as_demands(self, sites: frozenset[int]) -> tuple[tuple[int, int, float], ...]:
        """(Site, strength, closing time) of what it is committed to, at some sites."""
        return tuple(
            (site, each.strength, each.closed_utc_s - self.now_utc_s)
            for site, each in sorted(self.standing.items())
            if site in sites
        )
