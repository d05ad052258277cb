"""Every row of docs/trust.md is a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [
    line for line in (ROOT / "docs/trust.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and "---" not in line and "| test |" not in line
]  # fmt: skip


def test_each_row_names_a_test_that_exists() -> None:
    assert len(ROWS) >= 15
    for row in ROWS:
        found = re.search(r"`(tests/[\w/]+\.py)::(test_\w+)` \|$", row)
        assert found, row
        path, name = found.groups()
        assert f"def {name}(" in (ROOT / path).read_text("utf-8"), f"{path}::{name}"
