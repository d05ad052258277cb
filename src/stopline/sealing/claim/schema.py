"""The form of a claim file, `stopline.claim/1`: what was asked, by what facts, and the answer.

Instants stand as seconds after `now` under keys that end in `_s`; null where they never come. The
ISO 8601 beside them is for people.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, ValidationError

from stopline.errors import BadInput, Fault, unreadable
from stopline.sealing.plan_file.schema import (  # noqa: TC001  (pydantic reads the annotations)
    Kind,
    NetworkPart,
    SourcePart,
    VehiclePart,
)
from stopline.sealing.plan_file.schema_base import Number, Part

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "stopline.claim/1"


class ClosingPart(Part):
    """A place that nothing passed for a time."""

    kind: Kind = Field(description="section or junction")
    index: Number = Field(description="its number in the network")
    name: str = Field(description="name of the road or post, for people")
    from_s: float = Field(description="closed from then on, seconds after now")
    until_s: float | None = Field(description="opened again; null: it was not")
    by: str = Field(description="who says so: a plan, a journal, a file")


class TargetPart(Part):
    """X, the place that it is said to have entered or not."""

    name: str = Field(description="what people call it")
    junctions: tuple[Number, ...] = Field(description="entered by arriving at any of these")
    sections: tuple[Number, ...] = Field(
        description="entered by driving any of these to its other end"
    )


class DrivePart(Part):
    """One section of the route."""

    section: Number = Field(description="number of the section")
    to: Number = Field(description="junction at its other end")
    enter_s: float = Field(description="when it is entered")
    leave_s: float = Field(description="when its other end is reached")


class AnswerPart(Part):
    """What is answered."""

    could: bool = Field(description="whether it could have entered X by T")
    earliest_s: float | None = Field(description="earliest time in X; null: never")
    earliest: str | None = Field(description="the same as ISO 8601")
    source: str = Field(description="name of the sighting that the route begins at; may be empty")
    route: tuple[DrivePart, ...] = Field(description="the drive of that time; empty if never")
    leave_by_s: float | None = Field(
        description="latest time at which it can still have stood where it was seen; null: never"
    )
    leave_by: str | None = Field(description="the same as ISO 8601")
    ever_open: bool = Field(description="whether it could have entered X at any time")
    open_until_s: float | None = Field(
        description="when the last way into X was closed; null: none was open, or one stays open"
    )
    open_until: str | None = Field(description="the same as ISO 8601")
    sentence: str = Field(description="the answer in one sentence")


class ClaimFile(Part):
    """A whole claim file."""

    schema_: Literal["stopline.claim/1"] = Field(alias="schema", description="name of this form")
    now_utc_s: float = Field(description="the moment that all times count from, Unix seconds")
    now: str = Field(description="the same as ISO 8601")
    by_s: float = Field(description="T, seconds after now")
    by: str = Field(description="the same as ISO 8601")
    claim: str = Field(description="what was claimed, in words")
    network: NetworkPart = Field(description="the roads")
    vehicle: VehiclePart = Field(description="how the vehicle drives")
    sources: Annotated[tuple[SourcePart, ...], Field(min_length=1)] = Field(
        description="where it was seen; it was at one of them, nobody knows which"
    )
    target: TargetPart = Field(description="X")
    closings: tuple[ClosingPart, ...] = Field(description="what was closed, and when")
    answer: AnswerPart = Field(description="the answer")
    lineage: dict[str, str] = Field(description="what it was made from")


def read_claim(path: Path) -> ClaimFile:
    """Read a claim file.

    Raises:
        BadInput: with all faults, if it is none.
    """
    try:
        return ClaimFile.model_validate_json(path.read_bytes())
    except OSError as error:
        seen = unreadable(error)
        raise BadInput.single(str(path), seen, "a file that can be read") from error
    except ValidationError as error:
        raise BadInput(
            Fault(
                f"{path}: {'.'.join(str(part) for part in each['loc']) or 'the file'}",
                repr(each["input"])[:60],
                each["msg"],
            )
            for each in error.errors()
        ) from error


def is_claim(path: Path) -> bool:
    """Whether a file says of itself that it is a claim."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("schema") == SCHEMA
