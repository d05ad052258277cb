"""Sightings of every kind: what was reported, by whom, how well graded, and when it became known.

    Witness       a person saw it near a place
    CameraHit     a camera read it on a section
    Silence       a camera or checkpoint watched a section and saw nothing
    Heading       somebody says where it is going
    Retraction    an earlier sighting was wrong

Times are UTC seconds. Grades are those of the 6x6 system (reliability of the source A to F,
credibility of the information 1 to 6) that NATO and police services use (STANAG 2511).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from stopline.errors import FaultList

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RELIABILITY = {"A": 0.95, "B": 0.8, "C": 0.6, "D": 0.35, "E": 0.1, "F": 0.5}
CREDIBILITY = {1: 0.98, 2: 0.85, 3: 0.65, 4: 0.35, 5: 0.1, 6: 0.5}
_LON, _LAT, _CIRCLE = 180.0, 90.0, 360.0
_FASTEST_MPS = 85.0  # 306 km/h: no road vehicle covers ground faster for long


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What every sighting has.

    Attributes:
        id: its name; a retraction names it.
        source: who says so.
        known_s: when this side came to know it.
    """

    id: str
    source: str
    known_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness(_Said):
    """A person saw the vehicle near a place.

    Attributes:
        lon: WGS 84 degrees.
        lat: WGS 84 degrees.
        radius_m: half of all true reports lie within this distance, > 0.
        from_s: it was there at some time from then on ...
        until_s: ... up to then.
        heading_deg: direction of travel, clockwise from north; None if not given.
        reliability: of the source, A to F.
        credibility: of the information, 1 to 6.
    """

    lon: float
    lat: float
    radius_m: float
    from_s: float
    until_s: float
    heading_deg: float | None = None
    reliability: str = "B"
    credibility: int = 2

    @property
    def at_s(self) -> float:
        """The middle of its time window."""
        return (self.from_s + self.until_s) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraHit(_Said):
    """A camera read the vehicle.

    Attributes:
        section: where it stands.
        forward: whether it drove from the section's tail to its head; None if not known.
        at_s: when.
        confidence: probability that the read is right, 0 to 1.
    """

    section: int
    forward: bool | None
    at_s: float
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(_Said):
    """A camera or checkpoint watched a section and saw nothing.

    Attributes:
        section: what it watched.
        forward: the direction watched; None for both.
        from_s: since when.
        until_s: until when.
        detection: probability that it sees the vehicle if it passes, 0 to 1.
        visible: the driver can see it, and may turn before it (a checkpoint).
    """

    section: int
    from_s: float
    until_s: float
    forward: bool | None = None
    detection: float = 0.9
    visible: bool = False

    @property
    def at_s(self) -> float:
        """When it says all it says: at its end."""
        return self.until_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading(_Said):
    """Hearsay of where it is going.

    Attributes:
        destination: name of the destination.
        at_s: when it was said.
        reliability: of the source, A to F.
        credibility: of the information, 1 to 6.
    """

    destination: str
    at_s: float
    reliability: str = "C"
    credibility: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction(_Said):
    """An earlier sighting was wrong: from when this is known, it counts for nothing.

    Attributes:
        of: id of that sighting.
    """

    of: str


Sighting: TypeAlias = Witness | CameraHit | Silence | Heading | Retraction
Positive: TypeAlias = Witness | CameraHit


def truth_of(sighting: Witness | Heading | CameraHit) -> float:
    """Probability that a report is true, from its grades or the confidence of the read."""
    if isinstance(sighting, CameraHit):
        return sighting.confidence
    return math.sqrt(RELIABILITY[sighting.reliability] * CREDIBILITY[sighting.credibility])


def as_of(sightings: Iterable[Sighting], known_s: float) -> list[Sighting]:
    """What was known at a moment and not yet retracted, in the order in which it happened."""
    known = [one for one in sightings if one.known_s <= known_s]
    gone = {one.of for one in known if isinstance(one, Retraction)}
    kept = [one for one in known if not isinstance(one, Retraction) and one.id not in gone]
    return sorted(kept, key=_happened)


def _happened(one: Sighting) -> tuple[float, str]:
    return (one.known_s if isinstance(one, Retraction) else one.at_s, one.id)


