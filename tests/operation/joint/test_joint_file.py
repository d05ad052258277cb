"""A joint plan is written like any other, and the checker says what rests on the other's word."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from operation.joint.joint_case import Desks, part_of
from sealing.instances import random_problem
from stopline.errors import BadInput
from stopline.operation.core.node import Node
from stopline.operation.joint.signature_check import with_evidence
from stopline.rendering.plan_table import plan_rows_tsv, seal_rows
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan import Verdict
from stopline.sealing.plan_file.file import plan_from_dict, plan_to_dict
from stopline.sealing.plan_file.reading import plan_of
from stopline.sealing.planner import make_plan
from stopline.standards.geojson import plan_geojson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.sealing.checker.check import CheckResult
    from stopline.sealing.problem import SealingProblem

    Seeds = Callable[[int, int], range]
    Alteration = Callable[[dict[str, Any]], object]


class Made:
    """A joint plan as its file, with the node that asked for it."""

    def __init__(self, folder: Path, problem: SealingProblem) -> None:
        self.own = part_of(problem, "north")
        self.desks = Desks(folder, self.own, part_of(problem, "south"))
        self.joint = self.desks.plan()
        self.plan = self.joint.plan
        self.content = plan_to_dict(self.plan, self.own)
        pair = self.desks.pair
        self.node = Node(pair.folders[0], pair.identities[0], pair.journals[0], "")

    def check(self, content: dict[str, Any] | None = None, *, node: bool = False) -> CheckResult:
        form = plan_from_dict(self.content if content is None else content)
        places = self.own.unit_places
        by_id = {u.id: p for u, p in zip(self.own.units, places or (), strict=True)}
        result = check_plan(form, self.own.network, unit_places=by_id)
        return with_evidence(result, form, self.node) if node else result

    def altered(self, change: Alteration) -> dict[str, Any]:
        content = copy.deepcopy(self.content)
        change(content)
        return content


def first(seeds: range, wanted: Callable[[SealingProblem], bool]) -> SealingProblem:
    return next(problem for problem in map(random_problem, seeds) if wanted(problem))


def needs_both(problem: SealingProblem) -> bool:
    """Sealed, and by nobody alone."""
    alone = [make_plan(part_of(problem, side)).verdict for side in ("north", "south")]
    return make_plan(problem).verdict is Verdict.SEALED and Verdict.SEALED not in alone


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("sealed") / "n", first(range(7000, 7400), needs_both))


def refused_alone(made: Made) -> bool:
    joint = made.plan.joint
    return made.plan.verdict is Verdict.IMPOSSIBLE and joint is not None and bool(joint.refused)


@pytest.fixture(scope="module")
def impossible(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A plan whose proof needs an inequality that counts several sites."""
    folder = tmp_path_factory.mktemp("impossible")
    for seed in range(9000, 9400):
        problem = random_problem(seed)
        if make_plan(problem).verdict is not Verdict.IMPOSSIBLE:
            continue
        made = Made(folder / str(seed), problem)
        if refused_alone(made) and any(row["most"] for row in made.content["joint"]["refused"]):
            return made
        made.desks.pair.close()
    pytest.fail("no proof that needs an inequality")


def test_random_joint_plans_are_confirmed_with_and_without_the_journal(
    tmp_path: Path, seeds: Seeds
) -> None:
    verdicts: dict[Verdict, int] = {}
    for seed in seeds(6100, 25):
        made = Made(tmp_path / str(seed), random_problem(seed))
        result = made.check(node=True)
        assert result.ok, (seed, result.sentence)
        assert made.check().ok
        verdicts[made.plan.verdict] = verdicts.get(made.plan.verdict, 0) + 1
        form = plan_from_dict(made.content)
        assert plan_to_dict(plan_of(form), made.own) == made.content
        names = {unit.id for unit in random_problem(seed).units if unit.side == "south"}
        assert not any(f'"{name}"' in str(made.content).replace("'", '"') for name in names)
        made.desks.pair.close()
    assert len(verdicts) == 2


