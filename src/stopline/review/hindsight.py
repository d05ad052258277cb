"""What needs the region's roads: ways that were open, belief against truth, better plans."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stopline.review.belief_scores import believed
from stopline.review.better_plans import BetterPlans
from stopline.review.ground_truth import driven
from stopline.review.orders_given import closings_of, first_plan
from stopline.review.schema import Leak
from stopline.sealing.claim.answer import answer_claim
from stopline.sealing.claim.open_exits import target_of_exits
from stopline.sealing.plan_file.reading import exits_of, sources_of, vehicle_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stopline.network.road_network import RoadNetwork
    from stopline.review.ground_truth import TrueTrack
    from stopline.review.history import History
    from stopline.review.relative_time import Since
    from stopline.review.schema import Believed, Hindsight, PlanThen, ReviewedOrder
    from stopline.scenario.loader import Scenario
    from stopline.scenario.place_text import NamedPlace
    from stopline.sealing.claim.answer import ClaimAnswer
    from stopline.sealing.claim.closing import Closing
    from stopline.sealing.plan_file.schema import PlanFile


class Comparing:
    """Compares what was done with what the roads allowed; says in `missing` what it needs.

    Args:
        own: this side's journal, folded.
        since: the zero of times.
        scenario: the region's scenario, or None.
        truth: where the vehicle was, or None.
        places: named places, for roads without a name.
        missing: takes a sentence for each part that cannot be made.
        progress: told what is being done and how much of it is done.
    """

    def __init__(
        self,
        own: History,
        since: Since,
        scenario: Scenario | None,
        truth: TrueTrack | None,
        places: Sequence[NamedPlace],
        missing: list[str],
        progress: Callable[[str, float], None] | None,
    ) -> None:
        self.own, self.since, self.scenario, self.truth = own, since, scenario, truth
        self.places, self.missing, self.progress = places, missing, progress
        self.adopted = first_plan(own)
        self._better = None if scenario is None else self._make_better(scenario)

    def leaks(self, sides: Sequence[History]) -> tuple[Leak, ...] | None:
        """Exits that could be reached past what was really closed, until the stand-down."""
        what = "Ways that were open"
        if self.adopted is None:
            self.missing.append(f"{what}: no plan was adopted, so none was in force")
            return None
        if self.scenario is None:
            self.missing.append(f"{what}: give the region's scenario as --scenario")
            return None
        plan, network = self.adopted[1], self.scenario.problem.network
        if network.digest != plan.network.digest:
            self.missing.append(
                f"{what}: the scenario's roads are not those of the plan; give the scenario with "
                f"network {plan.network.digest[:12]}"
            )
            return None
        end_s = min(sought_until_s(self.own), *(each.until_s for each in sides)) - plan.now_utc_s
        shut = closings_of(self.own, plan, sides[1] if len(sides) > 1 else None, end_s)
        found = _ways_out(plan, network, shut, end_s)
        t = self.since.t
        return tuple(
            Leak(
                exit=name, earliest_s=t(plan.now_utc_s + answer.earliest_s),
                open_until_s=t(plan.now_utc_s + answer.open_until_s)
                if math.isfinite(answer.open_until_s)
                else None,
                route=tuple(network.name_of(drive.section) for drive in answer.route),
            )
            for name, answer in found
        )  # fmt: skip

    def belief(self) -> tuple[Believed, ...] | None:
        """The belief at each sighting, scored against the truth."""
        if self.scenario is None or self.truth is None:
            given = {"--scenario": self.scenario, "--truth": self.truth}
            needs = " and ".join(name for name, one in given.items() if one is None)
            self.missing.append(f"Belief against truth: give {needs}")
            return None
        made = believed(
            self.own, self.since, self.scenario, self.truth, self.places, progress=self.progress
        )
        return tuple(made)

    def plans(self, orders: Sequence[ReviewedOrder]) -> tuple[PlanThen, ...] | None:
        """The plans that the planner makes from what was known then."""
        if self._better is None:
            self.missing.append("A better plan: give the region's scenario as --scenario")
            return None
        first_s = None if self.adopted is None else self.adopted[0]
        return tuple(self._better.plans(first_s, orders, progress=self.progress))

    def hindsight(self, orders: Sequence[ReviewedOrder]) -> Hindsight | None:
        """The fewest seals that stop the true way in time."""
        if self.truth is None:
            self.missing.append("Which seal would have stopped it: give its track as --truth")
        if self._better is None:
            return None
        from_s = self.since.zero_s if self.adopted is None else self.adopted[0]
        return self._better.hindsight(from_s, orders)

    def _make_better(self, scenario: Scenario) -> BetterPlans:
        way = None if self.truth is None else driven(self.truth, scenario.problem.network)
        return BetterPlans(self.own, self.since, scenario, way, self.places)


def sought_until_s(history: History) -> float:
    """Until when every road had to stay closed: the decision to stand down."""
    for step in history.steps:
        phase = history.incident.machine.protocol.phases.get(step.phase)
        if phase is not None and phase.withdraws:
            return step.entry.time_s
    return history.until_s


def _ways_out(
    plan: PlanFile, network: RoadNetwork, shut: Sequence[Closing], end_s: float
) -> list[tuple[str, ClaimAnswer]]:
    """Each exit that could be reached, with how and until when, the earliest first."""
    exits, vehicle, sources = exits_of(plan), vehicle_of(plan), sources_of(plan)
    names = dict.fromkeys(one.name for one in exits)
    answers = {
        name: answer_claim(network, vehicle, sources, target_of_exits(exits, name), shut, end_s)
        for name in names
    }
    found = [(name, answer) for name, answer in answers.items() if answer.could]
    return sorted(found, key=lambda one: one[1].earliest_s)
