"""The duty to find the whereabouts: after each sighting, and every two minutes without one."""

from __future__ import annotations

import hashlib
import json
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stopline.errors import StoplineError
from stopline.operation.core.background import Background
from stopline.operation.core.context import iso, seconds
from stopline.operation.intelligence.projection import Intelligence
from stopline.operation.sightings.for_belief import for_belief, intelligence_for_belief
from stopline.operation.sightings.projection import Sightings
from stopline.operation.watch_list.projection import standing_down
from stopline.operation.whereabouts.commands import EVERY_S, LEAST_S, NoteBelief
from stopline.operation.whereabouts.projection import Beliefs

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from stopline.belief.motion import Motion
    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.core.giving import GiveCommand
    from stopline.operation.core.incident import Incident
    from stopline.operation.facts.whereabouts import Whereabouts
    from stopline.operation.orders.scenario_store import ScenarioStore
    from stopline.operation.sightings.projection import Sighting
    from stopline.operation.whereabouts.finding import BeliefQuestion
    from stopline.operation.whereabouts.kept_bands import KeptBands
    from stopline.scenario.loader import Scenario

_SHARE: Final = 10.0  # a tenth of the time goes into it, however many sightings there are
_MOST_S: Final = 8.0  # but however long it takes, it follows a sighting within ten seconds


@dataclass(slots=True)
class BeliefDuty:
    """Finds the whereabouts of each incident that runs; without a scenario of the region, none.

    Attributes:
        desk: the desk.
        scenarios: finds the scenario of the region.
        executor: runs what computes; None to compute at once.
        give: gives the command that notes what was found.
        again_s: when the next is due without a new sighting, UTC seconds.
        bands: where the belief by section is kept for the map; None for nowhere.
    """

    desk: CommandHandler
    scenarios: ScenarioStore
    executor: Executor | None
    give: GiveCommand
    again_s: float = math.inf
    bands: KeptBands | None = None
    _work: Background[str, Whereabouts | None] = field(init=False)
    _motions: dict[str, Motion] = field(default_factory=dict)
    _took_s: float = 0.0
    _trouble: StoplineError | None = None

    def __post_init__(self) -> None:
        self._work = Background(self.executor)

    @property
    def is_ready(self) -> bool:
        """Whether something is found that is not noted yet."""
        return self._work.is_ready

    def run(self, now_s: float) -> None:
        """Ask for what is due, note what was found.

        Raises:
            StoplineError: the scenario of the region cannot be read; said until it can.
        """
        self._note(now_s)
        for incident, basis in self._due(now_s):
            key = basis, now_s // EVERY_S  # what nothing came of is not asked each second
            if self._work.wants(incident, key):
                self._work.ask(incident, key, self._finding(incident, basis, now_s))
        self._note(now_s)
        self.again_s = self._next_s(now_s)
        if self._trouble is not None:
            raise self._trouble

    def _note(self, now_s: float) -> None:
        for incident, found in self._work.done():
            if found is not None:
                self.give(NoteBelief(incident=incident, found=found), now_s, "belief", incident)

    def _due(self, now_s: float) -> list[tuple[str, str]]:
        """Incidents whose whereabouts are to be found now, with the digest of their sightings."""
        with self.desk.reading:
            return [
                (incident.id, _basis(incident))
                for incident in self._searched()
                if self._due_s(incident, now_s) <= now_s
            ]

    def _next_s(self, now_s: float) -> float:
        """When the next is due if nothing new is seen."""
        with self.desk.reading:
            due_s = [self._due_s(incident, now_s) for incident in self._searched()]
        return min((max(one, now_s + 1.0) for one in due_s), default=math.inf)

    def _due_s(self, incident: Incident, now_s: float) -> float:
        """When the whereabouts are to be found again; where sightings come fast, not for each."""
        known = incident.projection(Beliefs).now
        if known is None:
            return now_s
        least_s = min(max(LEAST_S, _SHARE * self._took_s), _MOST_S)
        return seconds(known.at) + (EVERY_S if known.basis == _basis(incident) else least_s)

    def _searched(self) -> list[Incident]:
        """Incidents in which the vehicle was seen and is still searched for."""
        return [
            incident
            for incident in self.desk.catch_up().incidents.values()
            if not (incident.is_over or standing_down(incident))
            and incident.projection(Sightings).last_seen() is not None
        ]

    def _finding(self, incident: str, basis: str, now_s: float) -> Callable[[], Whereabouts | None]:
        with self.desk.reading:
            known = self.desk.catch_up().incident(incident)
            plan = self.scenarios.plan_of(known)
            asked = belief_asked(known)

        def compute() -> Whereabouts | None:
            from stopline.operation.whereabouts.by_section import (  # noqa: PLC0415  (heavy)
                bands_of,
            )
            from stopline.operation.whereabouts.finding import (  # noqa: PLC0415  (heavy)
                believed,
                whereabouts,
            )

            try:
                scenario, self._trouble = self.scenarios.of(plan), None
            except StoplineError as error:
                scenario, self._trouble = None, error
            if scenario is None:
                return None
            question = asked(scenario, now_s, basis)
            began_s = time.perf_counter()
            belief = believed(question, scenario, self._motion(scenario))
            found = None if belief is None else whereabouts(question, belief)
            self._took_s = time.perf_counter() - began_s
            if belief is not None and self.bands is not None:
                self.bands.put(incident, bands_of(belief.sections, basis, iso(now_s)))
            return found

        return compute

    def _motion(self, scenario: Scenario) -> Motion:
        from stopline.planning.track import scenario_motion  # noqa: PLC0415  (heavy)

        if scenario.digest not in self._motions:
            self._motions = {scenario.digest: scenario_motion(scenario)}
        return self._motions[scenario.digest]


def belief_asked(incident: Incident) -> Callable[[Scenario, float, str], BeliefQuestion]:
    """Take out what an incident's belief follows from; asked by scenario, moment and basis."""
    sightings, used = incident.projection(Sightings), tuple(incident.projection(Intelligence).used)
    seen = tuple(sightings.by_id.values())
    confirmed = max(
        (s for s in seen if s.confirmed and not s.retracted and not s.nothing_seen),
        key=lambda s: s.seen_s,
        default=None,
    )

    def asked(scenario: Scenario, at_s: float, basis: str) -> BeliefQuestion:
        from stopline.operation.whereabouts.finding import BeliefQuestion  # noqa: PLC0415  (heavy)

        names = {one.name for one in scenario.destinations}
        told = (*for_belief(seen, names), *intelligence_for_belief(used, names))
        return BeliefQuestion(
            incident=incident.id, at_s=at_s, basis=basis, told=told, confirmed=confirmed
        )

    return asked


def _basis(incident: Incident) -> str:
    """A digest of all that the belief takes from an incident."""
    used = incident.projection(Intelligence).used
    told = [_said(one) for one in incident.projection(Sightings).by_id.values()]
    text = json.dumps([told, [(at_s, one.report) for at_s, one in used]])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _said(one: Sighting) -> tuple[object, ...]:
    return one.id, one.grade, one.confirmed, one.towards, one.retracted_s
