"""The form of a blockade's file, `stopline.blockade/1`: who closes which place, and why no earlier.

Everything that is needed beside the network to check it stands in it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, ValidationError

from stopline.errors import BadInput, FaultList, unreadable
from stopline.sealing.plan_file.schema import (  # noqa: TC001  (pydantic reads the annotations)
    Kind,
    NetworkPart,
    NotNegative,
    RulesPart,
    UnitPart,
)
from stopline.sealing.plan_file.schema_base import Instant, Number, Part, Text
from stopline.sealing.plan_file.schema_faults import note_faults

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "stopline.blockade/1"


class ClosedPlacePart(Part):
    """A place to close, with the unit that closes it."""

    name: str = Field(description="what people call it")
    kind: Kind = Field(description="section or junction")
    index: Number = Field(description="number of the section or junction in the network")
    original_id: int = Field(description="its id in the file the network came from")
    road: str = Field(description="name of its road")
    where: str = Field(description="by the nearest named place")
    setup_s: NotNegative = Field(description="time a unit needs on the spot, seconds")
    side: Text = Field(description="the side of the unit; null: no unit is left for it")
    unit: Text = Field(description="id of the unit; null: no unit is left for it")
    closed_s: Instant = Field(description="when it is closed, seconds after now; null: never")
    closed: Text = Field(description="the same as ISO 8601")


class NotEarlierPart(Part):
    """Places that together are within reach of fewer units than they are."""

    places: tuple[Number, ...] = Field(description="positions in `places`")
    units: Number = Field(
        description="how many units can hold any of them before the last closing; "
        "ever, where a place is never closed"
    )


class BlockadeFile(Part):
    """A whole blockade's file."""

    form: Literal["stopline.blockade/1"] = Field(alias="schema", description="name of this form")
    name: str = Field(description="what people call it")
    sentence: str = Field(description="what it comes to, and why no assignment is earlier")
    complete: bool = Field(description="whether every place is closed")
    now_utc_s: float = Field(description="the moment that all times count from, Unix seconds")
    now: str = Field(description="the same as ISO 8601")
    zone: Text = Field(description="IANA time zone in which times are told; null: offset of `now`")
    last_closing_s: Instant = Field(
        description="when the last place is closed, seconds after now; null: one never is"
    )
    last_closing: Text = Field(description="the same as ISO 8601")
    places: Annotated[tuple[ClosedPlacePart, ...], Field(min_length=1)] = Field(
        description="the places, those closed last first"
    )
    not_earlier: NotEarlierPart = Field(description="why no assignment closes more, or earlier")
    network: NetworkPart = Field(description="the roads")
    units: tuple[UnitPart, ...] = Field(description="all units that were offered")
    rules: RulesPart = Field(description="what holds for the units; the rest of it is not used")


def read_blockade(path: Path) -> BlockadeFile:
    """Read a blockade's file.

    Raises:
        BadInput: with all faults, if it is none.
    """
    try:
        return BlockadeFile.model_validate_json(path.read_bytes())
    except OSError as error:
        seen = unreadable(error)
        raise BadInput.single(str(path), seen, "a file that can be read") from error
    except ValidationError as error:
        faults = FaultList()
        note_faults(error, str(path), faults)
        faults.raise_if_any()
        raise


def is_blockade_file(path: Path) -> bool:
    """Whether a file says of itself that it is a blockade's."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("schema") == SCHEMA
