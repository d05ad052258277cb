"""The kinds of value that the form of a scenario is made of, and how each refuses what is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from stopline.network.road_network import ROAD_CLASSES

OBJECTIVES: Final = ("margin", "last_closing", "units", "strength", "disturbance")
_KIND: Final = "expected"
_TEMPLATE: Final = "{expected}"
DEFAULT: Final = "default"
_TIME: Final = "a time with zone in ISO 8601, for example 2026-06-12T21:30:00+02:00"


def refuse(expected: str, seen: str = "") -> NoReturn:
    """Raise the error whose message says what was expected."""
    raise PydanticCustomError(_KIND, _TEMPLATE, {"expected": expected, "seen": seen})


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        refuse("an IANA time zone, for example Europe/Vaduz", value)
    return value


def _time(value: object) -> datetime:
    if not isinstance(value, str):
        refuse(_TIME)
    try:
        time = datetime.fromisoformat(value)
        time.timestamp()
    except (ValueError, OverflowError):
        refuse(_TIME)
    if time.tzinfo is None:
        refuse(_TIME, f"{value} without zone")
    return time


def as_list(value: object) -> object:
    """Let one word or number stand for a list of one."""
    return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


def _default_class(value: object) -> object:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {DEFAULT: value} if number else value


def _known_classes(value: dict[str, Any]) -> dict[str, Any]:
    unknown = [name for name in value if name not in {*ROAD_CLASSES, DEFAULT}]
    if unknown:
        refuse(f"road classes of {', '.join(ROAD_CLASSES)}, default", ", ".join(unknown))
    return value


def known_road_classes(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse keys that are no road classes."""
    known_class_list(list(value))
    return value


def known_class_list(value: list[str]) -> list[str]:
    """Refuse names that are no road classes."""
    unknown = [name for name in value if name not in ROAD_CLASSES]
    if unknown:
        refuse(f"road classes of {', '.join(ROAD_CLASSES)}", ", ".join(unknown))
    return value


def _objective(value: list[str]) -> list[str]:
    unknown = [name for name in value if name not in OBJECTIVES]
    if unknown or len(set(value)) < len(value) or not value:
        refuse(f"some of {', '.join(OBJECTIVES)}, each once", ", ".join(value) or "none")
    return value


Time = Annotated[datetime, BeforeValidator(_time)]
ZoneName = Annotated[str, AfterValidator(_zone)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Metres = Annotated[float, Field(gt=0, le=2e7)]
Seconds = Annotated[float, Field(ge=0, le=1e7)]
Kmh = Annotated[float, Field(gt=0, le=1000)]
Number = Annotated[int, Field(ge=0, lt=2**31)]
Words = Annotated[list[str], BeforeValidator(as_list), Field(min_length=1)]
Objective = Annotated[list[str], BeforeValidator(as_list), AfterValidator(_objective)]
SecondsByClass = Annotated[
    dict[str, Seconds], BeforeValidator(_default_class), AfterValidator(_known_classes)
]
StrengthByClass = Annotated[
    dict[str, Annotated[int, Field(ge=1, le=1_000_000)]],
    BeforeValidator(_default_class),
    AfterValidator(_known_classes),
]


class Form(BaseModel):
    """What all parts of the form share: no guessing of types, no unknown keys, no NaN."""

    model_config = ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, frozen=True, populate_by_name=True
    )
