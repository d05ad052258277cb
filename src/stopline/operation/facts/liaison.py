"""Facts of liaison; what crosses the line is a message of the protocol, not a fact of this room."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stopline.journal.kinds import fact_kind
from stopline.operation.facts.incident import IncidentFact

CallBetween = Literal["heads", "chiefs", "liaison officers", "duty officers", "others"]


@fact_kind("call.held")
class CallHeld(IncidentFact):
    """Two people of the two sides spoke; what was asked and agreed is written down."""

    between: CallBetween = Field(description="who, by office")
    ours: str = Field(description="name and office on this side")
    theirs: str = Field(description="name and office on the other side")
    began: str = Field(description="when, ISO 8601 with zone")
    minutes: float = Field(description="how long")
    we_asked: str = Field(description="what this side asked, empty if nothing")
    they_asked: str = Field(description="what the other side asked, empty if nothing")
    agreed: str = Field(description="what was agreed, empty if nothing")
    corrects: str | None = Field(description="id of the call whose record this replaces, or null")
