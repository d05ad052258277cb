"""What all parts of a plan file and of a claim file share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Instant = float | None
Text = str | None
Number = Annotated[int, Field(ge=0, lt=2**31)]


def left_out(value: object) -> bool:
    """Keys that came later are written only where they say something: older files are whole."""
    return value is None or value == ()


class Part(BaseModel):
    """What all parts of a plan file share: no guessing of types, no unknown keys, no NaN."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)
