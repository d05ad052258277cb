"""What is really closed, and the verdict found anew from it.

`actual_states` reads the book and is quick; `judge` searches the roads and may run in another
thread, as it looks at nothing else. The rules of what counts as closed:

- our sites: from when they were reported closed until they were reported open again; of a unit
  that is not late, from when the plan expects it, or from now where that is over; of a late one,
  never, until it reports the site closed;
- a site that both sides hold together: while our part and theirs are closed, each by these rules;
- the other side's sites, and its part of a shared one: as it reports them. What it calls late or
  open is not closed. What it promised counts from the moment promised, and what only the plan
  expects of it from then, until it says otherwise: each side watches its own seals, and the
  protocol has no message for a single road that was closed as promised. What is over its time
  without a report is said beside the verdict.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from stopline.operation.orders.board import own_spans, state_of
from stopline.operation.orders.intervals import Span, closes, together
from stopline.operation.orders.peer_seals import TheirSeals
from stopline.operation.orders.plan_text import deadline_of, their_part
from stopline.operation.orders.plan_units import ordered_units
from stopline.operation.orders.projection import OPEN, Orders
from stopline.operation.sightings.projection import Sightings
from stopline.rendering.time_text import Clock
from stopline.sealing.claim.closing import Closing
from stopline.sealing.plan_file.file import zone_of

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident
    from stopline.operation.orders.plan_text import TheirPart
    from stopline.operation.orders.projection import Order
    from stopline.operation.sightings.projection import Sighting
    from stopline.sealing.plan_file.schema import PlanFile, SealPart

LOOK_AGAIN_S: Final = 5.0  # while a unit is over the expected time, but not late
_COMING: Final = frozenset({"ordered", "under way"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A site that should be closed, with why it is not, if it is not.

    Attributes:
        site: `section N` or `junction N`.
        road: for people.
        unit: of this side, that should hold it; empty for none.
        who: who should hold it, for people.
        why: why it does not count as closed; empty where it does or will.
        theirs: the other side holds it.
        unreported: it counts by the other side's word, or by the plan, and is over its time
            without a report that it is closed.
        need: strength that closes it.
    """

    site: str
    road: str
    unit: str
    who: str
    why: str
    theirs: bool
    need: int
    unreported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Actual:
    """All that a verdict follows from, beside the roads.

    Attributes:
        incident: its id.
        digest: of the adopted plan.
        plan: the adopted plan.
        now_s: the moment, UTC seconds.
        entries: of the journal, that this was read from.
        closings: what is closed or will be, seconds after the plan's "now".
        wanted: the sites that should be closed.
        seen: a confirmed sighting later than the plan's; None for none.
        changes_s: the next moment at which this can change by itself, UTC seconds.
    """

    incident: str
    digest: str
    plan: PlanFile = field(repr=False)
    now_s: float
    entries: int
    closings: tuple[Closing, ...]
    wanted: tuple[Wanted, ...]
    seen: Sighting | None
    changes_s: float

    @property
    def key(self) -> object:
        """What the verdict depends on: the same key, the same verdict."""
        return self.digest, self.closings, self.wanted, None if self.seen is None else self.seen.id


def is_judged(incident: Incident) -> bool:
    """Whether there is something to judge: orders are out, and the roads are not being reopened."""
    orders = incident.projection(Orders)
    phase = incident.machine.protocol.phases[incident.phase]
    return orders.plan is not None and bool(orders.orders) and not (phase.withdraws or phase.final)


def actual_states(incident: Incident, plan: PlanFile, now_s: float, entries: int) -> Actual:
    """Read what is really closed; `is_judged` must hold."""
    return _Reading(incident, plan, now_s).read(entries)


@dataclass(frozen=True, slots=True)
class _TheirState:
    """Their part of a site: when it is closed, and why not, if it is not."""

    spans: list[Span]
    road: str
    why: str
    unreported: bool


