"""Every kind of fact: its name, its typed body, its schema version, and whether it is personal.

A room that records facts declares their kinds where it stands:

    @fact_kind("sighting.reported", schema=1)
    class SightingReported(FactBody): ...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from stopline.documents.type_words import type_words
from stopline.errors import BadInput, Fault, UnknownName, Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class FactBody(BaseModel):
    """The body of a fact: frozen, no unknown fields, every field described."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


@dataclass(frozen=True, slots=True)
class FactKind:
    """One kind of fact.

    Attributes:
        name: past tense, for example `message.sent`.
        schema: version of the body's form, from 1.
        body: the pydantic model.
        personal: the body is stored apart and can be erased.
    """

    name: str
    schema: int
    body: type[FactBody]
    personal: bool


_BY_NAME: dict[str, FactKind] = {}
_BY_BODY: dict[type[FactBody], FactKind] = {}
_Body = TypeVar("_Body", bound=type[FactBody])


def fact_kind(name: str, *, schema: int = 1, personal: bool = False) -> Callable[[_Body], _Body]:
    """Register the body model that follows as a kind of fact."""

    def register(body: _Body) -> _Body:
        kind = FactKind(name, schema, body, personal)
        known = _BY_NAME.setdefault(name, kind)
        if known is not kind and known.body.__qualname__ != body.__qualname__:
            raise BadInput.single("fact kind", name, "a name that no other body has")
        _BY_NAME[name] = kind
        _BY_BODY[body] = kind
        return body

    return register


def kind_of(body: FactBody) -> FactKind:
    """Find the kind that a body belongs to.

    Raises:
        UnknownName: its class was never registered.
    """
    return kind_of_body(type(body))


def kind_of_body(body: type[FactBody]) -> FactKind:
    """Find the kind that a body's class stands for.

    Raises:
        UnknownName: the class was never registered.
    """
    try:
        return _BY_BODY[body]
    except KeyError:
        raise UnknownName(body.__name__) from None


def all_kinds() -> list[FactKind]:
    """List the registered kinds by name."""
    return [_BY_NAME[name] for name in sorted(_BY_NAME)]


def read_body(name: str, schema: int, body: Mapping[str, object]) -> FactBody:
    """Make the typed body of a stored fact.

    Raises:
        UnknownName: no such kind is registered.
        Unsupported: the body has a newer form than this build knows.
        BadInput: the body does not fit its form.
    """
    kind = _BY_NAME.get(name)
    if kind is None:
        raise UnknownName(name)
    if schema > kind.schema:
        raise Unsupported(name, schema)
    try:
        return kind.body.model_validate(body)
    except ValidationError as error:
        raise BadInput(
            Fault(
                f"{name}.{'.'.join(str(part) for part in each['loc'])}",
                repr(each["input"])[:60],
                each["msg"],
            )
            for each in error.errors()
        ) from error


def describe_kinds(room: str = "") -> str:
    """Write the reference of all kinds as Markdown; the docs hold it and a test compares.

    Args:
        room: only kinds declared in this package of Stopline, for example `operation`.
    """
    parts = []
    for kind in all_kinds():
        if room and kind.body.__module__.split(".")[1] != room:
            continue
        note = "; **personal**: stored apart, can be erased" if kind.personal else ""
        doc = (kind.body.__doc__ or "").strip().splitlines()[0]
        parts.append(f"### `{kind.name}` (schema {kind.schema}{note})\n\n{doc}\n")
        rows = ["| field | type | meaning |", "|---|---|---|"]
        for name, field in kind.body.model_fields.items():
            rows.append(f"| `{name}` | {type_words(field.annotation)} | {field.description} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)
