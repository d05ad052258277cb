"""`stopline plan` around the planner: rules, exit codes, files; a stand-in makes the plans."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from stopline.cli.main import app
from stopline.operation import picture
from stopline.sealing import planner
from stopline.sealing.plan import Plan, Verdict

if TYPE_CHECKING:
    from stopline.sealing.problem import SealingProblem

_spec = importlib.util.spec_from_file_location(
    "scenario_case", Path(__file__).parents[1] / "operation" / "scenario_case.py"
)
assert _spec is not None
assert _spec.loader is not None
case = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(case)


class StandIn:
    """Gives the verdict it was told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.verdict = Verdict.SEALED
        self.problem: Any = None
        self.previous: Plan | None = None

    def make_plan(
        self,
        problem: SealingProblem,
        *,
        previous: Plan | None = None,
        orders: object = None,
        progress: object = None,
    ) -> Plan:
        del progress, orders
        self.problem, self.previous = problem, previous
        return Plan(
            verdict=self.verdict,
            proven=True,
            sentence=f"It is {self.verdict}.",
            now_utc_s=problem.now_utc_s,
            required_margin_s=problem.rules.margin_s,
            seals=(),
            units_used=0,
            lower_bound=0,
            margin_s=float("inf"),
            objective=problem.rules.objective,
        )


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = StandIn()
    monkeypatch.setattr(planner, "make_plan", made.make_plan)

    def draw(_plan: Plan, _problem: object, paths: list[Path], **_: object) -> None:
        for path in paths:
            path.write_text("a picture")

    monkeypatch.setattr(picture, "draw_plan", draw)
    return made


def plan(*args: str | Path) -> Any:
    return CliRunner().invoke(app, ["plan", *(str(arg) for arg in args)])


@pytest.mark.parametrize(
    ("verdict", "code"), [(Verdict.SEALED, 0), (Verdict.LEAKING, 3), (Verdict.IMPOSSIBLE, 3)]
)
def test_the_exit_code_is_the_verdict(
    tmp_path: Path, stand_in: StandIn, verdict: Verdict, code: int
) -> None:
    stand_in.verdict = verdict
    out = tmp_path / "out"
    result = plan(case.write_case(tmp_path), "--out", out)
    assert result.exit_code == code, result.output
    assert result.stdout.startswith("seal\troad\t")
    assert f"It is {verdict}." in result.stderr
    assert sorted(file.name for file in out.iterdir()) == [
        "plan.geojson",
        "plan.json",
        "plan.png",
        "plan.svg",
        "plan.tsv",
    ]


def test_without_out_the_files_lie_under_out(
    tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert plan(case.write_case(tmp_path), "--no-pictures").exit_code == 0
    names = sorted(file.name for file in (tmp_path / "out" / "case").iterdir())
    assert names == ["plan.geojson", "plan.json", "plan.tsv"]
    assert stand_in.problem.unit_places is not None


def test_json_on_stdout_and_no_files(
    tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = plan(case.write_case(tmp_path), "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["verdict"] == stand_in.verdict
    assert not (tmp_path / "out").exists()


def test_options_change_the_rules(tmp_path: Path, stand_in: StandIn) -> None:
    options = ["--objective", "units,margin", "--time-limit", "2.5", "--partial", "delay"]
    assert plan(case.write_case(tmp_path), "--json", *options).exit_code == 0
    rules = stand_in.problem.rules
    assert (rules.objective, rules.time_limit_s, rules.partial) == (
        ("units", "margin"),
        2.5,
        "delay",
    )
    assert rules.margin_s == 10


def test_an_earlier_plan_is_handed_over(tmp_path: Path, stand_in: StandIn) -> None:
    path = case.write_case(tmp_path)
    assert plan(path, "--out", tmp_path / "one", "--no-pictures").exit_code == 0
    earlier = tmp_path / "one" / "plan.json"
    assert plan(path, "--json", "--previous", earlier).exit_code == 0
    assert stand_in.previous is not None
    assert stand_in.previous.sentence == "It is sealed."


def test_an_earlier_plan_that_is_none(tmp_path: Path, stand_in: StandIn) -> None:
    broken = tmp_path / "plan.json"
    broken.write_text('{"verdict": "sealed"')
    result = plan(case.write_case(tmp_path), "--json", "--previous", broken)
    assert result.exit_code == 2
    assert "plan.json" in result.stderr
    assert stand_in.problem is None


def test_a_failing_picture_leaves_nothing(
    tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_plan: Plan, _problem: object, paths: list[Path], **_: object) -> None:
        paths[0].write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(picture, "draw_plan", fails)
    result = plan(case.write_case(tmp_path), "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert stand_in.problem is not None
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".*"))
