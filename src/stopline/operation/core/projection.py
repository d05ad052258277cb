"""What an area is: one part of what is known, folded from the facts of its kinds.

An area belongs to the node (units, people) or to each incident (orders, requests):

    @projection("incident")
    class Calls(Area):
        '''Telephone calls between chiefs.'''

        def __init__(self) -> None:
            self.held: list[Call] = []

        @folds(CallHeld)
        def _held(self, body: CallHeld, entry: Entry) -> None:
            self.held.append(...)

Folding never refuses: facts are past, and the same facts give the same area. What another area
knows is not asked while folding; a reader joins them.

Of some kinds only the last fact counts (where a unit is). They are folded with `fleeting`, and the
area says in `remains` what they have left: a book that begins at a landmark (`landmarks.py`) reads
that in place of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

from stopline.journal.kinds import FactBody, kind_of_body
from stopline.link.messages import MessageBody, kind_of_message_body
from stopline.operation.core.rooms import load_rooms

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.journal.base import Entry

Scope = Literal["node", "incident"]
_Method = TypeVar("_Method", bound="Callable[..., None]")
_Class = TypeVar("_Class", bound="type[Projection]")
_SCOPES: dict[Scope, list[type[Projection]]] = {"node": [], "incident": []}
_FLEETING: set[str] = set()


class Projection:
    """One part of what is known; a subclass has methods marked by `folds` and `on_message`."""

    _folds: dict[str, str]
    _hears: dict[str, str]

    def __init_subclass__(cls) -> None:
        cls._folds, cls._hears = {}, {}
        for name, method in vars(cls).items():
            for kind in getattr(method, "folds_kinds", ()):
                cls._folds[kind] = name
            for kind in getattr(method, "hears_kinds", ()):
                cls._hears[kind] = name

    def apply(self, body: FactBody, entry: Entry) -> None:
        """Take in a fact of this node, if it is of this area's kinds."""
        name = self._folds.get(entry.kind)
        if name is not None:
            getattr(self, name)(body, entry)

    def hear(self, body: MessageBody, kind: str, entry: Entry, *, received: bool) -> None:
        """Take in a message that was sent to or received from the other side."""
        name = self._hears.get(kind)
        if name is not None:
            getattr(self, name)(body, entry, received=received)

    def remains(self) -> dict[str, Any]:
        """What fleeting facts have left behind, as JSON; nothing if there are none of that kind."""
        return {}

    def begin_from(self, remains: dict[str, Any]) -> None:
        """Take in what `remains` gave, in place of the fleeting facts before that moment."""


def folds(*bodies: type[FactBody], fleeting: bool = False) -> Callable[[_Method], _Method]:
    """Mark the method that takes in facts of these kinds: `(self, body, entry)`.

    Args:
        bodies: the kinds.
        fleeting: only the last counts; only in an area of the node, which has `remains`.
    """

    def mark(method: _Method) -> _Method:
        found: Any = method
        found.folds_kinds = tuple(kind_of_body(body).name for body in bodies)
        if fleeting:
            _FLEETING.update(found.folds_kinds)
        return method

    return mark


def on_message(*bodies: type[MessageBody]) -> Callable[[_Method], _Method]:
    """Mark the method that takes in messages: `(self, body, entry, *, received)`."""

    def mark(method: _Method) -> _Method:
        found: Any = method
        found.hears_kinds = tuple(kind_of_message_body(body).name for body in bodies)
        return method

    return mark


def projection(scope: Scope) -> Callable[[_Class], _Class]:
    """Register the area that follows, of the node or of every incident."""

    def register(kind: _Class) -> _Class:
        _SCOPES[scope].append(kind)
        return kind

    return register


def projections_of(scope: Scope) -> tuple[type[Projection], ...]:
    """The areas of every room for a scope."""
    load_rooms()
    return tuple(_SCOPES[scope])


def fleeting_kinds() -> frozenset[str]:
    """The kinds of fact of which only the last counts."""
    load_rooms()
    return frozenset(_FLEETING)
