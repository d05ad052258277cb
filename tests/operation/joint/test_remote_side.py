"""What a side has said, as the search for a plan uses it before it asks again."""

from __future__ import annotations

import numpy as np
import pytest

from stopline.operation.joint.remote_side import RemoteSide
from stopline.sealing.side import Commitment, Demands, Inequality, MoreIsKnown

NEED = np.array([1, 1, 2], dtype=np.int32)


class Answers:
    """Gives the same answer to every question."""

    def __init__(self, *rows: Inequality) -> None:
        self.rows = rows

    def ask(
        self,
        demands: Demands,  # noqa: ARG002
        wanted: int,  # noqa: ARG002
        *,
        prefer: str,  # noqa: ARG002
    ) -> Commitment | list[Inequality]:
        return list(self.rows)


def demands(*rows: tuple[int, int, float]) -> Demands:
    return Demands(
        site=np.array([site for site, _, _ in rows], dtype=np.int32),
        strength=np.array([strength for _, strength, _ in rows], dtype=np.int32),
        by_s=np.array([by_s for _, _, by_s in rows]),
    )


def test_hope_ends_where_it_was_ruled_out() -> None:
    side = RemoteSide("LI", NEED, Answers(Inequality(members=np.array([0]), most=0)))
    asked = demands((0, 1, 100.0))
    with pytest.raises(MoreIsKnown):
        side.hold(asked, np.array([0]), prefer="units")
    ready_s = side.ready_s(np.array([0, 1], dtype=np.int32))
    assert ready_s.shape == (1, 2)
    assert 100.0 < ready_s[0, 0] < 100.001
    assert ready_s[0, 1] < 0  # nothing was said of it
    assert side.strength.tolist() == [2]
    assert side.hides_units


def test_what_was_said_of_several_sites_is_a_limit() -> None:
    side = RemoteSide("LI", NEED, Answers(Inequality(members=np.array([0, 1, 2]), most=1)))
    asked = demands((0, 1, 100.0), (1, 1, 50.0), (2, 2, 70.0))
    side.hold(asked, np.array([0, 1]), prefer="units")
    (limit,) = side.limits(np.array([1, 0, 2], dtype=np.int32))
    assert limit.latest_s.tolist() == [50.0, 100.0, 70.0]
    assert limit.most == 1
