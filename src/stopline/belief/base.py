r"""What a filter is: the belief bel_t(x) over the vehicle's state x, kept by Bayes' rule.

    predict   bel'_t(x) = sum over x_0 of p(x, nothing seen | x_0) bel_{t-h}(x_0)
    update    bel_t(x) = L(z | x) bel'_t(x) / evidence
              evidence = sum over x of L(z | x) bel'_t(x)

x is arc, place on it, destination, speed class, and whether it drives, hides or is out; z is a
sighting, L its likelihood (`likelihood.py`), p the motion (`motion.py`) with the silences of a
step.
`particle.py` keeps bel as weighted samples, `exact.py` as numbers, on small networks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from stopline.belief.motion import Motion
    from stopline.belief.sightings import Heading, Positive, Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """How much a sighting moved the belief.

    Attributes:
        sighting: its id.
        at_s: when it took effect, UTC seconds.
        bits: information it brought: the divergence of the belief after it from that before
            (Kullback-Leibler, to the base 2); of a silence, -log2 of what was expected of it.
        expected: how probable the belief held it before, as a likelihood; of a silence, the
            probability that it would have seen the vehicle.
        note: what else is to be said: that the filter had to start again from what can be
            reached, or that the report was not believed; empty for nothing.
    """

    sighting: str
    at_s: float
    bits: float
    expected: float
    note: str = ""


class Filter(Protocol):
    """A belief that time and sightings move."""

    @property
    def motion(self) -> Motion:
        """The motion model."""
        ...

    @property
    def time_s(self) -> float:
        """The time that the belief is for, UTC seconds."""
        ...

    def begin(self, first: Positive) -> None:
        """Believe a first sighting: it is there, heading anywhere by the prior."""
        ...

    def advance(self, span_s: float, silences: Sequence[Silence]) -> list[Effect]:
        """Let time pass, with the silences that hold within it."""
        ...

    def see(self, sighting: Positive) -> Effect:
        """Take in that it was seen now."""
        ...

    def hear(self, heading: Heading) -> Effect:
        """Take in hearsay of where it is going."""
        ...

    def by_arc(self) -> NDArray[np.float64]:
        """Probability to be on each arc, hidden or not, float64[a]."""
        ...

    def by_destination(self) -> NDArray[np.float64]:
        """Probability of each destination, those that were reached included, float64[d]."""
        ...

    def out(self) -> NDArray[np.float64]:
        """Probability to have got out at each destination, float64[d]."""
        ...

    def hidden(self) -> float:
        """Probability that it stands hidden."""
        ...
