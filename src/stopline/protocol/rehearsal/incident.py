"""What the simulated people of a side see of the incident that they act in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence
    from random import Random

    from stopline.protocol.rehearsal.setup import Stage
    from stopline.protocol.state import State


class RehearsedIncident(Protocol):
    """An incident being rehearsed.

    Attributes:
        stage: what all rehearsals of a protocol share.
        random: the chance of this one.
        now_s: seconds since its start.
        states: the state of each side's machine.
        causes: why each fact came about; a fact's number is its place.
        missed: task and part (`lead`, `assist`) of every deadline missed.
        refused: facts that the protocol did not allow, by reason.
    """

    stage: Stage
    random: Random
    now_s: float
    states: dict[str, State]
    missed: set[tuple[str, str]]
    refused: Counter[str]

    @property
    def causes(self) -> Sequence[object]:
        """Why each fact came about; a fact's number is its place."""
        ...

    def at(self, time_s: float, act: Callable[..., object], *args: Any) -> None:  # noqa: ANN401
        """Do something at a time."""
        ...

    def part(self, side: str) -> str:
        """`lead` or `assist`."""
        ...

    def feed(self, side: str, parent: int, label: str, fact: dict[str, Any]) -> str:
        """Give a fact to a side's machine; give why it was refused."""
        ...

    def note(self, parent: int, label: str) -> int:
        """Note a cause that is no fact; give its number."""
        ...

    def pull(self, side: str, trigger: str, node: int, label: str = "") -> None:
        """Bring about an outside fact that pulls a trigger."""
        ...
