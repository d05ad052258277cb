"""The other side's seals as it reported them, with what it promised before."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stopline.link.plan_messages import PlanWithdrawn
from stopline.link.procedure_message import ProcedureSaid, SealStatus
from stopline.operation.core.context import seconds
from stopline.operation.core.projection import Projection, on_message, projection
from stopline.operation.orders.intervals import Span, closes

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@projection("incident")
class TheirSeals(Projection):
    """What the other side said of its seals; it alone knows.

    Attributes:
        last: state by site, as it told us last.
        spans: when each site was closed by its reports, UTC seconds.
        promised: by site, until when it said that it closes it, UTC seconds; infinite: it cannot.
        withdrawn: commitments of joint plans that it took back, by id, with its reason.
    """

    def __init__(self) -> None:
        self.last: dict[str, SealStatus] = {}
        self.spans: dict[str, list[Span]] = {}
        self.promised: dict[str, float] = {}
        self.withdrawn: dict[str, str] = {}

    @on_message(PlanWithdrawn)
    def _withdrawn(self, body: PlanWithdrawn, entry: Entry, *, received: bool) -> None:
        del entry
        if received:
            self.withdrawn[f"{body.matter}/{body.number}"] = body.reason

    @on_message(ProcedureSaid)
    def _said(self, body: ProcedureSaid, entry: Entry, *, received: bool) -> None:
        del entry
        if not received:
            return
        for promise in body.commitments:
            by = promise.closed_by
            self.promised[promise.site] = math.inf if by is None else seconds(by)
        for status in body.seal_status:
            self._report(status)

    def _report(self, status: SealStatus) -> None:
        self.last[status.site] = status
        spans, since_s = self.spans.setdefault(status.site, []), seconds(status.since)
        is_shut = closes(spans)
        if status.state == "closed" and not is_shut:
            spans.append((since_s, math.inf))
        elif status.state != "closed" and is_shut:
            # Never later than it was said to be closed: the rest of the span is taken back.
            spans[-1] = (spans[-1][0], max(since_s, spans[-1][0]))
