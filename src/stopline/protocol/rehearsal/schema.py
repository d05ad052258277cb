"""The form of a rehearsal: how long people and messages take, and what happens from outside.

Kept apart from the protocol: durations are estimates of one day's crew, not part of what is signed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from stopline.protocol.events import NAME
from stopline.protocol.fields import DAY_S, DocumentEntry, EventText, Name, Text
from stopline.protocol.reader import parse_model, read_bytes

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

_Z95 = 1.6448536269514722  # the 95th percentile of the standard normal distribution
Time = Annotated[float, Field(ge=0, le=30 * DAY_S, allow_inf_nan=False)]
Chance = Annotated[float, Field(ge=0, le=1)]
RoleKey = Annotated[str, StringConstraints(pattern=rf"^({NAME}\.)?{NAME}$")]


class Lognormal(DocumentEntry):
    """Mostly quick, sometimes very slow."""

    median_s: Annotated[float, Field(gt=0, le=30 * DAY_S)] = Field(description="half are faster")
    p95_s: Annotated[float, Field(gt=0, le=30 * DAY_S)] = Field(description="19 of 20 are faster")


class Triangular(DocumentEntry):
    """Between two bounds, most often near one value."""

    low_s: Time = Field(description="never faster")
    mode_s: Time = Field(description="most often")
    high_s: Time = Field(description="never slower")


class Duration(DocumentEntry):
    """How long something takes: exactly one of the three."""

    constant_s: Time | None = Field(default=None, description="always the same seconds")
    lognormal: Lognormal | None = Field(default=None, description="skewed to the right")
    triangular: Triangular | None = Field(default=None, description="bounded on both sides")

    @model_validator(mode="after")
    def _one_of_three(self) -> Duration:
        given = [v for v in (self.constant_s, self.lognormal, self.triangular) if v is not None]
        if len(given) != 1:
            msg = "expected exactly one of constant_s, lognormal, triangular"
            raise ValueError(msg)
        if self.lognormal is not None and self.lognormal.p95_s < self.lognormal.median_s:
            msg = "expected p95_s of at least median_s"
            raise ValueError(msg)
        t = self.triangular
        if t is not None and not t.low_s <= t.mode_s <= t.high_s:
            msg = "expected low_s <= mode_s <= high_s"
            raise ValueError(msg)
        return self

    def draw(self, random: Random) -> float:
        """Draw one duration, seconds."""
        if self.constant_s is not None:
            return self.constant_s
        if self.lognormal is not None:
            sigma = math.log(self.lognormal.p95_s / self.lognormal.median_s) / _Z95
            return self.lognormal.median_s * math.exp(random.gauss(0.0, 1.0) * sigma)
        t = self.triangular
        return 0.0 if t is None else random.triangular(t.low_s, t.high_s, t.mode_s)


class Outside(DocumentEntry):
    """A fact from outside the procedure: the alarm, a sighting, a closed road."""

    trigger: Name = Field(description="trigger of the protocol that it pulls")
    side: Name = Field(default="lead", description="`lead`, `assist`, `each` or a side")
    after: EventText | None = Field(
        default=None, description="event on the same side that it follows; the start if left out"
    )
    takes: Duration = Field(description="how long after")
    chance: Chance = Field(default=1.0, description="probability that it happens")
    again: bool = Field(default=False, description="every time the event happens, not only once")


class LineDown(DocumentEntry):
    """A stretch of time in which the line between the sides is broken."""

    from_s: Time = Field(description="seconds after the start")
    until_s: Time = Field(description="seconds after the start")


class Absence(DocumentEntry):
    """Somebody who is not there."""

    role: Name = Field(description="whose holder is absent")
    side: Name = Field(default="each", description="`lead`, `assist`, `each` or a side")
    from_s: Time = Field(default=0.0, description="seconds after the start")
    until_s: Time = Field(default=30 * DAY_S, description="seconds after the start")
    known: bool = Field(
        default=False, description="the node was told; if not, only a missed deadline shows it"
    )


class Variant(DocumentEntry):
    """One thing that goes wrong, to be compared with the plain rehearsal."""

    title: Text = Field(description="in words")
    line_down: Annotated[tuple[LineDown, ...], Field(strict=False)] = Field(
        default=(), description="when the line is broken"
    )
    absent: Annotated[tuple[Absence, ...], Field(strict=False)] = Field(
        default=(), description="who is not there"
    )


class Rehearsal(DocumentEntry):
    """All that a simulation of a protocol needs beside the protocol."""

    form: Literal["stopline-rehearsal/1"] = Field(description="name and version of this form")
    protocol: Name = Field(description="name of the protocol that it rehearses")
    lead: Name = Field(description="side on which the alarm is raised")
    until_s: Annotated[float, Field(gt=0, le=30 * DAY_S)] = Field(
        description="seconds after which a run ends"
    )
    people: dict[RoleKey, Duration] = Field(
        description="time a role takes for one task; `default`, a role, or `side.role`"
    )
    tasks: dict[Name, Duration] = Field(
        default_factory=dict, description="time a task takes, instead of its role's"
    )
    acknowledge: Duration = Field(
        default=Duration(constant_s=0.0), description="time a person takes to acknowledge"
    )
    line: Duration = Field(
        default=Duration(constant_s=0.0), description="time a message takes from node to node"
    )
    fallback: Duration = Field(
        default=Duration(constant_s=0.0), description="time a message takes by the fallback"
    )
    outside: Annotated[tuple[Outside, ...], Field(strict=False)] = Field(
        description="what happens from outside"
    )
    outcomes: dict[Name, dict[Name, Chance]] = Field(
        default_factory=dict, description="probability of each outcome, by decision"
    )
    variants: dict[Name, Variant] = Field(
        default_factory=dict, description="what goes wrong, for comparison"
    )


def read_rehearsal(path: Path) -> Rehearsal:
    """Read a rehearsal from a file.

    Raises:
        BadInput: with all faults.
    """
    return parse_rehearsal(read_bytes(path), path.name)


def parse_rehearsal(data: bytes, name: str = "rehearsal") -> Rehearsal:
    """Read a rehearsal from bytes.

    Raises:
        BadInput: with all faults.
    """
    return parse_model(Rehearsal, data, name)[0]
