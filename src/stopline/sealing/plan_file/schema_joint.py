"""The other side's part in a plan file: what it holds by its word, and what it cannot hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from stopline.sealing.plan_file.schema_base import Instant, Number, Part, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.sealing.plan import Committed, Joint

    MakeInstant = Callable[[str, float], dict[str, Any]]


class CommittedPart(Part):
    """The other side's part in a seal of a joint plan; which units is its own matter."""

    side: str = Field(description="the other side")
    commitment: str = Field(description="id of the commitment: of the plan, and of the question")
    closed_s: float = Field(description="from when it holds the site, seconds after now")
    closed: str = Field(description="the same as ISO 8601")
    units: Annotated[int, Field(ge=1)] = Field(description="number of its units there")
    strength: Annotated[int, Field(ge=1)] = Field(description="their strength")


class DemandPart(Part):
    """A site with the strength and the time by which the other side was asked to hold it."""

    site: Number = Field(description="number of the site, one of those in sites.on_routes")
    strength: Annotated[int, Field(ge=1)] = Field(description="strength")
    by_s: float | None = Field(description="held by then, seconds after now; null: at any time")


class RefusedPart(Part):
    """An inequality of the other side: of these sites it can hold at most so many as demanded."""

    answer: str = Field(description="id of the answer in which it said so")
    most: Number = Field(description="how many; 0 where it can hold none of them")
    demands: tuple[DemandPart, ...] = Field(
        description="the demands; one as strong and as early at the same site is meant as well"
    )


class JointPart(Part):
    """How the other side of a joint plan was known; what it says rests on its word."""

    side: str = Field(description="its name in `committed` and in the proof")
    peer: str = Field(description="name of its node, which signed what it said")
    answered: bool = Field(description="false: it did not; only its last commitments were used")
    matter: str = Field(description="id of the joint plan")
    commitment: str | None = Field(description="id of the commitment built on; null: none")
    expires_s: Instant = Field(description="until when it counts, seconds after now; null: none")
    expires: Text = Field(description="the same as ISO 8601")
    standing: tuple[DemandPart, ...] = Field(
        description="what it was committed to on the proof's routes, where it did not answer"
    )
    refused: tuple[RefusedPart, ...] = Field(
        description="what it said it cannot hold, as far as the proof needs it"
    )


def committed_content(part: Committed, instant: MakeInstant) -> dict[str, Any]:
    """Make the content of a `CommittedPart`."""
    return {
        "side": part.side,
        "commitment": part.commitment,
        **instant("closed", part.closed_s),
        "units": part.units,
        "strength": part.strength,
    }


def joint_content(joint: Joint, now_utc_s: float, instant: MakeInstant) -> dict[str, Any]:
    """Make the content of a `JointPart`."""
    until_s = math.inf if joint.expires_utc_s is None else joint.expires_utc_s - now_utc_s
    return {
        "side": joint.side,
        "peer": joint.peer,
        "answered": joint.answered,
        "matter": joint.matter,
        "commitment": joint.commitment,
        **instant("expires", until_s),
        "standing": [_demand(demand) for demand in joint.standing],
        "refused": [
            {"answer": row.answer, "most": row.most, "demands": [_demand(d) for d in row.members]}
            for row in joint.refused
        ],
    }


def _demand(demand: tuple[int, int, float]) -> dict[str, Any]:
    site, strength, by_s = demand
    return {"site": site, "strength": strength, "by_s": by_s}
