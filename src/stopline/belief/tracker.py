"""From sightings to the belief at a moment, with the lineage of what moved it.

The belief is always made from the sightings anew, in the order in which things happened: a late
report, a retraction or a look at a past moment needs no rule of its own. Hours after the last
sighting the steps grow with the time gone, so that an old file takes no longer than a fresh one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.belief.answers import by_section
from stopline.belief.base import Effect
from stopline.belief.sightings import CameraHit, Heading, Silence, Witness, as_of
from stopline.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from stopline.belief.base import Filter
    from stopline.belief.sightings import Positive, Sighting


_FINE_S, _COARSE = 6 * 3600.0, 0.01  # later than so long after a sighting, steps of such a part


@dataclass(frozen=True, slots=True)
class Track:
    """A belief and how it came about.

    Attributes:
        belief: the filter, at the moment asked for.
        first: the sighting that it begins with.
        effects: what each sighting did, in the order in which things happened.
        used: the sightings known then and not retracted.
        seen_on: int64[k], the sections on which it can have been when it was last seen.
        seen_s: when that was, UTC seconds.
    """

    belief: Filter
    first: Positive
    effects: tuple[Effect, ...]
    used: tuple[Sighting, ...]
    seen_on: NDArray[np.int64]
    seen_s: float


def track(
    belief: Filter,
    sightings: Iterable[Sighting],
    *,
    until_s: float,
    known_s: float | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Track:
    """Make the belief for a moment from all that was known at one.

    Args:
        belief: a fresh filter.
        sightings: of every kind, in any order.
        until_s: the moment to believe for, UTC seconds.
        known_s: leave out what became known later; `until_s` if None.
        progress: told how much of the time is gone, 0 to 1.

    Raises:
        BadInput: there is no sighting of the vehicle itself to begin with.
    """
    used = as_of(sightings, until_s if known_s is None else known_s)
    seen = [one for one in used if isinstance(one, Witness | CameraHit) and one.at_s <= until_s]
    if not seen:
        raise BadInput.single("sightings", "none of the vehicle itself", "a witness or camera hit")
    first = seen[0]
    belief.begin(first)
    seen_on, seen_s = np.flatnonzero(by_section(belief)), belief.time_s
    effects = [Effect(sighting=first.id, at_s=first.at_s, bits=0.0, expected=1.0, note="the first")]
    silences = [one for one in used if isinstance(one, Silence)]
    points = [one for one in used if isinstance(one, Witness | CameraHit | Heading)]
    waiting = sorted((one for one in points if one is not first), key=lambda one: one.at_s)
    silent: dict[str, Effect] = {}
    step_s, heard_s = belief.motion.rules.step_s, first.at_s
    while True:
        while waiting and waiting[0].at_s <= belief.time_s + 1e-6:
            one = waiting.pop(0)
            heard_s = belief.time_s
            if isinstance(one, Heading):
                effects.append(belief.hear(one))
                continue
            effects.append(belief.see(one))
            seen_on, seen_s = np.flatnonzero(by_section(belief)), belief.time_s
        rest_s = until_s - belief.time_s
        if rest_s <= 1e-6:  # noqa: PLR2004
            break
        if waiting:
            rest_s = min(rest_s, waiting[0].at_s - belief.time_s)
        begin_s, span_s = belief.time_s, min(step_s, rest_s)
        now = [one for one in silences if one.until_s > begin_s and one.from_s < begin_s + span_s]
        if begin_s - heard_s > _FINE_S and not now:
            coming = [one.from_s - begin_s for one in silences if one.until_s > begin_s]
            span_s = min(max(span_s, _COARSE * (begin_s - heard_s)), rest_s, *coming)
        for effect in belief.advance(span_s, now):
            silent[effect.sighting] = _joined(silent.get(effect.sighting), effect)
        if progress is not None:
            progress(
                "following the vehicle", 1 - (until_s - belief.time_s) / (until_s - first.at_s)
            )
    effects += silent.values()
    effects.sort(key=lambda one: one.at_s)
    return Track(belief, first, tuple(effects), tuple(used), seen_on, seen_s)


def _joined(earlier: Effect | None, later: Effect) -> Effect:
    """One effect of a silence over all its steps."""
    if earlier is None:
        return later
    seen = 1 - (1 - earlier.expected) * (1 - later.expected)
    return Effect(
        sighting=later.sighting, at_s=later.at_s, bits=earlier.bits + later.bits, expected=seen
    )
