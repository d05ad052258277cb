"""The picture of an incident over time: roads wanted and closed are counted as time goes on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from stopline.review import timeline_picture

if TYPE_CHECKING:
    from stopline.review.schema import ReviewFile


def order(deadline_s: float, closed_s: float | None, withdrawn_s: float | None) -> SimpleNamespace:
    reopened_s = None if withdrawn_s is None or closed_s is None else withdrawn_s + 5.0
    return SimpleNamespace(
        deadline_s=deadline_s, closed_s=closed_s, withdrawn_s=withdrawn_s, reopened_s=reopened_s
    )


def test_a_road_is_wanted_until_its_order_is_withdrawn_and_the_line_never_goes_back() -> None:
    orders = [
        order(100.0, 90.0, None),
        order(200.0, None, 150.0),  # withdrawn for a new plan before it had to be closed
        order(120.0, 130.0, 160.0),
        order(900.0, None, None),  # after the end of the picture
    ]
    review = cast("ReviewFile", SimpleNamespace(orders=orders))
    wanted = timeline_picture.wanted_over_time(review)
    assert wanted == [(100.0, 1), (120.0, 1), (160.0, -1), (900.0, 1)]
    assert timeline_picture.closed_over_time(review) == [(90.0, 1), (130.0, 1), (165.0, -1)]
    x, y = timeline_picture._steps(-10.0, 500.0, wanted)
    assert x == sorted(x)
    assert (x[0], x[-1]) == (-10.0, 500.0)
    assert (max(y), y[-1]) == (2, 1)
