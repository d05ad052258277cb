"""The plan file keeps all of a plan, says what is wrong with a bad one, and is documented."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stopline.errors import BadInput
from stopline.network.read_settings import ReadSettings
from stopline.sealing.plan import Plan, Verdict
from stopline.sealing.plan_file.file import (
    network_path,
    plan_from_dict,
    plan_text,
    plan_to_dict,
    read_plan,
    write_plan,
)
from stopline.sealing.plan_file.published_schema import field_tables, schema_text, with_tables
from stopline.sealing.plan_file.reading import plan_of
from stopline.testing.toy_plan import toy_plan, toy_problem

FORMATS = Path(__file__).parents[3] / "docs" / "formats"
PROBLEM = toy_problem()
seconds = st.floats(-1e6, 1e6, allow_nan=False)
maybe_never = st.one_of(seconds, st.just(math.inf))


def content(verdict: Verdict = Verdict.IMPOSSIBLE) -> dict[str, Any]:
    return plan_to_dict(toy_plan(PROBLEM, verdict), PROBLEM)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_plan_comes_back_as_it_was(tmp_path: Path, verdict: Verdict) -> None:
    plan, path = toy_plan(PROBLEM, verdict), tmp_path / "plan.json"
    write_plan(path, plan, PROBLEM)
    assert plan_of(read_plan(path)) == plan
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    plan = toy_plan(PROBLEM, draw(st.sampled_from(list(Verdict))))
    seals = [
        replace(
            seal,
            closed_at_s=draw(seconds),
            arrival_s=draw(maybe_never),
            unhindered_s=draw(maybe_never),
            margin_s=draw(maybe_never),
            why=draw(st.text(max_size=20)),
            holders=tuple(
                replace(h, order_by_s=draw(maybe_never), ready_s=draw(seconds))
                for h in seal.holders
            ),
        )
        for seal in plan.seals[: draw(st.integers(0, 6))]
    ]
    return replace(plan, seals=tuple(seals), sentence=draw(st.text(max_size=40)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans(), st.integers(-14 * 60, 14 * 60))
def test_any_plan_comes_back_as_it_was(plan: Plan, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    written = plan_text(plan_to_dict(plan, PROBLEM, zone=zone))
    form = plan_from_dict(json.loads(written))
    assert plan_of(form) == plan
    assert plan_text(form.model_dump(mode="json", by_alias=True)) == written


def test_equal_plans_make_equal_files_and_never_is_null() -> None:
    plan = toy_plan(PROBLEM)
    turned = replace(PROBLEM, units=tuple(reversed(PROBLEM.units)))
    assert plan_text(plan_to_dict(plan, PROBLEM)) == plan_text(plan_to_dict(plan, turned))
    seal = content()["seals"][1]
    assert seal["arrival_s"] is None
    assert seal["arrival"] is None


def test_the_file_holds_what_a_checker_needs() -> None:
    plan = toy_plan(PROBLEM, Verdict.IMPOSSIBLE)
    made = plan_from_dict(plan_to_dict(plan, PROBLEM, settings=ReadSettings()))
    assert {unit.id for unit in made.units} == {unit.id for unit in PROBLEM.units}
    assert made.network.digest == PROBLEM.network.digest
    assert made.network.read_settings is not None
    assert made.network.read_settings["include_tracks"] is True
    assert made.seals[0].site.original_id == 1000
    assert made.seals[0].site.need == 2
    assert made.seals[0].site.setup_s == 120.0
    assert made.vehicle.max_speed_mps is None
    assert made.seals[0].closed_at == "2026-06-12T19:34:00+00:00"
    on_routes = {site.index for site in made.sites.on_routes}
    assert on_routes == set(plan.proof[0].route.sections)


def faults(changed: dict[str, Any]) -> str:
    with pytest.raises(BadInput) as caught:
        plan_from_dict(changed, "plan.json")
    return str(caught.value)


def test_all_faults_are_told_at_once_with_their_keys() -> None:
    bad = content()
    bad["verdict"] = "perhaps"
    bad["seals"][2]["closed_at_s"] = "soon"
    bad["seals"][0]["site"]["colour"] = "red"
    del bad["vehicle"]["speed_factor"]
    bad["units"][1]["strength"] = 0
    text = faults(bad)
    assert "plan.json: verdict: found perhaps; expected 'sealed', 'leaking' or 'imp" in text
    assert "plan.json: seals[2].closed_at_s: found soon; expected a valid number" in text
    assert "plan.json: seals[0].site.colour: found an unknown key; expected one of number" in text
    assert "plan.json: vehicle.speed_factor: found nothing; expected times the speed" in text
    assert "plan.json: units[1].strength: found 0; expected greater than or equal to 1" in text


def test_contradictions_are_refused() -> None:
    bad = content()
    bad["seals"][0]["closed_at"] = "2026-06-12T19:30:00+00:00"
    bad["seals"][1]["holders"][0]["unit"] = bad["seals"][0]["holders"][0]["unit"]
    bad["seals"][2]["holders"][0]["unit"] = "nobody"
    bad["seals"][3]["site"]["index"] = 10**6
    bad["proof"]["steps"][1]["stoppable_by"][0]["site"] = 7
    text = faults(bad)
    assert "seals[0].closed_at: found 2026-06-12T19:30:00+00:00; expected 2026-06-12T19:34" in text
    assert "seals[1].holders[0].unit: found W-1, also at seals[0]; expected a unit once" in text
    assert "seals[2].holders[0].unit: found nobody; expected the id of a unit" in text
    assert "seals[3].site.index: found 1000000; expected less than 82" in text
    assert "proof.steps[1].stoppable_by[0].site: found 7; expected less than 1" in text


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "\ud800", '{"schema": "stopline.plan/2"}', "[" * 100_000]
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(BadInput, match=r"plan\.json"):
        read_plan(path)


def test_nan_and_missing_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(plan_text(content()).replace('"margin_s": 120.0', '"margin_s": NaN'))
    with pytest.raises(BadInput, match=r"margin_s.*finite"):
        read_plan(path)
    with pytest.raises(BadInput, match="no such file"):
        read_plan(tmp_path / "none.json")


def test_the_network_is_found_beside_the_plan(tmp_path: Path) -> None:
    form = plan_from_dict(content())
    with pytest.raises(BadInput, match=r"toy\.osm, which is not there"):
        network_path(form.network, tmp_path / "plan.json")
    (tmp_path / "toy.osm").touch()
    assert network_path(form.network, tmp_path / "plan.json") == tmp_path / "toy.osm"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path, plan = tmp_path / "plan.json", toy_plan(PROBLEM)
    path.write_text("old")
    with pytest.raises(ValueError, match="NaN"):
        write_plan(path, replace(plan, now_utc_s=math.nan), PROBLEM)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


HOW = "python -m stopline.sealing.plan_file.published_schema docs/formats"


def test_schema_and_page_are_current() -> None:
    assert (FORMATS / "plan.schema.json").read_text(encoding="utf-8") == schema_text(), HOW
    page = (FORMATS / "plan.md").read_text(encoding="utf-8")
    assert page == with_tables(page), HOW


def test_every_field_is_documented() -> None:
    page = (FORMATS / "plan.md").read_text(encoding="utf-8")
    parts = json.loads(schema_text())
    for part in (parts, *parts["$defs"].values()):
        for key, field in part["properties"].items():
            assert field["description"], key
            assert f"| `{key}` |" in page, key
    assert field_tables() in page
