"""Number plates of ten countries, made by chance: their text, and how they look.

The signs are drawn with the fonts of the package matplotlib, made narrow as on plates. No picture
of a real plate is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import yaml

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

_HEIGHT: Final = 110
_ONE_LINE: Final = 520
_FONTS: Final = ("DejaVuSans-Bold.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf")
_DIGITS: Final = "0123456789"


@dataclass(frozen=True, slots=True)
class PlateText:
    """A plate as a person writes it.

    Attributes:
        country: as in `plate_formats.yaml`.
        text: with its spaces and dashes.
        pattern: how it was made, 9 for a digit and A for a letter.
    """

    country: str
    text: str
    pattern: str


@cache
def plate_formats() -> dict[str, Any]:
    """How plates of each country are made."""
    text = resources.files("stopline.cameras").joinpath("data/plate_formats.yaml")
    formats: dict[str, Any] = yaml.safe_load(text.read_text("utf-8"))["countries"]
    return formats


def random_plate(rng: Generator, country: str | None = None) -> PlateText:
    """Make a plate of a country, or of any."""
    formats = plate_formats()
    name = country or str(rng.choice(sorted(formats)))
    pattern = str(rng.choice(formats[name]["patterns"]))
    return PlateText(name, _filled(rng, pattern, formats[name]["letters"]), pattern)


def same_format(rng: Generator, plate: PlateText) -> PlateText:
    """Make another plate of the same format."""
    while True:
        text = _filled(rng, plate.pattern, plate_formats()[plate.country]["letters"])
        if text != plate.text:
            return PlateText(plate.country, text, plate.pattern)


def one_sign_off(plate: PlateText) -> list[PlateText]:
    """Every plate of the same format that differs in one sign."""
    letters = plate_formats()[plate.country]["letters"]
    found = []
    for place, kind in enumerate(_kinds(plate.pattern)):
        for sign in {"9": _DIGITS, "A": letters}.get(kind, ""):
            if sign != plate.text[place]:
                text = plate.text[:place] + sign + plate.text[place + 1 :]
                found.append(PlateText(plate.country, text, plate.pattern))
    return found


def plate_picture(rng: Generator, plate: PlateText) -> NDArray[np.uint8]:
    """Draw a plate, 110 pixels high, blue, green, red.

    Frame, ground, band, width and weight of the signs, screws and dirt are left to chance.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415  (only who draws needs it)

    form = plate_formats()[plate.country]
    wide = _ONE_LINE
    ground = tuple(int(v) for v in rng.integers(205, 250, 3))
    dark = tuple(int(v) for v in rng.integers(5, 50, 3))
    if plate.country == "FL":
        ground, dark = dark, ground
    image = Image.new("RGB", (wide, _HEIGHT), ground)
    draw = ImageDraw.Draw(image)
    left = 14
    band = form.get("band", "")
    if band:
        draw.rectangle((0, 0, 44, _HEIGHT), fill=(20, 50, 150))
        font = _font(_FONTS[0], 26)
        draw.text((22, 88), band, fill=(235, 235, 235), font=font, anchor="mm")
        left = 52
    font = _font(_FONTS[int(rng.integers(0, 3))], int(rng.integers(98, 112)))
    line = _signs(
        plate.text, font, dark, ground, room := wide - left - 16, float(rng.uniform(0.85, 0.97))
    )
    image.paste(line, (left + (room - line.width) // 2, (_HEIGHT - line.height) // 2))
    draw.rounded_rectangle((2, 2, wide - 3, _HEIGHT - 3), 10, outline=dark, width=4)
    for _ in range(int(rng.integers(0, 3))):
        x, y = int(rng.integers(0, wide)), int(rng.integers(0, _HEIGHT))
        draw.ellipse(
            (x - 5, y - 5, x + 5, y + 5), fill=tuple(int(v) for v in rng.integers(60, 190, 3))
        )
    drawn = np.asarray(image, np.float32)[:, :, ::-1]
    dirt = rng.normal(1.0, 0.05, (6, 24, 1)).astype(np.float32)
    dirt = dirt.repeat(-(-_HEIGHT // 6), 0)[:_HEIGHT].repeat(-(-wide // 24), 1)[:, :wide]
    dirty: NDArray[np.uint8] = np.clip(drawn * dirt, 0, 255).astype(np.uint8)
    return dirty


def _signs(text: str, font: Any, dark: Any, ground: Any, room: int, filled: float) -> Any:  # noqa: ANN401  (of Pillow)
    """Draw the signs one by one, narrow, spread over the room that plates give them."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    _, top, _, bottom = font.getbbox("0H")
    pitch = min(room * filled / len(text), 62.0)
    image = Image.new("RGB", (int(pitch * len(text)) + 2, int(bottom - top) + 4), ground)
    for place, sign in enumerate(text):
        left, _, right, below = font.getbbox(sign)
        # the hook of a J hangs below the line in these fonts; on a plate it stands on it
        hangs = max(int(below - bottom), 0) if sign == "J" else 0
        one = Image.new("RGB", (int(right - left) + 2, image.height + hangs), ground)
        ImageDraw.Draw(one).text((1 - left, 2 - top), sign, fill=dark, font=font)
        one = one.resize((max(min(int(pitch * 0.9), one.width), 4), image.height))
        image.paste(one, (int(pitch * place + (pitch - one.width) / 2), 0))
    return image


@cache
def _font(name: str, size: int) -> Any:  # noqa: ANN401  (of Pillow)
    import matplotlib as mpl  # noqa: PLC0415
    from PIL import ImageFont  # noqa: PLC0415

    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name), size)


def _kinds(pattern: str) -> list[str]:
    """For each sign what it may be: A, 9, or itself where it belongs to the town."""
    town = pattern.split(" ", maxsplit=1)[0] if pattern.split(" ", maxsplit=1)[0].isalpha() else ""
    fixed = 0 if set(town) <= {"A"} else len(town)
    return ["" if place < fixed else sign for place, sign in enumerate(pattern)]


def _filled(rng: Generator, pattern: str, letters: str) -> str:
    signs = []
    for sign, kind in zip(pattern, _kinds(pattern), strict=True):
        pool = {"9": _DIGITS, "A": letters}.get(kind, sign)
        signs.append(pool[int(rng.integers(0, len(pool)))])
    return "".join(signs)