class _Reading:
    """One look at the orders and at what the other side reports."""

    def __init__(self, incident: Incident, plan: PlanFile, now_s: float) -> None:
        self.incident, self.plan, self.now_s = incident, plan, now_s
        self.orders, self.theirs = incident.projection(Orders), incident.projection(TheirSeals)
        self.clock = Clock(now_s, zone_of(plan))
        sides = incident.machine.protocol.sides
        self.they = next((s.name for key, s in sides.items() if key != incident.state.side), "")
        self.next_s = math.inf
        self.spans: dict[str, list[Span]] = {}
        self.wanted: dict[str, Wanted] = {}
        self.ours = self._our_sides()

    def read(self, entries: int) -> Actual:
        seals = {f"{seal.site.kind} {seal.site.index}": seal for seal in self.plan.seals}
        for site in dict.fromkeys(one.issued.site for one in self.orders.orders.values()):
            self._own(site, seals.get(site))
        told = dict.fromkeys([*self.theirs.promised, *self.theirs.last])
        for site, seal in seals.items():
            ours = any(one.side in self.ours for one in seal.holders)
            known = site in told and self._their_share(seal) is None
            if ours and not known and site not in self.wanted:
                self._nobody(site, seal)
        for site in dict.fromkeys([*seals, *told]):
            if site not in self.wanted:
                self._theirs(site, seals.get(site))
        assert self.orders.plan is not None  # noqa: S101  (`is_judged`)
        return Actual(
            incident=self.incident.id, digest=self.orders.plan.digest, plan=self.plan,
            now_s=self.now_s, entries=entries, closings=tuple(self._closings()),
            wanted=tuple(self.wanted.values()), seen=self._seen(), changes_s=self.next_s,
        )  # fmt: skip

    def _closings(self) -> list[Closing]:
        zero_s, found = self.plan.now_utc_s, []
        for site, spans in self.spans.items():
            kind, _, number = site.partition(" ")
            found += [
                Closing(kind=kind, index=int(number), from_s=a - zero_s, until_s=b - zero_s)
                for a, b in spans
            ]
        return found

    def _our_sides(self) -> set[str]:
        return {unit.side for unit in ordered_units(self.orders, self.plan).values()}

    def _their_share(self, seal: SealPart) -> TheirPart | None:
        """Their part of a seal that we hold, too; None where one side holds it alone."""
        ours = any(one.side in self.ours for one in seal.holders)
        return their_part(self.plan, seal, self.ours) if ours else None

    def _own(self, site: str, seal: SealPart | None) -> None:
        here = self.orders.at_site(site)
        for one in here:
            if one.state in OPEN and not one.is_late(self.now_s):
                over = one.expected_s <= self.now_s
                self._again(self.now_s + LOOK_AGAIN_S if over else one.expected_s)
                self._again(one.deadline_s)
        theirs = None if seal is None else self._their_share(seal)
        part = None if seal is None or theirs is None else max(1, seal.site.need - theirs.strength)
        spans = own_spans(self.orders, site, self.now_s, part)
        standing = [one for one in here if one.state not in {"withdrawn", "reopened"}]
        self.spans[site] = spans
        if not standing and seal is None:
            return  # no plan asks for it any more
        coming = closes(spans)
        worst = min(standing or here, key=lambda one: _RANK[state_of(one, self.now_s)])
        self.wanted[site] = Wanted(
            site=site, road=worst.issued.road, unit=worst.issued.unit, who=worst.issued.unit,
            why="" if coming else _why(worst, self.now_s), theirs=False, need=worst.issued.need,
        )  # fmt: skip
        if seal is not None and theirs is not None:
            self._shared(site, seal)

    def _shared(self, site: str, seal: SealPart) -> None:
        """A site of ours that is closed only together with their part, or by us alone after all."""
        alone = own_spans(self.orders, site, self.now_s, seal.site.need)
        if closes(alone):
            self.spans[site] = alone
            return
        part, ours = self._their_part(site, seal), self.wanted[site]
        self.spans[site] = together(self.spans[site], part.spans)
        if not ours.why and part.why:
            self.wanted[site] = replace(ours, unit="", who=self.they, why=part.why)
        elif not ours.why:
            self.wanted[site] = replace(ours, unreported=part.unreported)

    def _nobody(self, site: str, seal: SealPart) -> None:
        unit = next(one.unit for one in seal.holders if one.side in self.ours)
        self.wanted[site] = Wanted(
            site=site, road=seal.site.road, unit=unit, who=unit,
            why=f"{unit} has no order for {seal.site.road}", theirs=False, need=seal.site.need,
        )  # fmt: skip

    def _theirs(self, site: str, seal: SealPart | None) -> None:
        part = self._their_part(site, seal)
        self.spans[site] = part.spans
        self.wanted[site] = Wanted(
            site=site, road=part.road, unit="", who=self.they, why=part.why, theirs=True,
            need=1 if seal is None else seal.site.need, unreported=part.unreported,
        )  # fmt: skip

    def _their_part(self, site: str, seal: SealPart | None) -> _TheirState:
        """When their part of a site is closed, or will be by their word."""
        last = self.theirs.last.get(site)
        spans = list(self.theirs.spans.get(site, []))
        road = last.road if last is not None else "" if seal is None else seal.site.road
        road, why, unreported = road or site, "", False
        if not closes(spans):
            from_s, due_s = self._expected(site, seal)
            if last is not None and last.state not in _COMING:
                why = f"{self.they} says that {road} is {last.state}"
            elif math.isinf(from_s):
                why = self._taken_back(seal) or f"{self.they} does not hold {road}"
            else:
                spans.append((from_s, math.inf))
                unreported = self.now_s > due_s
                self._again(due_s)
        return _TheirState(spans, road, why, unreported)

    def _expected(self, site: str, seal: SealPart | None) -> tuple[float, float]:
        """From when it counts, and when a report that it is closed is due."""
        if site in self.theirs.promised:
            by_s = self.theirs.promised[site]
            return by_s, by_s
        if seal is None or self._taken_back(seal):
            return math.inf, math.inf
        part = their_part(self.plan, seal, self.ours)
        closed_s = seal.closed_at_s if part is None else part.closed_s
        return self.plan.now_utc_s + closed_s, deadline_of(self.plan, seal)

    def _taken_back(self, seal: SealPart | None) -> str:
        """Why a seal rests on no commitment any more; empty if it does, or never did."""
        for part in () if seal is None else seal.committed:
            if part.commitment in self.theirs.withdrawn:
                reason = self.theirs.withdrawn[part.commitment]
                return f"{self.they} took back its commitment: {reason}"
        return ""

    def _seen(self) -> Sighting | None:
        last_s = self.plan.now_utc_s + max(one.time_s for one in self.plan.sources)
        known = self.incident.projection(Sightings).standing()
        later = [s for s in known if s.confirmed and not s.nothing_seen and s.seen_s > last_s]
        placed = [s for s in later if s.section is not None or s.lon is not None]
        return placed[-1] if placed else None

    def _again(self, moment_s: float) -> None:
        if moment_s >= self.now_s:
            self.next_s = min(self.next_s, moment_s)


_RANK: Final = {"late": 0, "open": 1, "reopened": 2, "ordered": 3, "under way": 4, "closed": 5}


def _why(order: Order, now_s: float) -> str:
    unit, road = order.issued.unit, order.issued.road
    if order.is_late(now_s):
        return f"{unit} is late at {road}"
    if order.state == "refused":
        return f"{unit} cannot hold {road}: {order.reason}"
    if order.state in {"withdrawn", "reopened"}:
        return f"the order of {unit} for {road} is withdrawn"
    return f"{unit} alone is not strong enough at {road}"
