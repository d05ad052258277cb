"""How many cameras of a type read every plate on a carriageway, at the speed driven there.

Pixels: what the reader of plates was measured to need, or a class of IEC 62676-4, which sorts
pictures by pixels for each metre of the scene; 250 is what it asks for to identify. Blur: a plate
must not move by more than the reader was measured to stand while the shutter is open. Frames: a
vehicle must be in view for some frames, so that a read can be confirmed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

IEC_62676_4: Final[Mapping[str, float]] = {
    "monitor": 12.5,
    "detect": 25.0,
    "observe": 62.5,
    "recognise": 125.0,
    "identify": 250.0,
    "inspect": 1000.0,
}
PLATE_M: Final = 0.52
# What Stopline's reader was measured to need for 95 % of passages (docs/cameras.md: by day 59 of 60
# at 120 pixels, 55 of 60 at 90; by night 24 of 24 at 90).
READER_PLATE_PX: Final = 120.0
PICTURE_CLASSES: Final[Mapping[str, float]] = {
    **IEC_62676_4, "reader": READER_PLATE_PX / PLATE_M,
}  # fmt: skip
DEFAULT_CLASS: Final = "reader"
# Of the plate's width: with 3 of 120 pixels the reader was measured to find 8 of 8 passages by day
# and by night, with 5 by night 22 of 24 for certain, too few for 95 % (docs/cameras.md).
MOST_BLUR: Final = 3 / READER_PLATE_PX

# Width of a carriageway in metres where the event file gives none: an assumption to be measured
# on the spot. A motorway is mapped as one section a direction.
WIDTH_M: Final[Mapping[str, float]] = {
    "motorway": 11.0,
    "trunk": 9.0,
    "primary": 7.5,
    "secondary": 7.0,
    "tertiary": 6.5,
    "unclassified": 6.0,
    "residential": 6.0,
    "living_street": 5.0,
    "service": 4.0,
    "track": 3.0,
    "motorway_link": 5.5,
    "trunk_link": 5.5,
    "primary_link": 5.5,
    "secondary_link": 5.0,
    "tertiary_link": 5.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraType:
    """A kind of camera that can be bought or lent.

    Attributes:
        name: what people call it.
        cost: of one, a whole number in the unit of the event file.
        pixels: across the picture.
        frames_per_s: pictures a second.
        shutter_s: shortest time that the shutter is open by night.
        depth_m: metres of road along which a plate can be read.
        frames: pictures of a vehicle that a confirmed read needs.
        detection: probability that a vehicle that passes is read.
    """

    name: str
    cost: int
    pixels: int
    frames_per_s: float = 25.0
    shutter_s: float = 0.001
    depth_m: float = 12.0
    frames: int = 3
    detection: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a type of camera does on a road.

    Attributes:
        type: the type.
        count: cameras side by side; 0 where the type will not do.
        pixels_per_m: that they reach.
        blur: of the plate's width at the speed driven.
        frames_in_view: pictures of a vehicle at that speed.
        why_not: what it falls short of; empty where it will do.
    """

    type: CameraType
    count: int
    pixels_per_m: float
    blur: float
    frames_in_view: float
    why_not: str = ""

    @property
    def cost(self) -> int:
        """Of all of them."""
        return self.count * self.type.cost


def fit(
    kind: CameraType,
    width_m: float,
    speed_mps: float,
    pixels_per_m: float,
    plate_m: float = PLATE_M,
) -> Fit:
    """Say how many cameras of a type a carriageway takes, and whether they will do.

    Args:
        kind: the type.
        width_m: of the carriageway.
        speed_mps: at which a vehicle may pass.
        pixels_per_m: that reading takes.
        plate_m: width of a plate.
    """
    count = max(1, math.ceil(width_m * pixels_per_m / kind.pixels - 1e-9))
    blur = speed_mps * kind.shutter_s / plate_m
    frames = math.inf if speed_mps <= 0 else kind.depth_m / speed_mps * kind.frames_per_s
    faults = []
    if blur > MOST_BLUR + 1e-12:
        faults.append(
            f"{kind.name} blurs {blur * 100:.2f} % of a plate at {speed_mps * 3.6:.0f} km/h, "
            f"at most {MOST_BLUR * 100:.2f} % can be read"
        )
    if frames < kind.frames - 1e-9:
        faults.append(
            f"{kind.name} sees a vehicle at {speed_mps * 3.6:.0f} km/h in {frames:.1f} pictures, "
            f"{kind.frames} are needed"
        )
    reached = count * kind.pixels / width_m
    return Fit(
        type=kind,
        count=0 if faults else count,
        pixels_per_m=reached,
        blur=blur,
        frames_in_view=frames,
        why_not="; ".join(faults),
    )


def cheapest(
    kinds: Sequence[CameraType], width_m: float, speed_mps: float, pixels_per_m: float
) -> Fit:
    """The type that does a road for least; where none will do, the first with its reason."""
    fits = [fit(kind, width_m, speed_mps, pixels_per_m) for kind in kinds]
    good = [one for one in fits if one.count]
    return min(good, key=lambda one: (one.cost, one.count)) if good else fits[0]
