"""The form of an exercise: head, objectives, truth and master scenario events list."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stopline.exercise.document.fields import AfterStart, Label, Line, Moment, Words, utc_s
from stopline.exercise.document.msel import Inject  # noqa: TC001  (pydantic needs it)
from stopline.exercise.document.truth import Truth  # noqa: TC001  (pydantic needs it)
from stopline.protocol.fields import DocumentEntry, Name

_MOST_INJECTS = 500


class ExerciseSideForm(DocumentEntry):
    """A side of the protocol, as it stands in the scenario."""

    scenario: Name = Field(description="name of the side in the scenario")
    zone: Line = Field(default="UTC", description="its zone, for example Europe/Vaduz")
    services: dict[Line, Name] = Field(
        default_factory=dict,
        description="service of the protocol, by a service as the scenario calls it",
    )
    players: tuple[Name, ...] = Field(
        default=(), strict=False, description="roles that people play; all others are simulated"
    )


class Endex(DocumentEntry):
    """What ends the exercise; whatever comes first."""

    detained: bool = Field(default=True, description="the vehicle is detained")
    out: bool = Field(default=True, description="it is out at an exit")
    at_s: AfterStart = Field(description="at the latest, seconds after STARTEX")
    controller: bool = Field(default=True, description="a controller may call it")
    play_on_s: AfterStart = Field(
        default=0.0, description="seconds that are played on after detention or flight"
    )


def _two(sides: dict[str, ExerciseSideForm]) -> dict[str, ExerciseSideForm]:
    if len(sides) != 2:  # noqa: PLR2004  (two sovereign sides)
        raise ValueError(f"expected two sides, not {len(sides)}")
    return sides


_TwoSides = Annotated[dict[Name, ExerciseSideForm], AfterValidator(_two)]


class Exercise(DocumentEntry):
    """An exercise: all that two nodes and a hidden truth need."""

    form: Literal["stopline-exercise/1"] = Field(description="name and version of this form")
    name: Name = Field(description="its short name; the incident is called after it")
    title: Line = Field(description="what it is called")
    purpose: Words = Field(description="what it trains, in words")
    objectives: dict[Label, Line] = Field(min_length=1, description="what is evaluated, by name")
    scenario: Line = Field(description="the scenario's file, beside the document")
    network: Line | None = Field(
        default=None, description="road network that the user brings, if it is not in the scenario"
    )
    protocol: Line = Field(description="the agreed protocol's file, beside the document")
    seed: Annotated[int, Field(ge=0, lt=1 << 31)] = Field(description="of all chance")
    startex: Moment = Field(description="STARTEX, with zone")
    endex: Endex = Field(description="ENDEX: what ends it")
    lead: Name = Field(description="the side on which the alarm is raised")
    sides: _TwoSides = Field(description="both sides of the protocol")
    alarm: Line = Field(description="what happened, as the duty officer hears it at STARTEX")
    place: Line = Field(description="where, as people name it")
    truth: Truth = Field(description="the hidden truth")
    msel: Annotated[tuple[Inject, ...], Field(strict=False, max_length=_MOST_INJECTS)] = Field(
        default=(), description="master scenario events list"
    )

    @property
    def start_s(self) -> float:
        """STARTEX, UTC seconds."""
        return utc_s(self.startex)
