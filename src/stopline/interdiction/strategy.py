"""A mixture of plans with what it assures, and the draw of one: written so that it can be repeated.

The draw is one number from NumPy's PCG64 under a seed; the plan is the first whose cumulative
chance exceeds it. Whoever has the document repeats the draw; whoever has only the strategy (the
driver) learns nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from stopline.errors import BadInput, FaultList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FORM: Final = "stopline strategy 1"
_CLOSE = 1e-6


class Named(Protocol):
    """Gives a name for a number."""

    def __getitem__(self, number: int) -> str:
        """The name."""
        ...


@dataclass(frozen=True, slots=True)
class Draw:
    """One plan drawn.

    Attributes:
        seed: of the generator.
        number: what it gave, 0 <= number < 1.
        plan: the number of the plan drawn.
    """

    seed: int
    number: float
    plan: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """A mixture of k plans for u units.

    Attributes:
        site_of: int32[k, u], the site each unit holds under each plan, -1 for none.
        chance: float64[k], sums to 1.
        value: every route of every driver is stopped with at least this probability.
        bound: no mixture assures more.
        rounds: answers and counter-answers that it took.
        ended: why it ended: `gap`, `time` or `labels` (of the driver's search).
    """

    site_of: NDArray[np.int32]
    chance: NDArray[np.float64]
    value: float
    bound: float
    rounds: int = 0
    ended: str = "gap"

    def __post_init__(self) -> None:
        faults = FaultList()
        if self.chance.shape[0] != self.site_of.shape[0] or not self.chance.size:
            seen = f"{self.chance.shape[0]} chances for {self.site_of.shape[0]} plans"
            faults.add("strategy.chance", seen, "one chance for each plan, at least one")
        elif (self.chance < 0).any() or abs(float(self.chance.sum()) - 1.0) > _CLOSE:
            seen = f"a least of {self.chance.min()} and a sum of {self.chance.sum()}"
            faults.add("strategy.chance", seen, "0 or more each, with a sum of 1")
        faults.raise_if_any()

    @property
    def gap(self) -> float:
        """How much more the best mixture could assure, as a part of the bound."""
        return max(0.0, self.bound - self.value) / self.bound if self.bound > 0 else 0.0

    def marginals(self, sites: int) -> NDArray[np.float64]:
        """The chance that each unit stands at each site, float64[u, sites]."""
        out = np.zeros((self.site_of.shape[1], sites))
        for plan, chance in zip(self.site_of, self.chance, strict=True):
            units = np.flatnonzero(plan >= 0)
            out[units, plan[units]] += chance
        return out

    def draw(self, seed: int) -> Draw:
        """Draw a plan."""
        return self.pick(seed, float(np.random.default_rng(seed).random()))

    def pick(self, seed: int, number: float) -> Draw:
        """Take the plan that belongs to a number drawn, 0 <= number < 1."""
        ends = np.cumsum(self.chance)
        plan = int(np.searchsorted(ends, number * ends[-1], side="right"))
        return Draw(seed, number, min(plan, self.chance.shape[0] - 1))

    def document(
        self, units: Sequence[str], sites: Named, draw: Draw | None = None
    ) -> dict[str, Any]:
        """Write it down, with names of units (u) and sites, and the draw beside it."""
        made: dict[str, Any] = {
            "form": FORM,
            "assured": self.value,
            "bound": self.bound,
            "gap": self.gap,
            "rounds": self.rounds,
            "ended": self.ended,
            "plans": [
                {
                    "chance": float(chance),
                    "seals": {
                        units[unit]: sites[int(plan[unit])] for unit in np.flatnonzero(plan >= 0)
                    },
                }
                for plan, chance in zip(self.site_of, self.chance, strict=True)
            ],
        }
        if draw is not None:
            made["draw"] = {
                "generator": "numpy PCG64, default_rng(seed).random()",
                "seed": draw.seed,
                "number": draw.number,
                "plan": draw.plan,
            }
        return made


def check_draw(document: dict[str, Any]) -> Draw:
    """Repeat the draw that a strategy document records.

    Raises:
        BadInput: the document is of another form or lacks parts, or its draw is not what seed
            and chances give.
    """
    faults = FaultList()
    if document.get("form") != FORM:
        faults.add("strategy: form", document.get("form"), FORM)
    plans, said = document.get("plans"), document.get("draw")
    if not isinstance(plans, list) or not plans:
        faults.add("strategy: plans", plans, "a list of plans, each with its chance")
    if not isinstance(said, dict) or not {"seed", "number", "plan"} <= said.keys():
        faults.add("strategy: draw", said, "seed, number and plan of a draw")
    faults.raise_if_any()
    try:
        chance = np.array([float(plan["chance"]) for plan in plans or ()])
        seed = int((said or {})["seed"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput.single(
            "strategy: chance and seed", str(error), "numbers, for example 0.25 and 7"
        ) from error
    idle = np.full((chance.shape[0], 0), -1, dtype=np.int32)
    true = Strategy(site_of=idle, chance=chance, value=0.0, bound=0.0).draw(seed)
    stands = (said or {})["number"], (said or {})["plan"]
    if stands != (true.number, true.plan):
        seen = f"number {stands[0]}, plan {stands[1]}"
        raise BadInput.single("strategy: draw", seen, f"number {true.number}, plan {true.plan}")
    return true
