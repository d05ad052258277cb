"""Facts about public statements."""

from __future__ import annotations

from pydantic import Field

from stopline.journal.kinds import fact_kind
from stopline.operation.facts.incident import IncidentFact, Meaning


@fact_kind("statement.drafted")
class StatementDrafted(IncidentFact):
    """A version of a statement was written."""

    statement: str = Field(description="its name, for example `first`")
    version: int = Field(description="1, 2, 3, ...")
    text: str = Field(description="the text")
    agreed_by: list[str] = Field(description="roles on this side that must agree before release")
    not_before: str | None = Field(description="not to be released before, ISO 8601, or null")
    asks_other_side: bool = Field(description="the other side must agree, too")


@fact_kind("statement.agreed")
class StatementAgreed(IncidentFact):
    """A role on this side agreed to a version, or did not."""

    statement: str = Field(description="its name")
    version: int = Field(description="which version")
    agrees: bool = Field(description="yes or no")
    remark: str = Field(description="why not, or what to mind")


@fact_kind("statement.released")
class StatementReleased(IncidentFact):
    """A version went out to the public."""

    statement: str = Field(description="its name")
    version: int = Field(description="which version")
    text: str = Field(description="what was said")
    where: str = Field(description="to whom and by which ways")
    without: str = Field(description="why it went out without an agreement that was asked for")

    def meanings(self) -> tuple[Meaning, ...]:
        """Released."""
        return (Meaning("statement", outcome="released"),)


@fact_kind("statement.corrected")
class StatementCorrected(IncidentFact):
    """Something that was said in public was wrong, and is set right in public."""

    statement: str = Field(description="its name")
    was: str = Field(description="what had been said")
    text: str = Field(description="what is said instead")
    changed: list[str] = Field(description="line by line: `- ` taken out, `+ ` put in")
    reason: str = Field(description="why, for the public")
