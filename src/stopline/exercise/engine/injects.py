"""The master scenario events list as it is played: each inject at its time, or when called."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from stopline.errors import UnknownName
from stopline.exercise.truth.observers import OfficerReport

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from simpy import Event

    from stopline.exercise.document.msel import Inject
    from stopline.exercise.engine.people import SimulatedPeople
    from stopline.exercise.engine.ports import FactSeen
    from stopline.exercise.engine.world import World


class Injects:
    """All injects of one exercise.

    Attributes:
        given: exercise second at which each was given, by number.
    """

    def __init__(
        self,
        world: World,
        people: dict[str, SimulatedPeople],
        breaks: Callable[[Inject], Generator[Event, Any, None]],
    ) -> None:
        self.world, self.people, self._breaks = world, people, breaks
        self.given: dict[int, float] = {}
        self._waiting: set[int] = set()
        self._called: deque[int] = deque()

    def begin(self) -> None:
        """Set a clock for each inject that has a time."""
        for one in self.world.exercise.msel:
            if one.when.at_s is not None:
                self._later(one, one.when.at_s)

    def call(self, number: int) -> None:
        """A controller plays an inject now, whenever it was planned for; once.

        Raises:
            UnknownName: there is none of that number, or it was given already.
        """
        known = {one.number: one for one in self.world.exercise.msel}
        if number not in known:
            numbers = ", ".join(map(str, sorted(known)))
            raise UnknownName(f"there is no inject {number}; there are {numbers or 'none'}")
        if number in self.given:
            raise UnknownName(f"inject {number} was given at {self.given[number]:.0f} s")
        self._give(known[number])

    def hear(self, fact: FactSeen) -> None:
        """Begin the clocks of the injects that follow a fact of this kind."""
        for one in self.world.exercise.msel:
            follows = one.when.after_fact == fact.kind and one.when.side in {None, fact.side}
            if follows and one.number not in self._waiting and one.number not in self.given:
                self._later(one, 0.0)

    def _later(self, one: Inject, after_s: float) -> None:
        self._waiting.add(one.number)
        takes_s = self.world.chance.seconds(f"inject {one.number}", "takes", one.when.takes)
        self.world.env.process(self._wait(one, after_s + takes_s))

    def _wait(self, one: Inject, seconds: float) -> Generator[Event, Any, None]:
        yield self.world.env.timeout(seconds)
        if one.number not in self.given:
            self._give(one)

    def _give(self, one: Inject) -> None:
        now_s = float(self.world.env.now)
        self.given[one.number] = now_s
        self.world.log.add(
            now_s, "control", "inject", number=one.number, how=one.how, side=one.to.side,
            role=one.to.role, text=one.text,
        )  # fmt: skip
        self.world.env.process(self._taken(one))
        for other in self.world.exercise.msel:
            waits = other.when.after_inject == one.number
            if waits and other.number not in self._waiting and other.number not in self.given:
                self._later(other, 0.0)

    def _taken(self, one: Inject) -> Generator[Event, Any, None]:
        """What becomes of an inject: a simulated recipient takes it down."""
        people = self.people[one.to.side]
        if one.how == "fault":
            yield from self._breaks(one)
            return
        if one.how == "message":
            self._said(one)
            return
        yield self.world.env.timeout(people.delay_s(one.to.role, "inject"))
        while not people.is_simulated(one.to.role):
            return  # whoever plays the role has heard it, and writes it down or not
        if one.expect is not None and one.expect.command == "alarm.raise":
            people.acts.raise_alarm(one.to.role)
        if one.sighting is not None:
            self._sighting(one, people)
        if one.report is not None:
            about = {"about": one.report.about, "outcome": one.report.outcome}
            node = people.node
            self.world.give(node, one.to.role, "report.take", text=one.text, **about)

    def _sighting(self, one: Inject, people: SimulatedPeople) -> None:
        given = one.sighting
        if given is None:
            return
        lon, lat = (
            self.world.loaded.scenario.places[given.place]
            if given.place is not None
            else (float(given.lon or 0.0), float(given.lat or 0.0))
        )
        heard_s = self.given[one.number]
        report = OfficerReport(
            side=one.to.side, source=one.from_, lon=lon, lat=lat, radius_m=given.radius_m,
            seen_s=heard_s - given.ago_s, grade=given.grade, confirmed=given.confirmed,
            towards=given.towards,
        )  # fmt: skip
        people.acts.note(one.to.role, report)

    def _said(self, one: Inject) -> None:
        """The other side's simulated officer says a message of the protocol."""
        sender = next(side for side in self.people if side != one.to.side)
        people = self.people[sender]
        message = self.world.loaded.protocol.protocol.messages[str(one.message)]
        seen = people.node.look()
        if seen is not None and message.sent_by is not None:
            people.acts.send(message.sent_by, str(one.message), seen)
