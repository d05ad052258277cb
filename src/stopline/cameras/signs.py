"""The signs of plates: which stand for one another, and which say nothing.

The table is data (`data/look_alikes.yaml`), read once and never changed.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import yaml

SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ANY_SIGN: Final = "?"
ANY_RUN: Final = "*"


@dataclass(frozen=True, slots=True)
class SignTable:
    """Which signs stand for one another.

    Attributes:
        plain: sign of any alphabet to one of `SIGNS`, by shape.
        group: one of `SIGNS` to the first of its look-alikes.
        separators: signs that say nothing.
    """

    plain: dict[str, str]
    group: dict[str, str]
    separators: frozenset[str]


@cache
def sign_table() -> SignTable:
    """Read the table of the package."""
    text = resources.files(__package__).joinpath("data/look_alikes.yaml").read_text("utf-8")
    data = yaml.safe_load(text)
    plain = {sign: sign for sign in SIGNS}
    plain |= {sign.lower(): sign for sign in SIGNS}
    for sign, others in data["same_shape"].items():
        plain |= dict.fromkeys(others, sign)
    group = {sign: sign for sign in SIGNS}
    for members in data["groups"]:
        group |= dict.fromkeys(members, members[0])
    return SignTable(plain, group, frozenset(data["separators"]))


def bare_plate(text: str) -> str:
    """Letters and digits alone, in capitals, one spelling for letters of the same shape."""
    table = sign_table().plain
    whole = unicodedata.normalize("NFKC", text)
    capital = (table.get(sign, sign).upper() for sign in whole)
    return "".join(table.get(sign, sign) for sign in "".join(capital) if sign.isalnum())


def look_alike_key(bare: str) -> str:
    """The plate with each sign replaced by the first of its look-alikes."""
    group = sign_table().group
    return "".join(group.get(sign, sign) for sign in bare)


def group_names() -> tuple[str, ...]:
    """The first sign of every group, in the order of `SIGNS`; a score's columns are these."""
    group = sign_table().group
    return tuple(sign for sign in SIGNS if group[sign] == sign)