def test_a_plan_of_one_side_has_no_new_keys() -> None:
    problem = random_problem(7001)
    content = plan_to_dict(make_plan(problem), problem)
    assert "joint" not in content
    assert all("committed" not in seal for seal in content["seals"])


def test_what_rests_on_their_word_is_said(sealed: Made) -> None:
    told = sealed.check().sentence
    assert "as south keeps its word" in told
    assert "rests on its word: commitment m1/" in told
    assert "`--node`" in told
    with_journal = sealed.check(node=True).sentence
    assert "with its signature" in with_journal
    assert "`--node`" not in with_journal


def test_every_output_shows_the_other_sides_seals_without_units(sealed: Made) -> None:
    theirs = [row for row in seal_rows(sealed.plan) if "committed" in row.units]
    assert theirs
    assert all(row.side == "south" for row in theirs if row.order_by == "theirs")
    assert "held by south (committed)" in plan_rows_tsv(sealed.plan)
    features = plan_geojson(sealed.plan, sealed.own)["features"]
    seals = [one["properties"] for one in features if one["properties"]["layer"] == "seal"]
    assert any("held by south (committed)" in one["units"] for one in seals)
    assert len(seals) == len(sealed.plan.seals)


def committed(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for seal in content["seals"] for part in seal.get("committed", ())]


def moved(content: dict[str, Any], by_s: float) -> None:
    """Have the other side hold its first seal earlier or later, consistently in all the file."""
    seal = next(one for one in content["seals"] if one.get("committed") and not one["holders"])
    part = seal["committed"][0]
    for place, name in ((part, "closed"), (seal, "closed_at")):
        place[f"{name}_s"] += by_s
        place[name] = _iso(content, place[f"{name}_s"])
    if seal["margin_s"] is not None:
        seal["margin_s"] -= by_s
    margins = [one["margin_s"] for one in content["seals"] if one["margin_s"] is not None]
    content["margin_s"] = min(margins) if margins and content["margin_s"] is not None else None


def _iso(content: dict[str, Any], after_s: float) -> str:
    from stopline.sealing.plan_file.writing import iso  # noqa: PLC0415

    return iso(content["now_utc_s"] + after_s)


