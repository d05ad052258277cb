"""What stands in a report once it is open, and how it is sealed for each side.

Both happen where the person sits, not on the node: the node is given sealed text only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from stopline.documents.canonical_json import canonical
from stopline.errors import BadInput, Fault
from stopline.operation.intelligence.recipient_key import unlock
from stopline.operation.intelligence.sealed import CannotOpen, open_sealed, read_sealed, seal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.operation.intelligence.recipient_key import LockedKey
    from stopline.operation.intelligence.sealed import Label, Recipient


class IntelligenceReport(BaseModel):
    """An intelligence report."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    subject: str = Field(min_length=1, max_length=400, description="what it is about")
    text: str = Field(min_length=1, max_length=20_000, description="what is suspected")
    source: str = Field(
        default="", max_length=4_000, description="where it comes from; empty in the other's copy"
    )
    grade: Annotated[str, StringConstraints(pattern=r"^[A-F][1-6]$")] = Field(
        description="reliability of the source A to F and credibility 1 to 6"
    )
    written: str = Field(description="when, ISO 8601 with zone")
    author: str = Field(default="", description="who wrote it; empty in the other side's copy")


def read_report(text: str) -> IntelligenceReport:
    """Read a report that a person wrote, JSON.

    Raises:
        BadInput: with every fault.
    """
    try:
        return IntelligenceReport.model_validate_json(text)
    except ValidationError as error:
        raise BadInput(
            Fault(f"report {'.'.join(map(str, e['loc']))}", repr(e["input"])[:60], e["msg"])
            for e in error.errors()
        ) from error


def seal_report(
    report: IntelligenceReport,
    label: Label,
    ours: Sequence[Recipient],
    theirs: Sequence[Recipient] = (),
) -> tuple[str, str]:
    """Seal a report for this side and for the other, whose copy has neither source nor author.

    Returns:
        Both sealed texts; empty where nobody is named.

    Raises:
        BadInput: nobody is named, somebody twice, or a key is none.
    """
    if not ours and not theirs:
        raise BadInput.single("recipients", "nobody", "at least one person by name")
    shown = report.model_copy(update={"source": "", "author": ""})
    return (
        seal(_bytes(report), label, ours).text() if ours else "",
        seal(_bytes(shown), label, theirs).text() if theirs else "",
    )


def open_report(sealed: str, locked: LockedKey, passphrase: str) -> IntelligenceReport:
    """Open a report as the recipient whose key this is.

    Raises:
        CannotOpen: not for this key, a wrong passphrase, or somebody changed it.
        BadInput: it is no sealed report.
    """
    opened = open_sealed(read_sealed(sealed), unlock(locked, passphrase))
    try:
        return IntelligenceReport.model_validate(json.loads(opened))
    except (ValidationError, ValueError) as error:
        raise CannotOpen("what is inside is no report") from error


def _bytes(report: IntelligenceReport) -> bytes:
    return canonical(report.model_dump(mode="json"))
