"""The duty to compute a new plan against each leak and to offer it, by one process of several."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stopline.operation.core.background import Background
from stopline.operation.core.leases import WorkClaims
from stopline.operation.orders.plan_units import ordered_units
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.live_units import live_units
from stopline.operation.plan.verdict_commands import OfferReplan
from stopline.operation.plan.verdict_projection import Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Executor

    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.core.giving import GiveCommand
    from stopline.operation.orders.actual_closures import Actual
    from stopline.operation.orders.scenario_store import ScenarioStore
    from stopline.operation.plan.replan import Replan

    Computing = Callable[[], tuple[str, Replan]]


@dataclass(slots=True)
class ReplanDuty:
    """Computes new plans; what other processes compute is waited for.

    Attributes:
        desk: the desk.
        scenarios: finds the scenario of a plan, for its sites.
        executor: runs what computes; None to compute at once.
        give: gives the offer.
        again_s: when to look again at what another process computes, UTC seconds.
    """

    desk: CommandHandler
    scenarios: ScenarioStore
    executor: Executor | None
    give: GiveCommand
    again_s: float = math.inf
    _work: Background[str, tuple[str, Replan]] = field(init=False)
    _claims: WorkClaims = field(init=False)

    def __post_init__(self) -> None:
        self._work = Background(self.executor)
        self._claims = WorkClaims(self.desk.node.journal)

    def is_due(self, now_s: float) -> bool:
        """Whether a plan is found, or the claim on what is computed must be kept up."""
        return self._work.is_ready or self._claims.is_due(now_s)

    def run(self, now_s: float, leaking: Iterable[Actual]) -> None:
        """Compute a new plan against each leak that has none; offer what was found."""
        self._offer(now_s)
        self._keep_claims(now_s)
        self.again_s = math.inf
        for actual in leaking:
            self._ask(actual)
        self._offer(now_s)

    def _offer(self, now_s: float) -> None:
        for name, (leak, found) in self._work.done():
            offer = OfferReplan.model_validate(
                {
                    "incident": name, "leak": leak, "verdict": found.verdict,
                    "sentence": found.sentence[:4000], "note": found.note[:4000],
                    "withdraw": found.withdraw, "order": found.order, "plan": found.plan,
                }
            )  # fmt: skip
            self.give(offer, now_s, "offer", name, leak)

    def _keep_claims(self, now_s: float) -> None:
        for matter in self._claims.held():
            if self._work.is_running(matter):
                self._claims.keep_up(matter, now_s)
            else:
                self._claims.let_go(matter)

    def _ask(self, actual: Actual) -> None:
        leak = self._leak(actual)
        if leak is None or not self._work.wants(actual.incident, leak):
            return
        until_s = self._claims.take(actual.incident, leak, actual.now_s)
        if until_s is None:
            self._work.ask(actual.incident, leak, self._computing(actual, leak))
        else:
            self.again_s = min(self.again_s, until_s)

    def _leak(self, actual: Actual) -> str | None:
        """The leak of an incident's plan that has no new plan yet; None if there is none."""
        with self.desk.reading:
            known = self.desk.catch_up().incident(actual.incident).projection(Verdicts)
            found = known.now
            if found is None or found.verdict != "leaking" or known.offer is not None:
                return None
            return known.leak if found.plan == actual.digest else None

    def _computing(self, actual: Actual, leak: str) -> Computing:
        """What computes a plan against a leak, from how everything is now."""
        with self.desk.reading:
            book = self.desk.catch_up()
            incident = book.incident(actual.incident)
            given, found = incident.projection(Orders), incident.projection(Verdicts).now
            count = 0 if found is None else len(found.ways) + found.more
            orders, sent = tuple(given.orders.values()), ordered_units(given, actual.plan)
            live = live_units(book, incident.id, actual.now_s)

        def compute() -> tuple[str, Replan]:
            from stopline.operation.plan.replan import replan  # noqa: PLC0415  (heavy)

            network = self.desk.networks.of(actual.plan.network)
            sites = self.scenarios.sites(actual.plan)
            return leak, replan(
                actual, orders, network, sites, open_now=count, live=live, sent=sent
            )

        return compute
