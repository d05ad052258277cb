"""A belief with what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.belief.particle import ParticleFilter

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from stopline.belief.answers import Observer, Outlook
    from stopline.belief.routes import Routes
    from stopline.belief.tracker import Track
    from stopline.scenario.loader import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """A belief with what follows from it.

    Attributes:
        scenario: what it was made for.
        track: the filter at the moment, and how it came about.
        at_s: the moment, UTC seconds.
        routes: sampled from it, times in seconds after the moment.
        sections: probability by section, calibrated, float64[s].
        out: probability to have got out, calibrated.
        outlooks: destinations, the most probable first.
        observers: where one more observer would tell most.
        warnings: what does not fit together, in sentences.
        seed: of all chance.
        files: what was written.
    """

    scenario: Scenario
    track: Track
    at_s: float
    routes: Routes | None
    sections: NDArray[np.float64]
    out: float
    outlooks: tuple[Outlook, ...]
    observers: tuple[Observer, ...]
    warnings: tuple[str, ...]
    seed: int
    files: tuple[Path, ...] = ()

    @property
    def particles(self) -> ParticleFilter:
        """The filter."""
        belief = self.track.belief
        assert isinstance(belief, ParticleFilter)  # noqa: S101  (made below)
        return belief
