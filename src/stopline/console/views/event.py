"""A fact as an event: its kind, place and time, and its body if that is small."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, Field

from stopline.operation.core.context import iso
from stopline.operation.core.read_permissions import rows_of

if TYPE_CHECKING:
    from stopline.journal.base import Entry

SMALL: Final = 4096  # bytes of a body that travels with its event
# Facts that come by the hundred each second: those of a round travel as one event.
GATHERED: Final = frozenset({"positions.reported"})


class EventShown(BaseModel):
    """One fact of the journal, as a live event."""

    index: int = Field(description="its place in the journal; the id of the event")
    id: str = Field(description="id of the fact")
    kind: str = Field(description="kind of fact")
    incident: str | None = Field(description="incident it belongs to, or null")
    time: str = Field(description="when, ISO 8601 with zone")
    author: str = Field(description="who said it")
    role: str = Field(description="in which role")
    body: dict[str, Any] | None = Field(description="the content, if it is small and not personal")
    reference: str | None = Field(description="where the content is, if it is not in the event")
    first: int | None = Field(
        default=None, description="several facts of this kind in one event: index of the first"
    )


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """An event ready to be sent.

    Attributes:
        index: of its entry.
        kind: of its fact.
        rows: the rows of the table of reads that it belongs to; whoever sees it may see them all.
        incident: the incident it belongs to.
        data: JSON.
    """

    index: int
    kind: str
    rows: frozenset[str]
    incident: str | None
    data: bytes

    def frame(self) -> bytes:
        """Write it as a server-sent event."""
        return b"id: %d\nevent: fact\ndata: %s\n\n" % (self.index, self.data)


def event_of(entry: Entry) -> StreamEvent:
    """Make the event of an entry."""
    # A personal body can be erased; an event that is kept for others to catch up cannot.
    small = entry.body is not None and len(entry.leaf) <= SMALL and not entry.personal
    shown = EventShown(
        index=entry.index, id=entry.fact_id, kind=entry.kind, incident=entry.incident,
        time=iso(entry.time_s), author=entry.author, role=entry.role,
        body=dict(entry.body or {}) if small else None,
        reference=None if small else f"/v1/journal/entries/{entry.index}",
    )  # fmt: skip
    return StreamEvent(
        index=entry.index, kind=entry.kind, rows=rows_of(entry), incident=entry.incident,
        data=_line(shown),
    )  # fmt: skip


def _line(shown: EventShown) -> bytes:
    told = shown.model_dump(exclude={"first"} if shown.first is None else set())
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def gathered(events: list[StreamEvent]) -> list[StreamEvent]:
    """Put neighbours of the same busy kind and incident together; the last one speaks for all."""
    kept: list[StreamEvent] = []
    firsts: list[int] = []
    for event in events:
        last = kept[-1] if kept else None
        together = (
            last is not None
            and event.kind in GATHERED
            and (last.kind, last.incident) == (event.kind, event.incident)
        )
        if together:
            kept[-1] = event
        else:
            kept.append(event)
            firsts.append(event.index)
    return [
        event if first == event.index else _for_several(event, first)
        for event, first in zip(kept, firsts, strict=True)
    ]


def _for_several(event: StreamEvent, first: int) -> StreamEvent:
    told = json.loads(event.data)
    told |= {"body": None, "first": first, "reference": f"/v1/journal/entries/{event.index}"}
    data = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return StreamEvent(event.index, event.kind, event.rows, event.incident, data)
