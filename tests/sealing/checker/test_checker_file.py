"""The checker opens the network that a plan names, and refuses another one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from stopline.errors import BadInput
from stopline.network.cache import open_network
from stopline.network.drive_graph import Vehicle
from stopline.network.read_settings import ReadSettings
from stopline.sealing.checker.check import check_plan_file
from stopline.sealing.plan import Plan, SiteKind, Verdict
from stopline.sealing.plan_file.file import write_plan
from stopline.sealing.problem import Exit, SealingProblem, Source, all_sections

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = ReadSettings(length_unit="m")


def write_roads(folder: Path, length: int = 900) -> None:
    folder.mkdir(exist_ok=True)
    nodes = "node_id,x_coord,y_coord\n1,9.50,47.1\n2,9.51,47.1\n3,9.52,47.1\n4,9.53,47.1\n"
    (folder / "node.csv").write_text(nodes)
    links = "link_id,from_node_id,to_node_id,directed,length,free_speed\n"
    (folder / "link.csv").write_text(f"{links}7,1,2,0,{length},50\n8,3,4,0,900,50\n")


def write_case(folder: Path) -> Path:
    """A plan without seals: the exit cannot be reached on any road."""
    write_roads(folder / "roads")
    network = open_network(folder / "roads", SETTINGS)
    by_id = {int(given): number for number, given in enumerate(network.section_id)}
    problem = SealingProblem(
        network=network,
        vehicle=Vehicle(),
        sources=(Source(name="Camera 3", time_s=0.0, section=by_id[7]),),
        exits=(Exit(name="Far bank", kind=SiteKind.SECTION, index=by_id[8]),),
        sites=all_sections(network),
        units=(),
    )
    plan = Plan(
        verdict=Verdict.SEALED,
        proven=True,
        sentence="",
        now_utc_s=0.0,
        required_margin_s=problem.rules.margin_s,
        seals=(),
        units_used=0,
        lower_bound=0,
        margin_s=float("inf"),
        objective=(),
        sealed_exits=("Far bank",),
    )
    write_plan(folder / "plan.json", plan, problem, settings=SETTINGS)
    return folder / "plan.json"


def test_a_plan_file_is_checked_on_the_network_it_names(tmp_path: Path) -> None:
    result = check_plan_file(write_case(tmp_path))
    assert result.ok, result.sentence
    assert "0 units in 0 seals" in result.sentence


def test_a_network_may_lie_elsewhere(tmp_path: Path) -> None:
    plan = write_case(tmp_path)
    shutil.move(tmp_path / "roads", tmp_path / "moved")
    with pytest.raises(BadInput, match="which is not there"):
        check_plan_file(plan)
    assert check_plan_file(plan, tmp_path / "moved").ok


def test_a_network_that_has_changed_is_refused(tmp_path: Path) -> None:
    plan = write_case(tmp_path)
    write_roads(tmp_path / "roads", length=901)
    result = check_plan_file(plan)
    assert not result.ok
    assert "made on another network: the digest" in result.sentence


def test_settings_that_are_none_are_refused(tmp_path: Path) -> None:
    plan = write_case(tmp_path)
    text = plan.read_text().replace('"length_unit": "m"', '"length_unit": "m", "colour": "red"')
    plan.write_text(text)
    with pytest.raises(BadInput, match=r"network\.read_settings"):
        check_plan_file(plan)
