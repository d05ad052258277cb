"""The command that issues a situation report, and how an issued one is made again."""

from __future__ import annotations

import hashlib
from copy import copy
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from stopline.operation.core.command import IncidentCommand, Line, command
from stopline.operation.core.context import CommandContext, iso, seconds
from stopline.operation.core.errors import NotNow
from stopline.operation.core.happenings import Happenings
from stopline.operation.core.read_permissions import READS
from stopline.operation.core.state import NodeState
from stopline.operation.facts.situation import SituationIssued
from stopline.operation.situation.report import HEAD, situation_report
from stopline.rendering.page.html import paper_html

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.journal.base import Entry


@command("situation.issue")
class IssueSituation(IncidentCommand):
    """Issue the situation report as it is now; the page is kept with its digest."""

    reader: Line = Field(default=HEAD, description="role of the protocol that it is for")
    zone: Line = Field(default="UTC", description="zone of its times, for example Europe/Vaduz")

    def decide(self, at: CommandContext) -> None:
        """For a role of the protocol; also after the incident is over."""
        incident = at.incident(running=False)
        if self.reader not in incident.machine.protocol.roles:
            raise NotNow(f"the protocol has no role {self.reader}")
        # What is kept must come out again to the byte: the moment is cut to the millisecond first.
        moment = iso(at.now_s)
        now_s = seconds(moment)
        page = paper_html(
            situation_report(
                _as_recorded(at.book),
                incident,
                now_s,
                reader=self.reader,
                zone=zone_named(self.zone),
            )
        )
        at.record(
            SituationIssued(
                number=len(incident.projection(Happenings).issued) + 1, reader=self.reader,
                entries=at.book.size, at=moment, zone=self.zone, digest=digest(page), page=page,
            )
        )  # fmt: skip


def digest(page: str) -> str:
    """SHA-256 of a page, hex."""
    return hashlib.sha256(page.encode()).hexdigest()


def made_again(entries: Iterable[Entry], incident: str, issued: SituationIssued) -> str:
    """Make an issued page again from the journal alone; it differs if somebody changed either."""
    book = NodeState()
    book.fold(entry for entry in entries if entry.index < issued.entries)
    now_s = seconds(issued.at)
    again = partial(
        situation_report, book, book.incident(incident), now_s, reader=issued.reader,
        zone=zone_named(issued.zone),
    )  # fmt: skip
    page = paper_html(again())
    if digest(page) == issued.digest:
        return page
    whole = paper_html(again(reads=frozenset(READS)))  # before readers were told apart
    return whole if digest(whole) == issued.digest else page


def _as_recorded(book: NodeState) -> NodeState:
    """The book without what is known of the machine alone, which no entry says."""
    found = copy(book)
    found.room_bytes = None
    return found


def zone_named(name: str) -> ZoneInfo:
    """Find a zone.

    Raises:
        NotNow: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NotNow(f"`{name}` is no zone; expected one like Europe/Vaduz or UTC") from error
