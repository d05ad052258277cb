"""The page on claims names every key of the form as the form describes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stopline.scenario.closings_csv import COLUMNS
from stopline.sealing.claim.schema import AnswerPart, ClaimFile, ClosingPart, DrivePart, TargetPart

PAGE = (Path(__file__).parents[2] / "docs/formats/claim.md").read_text("utf-8")


@pytest.mark.parametrize("form", [ClaimFile, TargetPart, ClosingPart, AnswerPart, DrivePart])
def test_every_key_is_documented(form: type[ClaimFile]) -> None:
    for name, field in form.model_fields.items():
        assert f"| `{field.alias or name}` | {field.description} |" in PAGE


def test_every_column_of_closings_is_documented() -> None:
    for name in COLUMNS:
        assert f"| `{name}` |" in PAGE
