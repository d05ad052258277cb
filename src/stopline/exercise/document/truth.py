"""The form of the hidden truth: the vehicle, who sees it, and how units, people and line behave."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from stopline.cameras.wanted import wanted_plate
from stopline.errors import BadInput
from stopline.exercise.document.fields import (
    AT_ONCE,
    AfterStart,
    Factor,
    Grade,
    Label,
    Latitude,
    Line,
    Longitude,
    Metres,
    Place,
    Share,
)
from stopline.protocol.fields import DocumentEntry, Name
from stopline.protocol.rehearsal.schema import Duration, RoleKey  # noqa: TC001  (pydantic)

DriverName = Literal["naive", "hurried", "careful", "turns", "knows the strategy"]


def _plate(text: str) -> str:
    """A plate that a node would search for; it refuses what half a town would match."""
    if text:
        try:
            wanted_plate(text)
        except BadInput as error:
            fault = error.faults[0]
            raise ValueError(f"expected a plate: not {fault.seen}, but {fault.expected}") from None
    return text


Plate = Annotated[str, StringConstraints(max_length=40), AfterValidator(_plate)]
_WEIGHT = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]


class TruthDestination(Place):
    """Where the vehicle may be heading."""

    weight: _WEIGHT = Field(default=1.0, description="how likely, beside the others")


class ChangeOfMind(DocumentEntry):
    """The vehicle heads elsewhere from some time on."""

    at_s: AfterStart = Field(description="seconds after STARTEX")
    to: Place = Field(description="its new destination")


class VehicleTruthForm(DocumentEntry):
    """The vehicle and who drives it."""

    driver: DriverName = Field(
        description="naive, hurried, careful, turns (at the sight of a checkpoint), or knows the "
        "strategy (where seals are planned, but not the draw)"
    )
    start: Place = Field(description="where it sets out")
    leaves_s: AfterStart = Field(default=0.0, description="when, seconds after STARTEX")
    speed_factor: Factor = Field(default=1.0, description="times the speed limit")
    sees: Share = Field(
        default=0.7, description="probability that it sees a closed road before it is there"
    )
    destinations: Annotated[tuple[TruthDestination, ...], Field(strict=False, min_length=1)] = (
        Field(description="where it may head; one is drawn")
    )
    changes_mind: Annotated[tuple[ChangeOfMind, ...], Field(strict=False)] = Field(
        default=(), description="later destinations, in order of time"
    )
    description: Line = Field(default="white van", description="what witnesses say it looks like")
    plate: Plate = Field(default="", description="what stands on its plates; empty: not known")


class CameraForm(DocumentEntry):
    """A camera at a road that looks for the one vehicle."""

    name: Label = Field(description="its name")
    side: Name = Field(description="side of the protocol that reads it")
    lon: Longitude = Field(description="WGS 84 degrees")
    lat: Latitude = Field(description="WGS 84 degrees")
    detection: Share = Field(default=0.9, description="probability that it reads a passing plate")
    misread: Share = Field(
        default=0.0, description="probability that what it reports is another car"
    )
    delay: Duration = Field(default=AT_ONCE, description="until an officer has the hit")
    sees_m: Metres = Field(default=100.0, description="how near a road must be, metres")


class WitnessForm(DocumentEntry):
    """Somebody who sees the vehicle and reports it, or thinks so."""

    name: Label = Field(description="who")
    side: Name = Field(description="side of the protocol that hears it")
    lon: Longitude = Field(description="WGS 84 degrees")
    lat: Latitude = Field(description="WGS 84 degrees")
    sees_m: Metres = Field(default=300.0, description="sees what passes nearer, metres")
    error_m: Metres = Field(default=0.0, description="usual error of the place reported, metres")
    error_s: AfterStart = Field(default=0.0, description="usual error of the time reported")
    grade: Grade = Field(default="C3", description="reliability and credibility as graded")
    delay: Duration = Field(default=AT_ONCE, description="until an officer has the report")
    false_at_s: AfterStart | None = Field(
        default=None,
        description="a false report at that time, wherever the vehicle is; null: a true one",
    )


class UnitTruthForm(DocumentEntry):
    """How a unit behaves once it has an order."""

    set_out: Duration = Field(default=AT_ONCE, description="from order to setting out")
    travel_factor: Factor = Field(default=1.0, description="times the way that the plan expects")
    late_s: AfterStart = Field(default=0.0, description="seconds later than the plan expects")
    refuses: Line | None = Field(default=None, description="it refuses, for this reason")


class LineFault(DocumentEntry):
    """What is wrong with the line between the sides, from when to when."""

    kind: Literal["cut", "black hole", "slow"] = Field(
        description="cut: nothing passes and both know; black hole: nothing passes and nobody is "
        "told; slow: each frame takes longer"
    )
    from_s: AfterStart = Field(description="seconds after STARTEX")
    until_s: AfterStart = Field(description="seconds after STARTEX")
    delay_s: Annotated[float, Field(gt=0, le=60)] | None = Field(
        default=None, description="of `slow`: seconds that a frame takes"
    )

    @model_validator(mode="after")
    def _fits(self) -> LineFault:
        if self.until_s <= self.from_s:
            raise ValueError("expected `until_s` after `from_s`")
        if (self.kind == "slow") is not (self.delay_s is not None):
            raise ValueError("expected `delay_s` with `slow`, and only there")
        return self


class Truth(DocumentEntry):
    """What truly happens; players see it after ENDEX."""

    vehicle: VehicleTruthForm = Field(description="the vehicle and who drives it")
    cameras: Annotated[tuple[CameraForm, ...], Field(strict=False)] = Field(
        default=(), description="cameras on roads"
    )
    witnesses: Annotated[tuple[WitnessForm, ...], Field(strict=False)] = Field(
        default=(), description="people who report it"
    )
    units: dict[Label, UnitTruthForm] = Field(
        default_factory=dict, description="how units behave: `default`, or by id"
    )
    people: dict[RoleKey, Duration] = Field(
        default_factory=dict,
        description="time a simulated person takes for one task: `default`, a role, `side.role`",
    )
    acknowledge: Duration = Field(default=AT_ONCE, description="time a person takes to acknowledge")
    outcomes: dict[Name, dict[Name, Share]] = Field(
        default_factory=dict, description="probability of each outcome, by decision"
    )
    line: Annotated[tuple[LineFault, ...], Field(strict=False)] = Field(
        default=(), description="when the line is broken or slow"
    )
