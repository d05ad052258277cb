"""Whether what a caller gave is of the kind that was asked for: numbers, lists, and fields of both.

A notebook gives anything: a table where units are meant, a text where a number is, a moment where
seconds are. Each is a fault that says what was found and what to give.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date, timedelta
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from stopline.errors import BadInput

if TYPE_CHECKING:
    from enum import StrEnum

    from stopline.errors import FaultList

Thing = TypeVar("Thing")
A_NETWORK: Final = "a network, as sl.read_network or sl.from_networkx gives"
_SHOWN: Final = 60
_SECONDS: Final = "seconds as a number; a moment with a zone gives them as .timestamp()"
_KINDS: Final[Mapping[str, tuple[type | tuple[type, ...], str]]] = {
    "float": (Real, "a number"),
    "int": (Integral, "a whole number"),
    "str": (str, "text"),
    "bool": ((bool, np.bool_), "true or false"),
    "frozenset[str]": (frozenset, "a frozenset of texts"),
}


def shown(value: object) -> str:
    """What was found, in a few words."""
    if value is None:
        return "nothing"
    if hasattr(value, "iloc"):
        return "a table"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    text = repr(value)
    return f"{type(value).__name__} {text}" if len(text) <= _SHOWN else f"a {type(value).__name__}"


def file_in_folder(path: Path | str) -> Path:
    """Where to write a file.

    Raises:
        BadInput: its folder is not there.
    """
    place = Path(path)
    if not place.parent.is_dir():
        raise BadInput.single(str(place.parent), "no such folder", "a folder that is there")
    return place


def expect(value: object, kind: type[Thing], where: str, expected: str) -> Thing:
    """Refuse what is not of a kind, where nothing else can be looked at without it.

    Raises:
        BadInput: it is something else.
    """
    if not isinstance(value, kind):
        raise BadInput.single(where, shown(value), expected)
    return value


def listed(
    value: object, kinds: type | tuple[type, ...], where: str, expected: str, faults: FaultList
) -> list[Any]:
    """The members of a list that are of the kinds asked for; every other one is a fault."""
    if (
        not isinstance(value, Iterable)
        or isinstance(value, str | bytes | Mapping)
        or hasattr(value, "iloc")
    ):
        faults.add(where, shown(value), f"a list of {expected}")
        return []
    kept = []
    for number, one in enumerate(value):
        if isinstance(one, kinds):
            kept.append(one)
        else:
            faults.add(f"{where}[{number}]", shown(one), expected)
    return kept


def is_number(
    value: object, where: str, faults: FaultList, *, least: float = -math.inf, what: str = "seconds"
) -> bool:
    """Whether it is a finite number of at least so much; a fault otherwise."""
    if _is(value, Real) and math.isfinite(value) and value >= least:  # type: ignore[arg-type,operator]
        return True
    more = "" if math.isinf(least) else f", {least:g} or more"
    faults.add(where, _seen(value), _SECONDS if _moment(value) else f"{what}{more}")
    return False


def fields_are_right(one: Any, where: str, faults: FaultList) -> bool:  # noqa: ANN401
    """Whether every field of a dataclass holds what it says; a fault for each that does not.

    Numbers are finite, but for those that are infinite unless said otherwise.
    """
    before = len(faults)
    for field in fields(one):
        value, words = getattr(one, field.name), str(field.type).split(" | ")
        if value is None and "None" in words:
            continue
        kind, expected = _KINDS.get(words[0], (object, ""))
        if not _is(value, kind):
            said = _SECONDS if _moment(value) else expected
            faults.add(f"{where}: {field.name}", _seen(value), said)
        elif words[0] == "float" and not _finite(value, field.default):
            faults.add(f"{where}: {field.name}", str(value), "a finite number")
        elif words[0] == "frozenset[str]" and not all(isinstance(name, str) for name in value):
            faults.add(f"{where}: {field.name}", _seen(value), expected)
    return len(faults) == before


def check_position(faults: FaultList, where: str, lon: float, lat: float) -> bool:
    """Whether it is a longitude and a latitude; a fault otherwise."""
    before = len(faults)
    for value in (lon, lat):
        is_number(value, where, faults, what="longitude and latitude in degrees")
    if len(faults) == before and not (abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004
        faults.add(where, f"{lon}, {lat}", "longitude and latitude in degrees")
    return len(faults) == before


def choice(value: object, words: type[StrEnum] | Collection[str]) -> bool:
    """Whether it is one of the words."""
    return isinstance(value, str) and value in {str(word) for word in words}


def _finite(value: float, default: object) -> bool:
    endless = default is not MISSING and default == math.inf
    return not math.isnan(value) and (math.isfinite(value) or (endless and value > 0))


def _is(value: object, kind: type | tuple[type, ...]) -> bool:
    if kind in (Real, Integral) and isinstance(value, bool | np.bool_):
        return False
    return isinstance(value, kind)


def _moment(value: object) -> bool:
    return isinstance(value, date | timedelta | np.datetime64 | np.timedelta64)


def _seen(value: object) -> str:
    if isinstance(value, date) and getattr(value, "tzinfo", None) is None:
        return f"{value}, a moment without a zone"
    return str(value) if _moment(value) or isinstance(value, Real) else shown(value)
