"""Facts about situation reports."""

from __future__ import annotations

from pydantic import Field

from stopline.journal.kinds import fact_kind
from stopline.operation.facts.incident import IncidentFact


@fact_kind("situation.issued")
class SituationIssued(IncidentFact):
    """A situation report was issued; who reads the journal to `entries` gets the same page."""

    number: int = Field(description="1, 2, 3, ... in this incident")
    reader: str = Field(description="role that it was made for")
    entries: int = Field(description="entries of the journal that it is made from")
    at: str = Field(description="the moment that it shows, ISO 8601 with zone")
    zone: str = Field(description="zone in which its times are written, for example Europe/Vaduz")
    digest: str = Field(description="SHA-256 of the page, UTF-8, hex")
    page: str = Field(description="the page, HTML")
