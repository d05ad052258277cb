"""The one question about every message of the other side, where the state and the inbox find it.

`admission.py` answers it, from all that is known; the state, which it looks at, asks it from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from stopline.errors import StoplineError
from stopline.link.messages import MessageBody, kind_of_message_body
from stopline.operation.core.rooms import load_rooms

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.link.envelope import Envelope

# What is known comes as the first argument, from a file that asks here.
Judge: TypeAlias = "Callable[[Any, Envelope, float], str]"
_Judge = TypeVar("_Judge", bound="Callable[[Any, Any, float], str]")
_Check = TypeVar("_Check", bound="Callable[[Any, Any, Heard], str]")
_JUDGES: Final[list[Judge]] = []
_CHECKS: Final[dict[str, list[Callable[[Any, Any, Heard], str]]]] = {}


class NotAdmitted(StoplineError):  # noqa: N818  (reads as a sentence where it is raised)
    """A message of the other side that the agreed protocol does not give it; it counts nothing."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Where and when a message came.

    Attributes:
        message: its id.
        sender: name of the other node.
        incident: the incident it names, or None.
        now_s: when it arrived, UTC seconds.
    """

    message: str
    sender: str
    incident: str | None
    now_s: float


def judges(judge: _Judge) -> _Judge:
    """Register what answers the question about every message."""
    _JUDGES.append(judge)
    return judge


def admits(body: type[MessageBody]) -> Callable[[_Check], _Check]:
    """Register the check that follows for a kind of message: it says why not, or nothing."""

    def register(check: _Check) -> _Check:
        _CHECKS.setdefault(kind_of_message_body(body).name, []).append(check)
        return check

    return register


def checks_of(kind: str) -> list[Callable[[Any, Any, Heard], str]]:
    """Give the checks of a kind of message."""
    return _CHECKS.get(kind, [])


def why_not(book: object, envelope: Envelope, now_s: float) -> str:
    """Say why a received message does not count; empty if it does.

    Args:
        book: all that is known.
        envelope: the message, signed by the other node.
        now_s: when it arrived, UTC seconds.
    """
    load_rooms()
    return next((reason for judge in _JUDGES if (reason := judge(book, envelope, now_s))), "")
