"""The nouns of a running protocol: facts that come in, and the state of one node after them.

Everything here is frozen and turns into plain JSON values and back. Times are UTC seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTSIDE_KINDS = frozenset(
    {"alarm", "sighting", "plan", "seal", "vehicle", "report", "statement", "line", "other"}
)
PERSONAL_KINDS = frozenset(
    {"task_done", "task_acknowledged", "decided", "message_sent", "level_set", "absent", "present"}
)
KINDS = OUTSIDE_KINDS | PERSONAL_KINDS | {"message_received", "deadline_passed"}

Status = Literal["open", "done", "closed", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolFact:
    """One thing that happened, as one node knows it.

    Attributes:
        id: unique; the same fact twice has the same id.
        kind: one of `KINDS`. `decided` is one person's voice in a decision.
        side: whose fact it is: for `message_received` the sender's.
        at_s: when it happened.
        known_s: when this node wrote it down; clocks of tasks count from here.
        role: the role in which the person acted.
        person: who acted; required for `PERSONAL_KINDS`.
        about: the task or its instance, decision, message, level, role (of `absent`), or what an
            outside fact is about.
        outcome: the outcome of a decision, the verdict of a plan, the state of a seal, ...
        marks: properties of an outside fact: `confirmed`, `heading`, ...
        ref: the task instance or the message that this answers, where one name may stand for many.
    """

    id: str
    kind: str
    side: str
    at_s: float
    known_s: float
    role: str = ""
    person: str = ""
    about: str = ""
    outcome: str = ""
    marks: tuple[str, ...] = ()
    ref: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the fact as plain values."""
        return _plain(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ProtocolFact:
        """Make the fact from `to_json`'s values."""
        return cls(**{**value, "marks": tuple(value.get("marks", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """One opened task.

    Attributes:
        id: the task's name, with `@` and the phase visit or `#` and the fact if it repeats.
        task: its name in the document.
        cause: id of the fact that opened it.
        opened_s: when.
        deadline_s: by when its evidence must be there; None for never.
        status: `open`; `done`: evidence is there, acknowledgement is not; `closed`; `withdrawn`.
        done_s: when the evidence came.
        done_by: role and person that did it, empty if an event did.
        ack_deadline_s: by when all must have acknowledged; None for never.
        acknowledged: role and person of each acknowledgement.
        late: it was noted that the evidence was not there in time.
        ack_late: it was noted that an acknowledgement was not there in time.
    """

    id: str
    task: str
    cause: str
    opened_s: float
    deadline_s: float | None = None
    status: Status = "open"
    done_s: float | None = None
    done_by: tuple[str, str] = ("", "")
    ack_deadline_s: float | None = None
    acknowledged: tuple[tuple[str, str], ...] = ()
    late: bool = False
    ack_late: bool = False

    @property
    def noted(self) -> bool:
        """Whether the deadline that runs now is noted as missed."""
        return self.ack_late if self.status == "done" else self.late

    @property
    def due_s(self) -> float | None:
        """The deadline that runs now: of the evidence, or of the acknowledgement."""
        if self.status == "open":
            return self.deadline_s
        return self.ack_deadline_s if self.status == "done" else None


class Happened(NamedTuple):
    """When an event last happened: its number in the incident, the time, and the fact."""

    seq: int
    time_s: float
    fact: str


class Voice(NamedTuple):
    """One person's voice in a decision."""

    person: str
    role: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What the last step changed, by task instance; `events` are the sentences that came true.

    `refused` says why the fact had no effect, if it had none.
    """

    opened: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that one node knows of the procedure in one incident.

    Attributes:
        version: digest of the document that the incident began with.
        side: whose node this is.
        lead: the side that raised the alarm; empty before.
        phase: the present phase.
        phase_seq: number of events before it was entered.
        phase_s: when it was entered.
        visits: phases entered so far.
        level: the alert level; empty before one is set.
        seq: events that came true so far.
        now_s: latest time known; never goes back.
        began_s: when the alarm came; None before.
        tasks: every task opened so far, by instance.
        happened: events that came true, by sentence.
        voices: voices in decisions not yet taken, by decision.
        decided: outcome of decisions taken, by decision.
        absent: roles whose holder is absent.
        changes: what the last step changed.
    """

    version: str
    side: str
    lead: str = ""
    phase: str
    phase_seq: int = 0
    phase_s: float = 0.0
    visits: int = 1
    level: str = ""
    seq: int = 0
    now_s: float = 0.0
    began_s: float | None = None
    tasks: Mapping[str, TaskState] = field(default_factory=dict)
    happened: Mapping[str, Happened] = field(default_factory=dict)
    voices: Mapping[str, tuple[Voice, ...]] = field(default_factory=dict)
    decided: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    changes: Changes = Changes()

    def to_json(self) -> dict[str, Any]:
        """Give the state as plain values, the same for equal states."""
        value = _plain(self)
        value["tasks"] = {key: _plain(task) for key, task in sorted(self.tasks.items())}
        value["happened"] = {key: list(seen) for key, seen in sorted(self.happened.items())}
        value["voices"] = {
            key: [list(voice) for voice in voices] for key, voices in sorted(self.voices.items())
        }
        value["decided"] = dict(sorted(self.decided.items()))
        value["absent"] = sorted(self.absent)
        value["changes"] = _plain(self.changes)
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> State:
        """Make the state from `to_json`'s values."""
        changes: dict[str, Any] = {
            key: tuple(part) if isinstance(part, list) else part
            for key, part in value["changes"].items()
        }
        return cls(
            **{
                **value,
                "tasks": {key: _task(task) for key, task in value["tasks"].items()},
                "happened": {key: Happened(*seen) for key, seen in value["happened"].items()},
                "voices": {
                    key: tuple(Voice(*voice) for voice in voices)
                    for key, voices in value["voices"].items()
                },
                "absent": frozenset(value["absent"]),
                "changes": Changes(**changes),
            }
        )


def _task(value: Mapping[str, Any]) -> TaskState:
    role, person = value["done_by"]
    acknowledged = tuple((role, person) for role, person in value["acknowledged"])
    return TaskState(**{**value, "done_by": (role, person), "acknowledged": acknowledged})


def _plain(record: ProtocolFact | TaskState | State | Changes) -> dict[str, Any]:
    def value_of(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, tuple):
            return [value_of(part) for part in value]
        return value

    return {item.name: value_of(getattr(record, item.name)) for item in fields(record)}
