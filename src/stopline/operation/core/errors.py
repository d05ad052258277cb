"""Why a command did not become a fact.

StoplineError
├── UnknownFact              the journal holds a fact that this version does not know
└── Refused                  nothing was recorded
    ├── NotPermitted           this person, in this role, may not give this command
    ├── NotNow                 the agreed protocol, or the state of things, does not allow it now
    │   ├── NoSuchIncident       this node knows none of that id
    │   ├── NotAgreed            the agreed protocol does not allow it to this role, or now
    │   └── TooBusy              other writers held the journal; give the command again
    └── CommandTaken           the command's id was used before, for another command
"""

from __future__ import annotations

from stopline.errors import StoplineError, Unsupported


class UnknownFact(Unsupported):
    """The journal holds a fact that this version does not know; without it nothing is known."""


class Refused(StoplineError):  # noqa: N818  (reads as a sentence where it is raised)
    """A command did not become a fact; nothing was recorded."""


class NotPermitted(Refused):
    """This person, in this role, may not give this command."""


class NotNow(Refused):
    """The agreed protocol, or the state of things, does not allow it now."""


class NoSuchIncident(NotNow):
    """This node knows no incident of that id."""


class NotAgreed(NotNow):
    """The agreed protocol does not allow it to this role, or now."""


class TooBusy(NotNow):
    """Other writers held the journal too long: the same command may be given again."""


class CommandTaken(Refused):
    """The command's id was used before, for another command."""

    def __init__(self, command_id: str) -> None:
        super().__init__(
            "what names this command was used for another one; give a new name, or the very same "
            f"command again (id {command_id})"
        )