def check_sightings(
    sightings: Sequence[Sighting], *, now_s: float, sections: int, destinations: Iterable[str]
) -> None:
    """Refuse sightings that cannot be, all at once.

    Args:
        sightings: of one incident.
        now_s: nothing can have happened later.
        sections: number of sections of the network.
        destinations: names that a heading may give.

    Raises:
        BadInput: with every fault, each with the sighting's id.
    """
    faults = FaultList()
    names = frozenset(destinations)
    ids: set[str] = set()
    for one in sightings:
        where = f"sighting {one.id or '(no id)'}"
        if not one.id or one.id in ids:
            faults.add(where, one.id or "no id", "an id of its own")
        ids.add(one.id)
        if not _finite(one):
            faults.add(where, "a value that is no finite number", "finite numbers")
            continue
        _check_one(faults, where, one, sections, names)
        _check_times(faults, where, one, now_s)
    for one in sightings:
        if isinstance(one, Retraction) and one.of not in ids:
            faults.add(f"sighting {one.id}: of", one.of, "the id of another sighting")
    faults.raise_if_any()


def jumps(sightings: Sequence[tuple[float, float, float, str]]) -> list[str]:
    """Say which neighbours in time are too far apart for one vehicle.

    Args:
        sightings: longitude, latitude, UTC seconds and id of each, in order of time.

    Returns:
        A sentence for each pair that no road vehicle can have covered.
    """
    from stopline.network.geodesy import distance_m  # noqa: PLC0415  (numpy)

    found = []
    for (lon, lat, at_s, name), (lon_2, lat_2, at_2, name_2) in pairwise(sightings):
        far_m = float(distance_m(lon, lat, lon_2, lat_2))
        seconds = max(at_2 - at_s, 1.0)
        if far_m / seconds > _FASTEST_MPS:
            found.append(
                f"{name} and {name_2} are {far_m / 1000:.1f} km and {at_2 - at_s:.0f} s apart: "
                "one of them cannot be true"
            )
    return found


def _finite(one: Sighting) -> bool:
    values = (getattr(one, item.name) for item in fields(one))
    return all(math.isfinite(value) for value in values if isinstance(value, float))


def _check_one(
    faults: FaultList, where: str, one: Sighting, sections: int, names: frozenset[str]
) -> None:
    if isinstance(one, Witness):
        _check_witness(faults, where, one)
    if isinstance(one, CameraHit | Silence):
        if not 0 <= one.section < sections:
            faults.add(f"{where}: section", one.section, f"a section below {sections}")
        chance = one.confidence if isinstance(one, CameraHit) else one.detection
        if not 0 <= chance <= 1:
            name = "confidence" if isinstance(one, CameraHit) else "detection"
            faults.add(f"{where}: {name}", chance, "a probability from 0 to 1")
    if isinstance(one, Heading) and one.destination not in names:
        known = ", ".join(sorted(names)[:12]) or "(none are given)"
        faults.add(f"{where}: destination", one.destination, f"one of {known}")
    if isinstance(one, Witness | Heading):
        if one.reliability not in RELIABILITY:
            faults.add(f"{where}: reliability", one.reliability, "a letter from A to F")
        if one.credibility not in CREDIBILITY:
            faults.add(f"{where}: credibility", one.credibility, "a number from 1 to 6")


def _check_witness(faults: FaultList, where: str, one: Witness) -> None:
    if abs(one.lon) > _LON or abs(one.lat) > _LAT:
        faults.add(f"{where}: lon, lat", f"{one.lon}, {one.lat}", "WGS 84 degrees")
    if one.radius_m <= 0:
        faults.add(f"{where}: radius_m", one.radius_m, "metres, a number > 0")
    if one.heading_deg is not None and not 0 <= one.heading_deg <= _CIRCLE:
        faults.add(f"{where}: heading_deg", one.heading_deg, "degrees from 0 to 360")


def _check_times(faults: FaultList, where: str, one: Sighting, now_s: float) -> None:
    if isinstance(one, Witness | Silence) and one.from_s > one.until_s:
        faults.add(f"{where}: until", f"{one.from_s - one.until_s:.0f} s before from", "from first")
    last = one.known_s
    if not isinstance(one, Retraction):
        last = one.until_s if isinstance(one, Witness | Silence) else one.at_s
    if max(last, one.known_s) > now_s:
        faults.add(where, f"{max(last, one.known_s) - now_s:.0f} s in the future", "the past")
    if last > one.known_s:
        faults.add(
            f"{where}: known", f"{last - one.known_s:.0f} s before it happened", "it happened first"
        )
