"""What one simulated person has to do."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(order=True, slots=True)
class Job:
    """Something one person has to do; ordered by urgency.

    Attributes:
        deadline_s: nearest first.
        number: first come, first served among equals.
        what: `do`, `acknowledge` or `voice`.
        instance: the task.
        role: the role that it falls to, whoever acts for it.
        node: the fact that brought it about.
    """

    deadline_s: float
    number: int
    what: str = field(compare=False)
    instance: str = field(compare=False)
    role: str = field(compare=False)
    node: int = field(compare=False)
