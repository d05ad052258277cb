"""Road video with known plates, made by chance from a seed: vehicles pass a camera.

Each condition is one hardship: how wide the plate is at its nearest, how far the vehicle is turned,
how far it moves while a frame is taken, night with headlights, rain, and how hard the film is
pressed together. `write_video` writes H.264, `stills` gives single pictures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.testing.late_import import LateModule
from stopline.testing.plates import PlateText, plate_picture, random_plate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.random import Generator
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

cv2: Any = LateModule("cv2", "stopline[cameras]")
_PLATE: Final = 200  # width of the plate in the drawn vehicle, pixels
_FAR: Final = 0.5  # share of its largest width at which the plate comes into view


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How hard it is to read.

    Attributes:
        plate_px: width of the plate at its nearest, pixels.
        yaw_deg: how far the vehicle is turned from the camera.
        blur_px: how far it moves while a frame is taken.
        night: headlights are on, and little else.
        rain: it rains.
        crf: constant rate factor of H.264; more is harder.
    """

    plate_px: float = 120.0
    yaw_deg: float = 10.0
    blur_px: float = 1.0
    night: bool = False
    rain: bool = False
    crf: int = 23

    @property
    def name(self) -> str:
        """How it is called in tables."""
        light = ("night" if self.night else "day") + (" rain" if self.rain else "")
        return (
            f"{light}, {self.plate_px:.0f} px, {self.yaw_deg:.0f} deg, blur {self.blur_px:.0f} px, "
            f"crf {self.crf}"
        )


@dataclass(frozen=True, slots=True)
class FilmedVehicle:
    """One vehicle in a film.

    Attributes:
        plate: what it bears.
        begins_s: when it comes into view, seconds from the film's start.
        lasts_s: how long it is in view.
        lane: -1 left to 1 right.
        towards: it comes nearer; else it drives away.
        condition: how hard it is to read.
    """

    plate: PlateText
    begins_s: float
    lasts_s: float
    lane: float
    towards: bool
    condition: Condition


def passages(
    rng: Generator,
    condition: Condition,
    count: int,
    *,
    country: str | None = None,
    every_s: float = 2.0,
    lasts_s: float = 1.2,
) -> list[FilmedVehicle]:
    """Make vehicles that pass one after the other."""
    return [
        FilmedVehicle(
            random_plate(rng, country), 0.6 + number * every_s, lasts_s,
            float(rng.uniform(-0.5, 0.5)), bool(rng.integers(0, 2)), condition,
        )
        for number in range(count)
    ]  # fmt: skip


def frames(
    rng: Generator,
    vehicles: Sequence[FilmedVehicle],
    *,
    size: tuple[int, int] = (1280, 720),
    rate: float = 12.5,
    lasts_s: float | None = None,
) -> Iterator[Picture]:
    """Draw the film frame by frame, before it is pressed together."""
    condition = vehicles[0].condition if vehicles else Condition()
    ground = _road(rng, size, condition)
    sprites = [_vehicle(rng, one) for one in vehicles]
    ends = lasts_s or max((one.begins_s + one.lasts_s for one in vehicles), default=1.0) + 0.6
    for number in range(math.ceil(ends * rate)):
        at_s = number / rate
        picture = ground.astype(np.float32)
        seen = [
            (one, sprite)
            for one, sprite in zip(vehicles, sprites, strict=True)
            if one.begins_s <= at_s < one.begins_s + one.lasts_s
        ]
        for one, sprite in sorted(seen, key=lambda pair: _nearness(pair[0], at_s)):
            _place(picture, one, sprite, _nearness(one, at_s))
        yield _camera(rng, picture, condition)


def stills(
    rng: Generator, condition: Condition, count: int, *, size: tuple[int, int] = (960, 720)
) -> Iterator[tuple[PlateText, Picture]]:
    """Draw single pictures of a vehicle at its nearest, pressed as JPEG."""
    for _ in range(count):
        one = replace(passages(rng, condition, 1)[0], begins_s=0.0, towards=True)
        picture = _road(rng, size, condition).astype(np.float32)
        _place(picture, one, _vehicle(rng, one), 1.0)
        _, pressed = cv2.imencode(".jpg", _camera(rng, picture, condition))
        seen: Any = cv2.imdecode(pressed, cv2.IMREAD_COLOR)
        yield one.plate, seen


def write_video(
    path: Path, pictures: Iterator[Picture], *, rate: float = 12.5, crf: int = 23
) -> None:
    """Write pictures as H.264; the same pictures give the same film."""
    import av  # noqa: PLC0415  (an extra)

    with av.open(str(path), "w") as film:
        stream: Any = None
        for picture in pictures:
            if stream is None:
                stream = film.add_stream("libx264", rate=_ratio(rate))
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.options = {"crf": str(crf), "preset": "veryfast", "threads": "1", "g": "25"}
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")):
                film.mux(packet)
        if stream is not None:
            for packet in stream.encode():
                film.mux(packet)


