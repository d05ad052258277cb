"""Books of past moments, also where the clock of the node jumped."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from stopline.console import past
from stopline.console.past import PastBooks

if TYPE_CHECKING:
    import pytest


def known_at(moment_s: float, times_s: list[float], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many entries of those times were known at a moment."""
    entries = [SimpleNamespace(index=i, time_s=at_s) for i, at_s in enumerate(times_s)]
    folded: list[int] = []
    monkeypatch.setattr(past, "lasting_entries", lambda _: iter(entries))
    state = SimpleNamespace(fold=lambda found: folded.append(len(found)))
    monkeypatch.setattr(past, "NodeState", lambda: state)
    journal: Any = None
    PastBooks(journal).at(moment_s)
    return folded[0]


def test_a_moment_knows_what_was_written_by_then(monkeypatch: pytest.MonkeyPatch) -> None:
    assert known_at(5.0, [1, 2, 5, 6], monkeypatch) == 3
    assert known_at(0.5, [1, 2, 5, 6], monkeypatch) == 0
    assert known_at(9.0, [1, 2, 5, 6], monkeypatch) == 4


def test_an_entry_of_a_clock_that_stood_ahead_hides_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert known_at(5.0, [1, 2, 9_999, 4, 5, 6], monkeypatch) == 5
