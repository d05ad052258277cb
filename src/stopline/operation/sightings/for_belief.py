"""The sightings of an incident as the belief takes them in."""

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

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from stopline.belief.sightings import Sighting as Believed
    from stopline.operation.sightings.area import Sighting, Sightings

_LEAST_RADIUS_M = 1.0


def for_belief(known: Sightings, destinations: Collection[str]) -> list[Believed]:
    """Give all sightings, in the order in which they became known, with what was taken back.

    Args:
        known: of one incident.
        destinations: names that the belief knows; a heading for elsewhere says nothing to it.
    """
    return [one for each in known.by_id.values() for one in _told(each, destinations)]


def _told(each: Sighting, destinations: Collection[str]) -> Iterator[Believed]:
    source = "the other side" if each.theirs else each.source
    reliability, credibility = each.grade[0], int(each.grade[1])
    told: list[Believed] = []
    if each.nothing_seen:
        if each.section is not None and each.watched_from_s is not None:
            told.append(
                Silence(
                    id=each.id, source=source, known_s=each.noted_s, section=each.section,
                    from_s=each.watched_from_s, until_s=each.seen_s,
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