CONTRADICTIONS: dict[str, tuple[Alteration, str]] = {
    "another side": (lambda d: committed(d)[0].update(side="west"), "south, as in joint.side"),
    "another commitment": (lambda d: committed(d)[0].update(commitment="m9/1"), "m1/"),
    "nobody": (lambda d: d.pop("joint"), "joint does not say with whom"),
    "an own side": (lambda d: d["joint"].update(side="north"), "a side whose units are not listed"),
    "nobody holds it": (
        lambda d: next(s for s in d["seals"] if not s["holders"]).update(committed=[]),
        "a unit, or the other side under committed",
    ),
    "standing though answered": (
        lambda d: d["joint"].update(standing=[{"site": 0, "strength": 1, "by_s": 0.0}]),
        "none where the other side answered",
    ),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_file_that_contradicts_itself_is_not_read(sealed: Made, name: str) -> None:
    change, expected = CONTRADICTIONS[name]
    with pytest.raises(BadInput, match=expected):
        plan_from_dict(sealed.altered(change))


ALTERATIONS: dict[str, tuple[Alteration, str]] = {
    "more units": (lambda d: committed(d)[0].update(units=9), "but units_used is"),
    "too weak": (
        lambda d: (
            [part.update(strength=1) for part in committed(d)]
            and [s["site"].update(need=9) for s in d["seals"] if not s["holders"]]
        ),
        "needs a strength of 9",
    ),
    "later than the seal": (
        lambda d: next(
            part.update(closed_s=part["closed_s"] + 60.0, closed=_iso(d, part["closed_s"] + 60.0))
            for part in committed(d)
        ),
        "is closed when south is there|The margin",
    ),
    "ended before it is closed": (
        lambda d: d["joint"].update(expires_s=-3600.0, expires=_iso(d, -3600.0)),
        "ends at -3600.0 s, before",
    ),
    "no end": (lambda d: d["joint"].update(expires_s=None, expires=None), "has no end"),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_altered_commitment_is_refused(sealed: Made, name: str) -> None:
    change, expected = ALTERATIONS[name]
    result = sealed.check(sealed.altered(change))
    assert not result.ok
    assert any(_matches(expected, fault) for fault in result.faults), result.faults


def _matches(pattern: str, text: str) -> bool:
    import re  # noqa: PLC0415

    return re.search(pattern, text) is not None


def renamed(content: dict[str, Any], name: str) -> None:
    content["joint"]["commitment"] = name
    for part in committed(content):
        part["commitment"] = name


def one_unit_more(content: dict[str, Any]) -> str:
    """The sentence of a plan that says what the forged numbers say."""
    held = content["units_used"]
    said = str(content["sentence"])
    assert f"held by {held} units" in said
    return said.replace(f"held by {held} units", f"held by {held + 1} units")


FORGERIES: dict[str, tuple[Alteration, str]] = {
    "earlier": (lambda d: moved(d, -20.0), "holds .* from"),
    "units": (
        lambda d: (
            d.update(units_used=d["units_used"] + 1, sentence=one_unit_more(d))
            or committed(d)[0].update(units=committed(d)[0]["units"] + 1)
        ),
        "did not say so of units and strength",
    ),
    "never said": (lambda d: renamed(d, "m7/1"), "No answer m7/1 of south.example/node"),
    "another peer": (
        lambda d: d["joint"].update(peer="west.example/node"),
        "not paired with west.example/node",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_commitment_is_found_with_the_journal(sealed: Made, name: str) -> None:
    change, expected = FORGERIES[name]
    content = sealed.altered(change)
    assert sealed.check(content).ok, sealed.check(content).sentence  # the file alone cannot tell
    result = sealed.check(content, node=True)
    assert not result.ok
    assert _matches(expected, " ".join(result.faults)), result.faults


def test_a_proof_needs_the_inequalities_that_it_rests_on(impossible: Made) -> None:
    assert impossible.check(node=True).ok
    assert "inequalities of south.example/node" in impossible.check().sentence
    rows = impossible.content["joint"]["refused"]
    needed = 0
    for number in range(len(rows)):
        without = impossible.altered(lambda d, n=number: d["joint"]["refused"].pop(n))
        needed += not impossible.check(without).ok
    assert needed
    none = impossible.check(impossible.altered(lambda d: d["joint"].update(refused=[])))
    assert not none.ok


def test_a_forged_inequality_is_found_with_the_journal(impossible: Made) -> None:
    def fewer(content: dict[str, Any]) -> None:
        for row in content["joint"]["refused"]:
            row["most"] = max(0, row["most"] - 1)

    def later(content: dict[str, Any]) -> None:
        for row in content["joint"]["refused"]:
            for one in row["demands"]:
                one["by_s"] = None

    for change in (fewer, later):
        result = impossible.check(impossible.altered(change), node=True)
        assert not result.ok
        assert "does not say that at most" in " ".join(result.faults)


def test_a_plan_on_last_commitments_is_checked_against_them(tmp_path: Path) -> None:
    made = Made(tmp_path / "n", first(range(7000, 7400), needs_both))
    made.desks.cut(cut=True)
    alone = made.desks.plan("m2").plan
    made.content = plan_to_dict(alone, made.own)
    result = made.check(node=True)
    assert result.ok, result.sentence
    assert "south did not answer" in result.sentence
    expires_s = made.plan.joint.expires_utc_s  # type: ignore[union-attr]
    nothing = made.desks.plan("m3", utc_s=lambda: expires_s + made.desks.line.now_s).plan
    made.content = plan_to_dict(nothing, made.own)
    assert nothing.verdict is Verdict.IMPOSSIBLE
    result = made.check(node=True)
    assert result.ok, result.sentence
    assert "is committed to stops all" in result.confirmed
    made.desks.pair.close()
