"""The pages of facts, messages and commands say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from stopline.cli.operation_reference import pages
from stopline.journal.kinds import all_kinds
from stopline.link.messages import all_message_kinds
from stopline.operation.core.command import all_commands

FORMATS = Path(__file__).parents[2] / "docs" / "formats"


@pytest.mark.parametrize("name", pages())
def test_the_page_is_up_to_date(name: str) -> None:
    assert (FORMATS / name).read_text("utf-8") == pages()[name], (
        "run python -m stopline.cli.operation_reference docs/formats"
    )


def test_every_field_is_described() -> None:
    models = [kind.body for kind in (*all_kinds(), *all_message_kinds())]
    for model in (*models, *all_commands().values()):
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
