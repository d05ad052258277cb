"""Facts for the tests."""

from __future__ import annotations

from stopline.journal.base import Fact
from stopline.journal.facts import NoteWritten, PersonDescribed

START_S = 1_795_000_000.0


def fact(number: int, text: str | None = None, *, time_s: float | None = None) -> Fact:
    return Fact(
        fact_id=f"01J{number:023d}",
        time_s=START_S + number if time_s is None else time_s,
        author="a.novak",
        role="duty-officer",
        incident="INC-1",
        body=NoteWritten(text=f"note {number}" if text is None else text),
    )


def personal(number: int, text: str = "tall, red coat") -> Fact:
    return Fact(
        fact_id=f"01J{number:023d}",
        time_s=START_S + number,
        author="a.novak",
        role="duty-officer",
        body=PersonDescribed(text=text),
    )
