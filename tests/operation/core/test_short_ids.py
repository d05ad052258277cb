"""Ids as people are shown them: long ones by their end, names that people gave as they are."""

from __future__ import annotations

import pytest

from stopline.link.ids import new_id
from stopline.operation.core.errors import NotNow
from stopline.operation.core.short_ids import pick, short

UNITS = ("LP-Vaduz-1", "LP-Vaduz-2", "LP-Balzers")


def test_names_that_people_gave_are_shown_whole() -> None:
    with pytest.raises(NotNow, match=r"may be each of LP-Vaduz-1, LP-Vaduz-2; give more"):
        pick("LP-Vaduz", UNITS, "unit")
    with pytest.raises(NotNow, match=r"there is LP-Vaduz-1, LP-Vaduz-2, LP-Balzers$"):
        pick("nobody", UNITS, "unit")
    made = new_id(0.0)
    assert short(made) == made[-6:]
