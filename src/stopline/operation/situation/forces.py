"""The answer of the situation report to: what are our forces doing?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.readiness.projection import Readiness
from stopline.operation.readiness.summary import readiness_summary
from stopline.rendering.page.model import Line

if TYPE_CHECKING:
    from stopline.operation.core.state import NodeState


def forces(book: NodeState, now_s: float) -> list[Line]:
    """Units of each service in numbers, those first that have not answered in time."""
    found = sorted(
        readiness_summary(book.projection(Readiness), now_s), key=lambda one: -one.overdue
    )
    return [
        Line(
            one.words(),
            one.agency.replace("_", " ").capitalize(),
            "bad" if one.overdue else "plain",
        )
        for one in found
    ]
