"""Cameras and witnesses: who sees the vehicle pass, how well, and when an officer hears of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from simpy import Environment, Event

    from stopline.exercise.document.truth import CameraForm, Truth, WitnessForm
    from stopline.exercise.truth.chance import ChanceStreams
    from stopline.exercise.truth.log import TruthLog
    from stopline.exercise.truth.roads import DriverRoads

_WINDS: Final = ("north", "north-east", "east", "south-east", "south", "south-west", "west",
                 "north-west")  # fmt: skip
_DEGREE_M: Final = 111_195.0
_READS_M: Final = 50.0
_PASS_S: Final = 60.0  # out of sight for so long, it passes once more


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerReport:
    """What reaches an officer of a side.

    Attributes:
        side: of the protocol.
        source: the camera or the person.
        lon: where it is said to have been, WGS 84 degrees.
        lat: the same.
        radius_m: how far from there it may have been.
        seen_s: when, exercise seconds.
        grade: reliability and credibility.
        confirmed: a camera that read the plate.
        towards: the direction of travel in words; None if not said.
    """

    side: str
    source: str
    lon: float
    lat: float
    radius_m: float
    seen_s: float
    grade: str
    confirmed: bool
    towards: str | None


class Observers:
    """All cameras and witnesses; `passes` is called for each road that the vehicle drives."""

    def __init__(
        self,
        env: Environment,
        truth: Truth,
        roads: DriverRoads,
        chance: ChanceStreams,
        log: TruthLog,
        hear: Callable[[OfficerReport], None],
    ) -> None:
        self.env, self.truth, self.roads = env, truth, roads
        self.chance, self.log, self.hear = chance, log, hear
        self._seen: dict[str, float] = {}

    def begin(self) -> None:
        """Have the false reports come at their times."""
        for one in self.truth.witnesses:
            if one.false_at_s is not None:
                self.env.process(self._false(one, one.false_at_s))

    def passes(self, arc: int, enters_s: float, takes_s: float) -> None:
        """The vehicle enters an arc and will drive along it."""
        for camera in self.truth.cameras:
            far_m, share = self.roads.nearest_on(arc, camera.lon, camera.lat)
            if far_m <= camera.sees_m and self._is_new(camera.name, enters_s, takes_s):
                self.env.process(self._read(camera, arc, share, share * takes_s))
        for witness in self.truth.witnesses:
            if witness.false_at_s is not None:
                continue
            far_m, share = self.roads.nearest_on(arc, witness.lon, witness.lat)
            if far_m <= witness.sees_m and self._is_new(witness.name, enters_s, takes_s):
                self.env.process(self._tell(witness, arc, share, share * takes_s))

    def _is_new(self, name: str, at_s: float, takes_s: float) -> bool:
        """One pass is seen once, though it may take several roads."""
        before = self._seen.get(name, -math.inf)
        self._seen[name] = at_s + takes_s
        return at_s - before > _PASS_S

    def _read(
        self, camera: CameraForm, arc: int, share: float, after_s: float
    ) -> Generator[Event, Any, None]:
        reads = self.chance.happens(camera.name, "detection", camera.detection)
        wrong = self.chance.happens(camera.name, "misread", camera.misread)
        delay_s = self.chance.seconds(camera.name, "delay", camera.delay)
        yield self.env.timeout(after_s)
        seen_s = self.env.now
        what = "misses it" if not reads else "reads another plate" if wrong else "hit"
        self.log.add(seen_s, camera.name, what, side=camera.side)
        if not reads or wrong:
            return
        yield self.env.timeout(delay_s)
        lon, lat = self.roads.point_on(arc, share)
        report = OfficerReport(
            side=camera.side, source=camera.name, lon=lon, lat=lat, radius_m=_READS_M,
            seen_s=seen_s, grade="A1", confirmed=True, towards=_wind(self.roads.heading_deg(arc)),
        )  # fmt: skip
        self.hear(report)

    def _tell(
        self, witness: WitnessForm, arc: int, share: float, after_s: float
    ) -> Generator[Event, Any, None]:
        lon, lat = self.roads.point_on(arc, share)
        east_m, north_m, late_s = self._errors(witness)
        delay_s = self.chance.seconds(witness.name, "delay", witness.delay)
        yield self.env.timeout(after_s)
        seen_s = self.env.now
        self.log.add(seen_s, witness.name, "sees it", side=witness.side)
        yield self.env.timeout(delay_s)
        report = self._reported(witness, (lon, lat), (east_m, north_m), seen_s + late_s)
        self.hear(report)

    def _false(self, witness: WitnessForm, at_s: float) -> Generator[Event, Any, None]:
        east_m, north_m, late_s = self._errors(witness)
        delay_s = self.chance.seconds(witness.name, "delay", witness.delay)
        yield self.env.timeout(at_s)
        self.log.add(self.env.now, witness.name, "is wrong", side=witness.side)
        seen_s = self.env.now
        yield self.env.timeout(delay_s)
        here = (witness.lon, witness.lat)
        self.hear(self._reported(witness, here, (east_m, north_m), seen_s + late_s))

    def _errors(self, witness: WitnessForm) -> tuple[float, float, float]:
        place = self.chance.of(witness.name, "error of place")
        time = self.chance.of(witness.name, "error of time")
        return (
            place.gauss(0.0, 1.0) * witness.error_m,
            place.gauss(0.0, 1.0) * witness.error_m,
            time.gauss(0.0, 1.0) * witness.error_s,
        )

    def _reported(
        self, witness: WitnessForm, place: tuple[float, float], off_m: tuple[float, float],
        seen_s: float,
    ) -> OfficerReport:  # fmt: skip
        lon = place[0] + off_m[0] / (_DEGREE_M * math.cos(math.radians(place[1])))
        lat = place[1] + off_m[1] / _DEGREE_M
        return OfficerReport(
            side=witness.side, source=witness.name, lon=lon, lat=lat,
            radius_m=max(_READS_M, 2.0 * witness.error_m), seen_s=min(seen_s, self.env.now),
            grade=witness.grade, confirmed=False, towards=None,
        )  # fmt: skip


def _wind(heading_deg: float) -> str:
    return f"the {_WINDS[round(heading_deg / 45.0) % 8]}"
