"""What a command is: a wish in the imperative, checked against what is known, that becomes facts.

@command("alarm.raise")
class RaiseAlarm(IncidentCommand):
    '''Raise the alarm of an incident.'''

    what: str = Field(description="what happened, in one sentence")

    def decide(self, at: Situation) -> None:
        at.record(AlarmRaised(what=self.what))
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from stopline.documents.plain_text import without_hidden_signs
from stopline.errors import BadInput, UnknownName, meant
from stopline.operation.core.rooms import load_rooms

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.preparation import Preparation

IncidentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=8000, strip_whitespace=True)]


class Command(BaseModel):
    """A command: frozen, no unknown fields, every field described; `decide` never changes state."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    kind: ClassVar[str] = ""

    _plain = field_validator("*", mode="before")(without_hidden_signs)

    @property
    def takes_long(self) -> bool:
        """Whether `prepare` does anything."""
        return type(self).prepare is not Command.prepare

    def prepare(self, ground: Preparation) -> object:
        """Work that takes long, done before the desk is locked; `decide` finds it as `at.prepared`.

        It never raises for what the command says: `decide` refuses.
        """
        del ground
        return None

    @abstractmethod
    def decide(self, at: CommandContext) -> None:
        """Check the command and record what follows from it (`at.record`, `at.send`).

        Raises:
            Refused: with the reason; nothing is recorded then.
        """


class IncidentCommand(Command):
    """A command within one incident."""

    incident: IncidentName = Field(description="id of the incident")


_Kind = TypeVar("_Kind", bound=type[Command])
_BY_NAME: dict[str, type[Command]] = {}


def command(name: str) -> Callable[[_Kind], _Kind]:
    """Register the class that follows as a command."""

    def register(kind: _Kind) -> _Kind:
        known = _BY_NAME.setdefault(name, kind)
        if known is not kind:
            raise BadInput.single("command", name, "a name that no other command has")
        kind.kind = name
        return kind

    return register


def all_commands() -> dict[str, type[Command]]:
    """Every command of every room by name, in order."""
    load_rooms()
    return dict(sorted(_BY_NAME.items()))


def command_named(name: str) -> type[Command]:
    """Find a command.

    Raises:
        UnknownName: there is none of that name.
    """
    load_rooms()
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownName(f"no command {name[:80]}{meant(name, _BY_NAME)}") from None
