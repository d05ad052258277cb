"""Faults of a big file: the first twenty in full, of the others the number."""

from __future__ import annotations

from typing import Final

from stopline.errors import FaultList

SHOWN: Final = 20


class CappedFaults:
    """Counts all faults and keeps the first; a broken file may have a million."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._shown = FaultList()
        self._count = 0

    def add(self, where: str, seen: object, expected: str) -> None:
        """Note one fault."""
        self._count += 1
        if self._count <= SHOWN:
            self._shown.add(where, seen, expected)

    def count_more(self, number: int) -> None:
        """Count faults that are like those already noted."""
        self._count += number

    @property
    def full(self) -> bool:
        """Whether further faults are only counted."""
        return self._count >= SHOWN

    def __bool__(self) -> bool:
        return self._count > 0

    def raise_if_any(self) -> None:
        """Raise `BadInput` if there was a fault; its last line gives the number of all."""
        if self._count > SHOWN:
            self._shown.add(
                self._source,
                f"{self._count} faults in all",
                f"none; the first {SHOWN} are shown",
            )
        self._shown.raise_if_any()
