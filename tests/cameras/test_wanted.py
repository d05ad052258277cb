"""The plate that is wanted: how it is written, what is refused, what a read of others means."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.cameras.signs import SIGNS, bare_plate, group_names, look_alike_key
from stopline.cameras.wanted import fits, is_exact, wanted_plate
from stopline.errors import BadInput


@pytest.mark.parametrize(
    ("wanted", "read", "fitting"),
    [
        ("FL 12345", "FL I2345", True),
        ("FL 12345", "FL 12346", False),
        ("FL 12345", "fl-l234S", True),
        ("FL 12345", "FL 123456", False),
        ("FL 12345", "AFL 12345", False),
        ("ZH 12?45", "ZH 12945", True),
        ("ZH 12?45", "ZH 1245", False),
        ("*AB 1234*", "W AB 1234 XY", True),
        ("AB 12*9", "AB 129", True),
        ("AB 12*9", "AB 12 777 9", True),
        ("AB 12*9", "AB 12 777 8", False),
        ("\u0410123\u0412\u0421 77", "A123BC77", True),
        ("KÖ-AB 77", "KO AB 77", True),
    ],
)
def test_a_read_of_another_system(wanted: str, read: str, *, fitting: bool) -> None:
    assert fits(read, wanted_plate(wanted)) is fitting


def test_two_real_plates_that_differ_by_look_alikes_both_fit_and_one_is_exact() -> None:
    wanted = wanted_plate("B0 1234")
    assert fits("BO 1234", wanted)
    assert fits("B0 1234", wanted)
    assert is_exact("B0 1234", wanted)
    assert not is_exact("BO 1234", wanted)


@pytest.mark.parametrize(
    "text", ["", "---", "A1?", "AB1", "****", "?????", "A" * 17, "FL 1234 \u2603"]
)
def test_what_half_a_town_would_match_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        wanted_plate(text)


def test_it_shows_itself_nowhere() -> None:
    wanted = wanted_plate("FL 12345")
    assert "12345" not in repr(wanted)
    assert "12345" not in f"{wanted}"


@given(st.text(alphabet=SIGNS, min_size=4, max_size=9))
def test_look_alikes_are_one(plate: str) -> None:
    key = look_alike_key(plate)
    assert look_alike_key(key) == key
    assert set(key) <= set(group_names())
    assert fits(key, wanted_plate(plate))
    assert fits(plate, wanted_plate(key))
    assert bare_plate(plate) == plate


@given(st.text(max_size=40))
def test_any_text_is_a_plate_or_a_fault(text: str) -> None:
    with contextlib.suppress(BadInput):
        wanted = wanted_plate(text)
        assert fits(text.replace("?", "X").replace("*", ""), wanted) or wanted.partial
