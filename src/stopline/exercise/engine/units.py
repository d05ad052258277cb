"""Units: processes that take an order, set out, close their site and open it again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from stopline.exercise.document.truth import UnitTruthForm

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from simpy import Environment, Event

    from stopline.exercise.engine.ports import IncidentLook, OrderLook, SideNode
    from stopline.exercise.truth.chance import ChanceStreams
    from stopline.exercise.truth.journeys import Journeys
    from stopline.exercise.truth.log import TruthLog
    from stopline.exercise.truth.roads import Closures

_REOPENS_S = 40.0


class Units:
    """All units of both sides; `look` is called whenever a side's board has changed.

    Attributes:
        strength: what each unit counts for.
        dispatchers: the role that reports for the units of a service.
        is_played: whether somebody plays a unit of a side: it reports for itself then, and is where
            it says.
    """

    def __init__(
        self,
        env: Environment,
        forms: dict[str, UnitTruthForm],
        closures: Closures,
        chance: ChanceStreams,
        log: TruthLog,
        journeys: Journeys,
    ) -> None:
        self.env, self.forms, self.closures = env, forms, closures
        self.chance, self.log, self.journeys = chance, log, journeys
        self.strength: dict[str, int] = {}
        self.dispatchers: dict[str, str] = {}
        self.is_played: Callable[[str, str], bool] = lambda _side, _unit: False
        self._moving: dict[tuple[str, str], bool] = {}
        self._reopening: set[tuple[str, str]] = set()
        self._at: dict[str, str] = {}
        self._left_s: dict[str, float] = {}
        self._back_s: dict[str, float] = {}

    def look(self, node: SideNode, seen: IncidentLook) -> None:
        """Have each new order carried out, and each withdrawn road reopened."""
        for order in seen.orders:
            key = (node.side, order.id)
            if self.is_played(node.side, order.unit):
                self._as_it_says(node.side, order)
            elif order.state == "issued" and key not in self._moving:
                self._moving[key] = True
                self.env.process(self._carry_out(node, order))
            elif order.state == "withdrawn" and key not in self._reopening:
                self._moving[key] = False
                self._reopening.add(key)
                if (left_s := self._left_s.pop(order.unit, None)) is not None:
                    self._back_s[order.unit] = float(self.env.now) - left_s
                self.env.process(self._reopen(node, order))

    def _as_it_says(self, side: str, order: OrderLook) -> None:
        held = order.unit in self.closures.held.get(order.site, {})
        if order.state == "closed" and not held:
            self._hold(side, order)
        elif order.state in {"reopened", "refused"} and held:
            self.closures.leave(order.site, order.unit)

    def _hold(self, side: str, order: OrderLook) -> None:
        strength = self.strength.get(order.unit, 1)
        need = self.journeys.needs.get(order.site, 1)
        self.closures.hold(order.site, order.unit, side, strength, need)
        self.log.add(
            self.env.now, order.unit, "closes", site=order.site, road=order.road, side=side
        )

    def _form(self, unit: str) -> UnitTruthForm:
        return self.forms.get(unit) or self.forms.get("default") or UnitTruthForm()

    def _carry_out(self, node: SideNode, order: OrderLook) -> Generator[Event, Any, None]:
        form, unit = self._form(order.unit), order.unit
        key = (node.side, order.id)
        set_out_s = self.chance.seconds(unit, "set out", form.set_out)
        yield self.env.timeout(min(20.0, set_out_s))
        if form.refuses is not None:
            self._report(node, order, "refused", form.refuses)
            return
        takes_s = self.journeys.closes_after_s(unit, order.site, self._at.get(unit, ""))
        if not math.isfinite(takes_s):
            self._report(node, order, "refused", "there is no way there for us")
            return
        self._report(node, order, "acknowledged")
        yield self.env.timeout(max(0.0, set_out_s - 20.0))
        if not self._moving[key]:
            return
        self._report(node, order, "under way")
        self._left_s[unit] = float(self.env.now)
        back_s = self._back_s.pop(unit, 0.0)  # to where it had set out from for another order
        yield self.env.timeout(back_s + takes_s * form.travel_factor + form.late_s)
        if not self._moving[key]:
            return
        self._at[unit] = order.site
        self._left_s.pop(unit, None)
        self._hold(node.side, order)
        self._report(node, order, "closed")

    def _reopen(self, node: SideNode, order: OrderLook) -> Generator[Event, Any, None]:
        yield self.env.timeout(_REOPENS_S)
        held = order.unit in self.closures.held.get(order.site, {})
        self.closures.leave(order.site, order.unit)
        if held:
            self.log.add(self.env.now, order.unit, "reopens", site=order.site, side=node.side)
            self._report(node, order, "reopened")

    def _report(self, node: SideNode, order: OrderLook, state: str, reason: str = "") -> None:
        fields = {"order": order.id, "state": state, "reason": reason}
        given = node.give(self.dispatchers[order.agency], "order.move", fields)
        if given.refused:
            self.log.add(self.env.now, order.unit, "is not heard", state=state, why=given.refused)
