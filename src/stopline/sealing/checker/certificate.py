"""Confirm a certificate: so many units are needed by every plan, or no plan seals.

A step holds routes with weights. Put a unit where it takes most weight: the routes that come to
that place when the unit can hold it. If the weights of a step sum to more than all units take
together, some route stays open under every plan, so that the vehicle is at the step's end by the
latest of their times. In the last step a unit that is used takes its load and costs `scale`: what
is left over needs that many units at least. Why this holds is in docs/mathematics.md.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.checker.roads import NOWHERE, Place, slack_s
from stopline.sealing.checker.seals import place_of

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.checker.roads import Roads
    from stopline.sealing.checker.units import UnitDrives
    from stopline.sealing.plan_file.schema import PlanFile
    from stopline.sealing.plan_file.schema_certificate import (
        CertificateRoutePart,
        CertificateStepPart,
    )

Way = tuple[Place, int]
"""A place and the junction it is entered from; `NOWHERE` where both directions count as one."""


class NotShown(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """A certificate that does not show what it says; the message says why."""


def certificate_faults(
    plan: PlanFile, network: RoadNetwork, roads: Roads, drives: UnitDrives
) -> list[str]:
    """Say why a certificate does not hold; nothing if it does, or if there is none."""
    if plan.certificate is None:
        return []
    try:
        _Confirming(plan, network, roads, drives).confirm()
    except NotShown as error:
        return [f"The certificate does not hold: {error}."]
    return []


class _Confirming:
    """A certificate being confirmed."""

    def __init__(
        self, plan: PlanFile, network: RoadNetwork, roads: Roads, drives: UnitDrives
    ) -> None:
        if plan.certificate is None or plan.joint is not None or plan.vehicle.obeys_turn_bans:
            message = "it is of no use to joint plans, nor where the vehicle obeys turn bans"
            raise NotShown(message)
        self._plan, self._roads, self._drives = plan, roads, drives
        self._given = plan.certificate
        self._network = network
        self._exit_sections = {one.index for one in plan.exits if one.kind == "section"}
        self._exit_junctions = {one.index for one in plan.exits if one.kind == "junction"}
        self._sites = {place_of(site): site for site in plan.sites.on_routes}
        weakest = min((unit.strength for unit in plan.units), default=1)
        if any(site.need > weakest for site in plan.sites.on_routes):
            message = "some site on its routes needs more than one unit"
            raise NotShown(message)

    def confirm(self) -> None:
        """Raise what is wrong."""
        ends: list[tuple[str, int, float]] = []
        met: list[list[tuple[int, dict[Way, float]]]] = []
        for number, step in enumerate(self._given.steps):
            driven = [self._drive(number, route, step, ends) for route in step.routes]
            ends.append((step.kind, step.index, max(at_s for at_s, _ in driven)))
            met.append([(r.weight, ways) for r, (_, ways) in zip(step.routes, driven, strict=True)])
        if not ends or ends[-1][0] != "exit" or any(kind == "exit" for kind, _, _ in ends[:-1]):
            message = "its last step, and no other, must end at an exit"
            raise NotShown(message)
        ready = self._ready_times({way[0] for step in met for _, ways in step for way in ways})
        for number, step_met in enumerate(met[:-1]):
            self._surely(number, step_met, ready)
        if self._given.units == 0:
            self._surely(len(met) - 1, met[-1], ready)
            return
        scale = self._given.scale
        free = sum(max(0, load - scale) for load in self._loads(met[-1], ready))
        least = -(-(sum(weight for weight, _ in met[-1]) - free) // scale)
        if least < self._given.units:
            message = f"it shows that {least} units are needed, not {self._given.units}"
            raise NotShown(message)

    def _surely(
        self,
        number: int,
        met: list[tuple[int, dict[Way, float]]],
        ready: dict[Place, np.ndarray[tuple[int], np.dtype[np.float64]]],
    ) -> None:
        taken = sum(self._loads(met, ready))
        if sum(weight for weight, _ in met) <= taken:
            message = f"the units can stop all routes of step {number + 1}"
            raise NotShown(message)

    def _loads(
        self,
        met: list[tuple[int, dict[Way, float]]],
        ready: dict[Place, np.ndarray[tuple[int], np.dtype[np.float64]]],
    ) -> list[int]:
        """For each unit the most weight that it can stop from one place."""
        passing: dict[Way, list[tuple[float, int]]] = {}
        for weight, ways in met:
            for way, at_s in ways.items():
                passing.setdefault(way, []).append((at_s + slack_s(at_s), weight))
        most = np.zeros(len(self._plan.units), dtype=object)
        for way, list_of in passing.items():
            when = np.array([at_s for at_s, _ in list_of])
            order = np.argsort(when, kind="stable")
            after = np.cumsum(np.array([list_of[i][1] for i in order[::-1]], dtype=object))[::-1]
            first = np.searchsorted(when[order], ready[way[0]] + self._given.margin_s)
            load = np.append(after, 0)[first]
            load[np.isinf(ready[way[0]])] = 0
            most = np.maximum(most, load)
        return [int(load) for load in most]

    def _ready_times(
        self, places: set[Place]
    ) -> dict[Place, np.ndarray[tuple[int], np.dtype[np.float64]]]:
        units = self._plan.units
        ready = {place: np.full(len(units), np.inf) for place in places}
        for number, unit in enumerate(units):
            allowed = [place for place in places if self._drives.may_hold(unit, place)]
            for place, drive_s in self._drives.drive_s(unit, allowed).items():
                usual_s = self._sites[place].setup_s
                setup_s = self._drives.setup_s(unit, place, usual_s)
                ready[place][number] = unit.ready_s + drive_s + setup_s
        return ready

    def _drive(
        self,
        number: int,
        route: CertificateRoutePart,
        step: CertificateStepPart,
        ends: list[tuple[str, int, float]],
    ) -> tuple[float, dict[Way, float]]:
        """Drive a route: when it ends, and when it last comes to each place of a site."""
        name = f"a route of step {number + 1}"
        here, now, waits_at = self._begin(name, route, ends)
        met: dict[Way, float] = {}
        if route.source and here != NOWHERE and waits_at == "partly":
            self._meet(met, ("junction", here), NOWHERE, now)
        last = NOWHERE
        for place, section in enumerate(route.sections):
            if here == NOWHERE:
                if section != int(waits_at):
                    message = f"{name} does not go on where step {route.step} ended"
                    raise NotShown(message)
                self._meet(met, ("section", section), NOWHERE, now)
                now += self._roads.section_s[section]
                last = section
                if place < len(route.sections) - 1:
                    message = f"{name} drives on after an exit section"
                    raise NotShown(message)
                break
            heads = [head for way, head in self._roads.ways_on(here, NOWHERE) if way == section]
            if not heads:
                message = f"{name} cannot enter section {section} at junction {here}"
                raise NotShown(message)
            both = section in self._exit_sections
            self._meet(met, ("section", section), NOWHERE if both else here, now)
            now += self._roads.section_s[section]
            here, last = heads[0], section
            if both and place < len(route.sections) - 1:
                message = f"{name} drives on after an exit section"
                raise NotShown(message)
            if not both:
                self._meet(met, ("junction", here), NOWHERE, now)
        self._hold_end(name, step, here, last)
        return now, met

    def _begin(
        self, name: str, route: CertificateRoutePart, ends: list[tuple[str, int, float]]
    ) -> tuple[int, float, str]:
        """Junction and time at which a route begins; the section where it begins before one."""
        if not route.source:
            if route.step is None or route.step >= len(ends):
                message = f"{name} begins nowhere"
                raise NotShown(message)
            kind, index, at_s = ends[route.step]
            return (index, at_s, "") if kind == "junction" else (NOWHERE, at_s, str(index))
        for source in self._plan.sources:
            if source.name != route.source:
                continue
            for start in self._roads.starts(source):
                if start.junction == route.begins:
                    partly = "partly" if start.section != NOWHERE else ""
                    return start.junction, start.arrive_s, partly
        message = f"{name} does not begin at a source"
        raise NotShown(message)

    def _hold_end(self, name: str, step: CertificateStepPart, here: int, last: int) -> None:
        if step.kind == "exit":
            ends = last in self._exit_sections or here in self._exit_junctions
        elif step.kind == "junction":
            ends = here == step.index and last not in self._exit_sections
        else:
            heads = {way for way, _ in self._roads.ways_on(here, NOWHERE)} if here >= 0 else set()
            ends = step.index in self._exit_sections and step.index in heads
            ends = ends and last not in self._exit_sections
        if not ends:
            message = f"{name} does not end where the step says"
            raise NotShown(message)

    def _meet(self, met: dict[Way, float], place: Place, way: int, at_s: float) -> None:
        if place in self._sites:
            met[place, way] = max(at_s, met.get((place, way), -math.inf))
