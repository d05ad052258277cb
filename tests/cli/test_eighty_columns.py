"""Nothing breaks in 80 columns: at an old screen `stopline reach` shows its moments whole."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import typer

from operation.orders.sealing_case import SCENARIO
from stopline.cli.plan import print_plan
from stopline.cli.reach import reach
from stopline.cli.said import say_wrapped
from stopline.planning.plan import plan_scenario
from stopline.scenario.loader import load_scenario

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


def test_long_sentences_go_on_below_themselves_and_choices_fit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("TERM", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    loaded = load_scenario(SCENARIO)
    problem = loaded.problem
    assert problem.unit_places is not None
    two = replace(problem, units=problem.units[:2], unit_places=problem.unit_places[:2])
    print_plan(plan_scenario(replace(loaded, problem=two), pictures=False))
    say_wrapped(" ".join(f"word{n}" for n in range(40)), indent=2, err=True)
    said = capsys.readouterr()
    shown = re.sub(r"\x1b\[[0-9;]*m", "", said.out + said.err)
    assert "What else can be done" in shown
    assert "randomise" in shown
    assert all(len(line) <= 80 for line in shown.splitlines()), shown
