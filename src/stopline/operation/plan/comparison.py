"""A plan beside what is in force: each order new, moved or standing; what is late; in one sentence.

What the officer decides is said before it is decided: how many orders go to whom, which are
withdrawn, and which had to be given before now.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from stopline.forces.agency import agency_name, agency_words
from stopline.operation.orders.order_changes import changes
from stopline.operation.orders.plan_text import deadline_of
from stopline.rendering.time_text import Clock
from stopline.sealing.plan_file.file import zone_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from stopline.operation.orders.projection import Order
    from stopline.sealing.plan_file.schema import HolderPart, PlanFile, SealPart

Change = Literal["new", "moved", "stands"]
_FEW: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One order of our part of a plan.

    Attributes:
        unit: id of the unit.
        agency: its service.
        strength: what it counts for.
        site: `section N` or `junction N`.
        road: for people.
        lon: of the site; None if unknown.
        lat: of the site; None if unknown.
        change: against the orders that stand.
        was: the road that the unit was ordered to before; empty for none.
        order_by_s: when it had to be ordered at the latest, UTC seconds; None: nothing presses.
        closed_by_s: closed then by the plan, UTC seconds.
        deadline_s: closed by then at the latest, UTC seconds.
        margin_s: of the seal; None without bound.
    """

    unit: str
    agency: str
    strength: int
    site: str
    road: str
    lon: float | None
    lat: float | None
    change: Change
    was: str
    order_by_s: float | None
    closed_by_s: float
    deadline_s: float
    margin_s: float | None

    def is_late(self, now_s: float) -> bool:
        """Whether it is not given yet, and had to be before now."""
        return self.change != "stands" and self.order_by_s is not None and now_s > self.order_by_s


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirLine:
    """A seal, or a part of one, that the other side holds."""

    side: str
    site: str
    road: str
    lon: float | None
    lat: float | None
    strength: int
    closed_by_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A plan beside the orders that stand.

    Attributes:
        orders: of our part, in the order of the plan.
        withdraw: orders that it replaces.
        beside: orders that it does not ask for and that stand on.
        theirs: what the other side holds.
        now_s: the moment, UTC seconds.
        margin_s: that was asked for.
        clock: writes its times.
    """

    orders: tuple[OrderLine, ...]
    withdraw: tuple[Order, ...]
    beside: tuple[Order, ...]
    theirs: tuple[TheirLine, ...]
    now_s: float
    margin_s: float
    clock: Clock

    @property
    def given(self) -> tuple[OrderLine, ...]:
        """The orders that it would give."""
        return tuple(one for one in self.orders if one.change != "stands")

    @property
    def late(self) -> tuple[OrderLine, ...]:
        """Those that had to be given before now, the longest ago first."""
        late = [one for one in self.orders if one.is_late(self.now_s)]
        return tuple(sorted(late, key=lambda one: one.order_by_s or 0.0))

    @property
    def lost(self) -> bool:
        """Whether an order is so late that its whole margin is gone: the road closes too late."""
        return any(self.now_s > (one.order_by_s or 0.0) + self.margin_s for one in self.late)

    @property
    def to(self) -> tuple[tuple[str, int], ...]:
        """How many orders it would give to each service, most first."""
        return tuple(Counter(one.agency for one in self.given).most_common())

    @property
    def sentence(self) -> str:
        """What adopting and issuing it would do."""
        if not self.given and not self.withdraw:
            return "No order changes."
        count = _count(len(self.given), "order")
        to = ", ".join(f"{number} to {agency_words(agency)}" for agency, number in self.to)
        gone = f"; {_count(len(self.withdraw), 'order')} withdrawn" if self.withdraw else ""
        return f"{count}{f': {to}' if to else ''}{gone}.{self.late_words}"

    @property
    def late_words(self) -> str:
        """Which orders had to be given before now, as a sentence; empty if none."""
        late = self.late
        if not late:
            return ""
        some = ", ".join(
            f"{one.unit} by {self.clock.exact((one.order_by_s or 0.0) - self.now_s)}"
            for one in late[:_FEW]
        )
        rest = f" and {len(late) - _FEW} more" if len(late) > _FEW else ""
        return f" {_count(len(late), 'order')} had to be given before now: {some}{rest}."


def compare(
    plan: PlanFile, standing: Iterable[Order], sides: Collection[str], now_s: float
) -> Comparison:
    """Put a plan beside the orders that stand.

    Args:
        plan: the plan.
        standing: our orders that count.
        sides: our side's names in the plan.
        now_s: the moment, UTC seconds.
    """
    kept = list(standing)
    found = changes(kept, plan, sides, now_s)
    added = {(holder.unit, _site(seal)) for seal, holder in found.add}
    before = {one.issued.unit: one for one in kept}
    strength = {unit.id: unit.strength for unit in plan.units}
    lines, theirs = [], []
    for seal in plan.seals:
        for holder in seal.holders:
            if holder.side in sides:
                new = (holder.unit, _site(seal)) in added
                lines.append(_line(plan, seal, holder, strength, before if new else None))
            else:
                theirs.append(
                    _theirs(plan, seal, holder.side, strength.get(holder.unit, 1), holder.ready_s)
                )
        side = plan.joint.side if plan.joint is not None else "the other side"
        theirs += [_theirs(plan, seal, side, one.strength, one.closed_s) for one in seal.committed]
    wanted = {(one.unit, one.site) for one in lines}
    dropped = {one.issued.order for one in found.drop}
    beside = tuple(
        one
        for one in kept
        if one.issued.order not in dropped and (one.issued.unit, one.issued.site) not in wanted
    )
    return Comparison(
        orders=tuple(lines), withdraw=found.drop, beside=beside, theirs=tuple(theirs),
        now_s=now_s, margin_s=plan.required_margin_s, clock=Clock(now_s, zone_of(plan)),
    )  # fmt: skip


def _line(
    plan: PlanFile,
    seal: SealPart,
    holder: HolderPart,
    strength: dict[str, int],
    before: dict[str, Order] | None,
) -> OrderLine:
    """One order; `before` are those that stand, None where it stands itself."""
    was = None if before is None else before.get(holder.unit)
    change: Change = "stands" if before is None else "new" if was is None else "moved"
    by_s = holder.order_by_s
    return OrderLine(
        unit=holder.unit, agency=agency_name(holder.agency), strength=strength.get(holder.unit, 1),
        site=_site(seal), road=seal.site.road, lon=seal.site.lon, lat=seal.site.lat,
        change=change, was="" if was is None else was.issued.road,
        order_by_s=None if by_s is None else plan.now_utc_s + by_s,
        closed_by_s=plan.now_utc_s + seal.closed_at_s, deadline_s=deadline_of(plan, seal),
        margin_s=seal.margin_s,
    )  # fmt: skip


def _theirs(plan: PlanFile, seal: SealPart, side: str, strength: int, closed_s: float) -> TheirLine:
    return TheirLine(
        side=side, site=_site(seal), road=seal.site.road, lon=seal.site.lon, lat=seal.site.lat,
        strength=strength, closed_by_s=plan.now_utc_s + closed_s,
    )  # fmt: skip


def _site(seal: SealPart) -> str:
    return f"{seal.site.kind} {seal.site.index}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
