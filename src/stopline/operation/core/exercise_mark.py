"""EXERCISE stands first in all that a node made for exercises says to people.

A node is made so, for good: the fact stands in its journal beside its key. Whatever its officers
decide is marked before it is written or sent, in one place, so that no command can forget it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from stopline.journal.facts import NodeMadeForExercises
from stopline.journal.kinds import FactBody, kind_of
from stopline.link.messages import MessageBody, kind_of_message
from stopline.operation.core.context import Erase, Keep
from stopline.operation.core.projection import Projection, folds, projection

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.operation.core.context import Effect
    from stopline.operation.core.state import NodeState

MARK: Final = "EXERCISE"
# What people read first in each fact and message that carries words of this side.
_FIRST_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "incident.opened": ("title",),
    "alarm.raised": ("what",),
    "report.taken": ("text",),
    "vehicle.stopped": ("text",),
    "sighting.noted": ("place",),
    "order.issued": ("road",),
    "statement.drafted": ("text",),
    "statement.released": ("text",),
    "statement.corrected": ("text",),
    "call.held": ("agreed",),
    "lesson.written": ("text",),
    "note.written": ("text",),
    "person.described": ("text",),
    "text.sent": ("text",),
    "plan.withdrawn": ("reason",),
    "plan.declined": ("reason",),
}
_ALWAYS: Final[dict[str, tuple[str, ...]]] = {"procedure.said": ("text",)}
_IF_SAID: Final[dict[str, tuple[str, ...]]] = {
    "procedure.said": ("what_happened", "draft_statement_text", "detention"),
}


@projection("node")
class Purpose(Projection):
    """What the node was made for.

    Attributes:
        exercise: it was made for exercises, for good.
    """

    def __init__(self) -> None:
        self.exercise = False

    @folds(NodeMadeForExercises)
    def _made(self, body: NodeMadeForExercises, entry: Entry) -> None:
        del body, entry
        self.exercise = True


def is_exercise(book: NodeState) -> bool:
    """Whether all that this node says belongs to an exercise."""
    return book.projection(Purpose).exercise


def marked_text(text: str, *, exercise: bool) -> str:
    """Put the mark first in a text for people, once."""
    if not exercise or text.startswith(MARK):
        return text
    return f"{MARK}: {text}" if text else MARK


def marked(effect: Effect) -> Effect:
    """Put the mark first in what a command decided."""
    if isinstance(effect, Keep | Erase):
        return effect
    body = effect.body
    name = kind_of(body).name if isinstance(body, FactBody) else kind_of_message(body).name
    changes: dict[str, str] = {}
    for field in _FIRST_WORDS.get(name, ()):
        if text := getattr(body, field, ""):
            changes[field] = marked_text(text, exercise=True)
    for field in _ALWAYS.get(name, ()):
        changes[field] = marked_text(getattr(body, field), exercise=True)
    for field in _IF_SAID.get(name, ()):
        if text := getattr(body, field):
            changes[field] = marked_text(text, exercise=True)
    if not changes:
        return effect
    told = body.model_copy(update=changes)
    assert isinstance(told, FactBody | MessageBody)  # noqa: S101  (a copy is of its own kind)
    return replace(effect, body=told)  # type: ignore[arg-type]
