"""A fault is told in the words of its field: true or false, a point for a decimal comma."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, Field, ValidationError

from stopline.documents.validation import faults_of


class Row(BaseModel):
    """A row as a form has it."""

    lon: float = Field(description="longitude in degrees")
    confirmed: bool = Field(default=False, description="held for certain")


class Rows(BaseModel):
    """Rows."""

    rows: tuple[Row, ...] = Field(min_length=1, description="the rows")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"lon": "9,52"}, ("rows.0.lon", "'9,52'", "9.52 (longitude in degrees)")),
        ({"lon": "x"}, ("rows.0.lon", "'x'", "longitude in degrees")),
        (
            {"lon": 9.5, "confirmed": "ja"},
            ("rows.0.confirmed", "'ja'", "true or false (held for certain)"),
        ),
        ({}, ("rows.0.lon", "nothing", "longitude in degrees")),
    ],
)
def test_a_fault_is_told_once_by_its_own_field(
    row: dict[str, object], said: tuple[str, str, str]
) -> None:
    given = {"rows": [row]}
    with pytest.raises(ValidationError) as caught:
        Rows.model_validate(given)
    assert faults_of(caught.value, Rows, given) == [said]
