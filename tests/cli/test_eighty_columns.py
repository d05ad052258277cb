"""Nothing breaks in 80 columns: at an old screen `stopline reach` shows its moments whole."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
import typer

from operation.orders.sealing_case import SCENARIO
from stopline.cli.reach import reach

if TYPE_CHECKING:
    from pathlib import Path


def test_the_moments_of_reach_stand_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(typer.Exit) as ended:
        reach(SCENARIO, minutes="5,10,15", out=tmp_path / "out", no_pictures=True)
    assert ended.value.exit_code == 0
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    rows = [line for line in shown.splitlines() if re.match(r"[│┃]", line)]
    assert len(rows) == 4, shown  # a head, and a row for each moment
    assert "…" not in shown
    assert all(len(line) <= 80 for line in rows), shown
    moments = [re.findall(r"\b\d\d:\d\d(?::\d\d)?\b", row) for row in rows[1:]]
    assert all(len(found) >= 1 for found in moments), shown
    assert len({found[0] for found in moments}) == 3
