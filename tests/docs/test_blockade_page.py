"""The page on blockades names every key of the form as the form describes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stopline.sealing.plan_file.blockade import BlockadeFile, ClosedPlacePart, NotEarlierPart

PAGE = (Path(__file__).parents[2] / "docs/formats/blockade.md").read_text("utf-8")


@pytest.mark.parametrize("form", [BlockadeFile, ClosedPlacePart, NotEarlierPart])
def test_every_key_is_documented(form: type[BlockadeFile]) -> None:
    for name, field in form.model_fields.items():
        assert f"| `{field.alias or name}` | {field.description} |" in PAGE
