"""What a map leaves out is counted in words that fit one as well as many."""

from __future__ import annotations

import pytest

from stopline.network.findings import Finding, map_sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "units whose nearest road no unit surely gets on from, put on the main part",
            "1 unit whose nearest road no unit surely gets on from, put on the main part",
        ),
        (
            "roads that end at the edge of the map inside the circle, which count as exits",
            "1 road that ends at the edge of the map inside the circle, which counts as exits",
        ),
        (
            "rough, narrow or barred roads, which the vehicle may take and no unit",
            "1 rough, narrow or barred road, which the vehicle may take and no unit",
        ),
        ("squares and yards drawn as areas", "1 square or yard drawn as an area"),
    ],
)
def test_one_is_told_as_one_and_two_as_many(text: str, said: str) -> None:
    one = Finding(group="guessed", kind="k", count=1, text=text)
    assert one.sentence == said
    assert said in map_sentence([one])
    two = Finding(group="guessed", kind="k", count=2, text=text)
    assert two.sentence == f"2 {text}"
