"""Watch one camera: its frames go in; hits, silences and blindness of that camera come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from stopline.cameras.errors import CameraFailed
from stopline.cameras.vision.health import Health
from stopline.cameras.worked import Interval, Worked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stopline.cameras.camera import Camera
    from stopline.cameras.vision.eye import Eye, PassageAnswer
    from stopline.cameras.vision.frame import CameraFrame
    from stopline.cameras.wanted import WantedPlate

_MOST_FAILURES: Final = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """The wanted vehicle passed, for certain or possibly.

    Attributes:
        camera: that saw it.
        answer: how sure, when, which way.
        at_s: true time, UTC seconds.
        arrived_s: by our clock.
    """

    camera: Camera
    answer: PassageAnswer
    at_s: float
    arrived_s: float


@dataclass(frozen=True, slots=True)
class Silent:
    """The camera worked, and the wanted vehicle did not pass."""

    camera: Camera
    interval: Interval


@dataclass(frozen=True, slots=True)
class Blind:
    """The camera does not see; nothing follows from its silence.

    Attributes:
        why: frozen, dark, covered, turned away, clock off, or what broke.
        since_s: UTC seconds.
    """

    camera: Camera
    why: str
    since_s: float


@dataclass(frozen=True, slots=True)
class SeesAgain:
    """The camera sees again."""

    camera: Camera
    since_s: float


Seen: TypeAlias = Hit | Silent | Blind | SeesAgain


@dataclass(slots=True)
class Counts:
    """How much was looked at; of vehicles nothing is counted."""

    frames: int = 0


def watch_camera(
    camera: Camera,
    frames: Iterable[CameraFrame],
    eye: Eye,
    wanted: Callable[[], WantedPlate | None],
    *,
    live: bool,
    counts: Counts | None = None,
    worked: Worked | None = None,
) -> Iterator[Seen]:
    """Watch a camera until its frames end.

    Args:
        camera: what it is.
        frames: from `sources.frames_of`.
        eye: that looks.
        wanted: is asked for every frame what may be looked for at that moment.
        live: frames come as they are taken.
        counts: is kept up to date.
        worked: adds up its working time.
    """
    watching = _Watching(camera, eye, wanted, live, worked or Worked())
    counts = counts or Counts()
    for frame in frames:
        counts.frames += 1
        yield from watching.frame(frame)
    yield from watching.end()


class _Watching:
    """What is known of one camera between two frames."""

    def __init__(
        self,
        camera: Camera,
        eye: Eye,
        wanted: Callable[[], WantedPlate | None],
        live: bool,  # noqa: FBT001  (one of many)
        worked: Worked,
    ) -> None:
        self._camera, self._eye, self._wanted, self._live = camera, eye, wanted, live
        self._health, self._worked = Health(camera.clock_offset_s), worked
        self._blind: str | None = None
        self._failures, self._arrived_s, self._stills = 0, 0.0, False
        self._looked = False

    def frame(self, frame: CameraFrame) -> Iterator[Seen]:
        """Look at a frame; say what follows."""
        at_s, self._arrived_s = frame.at_s + self._camera.clock_offset_s, frame.arrived_s
        self._stills = self._stills or frame.still
        why, answers = self._look(frame)
        if why != self._blind:
            yield from _changed(self._camera, self._blind, why, at_s, self._worked)
            self._blind = why
        for answer in answers:
            yield from _hit(self._camera, answer, self._arrived_s, self._worked)
        if self._looked and self._blind is None and not frame.still:
            for interval in self._worked.frame(at_s):
                yield Silent(self._camera, interval)

    def end(self) -> Iterator[Seen]:
        """Say what is left when the frames end."""
        try:
            if self._eye.in_view and self._wanted() is None:  # the watch ended since the last frame
                self._eye.forget()
        except CameraFailed:
            self._eye.forget()
        for answer in self._eye.finish():
            yield from _hit(self._camera, answer, self._arrived_s, self._worked)
        if not self._stills:
            for interval in self._worked.stop():
                yield Silent(self._camera, interval)

    def _look(self, frame: CameraFrame) -> tuple[str | None, list[PassageAnswer]]:
        try:
            wanted = self._wanted()
            self._looked = wanted is not None  # silence says nothing of a time without a watch
            answers = self._eye.see(frame, wanted)
            why = None
            if not frame.still:
                why = self._health.check(
                    frame.small(), at_s=frame.at_s, arrived_s=frame.arrived_s, live=self._live
                )
        except CameraFailed as error:
            self._failures += 1
            if self._failures > _MOST_FAILURES:
                raise
            return str(error), []
        self._failures = 0
        return why, answers


def _hit(camera: Camera, answer: PassageAnswer, arrived_s: float, worked: Worked) -> Iterator[Seen]:
    at_s = answer.at_s + camera.clock_offset_s
    for interval in worked.seen(at_s):
        yield Silent(camera, interval)
    yield Hit(camera, answer, at_s, arrived_s)


def _changed(
    camera: Camera, before: str | None, now: str | None, at_s: float, worked: Worked
) -> Iterator[Seen]:
    if now is None:
        yield SeesAgain(camera, at_s)
        return
    if before is None:
        for interval in worked.stop():
            yield Silent(camera, interval)
    yield Blind(camera, now, at_s)


def as_line(seen: Seen) -> dict[str, Any]:
    """Return what is told in a line of JSON; no plate stands in it."""
    line: dict[str, Any] = {"camera": seen.camera.name}
    if isinstance(seen, Hit):
        answer = seen.answer
        line |= {
            "kind": "hit", "at": iso(seen.at_s), "arrived": iso(seen.arrived_s),
            "class": answer.hit_class, "confidence": answer.confidence, "score": answer.score,
            "direction": answer.direction, "heading_deg": seen.camera.heading(answer.direction),
            "section": seen.camera.section, "plate_px": answer.plate_px, "frames": answer.frames,
        }  # fmt: skip
        if answer.doubt:
            line["doubt"] = answer.doubt
    elif isinstance(seen, Silent):
        line |= {
            "kind": "silence", "from": iso(seen.interval.from_s),
            "until": iso(seen.interval.until_s), "section": seen.camera.section,
            "directions": list(seen.camera.directions), "detection": seen.camera.detection,
        }  # fmt: skip
    elif isinstance(seen, Blind):
        line |= {"kind": "blind", "why": seen.why, "since": iso(seen.since_s)}
    else:
        line |= {"kind": "sees again", "since": iso(seen.since_s)}
    return line


def iso(moment_s: float) -> str:
    """Write UTC seconds as ISO 8601, to the millisecond."""
    from datetime import UTC, datetime  # noqa: PLC0415  (only who writes needs it)

    text = datetime.fromtimestamp(moment_s, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
