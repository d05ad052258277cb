"""Until when targets could be entered: the same as one claim for each of them says."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from sealing.claim.claim_cases import random_case
from stopline.sealing.claim.answer import Target, answer_claim
from stopline.sealing.claim.open_until import open_until


@given(seed=st.integers(0, 10**9), first=st.integers(0, 10**9))
def test_each_target_alone_is_answered_as_a_claim(seed: int, first: int) -> None:
    network, vehicle, sources, target, closings, by_s = random_case(seed)
    section = Target(name="section", sections=frozenset({first % network.sections}))
    junction = Target(name="junction", junctions=frozenset({first % network.junctions}))
    either = Target(name="either", junctions=junction.junctions, sections=section.sections)
    targets = [target, section, junction, either]
    alone = [
        answer_claim(network, vehicle, sources, one, closings, by_s).open_until_s for one in targets
    ]
    assert open_until(network, vehicle, sources, targets, closings) == alone


def test_the_same_where_ways_close_and_where_none_ever_was_open() -> None:
    seen = set()
    for seed in range(150):
        network, vehicle, sources, target, closings, by_s = random_case(seed)
        (found,) = open_until(network, vehicle, sources, [target], closings)
        answer = answer_claim(network, vehicle, sources, target, closings, by_s)
        assert found == answer.open_until_s
        seen.add("closed" if math.isfinite(found) else str(found))
    assert seen == {"closed", "inf", "-inf"}


def test_no_target_no_answer() -> None:
    network, vehicle, sources, _, closings, _ = random_case(0)
    assert open_until(network, vehicle, sources, [], closings) == []
