"""A fact that was written, in a line for whoever wrote it: its kind, and the things that it names.

An id means nothing to a person: in its place stand the unit, the road, the person, the role, or
what the procedure calls a task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stopline.operation.liaison.projection import Exchange
from stopline.operation.orders.projection import Orders
from stopline.operation.readiness.projection import Readiness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.journal.base import Entry
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState

_SENTENCES: Final = {"plan.adopted": ("decision", "sentence"), "plan.proposed": ("sentence",)}
_THINGS: Final = (
    "order", "unit", "units", "agency", "road", "seals", "place", "display", "name", "login", "to",
    "camera", "source", "task", "decision", "outcome", "role", "roles", "reader", "between",
    "about", "level", "state", "title", "matter", "verdict", "person", "label",
)  # fmt: skip
_MOST_LISTED: Final = 3
_LONGEST: Final = 120


def fact_words(entry: Entry, book: NodeState) -> str:
    """Say what a fact is, and of what; only the kind where its body is kept apart."""
    body: Mapping[str, Any] = entry.body or {}
    sentence = next((body[key] for key in _SENTENCES.get(entry.kind, ()) if body.get(key)), "")
    if sentence:
        return str(sentence)
    incident = book.incidents.get(entry.incident or "")
    kind = entry.kind.replace(".", " ").replace("-", " ")
    things = [_message(incident, entry.fact_id)] if entry.kind.startswith("message.") else []
    keys = (key for key in _THINGS if body.get(key) and not (key == "order" and "unit" in body))
    things += [_thing(key, body[key], book, incident) for key in keys]
    told = ", ".join(dict.fromkeys(one for one in things if one))
    return f"{kind}: {told}" if told else kind


def _message(incident: Incident | None, message: str) -> str:
    said = None if incident is None else incident.projection(Exchange).said.get(message)
    if incident is None or said is None:
        return ""
    known = incident.machine.protocol.messages.get(said.body.name)
    return known.title if known else said.body.name.replace("_", " ")


def _thing(key: str, value: Any, book: NodeState, incident: Incident | None) -> str:  # noqa: ANN401
    """What one field of a fact names, as people call it."""
    if key == "order":
        found = None if incident is None else incident.projection(Orders).orders.get(value)
        return "" if found is None else f"{_unit(book, found.issued.unit)}, {found.issued.road}"
    if isinstance(value, list | tuple):
        names = [_thing(key, one, book, incident) for one in value[:_MOST_LISTED]]
        more = f" and {len(value) - _MOST_LISTED} more" if len(value) > _MOST_LISTED else ""
        return ", ".join(one for one in names if one) + more
    if isinstance(value, dict):
        return str(value.get("road") or value.get("id") or "")
    text = str(value)
    if key in {"unit", "units"}:
        return _unit(book, text)
    if incident is not None and key in {"task", "decision", "role", "roles", "reader"}:
        text = _titled(incident, key, text)
    elif key in {"agency", "role", "roles"}:
        text = text.replace("_", " ")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _unit(book: NodeState, name: str) -> str:
    known = book.projection(Readiness).units.get(name)
    called = "" if known is None else known.registered.name
    return f"{name} ({called})" if called and called != name else name


def _titled(incident: Incident, key: str, name: str) -> str:
    protocol = incident.machine.protocol
    plain = name.split("@", maxsplit=1)[0].split("#", maxsplit=1)[0]
    known: Any
    if key == "task":
        known = protocol.tasks.get(plain)
    elif key == "decision":
        known = protocol.decisions.get(plain)
    else:
        known = protocol.roles.get(plain)
    return name.replace("_", " ") if known is None else known.title
