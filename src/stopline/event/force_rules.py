"""The rule table: how many people of which service an event needs, row by row, each with a source.

No number of a force plan stands without a row of this table, and no row without source and date:
guides differ, and who signs a plan must see whose figure it is.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, NoReturn

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

RISKS: Final = ("low", "medium", "high", "severe")
Risk = Literal["low", "medium", "high", "severe"]
RowKind = Literal[
    "people_per_post", "spectators_per_person", "task", "supervisors", "reserve", "shift",
    "reinforcement",
]  # fmt: skip

NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "people_per_post": ("post", "people"),
    "spectators_per_person": ("spectators",),
    "task": ("what", "people"),
    "supervisors": ("per",),
    "reserve": ("percent",),
    "shift": ("hours", "break_min"),
    "reinforcement": ("to_help", "decides"),
}
_ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    "people_per_post": ("risks",),
    "spectators_per_person": ("risks", "at_least"),
    "task": ("risks", "from_crowd"),
    "supervisors": (),
    "reserve": ("risks",),
    "shift": (),
    "reinforcement": ("from_risk", "from_shortfall", "people"),
}


_KIND: Final = "expected"
_TEMPLATE: Final = "{expected}"


def _refuse(expected: str, seen: str = "") -> NoReturn:
    raise PydanticCustomError(_KIND, _TEMPLATE, {"expected": expected, "seen": seen})


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            _refuse("a day, for example 2026-01-15")
    return value


def _said(value: str) -> str:
    if not value.strip():
        _refuse("text", "nothing")
    return value.strip()


Said = Annotated[str, AfterValidator(_said)]
Day = Annotated[date, BeforeValidator(_day)]
People = Annotated[int, Field(ge=1, le=1_000_000)]


class RuleRow(BaseModel):
    """One rule, with who says so."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    id: Said = Field(description="a short name, unique in the table")
    kind: RowKind = Field(description=", ".join(NEEDS))
    service: Said = Field(description="the service that the people belong to")
    source: Said = Field(description="who says so: a guide with its page, an order, a person")
    date: Day = Field(description="the day of that source, for example 2026-01-15")
    note: str = Field(default="", description="text")
    post: str | None = Field(
        default=None, description="the kind of post: gate, barrier, checkpoint, control_room, ..."
    )
    people: People | None = Field(default=None, description="a whole number >= 1")
    spectators: People | None = Field(
        default=None, description="spectators for one person, a whole number >= 1"
    )
    at_least: People | None = Field(default=None, description="people at the least, >= 1")
    from_crowd: People | None = Field(default=None, description="from so many spectators on")
    what: str | None = Field(default=None, description="the task, in words")
    per: People | None = Field(default=None, description="people for one supervisor, >= 1")
    percent: float | None = Field(
        default=None, gt=0, le=100, description="of the people needed, above 0, at most 100"
    )
    hours: float | None = Field(default=None, gt=0, le=24, description="of a shift, at most 24")
    break_min: float | None = Field(
        default=None, ge=0, le=480, description="minutes of break in a shift, >= 0"
    )
    risks: list[Risk] = Field(
        default_factory=list, description="low, medium, high, severe; empty for all"
    )
    to_help: str | None = Field(default=None, description="the service that it adds to")
    from_risk: Risk | None = Field(default=None, description="low, medium, high or severe")
    from_shortfall: People | None = Field(
        default=None, description="from so many people missing on, a whole number >= 1"
    )
    decides: str | None = Field(default=None, description="who decides, by office")

    @model_validator(mode="after")
    def _whole(self) -> RuleRow:
        for name in NEEDS[self.kind]:
            if getattr(self, name) in (None, ""):
                _refuse(f"{name} in a row of kind {self.kind}", "nothing")
        values = self.model_fields_set - {"id", "kind", "service", "source", "date", "note"}
        extra = sorted(values - {*NEEDS[self.kind], *_ALLOWED[self.kind]})
        if extra:
            known = ", ".join((*NEEDS[self.kind], *_ALLOWED[self.kind]))
            _refuse(f"for a row of kind {self.kind} only {known}", ", ".join(extra))
        if self.kind == "reinforcement":
            if self.from_risk is None and self.from_shortfall is None:
                _refuse("from_risk or from_shortfall", "neither")
            if self.from_risk is not None and self.people is None:
                _refuse("people beside from_risk", "nothing")
            if self.to_help == self.service:
                _refuse("another service to help", self.service)
        return self

    def holds_at(self, risk: str) -> bool:
        """Whether the row applies at a risk."""
        return not self.risks or risk in self.risks


class RuleTable(BaseModel):
    """A whole rule table."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    name: Said = Field(description="a name")
    example: bool = Field(
        default=False, description="true: an example, which every page says; false: in force"
    )
    issued_by: str = Field(default="", description="who puts it in force")
    rows: list[RuleRow] = Field(min_length=1, description="at least one row")

    @model_validator(mode="after")
    def _sound(self) -> RuleTable:
        seen: set[str] = set()
        for row in self.rows:
            if row.id in seen:
                _refuse("each row once, by its id", row.id)
            seen.add(row.id)
        chain = {(row.service, row.to_help) for row in self.rows if row.kind == "reinforcement"}
        helped = {to: service for service, to in chain}
        for first in helped:
            here, steps = first, 0
            while here in helped and steps <= len(helped):
                here, steps = helped[here], steps + 1
            if steps > len(helped):
                _refuse("reinforcements that do not go in a circle", str(first))
        if not self.example and not self.issued_by.strip():
            _refuse("issued_by in a table that is in force, or example: true", "nothing")
        return self

    def of(self, kind: RowKind) -> list[RuleRow]:
        """The rows of a kind, in the table's order."""
        return [row for row in self.rows if row.kind == kind]
