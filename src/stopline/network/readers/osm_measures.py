"""Whether a road or a passage is too narrow, low or weak to be sure that a unit passes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stopline.network.readers.osm_access import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_NARROW_M: Final = 2.2
_LOW_M: Final = 2.5
_MEASURES: Final = {
    "": 1.0, "m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254,
    "t": 1.0, "kg": 0.001, "st": 0.907185, "lt": 1.016047, "lbs": 0.000453592,
}  # fmt: skip
_WEAK_T: Final = 3.5


def is_narrow(tags: Mapping[str, str | None]) -> bool:
    """Whether some width told is below that of a vehicle with mirrors."""
    return any(_below(tags.get(key), _NARROW_M) for key in ("width", "maxwidth", "est_width"))


def is_low(tags: Mapping[str, str | None]) -> bool:
    """Whether some height told is below that of a van, or told to be below the usual."""
    told = [tags.get(key) for key in ("maxheight", "maxheight:physical")]
    return any(_below(text, _LOW_M) or "below_default" in words_of(text) for text in told)


def is_weak(tags: Mapping[str, str | None]) -> bool:
    """Whether it bears less than a loaded van weighs."""
    return _below(tags.get("maxweight"), _WEAK_T)


def _below(text: str | None, limit: float) -> bool:
    """Whether a measure in metres or tonnes, or in feet and inches, is below a limit."""
    return any(_one_below(word, limit) for word in words_of(text))


def _one_below(plain: str, limit: float) -> bool:
    feet = re.match(r"^(\d+)\s*(?:'|ft|feet)\s*(?:(\d+)\s*(?:\"|in|''))?$", plain)
    if feet:
        return float(feet[1]) * 0.3048 + float(feet[2] or 0) * 0.0254 < limit
    number = re.match(r"^(\d+(?:[.,]\d+)?)\s*([a-z]*)$", plain)
    factor = _MEASURES.get(number[2]) if number else None
    if number is None or factor is None:
        return False
    return float(number[1].replace(",", ".")) * factor < limit
