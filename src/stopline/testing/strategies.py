"""Hypothesis strategies for networks; importing this file does not need Hypothesis, calling does.

```python
@given(road_networks(max_junctions=30))
def test_something(network): ...
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.testing.random_network import random_network

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from stopline.network.road_network import RoadNetwork

_LARGEST_SEED = 2**32 - 1


def road_networks(
    *,
    min_junctions: int = 1,
    max_junctions: int = 12,
    whole_seconds: bool | None = None,
    max_territories: int = 3,
) -> SearchStrategy[RoadNetwork]:
    """Draw networks of `random_network`; they shrink to fewer junctions and fewer odd roads.

    Args:
        min_junctions: at least this many.
        max_junctions: at most this many.
        whole_seconds: as in `random_network`; both kinds if not given.
        max_territories: at most this many, none included.
    """
    from hypothesis import strategies as st  # noqa: PLC0415  (a tool of tests, not of users)

    def make(
        junctions: int, seed: int, shape: tuple[float, float, float, bool, int]
    ) -> RoadNetwork:
        density, one_way, odd, whole, territories = shape
        return random_network(
            np.random.default_rng(seed),
            junctions,
            density=density,
            one_way=one_way,
            odd=odd,
            whole_seconds=whole,
            territories=territories,
        )

    shares = st.sampled_from((0.0, 0.1, 0.3))
    shape = st.tuples(
        st.sampled_from((1.0, 0.7, 0.4)),
        shares,
        shares,
        st.booleans() if whole_seconds is None else st.just(whole_seconds),
        st.integers(0, max_territories),
    )
    return st.builds(
        make, st.integers(min_junctions, max_junctions), st.integers(0, _LARGEST_SEED), shape
    )
