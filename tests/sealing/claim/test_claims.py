"""Claims: answered as enumeration does, confirmed by the checker, refused when altered."""

from __future__ import annotations

import itertools
import json
import math

import pytest

from sealing.claim.claim_cases import brute_force, claim_file, random_case
from stopline.network.drive_graph import Vehicle
from stopline.sealing.claim.answer import Target, answer_claim, shut_times
from stopline.sealing.claim.checker import check_claim
from stopline.sealing.claim.closing import Closing
from stopline.sealing.problem import Source


@pytest.mark.parametrize("seed", range(150))
def test_answers_equal_enumeration_and_are_confirmed(seed: int) -> None:
    case = random_case(seed)
    answer = answer_claim(*case)
    assert answer.earliest_s == pytest.approx(brute_force(*case), abs=1e-6)
    assert answer.could == (answer.earliest_s <= case[-1])
    result = check_claim(claim_file(case, answer), case[0])
    assert result.ok, result.sentence


def test_some_of_these_could_and_some_could_not() -> None:
    answers = [answer_claim(*random_case(seed)) for seed in range(150)]
    assert {answer.could for answer in answers} == {True, False}
    assert any(math.isinf(a.open_until_s) and a.open_until_s > 0 for a in answers)
    assert any(math.isfinite(a.open_until_s) for a in answers)
    assert any(a.open_until_s == -math.inf for a in answers)
    assert any(math.isfinite(a.leave_by_s) for a in answers)


ALTERATIONS = {
    "the other answer": lambda c: c["answer"].update(could=not c["answer"]["could"]),
    "an earlier entry": lambda c: c["answer"].update(
        earliest_s=(c["answer"]["earliest_s"] or 50.0) - 5.0
    ),
    "a later departure": lambda c: c["answer"].update(
        leave_by_s=(c["answer"]["leave_by_s"] or 0.0) + 30.0
    ),
    "a closing left out": lambda c: c["closings"].clear(),
    "another last moment": lambda c: c["answer"].update(
        open_until_s=(c["answer"]["open_until_s"] or 0.0) + 7.0, ever_open=True
    ),
    "a faster vehicle": lambda c: c["vehicle"].update(speed_factor=4.0),
    "another network": lambda c: c["network"].update(digest="0" * 64),
    "a place beyond": lambda c: c["target"].update(junctions=[10**6]),
}


@pytest.mark.parametrize("what", ALTERATIONS)
def test_altered_answers_are_refused(what: str) -> None:
    refused = 0
    for seed in range(60):
        case = random_case(seed)
        answer = answer_claim(*case)
        if not math.isfinite(answer.earliest_s) or not answer.route:
            continue
        content = claim_file(case, answer).model_dump(mode="json", by_alias=True)
        ALTERATIONS[what](content)
        altered = type(claim_file(case, answer)).model_validate_json(_json(content))
        refused += not check_claim(altered, case[0]).ok
    assert refused >= 3


def test_a_route_driven_otherwise_is_refused() -> None:
    case = next(
        c for c in (random_case(s) for s in itertools.count()) if len(answer_claim(*c).route) > 2
    )
    content = claim_file(case, answer_claim(*case)).model_dump(mode="json", by_alias=True)
    del content["answer"]["route"][1]
    form = type(claim_file(case, answer_claim(*case)))
    result = check_claim(form.model_validate_json(_json(content)), case[0])
    assert "joined up" in result.sentence


def test_a_place_opened_again_lets_who_waited_pass() -> None:
    network, vehicle, sources, target, _, _ = random_case(3)
    shut = [Closing(kind="section", index=s, from_s=-1e9, until_s=500.0)
            for s in range(network.sections)]  # fmt: skip
    open_roads = answer_claim(network, vehicle, sources, target, [], 1e6)
    if math.isfinite(open_roads.earliest_s) and len(open_roads.route) > 0:
        waited = answer_claim(network, vehicle, sources, target, shut, 1e6)
        assert waited.earliest_s >= 500.0


def test_overlapping_closings_are_joined() -> None:
    spans = shut_times(
        [
            Closing(kind="section", index=1, from_s=0.0, until_s=10.0),
            Closing(kind="section", index=1, from_s=5.0, until_s=20.0),
            Closing(kind="section", index=1, from_s=30.0),
        ]
    )
    assert spans["section", 1] == ((0.0, 20.0), (30.0, math.inf))


def test_more_time_and_fewer_closings_never_take_a_way_away() -> None:
    for seed in range(20):
        network, vehicle, sources, target, closings, by_s = random_case(seed)
        answer = answer_claim(network, vehicle, sources, target, closings, by_s)
        later = answer_claim(network, vehicle, sources, target, closings, by_s + 60)
        fewer = answer_claim(network, vehicle, sources, target, closings[1:], by_s)
        assert later.could >= answer.could
        assert later.leave_by_s >= answer.leave_by_s
        assert fewer.earliest_s <= answer.earliest_s + 1e-9
        assert fewer.open_until_s >= answer.open_until_s - 1e-9


def test_a_vehicle_that_is_in_already_is_said_to_be() -> None:
    network = random_case(1)[0]
    here = Source(name="seen", time_s=0.0, junction=0)
    target = Target(name="here", junctions=frozenset({0}))
    answer = answer_claim(network, Vehicle(), [here], target, [], 10.0)
    assert answer.could
    assert answer.earliest_s == 0.0
    assert not answer.route


def _json(content: object) -> str:
    return json.dumps(content)
