"""The sightings of an incident, and what intelligence says of it, as the belief takes them in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stopline.belief.sightings import (
    CREDIBILITY,
    RELIABILITY,
    CameraHit,
    Heading,
    Retraction,
    Silence,
    Witness,
)
from stopline.operation.core.context import seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from stopline.belief.sightings import Sighting as Believed
    from stopline.operation.facts.intelligence import IntelligenceUsed
    from stopline.operation.sightings.projection import Sighting

_LEAST_RADIUS_M, _RADIUS_M = 1.0, 1000.0
_DETECTION = 0.9  # where nobody measured it


def for_belief(known: Iterable[Sighting], destinations: Collection[str]) -> list[Believed]:
    """Give sightings, in the order in which they became known, with what was taken back.

    Args:
        known: of one incident.
        destinations: names that the belief knows; a heading for elsewhere says nothing to it.
    """
    return [one for each in known for one in _told(each, destinations)]


def intelligence_for_belief(
    used: Iterable[tuple[float, IntelligenceUsed]], destinations: Collection[str]
) -> list[Believed]:
    """Give what follows from sealed reports, without their words and sources.

    A place is taken as a witness, the likeliest destination as hearsay, each with the grade that
    comes nearest to the probability that was given.

    Args:
        used: of one incident, with the time it was said.
        destinations: names that the belief knows.
    """
    found: list[Believed] = []
    for number, (known_s, one) in enumerate(used):
        name, at_s = f"intelligence {number + 1}", seconds(one.at)
        if one.lon is not None and one.lat is not None:
            reliability, credibility = _grade(one.probability)
            found.append(
                Witness(
                    id=name, source="intelligence", known_s=known_s, lon=one.lon, lat=one.lat,
                    radius_m=max(one.radius_m or _RADIUS_M, _LEAST_RADIUS_M), from_s=at_s,
                    until_s=at_s, reliability=reliability, credibility=credibility,
                )
            )  # fmt: skip
        chances = {to: p for to, p in one.destinations.items() if to in destinations}
        if chances:
            best = max(chances, key=lambda to: (chances[to], to))
            reliability, credibility = _grade(one.probability * chances[best])
            found.append(
                Heading(
                    id=f"{name}/heading", source="intelligence", known_s=known_s,
                    destination=best, at_s=at_s, reliability=reliability, credibility=credibility,
                )
            )  # fmt: skip
    return found


def _grade(probability: float) -> tuple[str, int]:
    """The grade whose truth, the root of both parts, comes nearest to a probability."""
    grades = ((letter, number) for letter in RELIABILITY for number in CREDIBILITY)
    return min(
        grades, key=lambda g: abs(math.sqrt(RELIABILITY[g[0]] * CREDIBILITY[g[1]]) - probability)
    )


def _told(each: Sighting, destinations: Collection[str]) -> Iterator[Believed]:
    source = "the other side" if each.theirs else each.source
    reliability, credibility = each.grade[0], int(each.grade[1])
    told: list[Believed] = []
    if each.nothing_seen:
        if each.section is not None and each.watched_from_s is not None:
            told.append(
                Silence(
                    id=each.id, source=source, known_s=each.noted_s, section=each.section,
                    from_s=each.watched_from_s, until_s=each.seen_s, forward=each.forward,
                    detection=_DETECTION if each.detection is None else each.detection,
                )
            )  # fmt: skip
    elif each.section is not None and each.confidence is not None:
        told.append(
            CameraHit(
                id=each.id, source=source, known_s=each.noted_s, section=each.section,
                forward=each.forward, at_s=each.seen_s, confidence=each.confidence,
            )
        )  # fmt: skip
    elif each.lon is not None and each.lat is not None:
        told.append(
            Witness(
                id=each.id, source=source, known_s=each.noted_s, lon=each.lon, lat=each.lat,
                radius_m=max(each.radius_m, _LEAST_RADIUS_M), from_s=each.seen_s,
                until_s=each.seen_s, heading_deg=each.heading_deg, reliability=reliability,
                credibility=credibility,
            )
        )  # fmt: skip
    elif each.section is not None:
        truth = math.sqrt(RELIABILITY[reliability] * CREDIBILITY[credibility])
        told.append(
            CameraHit(
                id=each.id, source=source, known_s=each.noted_s, section=each.section,
                forward=None, at_s=each.seen_s, confidence=truth,
            )
        )  # fmt: skip
    if each.towards in destinations and each.towards is not None:
        told.append(
            Heading(
                id=f"{each.id}/heading", source=source, known_s=each.noted_s,
                destination=each.towards, at_s=each.seen_s, reliability=reliability,
                credibility=credibility,
            )
        )  # fmt: skip
    yield from told
    if each.retracted_s is not None:
        for one in told:
            yield Retraction(
                id=f"{one.id}/retracted", source=source, known_s=each.retracted_s, of=one.id
            )
