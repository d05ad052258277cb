"""Simulated people of a side: they see what waits for their role, and do it when people would.

They know what their node shows and nothing else. A role that somebody plays is left alone; given
back, what waits for it is done.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from stopline.exercise.engine.acts import Acts
from stopline.protocol.rehearsal.schema import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from simpy import Event

    from stopline.exercise.engine.ports import DecisionLook, IncidentLook, SideNode, TaskLook
    from stopline.exercise.engine.world import World

    Key = tuple[str, ...]
    Work = Generator[Event, Any, None]

_USUAL: Final = Duration(constant_s=45.0)
_AGAIN_S: Final = 20.0
_MOST_TRIES: Final = 30
_FIRST_STEP_S: Final = 10.0  # an urgent look: opening the incident that the other side announced


class SimulatedPeople:
    """All simulated roles of one side."""

    def __init__(self, world: World, node: SideNode) -> None:
        self.world, self.node = world, node
        self.acts = Acts(world, node)
        self._busy: set[Key] = set()

    def look(self, seen: IncidentLook) -> None:
        """Begin what newly waits for somebody."""
        works = dict(self._waiting(seen))
        if not seen.authority and ("open",) not in self._busy:
            self._begin(("open",), self._open())
        for key, work in works.items():
            if work is not None and key not in self._busy:
                self._begin(key, work())
        # What no longer waits may come again, and is then somebody's new work.
        self._busy = {key for key in self._busy if key in works or key == ("open",)}

    def _waiting(self, seen: IncidentLook) -> Iterator[tuple[Key, Callable[[], Work] | None]]:
        """What waits for somebody, and the work that it is; None for what is done already."""
        for task in seen.tasks:
            key: Key = ("task", task.what, task.id)
            yield key, partial(self._task, key, task)
        for decision in seen.decisions:
            for role in decision.taken_by[: decision.persons]:
                key = ("decision", decision.name, role)
                voted = role in decision.voted
                yield key, None if voted else partial(self._decide, key, decision, role)
        if seen.offer:
            key = ("offer", seen.offer)
            yield key, partial(self._take_offer, key, seen.offer)
        plans = self.node.plans()
        if plans.decided and not plans.ordered and seen.orders:
            key = ("commitment", plans.promise)  # a newer one than that which we gave orders for
            yield key, partial(self._order_commitment, key)
        fresh = [one for one in seen.sightings if not one.shared and not one.theirs]
        for one in fresh if seen.phase in self.acts.sharing_phases else ():
            key = ("share", one.id)
            yield key, partial(self._share, key, one.id)

    def is_simulated(self, role: str) -> bool:
        """Whether nobody plays the role now."""
        return (self.node.side, role) not in self.world.played

    def delay_s(self, role: str, purpose: str) -> float:
        """Draw how long a role takes for something."""
        people = self.world.exercise.truth.people
        for key in (f"{self.node.side}.{role}", role, "default"):
            if key in people:
                return self.world.chance.seconds(f"{self.node.side}.{role}", purpose, people[key])
        return self.world.chance.seconds(f"{self.node.side}.{role}", purpose, _USUAL)

    def _begin(self, key: Key, work: Work) -> None:
        self._busy.add(key)
        self.world.env.process(work)

    def _task(self, key: Key, task: TaskLook) -> Work:
        role = task.holders[0]
        if task.what == "acknowledge":
            actor = f"{self.node.side}.{role}"
            delay = self.world.exercise.truth.acknowledge
            yield self.world.env.timeout(self.world.chance.seconds(actor, "acknowledge", delay))
        else:
            yield self.world.env.timeout(self.delay_s(role, f"task {task.name}"))
        for _ in range(_MOST_TRIES):
            if key not in self._busy:
                return  # it was done otherwise, or is pointless now
            if self.is_simulated(role):
                done = self.acts.acknowledge(role, task) if task.what == "acknowledge" else (
                    self.acts.task(role, task)
                )  # fmt: skip
                if done:
                    return
            yield self.world.env.timeout(_AGAIN_S)

    def _decide(self, key: Key, decision: DecisionLook, role: str) -> Work:
        yield self.world.env.timeout(self.delay_s(role, f"decision {decision.name}"))
        for _ in range(_MOST_TRIES):
            if key not in self._busy:
                return
            if self.is_simulated(role) and self.acts.decide(role, decision):
                return
            yield self.world.env.timeout(_AGAIN_S)

    def _open(self) -> Work:
        yield self.world.env.timeout(_FIRST_STEP_S)
        while not (self.is_simulated("duty_officer") and self.acts.open_incident("duty_officer")):
            yield self.world.env.timeout(_AGAIN_S)

    def _take_offer(self, key: Key, offer: str) -> Work:
        yield self.world.env.timeout(self.delay_s("duty_officer", "offered plan"))
        if key in self._busy and self.is_simulated("duty_officer"):
            self.acts.take_offer("duty_officer", offer)

    def _order_commitment(self, key: Key) -> Work:
        yield self.world.env.timeout(self.delay_s("duty_officer", "commitment"))
        for _ in range(_MOST_TRIES):
            if key not in self._busy:
                return
            if self.is_simulated("duty_officer") and self.acts.order_commitment("duty_officer"):
                return
            yield self.world.env.timeout(_AGAIN_S)

    def _share(self, key: Key, sighting: str) -> Work:
        yield self.world.env.timeout(self.delay_s("liaison_officer", "sharing"))
        if key in self._busy and self.is_simulated("liaison_officer"):
            self.acts.share("liaison_officer", "sighting", (sighting,))
