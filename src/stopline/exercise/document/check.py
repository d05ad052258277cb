"""What in an exercise contradicts itself, its protocol or its scenario; all of it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from stopline.errors import FaultList
from stopline.exercise.document.can_be_done import cannot_be_done
from stopline.exercise.document.deeds import DEEDS
from stopline.exercise.document.positions import off_the_roads
from stopline.journal.kinds import all_kinds
from stopline.operation.core.rooms import load_rooms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.exercise.document.fields import Place, To
    from stopline.exercise.document.msel import ExpectedAction, Inject
    from stopline.exercise.document.reader import ExerciseFile
    from stopline.protocol.schema import Protocol
    from stopline.scenario.loader import Scenario

_MOST_NAMED: Final = 8


def check_exercise(file: ExerciseFile, protocol: Protocol, scenario: Scenario | None) -> None:
    """Hold a document against its protocol and its scenario.

    Args:
        file: the document.
        protocol: the protocol that it names.
        scenario: the scenario that it names; None if its network is not at hand.

    Raises:
        BadInput: with all faults found.
    """
    load_rooms()  # each has kinds of facts that an inject may follow
    checks = _Checks(file, protocol, scenario)
    checks.head()
    checks.truth()
    checks.msel()
    for keys, seen, expected in cannot_be_done(file.exercise, protocol):
        checks.fault(keys, seen, expected)
    if scenario is not None:
        for keys, seen, expected in off_the_roads(file.exercise, scenario):
            checks.fault(keys, seen, expected)
    checks.faults.raise_if_any()


class _Checks:
    """One pass over a document; each method looks at a part of it."""

    def __init__(self, file: ExerciseFile, protocol: Protocol, scenario: Scenario | None) -> None:
        self.exercise, self.lines = file.exercise, file.lines
        self.protocol, self.scenario = protocol, scenario
        self.faults = FaultList()

    def head(self) -> None:
        """Look at sides, zones and players."""
        given, sides = self.exercise, list(self.protocol.sides)
        for side in given.sides:
            self._known(("sides", side), side, sides, "sides of the protocol")
        self._known(("lead",), given.lead, list(given.sides), "one of `sides`")
        taken: dict[str, str] = {}
        for side, form in given.sides.items():
            if form.scenario in taken:
                self.fault(
                    ("sides", side, "scenario"), f"{form.scenario}, of {taken[form.scenario]}",
                    "another side of the scenario for each",
                )  # fmt: skip
            taken.setdefault(form.scenario, side)
            try:
                ZoneInfo(form.zone)
            except (KeyError, ValueError, OSError):
                self.fault(("sides", side, "zone"), form.zone, "a zone, such as Europe/Vaduz")
            at: tuple[str | int, ...] = ("sides", side, "players")
            self._unique(at, form.players, None)
            for number, role in enumerate(form.players):
                self._role((*at, number), role, side)
            if self.scenario is not None:
                known = list(self.scenario.sides)
                self._known(("sides", side, "scenario"), form.scenario, known, "scenario's sides")
        if given.endex.at_s <= 0:
            self.fault(("endex", "at_s"), f"{given.endex.at_s:g}", "seconds after STARTEX, > 0")

    def truth(self) -> None:
        """Look at the vehicle, who sees it, units, people, decisions and the line."""
        truth = self.exercise.truth
        at: tuple[str | int, ...] = ("truth", "vehicle")
        self._place((*at, "start"), truth.vehicle.start)
        for number, one in enumerate(truth.vehicle.destinations):
            self._place((*at, "destinations", number), one)
        before_s = truth.vehicle.leaves_s
        for number, turn in enumerate(truth.vehicle.changes_mind):
            where = (*at, "changes_mind", number)
            self._place((*where, "to"), turn.to)
            if turn.at_s < before_s:
                self.fault(
                    (*where, "at_s"), f"{turn.at_s:g}", f"a time from {before_s:g} on, in order"
                )
            self._before_endex((*where, "at_s"), turn.at_s)
            before_s = max(before_s, turn.at_s)
        self._before_endex((*at, "leaves_s"), truth.vehicle.leaves_s)
        self._observers()
        self._units()
        self._people()
        self._line()

    def _observers(self) -> None:
        """Who sees the vehicle has a name of its own, and reports to a side before ENDEX."""
        truth = self.exercise.truth
        seeing = {
            "cameras": [(one.name, one.side) for one in truth.cameras],
            "witnesses": [(one.name, one.side) for one in truth.witnesses],
        }
        for part, entries in seeing.items():
            self._unique(("truth", part), [name for name, _ in entries])
        cameras = {name: number for number, (name, _) in enumerate(seeing["cameras"])}
        for number, (name, _) in enumerate(seeing["witnesses"]):
            if name in cameras:  # chance is drawn by name
                line = self.lines.of("truth", "cameras", cameras[name])
                where = ("truth", "witnesses", number, "name")
                self.fault(where, name, f"each name once; a camera has it on line {line}")
        for part, entries in seeing.items():
            for number, (_, side) in enumerate(entries):
                where = ("truth", part, number, "side")
                self._known(where, side, list(self.exercise.sides), "one of `sides`")
        for number, witness in enumerate(truth.witnesses):
            if witness.false_at_s is not None:
                where = ("truth", "witnesses", number, "false_at_s")
                self._before_endex(where, witness.false_at_s)

    def _line(self) -> None:
        """The line has one fault at a time: cut and slow at once is neither."""
        faults = list(enumerate(self.exercise.truth.line))
        until_s = 0.0
        for number, one in sorted(faults, key=lambda pair: pair[1].from_s):
            where = ("truth", "line", number, "from_s")
            self._before_endex(where, one.from_s)
            if one.from_s < until_s:
                expected = f"one fault at a time: from {until_s:g} s on"
                self.fault(where, f"{one.from_s:g}", expected)
            until_s = max(until_s, one.until_s)

    def _before_endex(self, at: tuple[str | int, ...], seconds: float) -> None:
        endex_s = self.exercise.endex.at_s
        if seconds > endex_s:
            self.fault(at, f"{seconds:g}", f"a time before ENDEX at {endex_s:g}")

    def _units(self) -> None:
        units = self.exercise.truth.units
        if self.scenario is None:
            return
        self._services(self.scenario)
        known = {"default", *(unit.id for unit in self.scenario.problem.units)}
        for name in units:
            self._known(("truth", "units", name), name, sorted(known), "a unit of the scenario")

    def _services(self, scenario: Scenario) -> None:
        """Each unit is of a service that has a role in the protocol: somebody speaks for it."""
        known = sorted({role.agency for role in self.protocol.roles.values() if role.agency})
        for side, form in self.exercise.sides.items():
            listed = scenario.sides.get(form.scenario)
            theirs = () if listed is None else listed.agencies
            for named, ours in form.services.items():
                where = ("sides", side, "services", named)
                if theirs:
                    self._known(where, named, sorted(theirs), f"a service of {form.scenario}")
                self._known(where, ours, known, "a service of the protocol")
            own = {one.agency for one in scenario.problem.units if one.side == form.scenario}
            for agency in sorted(own - set(known)):
                at = ("sides", side, "services")
                self._known(at, agency, known, "a service of the protocol for it")

    def _people(self) -> None:
        truth = self.exercise.truth
        for key in truth.people:
            side, _, role = key.rpartition(".")
            if side:
                self._known(("truth", "people", key), side, list(self.exercise.sides), "a side")
            if role != "default":
                self._role(("truth", "people", key), role, side)
        for name, shares in truth.outcomes.items():
            where = ("truth", "outcomes", name)
            decisions = self.protocol.decisions
            self._known(where, name, list(decisions), "a decision of the protocol")
            if name in decisions:
                for outcome in shares:
                    outcomes = list(decisions[name].outcomes)
                    self._known((*where, outcome), outcome, outcomes, "an outcome of it")
            if abs(sum(shares.values()) - 1.0) > 1e-6:  # noqa: PLR2004  (a whole)
                self.fault(where, f"shares that add up to {sum(shares.values()):g}", "1 in sum")

    def msel(self) -> None:
        """Look at each inject."""
        given = self.exercise.msel
        numbers = [one.number for one in given]
        self._unique(("msel",), numbers, "number")
        for at, one in enumerate(given):
            self._inject(("msel", at), one, numbers)
        self._circles()

    def _inject(self, at: tuple[str | int, ...], one: Inject, numbers: list[int]) -> None:
        when = one.when
        self._to((*at, "to"), one.to)
        if when.at_s is not None:
            self._before_endex((*at, "when", "at_s"), when.at_s)
        if when.after_inject is not None and when.after_inject not in numbers:
            seen = str(when.after_inject)
            self.fault((*at, "when", "after_inject"), seen, "number of an inject of this list")
        if when.side is not None:
            sides = list(self.exercise.sides)
            self._known((*at, "when", "side"), when.side, sides, "one of `sides`")
        if when.after_fact is not None:
            kinds = sorted({kind.name for kind in all_kinds()})
            self._known((*at, "when", "after_fact"), when.after_fact, kinds, "a kind of fact")
        if one.sighting is not None:
            self._place((*at, "sighting"), one.sighting)
        if one.message is not None:
            messages = list(self.protocol.messages)
            self._known((*at, "message"), one.message, messages, "a message of the protocol")
        if one.fault is not None and one.fault.stops is not None:
            sides = list(self.exercise.sides)
            self._known((*at, "fault", "stops"), one.fault.stops, sides, "one of `sides`")
        if one.objective is not None:
            objectives = list(self.exercise.objectives)
            self._known((*at, "objective"), one.objective, objectives, "one of `objectives`")
        if one.expect is not None:
            self._expected((*at, "expect"), one.expect)

    def _expected(self, at: tuple[str | int, ...], expect: ExpectedAction) -> None:
        """What nobody can do, or no record shows, would be told as missed."""
        self._to((*at, "by"), expect.by)
        seen = "a command of the node that the records show"
        self._known((*at, "command"), expect.command, sorted(DEEDS), seen)
        lead = self.exercise.lead
        if expect.command == "alarm.raise" and expect.by.side != lead:
            expected = f"{lead}, which `lead` names: the alarm is raised there"
            self.fault((*at, "by", "side"), expect.by.side, expected)
        named_by: dict[str, Mapping[str, object]] = {
            "message.send": self.protocol.messages, "sighting.share": self.protocol.messages,
            "request.ask": self.protocol.messages, "request.answer": self.protocol.messages,
            "task.do": self.protocol.tasks, "task.acknowledge": self.protocol.tasks,
            "decision.voice": self.protocol.decisions,
        }  # fmt: skip
        names = named_by.get(expect.command)
        if expect.of is not None and names is not None:
            self._known((*at, "of"), expect.of, list(names), "a name of the protocol")

    def _circles(self) -> None:
        """Find injects that wait for each other."""
        follows = {one.number: one.when.after_inject for one in self.exercise.msel}
        for at, one in enumerate(self.exercise.msel):
            seen: list[int] = []
            number: int | None = one.number
            while number is not None and number not in seen:
                seen.append(number)
                number = follows.get(number)
            if number == one.number == min(seen):
                chain = " after ".join(map(str, [*seen, number]))
                self.fault(("msel", at, "when"), chain, "injects that do not wait for themselves")

    def _to(self, at: tuple[str | int, ...], to: To) -> None:
        self._known((*at, "side"), to.side, list(self.exercise.sides), "one of `sides`")
        self._role((*at, "role"), to.role, to.side)

    def _role(self, at: tuple[str | int, ...], role: str, side: str) -> None:
        """A role of the protocol, which the side has; `side` may be empty for any."""
        self._known(at, role, list(self.protocol.roles), "a role of the protocol")
        known = self.protocol.roles.get(role)
        if known is not None and side and known.sides and side not in known.sides:
            self.fault(at, role, f"a role that {side} has; only {', '.join(known.sides)} has it")

    def _place(self, at: tuple[str | int, ...], place: Place) -> None:
        if place.place is not None and self.scenario is not None:
            places = list(self.scenario.places)
            self._known((*at, "place"), place.place, places, "a named place of the scenario")

    def _unique(
        self, at: tuple[str | int, ...], names: Iterable[object], key: str | None = "name"
    ) -> None:
        first: dict[object, int] = {}
        for number, name in enumerate(names):
            if name in first:
                line = self.lines.of(*at, first[name])
                where = (*at, number) if key is None else (*at, number, key)
                self.fault(where, f"{name} again", f"each once; first on line {line}")
            first.setdefault(name, number)

    def _known(self, at: tuple[str | int, ...], seen: str, known: list[str], expected: str) -> None:
        if seen not in known:
            more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
            self.fault(at, seen, f"{expected}: {', '.join(known[:_MOST_NAMED])}{more}")

    def fault(self, at: tuple[str | int, ...], seen: str, expected: str) -> None:
        """Note a fault of the value at some keys."""
        self.faults.add(self.lines.where(*at), f"`{seen}`", expected)
