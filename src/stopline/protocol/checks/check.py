"""Find what would go wrong on the day: gaps and contradictions in a protocol document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.protocol.checks.exchange import check_exchange
from stopline.protocol.checks.findings import FindingLog, ProtocolFinding, Severity
from stopline.protocol.checks.flow import check_flow
from stopline.protocol.checks.names import check_names
from stopline.protocol.checks.people import check_people
from stopline.protocol.checks.reachability import Possible
from stopline.protocol.checks.times import check_times

if TYPE_CHECKING:
    from stopline.protocol.reader import ProtocolFile


def check(file: ProtocolFile) -> tuple[ProtocolFinding, ...]:
    """Examine a document; give every finding, in the order of its lines.

    A document without findings of severity `error` can be run to its end by both sides: every
    phase can be reached and left, every task has somebody to do it and a deadline that can be
    kept, every message is awaited, and everything that is shown may be shown.
    """
    desk = FindingLog(file)
    check_names(desk)
    check_people(desk)
    check_times(desk)
    possible = Possible(file.protocol)
    check_flow(desk, possible)
    check_exchange(desk, possible)
    return desk.findings()


def errors_in(findings: tuple[ProtocolFinding, ...]) -> tuple[ProtocolFinding, ...]:
    """The findings that must be mended before a document is signed."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)
