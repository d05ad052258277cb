"""So many in any minute, for each source apart, and no more sources than can be kept."""

from __future__ import annotations

from stopline.console.moving_window import MovingWindow


def test_so_many_in_any_stretch_and_no_more() -> None:
    window = MovingWindow(most=2, length_s=60.0)
    assert window.wait_s("a", 0.0) == 0.0
    assert window.wait_s("a", 30.0) == 0.0
    assert window.wait_s("a", 59.0) == 1.0
    assert window.wait_s("b", 59.0) == 0.0
    assert window.wait_s("a", 60.0) == 0.0  # the first has left the window; the refused never came
    assert window.wait_s("a", 61.0) == 29.0


def test_sources_without_end_are_not_kept() -> None:
    window = MovingWindow(most=1, length_s=60.0)
    assert window.wait_s("loud", 0.0) == 0.0
    for number in range(4095):
        window.wait_s(f"source {number}", 1.0)
    assert window.wait_s("loud", 2.0) == 58.0
    for number in range(4095, 9000):
        window.wait_s(f"source {number}", 3.0)
    assert len(window._taken) == 4096
