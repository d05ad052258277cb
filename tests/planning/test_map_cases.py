"""Small maps on which a plan once said "sealed" while the vehicle could drive out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stopline.planning.plan import plan_scenario
from stopline.sealing.checker.check import check_plan_file

if TYPE_CHECKING:
    from stopline.planning.plan import PlanResult

CASES = Path(__file__).parents[1] / "network" / "cases"


def planned(case: str, folder: Path) -> PlanResult:
    made = plan_scenario(CASES / f"{case}.yaml", folder, pictures=False, choices=False)
    found = check_plan_file(folder / "plan.json")
    assert found.ok, found.sentence
    return made


@pytest.mark.parametrize(
    ("case", "verdict", "open_exits"),
    [
        ("01-bollard-unit/case", "impossible", ("border",)),
        ("01-bollard-unit/case-cut", "impossible", ("border",)),
        ("03-ways-before-nodes/case", "impossible", ("Old Ford Bridge (A to B)",)),
        ("03-ways-before-nodes/case-sorted", "impossible", ("Old Ford Bridge (A to B)",)),
        ("06-osm2gmns/case", "impossible", ("Border Bridge (A to B)",)),
        ("07-gmns-two-directed-links/case", "sealed", ()),
        ("07b-same-road-as-one-link/case", "sealed", ()),
        ("10-bridge-closed-by-sign/case", "impossible", ("Power Station Bridge (A to B)",)),
        (
            "10-bridge-closed-by-sign/case-signs-ignored",
            "impossible",
            ("Power Station Bridge (A to B)",),
        ),
        ("13-night-speed-limit/case", "impossible", ("A 99 (A to B)",)),
        ("13-night-speed-limit/case-130", "impossible", ("A 99 (A to B)",)),
        ("19-alarm-in-a-closed-yard/case", "impossible", ("Border Bridge (A to B)",)),
        ("19-alarm-in-a-closed-yard/case-allow", "impossible", ("Border Bridge (A to B)",)),
        ("19-alarm-in-a-closed-yard/case-two-callers", "impossible", ("Border Bridge (A to B)",)),
    ],
)
def test_case(case: str, verdict: str, open_exits: tuple[str, ...], tmp_path: Path) -> None:
    plan = planned(case, tmp_path).plan
    assert (plan.verdict, plan.open_exits) == (verdict, open_exits)


def test_a_bollard_is_as_good_as_a_cut_for_a_unit(tmp_path: Path) -> None:
    made = [planned(f"01-bollard-unit/{name}", tmp_path) for name in ("case", "case-cut")]
    assert made[0].plan.missing == made[1].plan.missing
    assert "by 13 min 11 s" in made[0].plan.missing


def test_two_directed_links_need_one_seal(tmp_path: Path) -> None:
    for case in ("07-gmns-two-directed-links/case", "07b-same-road-as-one-link/case"):
        plan = planned(case, tmp_path).plan
        assert (len(plan.seals), plan.units_used) == (1, 1)


def test_a_railway_is_no_road(tmp_path: Path) -> None:
    network = planned("06-osm2gmns/case", tmp_path).scenario.problem.network
    assert (network.ways_in_file, network.ways_read, network.sections) == (9, 8, 4)
    (left,) = [one for one in network.findings if one.ways]
    assert (left.kind, left.count) == ("no_road", 1)
    assert "Valley Line" in left.names[0]
