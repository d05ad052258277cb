"""The small types of which the protocol form is made: names, events, seconds, strict entries."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from stopline.protocol.events import EXPECTED_EVENT, NAME, parse_event

RESERVED_SIDES = frozenset({"each", "lead", "assist", "both", "first"})
DAY_S = 86_400.0


def _as_list(value: Any) -> Any:  # noqa: ANN401  (whatever the YAML held; the model judges it)
    return [value] if isinstance(value, str) else value


def _event(text: str) -> str:
    event = parse_event(text)
    if event is None:
        msg = f"expected {EXPECTED_EVENT}"
        raise ValueError(msg)
    return event.key


def _side_name(text: str) -> str:
    if text in RESERVED_SIDES:
        msg = f"expected a side's own name; {', '.join(sorted(RESERVED_SIDES))} have a meaning"
        raise ValueError(msg)
    return text


Name = Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
SideName = Annotated[Name, AfterValidator(_side_name)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
EventText = Annotated[str, StringConstraints(max_length=160), AfterValidator(_event)]
Names = Annotated[tuple[Name, ...], Field(strict=False), BeforeValidator(_as_list)]
Events = Annotated[tuple[EventText, ...], Field(strict=False), BeforeValidator(_as_list)]
MOST_S = 30 * DAY_S
Seconds = Annotated[float, Field(gt=0, le=MOST_S, allow_inf_nan=False)]


class DocumentEntry(BaseModel):
    """The rules that all parts of the form share: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
