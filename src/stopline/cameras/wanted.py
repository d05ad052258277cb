"""The plate that is wanted, whole or in part: `?` is one unknown sign, `*` any number of them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from stopline.cameras.signs import ANY_RUN, ANY_SIGN, bare_plate, look_alike_key, sign_table
from stopline.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_KNOWN: Final = 4
_LONGEST: Final = 16


@dataclass(frozen=True, slots=True, repr=False)
class WantedPlate:
    """A plate that is searched for; it shows itself nowhere.

    Attributes:
        pattern: bare signs, `?` and `*`.
        key: the pattern with each sign replaced by the first of its look-alikes.
    """

    pattern: str
    key: str

    def __repr__(self) -> str:
        return "WantedPlate(hidden)"

    @property
    def partial(self) -> bool:
        """Whether a sign is unknown."""
        return ANY_SIGN in self.pattern or ANY_RUN in self.pattern


def wanted_plate(text: str) -> WantedPlate:
    """Read a plate as a person writes it.

    Raises:
        BadInput: fewer than four signs are known, too many stand there, or one is no sign of a
            plate.
    """
    whole = unicodedata.normalize("NFKC", text).strip()
    kept, unknown = [], []
    table = sign_table()
    for sign in whole:
        if sign in (ANY_SIGN, ANY_RUN):
            kept.append(sign)
        elif sign.isalnum():
            kept.append(bare_plate(sign))
        elif sign not in table.separators and not sign.isspace():
            unknown.append(sign)
    pattern = re.sub(r"\*{2,}", "*", "".join(kept))
    known = sum(sign not in (ANY_SIGN, ANY_RUN) for sign in pattern)
    if unknown:
        raise BadInput.single(
            "plate", f"a sign that no plate has ({' '.join(unknown[:4])})",
            "letters, digits, spaces and dashes, ? for one unknown sign, * for any number",
        )  # fmt: skip
    if known < LEAST_KNOWN:
        raise BadInput.single(
            "plate", f"{known} known signs", f"{LEAST_KNOWN} or more, or half a town would match"
        )
    if len(pattern) > _LONGEST:
        raise BadInput.single("plate", f"{len(pattern)} signs", f"{_LONGEST} at most")
    return WantedPlate(pattern, look_alike_key(pattern))


def fits(read: str, wanted: WantedPlate) -> bool:
    """Whether a plate that somebody else has read is the wanted one, or a look-alike of it."""
    return _fits(look_alike_key(bare_plate(read)), wanted.key)


def fitting(reads: Sequence[str], wanted: WantedPlate) -> list[int]:
    """Return which of many reads fit; the rest is dropped with the list.

    Args:
        reads: as other systems give them, without line breaks.
        wanted: the one plate.
    """
    whole = unicodedata.normalize("NFKC", "\n".join(reads)).translate(_keys())
    keys = whole.split("\n")
    if len(keys) != len(reads) or wanted.partial:
        return [number for number, read in enumerate(reads) if fits(read, wanted)]
    return [number for number, key in enumerate(keys) if key == wanted.key]


@cache
def _keys() -> dict[int, str | None]:
    """For each sign the first of its look-alikes; nothing for separators."""
    table = sign_table()
    keys: dict[int, str | None] = {
        ord(sign): table.group[plain] for sign, plain in table.plain.items()
    }
    return keys | {ord(sign): None for sign in table.separators}


def is_exact(read: str, wanted: WantedPlate) -> bool:
    """Whether it is the wanted one sign by sign, not only by look-alikes."""
    return _fits(bare_plate(read), wanted.pattern)


def _fits(key: str, pattern: str) -> bool:
    if ANY_SIGN not in pattern and ANY_RUN not in pattern:
        return key == pattern
    parts = {ANY_SIGN: ".", ANY_RUN: ".*"}
    return re.fullmatch("".join(parts.get(s) or re.escape(s) for s in pattern), key) is not None
