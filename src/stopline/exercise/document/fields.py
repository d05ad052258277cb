"""The small types of which the exercise form is made: moments, durations, places, shares."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from stopline.documents.plain_text import without_hidden_signs
from stopline.protocol.fields import DAY_S, DocumentEntry, Name, Text
from stopline.protocol.rehearsal.schema import Duration

EXPECTED_MOMENT = "a time with zone, for example 2026-06-12T20:00:00+03:00"
_YEARS = range(2000, 2200)
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}")
_LONGEST_S = 7 * DAY_S


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected {EXPECTED_MOMENT}") from None
    if moment.tzinfo is None or moment.year not in _YEARS or moment.utcoffset() is None:
        raise ValueError(f"expected {EXPECTED_MOMENT}")
    return text


def _grade(text: str) -> str:
    if len(text) != 2 or text[0] not in "ABCDEF" or text[1] not in "123456":  # noqa: PLR2004
        raise ValueError("expected a grade: reliability A to F and credibility 1 to 6, as in B2")
    return text


def _label(text: str) -> str:
    if _LABEL.fullmatch(text) is None:
        raise ValueError(
            "expected a name of at most 80 letters, digits, spaces and . _ - , not a space first"
        )
    return text


def taken(text: str) -> str:
    """A text that the nodes take; what they refuse would be lost in the middle of an exercise."""
    try:
        without_hidden_signs(text)
    except PydanticCustomError as error:
        raise ValueError(error.message()) from None
    return text


def _seen(text: str) -> str:
    if not text.strip():
        raise ValueError("expected some text, not blanks alone")
    return taken(text)


Moment = Annotated[str, StringConstraints(max_length=40), AfterValidator(_moment)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
AfterStart = Annotated[float, Field(ge=0, le=_LONGEST_S, allow_inf_nan=False)]
Factor = Annotated[float, Field(gt=0, le=20, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_seen)]
Words = Annotated[Text, AfterValidator(_seen)]
Grade = Annotated[str, AfterValidator(_grade)]
# Names of sides, objectives, cameras, witnesses and units; units may be called LP-Vaduz-1.
Label = Annotated[str, AfterValidator(_label)]
AT_ONCE = Duration(constant_s=0.0)


def utc_s(moment: str) -> float:
    """UTC seconds of a moment of the document."""
    return datetime.fromisoformat(moment).timestamp()


def zone_offset(moment: str) -> timedelta:
    """How far a moment's zone is ahead of UTC."""
    return datetime.fromisoformat(moment).utcoffset() or timedelta(0)


class Place(DocumentEntry):
    """A place: a named place of the scenario, or a position."""

    place: Line | None = Field(default=None, description="a named place of the scenario")
    lon: Longitude | None = Field(default=None, description="WGS 84 degrees")
    lat: Latitude | None = Field(default=None, description="WGS 84 degrees")

    @model_validator(mode="after")
    def _one_of_two(self) -> Place:
        both = self.lon is not None and self.lat is not None
        neither = self.lon is None and self.lat is None
        if not (both or neither) or (self.place is None) is not both:
            raise ValueError("expected either `place`, or both `lon` and `lat`")
        return self


class To(DocumentEntry):
    """Who gets something: a side, and a role of the protocol on it."""

    side: Name = Field(description="side of the protocol")
    role: Name = Field(description="role of the protocol")
