"""Tell an exercise in a terminal as it is played: one line for each thing that moves the story."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from stopline.operation.core.exercise_mark import MARK

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.engine.play import ExerciseOutcome
    from stopline.exercise.truth.log import Happening

_COMMANDS: Final = {
    "alarm.raise": "raises the alarm",
    "incident.open": "opens the incident under its own authority",
    "sighting.note": "writes down a sighting: {of}",
    "sighting.share": "tells the other side ({of})",
    "request.ask": "asks the other side ({of})",
    "request.answer": "answers the other side",
    "plan.adopt": "adopts the plan",
    "commitment.order": "orders what was promised to the other side",
    "orders.issue": "issues the orders",
    "vehicle.stop": "reports: a vehicle is stopped {of}",
    "statement.release": "releases the statement to the public",
    "stand-down.check": "reports every road open again",
}
_MESSAGES: Final = (
    "alert", "alert_understood", "sealing_agreed", "sections_sealed", "detained",
    "right_vehicle", "stand_down", "roads_reopened",
)  # fmt: skip
_DECISIONS: Final = frozenset({"joint_sealing", "is_it_the_one", "stand_down"})


class Narration:
    """Call it with each happening; it says what a listener should hear."""

    def __init__(self, loaded: LoadedExercise, say: Callable[[str], None]) -> None:
        self.loaded, self.say = loaded, say
        self._start = datetime.fromisoformat(loaded.exercise.startex)
        self._titles = {name: role.title for name, role in loaded.protocol.protocol.roles.items()}
        names = loaded.protocol.protocol.sides
        self._sides = {name: side.name for name, side in names.items()}
        self._plans: list[str] = []

    @property
    def mark(self) -> str:
        """What stands first in each line."""
        return MARK

    def __call__(self, one: Happening) -> None:
        """Say a happening, if it moves the story."""
        text = self._text(one)
        if text:
            clock = (self._start + timedelta(seconds=one.t)).strftime("%H:%M:%S")
            self.say(f"{MARK} {clock}  {text}")

    def outcome(self, found: ExerciseOutcome) -> None:
        """Say what came out."""
        minutes = found.t / 60
        self.say("")
        self.say(f"{MARK} ended after {minutes:.0f} minutes of play: {found.why}.")
        if self._plans:
            self.say("  Every verdict, in order:")
        for line in self._plans:
            self.say(f"    {line}")
        for side, count in found.facts.items():
            self.say(f"  {self._sides[side]}: {count} facts, the record verifies")
        for line in found.evaluation.objectives.values():
            self.say(f"  {line}")
        self.say(f"  both agree on the {found.shared} messages that crossed the line")

    def _text(self, one: Happening) -> str:
        side, _, role = one.actor.partition(".")
        about = one.about
        if one.actor == "control":
            text = self._control(one)
        elif one.what == "gives":
            who = f"{self._sides.get(side, side)}, {self._titles.get(role, role)}"
            text = self._gives(who, str(about["command"]), str(about["of"]))
        elif one.actor == "vehicle":
            where = about.get("road") or about.get("exit") or about.get("place") or ""
            text = f"* the vehicle {one.what}{f': {where}' if where else ''}"
        elif one.what == "plans":
            who = f"{self._sides.get(side, side)}"
            seals = f"{about['ours']} seals of {who}, {about['theirs']} of the other side"
            text = f"{who} has a plan: {about['verdict']}; {seals}"
            clock = (self._start + timedelta(seconds=one.t)).strftime("%H:%M:%S")
            row = f"{clock}  {who[:24]:<24}  {about['verdict']:<10}"
            self._plans.append(f"{row}  {about['ours']} + {about['theirs']} seals")
        elif one.what == "closes":
            text = f"{one.actor} has closed {about['road']}"
        elif one.what in {"hit", "sees it", "is wrong"}:
            text = f"* {one.actor}: {one.what}"
        elif one.actor == "line" or one.actor.startswith("node of"):
            text = f"THE {one.actor.upper()}: {one.what}"
        else:
            text = ""
        return text

    def _gives(self, who: str, command: str, of: str) -> str:
        said = _COMMANDS.get(command)
        if said is not None:
            return f"{who} {said.format(of=of)}"
        if command == "message.send" and of in _MESSAGES:
            title = self.loaded.protocol.protocol.messages[of].title
            return f"{who}: \u201c{title}\u201d"
        if command == "decision.voice" and of in _DECISIONS:
            return f"{who} decides: {self.loaded.protocol.protocol.decisions[of].title}"
        return ""

    def _control(self, one: Happening) -> str:
        if one.what == "inject":
            return f"Inject {one.about['number']} to {one.about['role']}: {one.about['text']}"
        if one.what == "STARTEX":
            return f"STARTEX: {self.loaded.exercise.title}"
        return f"ENDEX: {one.about.get('why', '')}; the vehicle: {one.about.get('vehicle', '')}"