def _ratio(rate: float) -> Any:  # noqa: ANN401  (a fraction)
    from fractions import Fraction  # noqa: PLC0415

    return Fraction(rate).limit_denominator(1000)


def _nearness(one: FilmedVehicle, at_s: float) -> float:
    gone = (at_s - one.begins_s) / one.lasts_s
    return gone if one.towards else 1.0 - gone


def _road(rng: Generator, size: tuple[int, int], condition: Condition) -> Picture:
    width, height = size
    coarse = rng.normal(0, 9, (height // 8, width // 8)).astype(np.float32)
    ground = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    ground = ground[:, :, None] + np.array([96, 98, 100], np.float32)
    ground[: height // 4] += np.array([70, 50, 30], np.float32)
    for lane in (-0.6, 0.0, 0.6):
        x0, x1 = width / 2 + lane * width * 0.12, width / 2 + lane * width * 0.8
        cv2.line(ground, (int(x0), height // 4), (int(x1), height), (190.0, 190.0, 190.0), 4)
    for _ in range(8):
        x, y = int(rng.integers(0, width)), int(rng.integers(height // 8, height // 3))
        cv2.circle(
            ground,
            (x, y),
            int(rng.integers(10, 50)),
            tuple(float(v) for v in rng.uniform(30, 110, 3)),
            -1,
        )
    ground += rng.normal(0, 5, ground.shape[:2]).astype(np.float32)[:, :, None]
    if condition.night:
        ground *= 0.16
    drawn: Picture = np.clip(ground, 0, 255).astype(np.uint8)
    return drawn


def _vehicle(rng: Generator, one: FilmedVehicle) -> NDArray[np.float32]:
    """Draw the end of a vehicle that faces the camera: blue, green, red and what covers."""
    wide, high = int(_PLATE * 3.5), int(_PLATE * 2.6)
    night = one.condition.night
    picture = np.zeros((high, wide, 4), np.float32)
    colour = tuple(float(v) for v in rng.uniform(20, 225, 3) * (0.2 if night else 1.0))
    glass = tuple(float(v) * (0.2 if night else 1.0) for v in (70, 60, 55))
    body = [
        [20, high],
        [0, int(high * 0.45)],
        [int(wide * 0.16), 0],
        [int(wide * 0.84), 0],
        [wide, int(high * 0.45)],
        [wide - 20, high],
    ]
    cv2.fillPoly(picture, [np.array(body)], (*colour, 1.0))
    window = [
        [int(wide * 0.12), int(high * 0.4)],
        [int(wide * 0.2), 20],
        [int(wide * 0.8), 20],
        [int(wide * 0.88), int(high * 0.4)],
    ]
    cv2.fillPoly(picture, [np.array(window)], (*glass, 1.0))
    dull = tuple(v * 0.8 for v in colour)
    cv2.rectangle(picture, (0, int(high * 0.62)), (wide, int(high * 0.86)), (*dull, 1.0), -1)
    cv2.rectangle(
        picture, (20, int(high * 0.86)), (wide - 20, high), (*(v * 0.6 for v in colour), 1.0), -1
    )
    for side in (0.12, 0.88):
        lamp = (250.0, 250.0, 245.0) if night or one.towards else (30.0, 30.0, 160.0)
        at = (int(wide * side), int(high * 0.52))
        cv2.ellipse(picture, at, (60, 34), 0, 0, 360, (*lamp, 1.0), -1)
    plate = plate_picture(rng, one.plate)
    rows = round(_PLATE * plate.shape[0] / plate.shape[1])
    small = cv2.resize(plate, (_PLATE, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
    if night:  # it throws the light back
        small *= float(rng.uniform(0.45, 0.95))
    y, x = int(high * 0.68), (wide - _PLATE) // 2
    picture[y : y + rows, x : x + _PLATE, :3] = small
    return picture


def _place(
    picture: NDArray[np.float32], one: FilmedVehicle, sprite: NDArray[np.float32], near: float
) -> None:
    """Put a vehicle into the picture at its place, turned and blurred by its motion."""
    height, width = picture.shape[:2]
    condition = one.condition
    share = _FAR + (1 - _FAR) * near
    scale = condition.plate_px * share / _PLATE
    rows, columns = max(round(sprite.shape[0] * scale), 4), max(round(sprite.shape[1] * scale), 4)
    small = cv2.resize(sprite, (columns, rows), interpolation=cv2.INTER_AREA)
    yaw = math.radians(condition.yaw_deg)
    thin, lean = math.cos(yaw), 0.10 * math.sin(yaw)
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    x = width * (0.5 + 0.3 * one.lane * share) - columns * thin / 2
    y = height * (0.18 + 0.62 * near * 0.9) - rows * 0.45
    goal = np.array(
        [[x, y + rows * lean], [x + columns * thin, y - rows * lean * 0.4],
         [x + columns * thin, y + rows * (1 + lean * 0.4)], [x, y + rows * (1 - lean)]], np.float32,
    )  # fmt: skip
    margin = math.ceil(condition.blur_px) + 3
    left, top = np.maximum(goal.min(axis=0).astype(int) - margin, 0)
    right, bottom = np.minimum(goal.max(axis=0).astype(int) + margin + 1, (width, height))
    if right <= left or bottom <= top:
        return
    goal -= np.array([left, top], np.float32)
    turn = cv2.getPerspectiveTransform(corners, goal)
    window = (int(right - left), int(bottom - top))
    layer = cv2.warpPerspective(small, turn, window, flags=cv2.INTER_LINEAR)
    blur = condition.blur_px * share
    if blur > 0.5:  # noqa: PLR2004  (less does not show)
        layer = cv2.filter2D(layer, -1, _motion(blur, 0.35 * one.lane))
    part = picture[top:bottom, left:right]
    part *= 1 - layer[:, :, 3:4]
    part += layer[:, :, :3]
    if condition.night:
        for side in (0.12, 0.88):
            lamp = np.array([[[columns * side, rows * 0.52]]], np.float32)
            at = cv2.perspectiveTransform(lamp, turn)[0, 0] + np.array([left, top], np.float32)
            _glare(picture, at, columns * 0.22)


def _motion(length: float, slope: float) -> NDArray[np.float32]:
    """Where a point goes while the shutter is open: down the road, a little sideways."""
    side = math.ceil(length) * 2 + 3
    spread = np.zeros((side, side), np.float32)
    steps = 41
    for step in np.linspace(-0.5, 0.5, steps):
        x, y = side // 2 + step * length * (0.45 + slope), side // 2 + step * length * 0.89
        x0, y0 = int(x), int(y)
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            part = (1 - abs(x - x0 - dx)) * (1 - abs(y - y0 - dy))
            spread[y0 + dy, x0 + dx] += part
    whole: NDArray[np.float32] = spread / spread.sum()
    return whole


def _glare(picture: NDArray[np.float32], at: NDArray[np.float32], spread: float) -> None:
    """Add the light of a lamp, as far as it shows."""
    height, width = picture.shape[:2]
    reach = int(spread * 5)
    left, right = max(int(at[0]) - reach, 0), min(int(at[0]) + reach, width)
    top, bottom = max(int(at[1]) - reach, 0), min(int(at[1]) + reach, height)
    if right <= left or bottom <= top:
        return
    rows, columns = np.ogrid[top:bottom, left:right]
    far = (columns - at[0]) ** 2 + (rows - at[1]) ** 2
    light = 200 * np.exp(-far / (2 * (spread * 0.5) ** 2)) + 40 * np.exp(-far / (2 * spread**2 * 2))
    picture[top:bottom, left:right] += light[:, :, None].astype(np.float32)


def _camera(rng: Generator, picture: NDArray[np.float32], condition: Condition) -> Picture:
    """What optics and sensor make of it."""
    seen = cv2.GaussianBlur(picture, (0, 0), 0.7 if condition.rain else 0.42)
    if condition.rain:
        _rain(rng, seen)
    noise = rng.standard_normal(seen.shape[:2], np.float32)
    fine, coarse = (5.0, 2.5) if condition.night else (1.6, 0.8)
    seen += (noise * fine + cv2.GaussianBlur(noise[::-1], (0, 0), 1.0) * (2 * coarse))[:, :, None]
    taken: Picture = np.clip(seen, 0, 255).astype(np.uint8)
    return taken


def _rain(rng: Generator, picture: NDArray[np.float32]) -> None:
    height, width = picture.shape[:2]
    streaks = np.zeros((height, width), np.float32)
    for _ in range(260):
        x, y, length = (
            int(rng.integers(0, width)),
            int(rng.integers(-20, height)),
            int(rng.integers(12, 34)),
        )
        cv2.line(streaks, (x, y), (x + length // 6, y + length), float(rng.uniform(25, 70)), 1)
    picture *= 0.86
    picture += cv2.GaussianBlur(streaks, (0, 0), 0.8)[:, :, None] + 16
